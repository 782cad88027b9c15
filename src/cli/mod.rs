//! The command line: flags become a plan, the plan a pipeline. Bare flags are tcpdump's: capture and read; what
//! tcpdump never did is a subcommand, a file each. Called by the name tcpdump, it is tcpdump alone.

mod after;
mod anonymize;
mod command_line;
mod comment;
mod confine;
mod convert;
mod cut;
mod dedup;
mod dns;
mod expect;
mod filter;
mod flags;
mod flows;
mod follow;
mod following;
mod grouping;
mod helper;
mod info;
mod input;
mod ledger;
mod listen;
mod live;
mod maker;
mod merge;
mod naming;
mod processes;
mod product;
mod progress;
mod rare;
mod read;
mod recorder;
mod records;
mod repair;
mod replay;
mod rewriting;
mod run;
mod save;
mod saving;
mod servers;
mod shift;
mod sinks;
mod sockets;
mod sort;
mod split;
mod stream_files;
mod tcpdump;
mod units;
mod view;
mod workers;

use std::ffi::OsString;
use std::fs::Metadata;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use command_line::{Command, CommandLine};
use flags::Flags;
use sinks::Open;

use crate::fields;
use crate::live::sandbox;
use crate::output::{terminal, text};
use crate::pipeline::SinkError;

/// What a run came to, as the shell sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Success,
    /// A file, an interface or the output failed.
    Failed,
    /// The command line asks for what can't be.
    Usage,
    /// Packets were dropped, and that is a failure (`--strict`).
    Dropped,
    /// The exit status of a command that was run.
    Of(u8),
}

impl Outcome {
    /// The exit status.
    fn code(self) -> u8 {
        match self {
            Outcome::Success => 0,
            Outcome::Failed => 1,
            Outcome::Usage => 2,
            Outcome::Dropped => 3,
            Outcome::Of(status) => status,
        }
    }
}

/// Runs the command and says everything there is to say.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    silence_guarded_panics();
    crate::live::signals::keep_size_limit_an_error();
    let args: Vec<OsString> = args.into_iter().collect();
    if args.first().is_some_and(|program| tcpdump::is_called(program)) {
        terminal::call_ourselves("tcpdump");
        let outcome = tcpdump::parse(&args).map_or_else(|error| usage(&error), carry_out);
        // It has one code for all that goes wrong before it reads or captures.
        return ExitCode::from(if outcome == Outcome::Usage { 1 } else { outcome.code() });
    }
    let outcome = match CommandLine::try_parse_from(args) {
        Ok(CommandLine { command: Some(command), .. }) => outcome(match command {
            Command::Filter(args) => filter::run(&args),
            Command::Follow(args) => follow::run(&args),
            Command::Replay(args) => replay::run(&args),
            Command::Dns(args) => dns::run(&args),
            Command::Expect(args) => expect::run(&args),
            Command::Anonymize(args) => anonymize::run(&args),
            Command::Comment(args) => comment::run(&args),
            Command::Convert(args) => convert::run(&args),
            Command::Cut(args) => cut::run(&args),
            Command::Dedup(args) => dedup::run(&args),
            Command::Merge(args) => merge::run(&args),
            Command::Sort(args) => sort::run(&args),
            Command::Split(args) => split::run(&args),
            Command::Repair(args) => repair::run(&args),
            Command::Shift(args) => shift::run(&args),
            Command::Info(args) => info::run(&args),
            Command::Flows(args) => flows::run(&args),
            Command::Servers(args) => servers::run(&args),
            Command::Run(args) => run::run(&args),
            Command::Sockets(args) => sockets::run(&args),
            Command::Helper(role) => helper::run(role),
            Command::SandboxSelfTest(args) => confine::self_test(&args),
        }),
        Ok(CommandLine { flags, .. }) => carry_out(flags),
        Err(error) => usage(&error),
    };
    ExitCode::from(outcome.code())
}

fn carry_out(mut flags: Flags) -> Outcome {
    match flags.rare.listed_files() {
        Ok(files) => flags.read.extend(files),
        Err(error) => return outcome(Err(error)),
    }
    carry_out_with(&flags, &|sinks, opening| sinks.open(&flags, opening))
}

/// Carries out what the flags say, with sinks of one's own.
fn carry_out_with(flags: &Flags, open: Open<'_>) -> Outcome {
    if let Err(error) = check(flags) {
        if let Some(refused) = error.downcast_ref::<filter::Refused>() {
            return refused.tell();
        }
        terminal::complain(on_one_line(&error));
        return Outcome::Usage;
    }
    if flags.view.utc {
        text::show_utc();
    }
    if let Err(error) = flags.listen.enter() {
        return outcome(Err(error));
    }
    outcome(if flags.fields.as_deref() == Some("help") {
        print(&fields::plain()).map(|()| Outcome::Success)
    } else if flags.dump_program > 0 {
        filter::dump(flags)
    } else if flags.list_interfaces {
        live::list_interfaces(flags.json)
    } else if flags.list_time_stamp_types {
        live::list_time_stamp_types(flags)
    } else if !flags.read.is_empty() {
        read::run(flags, open)
    } else if flags.list_link_types {
        live::list_link_types(flags)
    } else {
        live::run(flags, open)
    })
}

/// What a run came to; why it failed is said here.
fn outcome(done: Result<Outcome>) -> Outcome {
    done.unwrap_or_else(|error| match error.downcast_ref::<SinkError>() {
        Some(SinkError::Closed) => Outcome::Success,
        None if let Some(refused) = error.downcast_ref::<filter::Refused>() => refused.tell(),
        _ => {
            terminal::complain(on_one_line(&error));
            Outcome::Failed
        }
    })
}

/// An error with its causes. Our own errors tell their cause themselves, so that it is to be told no more. A system call
/// that the sandbox does not know may be behind any of them.
fn on_one_line(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    let unknown = sandbox::check().err().map(|unknown| unknown.to_string());
    for cause in error.chain().skip(1).map(ToString::to_string).chain(unknown) {
        if !line.contains(&cause) {
            line.push_str(": ");
            line.push_str(&cause);
        }
    }
    line
}

/// Refuses what can't be done, before anything is opened.
fn check(flags: &Flags) -> Result<()> {
    flags.rare.check(!flags.read.is_empty(), flags.as_tcpdump)?;
    if flags.time > 5 {
        bail!("only -t, -tt, -ttt, -tttt and -ttttt are supported");
    }
    if flags.follow && flags.read.len() > 1 {
        bail!("--follow waits at the end of a file for ever: it takes a single -r");
    }
    if flags.format.is_some() && flags.write.is_none() {
        bail!("--format is the format of a file to write: give it with -w FILE");
    }
    let text = flags.records().or(flags.print.then_some("--print")).or(flags.count.then_some("--count"));
    if let Some(flag) = text
        && flags.write.as_deref().is_some_and(|path| path.as_os_str() == "-")
    {
        bail!("-w - writes packets on standard output: {flag} would put text between them");
    }
    if let (Some(flag), Some(_)) = (flags.records(), flags.rare.print_sampling) {
        bail!("--print-sampling chooses among lines, and {flag} asks for something else");
    }
    if let (Some(flag), true) = (flags.records(), flags.count) {
        bail!("--count only counts packets, and {flag} prints them");
    }
    if flags.saves_pcapng() && flags.precision() == Some(flags::Precision::Micro) {
        bail!("--micro: a pcapng file keeps times as they are; write pcap for microseconds");
    }
    if let Some(path) = flags.read.iter().find(|path| is_written_to(path, flags)) {
        bail!("{} would be written over while it is read: give -w another name", path.display());
    }
    if !flags.read.is_empty()
        && let Some(flag) = flags.for_capture_only()
    {
        bail!("{flag} is about capturing, and nothing is captured with -r");
    }
    flags.saving.check(flags.write.as_deref())?;
    flags.recording.check(flags)?;
    flags.view.marks()?;
    flags.choice(None)?;
    if flags.fields.as_deref() != Some("help") {
        records::Records::new(flags)?;
    }
    if flags.read.is_empty() { live::check(flags) } else { Ok(()) }
}

/// Whether a file that is read is the one that is to be written.
fn is_written_to(read: &Path, flags: &Flags) -> bool {
    let identity = |path: &Path| path.metadata().ok().filter(Metadata::is_file).map(|file| (file.dev(), file.ino()));
    let in_turn = |pattern: &Path| flags.saving.rotation().is_any() && flags.saving.names(pattern).may_be(read);
    flags
        .write
        .as_deref()
        .is_some_and(|path| in_turn(path) || identity(path).is_some_and(|written| identity(read) == Some(written)))
}

/// Puts a list on standard output.
fn print(text: &str) -> Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes()).map_err(SinkError::from)?)
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
    let text = error.to_string();
    let mut lines = text.lines();
    terminal::complain(lines.next().unwrap_or_default().trim_start_matches("error: "));
    lines.for_each(terminal::say);
    Outcome::Usage
}

/// A panic while a packet is decoded is caught, counted and told once at the end; any other keeps its message.
fn silence_guarded_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !crate::guard::is_guarded() {
            usual(info);
        }
    }));
}
