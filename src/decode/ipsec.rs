//! The headers of IPsec: authentication (RFC 4302), encrypted payload (RFC 4303), and IP payload compression
//! (RFC 3173).

use super::{IpVersion, Next, Short, Span};

/// IP protocol numbers.
pub const ENCAPSULATED: u8 = 50;
pub const AUTHENTICATION: u8 = 51;
pub const COMPRESSION: u8 = 108;

/// Length of an authentication header before the integrity check value, in bytes.
pub const AUTHENTICATION_HEAD: usize = 12;

/// An authentication header, as far as it was captured, and all behind it.
#[derive(Clone, Copy, Debug)]
pub struct Authentication<'a> {
    words: u8,
    span: Span<'a>,
}

impl<'a> Authentication<'a> {
    /// `version` is that of the IP header around it.
    ///
    /// # Errors
    /// Where its length was not captured.
    pub fn parse(version: IpVersion, span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[next, words], _) = span.split_array()?;
        let header = Authentication { words, span };
        Ok((header, Next::Protocol(next, version), span.skip(header.length())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The length field: words of 4 bytes, less 2.
    pub fn words(&self) -> u8 {
        self.words
    }

    /// Length of the header in bytes.
    pub fn length(&self) -> usize {
        usize::from(self.words).wrapping_add(2).wrapping_mul(4)
    }

    /// Must be zero.
    pub fn reserved(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// Security parameters index.
    pub fn index(&self) -> Option<u32> {
        self.span.u32_at(4)
    }

    pub fn sequence(&self) -> Option<u32> {
        self.span.u32_at(8)
    }

    /// The integrity check value, as far as it was captured.
    pub fn check_value(&self) -> Span<'a> {
        self.span.limit(self.length()).skip(AUTHENTICATION_HEAD)
    }
}

/// What can be seen of an encrypted payload.
#[derive(Clone, Copy, Debug)]
pub struct Encapsulated {
    /// Security parameters index.
    pub index: u32,
    pub sequence: u32,
    /// Length of the whole, in bytes.
    pub length: usize,
}

impl Encapsulated {
    /// # Errors
    /// Where index, sequence number and the first byte of the payload (it has at least two) were not captured.
    pub fn parse(span: Span<'_>) -> Result<(Self, Next, Span<'_>), Short> {
        let (&[a, b, c, d, e, f, g, h, _], _) = span.split_array()?;
        let rest = span.skip(8);
        let (index, sequence) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        Ok((Encapsulated { index, sequence, length: span.wire() }, Next::Payload, rest))
    }
}

/// The header of a compressed payload.
#[derive(Clone, Copy, Debug)]
pub struct Compression {
    /// Which algorithm and parameters (CPI).
    pub index: u16,
}

impl Compression {
    /// # Errors
    /// Where its 4 bytes were not captured.
    pub fn parse(span: Span<'_>) -> Result<(Self, Next, Span<'_>), Short> {
        let (&[_, _, high, low], rest) = span.split_array()?;
        Ok((Compression { index: u16::from_be_bytes([high, low]) }, Next::Payload, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_an_authentication_header_is_found() {
        let bytes = [17, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 9, 8, 7, 6, 0, 53];
        let span = Span::new(&bytes, bytes.len());
        let (header, next, rest) = Authentication::parse(IpVersion::V4, span).unwrap();
        assert_eq!((next, rest.bytes()), (Next::Protocol(17, IpVersion::V4), &[0, 53][..]));
        assert_eq!(header.check_value().bytes(), [9, 8, 7, 6]);
        let (header, _, rest) = Authentication::parse(IpVersion::V4, span.limit(2)).unwrap();
        assert_eq!((header.index(), rest.wire()), (None, 0));
        assert!(Authentication::parse(IpVersion::V4, span.limit(1)).is_err());
    }
}
