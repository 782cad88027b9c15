//! The walk over a pcap file (draft-ietf-opsawg-pcap): micro- and nanoseconds, both byte orders, and the
//! modified form whose records have eight bytes more.

use pcap_file::pcap::{PcapHeader, PcapParseError, PcapParser, PcapTsResolution, RawPcapPacket};

use super::input::BUFFER;
use super::options::code;
use super::walk::{Batch, Fault, Guess, Scan, Stop, place, scan};
use super::{Damage, MAX_RECORD, MAX_SNAP_LEN};
use crate::frame::{ByteOrder, FrameFlags, Interface, LinkType, RawOption, Record, Resolution, Section, Timestamp};

/// The length of the file header, in bytes.
pub(super) const FILE_HEADER: usize = 24;
/// Records in a row that make a place in damaged bytes believable.
const CHAIN: usize = 8;
/// How far the time of a record may be from that of the record before to be believed there, in seconds.
const NEAR: u32 = 1_000_000;

/// The first bytes of a pcap file.
pub(super) mod magic {
    pub const MICRO: u32 = 0xa1b2_c3d4;
    pub const NANO: u32 = 0xa1b2_3c4d;
    /// Kuznetzov's patched libpcap: interface, protocol and packet type behind each record header.
    pub const MODIFIED: u32 = 0xa1b2_cd34;
}

/// The byte order of a file that begins with these bytes, where it is pcap, and its magic number.
pub(super) fn detect(bytes: [u8; 4]) -> Option<(ByteOrder, u32)> {
    [ByteOrder::Little, ByteOrder::Big]
        .map(|order| (order, order.u32(bytes)))
        .into_iter()
        .find(|(_, number)| [magic::MICRO, magic::NANO, magic::MODIFIED].contains(number))
}

pub(super) struct Walk {
    parser: PcapParser,
    /// Bytes between a record's header and its data.
    extra: usize,
    /// Nanoseconds in a unit of a record's fraction.
    unit: u32,
    /// The most bytes captured of a frame.
    limit: usize,
    /// The seconds of the last good record.
    last: Option<u32>,
}

impl Walk {
    /// Takes a file header; `None` where it is not one.
    pub fn new(header: &[u8; FILE_HEADER]) -> Option<(Self, PcapHeader, Section)> {
        let mut header = *header;
        let (order, number) = detect(*header.first_chunk()?)?;
        let modified = number == magic::MODIFIED;
        if modified {
            *header.first_chunk_mut()? = match order {
                ByteOrder::Little => magic::MICRO.to_le_bytes(),
                ByteOrder::Big => magic::MICRO.to_be_bytes(),
            };
        }
        let (_, parser) = PcapParser::new(&header).ok()?;
        let header = parser.header();
        let (unit, resolution) = match header.ts_resolution {
            PcapTsResolution::MicroSecond => (1_000, Resolution::MICRO),
            PcapTsResolution::NanoSecond => (1, Resolution::NANO),
        };
        let snap_len = header.snaplen;
        let limit = match snap_len {
            0 => MAX_RECORD,
            _ => (snap_len.max(MAX_SNAP_LEN) as usize).min(MAX_RECORD),
        };
        let interface = interface(header.datalink.into(), snap_len, resolution);
        let section = Section { number: 0, byte_order: order, options: Vec::new(), interfaces: vec![interface] };
        Some((Walk { parser, extra: if modified { 8 } else { 0 }, unit, limit, last: None }, header, section))
    }

    /// Indexes the whole records at the front of the bytes; how far they reach, and why no further.
    pub fn walk(&mut self, bytes: &[u8], batch: &mut Batch) -> (usize, Stop) {
        let mut at = 0usize;
        while at < BUFFER {
            let (raw, len) = match self.record(bytes.get(at..).unwrap_or(&[])) {
                Ok(found) => found,
                Err(stop) => return (at, stop),
            };
            batch.records.push(Record {
                time: Timestamp::new(raw.ts_sec.into(), u64::from(raw.ts_frac).wrapping_mul(self.unit.into())),
                offset: place(at.saturating_add(len).saturating_sub(raw.incl_len as usize)),
                cap_len: raw.incl_len,
                wire_len: raw.orig_len,
                interface: 0,
                flags: FrameFlags::default(),
                options: (0, 0),
            });
            batch.count = batch.count.saturating_add(1);
            self.last = Some(raw.ts_sec);
            at = at.saturating_add(len);
        }
        (at, Stop::Full)
    }

    /// The record at the front of the bytes, whole, and its length with its header.
    #[inline]
    fn record<'a>(&self, bytes: &'a [u8]) -> Result<(RawPcapPacket<'a>, usize), Stop> {
        const HEADER: usize = 16;
        let parsed = self.parser.next_raw_packet(bytes);
        let captured = match &parsed {
            Ok((_, raw)) => raw.incl_len as usize,
            Err(PcapParseError::IncompleteBuffer(needed, _)) if bytes.len() >= HEADER => *needed,
            Err(_) => 0,
        };
        if captured > self.limit {
            return Err(Stop::Bad(Fault::new(Damage::RecordLength, captured, self.limit)));
        }
        let len = captured.saturating_add(HEADER).saturating_add(self.extra);
        match parsed {
            Ok((_, raw)) if bytes.len() >= len => Ok((raw, len)),
            _ => Err(Stop::More(len)),
        }
    }

    /// Looks for the next place where records stand in a row.
    pub fn scan(&self, bytes: &[u8], ended: bool) -> Scan {
        scan(bytes, |bytes| self.chain(bytes, ended))
    }

    /// Whether plausible records stand in a row here: eight, or fewer up to the end of the file.
    fn chain(&self, bytes: &[u8], ended: bool) -> Guess {
        let mut last = self.last;
        let mut at = 0usize;
        for count in 0..CHAIN {
            let rest = bytes.get(at..).unwrap_or(&[]);
            if rest.is_empty() && ended && count > 0 {
                return Guess::Yes;
            }
            match self.record(rest) {
                Ok((raw, len)) if self.plausible(&raw, last) => {
                    last = Some(raw.ts_sec);
                    at = at.saturating_add(len);
                }
                Err(Stop::More(needed)) if needed > MAX_SNAP_LEN as usize => return Guess::No,
                Err(Stop::More(needed)) if !ended => return Guess::Perhaps(at.saturating_add(needed)),
                // The file is cut in the last of several.
                Err(Stop::More(_)) if count > 1 => return Guess::Yes,
                _ => return Guess::No,
            }
        }
        Guess::Yes
    }

    fn plausible(&self, raw: &RawPcapPacket<'_>, last: Option<u32>) -> bool {
        raw.incl_len > 0
            && raw.incl_len <= raw.orig_len
            && raw.orig_len <= MAX_SNAP_LEN
            && u64::from(raw.ts_frac).wrapping_mul(self.unit.into()) < 1_000_000_000
            && last.is_none_or(|last| raw.ts_sec.abs_diff(last) <= NEAR)
    }
}

/// The interface that a file header describes. Above the 16 bits of the link type the word may tell how
/// long a check sequence the frames end with: bit 26 says that it does, the top four bits in units of 16 bits.
fn interface(word: u32, snap_len: u32, resolution: Resolution) -> Interface {
    let [low, high, ..] = word.to_le_bytes();
    let mut interface = Interface::new(LinkType::in_file(u16::from_le_bytes([low, high])), snap_len, resolution);
    if word & FCS_PRESENT != 0 {
        let bits = (word >> 28).wrapping_mul(16);
        let value = vec![u8::try_from(bits).unwrap_or(u8::MAX)];
        interface.options.push(RawOption { code: code::IF_FCSLEN, value });
    }
    interface
}

const FCS_PRESENT: u32 = 1 << 26;

/// The word that [`interface`] takes apart.
pub(super) fn link_word(interface: &Interface) -> u32 {
    let link_type = u32::from(interface.link_type.0);
    match interface.option(code::IF_FCSLEN) {
        Some(&[bits]) => u32::from(bits / 16) << 28 | FCS_PRESENT | link_type,
        _ => link_type,
    }
}
