//! The command line: flags become a plan, the plan a pipeline. Bare flags are tcpdump's: capture and read.

mod capture;
mod flags;
mod sinks;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::output::terminal;

/// What a run came to, as the shell sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Success,
    /// A file, an interface or the output failed.
    Failed,
    /// The command line asks for what can't be.
    Usage,
}

/// Runs the command and says everything there is to say.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    silence_guarded_panics();
    let outcome = match flags::Flags::try_parse_from(args) {
        Ok(flags) => capture::run(&flags),
        Err(error) => usage(&error),
    };
    ExitCode::from(match outcome {
        Outcome::Success => 0,
        Outcome::Failed => 1,
        Outcome::Usage => 2,
    })
}

/// What clap has to say: help and version on standard output, complaints on standard error, never a control
/// byte of an argument.
fn usage(error: &clap::Error) -> Outcome {
    if !error.use_stderr() {
        return match error.print() {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Outcome::Failed,
            _ => Outcome::Success,
        };
    }
    for line in error.to_string().lines() {
        terminal::say(line);
    }
    Outcome::Usage
}

/// A panic while a packet is decoded is caught, counted and told once at the end; any other keeps its message.
fn silence_guarded_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !crate::output::text::is_guarded() {
            usual(info);
        }
    }));
}
