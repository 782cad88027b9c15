//! The frames of a capture in the order of their time, however many: so many bytes of them are put in order in memory, and runs of
//! those merged from a file without a name.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::merge::{Merge, Relend};
use super::union::{Gathered, Member, Union};
use crate::frame::{Block, FrameFlags, Note, Record, Section, Source, Timestamp};

/// What a frame takes in memory beside its bytes, about.
const BESIDE: usize = size_of::<Record>() + size_of::<Item>();
/// The head of a frame or note in the file: what it is, its time, and the numbers of a record.
const HEAD: usize = 40;
/// What is read of a run at once, at least and at most, in bytes.
const PIECE: (usize, usize) = (16 << 10, 256 << 10);

/// Puts frames in the order of their time; those of the same time stay as they came. A note stays with the frame before it.
#[derive(Debug)]
pub struct Sort {
    window: usize,
    union: Union,
    member: Member,
    held: Gathered,
    items: Vec<Item>,
    last: Timestamp,
    scratch: Arc<File>,
    /// From where to where in the file each run is.
    runs: Vec<(u64, u64)>,
}

/// A frame or note that is held, by its place among them.
#[derive(Clone, Copy, Debug)]
struct Item {
    time: Timestamp,
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Frame(u32),
    Note(u32),
}

impl Sort {
    /// With so many bytes of memory, and a file to read and write, empty, for what does not fit.
    pub fn new(window: usize, joins: bool, scratch: File) -> Self {
        Sort {
            window,
            union: Union::new(joins),
            member: Member::default(),
            held: Gathered::default(),
            items: Vec::new(),
            last: Timestamp::from_nanos(i128::MIN),
            scratch: Arc::new(scratch),
            runs: Vec::new(),
        }
    }

    /// The next block is of another file.
    pub fn begin_file(&mut self) {
        self.member = Member::default();
        self.last = Timestamp::from_nanos(i128::MIN);
    }

    /// Takes a block.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn take(&mut self, block: &Block<'_>) -> io::Result<()> {
        self.union.admit(&mut self.member, block.section);
        let order = self.union.byte_order();
        let mut notes = block.notes.iter().peekable();
        for record in block.records {
            while let Some(note) = notes.next_if(|note| note.body.0 < record.offset) {
                self.note(note, block);
            }
            self.last = record.time;
            self.items.push(Item { time: record.time, place: Place::Frame(index(self.held.records.len())) });
            self.held.frame(&block.frame(record), &self.member, order);
            if self.size() >= self.window {
                self.spill()?;
            }
        }
        notes.for_each(|note| self.note(note, block));
        Ok(())
    }

    fn note(&mut self, note: &Note, block: &Block<'_>) {
        let order = self.union.byte_order();
        self.items.push(Item { time: self.last, place: Place::Note(index(self.held.notes.len())) });
        self.held.note(note.kind, block.note(note), &self.member, order);
    }

    fn size(&self) -> usize {
        self.held.bytes.len().saturating_add(self.items.len().saturating_mul(BESIDE))
    }

    /// Writes what is held as a run.
    fn spill(&mut self) -> io::Result<()> {
        self.items.sort_by_key(|item| item.time);
        let from = self.runs.last().map_or(0, |(_, end)| *end);
        let mut out = io::BufWriter::with_capacity(PIECE.1, &*self.scratch);
        let mut to = from;
        let section = Section { interfaces: Vec::new(), ..self.union.section().clone() };
        let Gathered { bytes, records, notes } = &self.held;
        let block = Block { section: &section, bytes, records, notes };
        for item in &self.items {
            let (head, parts) = match item.place {
                Place::Frame(at) => {
                    let Some(record) = records.get(at as usize) else { continue };
                    let frame = block.frame(record);
                    (head_of(FRAME, record), [frame.data, frame.options])
                }
                Place::Note(at) => {
                    let Some(note) = notes.get(at as usize) else { continue };
                    let record = Record {
                        time: item.time,
                        offset: 0,
                        cap_len: note.body.1,
                        wire_len: note.kind,
                        interface: 0,
                        flags: FrameFlags::default(),
                        options: (0, 0),
                    };
                    (head_of(NOTE, &record), [block.note(note), &[]])
                }
            };
            for part in [&head[..], parts[0], parts[1]] {
                out.write_all(part)?;
                to = to.saturating_add(part.len() as u64);
            }
        }
        out.flush()?;
        drop(out);
        self.runs.push((from, to));
        self.items.clear();
        self.held.clear();
        Ok(())
    }

    /// All frames that were taken, in order.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn finish(mut self) -> io::Result<Merge<Run>> {
        if !self.items.is_empty() {
            self.spill()?;
        }
        let section = Arc::new(self.union.section().clone());
        let piece = self.window.checked_div(self.runs.len()).unwrap_or(0).clamp(PIECE.0, PIECE.1);
        let run = |(from, to): &(u64, u64)| Run {
            file: Arc::clone(&self.scratch),
            section: Arc::clone(&section),
            at: *from,
            end: *to,
            piece,
            buffer: Vec::new(),
            records: Vec::new(),
            notes: Vec::new(),
        };
        let runs = self.runs.iter().map(run).collect();
        Ok(Merge::new(runs, Union::settled(Section::clone(&section))))
    }
}

const FRAME: u32 = 0;
const NOTE: u32 = 1;

fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn head_of(kind: u32, record: &Record) -> [u8; HEAD] {
    let words = [
        kind,
        record.time.nanos(),
        record.cap_len,
        record.wire_len,
        record.interface,
        record.flags.0,
        record.options.1,
        0,
    ];
    let mut head = [0; HEAD];
    let (secs, rest) = head.split_at_mut(8);
    secs.copy_from_slice(&record.time.secs().to_ne_bytes());
    for (place, word) in rest.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_ne_bytes());
    }
    head
}

/// What the head of a frame or note says; its place is just behind the head.
fn of_head(head: &[u8; HEAD], at: usize) -> (u32, Record) {
    let (secs, words) = head.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    let mut words = words.as_chunks::<4>().0.iter().map(|word| u32::from_ne_bytes(*word));
    let mut next = || words.next().unwrap_or(0);
    let (kind, nanos, cap_len, wire_len) = (next(), next(), next(), next());
    let (interface, flags, options) = (next(), FrameFlags(next()), next());
    let offset = index(at.saturating_add(HEAD));
    let record = Record {
        time: Timestamp::new(i64::from_ne_bytes(*secs), nanos.into()),
        offset,
        cap_len,
        wire_len,
        interface,
        flags,
        options: (offset.saturating_add(cap_len), options),
    };
    (kind, record)
}

/// Frames in order, in a part of a file.
#[derive(Debug)]
pub struct Run {
    file: Arc<File>,
    section: Arc<Section>,
    at: u64,
    end: u64,
    piece: usize,
    buffer: Vec<u8>,
    records: Vec<Record>,
    notes: Vec<Note>,
}

impl Run {
    /// Indexes the whole frames and notes at the front of the buffer: how far they reach, and how many bytes the next needs.
    fn index(&mut self) -> (usize, usize) {
        let mut at = 0usize;
        loop {
            let rest = self.buffer.get(at..).unwrap_or(&[]);
            let Some(head) = rest.first_chunk::<HEAD>() else { return (at, HEAD) };
            let (kind, record) = of_head(head, at);
            let len = HEAD.saturating_add(record.cap_len as usize).saturating_add(record.options.1 as usize);
            if rest.len() < len {
                return (at, len);
            }
            match kind {
                NOTE => self.notes.push(Note { kind: record.wire_len, body: (record.offset, record.cap_len) }),
                _ => self.records.push(record),
            }
            at = at.saturating_add(len);
        }
    }
}

impl Source for Run {
    type Error = io::Error;

    fn next_block(&mut self) -> io::Result<Option<Block<'_>>> {
        self.records.clear();
        self.notes.clear();
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let mut wanted = self.piece;
        loop {
            self.buffer.resize(wanted.min(left), 0);
            self.file.read_exact_at(&mut self.buffer, self.at)?;
            let (used, needed) = self.index();
            if used > 0 || left == 0 {
                self.at = self.at.saturating_add(used as u64);
                break;
            }
            if wanted >= left {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            wanted = needed;
        }
        Ok((left > 0).then(|| self.current()))
    }
}

impl Relend for Run {
    fn current(&self) -> Block<'_> {
        Block { section: &self.section, bytes: &self.buffer, records: &self.records, notes: &self.notes }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;
    use crate::frame::{ByteOrder, Interface, LinkType, Resolution};
    use proptest::prelude::*;

    /// Frames whose bytes are their numbers, at these seconds.
    fn block<'a>(
        section: &'a Section,
        times: &[i64],
        bytes: &'a mut Vec<u8>,
        records: &'a mut Vec<Record>,
    ) -> Block<'a> {
        for (number, secs) in times.iter().enumerate() {
            records.push(Record {
                time: Timestamp::new(*secs, 0),
                offset: index(bytes.len()),
                cap_len: 8,
                wire_len: 9,
                interface: 0,
                flags: FrameFlags::default(),
                options: (0, 0),
            });
            bytes.extend((number as u64).to_ne_bytes());
        }
        Block { section, bytes, records, notes: &[] }
    }

    proptest! {
        #[test]
        fn it_is_a_stable_sort_with_any_window(times in proptest::collection::vec(-9i64..9, 0..60), window in 1usize..3000) {
            let interfaces = vec![Interface::new(LinkType::EN10MB, 0, Resolution::NANO)];
            let section = Section { number: 0, byte_order: ByteOrder::Little, options: Vec::new(), interfaces };
            let (mut bytes, mut records) = (Vec::new(), Vec::new());
            let block = block(&section, &times, &mut bytes, &mut records);
            let mut sort = Sort::new(window, false, tempfile());
            sort.take(&block).unwrap();
            let mut sorted = sort.finish().unwrap();
            let mut found = Vec::new();
            while let Some(block) = sorted.next_block().unwrap() {
                prop_assert_eq!(block.section.interfaces.len(), 1);
                found.extend(block.frames().map(|frame| {
                    (frame.time.secs(), u64::from_ne_bytes(frame.data.try_into().unwrap()), frame.wire_len)
                }));
            }
            let mut wanted: Vec<_> = times.iter().enumerate().map(|(number, secs)| (*secs, number as u64, 9)).collect();
            wanted.sort_by_key(|frame| frame.0);
            prop_assert_eq!(found, wanted);
        }
    }

    fn tempfile() -> File {
        let flags = nix::fcntl::OFlag::O_TMPFILE.bits();
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).custom_flags(flags).open(std::env::temp_dir()).unwrap()
    }
}
