//! The sink of packets as records on standard output: JSON lines, columns, trees.

use std::io::{self, IsTerminal, Write};

use super::flags::Flags;
use crate::fields::Packet;
use crate::frame::Block;
use crate::output::terminal::say;
use crate::output::{Sheet, columns, json, tree};
use crate::pipeline::{Sink, SinkError};

/// Records are handed on when this many bytes are together.
const FLUSH_AT: usize = 64 << 10;

/// What a packet becomes.
enum Form {
    Json(json::Writer),
    Columns(Box<columns::Writer>),
    Tree(tree::Writer),
}

/// Prints records on standard output.
pub struct Records {
    form: Form,
    sheet: Sheet,
    out: io::Stdout,
    /// Hand on each record at once.
    at_once: bool,
}

impl Records {
    /// The sink that the flags ask for, if they ask for records.
    ///
    /// # Errors
    /// Where a name is none of a field.
    pub fn new(flags: &Flags) -> Result<Option<Self>, columns::Error> {
        let out = io::stdout();
        let at_once = flags.line_buffered || out.is_terminal();
        let mut sheet = Sheet::coloured(flags.tree && flags.coloured());
        let form = if flags.json {
            Form::Json(json::Writer::new(flags.json_bytes))
        } else if let Some(list) = &flags.fields {
            let mut writer = columns::Writer::new(list, flags.separator)?;
            if !flags.no_header {
                writer.header(&mut sheet);
            }
            Form::Columns(Box::new(writer))
        } else if flags.tree {
            Form::Tree(tree::Writer::default())
        } else {
            return Ok(None);
        };
        Ok(Some(Records { form, sheet, out, at_once }))
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let mut out = self.out.lock();
        self.sheet.flush_to(&mut out)?;
        Ok(out.flush()?)
    }
}

impl Sink for Records {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        for (frame, number) in block.frames().zip(first..) {
            let packet = Packet { number, section: block.section, frame };
            match &mut self.form {
                Form::Json(writer) => writer.packet(&mut self.sheet, &packet),
                Form::Columns(writer) => writer.packet(&mut self.sheet, &packet),
                Form::Tree(writer) => writer.packet(&mut self.sheet, &packet),
            }
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
        let failures = match &self.form {
            Form::Json(writer) => writer.failures(),
            Form::Columns(writer) => writer.failures(),
            Form::Tree(writer) => writer.failures(),
        };
        if failures > 0 {
            say(format_args!("{failures} packets made a decoder fail and lack what is in them: please report them"));
        }
        Ok(())
    }
}
