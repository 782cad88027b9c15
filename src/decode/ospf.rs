//! OSPF version 2 (RFC 2328) and version 3 (RFC 5340): packets and the headers of link state advertisements.

use super::{Next, Short, Span};

/// The IP protocol number.
pub const PROTOCOL: u8 = 89;

/// Kinds of packets.
#[allow(missing_docs, reason = "the names of RFC 2328, 4.3")]
pub mod kind {
    pub const HELLO: u8 = 1;
    pub const DATABASE_DESCRIPTION: u8 = 2;
    pub const REQUEST: u8 = 3;
    pub const UPDATE: u8 = 4;
    pub const ACKNOWLEDGMENT: u8 = 5;
}

/// Length of the packet header of version 2 and of version 3, and of that of an advertisement, in bytes.
pub const HEADER_2: usize = 24;
pub const HEADER_3: usize = 16;
pub const ADVERTISEMENT_HEADER: usize = 20;

/// Length of the digest behind a packet of version 2 that is authenticated by one.
pub const DIGEST: usize = 16;

/// Kinds of authentication of version 2.
pub const SIMPLE_PASSWORD: u16 = 1;
pub const CRYPTOGRAPHIC: u16 = 2;

/// A packet, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Ospf<'a> {
    version: u8,
    kind: u8,
    span: Span<'a>,
}

impl<'a> Ospf<'a> {
    /// # Errors
    /// Where version and kind were not captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[version, kind], rest) = span.split_array()?;
        Ok((Ospf { version, kind, span }, Next::Payload, rest))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> u8 {
        self.version
    }

    /// A [`kind`].
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// Its length as it says, without what may be behind it.
    pub fn length(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    pub fn router(&self) -> Option<[u8; 4]> {
        self.span.array_at(4)
    }

    pub fn area(&self) -> Option<[u8; 4]> {
        self.span.array_at(8)
    }

    /// Kind of authentication (version 2).
    pub fn authentication(&self) -> Option<u16> {
        self.span.u16_at(14)
    }

    /// Which of several instances on a link (version 3).
    pub fn instance(&self) -> Option<u8> {
        self.span.u8_at(14)
    }

    /// What a packet of version 2 and of version 3 says behind its header, up to its length.
    pub fn body(&self) -> Span<'a> {
        let header = if self.version == 3 { HEADER_3 } else { HEADER_2 };
        self.span.limit(self.length().map_or(usize::MAX, usize::from)).skip(header)
    }
}

/// The header of an advertisement (RFC 2328, A.4.1; RFC 5340, A.4.2), all of it captured.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    bytes: &'a [u8; ADVERTISEMENT_HEADER],
}

impl<'a> Header<'a> {
    /// # Errors
    /// Where its 20 bytes were not captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Span<'a>), Short> {
        let (bytes, rest) = span.split_array()?;
        Ok((Header { bytes }, rest))
    }

    /// Seconds since it was made.
    pub fn age(&self) -> u16 {
        let [a, b, ..] = *self.bytes;
        u16::from_be_bytes([a, b])
    }

    /// Version 2: options.
    pub fn options(&self) -> u8 {
        let [_, _, options, ..] = *self.bytes;
        options
    }

    /// Version 2: its type.
    pub fn kind(&self) -> u8 {
        let [_, _, _, kind, ..] = *self.bytes;
        kind
    }

    /// Version 3: type, scope and how to handle it when it is not known.
    pub fn wide_kind(&self) -> u16 {
        u16::from_be_bytes([self.options(), self.kind()])
    }

    pub fn id(&self) -> [u8; 4] {
        let [_, _, _, _, a, b, c, d, ..] = *self.bytes;
        [a, b, c, d]
    }

    /// The router that made it.
    pub fn router(&self) -> [u8; 4] {
        let [_, _, _, _, _, _, _, _, a, b, c, d, ..] = *self.bytes;
        [a, b, c, d]
    }

    pub fn sequence(&self) -> u32 {
        let [.., a, b, c, d, _, _, _, _] = *self.bytes;
        u32::from_be_bytes([a, b, c, d])
    }

    /// Length in bytes with this header; less than the header can't be.
    pub fn length(&self) -> u16 {
        let [.., a, b] = *self.bytes;
        u16::from_be_bytes([a, b])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advertisement_has_a_header() {
        let bytes: Vec<u8> = (0..22).collect();
        let (header, rest) = Header::parse(Span::new(&bytes, 22)).unwrap();
        assert_eq!((header.age(), header.kind(), header.wide_kind()), (1, 3, 0x203));
        assert_eq!((header.id(), header.router()), ([4, 5, 6, 7], [8, 9, 10, 11]));
        assert_eq!((header.sequence(), header.length(), rest.bytes()), (0x0c0d_0e0f, 0x1213, &[20, 21][..]));
    }

    #[test]
    fn the_body_ends_where_the_packet_says() {
        let mut bytes = vec![0; 50];
        bytes[..4].copy_from_slice(&[2, 1, 0, 44]);
        let (packet, _, _) = Ospf::parse(Span::new(&bytes, 50)).unwrap();
        assert_eq!(packet.body().wire(), 20);
    }
}
