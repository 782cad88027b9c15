//! VXLAN (RFC 7348): Ethernet in UDP. OTV (draft-hasmit-otv) has the same header.

use super::{Next, Short, Span};
use crate::frame::LinkType;

/// The UDP port.
pub const PORT: u16 = 4789;

/// The UDP port of OTV, where Linux has VXLAN unless it is told otherwise.
pub const OTV_PORT: u16 = 8472;

/// The header.
#[derive(Clone, Copy, Debug)]
pub struct Vxlan<'a> {
    header: &'a [u8; 8],
    is_otv: bool,
}

impl<'a> Vxlan<'a> {
    /// # Errors
    /// Where fewer than 8 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        Ok((Vxlan { header, is_otv: false }, Next::Link(LinkType::EN10MB), rest))
    }

    /// A header on OTV's port.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse).
    pub fn parse_otv(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Self::parse(span).map(|(view, next, rest)| (Vxlan { is_otv: true, ..view }, next, rest))
    }

    /// Whether it came on OTV's port.
    pub fn is_otv(&self) -> bool {
        self.is_otv
    }

    /// The identifier of OTV's overlay, 24 bits.
    pub fn overlay(&self) -> u32 {
        let [_, a, b, c, ..] = *self.header;
        u32::from_be_bytes([0, a, b, c])
    }

    pub fn flags(&self) -> u8 {
        let [flags, ..] = *self.header;
        flags
    }

    /// The network identifier, 24 bits; it counts only where the flag 0x08 is set.
    pub fn network(&self) -> u32 {
        let [_, _, _, _, a, b, c, _] = *self.header;
        u32::from_be_bytes([0, a, b, c])
    }
}
