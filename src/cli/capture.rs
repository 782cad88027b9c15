//! Capture and read: what `sabueso` does without a subcommand.

use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Outcome;
use super::flags::{ColorWhen, Flags, Format, Precision};
use super::sinks::{Count, Lines, Save};
use crate::file::{Output, ReadOptions, Reader, WriteFormat, Writer};
use crate::frame::{LinkType, Resolution};
use crate::output::terminal::{safe, say};
use crate::output::text::{Dump, Options, TimeStyle};
use crate::pipeline::{self, Choice, Sink, SinkError};

/// Carries out the flags.
pub fn run(flags: &Flags) -> Outcome {
    if let Err(error) = check(flags) {
        say(format_args!("sabueso: {error:#}"));
        return Outcome::Usage;
    }
    match read(flags) {
        Ok(outcome) => outcome,
        Err(error) => match error.downcast_ref::<SinkError>() {
            Some(SinkError::Closed) => Outcome::Success,
            _ => {
                say(format_args!("sabueso: {error:#}"));
                Outcome::Failed
            }
        },
    }
}

/// Refuses what can't be done, before anything is opened.
fn check(flags: &Flags) -> Result<()> {
    if let Some(flag) = flags.missing.given() {
        bail!("-{flag} is a flag of tcpdump that sabueso does not have yet");
    }
    if !flags.expression.is_empty() {
        bail!(
            "\"{}\": filter expressions are not there yet; leave it out to see every packet",
            flags.expression.join(" ")
        );
    }
    if flags.read.is_empty() {
        bail!("nothing to read: give a capture file with -r FILE (live capture is not there yet)");
    }
    if flags.follow && flags.read.len() > 1 {
        bail!("--follow waits at the end of a file for ever: it takes a single -r");
    }
    if flags.format.is_some() && flags.write.is_none() {
        bail!("--format is the format of a file to write: give it with -w FILE");
    }
    link_type(flags)?;
    Ok(())
}

fn link_type(flags: &Flags) -> Result<Option<LinkType>> {
    let Some(text) = &flags.link_type else { return Ok(None) };
    let parsed = LinkType::parse(text);
    parsed.map(Some).with_context(|| format!("-y {text}: no such link type; give a name such as EN10MB, or a number"))
}

fn read(flags: &Flags) -> Result<Outcome> {
    let mut choice = Choice::new(flags.skip, flags.stop_after, flags.snap_len.filter(|s| *s != 0), link_type(flags)?);
    let mut sinks = Sinks { flags, open: Vec::new() };
    let mut outcome = Outcome::Success;
    for path in &flags.read {
        if choice.is_full() {
            break;
        }
        let options = ReadOptions { resync: flags.resync, follow: flags.follow };
        let mut reader = Reader::open(path, options)?;
        if flags.list_link_types {
            list_link_types(path, &reader);
            continue;
        }
        announce(path, &reader);
        sinks.open_for(&reader)?;
        let done = pipeline::run(&mut reader, &mut choice, &mut sinks.open);
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
    Ok(outcome)
}

/// The sinks of a run: opened when the first file has shown what it holds.
struct Sinks<'f> {
    flags: &'f Flags,
    open: Vec<Box<dyn Sink>>,
}

impl Sinks<'_> {
    fn open_for(&mut self, reader: &Reader) -> Result<()> {
        let flags = self.flags;
        if !self.open.is_empty() {
            return Ok(());
        }
        if let Some(path) = &flags.write {
            let writer = Writer::new(Output::create(path)?, write_format(flags, path, reader.resolution()));
            self.open.push(Box::new(Save::new(writer, flags.packet_buffered)));
        }
        if flags.count {
            self.open.push(Box::new(Count::default()));
        } else if flags.write.is_none() || flags.print {
            self.open.push(Box::new(Lines::new(options(flags), coloured(flags.color), flags.line_buffered)));
        }
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        self.open.iter_mut().try_for_each(|s| s.idle())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        self.open.iter_mut().try_for_each(|s| s.finish())
    }
}

fn announce(path: &Path, reader: &Reader) {
    let mut line = format!("reading from file {}", path.display());
    if let Some(link_type) = reader.link_type() {
        line.push_str(&match link_type.name() {
            Some(_) => format!(", link-type {link_type}"),
            None => format!(", link-type {}", link_type.0),
        });
    }
    if let Some(snap_len) = reader.snap_len() {
        line.push_str(&format!(", snapshot length {snap_len}"));
    }
    say(line);
}

fn list_link_types(path: &Path, reader: &Reader) {
    let name = safe(path.display());
    match reader.link_type() {
        Some(link_type) => println!("Data link types for {name} (use option -y to set):\n  {link_type}"),
        None => println!("Data link types for {name}: none, as it describes no interface"),
    }
}

/// What a file is written in: its format by flag or name, its precision by flag or as it was read.
fn write_format(flags: &Flags, path: &Path, read: Option<Resolution>) -> WriteFormat {
    let named = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("pcapng") || e.eq_ignore_ascii_case("ntar"));
    let fine = |r| !matches!(r, Resolution::Decimal(0..=6) | Resolution::Binary(0..=19));
    let nano = match flags.precision() {
        Some(precision) => precision == Precision::Nano,
        None => read.is_some_and(fine),
    };
    match flags.format {
        Some(Format::Pcapng) => WriteFormat::PcapNg,
        None if named => WriteFormat::PcapNg,
        _ if nano => WriteFormat::PcapNano,
        _ => WriteFormat::PcapMicro,
    }
}

fn options(flags: &Flags) -> Options {
    Options {
        verbose: flags.verbose,
        quiet: flags.quiet,
        link_header: flags.link_header,
        absolute_sequence: flags.absolute_sequence,
        no_checksums: flags.no_checksums,
        number: flags.number,
        lengths: flags.lengths,
        time: match flags.time {
            0 => TimeStyle::Clock,
            1 => TimeStyle::None,
            2 => TimeStyle::Epoch,
            3 => TimeStyle::SincePrevious,
            4 => TimeStyle::Date,
            _ => TimeStyle::SinceFirst,
        },
        nanoseconds: flags.precision() == Some(Precision::Nano),
        dump: match (flags.hex_ascii, flags.hex, flags.ascii) {
            (1, ..) => Dump::HexAscii,
            (2.., ..) => Dump::HexAsciiWithLink,
            (0, 1, _) => Dump::Hex,
            (0, 2.., _) => Dump::HexWithLink,
            (0, 0, 1) => Dump::Ascii,
            (0, 0, 2..) => Dump::AsciiWithLink,
            (0, 0, 0) => Dump::None,
        },
    }
}

fn coloured(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    }
}
