//! What every room shares: a frame, the block it comes in, its time, link type and interface.
//!
//! Sources (a file, a live ring) hand over [`Block`]s: a stretch of bytes and an index of the frames in
//! it. A block lends its [`Frame`]s, so nothing is copied or allocated for a frame. Choosing frames (a
//! filter, `-c`, `--skip`) makes a new index over the same bytes.

use std::fmt;
use std::time::SystemTime;

/// A moment since 1970-01-01T00:00:00Z, to the nanosecond; wide enough for whatever a file may hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp {
    secs: i64,
    nanos: u32,
}

impl Timestamp {
    /// Seconds since the epoch and nanoseconds; a fraction of a second or more is carried into the seconds.
    pub fn new(secs: i64, nanos: u64) -> Self {
        const SECOND: u64 = 1_000_000_000;
        if let (true, Ok(nanos)) = (nanos < SECOND, u32::try_from(nanos)) {
            return Timestamp { secs, nanos };
        }
        let carry = i64::try_from(nanos / SECOND).unwrap_or(i64::MAX);
        Timestamp { secs: secs.saturating_add(carry), nanos: u32::try_from(nanos % SECOND).unwrap_or(0) }
    }

    /// Whole seconds since the epoch (before it: negative).
    pub fn secs(self) -> i64 {
        self.secs
    }

    /// Nanoseconds past [`secs`](Self::secs), always below 1,000,000,000.
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// Nanoseconds since the epoch.
    pub fn as_nanos(self) -> i128 {
        i128::from(self.secs).wrapping_mul(1_000_000_000).wrapping_add(i128::from(self.nanos))
    }

    /// The moment that is `nanos` nanoseconds after the epoch, saturating at what seconds can hold.
    pub fn from_nanos(nanos: i128) -> Self {
        let secs = nanos.div_euclid(1_000_000_000);
        let rest = nanos.rem_euclid(1_000_000_000);
        let limit = if secs < 0 { i64::MIN } else { i64::MAX };
        Timestamp { secs: i64::try_from(secs).unwrap_or(limit), nanos: u32::try_from(rest).unwrap_or(0) }
    }
}

/// A moment by this machine's clock; one before the epoch is the epoch.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::new(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos().into())
    }
}

/// A link-layer header type, as in <https://www.tcpdump.org/linktypes.html>.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkType(pub u16);

macro_rules! link_types {
    ($($name:ident = $value:literal, $description:literal;)*) => {
        impl LinkType {
            $(#[doc = $description] pub const $name: LinkType = LinkType($value);)*
            /// Every link type with a name here: value, name, description.
            pub const NAMED: &'static [(LinkType, &'static str, &'static str)] =
                &[$((LinkType($value), stringify!($name), $description),)*];
        }
    };
}

link_types! {
    NULL = 0, "BSD loopback";
    EN10MB = 1, "Ethernet";
    IEEE802 = 6, "Token ring";
    ARCNET = 7, "ARCNET";
    SLIP = 8, "SLIP";
    PPP = 9, "PPP";
    FDDI = 10, "FDDI";
    PPP_SERIAL = 50, "PPP over serial";
    PPP_ETHER = 51, "PPPoE";
    SYMANTEC_FIREWALL = 99, "Symantec Firewall";
    ATM_RFC1483 = 100, "RFC 1483 LLC-encapsulated ATM";
    RAW = 101, "Raw IP";
    SLIP_BSDOS = 102, "BSD/OS SLIP";
    PPP_BSDOS = 103, "BSD/OS PPP";
    C_HDLC = 104, "Cisco HDLC";
    IEEE802_11 = 105, "802.11";
    ATM_CLIP = 106, "Linux Classical IP over ATM";
    FRELAY = 107, "Frame Relay";
    LOOP = 108, "OpenBSD loopback";
    ENC = 109, "OpenBSD encapsulated IP";
    LINUX_SLL = 113, "Linux cooked v1";
    LTALK = 114, "Localtalk";
    PFLOG = 117, "OpenBSD pflog file";
    PRISM_HEADER = 119, "802.11 plus Prism header";
    IP_OVER_FC = 122, "RFC 2625 IP-over-Fibre Channel";
    SUNATM = 123, "Sun raw ATM";
    IEEE802_11_RADIO = 127, "802.11 plus radiotap header";
    ARCNET_LINUX = 129, "Linux ARCNET";
    APPLE_IP_OVER_IEEE1394 = 138, "Apple IP-over-IEEE 1394";
    MTP2_WITH_PHDR = 139, "SS7 MTP2 with Pseudo-header";
    MTP2 = 140, "SS7 MTP2";
    IEEE802_11_RADIO_AVS = 163, "802.11 plus AVS radio information header";
    PPP_PPPD = 166, "PPP for pppd, with direction flag";
    PPI = 192, "Per-Packet Information";
    USB_LINUX_MMAPPED = 220, "USB with padded Linux header";
    IPNET = 226, "Solaris ipnet";
    CAN_SOCKETCAN = 227, "CAN-bus with SocketCAN headers";
    IPV4 = 228, "Raw IPv4";
    IPV6 = 229, "Raw IPv6";
    NFLOG = 239, "Linux netfilter log messages";
    NETLINK = 253, "Linux netlink";
    LINUX_SLL2 = 276, "Linux cooked v2";
}

impl LinkType {
    /// The link type of a number in a file. Some programs write 12, which is what raw IP is to most systems in memory.
    pub fn in_file(number: u16) -> Self {
        match number {
            12 => Self::RAW,
            number => LinkType(number),
        }
    }

    /// The name tcpdump gives it, such as `EN10MB`, where it has one here.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|t| t.0 == self).map(|t| t.1)
    }

    /// What it is in words, such as `Ethernet`.
    pub fn description(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|t| t.0 == self).map(|t| t.2)
    }

    /// The link type of a name (any case) or a number, as `-y` takes it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("DLT_").unwrap_or(text);
        let named = Self::NAMED.iter().find(|t| t.1.eq_ignore_ascii_case(text)).map(|t| t.0);
        named.or_else(|| text.parse().ok().map(LinkType))
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.description()) {
            (Some(name), Some(description)) => write!(f, "{name} ({description})"),
            _ => write!(f, "{}", self.0),
        }
    }
}

/// Which way a frame went, as the capturing machine saw it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Direction {
    #[default]
    Unknown,
    Inbound,
    Outbound,
}

/// What is known of a frame beside its bytes, as a pcapng `epb_flags` word
/// (draft-ietf-opsawg-pcapng, section 4.3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct FrameFlags(pub u32);

impl FrameFlags {
    /// The checksum was left for the card to fill in: a wrong one in the bytes is no fault.
    pub const CHECKSUM_NOT_READY: u32 = 1 << 9;
    /// The card or kernel found the checksum right.
    pub const CHECKSUM_VALID: u32 = 1 << 10;
    /// Segmentation was left for the card (TSO), or done away with by it (GRO): longer than the link allows.
    pub const SEGMENTATION_OFFLOAD: u32 = 1 << 11;

    /// Bits 0 and 1.
    pub fn direction(self) -> Direction {
        match self.0 & 3 {
            1 => Direction::Inbound,
            2 => Direction::Outbound,
            _ => Direction::Unknown,
        }
    }

    /// The same flags with another direction.
    pub fn with_direction(self, direction: Direction) -> Self {
        let bits = match direction {
            Direction::Unknown => 0,
            Direction::Inbound => 1,
            Direction::Outbound => 2,
        };
        FrameFlags((self.0 & !3) | bits)
    }

    /// Whether all the given bits are set.
    pub fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

/// The byte order in which a capture file keeps its numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// This machine's own.
    pub const NATIVE: ByteOrder = if cfg!(target_endian = "little") { ByteOrder::Little } else { ByteOrder::Big };
}

/// An option of a pcapng block, as it stands in the file: numbers in it are in the section's byte order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawOption {
    pub code: u16,
    pub value: Vec<u8>,
}

/// How finely a source counts time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolution {
    /// Units of 10^-n seconds.
    Decimal(u8),
    /// Units of 2^-n seconds.
    Binary(u8),
}

impl Resolution {
    pub const MICRO: Resolution = Resolution::Decimal(6);
    pub const NANO: Resolution = Resolution::Decimal(9);
}

/// An interface that frames were captured on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interface {
    pub link_type: LinkType,
    /// The most bytes captured of a frame; 0 means no limit.
    pub snap_len: u32,
    /// The resolution the source kept time in.
    pub resolution: Resolution,
    /// Everything else that is known, as pcapng options (if_name = 2, if_description = 3, if_filter = 11 …),
    /// numbers in the section's byte order.
    pub options: Vec<RawOption>,
}

impl Interface {
    /// An interface of which nothing but the link type, snap length and resolution is known.
    pub fn new(link_type: LinkType, snap_len: u32, resolution: Resolution) -> Self {
        Interface { link_type, snap_len, resolution, options: Vec::new() }
    }

    /// The value of the first option with this code.
    pub fn option(&self, code: u16) -> Option<&[u8]> {
        self.options.iter().find(|o| o.code == code).map(|o| o.value.as_slice())
    }

    /// The interface's name: bytes from outside, not always UTF-8.
    pub fn name(&self) -> Option<&[u8]> {
        self.option(2)
    }
}

/// A run of frames that share one list of interfaces: a pcap file, a section of a pcapng file, a live capture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Counts the sections that a source has begun, from 0: a new number means new interfaces.
    pub number: u64,
    pub byte_order: ByteOrder,
    /// Options of the section header (comment = 1, hardware = 2, system = 3, application = 4).
    pub options: Vec<RawOption>,
    /// Grows while the section lasts; frames name their interface by its place here.
    pub interfaces: Vec<Interface>,
}

/// Where a frame stands in its block, and all that is known of it beside its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    pub time: Timestamp,
    /// Place of the frame's first byte in the block's bytes.
    pub offset: u32,
    /// Bytes captured.
    pub cap_len: u32,
    /// Bytes on the wire.
    pub wire_len: u32,
    /// Place in the section's interfaces.
    pub interface: u32,
    pub flags: FrameFlags,
    /// pcapng options of this frame: place and length of their bytes in the block (length 0: none).
    pub options: (u32, u32),
}

/// A pcapng block that holds no frame (names, statistics, secrets, custom, unknown), kept for whoever writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Note {
    /// The block type.
    pub kind: u32,
    /// Place and length of the body in the block's bytes; it stood between the frames before and after this place.
    pub body: (u32, u32),
}

/// Some frames in a row, lent by a source until it is asked for the next.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    pub section: &'a Section,
    pub bytes: &'a [u8],
    /// The frames, in order; places that lie outside `bytes` lend an empty frame.
    pub records: &'a [Record],
    /// In order of their place in `bytes`.
    pub notes: &'a [Note],
}

impl<'a> Block<'a> {
    /// The frames of this block, in order.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = Frame<'a>> + use<'a> {
        let block = *self;
        self.records.iter().map(move |record| block.frame(record))
    }

    /// The frame that a record of this block describes.
    pub fn frame(&self, record: &Record) -> Frame<'a> {
        let link_type = match self.section.interfaces.get(record.interface as usize) {
            Some(interface) => interface.link_type,
            None => LinkType(u16::MAX),
        };
        Frame {
            time: record.time,
            data: self.part(record.offset, record.cap_len),
            wire_len: record.wire_len,
            interface: record.interface,
            link_type,
            flags: record.flags,
            options: self.part(record.options.0, record.options.1),
        }
    }

    /// The body of a note of this block.
    pub fn note(&self, note: &Note) -> &'a [u8] {
        self.part(note.body.0, note.body.1)
    }

    fn part(&self, offset: u32, len: u32) -> &'a [u8] {
        let from = offset as usize;
        self.bytes.get(from..from.saturating_add(len as usize)).unwrap_or(&[])
    }
}

/// One frame as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub time: Timestamp,
    /// The bytes captured: the head of the frame where a snap length cut it.
    pub data: &'a [u8],
    /// Length on the wire, in bytes.
    pub wire_len: u32,
    /// Place of its interface in the section's list.
    pub interface: u32,
    pub link_type: LinkType,
    pub flags: FrameFlags,
    /// pcapng options as they stand in the file (comments, hashes, drop counts …); empty elsewhere.
    pub options: &'a [u8],
}

/// Where blocks of frames come from.
pub trait Source {
    type Error: std::error::Error + Send + Sync + 'static;

    /// The next block, `None` at the end. A source that is waiting (live, a growing file) hands over a
    /// block without frames now and then, so that the caller can look at its clock and signals.
    ///
    /// # Errors
    /// Everything good before a fault has been handed over by earlier calls.
    fn next_block(&mut self) -> Result<Option<Block<'_>>, Self::Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_a_second_or_more_is_carried() {
        let t = Timestamp::new(10, 2_000_000_001);
        assert_eq!((t.secs(), t.nanos()), (12, 1));
        assert_eq!(Timestamp::from_nanos(-1), Timestamp::new(-1, 999_999_999));
        assert_eq!(Timestamp::from_nanos(t.as_nanos()), t);
    }

    #[test]
    fn link_types_are_found_by_name_and_number() {
        assert_eq!(LinkType::parse("en10mb"), Some(LinkType::EN10MB));
        assert_eq!(LinkType::parse("DLT_RAW"), Some(LinkType::RAW));
        assert_eq!(LinkType::parse("147"), Some(LinkType(147)));
        assert_eq!(LinkType::parse("nosuch"), None);
        assert_eq!(LinkType::EN10MB.to_string(), "EN10MB (Ethernet)");
    }
}
