//! `sabueso run`: a command, and its packets and connections alone.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;

use super::command_line::CommandLine;
use super::flags::{ColorWhen, Flags, Format};
use super::flows::Flows;
use super::listen::Listen;
use super::{Outcome, carry_out_with};
use crate::helper::{Launcher, OURSELVES};
use crate::live::{netns, privileges, sandbox::Level};
use crate::output::terminal::{complain, say};

/// Runs a command and captures what it and its children send and receive: their connections and look-ups are told at the end,
/// on standard error. The exit status is the command's
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sudo sabueso run -- curl https://example.org/        as the user who called sudo
  sudo sabueso run -w curl.pcapng -- curl …            its packets in a file too
  sabueso run --isolate -- make test                   without root: in a network of its own, with nothing but loopback

SIGINT is for the command to heed; SIGTERM ends both. docs/processes.md tells how its packets are known.")]
pub struct Args {
    /// Capture on this interface instead of all; several may be given
    #[arg(short = 'i', long, value_name = "INTERFACE")]
    interface: Vec<String>,

    /// Save its packets in this file (pcapng)
    #[arg(short = 'w', long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// Only packets that this filter expression selects, as in pcap-filter(7)
    #[arg(short = 'f', long, value_name = "EXPRESSION")]
    filter: Option<String>,

    /// Give it a network namespace of its own that has nothing but loopback; needs no root where users may have namespaces
    #[arg(long)]
    isolate: bool,

    /// Tell connections as lines of JSON (docs/flows.md)
    #[arg(long)]
    json: bool,

    /// Run it as this user (by default who called sudo, else who you are)
    #[arg(short = 'Z', long, value_name = "USER")]
    user: Option<String>,

    /// How much of the sandbox there must be around capturing: require (all), best-effort (what the kernel has) or off
    #[arg(long, value_name = "LEVEL", default_value_t)]
    sandbox: Level,

    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    color: ColorWhen,

    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// A command whose packets alone are captured.
#[derive(Clone, Debug)]
pub struct Commanded {
    pub launcher: Arc<Launcher>,
    /// There is nobody else in its network.
    pub is_alone: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome> {
    let user = privileges::caller(args.user.as_deref())?;
    if args.isolate {
        netns::isolate()?;
    }
    let launcher = Launcher::start(OURSELVES.as_ref(), &args.command, user.as_ref());
    let launcher = Arc::new(launcher.context("the process that runs the command can't be started")?);
    let usual = CommandLine::try_parse_from(["sabueso"])?.flags;
    let flags = Flags {
        interface: if args.interface.is_empty() { vec!["any".to_owned()] } else { args.interface.clone() },
        expression: args.filter.iter().cloned().collect(),
        write: args.write.clone(),
        format: args.write.is_some().then_some(Format::Pcapng),
        // Sockets are asked for while they are there.
        immediate_mode: true,
        announces: false,
        sandbox: args.sandbox,
        color: args.color,
        command: Some(Commanded { launcher: launcher.clone(), is_alone: args.isolate }),
        listen: Listen { processes: true, ..usual.listen },
        ..usual
    };
    let captured = carry_out_with(&flags, &|sinks, opening| {
        if flags.write.is_some() {
            sinks.open(&flags, opening)?;
        }
        sinks.push(Flows::summary(args.json, args.color.coloured())?);
        Ok(())
    });
    let Some(ended) = launcher.end()? else {
        complain("the command does not end, and is left alone");
        return Ok(captured);
    };
    if ended.no_routes > 0 {
        let whose = if args.isolate { "" } else { " (of all programs here)" };
        let count = ended.no_routes;
        say(format_args!("{count} times there was no route, and no packet was sent: ENETUNREACH{whose}"));
    }
    Ok(if ended.status == 0 { captured } else { Outcome::Of(ended.status) })
}
