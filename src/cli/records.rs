//! The sink of packets as records on standard output: JSON lines, columns, trees.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use anyhow::Result;

use super::flags::Flags;
use super::sinks::{tell_gap, tell_losses};
use crate::budget::Budget;
use crate::fields::{Listener, Packet, Said};
use crate::frame::Block;
use crate::gap;
use crate::guard::guarded;
use crate::output::terminal::say;
use crate::output::{Sheet, columns, json, tree};
use crate::pipeline::{Sink, SinkError};

/// Records are handed on when this many bytes are together.
const FLUSH_AT: usize = 64 << 10;

/// What a packet becomes.
enum Form {
    Json(json::Writer),
    Columns(Box<columns::Writer>),
    Tree(Box<tree::Writer>),
}

/// Prints records on standard output.
pub struct Records {
    form: Form,
    /// Where something is told that several packets say together.
    listener: Option<Listener>,
    /// What that was in the frames of this block, by their places in it.
    said: BTreeMap<u32, Said>,
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
    pub fn new(flags: &Flags) -> Result<Option<Self>> {
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
            Form::Tree(Box::new(tree::Writer::new(flags.tree_options()?)))
        } else {
            return Ok(None);
        };
        let budget = Budget::new(Budget::FOR_PRINTING);
        let listener = match &form {
            Form::Columns(writer) => writer.listener(&budget),
            Form::Json(_) | Form::Tree(_) => Some(Listener::new(&budget)),
        };
        Ok(Some(Records { form, listener, said: BTreeMap::new(), sheet, out, at_once }))
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let mut out = self.out.lock();
        self.sheet.flush_to(&mut out)?;
        Ok(out.flush()?)
    }
}

impl Sink for Records {
    fn look_ahead(&mut self, block: &Block<'_>) {
        self.said.clear();
        let Some(listener) = &mut self.listener else { return };
        for record in block.records {
            let frame = block.frame(record);
            if !listener.concerns(&frame) {
                continue;
            }
            let said = guarded(|| listener.hear(&frame));
            self.said.extend(said.filter(|said| !said.is_nothing()).map(|said| (record.offset, said)));
        }
    }

    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        for (record, number) in block.records.iter().zip(first..) {
            let frame = block.frame(record);
            let lost = gap::before(&frame, block.section.byte_order);
            if lost > 0 {
                self.idle()?;
                tell_gap(lost, frame.time, number);
            }
            let said = self.said.get(&record.offset);
            let packet = Packet { number, section: block.section, frame, said };
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
        if let Some(listener) = &self.listener {
            tell_losses(listener.losses());
        }
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
