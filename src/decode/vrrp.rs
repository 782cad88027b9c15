//! VRRP versions 2 and 3 (RFC 3768, RFC 5798).

use super::checksum::Sum;
use super::{Next, Short, Span};

/// The IP protocol number.
pub const PROTOCOL: u8 = 112;

/// Length of the fields before the addresses, in bytes.
pub const HEAD: usize = 8;

/// A message, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Vrrp<'a> {
    first: u8,
    span: Span<'a>,
}

impl<'a> Vrrp<'a> {
    /// # Errors
    /// Where nothing was captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[first], rest) = span.split_array()?;
        Ok((Vrrp { first, span }, Next::Payload, rest))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> u8 {
        self.first >> 4
    }

    /// 1 for an advertisement, the only kind there is.
    pub fn kind(&self) -> u8 {
        self.first & 15
    }

    /// The identifier of the virtual router, and the sender's priority.
    pub fn router(&self) -> Option<(u8, u8)> {
        self.span.u8_at(1).zip(self.span.u8_at(2))
    }

    pub fn address_count(&self) -> Option<u8> {
        self.span.u8_at(3)
    }

    /// Kind of authentication (version 2).
    pub fn authentication(&self) -> Option<u8> {
        self.span.u8_at(4)
    }

    /// Time between advertisements: in seconds (version 2) or hundredths of one (version 3).
    pub fn interval(&self) -> Option<u16> {
        let [high, low] = self.span.array_at(4)?;
        Some(if self.version() == 2 { low.into() } else { u16::from_be_bytes([high & 15, low]) })
    }

    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(6)
    }

    /// What is left of the sum over a message of version 2: 0 where it is right; none where not all of it was
    /// captured.
    pub fn checksum_residue(&self) -> Option<u16> {
        (!self.span.is_cut()).then(|| Sum::default().with(self.span.bytes()).finish())
    }
}
