//! What is run after each file that is complete: `-z`.

use std::path::Path;

use anyhow::{Context, Result};

use crate::helper::{OURSELVES, Runner};
use crate::live::privileges;
use crate::output::terminal::complain;

/// Has a command run with the name of a file, and does not wait for it.
#[derive(Debug)]
pub struct After {
    command: String,
    runner: Runner,
}

impl After {
    /// Must be called while programs can still be started. The command runs as whoever called us, never as root.
    pub fn start(command: String, user: Option<&str>) -> Result<Self> {
        let invoker = privileges::invoker(user)?;
        let runner = Runner::start(OURSELVES.as_ref(), command.as_ref(), invoker.as_ref())
            .with_context(|| format!("-z {command}: the process to run it can't be started from {OURSELVES}"))?;
        Ok(After { command, runner })
    }

    /// A file for which it can't be run is told; the capture goes on.
    pub fn run(&mut self, file: &Path) {
        if let Err(error) = self.runner.run(file) {
            complain(format_args!("-z {} {}: not run: {error}", self.command, file.display()));
        }
    }
}
