//! A process that runs a command whose packets are captured: as the user who called us, in a control group of its own where there can
//! be one, once the capture is under way.
//!
//! It keeps the rights it has, as it must remove the control group at the end; it opens nothing, and sees no packet.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::socket::{ControlMessage, MsgFlags, recv, send, sendmsg};
use nix::unistd::{Pid, User, getpid, getppid};

use super::{heed_no_signal, start_in_our_group};
use crate::live::privileges::Identity;
use crate::live::sys;
use crate::output::terminal::complain;
use crate::process::Tree;

/// How long the last answers to the command may be on their way when it has ended.
const LAST_ANSWERS: Duration = Duration::from_millis(100);
/// How long a command that is told to end may take before it is left alone.
const LAST_WAIT: u16 = 5000;

/// How often, and after what time each, it is tried to remove the control group.
const LEAVING: u32 = 20;
const A_MOMENT: Duration = Duration::from_millis(50);

const GO: &[u8] = b"go";
const STOP: &[u8] = b"stop";

/// Our end of the launcher.
#[derive(Debug)]
pub struct Launcher {
    socket: OwnedFd,
    /// The processes of the command.
    pub tree: Tree,
}

/// What became of the command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// Its exit status, as shells have it: 128 and the number of the signal that ended it; 126 or 127 where it could not be started.
    pub status: u8,
    /// Calls of this network namespace's programs that failed meanwhile as there was no route, so that no packet left.
    pub no_routes: u64,
}

impl Launcher {
    /// Starts `program` as the launcher of a command and its arguments, and waits until it is ready.
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn start(program: &Path, words: &[OsString], user: Option<&Identity>) -> io::Result<Launcher> {
        let user = user.map_or(OsString::from("-"), |user| user.to_string().into());
        let args = [OsString::from("launcher"), user, "--".into()];
        let socket = start_in_our_group(program, args.iter().chain(words))?;
        let mut buffer = [0; 12];
        let len = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        let told = buffer.split_first_chunk().filter(|_| len == buffer.len());
        let (root, cgroup) = told.ok_or_else(|| io::Error::other("it ended at once"))?;
        let cgroup = cgroup.first_chunk().map(|id| u64::from_ne_bytes(*id)).filter(|id| *id != 0);
        Ok(Launcher { socket, tree: Tree { root: u32::from_ne_bytes(*root), cgroup } })
    }

    /// Has the command begin, with our standard input.
    ///
    /// # Errors
    /// Where the launcher has gone.
    pub fn go(&self) -> io::Result<()> {
        let input = [io::stdin().as_raw_fd()];
        let rights = [ControlMessage::ScmRights(&input)];
        sendmsg::<()>(self.socket.as_raw_fd(), &[IoSlice::new(GO)], &rights, MsgFlags::MSG_NOSIGNAL, None)?;
        Ok(())
    }

    /// What became of the command, which is told to end if it has not; none if it does not heed that.
    ///
    /// # Errors
    /// Where the launcher has gone without a word.
    pub fn end(&self) -> io::Result<Option<Ended>> {
        // Where it has gone, what it said is still there.
        let _ = send(self.socket.as_raw_fd(), STOP, MsgFlags::MSG_NOSIGNAL);
        let mut ready = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        if poll(&mut ready, PollTimeout::from(LAST_WAIT))? == 0 {
            return Ok(None);
        }
        let mut buffer = [0; 9];
        let len = recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        match buffer.split_first().filter(|_| len == buffer.len()) {
            Some((status, count)) => {
                let no_routes = count.first_chunk().map_or(0, |count| u64::from_ne_bytes(*count));
                Ok(Some(Ended { status: *status, no_routes }))
            }
            None => Err(io::Error::other("the process that runs the command has gone")),
        }
    }
}

/// The launcher's side: runs a command when it is told to, and tells its parent by SIGTERM when that has ended.
///
/// # Errors
/// Where the other end has gone.
pub fn launch_for(socket: &OwnedFd, words: &[OsString], user: Option<&Identity>) -> io::Result<()> {
    heed_no_signal()?;
    let parent = getppid();
    let group = Group::enter();
    let id = group.as_ref().map_or(0, |group| group.id);
    let pid = u32::try_from(getpid().as_raw()).unwrap_or(0);
    let told = [&pid.to_ne_bytes()[..], &id.to_ne_bytes()].concat();
    send(socket.as_raw_fd(), &told, MsgFlags::MSG_NOSIGNAL)?;
    let done = run_when_told(socket, words, user, parent);
    if let Some(group) = group {
        group.leave();
    }
    done
}

fn run_when_told(socket: &OwnedFd, words: &[OsString], user: Option<&Identity>, parent: Pid) -> io::Result<()> {
    let mut buffer = [0; 16];
    let (len, input) = sys::receive(socket.as_fd(), &mut buffer)?;
    let Some((program, args)) = words.split_first().filter(|_| buffer.get(..len) == Some(GO)) else { return Ok(()) };
    let before = no_routes();
    // It inherits what is blocked.
    SigSet::all().thread_unblock()?;
    let spawned = command(program, args, input, user).spawn();
    heed_no_signal()?;
    let status = match spawned {
        Ok(child) => wait(socket, child)?,
        Err(error) => {
            complain(format_args!("{}: {error}", program.display()));
            if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
        }
    };
    let count = no_routes().saturating_sub(before);
    let told = [&[status][..], &count.to_ne_bytes()].concat();
    send(socket.as_raw_fd(), &told, MsgFlags::MSG_NOSIGNAL)?;
    if getppid() == parent {
        kill(parent, Signal::SIGTERM)?;
    }
    Ok(())
}

fn command(program: &OsStr, args: &[OsString], input: Option<OwnedFd>, user: Option<&Identity>) -> Command {
    let mut command = Command::new(program);
    command.args(args).stdin(input.map_or_else(Stdio::null, Stdio::from));
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        command.env("USER", &user.name).env("LOGNAME", &user.name);
        if let Ok(Some(known)) = User::from_uid(user.uid) {
            command.env("HOME", known.dir);
        }
    }
    command
}

/// Waits until a command has ended, and what was still on its way to it has come. It is told to end when we are, or our end is
/// closed.
fn wait(socket: &OwnedFd, mut child: Child) -> io::Result<u8> {
    let pid = i32::try_from(child.id()).map(Pid::from_raw).map_err(io::Error::other)?;
    let socket = socket.try_clone()?;
    thread::spawn(move || {
        let mut buffer = [0; 16];
        let _ = sys::receive(socket.as_fd(), &mut buffer);
        // It has not been waited for as long as this process is there, so that the number is its own.
        let _ = kill(pid, Signal::SIGTERM);
    });
    let status = child.wait()?;
    thread::sleep(LAST_ANSWERS);
    Ok(code(status))
}

fn code(status: ExitStatus) -> u8 {
    let by_signal = status.signal().map(|signal| signal.saturating_add(128));
    status.code().or(by_signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// How often there was no route for what a program of this network namespace wanted to send (RFC 4293, ipSystemStatsOutNoRoutes).
fn no_routes() -> u64 {
    let snmp = fs::read_to_string("/proc/net/snmp").unwrap_or_default();
    let mut lines = snmp.lines().filter_map(|line| line.strip_prefix("Ip: "));
    let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut pairs = names.split(' ').zip(values.split(' '));
    let of_ipv4 = pairs.find(|(name, _)| *name == "OutNoRoutes").and_then(|(_, value)| value.parse().ok());
    let snmp6 = fs::read_to_string("/proc/net/snmp6").unwrap_or_default();
    let of_ipv6 = snmp6.lines().find_map(|line| line.strip_prefix("Ip6OutNoRoutes")?.trim().parse::<u64>().ok());
    of_ipv4.unwrap_or(0u64).saturating_add(of_ipv6.unwrap_or(0))
}

/// A control group (version 2) that was made for the command.
struct Group {
    folder: PathBuf,
    /// That this process was in before.
    parent: PathBuf,
    /// What sockets that are made in it tell of it.
    id: u64,
}

impl Group {
    /// Makes one below our own and goes into it; none where that is not allowed or there are none.
    fn enter() -> Option<Group> {
        let ours = fs::read_to_string("/proc/self/cgroup").ok()?;
        let ours = ours.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
        let root = roots.into_iter().find(|root| root.join("cgroup.procs").exists())?;
        let parent = root.join(ours);
        let folder = parent.join(format!("sabueso-run-{}", getpid()));
        fs::create_dir(&folder).ok()?;
        let id = fs::metadata(&folder).ok()?.ino();
        let group = Group { folder, parent, id };
        match fs::write(group.folder.join("cgroup.procs"), "0") {
            Ok(()) => Some(group),
            Err(_) => {
                group.leave();
                None
            }
        }
    }

    /// Leaves and removes it. It stays where a process of the command does.
    fn leave(self) {
        let _ = fs::write(self.parent.join("cgroup.procs"), "0");
        // Those that were told to end with the command may need a moment.
        for _ in 0..LEAVING {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            thread::sleep(A_MOMENT);
        }
    }
}
