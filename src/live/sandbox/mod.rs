//! The sandbox: what a process can still reach once its privileges are given up.
//!
//! Two walls, each of which holds alone. Landlock (landlock(7)) is about files: none can be opened but those named.
//! Seccomp (seccomp(2)) is about system calls: what reading, writing and waiting need is allowed; what would start
//! a program, open a socket, look into another process or gain a privilege fails with EPERM; a call that no list names
//! fails with ENOSYS and is noted, for the run to end ([`check`]) with its files closed whole.

mod calls;
mod files;
mod lists;
mod self_test;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};

pub use self_test::self_test;

use super::sys;

/// How much there must be of the sandbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Level {
    /// All of it.
    Require,
    /// What the kernel has.
    #[default]
    BestEffort,
    /// None.
    Off,
}

impl Level {
    const ALL: [(Level, &str); 3] =
        [(Level::Require, "require"), (Level::BestEffort, "best-effort"), (Level::Off, "off")];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::ALL.iter().filter(|(level, _)| level == self).try_for_each(|(_, name)| f.write_str(name))
    }
}

impl FromStr for Level {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|(_, name)| *name == text);
        found.map(|(level, _)| level).ok_or(Error::NoLevel)
    }
}

/// Which files a confined process may still open. What is open already stays so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed<'a> {
    /// To be read.
    pub files: &'a [PathBuf],
    /// In which files may be made, written to, renamed and removed.
    pub folder: Option<&'a Path>,
    /// Other processes may be looked into, so files be read wherever they are: Landlock has no exception for that.
    pub processes: bool,
}

/// Why there is no sandbox where there must be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the sandbox lacks {0}, and --sandbox=require asks for all of it")]
    Missing(String),
    #[error("the sandbox is require, best-effort or off")]
    NoLevel,
    #[error("core dumps can't be forbidden: {0}")]
    Dumps(Errno),
}

/// A system call was made that the sandbox does not know: a fault of ours, or somebody else's doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("system call {0} was made, which the sandbox does not know: please report it; --sandbox=off does without")]
pub struct UnknownCall(pub i64);

/// What the sandbox consists of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InForce {
    walls: Vec<&'static str>,
    /// What could not be had, with the reason.
    pub missing: Vec<String>,
}

impl fmt::Display for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.walls.as_slice() {
            [] => f.write_str("not in a sandbox"),
            walls => write!(f, "in a sandbox of {}", walls.join(" and ")),
        }
    }
}

/// Confines this process for good, all its threads to the system calls, this thread and those it starts to the files.
/// Privileges must have been given up before ([`drop_to`](super::privileges::drop_to)). No core is dumped
/// any more, and no process of the same user can look into this one.
///
/// # Errors
/// Where something is missing that is required.
pub fn confine(allowed: Allowed<'_>, level: Level) -> Result<InForce, Error> {
    let mut in_force = InForce::default();
    if level == Level::Off {
        return Ok(in_force);
    }
    setrlimit(Resource::RLIMIT_CORE, 0, 0).and_then(|()| prctl::set_dumpable(false)).map_err(Error::Dumps)?;
    // Files first: what Landlock needs is forbidden afterwards.
    let walls = [("Landlock", files::restrict as fn(Allowed<'_>) -> Result<(), String>), ("seccomp", calls::restrict)];
    for (name, build) in walls.into_iter().skip(usize::from(allowed.processes)) {
        match build(allowed) {
            Ok(()) => in_force.walls.push(name),
            Err(reason) => in_force.missing.push(format!("{name} ({reason})")),
        }
    }
    if level == Level::Require && !in_force.missing.is_empty() {
        return Err(Error::Missing(in_force.missing.join(" and ")));
    }
    Ok(in_force)
}

/// Whether every system call so far was one that the sandbox knows.
///
/// # Errors
/// If it was not.
pub fn check() -> Result<(), UnknownCall> {
    sys::trapped_call().map_or(Ok(()), |call| Err(UnknownCall(call)))
}
