//! A process that runs a command on files (`-z`): as the user who called us, never with a privilege, and after everybody else.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use nix::sys::socket::{MsgFlags, send};

use super::{LONGEST, heed_no_signal, start};
use crate::live::privileges::Identity;
use crate::live::sys;
use crate::output::terminal::say;

/// How many commands run at a time; files beyond that wait for one to end.
const AT_A_TIME: usize = 8;

/// Our end of the runner. When it is dropped, what has been asked for is still done.
#[derive(Debug)]
pub struct Runner(OwnedFd);

impl Runner {
    /// Starts `program` as the runner of a command, as a user ([`invoker`](crate::live::privileges::invoker)).
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn start(program: &Path, command: &OsStr, identity: Option<&Identity>) -> io::Result<Runner> {
        let mut args = vec![OsString::from("runner"), "--".into(), command.into()];
        args.extend(identity.map(|identity| identity.to_string().into()));
        Ok(Runner(start(program, args)?))
    }

    /// Has the command run with this file as its argument, and does not wait for that.
    ///
    /// # Errors
    /// Where so many files are waiting that there is no room for more, or the runner has gone.
    pub fn run(&mut self, file: &Path) -> io::Result<()> {
        let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
        send(self.0.as_raw_fd(), file.as_os_str().as_bytes(), flags)?;
        Ok(())
    }
}

/// The runner's side: runs the command on each file it is told of, a few at a time, until the other end is closed and
/// all have ended. Privileges must have been given up before.
///
/// # Errors
/// Where signals can't be blocked.
pub fn run_for(socket: &OwnedFd, command: &OsStr) -> io::Result<()> {
    heed_no_signal()?;
    sys::give_way()?;
    // Each takes the next file as soon as its last command has ended.
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| run_in_turn(socket, command));
        }
    });
    Ok(())
}

fn run_in_turn(socket: &OwnedFd, command: &OsStr) {
    let mut buffer = vec![0; LONGEST];
    while let Ok((len, _)) = sys::receive(socket.as_fd(), &mut buffer)
        && let Some(file) = buffer.get(..len).filter(|file| !file.is_empty())
    {
        let file = OsStr::from_bytes(file);
        let place = || format!("-z {} {}", command.display(), file.display());
        match Command::new(command).arg(file).stdin(Stdio::null()).status() {
            Ok(status) if status.success() => {}
            Ok(status) => say(format_args!("sabueso: {}: {status}", place())),
            Err(error) => say(format_args!("sabueso: {}: {error}", place())),
        }
    }
}
