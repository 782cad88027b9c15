//! What is run after each file that is complete: `-z`.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::output::terminal::say;

/// Runs a command with the name of a file, and does not wait for it.
#[derive(Debug)]
pub struct After {
    command: String,
    running: Vec<Child>,
}

impl After {
    pub fn new(command: String) -> Self {
        After { command, running: Vec::new() }
    }

    /// A command that can't be run is told; the capture goes on.
    pub fn run(&mut self, file: &Path) {
        // What has ended is waited for by nobody else.
        self.running.retain_mut(|child| !matches!(child.try_wait(), Ok(Some(_))));
        match Command::new(&self.command).arg(file).stdin(Stdio::null()).spawn() {
            Ok(child) => self.running.push(child),
            Err(error) => say(format_args!("sabueso: -z {} {}: {error}", self.command, file.display())),
        }
    }
}
