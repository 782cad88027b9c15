//! VXLAN (RFC 7348): Ethernet in UDP.

use super::{Next, Short, Span};
use crate::frame::LinkType;

/// The UDP port.
pub const PORT: u16 = 4789;

/// The header.
#[derive(Clone, Copy, Debug)]
pub struct Vxlan<'a> {
    header: &'a [u8; 8],
}

impl<'a> Vxlan<'a> {
    /// # Errors
    /// Where fewer than 8 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        Ok((Vxlan { header }, Next::Link(LinkType::EN10MB), rest))
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
