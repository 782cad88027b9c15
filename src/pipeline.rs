//! The loop: blocks from a source, the frames that were asked for, sinks.

use std::io;

use crate::file;
use crate::frame::{Block, LinkType, Record, Section, Source};

/// What becomes of the frames.
pub trait Sink {
    /// A live capture begins: its section so far, and the index and name of each interface of the machine.
    ///
    /// # Errors
    /// Where that can't be put down.
    fn begin(&mut self, _section: &Section, _interfaces: &[(u32, String)]) -> Result<(), SinkError> {
        Ok(())
    }

    /// Takes some frames; `first` is the number of the first of them among all frames chosen, from 1.
    ///
    /// # Errors
    /// Where they can't be delivered.
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError>;

    /// Nothing comes just now: hands on what is held back.
    ///
    /// # Errors
    /// Where it can't be delivered.
    fn idle(&mut self) -> Result<(), SinkError>;

    /// Nothing comes any more.
    ///
    /// # Errors
    /// Where what was held back can't be delivered.
    fn finish(&mut self) -> Result<(), SinkError> {
        self.idle()
    }

    /// Frames that it took and, as it failed, did not deliver.
    fn undelivered(&self) -> u64 {
        0
    }
}

/// Why a sink can't go on.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Whoever read our output has gone: a quiet end.
    #[error("the reader of the output has gone")]
    Closed,
    #[error("can't write to standard output: {0}")]
    Output(io::Error),
    #[error(transparent)]
    File(file::Error),
}

impl From<io::Error> for SinkError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => SinkError::Closed,
            _ => SinkError::Output(error),
        }
    }
}

impl From<file::Error> for SinkError {
    fn from(error: file::Error) -> Self {
        match error {
            file::Error::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => SinkError::Closed,
            error => SinkError::File(error),
        }
    }
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum Error<S> {
    #[error(transparent)]
    Source(S),
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Which frames of all that a source has, and how much of each.
#[derive(Debug, Default)]
pub struct Choice {
    skip: u64,
    left: Option<u64>,
    snap_len: Option<u32>,
    link_type: Option<LinkType>,
    taken: u64,
    records: Vec<Record>,
    section: Option<Section>,
}

impl Choice {
    /// All frames after the first `skip`, at most `count`; of each at most `snap_len` bytes; taken to have
    /// another link type than the source says.
    pub fn new(skip: u64, count: Option<u64>, snap_len: Option<u32>, link_type: Option<LinkType>) -> Self {
        Choice { skip, left: count, snap_len, link_type, ..Choice::default() }
    }

    /// Whether no more frames are wanted.
    pub fn is_full(&self) -> bool {
        self.left == Some(0)
    }

    /// Frames chosen so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The frames of a block that are wanted, and the number of the first.
    fn of<'a>(&'a mut self, mut block: Block<'a>) -> (Block<'a>, u64) {
        let skipped = block.records.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
        self.skip = self.skip.saturating_sub(skipped as u64);
        let rest = block.records.get(skipped..).unwrap_or(&[]);
        let wanted = self.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        block.records = rest.get(..wanted).unwrap_or(rest);
        let first = self.taken.saturating_add(1);
        let chosen = block.records.len() as u64;
        self.taken = self.taken.saturating_add(chosen);
        self.left = self.left.map(|left| left.saturating_sub(chosen));
        if let Some(snap_len) = self.snap_len {
            self.records.clear();
            let cut = |r: &Record| Record { cap_len: r.cap_len.min(snap_len), ..*r };
            self.records.extend(block.records.iter().map(cut));
            block.records = &self.records;
        }
        if let Some(link_type) = self.link_type {
            let known = self.section.as_ref();
            if known.is_none_or(|s| {
                (s.number, s.interfaces.len()) != (block.section.number, block.section.interfaces.len())
            }) {
                let mut section = block.section.clone();
                section.interfaces.iter_mut().for_each(|i| i.link_type = link_type);
                self.section = Some(section);
            }
            block.section = self.section.as_ref().unwrap_or(block.section);
        }
        (block, first)
    }
}

/// Hands the chosen frames of a block to every sink; tells how many that were.
///
/// # Errors
/// Those of the sinks.
pub fn deliver(block: Block<'_>, choice: &mut Choice, sinks: &mut [Box<dyn Sink>]) -> Result<usize, SinkError> {
    let idle = block.records.is_empty() && block.notes.is_empty();
    let (block, first) = choice.of(block);
    for sink in sinks {
        if idle {
            sink.idle()?;
        } else {
            sink.block(&block, first)?;
        }
    }
    Ok(block.records.len())
}

/// Hands the chosen frames of a source to every sink until the source ends or no more are wanted. The sinks
/// are not finished: another source may follow.
///
/// # Errors
/// Those of the source, after all that it delivered has been handed on, and those of the sinks.
pub fn run<S: Source>(source: &mut S, choice: &mut Choice, sinks: &mut [Box<dyn Sink>]) -> Result<(), Error<S::Error>> {
    while !choice.is_full() {
        let Some(block) = source.next_block().map_err(Error::Source)? else { break };
        deliver(block, choice, sinks)?;
    }
    Ok(())
}
