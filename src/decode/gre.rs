//! Generic routing encapsulation (RFC 2784, RFC 2890), and its form in PPTP (RFC 2637, 4.1).

use super::{Next, Short, Span, erspan, ethernet};
use crate::frame::LinkType;

/// Flags: what the header has.
pub const CHECKSUM: u16 = 0x8000;
pub const ROUTING: u16 = 0x4000;
pub const KEY: u16 = 0x2000;
pub const SEQUENCE: u16 = 0x1000;
pub const ACKNOWLEDGMENT: u16 = 0x0080;

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct Gre<'a> {
    span: Span<'a>,
    flags: u16,
    protocol: u16,
}

impl<'a> Gre<'a> {
    /// # Errors
    /// Where the header was not captured whole. One of an unknown version, or with source routes (which RFC 2784
    /// took out), is no error, but nothing follows it.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[a, b, c, d], _) = span.split_array()?;
        let view = Gre { span, flags: u16::from_be_bytes([a, b]), protocol: u16::from_be_bytes([c, d]) };
        let (_, rest) = span.split(view.header_len())?;
        let next = match (view.version(), view.protocol) {
            _ if view.version() > 1 || view.flags & ROUTING != 0 => Next::Payload,
            (1, _) if view.flags & SEQUENCE == 0 => Next::Payload,
            (0, ethernet::BRIDGED) => Next::Link(LinkType::EN10MB),
            (0, erspan::PROTOCOL) if view.flags & SEQUENCE == 0 => Next::Link(LinkType::EN10MB),
            (0, erspan::PROTOCOL | erspan::PROTOCOL_III) => Next::Erspan,
            (_, kind) => Next::EtherType(kind),
        };
        Ok((view, next, rest))
    }

    /// Header and payload.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn flags(&self) -> u16 {
        self.flags
    }

    /// 0, or 1 for the form of PPTP.
    pub fn version(&self) -> u8 {
        (self.flags & 7) as u8
    }

    /// Ethernet type of what is inside.
    pub fn protocol(&self) -> u16 {
        self.protocol
    }

    /// Length in bytes, without source routes.
    pub fn header_len(&self) -> usize {
        let optional = match self.version() {
            0 => [CHECKSUM | ROUTING, KEY, SEQUENCE],
            1 => [KEY, SEQUENCE, ACKNOWLEDGMENT],
            _ => return 4,
        };
        optional.into_iter().filter(|flag| self.flags & flag != 0).fold(4, |length: usize, _| length.wrapping_add(4))
    }
}
