//! The last frames of a source, kept in memory within bounds: what a flight recorder writes when it is triggered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::frame::{Block, Note, Record, Section, Timestamp};

/// How much is kept; what is older goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Bytes of memory, all told. The chunk that is being filled may go beyond it.
    pub bytes: usize,
    /// Time before the last frame.
    pub span: Option<Duration>,
}

/// Frames, and the notes between them, in the order they came.
#[derive(Debug)]
pub struct History {
    bounds: Bounds,
    chunks: VecDeque<Chunk>,
    /// Bytes of all chunks.
    held: usize,
    /// One that went: its memory is used again.
    spare: Option<Chunk>,
    frames: u64,
}

/// Some frames of one section, copied together: the unit in which memory is taken and given up.
#[derive(Debug)]
struct Chunk {
    section: Arc<Section>,
    bytes: Vec<u8>,
    records: Vec<Record>,
    notes: Vec<Note>,
}

/// A chunk is full at so many bytes, if less than a sixteenth of the bounds.
const CHUNK: usize = 1 << 20;

impl History {
    pub fn new(bounds: Bounds) -> Self {
        History { bounds, chunks: VecDeque::new(), held: 0, spare: None, frames: 0 }
    }

    /// Frames held.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The time of the last frame.
    pub fn last(&self) -> Option<Timestamp> {
        self.chunks.back().and_then(Chunk::last)
    }

    /// Bytes of memory in use.
    pub fn memory(&self) -> usize {
        self.held.saturating_add(self.spare.as_ref().map_or(0, Chunk::memory))
    }

    /// Copies what a block holds, and lets go what no longer fits.
    pub fn push(&mut self, block: &Block<'_>) {
        let full = CHUNK.min(self.bounds.bytes / 16);
        let mut notes = block.notes.iter().peekable();
        let mut records = block.records.iter().peekable();
        while records.peek().is_some() || notes.peek().is_some() {
            let mut chunk = self.take(block.section, full);
            while chunk.len() < full.max(1) {
                let next = records.peek().map(|record| record.offset);
                if let Some(note) = notes.next_if(|note| next.is_none_or(|next| note.body.0 < next)) {
                    let body = chunk.append(block.note(note));
                    chunk.notes.push(Note { body, ..*note });
                } else if let Some(record) = records.next() {
                    let frame = block.frame(record);
                    let ((offset, cap_len), options) = (chunk.append(frame.data), chunk.append(frame.options));
                    chunk.records.push(Record { offset, cap_len, options, ..*record });
                } else {
                    break;
                }
            }
            self.count(&chunk, u64::saturating_add, usize::saturating_add);
            self.chunks.push_back(chunk);
            self.forget();
        }
    }

    /// The last chunk to go on with, or another where that is full or of another section.
    fn take(&mut self, section: &Section, full: usize) -> Chunk {
        let section = match self.chunks.pop_back() {
            Some(last) if *last.section == *section && last.len() < full => {
                self.count(&last, u64::saturating_sub, usize::saturating_sub);
                return last;
            }
            Some(last) => {
                let same = (*last.section == *section).then(|| Arc::clone(&last.section));
                self.chunks.push_back(last);
                same.unwrap_or_else(|| Arc::new(section.clone()))
            }
            None => Arc::new(section.clone()),
        };
        match self.spare.take() {
            Some(spare) => Chunk { section, ..spare },
            None => Chunk { section, bytes: Vec::new(), records: Vec::new(), notes: Vec::new() },
        }
    }

    fn count(&mut self, chunk: &Chunk, frames: fn(u64, u64) -> u64, bytes: fn(usize, usize) -> usize) {
        self.frames = frames(self.frames, chunk.records.len() as u64);
        self.held = bytes(self.held, chunk.memory());
    }

    /// Lets go what is out of bounds, whole chunks at a time.
    fn forget(&mut self) {
        let since = self.bounds.span.zip(self.last()).map(|(span, last)| earlier(last, span));
        while self.chunks.len() > 1 {
            let Some(first) = self.chunks.front() else { break };
            let old = first.last().zip(since).is_some_and(|(last, since)| last < since);
            if !old && self.memory() <= self.bounds.bytes {
                break;
            }
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let Some(mut chunk) = self.chunks.pop_front() else { return };
        self.count(&chunk, u64::saturating_sub, usize::saturating_sub);
        chunk.bytes.clear();
        chunk.records.clear();
        chunk.notes.clear();
        self.spare = Some(chunk);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        while !self.chunks.is_empty() {
            self.forget_first();
        }
    }

    /// What is held, as blocks; more of what is old may be among it than the bounds say.
    pub fn blocks(&self) -> impl Iterator<Item = Block<'_>> {
        self.chunks.iter().map(|chunk| Block {
            section: &chunk.section,
            bytes: &chunk.bytes,
            records: &chunk.records,
            notes: &chunk.notes,
        })
    }
}

impl Chunk {
    /// Bytes that are filled.
    fn len(&self) -> usize {
        let (records, notes) = (size_of_val(&*self.records), size_of_val(&*self.notes));
        self.bytes.len().saturating_add(records).saturating_add(notes)
    }

    /// Bytes that are taken from the system.
    fn memory(&self) -> usize {
        let records = self.records.capacity().saturating_mul(size_of::<Record>());
        let notes = self.notes.capacity().saturating_mul(size_of::<Note>());
        self.bytes.capacity().saturating_add(records).saturating_add(notes).saturating_add(size_of::<Chunk>())
    }

    fn last(&self) -> Option<Timestamp> {
        self.records.last().map(|record| record.time)
    }

    /// Where the bytes are now, and how many.
    fn append(&mut self, bytes: &[u8]) -> (u32, u32) {
        let [offset, len] = [self.bytes.len(), bytes.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        self.bytes.extend_from_slice(bytes);
        (offset, len)
    }
}

/// The moment so long before another.
pub fn earlier(moment: Timestamp, span: Duration) -> Timestamp {
    Timestamp::from_nanos(moment.as_nanos().saturating_sub(nanos(span)))
}

/// The moment so long after another.
pub fn later(moment: Timestamp, span: Duration) -> Timestamp {
    Timestamp::from_nanos(moment.as_nanos().saturating_add(nanos(span)))
}

fn nanos(span: Duration) -> i128 {
    i128::try_from(span.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ByteOrder, FrameFlags, Interface, LinkType, Resolution};
    use proptest::prelude::*;

    fn section(number: u64) -> Section {
        let interfaces = vec![Interface::new(LinkType::EN10MB, 0, Resolution::NANO)];
        Section { number, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces }
    }

    /// A frame, told by its number, its length, and what it is in.
    type Told = (u32, usize, u64);

    /// A block of frames, one a second from their numbers on, each behind a note of a byte.
    fn push(history: &mut History, section: &Section, frames: &[Told]) {
        let (mut bytes, mut records, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for (number, len, _) in frames {
            notes.push(Note { kind: *number, body: (bytes.len() as u32, 1) });
            bytes.push(1);
            let (offset, cap_len) = (bytes.len() as u32, *len as u32);
            bytes.extend(vec![*number as u8; *len]);
            let (time, flags) = (Timestamp::new(i64::from(*number), 0), FrameFlags(*number));
            records.push(Record {
                time,
                offset,
                cap_len,
                wire_len: 9,
                interface: 0,
                flags,
                options: (offset, cap_len),
            });
        }
        history.push(&Block { section, bytes: &bytes, records: &records, notes: &notes });
    }

    fn held(history: &History) -> Vec<Told> {
        let (mut held, mut notes) = (Vec::new(), Vec::new());
        for block in history.blocks() {
            for frame in block.frames() {
                let number = frame.flags.0;
                assert!(frame.data.iter().all(|byte| *byte == number as u8) && frame.options == frame.data);
                held.push((number, frame.data.len(), block.section.number));
            }
            assert!(block.notes.iter().all(|note| block.note(note) == [1]));
            notes.extend(block.notes.iter().map(|note| note.kind));
        }
        // The note before the first frame may have been in a chunk that is gone.
        let numbers: Vec<u32> = held.iter().map(|told: &Told| told.0).collect();
        assert!(notes == numbers || notes == numbers[1..]);
        held
    }

    proptest! {
        #[test]
        fn the_last_frames_are_held_and_no_more_memory_than_the_bounds_say(
            blocks in proptest::collection::vec((proptest::collection::vec(1usize..3000, 0..60), 0u64..3), 0..60),
            bytes in (64usize << 10)..(256 << 10),
            span in proptest::option::of(1u64..500),
        ) {
            let mut history = History::new(Bounds { bytes, span: span.map(Duration::from_secs) });
            let mut all: Vec<Told> = Vec::new();
            for (lens, number) in blocks {
                let from = all.len();
                all.extend(lens.into_iter().zip(from as u32..).map(|(len, n)| (n, len, number)));
                push(&mut history, &section(number), &all[from..]);

                let kept = held(&history);
                prop_assert!(all.ends_with(&kept));
                prop_assert_eq!(history.frames(), kept.len() as u64);
                prop_assert_eq!(history.last().is_some(), !all.is_empty());
                // Chunks double as they grow: the one that is filled and the spare one, each of a sixteenth and a frame.
                prop_assert!(history.memory() <= bytes + 2 * (bytes / 16 + 12_000), "{} of {bytes}", history.memory());
                let missing = &all[..all.len() - kept.len()];
                if let Some((last, ..)) = missing.last() {
                    // Old, or in the way: chunks double as they grow, and one more is spare.
                    let used: usize = kept.iter().map(|(_, len, _)| 2 * len + 61).sum();
                    let old = span.is_some_and(|span| u64::from(all.len() as u32 - 1 - last) > span);
                    prop_assert!(old || used * 4 > bytes, "{used} of {bytes}");
                }
            }
            history.clear();
            prop_assert_eq!((held(&history).len(), history.frames()), (0, 0));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_loses_nothing() {
        let mut history = History::new(Bounds { bytes: 1 << 20, span: Some(Duration::from_secs(10)) });
        push(&mut history, &section(0), &[(1000, 10, 0)]);
        push(&mut history, &section(0), &[(500, 10, 0)]);
        assert_eq!(held(&history).len(), 2);
    }
}
