//! Captures without what they tell of people and places: other addresses and names, no payload.
//!
//! A frame is written anew on a `canvas` of zeros: `walk` goes over its layers and puts there what is known to be
//! harmless, and pseudonyms of the rest (`addresses`, `stations`, `names`, all made with one [`Key`]). So what nobody
//! here understands is not in the copy, without anybody having to look for it. Then checksums are made (`checksums`).
//! What stands beside frames in a file is in `section`. `docs/anonymize.md` tells what is kept.
//!

mod addresses;
mod canvas;
mod checksums;
mod counts;
mod dhcp;
mod dns;
mod icmp;
mod ip;
mod key;
mod memory;
mod names;
mod section;
mod stations;
mod tls;
mod transport;
mod walk;

pub use counts::Counts;
pub use key::Key;
pub use section::Keep;

use addresses::Addresses;
use names::Names;
use stations::Stations;

use crate::frame::{Block, Frame, Note, Record, Timestamp};
use crate::guard::guarded;

/// What becomes of the bytes that are not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Payload {
    /// They are gone from the end of a packet, which keeps its length on the wire.
    #[default]
    Cut,
    /// They are zeros.
    Zero,
}

/// What is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    pub payload: Payload,
    /// Station addresses keep who made the interface.
    pub keep_vendor: bool,
    /// What of a file stays that would be dropped.
    pub keep: Vec<Keep>,
    /// Added to all times, in nanoseconds.
    pub shift: i128,
}

/// All pseudonyms of one key.
struct Pseudonyms {
    addresses: Addresses,
    stations: Stations,
    names: Names,
}

impl Pseudonyms {
    fn station(&mut self, station: [u8; 6]) -> [u8; 6] {
        self.stations.of(station, &self.addresses)
    }
}

/// Makes blocks of frames anonymous.
pub struct Anonymizer {
    pseudonyms: Pseudonyms,
    options: Options,
    counts: Counts,
    section: section::Pair,
    bytes: Vec<u8>,
    records: Vec<Record>,
    notes: Vec<Note>,
}

impl Anonymizer {
    pub fn new(key: &Key, options: Options) -> Self {
        Anonymizer {
            pseudonyms: Pseudonyms {
                addresses: Addresses::new(key),
                stations: Stations::new(key, options.keep_vendor),
                names: Names::new(key),
            },
            options,
            counts: Counts::default(),
            section: section::Pair::new(),
            bytes: Vec::new(),
            records: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The same frames, anonymous, in a section of their own.
    pub fn block(&mut self, block: &Block<'_>) -> Block<'_> {
        self.bytes.clear();
        self.records.clear();
        self.notes.clear();
        self.section.follow(block.section, &self.options, &mut self.counts);
        let mut notes = block.notes.iter().peekable();
        for record in block.records {
            while let Some(note) = notes.next_if(|note| note.body.0 < record.offset) {
                self.note(block, note);
            }
            self.frame(block, record);
        }
        notes.for_each(|note| self.note(block, note));
        Block { section: &self.section.now, bytes: &self.bytes, records: &self.records, notes: &self.notes }
    }

    fn frame(&mut self, block: &Block<'_>, record: &Record) {
        let frame = block.frame(record);
        let from = self.bytes.len();
        self.bytes.resize(from.saturating_add(frame.data.len()), 0);
        let length = self.anonymize(&frame, from);
        self.bytes.truncate(from.saturating_add(length));
        self.counts.packets = self.counts.packets.saturating_add(1);
        self.counts.captured = self.counts.captured.saturating_add(frame.data.len() as u64);
        self.counts.left = self.counts.left.saturating_add(length as u64);

        let options_at = self.bytes.len();
        let options = section::frame_options(frame.options, block.section.byte_order, &self.options, &mut self.counts);
        self.bytes.extend_from_slice(&options);
        self.records.push(Record {
            time: Timestamp::from_nanos(frame.time.as_nanos().saturating_add(self.options.shift)),
            offset: place(from),
            cap_len: place(length),
            wire_len: frame.wire_len,
            interface: record.interface,
            flags: section::flags(frame.flags),
            options: (place(options_at), place(options.len())),
        });
    }

    /// Puts an anonymous frame where there are as many zeros as it has bytes; how many of them it takes.
    fn anonymize(&mut self, frame: &Frame<'_>, from: usize) -> usize {
        let Anonymizer { pseudonyms, options, counts, bytes, .. } = self;
        let Some(bytes) = bytes.get_mut(from..) else { return 0 };
        let length = guarded(|| walk::frame(frame, bytes, options.payload, pseudonyms, counts));
        length.unwrap_or_else(|| {
            counts.failures = counts.failures.saturating_add(1);
            0
        })
    }

    fn note(&mut self, block: &Block<'_>, note: &Note) {
        let body =
            section::note(note.kind, block.note(note), block.section.byte_order, &self.options, &mut self.counts);
        if let Some(body) = body {
            self.notes.push(Note { kind: note.kind, body: (place(self.bytes.len()), place(body.len())) });
            self.bytes.extend_from_slice(&body);
        }
    }
}

/// A place in the bytes of a block, which are no more than those of a block of the source.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl std::fmt::Debug for Anonymizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Anonymizer")
            .field("options", &self.options)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod testing {
    use super::*;
    use crate::decode::Span;
    use crate::frame::{FrameFlags, LinkType};

    pub fn anonymizer() -> Anonymizer {
        Anonymizer::new(&Key::new([3; 32]), Options { payload: Payload::Zero, ..Options::default() })
    }

    /// A frame as it becomes, filled with zeros, and what was done.
    pub fn frame(link_type: LinkType, data: &[u8]) -> (Vec<u8>, Counts) {
        let Anonymizer { mut pseudonyms, mut counts, .. } = anonymizer();
        let time = Timestamp::default();
        let (wire_len, flags) = (data.len() as u32, FrameFlags::default());
        let frame = Frame { time, data, wire_len, interface: 0, link_type, flags, options: &[] };
        let mut bytes = vec![0; data.len()];
        walk::frame(&frame, &mut bytes, Payload::Zero, &mut pseudonyms, &mut counts);
        (bytes, counts)
    }

    /// A payload as a plan has it; none where there is no plan.
    pub fn payload(
        data: &[u8],
        wire_len: usize,
        plan: impl Fn(&mut Pseudonyms, Span<'_>) -> Option<canvas::Plan>,
    ) -> Option<Vec<u8>> {
        let plan = plan(&mut anonymizer().pseudonyms, Span::new(data, wire_len))?;
        let mut bytes = vec![0; data.len()];
        plan.carry_out(&mut canvas::Canvas::new(data, &mut bytes), 0);
        Some(bytes)
    }
}
