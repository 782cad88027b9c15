//! Frames of several sources in the order of their time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::union::{Gathered, Member, Union};
use crate::file::{Notice, Reader};
use crate::frame::{Block, Source, Timestamp};

/// A block that is handed on is about so long, in bytes.
const ENOUGH: usize = 256 << 10;

/// A source that lends the block it handed over last once more.
pub trait Relend: Source {
    /// That block, until the next is asked for.
    fn current(&self) -> Block<'_>;

    /// What it left out since this was last asked.
    fn take_notices(&mut self) -> Vec<Notice> {
        Vec::new()
    }
}

impl Relend for Reader {
    fn current(&self) -> Block<'_> {
        Reader::current(self)
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        Reader::take_notices(self)
    }
}

/// Merges sources: at each step the frame that is oldest among those that come next in each; of frames of the same time that
/// of the source given first. Notes stay before the frame that they stood before.
#[derive(Debug)]
pub struct Merge<S: Relend> {
    inputs: Vec<Input<S>>,
    /// The time of the next frame of each source that has one.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    union: Union,
    batch: Gathered,
    /// The batch was handed on.
    lent: bool,
    failures: Vec<S::Error>,
    notices: Vec<Notice>,
    disordered: u64,
}

#[derive(Debug)]
struct Input<S> {
    /// None once it has ended.
    source: Option<S>,
    member: Member,
    /// How many frames and notes of its current block are done.
    frames: usize,
    notes: usize,
    last: Option<Timestamp>,
}

impl<S: Relend> Merge<S> {
    pub fn new(sources: Vec<S>, union: Union) -> Self {
        let inputs = sources.into_iter().map(|source| Input {
            source: Some(source),
            member: Member::default(),
            frames: 0,
            notes: 0,
            last: None,
        });
        let mut merge = Merge {
            inputs: inputs.collect(),
            next: BinaryHeap::new(),
            union,
            batch: Gathered::default(),
            lent: false,
            failures: Vec::new(),
            notices: Vec::new(),
            disordered: 0,
        };
        (0..merge.inputs.len()).for_each(|at| merge.load(at));
        merge
    }

    /// Why sources ended before their end, since this was last asked.
    pub fn take_failures(&mut self) -> Vec<S::Error> {
        std::mem::take(&mut self.failures)
    }

    /// What sources that have ended left out, since this was last asked.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Frames so far that are older than one before them in their source.
    pub fn disordered(&self) -> u64 {
        self.disordered
    }

    /// Makes a source's next block current that has a frame. The notes of one that has none are handed on.
    fn load(&mut self, at: usize) {
        let Some(input) = self.inputs.get_mut(at) else { return };
        while let Some(source) = &mut input.source {
            match source.next_block() {
                Ok(Some(block)) => {
                    self.union.admit(&mut input.member, block.section);
                    (input.frames, input.notes) = (0, 0);
                    if let Some(first) = block.records.first() {
                        self.next.push(Reverse((first.time, at)));
                        return;
                    }
                    let order = self.union.byte_order();
                    for note in block.notes {
                        self.batch.note(note.kind, block.note(note), &input.member, order);
                    }
                }
                ended => {
                    self.failures.extend(ended.err());
                    self.notices.extend(source.take_notices());
                    input.source = None;
                }
            }
        }
    }

    /// Takes frames of a source until one comes that another's are before.
    fn take(&mut self, at: usize) {
        let limit = self.next.peek().map(|Reverse(next)| *next);
        let order = self.union.byte_order();
        let Some(input) = self.inputs.get_mut(at) else { return };
        let Some(block) = input.source.as_ref().map(Relend::current) else { return };
        let mut notes = block.notes.get(input.notes..).unwrap_or(&[]).iter().peekable();
        for record in block.records.get(input.frames..).unwrap_or(&[]) {
            if limit.is_some_and(|limit| limit < (record.time, at)) || self.batch.bytes.len() >= ENOUGH {
                self.next.push(Reverse((record.time, at)));
                return;
            }
            while let Some(note) = notes.next_if(|note| note.body.0 < record.offset) {
                self.batch.note(note.kind, block.note(note), &input.member, order);
                input.notes = input.notes.saturating_add(1);
            }
            self.disordered = self.disordered.saturating_add(input.last.is_some_and(|last| record.time < last).into());
            input.last = Some(record.time);
            self.batch.frame(&block.frame(record), &input.member, order);
            input.frames = input.frames.saturating_add(1);
        }
        for note in notes {
            self.batch.note(note.kind, block.note(note), &input.member, order);
        }
        self.load(at);
    }
}

impl<S: Relend> Source for Merge<S> {
    type Error = S::Error;

    fn next_block(&mut self) -> Result<Option<Block<'_>>, S::Error> {
        if self.lent {
            self.batch.clear();
        }
        self.lent = true;
        while self.batch.bytes.len() < ENOUGH {
            let Some(Reverse((_, at))) = self.next.pop() else { break };
            self.take(at);
        }
        if self.batch.bytes.is_empty() && self.batch.records.is_empty() {
            return Ok(None);
        }
        Ok(Some(Block {
            section: self.union.section(),
            bytes: &self.batch.bytes,
            records: &self.batch.records,
            notes: &self.batch.notes,
        }))
    }
}
