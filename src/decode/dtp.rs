//! Cisco's dynamic trunking protocol: two ports agree on whether their link carries tags.

use super::cdp::Fields;
use super::llc::{OUI_CISCO, Snap};
use super::{Next, Short, Span};

/// Its SNAP header.
pub const SNAP: Snap = Snap { oui: OUI_CISCO, protocol: 0x2004 };

/// Types of field.
pub const DOMAIN: u16 = 1;
pub const STATUS: u16 = 2;
pub const TYPE: u16 = 3;
pub const NEIGHBOR: u16 = 4;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Dtp<'a> {
    span: Span<'a>,
}

impl<'a> Dtp<'a> {
    /// # Errors
    /// None: what is missing is none where it is asked for.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Dtp { span }, Next::Payload, span.skip(span.wire())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    /// The fields; one of type 0 ends them in practice.
    pub fn fields(&self) -> Fields<'a> {
        Fields::of(self.span.skip(1))
    }
}
