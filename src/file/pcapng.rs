//! The walk over a pcapng file (draft-ietf-opsawg-pcapng): sections, interfaces, packets in their three
//! kinds of block, and everything else as notes.

use byteorder_slice::{BigEndian, LittleEndian};
use pcap_file::pcapng::{PcapNgFormatError, RawBlock, RawBlockParseError};

use super::clock::{Clock, resolution};
use super::input::BUFFER;
use super::options::{Options, code};
use super::walk::{Batch, Fault, Guess, Scan, Stop, place, scan};
use super::{Damage, MAX_BLOCK, MAX_INTERFACES, MAX_OPTIONS, MAX_SECTION};
use crate::frame::{ByteOrder, FrameFlags, Interface, LinkType, Note, RawOption, Record, Resolution};

/// Block types.
pub(super) mod kind {
    pub const SECTION: u32 = 0x0a0d_0d0a;
    pub const INTERFACE: u32 = 1;
    pub const OLD_PACKET: u32 = 2;
    pub const SIMPLE_PACKET: u32 = 3;
    pub const NAMES: u32 = 4;
    pub const STATISTICS: u32 = 5;
    pub const PACKET: u32 = 6;
    pub const JOURNAL: u32 = 9;
    pub const SECRETS: u32 = 10;
    pub const CUSTOM: u32 = 0xbad;
    pub const CUSTOM_PRIVATE: u32 = 0x4000_0bad;
    /// The kinds that a search in damaged bytes believes in.
    pub const KNOWN: [u32; 11] = [
        SECTION,
        INTERFACE,
        OLD_PACKET,
        SIMPLE_PACKET,
        NAMES,
        STATISTICS,
        PACKET,
        JOURNAL,
        SECRETS,
        CUSTOM,
        CUSTOM_PRIVATE,
    ];
}

/// The byte-order magic of a section header.
pub(super) const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// Type and length before a block's body.
const HEAD: usize = 8;
/// Type, length, and the length again at the end.
const FRAMING: usize = 12;
/// The longest block that a search in damaged bytes believes in.
const PLAUSIBLE: usize = 1 << 20;

pub(super) struct Walk {
    begun: bool,
    /// Of the section's interfaces, in order.
    clocks: Vec<Clock>,
    /// Bytes of the blocks that describe this section.
    described: usize,
}

impl Walk {
    pub fn new() -> Self {
        Walk { begun: false, clocks: Vec::new(), described: 0 }
    }

    /// Indexes the whole blocks of one section at the front of the bytes; how far they reach, and why no further.
    pub fn walk(&mut self, bytes: &[u8], batch: &mut Batch) -> (usize, Stop) {
        let mut at = 0usize;
        while at < BUFFER {
            let block = match block(bytes.get(at..).unwrap_or(&[]), batch.section.byte_order) {
                Ok(block) => block,
                Err(stop) => return (at, stop),
            };
            if block.type_ == kind::SECTION && at > 0 {
                break;
            }
            let len = block.body.len().saturating_add(FRAMING);
            match self.take(block.type_, &block.body, at.saturating_add(HEAD), batch) {
                Ok(()) => {}
                // The framing is sound, so the fault is all inside.
                Err(Stop::Bad(fault)) => return (at, Stop::Bad(Fault { len, ..fault })),
                Err(stop) => return (at, stop),
            }
            batch.count = batch.count.saturating_add(1);
            at = at.saturating_add(len);
        }
        (at, Stop::Full)
    }

    /// Takes in a block whose body stands at `at` in the batch's bytes.
    fn take(&mut self, kind: u32, body: &[u8], at: usize, batch: &mut Batch) -> Result<(), Stop> {
        match kind {
            kind::PACKET | kind::OLD_PACKET | kind::SIMPLE_PACKET => {
                batch.records.push(self.packet(kind, body, at, batch).map_err(Stop::Bad)?);
            }
            kind::INTERFACE => self.interface(body, batch)?,
            kind::SECTION => self.section(body, batch)?,
            _ => batch.notes.push(Note { kind, body: (place(at), place(body.len())) }),
        }
        Ok(())
    }

    /// The frame in a packet block.
    fn packet(&self, kind: u32, body: &[u8], at: usize, batch: &Batch) -> Result<Record, Fault> {
        let order = batch.section.byte_order;
        let (packet, header) = match kind {
            kind::SIMPLE_PACKET => simple_packet(body, order, batch.section.interfaces.first())?,
            _ => stamped_packet(body, order, kind == kind::OLD_PACKET)?,
        };
        let data = body.get(header..).unwrap_or(&[]);
        let captured = packet.captured as usize;
        if captured > data.len() {
            return Err(Fault::new(Damage::CaptureLength, captured, data.len()));
        }
        let Some(clock) = self.clocks.get(packet.interface as usize) else {
            let needed = (packet.interface as usize).saturating_add(1);
            return Err(Fault::new(Damage::Interface, needed, self.clocks.len()));
        };
        let offset = at.saturating_add(header);
        let options = match kind {
            kind::SIMPLE_PACKET => &[],
            _ => data.get(captured.next_multiple_of(4)..).unwrap_or(&[]),
        };
        Ok(Record {
            // A simple packet block has no time: it gets the one that the interface counts from, which can be
            // written again.
            time: clock.time(packet.ticks.unwrap_or(0)),
            offset: place(offset),
            cap_len: packet.captured,
            wire_len: packet.wire,
            interface: packet.interface,
            flags: flags(options, order),
            options: match options.len() {
                0 => (0, 0),
                len => (place(offset.saturating_add(captured.next_multiple_of(4))), place(len)),
            },
        })
    }

    /// Begins a section.
    fn section(&mut self, body: &[u8], batch: &mut Batch) -> Result<(), Stop> {
        let order = order(body).ok_or(Stop::Bad(Fault::new(Damage::ByteOrder, 4, 0)))?;
        let Some((&[_, _, _, _, a0, a1, i0, i1, ..], options)) = body.split_first_chunk::<16>() else {
            return Err(Stop::Bad(Fault::new(Damage::Body, 16, body.len())));
        };
        let (major, minor) = (order.u16([a0, a1]), order.u16([i0, i1]));
        if !matches!((major, minor), (1, 0 | 2)) {
            return Err(Stop::Version { major, minor });
        }
        self.described = 0;
        self.describe(body)?;
        let (options, overrun) = list(options, order)?;
        let section = &mut batch.section;
        section.number = section.number.saturating_add(u64::from(self.begun));
        section.byte_order = order;
        section.options = options;
        section.interfaces.clear();
        self.clocks.clear();
        self.begun = true;
        overrun.map_or(Ok(()), |fault| Err(Stop::Bad(fault)))
    }

    /// Adds an interface to the section. It is added also where its options are damaged, so that those
    /// behind it keep their numbers.
    fn interface(&mut self, body: &[u8], batch: &mut Batch) -> Result<(), Stop> {
        let section = &mut batch.section;
        let order = section.byte_order;
        let Some((&[l0, l1, _, _, s0, s1, s2, s3], options)) = body.split_first_chunk::<8>() else {
            return Err(Stop::Bad(Fault::new(Damage::Body, 8, body.len())));
        };
        if section.interfaces.len() >= MAX_INTERFACES {
            let needed = section.interfaces.len().saturating_add(1) as u64;
            return Err(Stop::TooLarge { what: "interfaces of a section", needed, limit: MAX_INTERFACES });
        }
        self.describe(body)?;
        let (options, overrun) = list(options, order)?;
        let stated = |option: &RawOption| match option.value.as_slice() {
            &[value] if option.code == code::IF_TSRESOL => Some(value),
            _ => None,
        };
        let interface = Interface {
            link_type: LinkType::in_file(order.u16([l0, l1])),
            snap_len: order.u32([s0, s1, s2, s3]),
            resolution: options.iter().find_map(stated).map_or(Resolution::MICRO, resolution),
            options: options.into_iter().filter(|option| stated(option).is_none()).collect(),
        };
        self.clocks.push(Clock::of(&interface, order));
        section.interfaces.push(interface);
        overrun.map_or(Ok(()), |fault| Err(Stop::Bad(fault)))
    }

    /// Counts what describes the section against its limit.
    fn describe(&mut self, body: &[u8]) -> Result<(), Stop> {
        self.described = self.described.saturating_add(body.len()).saturating_add(FRAMING);
        match self.described {
            0..=MAX_SECTION => Ok(()),
            needed => {
                let what = "bytes that describe a section";
                Err(Stop::TooLarge { what, needed: needed as u64, limit: MAX_SECTION })
            }
        }
    }

    /// Looks for the next place where a block stands.
    pub fn scan(&self, bytes: &[u8], ended: bool, batch: &Batch) -> Scan {
        scan(bytes, |bytes| self.guess(bytes, ended, batch))
    }

    fn guess(&self, bytes: &[u8], ended: bool, batch: &Batch) -> Guess {
        let order = batch.section.byte_order;
        // Nothing can be read before the first section header has told the byte order.
        let kinds: &[u32] = if self.begun { &kind::KNOWN } else { &[kind::SECTION] };
        if bytes.first_chunk().is_some_and(|head| !kinds.contains(&order.u32(*head))) {
            return Guess::No;
        }
        match block(bytes, order) {
            Ok(block) => match block.type_ {
                packet @ (kind::PACKET | kind::OLD_PACKET | kind::SIMPLE_PACKET) => {
                    match self.packet(packet, &block.body, HEAD, batch) {
                        Ok(_) => Guess::Yes,
                        Err(_) => Guess::No,
                    }
                }
                _ => Guess::Yes,
            },
            Err(Stop::More(needed)) if !ended && needed <= PLAUSIBLE => Guess::Perhaps(needed),
            Err(_) => Guess::No,
        }
    }
}

/// The block at the front of the bytes, whole.
#[inline]
fn block(bytes: &[u8], order: ByteOrder) -> Result<RawBlock<'_>, Stop> {
    let parsed = match order {
        ByteOrder::Little => RawBlock::from_slice::<LittleEndian>(bytes),
        ByteOrder::Big => RawBlock::from_slice::<BigEndian>(bytes),
    };
    match parsed {
        Ok((_, block)) if block.body.len() <= MAX_BLOCK.saturating_sub(FRAMING) => Ok(block),
        Ok((_, block)) => Err(oversize(block.type_, block.body.len().saturating_add(FRAMING))),
        Err(RawBlockParseError::IncompleteBuffer(..)) if bytes.len() < FRAMING => Err(Stop::More(FRAMING)),
        // What it needs is counted from behind type and length.
        Err(RawBlockParseError::IncompleteBuffer(needed, _)) => match needed.saturating_add(HEAD) {
            len @ 0..=MAX_BLOCK => Err(Stop::More(len)),
            len => Err(oversize(bytes.first_chunk().map_or(0, |kind| order.u32(*kind)), len)),
        },
        Err(RawBlockParseError::InvalidFormat(error)) => Err(Stop::Bad(match error {
            PcapNgFormatError::BlockLengthMismatch(head, tail) => {
                Fault::new(Damage::Trailer, head as usize, tail as usize)
            }
            PcapNgFormatError::BlockNotAligned(len) => Fault::new(Damage::BlockLength, len.next_multiple_of(4), len),
            PcapNgFormatError::BlockTooShort(needed, len) => Fault::new(Damage::BlockLength, needed, len),
            _ => Fault::new(Damage::ByteOrder, 4, 0),
        })),
    }
}

fn oversize(kind: u32, len: usize) -> Stop {
    let needed = len as u64;
    match kind {
        kind::PACKET | kind::OLD_PACKET | kind::SIMPLE_PACKET => {
            Stop::TooLarge { what: "bytes of a packet block", needed, limit: MAX_BLOCK }
        }
        kind::SECTION | kind::INTERFACE => {
            Stop::TooLarge { what: "bytes that describe a section", needed, limit: MAX_SECTION }
        }
        _ => Stop::Oversize(needed),
    }
}

/// The byte order that the body of a section header states.
fn order(body: &[u8]) -> Option<ByteOrder> {
    let magic = *body.first_chunk()?;
    [ByteOrder::Little, ByteOrder::Big].into_iter().find(|order| order.u32(magic) == BYTE_ORDER)
}

/// What the fixed fields of a packet block say.
struct Packet {
    interface: u32,
    ticks: Option<u64>,
    captured: u32,
    wire: u32,
}

/// An enhanced packet block (section 4.3) or its obsolete forerunner (appendix A), which counts interfaces
/// in 16 bits and has a drop count behind them; and the length of its fixed fields.
fn stamped_packet(body: &[u8], order: ByteOrder, old: bool) -> Result<(Packet, usize), Fault> {
    const HEADER: usize = 20;
    let Some(header) = body.first_chunk::<HEADER>() else {
        return Err(Fault::new(Damage::Body, HEADER, body.len()));
    };
    let &[i0, i1, i2, i3, h0, h1, h2, h3, l0, l1, l2, l3, c0, c1, c2, c3, w0, w1, w2, w3] = header;
    let packet = Packet {
        interface: if old { order.u16([i0, i1]).into() } else { order.u32([i0, i1, i2, i3]) },
        ticks: Some(u64::from(order.u32([h0, h1, h2, h3])) << 32 | u64::from(order.u32([l0, l1, l2, l3]))),
        captured: order.u32([c0, c1, c2, c3]),
        wire: order.u32([w0, w1, w2, w3]),
    };
    Ok((packet, HEADER))
}

/// A simple packet block (section 4.4), and the length of its fixed field: on the first interface, without a
/// time, cut by the snapshot length without saying so.
fn simple_packet(body: &[u8], order: ByteOrder, interface: Option<&Interface>) -> Result<(Packet, usize), Fault> {
    let Some(wire) = body.first_chunk::<4>() else {
        return Err(Fault::new(Damage::Body, 4, body.len()));
    };
    let wire = order.u32(*wire);
    let limit = match interface.map_or(0, |interface| interface.snap_len) {
        0 => u32::MAX,
        snap_len => snap_len,
    };
    Ok((Packet { interface: 0, ticks: None, captured: wire.min(limit), wire }, 4))
}

/// The flags among a frame's options. Damaged options don't make a frame worse: it keeps them as they are.
fn flags(options: &[u8], order: ByteOrder) -> FrameFlags {
    let value = Options::new(options, order).map_while(Result::ok).find_map(|(code, value)| match code {
        code::EPB_FLAGS => value.try_into().ok(),
        _ => None,
    });
    value.map_or(FrameFlags::default(), |bytes| FrameFlags(order.u32(bytes)))
}

/// The options of a block that describes something, and what is wrong behind them.
fn list(bytes: &[u8], order: ByteOrder) -> Result<(Vec<RawOption>, Option<Fault>), Stop> {
    let mut list = Vec::new();
    for option in Options::new(bytes, order) {
        if list.len() >= MAX_OPTIONS {
            let needed = list.len().saturating_add(1) as u64;
            return Err(Stop::TooLarge { what: "options of a block", needed, limit: MAX_OPTIONS });
        }
        match option {
            Ok((code, value)) => list.push(RawOption { code, value: value.to_vec() }),
            Err(overrun) => {
                let fault = Fault::new(Damage::Options, overrun.needed, overrun.available);
                return Ok((list, Some(fault)));
            }
        }
    }
    Ok((list, None))
}
