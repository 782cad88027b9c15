//! Copies of frames that a switch sends on in GRE (ERSPAN types II and III; draft-foschiano-erspan). Type I has no
//! header of its own.

use super::{Next, Short, Span};
use crate::frame::LinkType;

/// GRE protocol numbers: of types I and II, and of type III.
pub const PROTOCOL: u16 = 0x88be;
pub const PROTOCOL_III: u16 = 0x22eb;

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct Erspan<'a> {
    span: Span<'a>,
    head: u32,
}

impl<'a> Erspan<'a> {
    /// # Errors
    /// Where the header was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (head, _) = span.split_array()?;
        let view = Erspan { span, head: u32::from_be_bytes(*head) };
        let length = match view.version() {
            1 => 8,
            2 => {
                let (&[.., last], _) = span.split_array::<12>()?;
                if last & 1 == 1 { 20 } else { 12 }
            }
            _ => return Ok((view, Next::Payload, span.skip(4))),
        };
        let (_, rest) = span.split(length)?;
        Ok((view, Next::Link(LinkType::EN10MB), rest))
    }

    /// The header, and the frame behind it.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// 1 for type II, 2 for type III.
    pub fn version(&self) -> u8 {
        (self.head >> 28) as u8
    }

    /// VLAN of the port that the frame was seen at, 12 bits.
    pub fn vlan(&self) -> u16 {
        (self.head >> 16 & 0x0fff) as u16
    }

    /// Class of service, 3 bits.
    pub fn class(&self) -> u8 {
        (self.head >> 13 & 7) as u8
    }

    /// Type II: how the frame was tagged (0 not at all, 1 ISL, 2 802.1Q, 3 its tag is in the frame). Type III:
    /// whether it is well (0), short (1), oversized (2) or bad (3).
    pub fn state(&self) -> u8 {
        (self.head >> 11 & 3) as u8
    }

    /// Whether the frame's end was left out.
    pub fn is_truncated(&self) -> bool {
        self.head >> 10 & 1 == 1
    }

    /// The session's number, 10 bits.
    pub fn session(&self) -> u16 {
        (self.head & 0x03ff) as u16
    }

    /// Type II: port and direction, in a form of the switch's own.
    pub fn index(&self) -> Option<u32> {
        self.span.u32_at(4).filter(|_| self.version() == 1).map(|word| word & 0x000f_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_and_a_flag_tell_where_the_frame_begins() {
        let mut bytes = [0u8; 24];
        bytes[..8].copy_from_slice(&[0x10, 0x64, 0x14, 0x07, 0, 0, 0, 5]);
        let (header, next, rest) = Erspan::parse(Span::new(&bytes, 24)).unwrap();
        assert_eq!((header.version(), header.vlan(), header.session()), (1, 100, 7));
        assert_eq!((header.state(), header.is_truncated(), header.index()), (2, true, Some(5)));
        assert_eq!((next, rest.offset()), (Next::Link(LinkType::EN10MB), 8));
        bytes[0] = 0x20;
        assert_eq!(Erspan::parse(Span::new(&bytes, 24)).unwrap().2.offset(), 12);
        bytes[11] = 1;
        assert_eq!(Erspan::parse(Span::new(&bytes, 24)).unwrap().2.offset(), 20);
        assert!(Erspan::parse(Span::new(&bytes[..16], 24)).is_err());
    }
}
