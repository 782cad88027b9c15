//! `sabueso dns`: each question to a name server, and what came of it.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;

use super::Outcome;
use super::input::Input;
use super::save::Origin;
use super::sinks::FLUSH_AT;
use crate::budget::Budget;
use crate::frame::Block;
use crate::guard::guarded;
use crate::names::{Exchange, Names};
use crate::output::terminal::say;
use crate::output::text::time_of_day;
use crate::output::{Sheet, questions};
use crate::pipeline::{Sink, SinkError};

/// Show each question to a name server, and what came of it: the answer, or the error that the program got, how long it
/// took and how often it was asked
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso dns capture.pcap                 a line for each question
  sudo sabueso dns -i any                  as they are answered
  sabueso dns capture.pcap --failed        those alone that found nothing
  sabueso dns capture.pcap --json          a line of JSON each; docs/dns.md describes it")]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// Only questions that were not answered, or with an error, or without a record
    #[arg(long)]
    failed: bool,

    /// A line of JSON for each question
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<Outcome> {
    let &Args { failed, json, .. } = args;
    args.input.run(|sinks, opening| {
        let names = Names::new(&Budget::new(Budget::FOR_PRINTING));
        let out = io::stdout();
        let at_once = out.is_terminal() || matches!(opening.origin, Origin::Live(_));
        let sheet = Sheet::coloured(!json && args.input.color.coloured());
        sinks.push(Lines { names, lines: Printer { failed, json, sheet }, out, at_once });
        Ok(())
    })
}

/// The sink that hears frames and prints lines.
struct Lines {
    names: Names,
    lines: Printer,
    out: io::Stdout,
    /// Hand on each line at once.
    at_once: bool,
}

/// Puts questions on the sheet.
struct Printer {
    failed: bool,
    json: bool,
    sheet: Sheet,
}

impl Printer {
    fn exchange(&mut self, exchange: &Exchange) {
        if self.failed && exchange.resolution().error().is_none() {
            return;
        }
        if self.json {
            return questions::json(&mut self.sheet, exchange);
        }
        if let Some(time) = exchange.time() {
            self.sheet.escaped(time_of_day(time).as_bytes());
            self.sheet.put(" ");
        }
        questions::line(&mut self.sheet, exchange);
    }
}

impl Sink for Lines {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        let Lines { names, lines, .. } = self;
        for (frame, number) in block.frames().zip(first..) {
            guarded(|| names.hear(&frame, number, &mut |exchange| lines.exchange(&exchange)));
        }
        if self.at_once || self.lines.sheet.len() >= FLUSH_AT { self.idle() } else { Ok(()) }
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        let mut out = self.out.lock();
        self.lines.sheet.flush_to(&mut out)?;
        Ok(out.flush()?)
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        let Lines { names, lines, .. } = self;
        names.finish(&mut |exchange| lines.exchange(&exchange));
        self.idle()?;
        match self.names.evicted() {
            0 => {}
            n => say(format_args!("sabueso: {n} questions were given up early: too many waited for an answer")),
        }
        Ok(())
    }
}
