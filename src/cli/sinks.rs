//! The sinks of the command line: lines on standard output, a capture file, a count.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;

use super::flags::Flags;
use super::recorder::Recorder;
use super::records::Records;
use super::save::{Origin, Save};
use crate::budget::Budget;
use crate::file::Folder;
use crate::frame::{Block, Section, Timestamp};
use crate::gap;
use crate::live::privileges::Identity;
use crate::live::sandbox;
use crate::output::Sheet;
use crate::output::terminal::say;
use crate::output::text::{Printer, time_of_day};
use crate::pipeline::{Sink, SinkError};
use crate::reassembly::Losses;

/// Text is handed on when this many bytes are together.
pub const FLUSH_AT: usize = 64 << 10;

/// The sinks of a run.
#[derive(Default)]
pub struct Sinks(Vec<Box<dyn Sink>>);

/// What sinks may need when they are opened.
pub struct Opening<'a> {
    pub origin: Origin,
    /// Whose the files are that they make, if not ours.
    pub owner: Option<&'a Identity>,
    /// Where files are made.
    pub folder: Box<dyn Folder>,
}

/// Opens the sinks of a run.
pub type Open<'a> = &'a dyn Fn(&mut Sinks, Opening<'_>) -> Result<()>;

impl Sinks {
    /// Adds one.
    pub fn push(&mut self, sink: impl Sink + 'static) {
        self.0.push(Box::new(sink));
    }

    /// Opens what the flags of the bare command ask for; see [`Save::open`].
    pub fn open(&mut self, flags: &Flags, Opening { origin, owner, folder }: Opening<'_>) -> Result<()> {
        match (&flags.write, flags.recording.recorder) {
            (Some(path), Some(bounds)) => {
                self.push(Recorder::new(path, bounds, flags, origin, owner, folder)?);
            }
            (Some(path), None) => self.push(Save::open(path, flags, origin, owner, folder)?),
            (None, _) => {}
        }
        if flags.count {
            self.push(Count::default());
        } else if let Some(records) = Records::new(flags)? {
            self.push(records);
        } else if flags.write.is_none() || flags.print {
            self.push(Lines::new(flags));
        }
        Ok(())
    }

    /// No more are opened: the last looks after the sandbox.
    pub fn close(&mut self) {
        self.push(Guard);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn all(&mut self) -> &mut [Box<dyn Sink>] {
        &mut self.0
    }

    /// Tells every sink what a live capture begins with.
    pub fn begin(&mut self, section: &Section, interfaces: &[(u32, String)]) -> Result<(), SinkError> {
        self.0.iter_mut().try_for_each(|sink| sink.begin(section, interfaces))
    }

    /// Tells every sink of an interface that has appeared.
    pub fn name_interface(&mut self, index: u32, name: &str) {
        self.0.iter_mut().for_each(|sink| sink.name_interface(index, name));
    }

    pub fn idle(&mut self) -> Result<(), SinkError> {
        self.0.iter_mut().try_for_each(|sink| sink.idle())
    }

    /// Has them write out what they hold back, as somebody asks for it.
    pub fn write_out(&mut self) -> Result<(), SinkError> {
        self.0.iter_mut().try_for_each(|sink| sink.write_out())
    }

    pub fn finish(&mut self) -> Result<(), SinkError> {
        // Each of them, even if one before it fails.
        self.0.iter_mut().map(|sink| sink.finish()).fold(Ok(()), Result::and)
    }

    /// Whether one of them can't hand on what it holds.
    pub fn is_stalled(&self) -> bool {
        self.0.iter().any(|sink| sink.is_stalled())
    }

    /// Frames that a sink took and could not deliver.
    pub fn undelivered(&self) -> u64 {
        self.0.iter().map(|sink| sink.undelivered()).max().unwrap_or(0)
    }
}

/// Says where packets are missing: on standard error, so that whoever reads standard output meets nothing new there. What
/// was printed before is to be handed on first, so that this stands in its place on a terminal.
pub fn tell_gap(lost: u64, time: Timestamp, number: u64) {
    let (s, time) = (if lost == 1 { "" } else { "s" }, time_of_day(time));
    say(format_args!("sabueso: {lost} packet{s} lost here, before packet {number} ({time})"));
}

/// Prints lines on standard output.
struct Lines {
    printer: Printer,
    sheet: Sheet,
    out: io::Stdout,
    /// Hand on each line at once.
    at_once: bool,
    /// There are several interfaces, or will be.
    several: bool,
}

impl Lines {
    fn new(flags: &Flags) -> Self {
        let out = io::stdout();
        let at_once = flags.line_buffered || out.is_terminal();
        let printer = Printer::new(flags.text_options(), &Budget::new(Budget::FOR_PRINTING));
        let several = flags.interface.len() > 1;
        Lines { printer, sheet: Sheet::coloured(flags.coloured()), out, at_once, several }
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let mut out = self.out.lock();
        self.sheet.flush_to(&mut out)?;
        Ok(out.flush()?)
    }
}

impl Sink for Lines {
    fn begin(&mut self, section: &Section, interfaces: &[(u32, String)]) -> Result<(), SinkError> {
        self.printer.show_interfaces(self.several || section.interfaces.len() != 1);
        interfaces.iter().for_each(|(index, name)| self.name_interface(*index, name));
        Ok(())
    }

    fn name_interface(&mut self, index: u32, name: &str) {
        self.printer.name_interface(index, name);
    }

    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        for (frame, number) in block.frames().zip(first..) {
            let lost = gap::before(&frame, block.section.byte_order);
            if lost > 0 {
                self.idle()?;
                tell_gap(lost, frame.time, number);
            }
            self.printer.frame(&mut self.sheet, block.section, &frame, number);
            if self.at_once || self.sheet.len() >= FLUSH_AT {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        if self.sheet.is_empty() { Ok(()) } else { self.flush() }
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        self.idle()?;
        tell_losses(self.printer.losses());
        match self.printer.failures() {
            0 => {}
            n => say(format_args!("{n} packets made a decoder fail and are shown raw: please report them")),
        }
        Ok(())
    }
}

/// Says what was not put together, and why.
pub(super) fn tell_losses(losses: Losses) {
    let counts = [
        (losses.waiting, "still waiting for the rest"),
        (losses.timed_out, "given up after a time"),
        (losses.evicted, "given up to make room"),
        (losses.refused, "no room"),
    ];
    let told: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    if !told.is_empty() {
        say(format_args!("left in parts: {}", told.join(", ")));
    }
}

/// Ends the run after a system call that the sandbox does not know.
struct Guard;

impl Sink for Guard {
    fn block(&mut self, _: &Block<'_>, _: u64) -> Result<(), SinkError> {
        self.idle()
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        Ok(sandbox::check()?)
    }
}

/// Counts frames, and says how many there were.
#[derive(Default)]
struct Count(u64);

impl Sink for Count {
    fn block(&mut self, block: &Block<'_>, _: u64) -> Result<(), SinkError> {
        self.0 = self.0.saturating_add(block.records.len() as u64);
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(writeln!(io::stdout(), "{} packet{}", self.0, if self.0 == 1 { "" } else { "s" })?)
    }
}
