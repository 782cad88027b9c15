//! The helpers' side: what this program does as one. Not for users to call, though it does no harm.

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;

use anyhow::{Context, Result};
use nix::sys::prctl;

use super::Outcome;
use crate::helper;
use crate::live::privileges::{self, Identity};
use crate::live::sandbox::Level;

/// What a helper is for. Its requests come over standard input.
#[derive(clap::Subcommand, Debug)]
pub enum Role {
    /// Makes files whose names begin with a stem
    Broker { stem: PathBuf, sandbox: Level, identity: Option<Identity> },
    /// Finds out whose connections are
    Processes { sandbox: Level, identity: Option<Identity> },
    /// Runs a command on files
    Runner { command: OsString, identity: Option<Identity> },
    /// Runs a command whose packets are captured, as a user; - is who this is
    Launcher {
        user: String,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Asks what hosts are called
    Resolver { identity: Option<Identity> },
}

pub fn run(role: Role) -> Result<Outcome> {
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    // What ps(1) shows; "exe" otherwise.
    prctl::set_name(c"sabueso-helper")?;
    match role {
        Role::Broker { stem, sandbox, identity } => {
            helper::serve(&socket, &stem, identity, sandbox).context("making files")?;
        }
        Role::Processes { sandbox, identity } => {
            helper::find_for(&socket, identity, sandbox).context("finding owners")?
        }
        Role::Runner { command, identity } => {
            privileges::drop_to(identity)?;
            helper::run_for(&socket, &command)?;
        }
        Role::Launcher { user, command } => {
            let user = if user == "-" { None } else { Some(user.parse()?) };
            helper::launch_for(&socket, &command, user.as_ref()).context("running the command")?;
        }
        Role::Resolver { identity } => {
            privileges::drop_to(identity)?;
            helper::resolve_for(&socket)?;
        }
    }
    Ok(Outcome::Success)
}
