//! PIM version 2 (RFC 7761, RFC 3973, RFC 5059, RFC 5015).

use super::checksum::Sum;
use super::{Next, Short, Span};

/// The IP protocol number.
pub const PROTOCOL: u8 = 103;

/// Length of the header, and of that of a register message with its flags, in bytes.
pub const HEADER: usize = 4;
pub const REGISTER_HEADER: usize = 8;

/// Kinds of messages.
#[allow(missing_docs, reason = "the names of RFC 7761, 4.9")]
pub mod kind {
    pub const HELLO: u8 = 0;
    pub const REGISTER: u8 = 1;
    pub const REGISTER_STOP: u8 = 2;
    pub const JOIN_PRUNE: u8 = 3;
    pub const BOOTSTRAP: u8 = 4;
    pub const ASSERT: u8 = 5;
    pub const GRAFT: u8 = 6;
    pub const GRAFT_ACK: u8 = 7;
    pub const CANDIDATE: u8 = 8;
    pub const REFRESH: u8 = 9;
    pub const ELECTION: u8 = 10;
}

/// A message, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Pim<'a> {
    first: u8,
    span: Span<'a>,
}

impl<'a> Pim<'a> {
    /// A register message carries an IP packet, unless it is a null one.
    ///
    /// # Errors
    /// Where nothing was captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[first], _) = span.split_array()?;
        let message = Pim { first, span };
        if (message.version(), message.kind()) != (2, kind::REGISTER) {
            return Ok((message, Next::Payload, span.skip(HEADER)));
        }
        let inside = span.skip(REGISTER_HEADER);
        let is_packet = inside.u8_at(0).is_none_or(|byte| matches!(byte >> 4, 4 | 6));
        Ok((message, if is_packet { Next::Ip } else { Next::Payload }, inside))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> u8 {
        self.first >> 4
    }

    /// A [`kind`].
    pub fn kind(&self) -> u8 {
        self.first & 15
    }

    /// The byte behind the kind: a subtype, and in RFC 2117 the length of addresses.
    pub fn reserved(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// What is left of the sum over the message's first `length` bytes: 0 where it is right; none where they were
    /// not captured.
    pub fn checksum_residue(&self, length: usize) -> Option<u16> {
        let (bytes, _) = self.span.split(length).ok()?;
        Some(Sum::default().with(bytes).finish())
    }
}

/// An address as messages have it (RFC 7761, 4.9.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Encoded {
    pub address: std::net::IpAddr,
    /// Flags and mask length of a group or source.
    pub flags: u8,
    pub mask: u8,
}

impl Encoded {
    /// The address that a span begins with and what is behind it. Its family stands before it, unless `size` tells
    /// its length in bytes (RFC 2117); `masked` for a group or a source.
    pub fn parse(span: Span<'_>, size: u8, masked: bool) -> Option<(Self, Span<'_>)> {
        let (size, rest) = match size {
            0 => match span.array_at(0)? {
                [1, 0] => (4, span.skip(2)),
                [2, 0] => (16, span.skip(2)),
                _ => return None,
            },
            size => (size, span),
        };
        let ([flags, mask], rest) = if masked { (rest.array_at(0)?, rest.skip(2)) } else { ([0, 0], rest) };
        let address = match size {
            4 => rest.array_at::<4>(0)?.into(),
            16 => rest.array_at::<16>(0)?.into(),
            _ => return None,
        };
        Some((Encoded { address, flags, mask }, rest.skip(size.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_carries_a_packet() {
        let register = [0x21, 0, 0, 0, 0, 0, 0, 0, 0x45, 0];
        let (message, next, rest) = Pim::parse(Span::new(&register, 10)).unwrap();
        assert_eq!((message.kind(), next, rest.bytes()), (kind::REGISTER, Next::Ip, &[0x45, 0][..]));
        let null = [0x21, 0, 0, 0, 0x40, 0, 0, 0, 0, 0];
        assert_eq!(Pim::parse(Span::new(&null, 10)).unwrap().1, Next::Payload);
    }

    #[test]
    fn addresses_tell_their_family() {
        let bytes = [1, 0, 4, 32, 10, 0, 0, 1, 9];
        let (group, rest) = Encoded::parse(Span::new(&bytes, 9), 0, true).unwrap();
        assert_eq!(
            (group.address.to_string().as_str(), group.flags, group.mask, rest.bytes()),
            ("10.0.0.1", 4, 32, &[9][..])
        );
        assert!(Encoded::parse(Span::new(&[3, 0, 1, 1, 1, 1], 6), 0, false).is_none());
    }
}
