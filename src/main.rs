//! The `sabueso` command.
#![deny(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    sabueso::cli::run(std::env::args_os())
}
