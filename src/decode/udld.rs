//! Cisco's unidirectional link detection (RFC 5171).

use super::cdp::Fields;
use super::llc::{OUI_CISCO, Snap};
use super::{Next, Short, Span};

/// Its SNAP header.
pub const SNAP: Snap = Snap { oui: OUI_CISCO, protocol: 0x0111 };

/// Types of field.
pub const DEVICE_ID: u16 = 1;
pub const PORT_ID: u16 = 2;
pub const ECHO: u16 = 3;
pub const MESSAGE_INTERVAL: u16 = 4;
pub const TIMEOUT_INTERVAL: u16 = 5;
pub const DEVICE_NAME: u16 = 6;
pub const SEQUENCE_NUMBER: u16 = 7;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Udld<'a> {
    span: Span<'a>,
}

impl<'a> Udld<'a> {
    /// # Errors
    /// None: what is missing is none where it is asked for.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Udld { span }, Next::Payload, span.skip(span.wire())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> Option<u8> {
        self.span.u8_at(0).map(|byte| byte >> 5)
    }

    /// 1 for a probe, 2 for an echo, 3 for a flush.
    pub fn code(&self) -> Option<u8> {
        self.span.u8_at(0).map(|byte| byte & 0x1f)
    }

    /// Recommended timeout and resynchronisation, from the lowest bit on.
    pub fn flags(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    pub fn fields(&self) -> Fields<'a> {
        Fields::of(self.span.skip(4))
    }
}
