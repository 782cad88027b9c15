//! What the subcommands that make a capture file of others have in common.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::flags::{Flags, Format, Precision, is_pcapng};
use super::input::Input;
use super::product::{self, Product};
use super::save::Origin;
use super::{Outcome, sinks::Opening};
use crate::file::{Reader, WriteFormat};
use crate::frame::{Block, Source};
use crate::output::terminal::{complain, say};
use crate::pipeline::{Sink, SinkError};
use crate::rewrite::{Comment, Cut, Dedup, Losses, Shift, Sort};

/// The file that is made.
#[derive(clap::Args, Debug)]
pub struct Target {
    /// The file to make, compressed where it ends in .gz, .zst or .lz4; - for standard output
    #[arg(short = 'o', long, value_name = "OUT")]
    out: PathBuf,

    /// What it is: pcapng where its name ends so, else pcap
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,

    /// How finely a pcap file keeps time: as what is read, unless told otherwise
    #[arg(long, value_enum, value_name = "PRECISION")]
    precision: Option<Precision>,
}

/// What is done with each block on its way.
pub enum Change {
    Nothing,
    Comment(Box<Comment>),
    Cut(Cut),
    Dedup(Box<Dedup>),
    Shift(Shift),
    /// None once it is done.
    Sort(Option<Box<Sort>>),
}

impl Target {
    /// The file that is made.
    pub fn path(&self) -> &Path {
        &self.out
    }

    /// Whether it is to be pcapng.
    pub fn is_pcapng(&self) -> bool {
        is_pcapng(&self.out, self.format)
    }

    /// Makes the file of what is read, each block changed.
    ///
    /// # Errors
    /// Where something can't be opened; what fails later is told, and the outcome says so.
    pub fn make(&self, input: &Input, change: impl Fn() -> Result<Change>) -> Result<Outcome> {
        if let Err(error) = product::spare(&input.files, &self.out) {
            complain(error);
            return Ok(Outcome::Usage);
        }
        input.run_making_files(product::folder_of(&self.out), |sinks, opening| {
            let format = self.write_format(input, &opening)?;
            let losses = (format != WriteFormat::PcapNg).then(Losses::default);
            let product = Product::open(&self.out, format, opening)?;
            sinks.push(Rewrite { product, losses, change: change()? });
            Ok(())
        })
    }

    fn write_format(&self, input: &Input, opening: &Opening<'_>) -> Result<WriteFormat> {
        let flags =
            Flags { write: Some(self.out.clone()), format: self.format, precision: self.precision, ..input.flags()? };
        Ok(flags.write_format(match opening.origin {
            Origin::File(resolution) => resolution,
            Origin::Live(_) => None,
        }))
    }
}

/// Writes the file.
struct Rewrite {
    product: Product,
    /// Of a pcap file.
    losses: Option<Losses>,
    change: Change,
}

impl Rewrite {
    fn write(&mut self, block: &Block<'_>) -> Result<(), SinkError> {
        if let Some(losses) = &mut self.losses {
            losses.look(block);
        }
        self.product.write(block)
    }

    /// Writes what was put in order.
    fn write_sorted(&mut self, sort: Sort) -> Result<(), SinkError> {
        let mut sorted = sort.finish().map_err(scratch_failed)?;
        while let Some(block) = sorted.next_block().map_err(scratch_failed)? {
            self.write(&block)?;
        }
        sorted.take_failures().pop().map_or(Ok(()), |error| Err(scratch_failed(error)))
    }
}

fn scratch_failed(source: io::Error) -> SinkError {
    SinkError::Other { file: "the nameless file for what does not fit in memory".to_owned(), source }
}

impl Sink for Rewrite {
    fn begin_file(&mut self, _: &Path, _: &Reader) {
        match &mut self.change {
            Change::Comment(comment) => comment.begin_file(),
            Change::Sort(Some(sort)) => sort.begin_file(),
            _ => {}
        }
    }

    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        if let Change::Sort(sort) = &mut self.change {
            let taken = sort.as_mut().map_or(Ok(()), |sort| sort.take(block));
            if taken.is_err() {
                // What it holds is not all, and must not pass for it.
                *sort = None;
                self.product.abandon();
            }
            return taken.map_err(scratch_failed);
        }
        let changed = match &mut self.change {
            Change::Nothing | Change::Sort(_) => *block,
            Change::Comment(comment) => comment.block(block, first),
            Change::Cut(cut) => cut.block(block, first),
            Change::Dedup(dedup) => dedup.block(block),
            Change::Shift(shift) => shift.block(block),
        };
        if let Some(losses) = &mut self.losses {
            losses.look(&changed);
        }
        self.product.write(&changed)?;
        let count = block.records.len();
        match &self.change {
            Change::Cut(cut) if cut.is_over(first.saturating_add(count as u64)) => Err(SinkError::Enough(count)),
            _ => Ok(()),
        }
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        self.product.flush()
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        if let Change::Sort(sort) = &mut self.change
            && let Some(sort) = sort.take()
        {
            self.write_sorted(*sort).inspect_err(|_| self.product.abandon())?;
        }
        self.product.finish()?;
        if let Change::Dedup(dedup) = &self.change {
            say(format_args!("{} packets were there before, and are left out", dedup.removed()));
        }
        if let Change::Comment(comment) = &self.change {
            for number in comment.missing() {
                complain(format_args!("there is no packet {number}: its comment is left out"));
            }
        }
        let lost: Vec<String> =
            self.losses.iter().flat_map(Losses::all).map(|(what, count)| format!("{count} {what}")).collect();
        if !lost.is_empty() {
            say(format_args!("pcap has no place for {}: write pcapng to keep them", lost.join(", ")));
        }
        Ok(())
    }
}
