//! The loop: blocks from a source, the frames that were asked for, sinks.

use std::io;
use std::path::Path;

use crate::condition::Condition;
use crate::fields::Packet;
use crate::file;
use crate::filter::Selection;
use crate::frame::{Block, LinkType, Record, Section, Source, Timestamp};
use crate::limits::{Allowance, Limits};
use crate::live::sandbox::UnknownCall;
use crate::moment::Window;

/// What becomes of the frames.
pub trait Sink {
    /// A live capture begins: its section so far, and the index and name of each interface of the machine.
    ///
    /// # Errors
    /// Where that can't be put down.
    fn begin(&mut self, _section: &Section, _interfaces: &[(u32, String)]) -> Result<(), SinkError> {
        Ok(())
    }

    /// A file begins, of which frames come from now on.
    fn begin_file(&mut self, _path: &Path, _file: &file::Reader) {}

    /// The file has ended, as it should or with damage.
    ///
    /// # Errors
    /// Where what it came to can't be delivered.
    fn end_file(&mut self, _whole: bool) -> Result<(), SinkError> {
        Ok(())
    }

    /// An interface of the machine has appeared since.
    fn name_interface(&mut self, _index: u32, _name: &str) {}

    /// Looks at all frames of a block before those are chosen of it that [`block`](Self::block) takes.
    fn look_ahead(&mut self, _block: &Block<'_>) {}

    /// Takes some frames; `first` is the number of the first of them among all frames chosen, from 1.
    ///
    /// # Errors
    /// Where they can't be delivered, or no more are wanted.
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError>;

    /// Nothing comes just now: hands on what is held back.
    ///
    /// # Errors
    /// Where it can't be delivered.
    fn idle(&mut self) -> Result<(), SinkError>;

    /// Writes out what is held back, as somebody asks for it (SIGUSR2).
    ///
    /// # Errors
    /// Where it can't be delivered.
    fn write_out(&mut self) -> Result<(), SinkError> {
        self.idle()
    }

    /// Nothing comes any more.
    ///
    /// # Errors
    /// Where what was held back can't be delivered.
    fn finish(&mut self) -> Result<(), SinkError> {
        self.idle()
    }

    /// Whether it can't hand on what it holds just now (a full disk, a reader that stalls), and it is better to give it no more.
    fn is_stalled(&self) -> bool {
        false
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
    /// A file that holds no packets.
    #[error("{file}: can't write: {source}")]
    Other { file: String, source: io::Error },
    #[error(transparent)]
    Sandbox(#[from] UnknownCall),
    /// No failure: of the frames it was given it took so many, and no more are wanted.
    #[error("no more is wanted")]
    Enough(usize),
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
    window: Option<Window>,
    selection: Option<Selection>,
    condition: Option<Condition>,
    stop_when: Option<Selection>,
    skip: u64,
    left: Option<u64>,
    snap_len: Option<u32>,
    link_type: Option<LinkType>,
    allowance: Allowance,
    taken: u64,
    records: Vec<Record>,
    cut: Vec<Record>,
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

    /// Of these, only the frames of a time; it counts before anything else does.
    pub fn within(self, window: Option<Window>) -> Self {
        Choice { window, ..self }
    }

    /// Of these, only the frames that a filter selects; it counts next.
    pub fn filtered(self, selection: Option<Selection>) -> Self {
        Choice { selection, ..self }
    }

    /// Of these, only the frames that fulfil a condition on their fields; it counts after that.
    pub fn on_condition(self, condition: Option<Condition>) -> Self {
        Choice { condition, ..self }
    }

    /// The condition, where there is one.
    pub fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref()
    }

    /// No more frames are wanted after the first of them that this one selects.
    pub fn until(self, stop_when: Option<Selection>) -> Self {
        Choice { stop_when, ..self }
    }

    /// Of these, only what is within some limits.
    pub fn limited(self, limits: Limits) -> Self {
        Choice { allowance: Allowance::new(limits), ..self }
    }

    /// Whether the time is up.
    pub fn is_up(&self, now: Timestamp) -> bool {
        self.allowance.is_up(now)
    }

    /// The filter, where there is one.
    pub fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// The next block is of another source: its sections are others, even where their numbers are the same.
    pub fn begin_source(&mut self) {
        self.section = None;
    }

    /// Frames chosen so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Nothing more is wanted, nor so many of the frames that were chosen last.
    pub fn close(&mut self, refused: u64) {
        self.left = Some(0);
        self.taken = self.taken.saturating_sub(refused);
    }

    /// The frames of a block that are wanted, and the number of the first. `look_ahead` is shown all of them before.
    pub fn of<'a>(&'a mut self, mut block: Block<'a>, look_ahead: impl FnOnce(&Block<'_>)) -> (Block<'a>, u64) {
        let Choice { window, selection, condition, stop_when, skip, left, snap_len, .. } = self;
        let Choice { link_type, allowance, taken, records, cut, section, .. } = self;
        if let Some(link_type) = *link_type {
            if section.as_ref().is_none_or(|known| !same_interfaces(known, block.section)) {
                let mut changed = block.section.clone();
                changed.interfaces.iter_mut().for_each(|i| i.link_type = link_type);
                *section = Some(changed);
            }
            block.section = section.as_ref().unwrap_or(block.section);
        }
        look_ahead(&block);
        let order = block.section.byte_order;
        if window.is_some() || selection.is_some() || condition.is_some() {
            records.clear();
            for record in block.records {
                let frame = block.frame(record);
                if window.as_mut().is_none_or(|window| window.has(record.time))
                    && selection.as_mut().is_none_or(|selection| selection.selects(&frame, order))
                    && condition.as_mut().is_none_or(|condition| {
                        condition.accepts(&Packet { number: 0, section: block.section, frame, said: None })
                    })
                {
                    records.push(*record);
                }
            }
            block.records = records;
        }
        let skipped = block.records.len().min(usize::try_from(*skip).unwrap_or(usize::MAX));
        *skip = skip.saturating_sub(skipped as u64);
        let rest = block.records.get(skipped..).unwrap_or(&[]);
        let wanted = left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        block.records = rest.get(..wanted).unwrap_or(rest);
        if let Some(last) = stop_when
            && let Some(at) = block.records.iter().position(|record| last.selects(&block.frame(record), order))
        {
            block.records = block.records.get(..=at).unwrap_or(block.records);
            *left = Some(0);
        }
        if let Some(limit) = *snap_len {
            cut.clear();
            cut.extend(block.records.iter().map(|record| Record { cap_len: record.cap_len.min(limit), ..*record }));
            block.records = cut;
        }
        let within = allowance.take(block.records);
        if within < block.records.len() {
            *left = Some(0);
            block.records = block.records.get(..within).unwrap_or(block.records);
        }
        let first = taken.saturating_add(1);
        let chosen = block.records.len() as u64;
        *taken = taken.saturating_add(chosen);
        *left = left.map(|left| left.saturating_sub(chosen));
        (block, first)
    }
}

/// Whether a section is another with just the link types changed.
fn same_interfaces(changed: &Section, section: &Section) -> bool {
    (changed.number, changed.interfaces.len()) == (section.number, section.interfaces.len())
}

/// Hands the chosen frames of a block to every sink; tells how many that were.
///
/// # Errors
/// Those of the sinks.
pub fn deliver(block: Block<'_>, choice: &mut Choice, sinks: &mut [Box<dyn Sink>]) -> Result<usize, SinkError> {
    let idle = block.bytes.is_empty();
    let (mut block, first) = choice.of(block, |all| sinks.iter_mut().for_each(|sink| sink.look_ahead(all)));
    let mut refused = None;
    for sink in sinks {
        match if idle { sink.idle() } else { sink.block(&block, first) } {
            Err(SinkError::Enough(taken)) => {
                let (wanted, rest) = block.records.split_at_checked(taken).unwrap_or((block.records, &[]));
                block.records = wanted;
                refused = Some(rest.len() as u64);
            }
            done => done?,
        }
    }
    let count = block.records.len();
    if let Some(refused) = refused {
        choice.close(refused);
    }
    Ok(count)
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
