//! What is in a capture as a whole: how much, when, how complete, whose. No I/O and no printing.
//!
//! [`Info`] is shown blocks of frames; what it keeps is bounded however many there are.

mod digests;
mod hierarchy;
mod rate;
mod talkers;

use std::collections::BTreeMap;
use std::time::Duration;

pub use digests::{Hash, digests};
pub use hierarchy::{Hierarchy, Node};
pub use rate::Rate;
pub use talkers::{Talker, Talkers, Traffic};

use crate::fields::Packet;
use crate::file::{InterfaceStatistics, option_values};
use crate::frame::{Block, ByteOrder, Frame, Interface, RawOption, Timestamp};
use crate::gap;
use crate::guard::guarded;

/// The most comments that are kept as texts; the others are counted.
const MOST_COMMENTS: usize = 100;
/// The option of a pcapng block that is a comment (draft-ietf-opsawg-pcapng, 3.5).
const COMMENT: u16 = 1;

/// What one interface of a section has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Of {
    pub section: u64,
    pub interface: Interface,
    pub packets: u64,
    /// Bytes of them on the wire.
    pub bytes: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// How many statistics blocks are about it; what the last one says it received, and lost itself or for want of
    /// room.
    pub statistics: u64,
    pub received: Option<u64>,
    pub lost: Option<u64>,
    pub dropped: Option<u64>,
}

/// What a capture has.
#[derive(Debug, Default)]
pub struct Info {
    pub packets: u64,
    /// Bytes captured, and bytes on the wire.
    pub captured: u64,
    pub wire: u64,
    /// The length on the wire of the shortest and of the longest packet.
    pub shortest: Option<u32>,
    pub longest: Option<u32>,
    /// The earliest and the latest time.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Packets that are earlier than the one before them, and by how much at most.
    pub backwards: u64,
    pub furthest_back: Duration,
    /// Packets of which less was captured than was on the wire.
    pub cut: u64,
    /// Places where packets are missing, and how many are.
    pub gaps: u64,
    pub missing: u64,
    pub sections: u64,
    pub interfaces: Vec<Of>,
    /// Options of the section headers.
    pub section_options: Vec<RawOption>,
    /// Comments of sections, interfaces and packets: how many, and the first hundred.
    pub comments: u64,
    pub comment_texts: Vec<Vec<u8>>,
    /// Blocks without a frame by their type.
    pub notes: BTreeMap<u32, u64>,
    pub hierarchy: Hierarchy,
    pub talkers: Talkers,
    pub rate: Rate,
    previous: Option<Timestamp>,
    section: Option<u64>,
    /// Where the interfaces of this section begin.
    base: usize,
}

impl Info {
    /// Takes a block of frames; `first` is the number of the first of them, from 1.
    pub fn block(&mut self, block: &Block<'_>, first: u64) {
        self.section(block);
        let order = block.section.byte_order;
        for (frame, number) in block.frames().zip(first..) {
            self.frame(&frame, order);
            let packet = Packet { number, section: block.section, frame, said: None };
            let Info { hierarchy, talkers, .. } = self;
            guarded(|| hierarchy.add(&packet));
            talkers.add(&packet.frame);
        }
        for note in block.notes {
            let count = self.notes.entry(note.kind).or_default();
            *count = count.saturating_add(1);
            if note.kind == InterfaceStatistics::KIND {
                self.statistics(block.note(note), order);
            }
        }
    }

    /// Learns of interfaces that are new, and of a section that begins.
    fn section(&mut self, block: &Block<'_>) {
        let section = block.section;
        if self.section.replace(section.number) != Some(section.number) {
            self.sections = self.sections.saturating_add(1);
            self.base = self.interfaces.len();
            self.comments_of(&section.options);
            self.section_options.extend(section.options.iter().filter(|option| option.code != COMMENT).cloned());
        }
        let known = self.interfaces.len().saturating_sub(self.base);
        for interface in section.interfaces.iter().skip(known) {
            self.comments_of(&interface.options);
            self.interfaces.push(Of {
                section: self.sections,
                interface: interface.clone(),
                packets: 0,
                bytes: 0,
                first: None,
                last: None,
                statistics: 0,
                received: None,
                lost: None,
                dropped: None,
            });
        }
    }

    fn comments_of(&mut self, options: &[RawOption]) {
        for option in options.iter().filter(|option| option.code == COMMENT) {
            self.comment(&option.value);
        }
    }

    fn comment(&mut self, text: &[u8]) {
        self.comments = self.comments.saturating_add(1);
        if self.comment_texts.len() < MOST_COMMENTS {
            self.comment_texts.push(text.to_vec());
        }
    }

    #[inline]
    fn frame(&mut self, frame: &Frame<'_>, order: ByteOrder) {
        let (time, wire, captured) = (frame.time, frame.wire_len, frame.data.len() as u64);
        self.packets = self.packets.saturating_add(1);
        self.captured = self.captured.saturating_add(captured);
        self.wire = self.wire.saturating_add(wire.into());
        self.shortest = Some(self.shortest.map_or(wire, |known| known.min(wire)));
        self.longest = self.longest.max(Some(wire));
        self.cut = self.cut.saturating_add((captured < u64::from(wire)).into());
        self.first = Some(self.first.map_or(time, |known| known.min(time)));
        self.last = self.last.max(Some(time));
        if let Some(before) = self.previous.replace(time).filter(|before| *before > time) {
            let back = before.as_nanos().saturating_sub(time.as_nanos());
            self.backwards = self.backwards.saturating_add(1);
            let back = Duration::from_nanos(u64::try_from(back).unwrap_or(u64::MAX));
            self.furthest_back = self.furthest_back.max(back);
        }
        self.rate.add(time, wire);
        if !frame.options.is_empty() {
            let missing = gap::before(frame, order);
            self.gaps = self.gaps.saturating_add((missing > 0).into());
            self.missing = self.missing.saturating_add(missing);
            for text in values(frame.options, order, COMMENT) {
                self.comment(text);
            }
        }
        let at = self.base.saturating_add(frame.interface as usize);
        if let Some(of) = self.interfaces.get_mut(at) {
            of.packets = of.packets.saturating_add(1);
            of.bytes = of.bytes.saturating_add(wire.into());
            of.first = Some(of.first.map_or(time, |known| known.min(time)));
            of.last = of.last.max(Some(time));
        }
    }

    /// What a statistics block says (draft-ietf-opsawg-pcapng, 4.6).
    fn statistics(&mut self, body: &[u8], order: ByteOrder) {
        const RECEIVED: u16 = 4;
        const LOST: u16 = 5;
        const DROPPED: u16 = 7;
        let Some((id, rest)) = body.split_first_chunk::<4>() else { return };
        let at = self.base.saturating_add(word(*id, order) as usize);
        let (Some(of), Some(options)) = (self.interfaces.get_mut(at), rest.get(8..)) else { return };
        let count = |code| values(options, order, code).next().and_then(|value| long(value, order));
        of.statistics = of.statistics.saturating_add(1);
        of.received = count(RECEIVED).or(of.received);
        of.lost = count(LOST).or(of.lost);
        of.dropped = count(DROPPED).or(of.dropped);
    }

    /// From the earliest to the latest packet.
    pub fn duration(&self) -> Option<Duration> {
        let nanos = self.last?.as_nanos().checked_sub(self.first?.as_nanos())?;
        u64::try_from(nanos).ok().map(Duration::from_nanos)
    }

    /// Packets that all interfaces say were lost, by themselves and for want of room.
    pub fn dropped(&self) -> u64 {
        let all = self.interfaces.iter().flat_map(|of| [of.lost, of.dropped]).flatten();
        all.fold(0, u64::saturating_add)
    }
}

fn word(bytes: [u8; 4], order: ByteOrder) -> u32 {
    match order {
        ByteOrder::Little => u32::from_le_bytes(bytes),
        ByteOrder::Big => u32::from_be_bytes(bytes),
    }
}

fn long(bytes: &[u8], order: ByteOrder) -> Option<u64> {
    let bytes = bytes.try_into().ok()?;
    Some(match order {
        ByteOrder::Little => u64::from_le_bytes(bytes),
        ByteOrder::Big => u64::from_be_bytes(bytes),
    })
}

/// The values of the options of one code in a list.
fn values(list: &[u8], order: ByteOrder, wanted: u16) -> impl Iterator<Item = &[u8]> {
    option_values(list, order).filter(move |(code, _)| *code == wanted).map(|(_, value)| value)
}
