//! Processes of our own, started while we may: each has just the rights for one job, and none sees a packet.
//!
//! A helper is this program again ([`OURSELVES`]), with a socket as its standard input: what is sent there is to be done,
//! and when our end is closed, as it is however we end, there is nothing more to do.
//!
//! * [`Broker`] makes, renames and removes files for a process that may open none
//! * [`Asker`] is told which process owns a connection
//! * [`Runner`] runs a command (`-z`) on files
//! * [`Launcher`] runs a command whose packets are captured
//! * [`Resolver`] asks what hosts are called

mod broker;
mod launcher;
mod processes;
mod resolver;
mod runner;

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

pub use broker::{Broker, serve};
pub use launcher::{Ended, Launcher, launch_for};
pub use processes::{Asker, find_for};
pub use resolver::{Resolver, resolve_for};
pub use runner::{Runner, run_for};

/// The program that is running, even if its file has been replaced.
pub const OURSELVES: &str = "/proc/self/exe";

/// The longest message: two paths and some.
const LONGEST: usize = 3 * libc::PATH_MAX as usize;

/// Starts a helper: `program` with the subcommand `helper` and these arguments. Gives our end of the socket.
fn start<A: AsRef<OsStr>>(program: &Path, args: impl IntoIterator<Item = A>) -> io::Result<OwnedFd> {
    let (mut command, ours) = helper(program, args)?;
    // In a process group of its own, so that Ctrl-C is for us to heed. It outlives nothing: our end is closed with us.
    command.process_group(0).spawn()?;
    Ok(ours)
}

/// The same in our process group, for a helper whose child reads from the terminal and heeds Ctrl-C.
fn start_in_our_group<A: AsRef<OsStr>>(program: &Path, args: impl IntoIterator<Item = A>) -> io::Result<OwnedFd> {
    let (mut command, ours) = helper(program, args)?;
    command.spawn()?;
    Ok(ours)
}

fn helper<A: AsRef<OsStr>>(program: &Path, args: impl IntoIterator<Item = A>) -> io::Result<(Command, OwnedFd)> {
    let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
    let mut command = Command::new(program);
    command.arg0("sabueso").arg("helper").args(args).stdin(Stdio::from(theirs));
    Ok((command, ours))
}

/// A helper ends when it has nothing more to do, not by a signal that was meant for all.
fn heed_no_signal() -> io::Result<()> {
    let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
    Ok(SigSet::from_iter(signals).thread_block()?)
}
