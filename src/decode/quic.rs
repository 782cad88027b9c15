//! QUIC (RFC 8999, RFC 9000; version 2, RFC 9369): the headers of a datagram's packets, and what Initial packets say,
//! whose keys anyone can make who sees the first of them ([`initial`]).

mod frames;
pub mod initial;

pub use frames::{Frame, Frames};

/// A version number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(pub u32);

impl Version {
    /// What a packet bears that lists the versions its sender knows.
    pub const NEGOTIATION: Version = Version(0);
    pub const V1: Version = Version(1);
    pub const V2: Version = Version(0x6b33_43cf);

    /// Whether it is a draft of version 1, or one of those that are there only so that others stay tolerant
    /// (RFC 9000, 15).
    pub fn is_draft_or_reserved(self) -> bool {
        self.0 & 0xffff_ff00 == 0xff00_0000 || self.0 & 0x0f0f_0f0f == 0x0a0a_0a0a
    }

    /// Such as `v1`, where it has a name.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Version::V1 => Some("v1"),
            Version::V2 => Some("v2"),
            _ => None,
        }
    }
}

/// The longest connection id of versions 1 and 2 (RFC 9000, 17.2).
const MAX_ID: usize = 20;

/// What a packet with a long header is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    VersionNegotiation,
    /// The version is not known here.
    Unknown,
}

/// A packet with a long header (RFC 9000, 17.2).
#[derive(Clone, Copy, Debug)]
pub struct Long<'a> {
    kind: Kind,
    version: Version,
    destination_id: &'a [u8],
    source_id: &'a [u8],
    token: &'a [u8],
    /// The whole packet, as far as it was captured.
    bytes: &'a [u8],
    /// How long it is by its own length field.
    length: usize,
    /// Where the protected packet number begins, or what stands in place of it.
    body: usize,
}

/// A packet with a short header (RFC 9000, 17.3). How long its connection id is, only its receiver knows.
#[derive(Clone, Copy, Debug)]
pub struct Short<'a>(&'a [u8]);

/// One packet.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each variant is documented by its type")]
pub enum Packet<'a> {
    Long(Long<'a>),
    Short(Short<'a>),
}

/// Bytes that are taken from the front.
#[derive(Clone, Copy, Debug)]
struct Reader<'a> {
    rest: &'a [u8],
    used: usize,
}

impl<'a> Reader<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Reader { rest, used: 0 }
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        self.used = self.used.saturating_add(n);
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A number of 1, 2, 4 or 8 bytes, as its two highest bits say (RFC 9000, 16).
    fn varint(&mut self) -> Option<u64> {
        let first = self.u8()?;
        let more = (1usize << (first >> 6)).saturating_sub(1);
        let start = u64::from(first & 0x3f);
        Some(self.take(more)?.iter().fold(start, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok()
    }
}

impl<'a> Long<'a> {
    /// None where the bytes are no long header, or end in it.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let first = reader.u8().filter(|first| first & 0x80 != 0)?;
        let version = Version(u32::from_be_bytes(*reader.take(4)?.first_chunk()?));
        let id_len = reader.u8()?;
        let destination_id = reader.take(id_len.into())?;
        let id_len = reader.u8()?;
        let source_id = reader.take(id_len.into())?;
        let kind = kind_of(version, first)?;
        if kind != Kind::Unknown
            && kind != Kind::VersionNegotiation
            && destination_id.len().max(source_id.len()) > MAX_ID
        {
            return None;
        }
        let mut token: &[u8] = &[];
        let length = match kind {
            Kind::Initial => {
                let token_len = reader.length()?;
                token = reader.take(token_len)?;
                reader.length()?
            }
            Kind::ZeroRtt | Kind::Handshake => reader.length()?,
            Kind::Retry => {
                // An integrity tag of 16 bytes ends it.
                token = reader.rest.get(..reader.rest.len().saturating_sub(16)).unwrap_or(&[]);
                reader.rest.len()
            }
            Kind::VersionNegotiation | Kind::Unknown => reader.rest.len(),
        };
        let body = reader.used;
        let length = body.saturating_add(length);
        let bytes = bytes.get(..length).unwrap_or(bytes);
        Some(Long { kind, version, destination_id, source_id, token, bytes, length, body })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn version(&self) -> Version {
        self.version
    }

    pub fn destination_id(&self) -> &'a [u8] {
        self.destination_id
    }

    pub fn source_id(&self) -> &'a [u8] {
        self.source_id
    }

    /// What a server gave the client to come back with: of Initial and Retry packets.
    pub fn token(&self) -> &'a [u8] {
        self.token
    }

    /// The packet in bytes, from its first byte on, as its length field says.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Never: a packet has a header.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The versions that a version negotiation packet lists.
    pub fn versions(&self) -> impl Iterator<Item = Version> + use<'a> {
        let list = if self.kind == Kind::VersionNegotiation { self.bytes.get(self.body..) } else { None };
        list.unwrap_or(&[]).as_chunks::<4>().0.iter().map(|bytes| Version(u32::from_be_bytes(*bytes)))
    }
}

/// What the first byte says the packet is; none where the bit is missing that all of them have.
fn kind_of(version: Version, first: u8) -> Option<Kind> {
    let fixed = first & 0x40 != 0;
    let bits = first >> 4 & 3;
    Some(match version {
        Version::NEGOTIATION => Kind::VersionNegotiation,
        Version::V1 | Version::V2 if !fixed => return None,
        // Version 2 numbers the same four from one on (RFC 9369, 3.2).
        Version::V1 | Version::V2 => match if version == Version::V1 { bits } else { bits.wrapping_sub(1) & 3 } {
            0 => Kind::Initial,
            1 => Kind::ZeroRtt,
            2 => Kind::Handshake,
            _ => Kind::Retry,
        },
        _ => Kind::Unknown,
    })
}

impl<'a> Short<'a> {
    /// The destination's connection id, where it is known to be this long.
    pub fn destination_id(&self, length: usize) -> Option<&'a [u8]> {
        self.0.get(1..length.saturating_add(1))
    }

    /// The bit that lets observers measure the round trip (RFC 9000, 17.4).
    pub fn spin(&self) -> bool {
        self.0.first().is_some_and(|first| first & 0x20 != 0)
    }
}

/// The packets of a datagram, one after the other (RFC 9000, 12.2).
#[derive(Clone, Copy, Debug)]
pub struct Packets<'a>(&'a [u8]);

impl<'a> Packets<'a> {
    /// The packets of a datagram's payload, as far as it was captured.
    pub fn new(payload: &'a [u8]) -> Self {
        Packets(payload)
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        let bytes = std::mem::take(&mut self.0);
        match bytes.first()? >> 6 {
            // Only in front of version negotiation and of versions unknown here is the second bit free.
            2 | 3 => {
                let packet = Long::parse(bytes)?;
                self.0 = bytes.get(packet.length..).unwrap_or(&[]);
                Some(Packet::Long(packet))
            }
            1 => Some(Packet::Short(Short(bytes))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(bytes: &[u8]) -> Option<Long<'_>> {
        match Packets::new(bytes).next()? {
            Packet::Long(long) => Some(long),
            Packet::Short(_) => None,
        }
    }

    #[test]
    fn packets_of_one_datagram() {
        let initial = [0xc0, 0, 0, 0, 1, 2, 7, 7, 1, 9, 1, 0x55, 0x40, 3, 1, 2, 3];
        let handshake = [0xe0, 0, 0, 0, 1, 0, 0, 2, 8, 8];
        let datagram = [&initial[..], &handshake, &[0x60, 1, 2, 3]].concat();
        let packets: Vec<_> = Packets::new(&datagram).collect();
        let [Packet::Long(first), Packet::Long(second), Packet::Short(third)] = packets[..] else {
            panic!("{packets:?}")
        };
        assert_eq!((first.kind(), first.len(), first.version()), (Kind::Initial, initial.len(), Version::V1));
        assert_eq!((first.destination_id(), first.source_id(), first.token()), (&[7, 7][..], &[9][..], &[0x55][..]));
        assert_eq!((second.kind(), second.len()), (Kind::Handshake, handshake.len()));
        assert_eq!((third.destination_id(2), third.spin()), (Some(&[1, 2][..]), true));
    }

    #[test]
    fn version_2_numbers_packets_anew() {
        let kind = |first| long(&[first, 0x6b, 0x33, 0x43, 0xcf, 0, 0, 0, 0]).unwrap().kind();
        let kinds = [0xd0, 0xe0, 0xf0, 0xc0].map(kind);
        assert_eq!(kinds, [Kind::Initial, Kind::ZeroRtt, Kind::Handshake, Kind::Retry]);
    }

    #[test]
    fn the_versions_that_a_server_knows() {
        let packet = long(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf]).unwrap();
        assert_eq!(packet.versions().collect::<Vec<_>>(), [Version::V1, Version::V2]);
    }

    #[test]
    fn what_is_no_quic_is_let_go() {
        assert!(long(&[0x80, 0, 0, 0, 1, 0, 0, 0]).is_none(), "the fixed bit");
        assert!(long(&[0xc0, 0, 0, 0, 1, 21]).is_none());
        assert!(Packets::new(&[0x16, 3, 1]).next().is_none());
    }
}
