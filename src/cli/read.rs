//! Reading capture files: `-r`.

use std::path::Path;

use anyhow::Result;

use super::Outcome;
use super::filter;
use super::flags::Flags;
use super::sinks::Sinks;
use crate::file::{ReadOptions, Reader};
use crate::output::terminal::{safe, say};
use crate::pipeline;

/// Reads one file after the other.
pub fn run(flags: &Flags) -> Result<Outcome> {
    let mut choice = flags.choice()?;
    let mut sinks = Sinks::default();
    let mut outcome = Outcome::Success;
    for path in &flags.read {
        if choice.is_full() {
            break;
        }
        let options = ReadOptions { resync: flags.resync, follow: flags.follow };
        let mut reader = Reader::open(path, options)?;
        if flags.list_link_types {
            list_link_types(path, &reader)?;
            continue;
        }
        announce(path, &reader);
        if sinks.is_empty() {
            choice = choice.filtered(filter::selection(flags, &reader)?);
            sinks.open(flags, reader.resolution(), None)?;
        }
        let done = pipeline::run(&mut reader, &mut choice, sinks.all());
        for notice in reader.take_notices() {
            say(format_args!("sabueso: {notice}"));
        }
        match done {
            Ok(()) => {}
            Err(pipeline::Error::Sink(error)) => return Err(error.into()),
            Err(pipeline::Error::Source(error)) => {
                // What was good is delivered before the fault is told.
                sinks.idle()?;
                say(format_args!("sabueso: {error}"));
                outcome = Outcome::Failed;
            }
        }
    }
    sinks.finish()?;
    filter::tell_refusals(choice.selection());
    Ok(outcome)
}

fn announce(path: &Path, reader: &Reader) {
    let mut line = format!("reading from file {}", path.display());
    if let Some(link_type) = reader.link_type() {
        line.push_str(&format!(", link-type {link_type}"));
    }
    if let Some(snap_len) = reader.snap_len() {
        line.push_str(&format!(", snapshot length {snap_len}"));
    }
    say(line);
}

fn list_link_types(path: &Path, reader: &Reader) -> Result<()> {
    let name = safe(path.display());
    let list = match reader.link_type() {
        Some(link_type) => format!("Data link types for {name} (use option -y to set):\n  {link_type}\n"),
        None => format!("Data link types for {name}: none, as it describes no interface\n"),
    };
    super::print(&list)
}
