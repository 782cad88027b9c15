//! The sinks of the command line: lines on standard output, a capture file, a count.

use std::io::{self, IsTerminal, Write};

use crate::budget::Budget;
use crate::file;
use crate::frame::Block;
use crate::output::Sheet;
use crate::output::text::{Options, Printer};
use crate::pipeline::{Sink, SinkError};

/// Text is handed on when this many bytes are together.
const FLUSH_AT: usize = 64 << 10;

/// Prints lines on standard output.
pub struct Lines {
    printer: Printer,
    sheet: Sheet,
    out: io::Stdout,
    /// Hand on each line at once.
    at_once: bool,
}

impl Lines {
    pub fn new(options: Options, coloured: bool, line_buffered: bool) -> Self {
        let out = io::stdout();
        let at_once = line_buffered || out.is_terminal();
        let printer = Printer::new(options, &Budget::new(Budget::FOR_PRINTING));
        Lines { printer, sheet: Sheet::coloured(coloured), out, at_once }
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let mut out = self.out.lock();
        self.sheet.flush_to(&mut out)?;
        Ok(out.flush()?)
    }
}

impl Sink for Lines {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        for (frame, number) in block.frames().zip(first..) {
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
        match self.printer.failures() {
            0 => {}
            n => crate::output::terminal::say(format_args!(
                "{n} packets made a decoder fail and are shown raw: please report them"
            )),
        }
        Ok(())
    }
}

/// Counts frames, and says how many there were.
#[derive(Default)]
pub struct Count(u64);

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

/// Writes a capture file.
pub struct Save {
    /// Nothing once it is finished.
    writer: Option<file::Writer>,
    /// Hand on each block at once (`-U`).
    at_once: bool,
}

impl Save {
    pub fn new(writer: file::Writer, at_once: bool) -> Self {
        Save { writer: Some(writer), at_once }
    }
}

impl Sink for Save {
    fn block(&mut self, block: &Block<'_>, _: u64) -> Result<(), SinkError> {
        if let Some(writer) = &mut self.writer {
            writer.write_block(block)?;
        }
        if self.at_once { self.idle() } else { Ok(()) }
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        Ok(self.writer.as_mut().map_or(Ok(()), file::Writer::flush)?)
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        Ok(self.writer.take().map_or(Ok(()), file::Writer::finish)?)
    }
}
