//! Geneve (RFC 8926): any protocol in UDP, with options.

use super::{Next, Short, Span, ethernet};
use crate::frame::LinkType;

/// The UDP port.
pub const PORT: u16 = 6081;

/// The header and its options.
#[derive(Clone, Copy, Debug)]
pub struct Geneve<'a> {
    header: &'a [u8; 8],
    span: Span<'a>,
}

impl<'a> Geneve<'a> {
    /// # Errors
    /// Where the header and its options were not captured whole, or the version is another than 0.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Geneve { header, span };
        let [first, ..] = *header;
        if first >> 6 != 0 {
            return Err(span.malformed(8));
        }
        let (_, rest) = rest.split(view.options_len())?;
        let next = match view.protocol() {
            ethernet::BRIDGED => Next::Link(LinkType::EN10MB),
            kind => Next::EtherType(kind),
        };
        Ok((view, next, rest))
    }

    /// Header, options and payload.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// Ethernet type of what is inside.
    pub fn protocol(&self) -> u16 {
        let [_, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// Length of the options in bytes.
    pub fn options_len(&self) -> usize {
        let [first, ..] = *self.header;
        usize::from(first & 0x3f).wrapping_mul(4)
    }
}
