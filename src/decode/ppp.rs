//! The point-to-point protocol (RFC 1661): its frames, the messages that configure a link, and those that prove
//! who is at its ends (RFC 1334, RFC 1994).

use super::{Next, Short, Span};
use crate::frame::Direction;

/// Protocol numbers.
pub const IP: u16 = 0x0021;
pub const OSI: u16 = 0x0023;
pub const IPX: u16 = 0x002b;
pub const VJ_COMPRESSED: u16 = 0x002d;
pub const VJ_UNCOMPRESSED: u16 = 0x002f;
pub const MULTILINK: u16 = 0x003d;
pub const IPV6: u16 = 0x0057;
pub const COMPRESSED: u16 = 0x00fd;
pub const MPLS: u16 = 0x0281;
pub const MPLS_MULTICAST: u16 = 0x0283;
pub const IPCP: u16 = 0x8021;
pub const OSICP: u16 = 0x8023;
pub const IPV6CP: u16 = 0x8057;
pub const CCP: u16 = 0x80fd;
pub const MPLSCP: u16 = 0x8281;
pub const LCP: u16 = 0xc021;
pub const PAP: u16 = 0xc023;
pub const LQM: u16 = 0xc025;
pub const SPAP: u16 = 0xc027;
pub const BACP: u16 = 0xc02b;
pub const OLD_SPAP: u16 = 0xc123;
pub const CHAP: u16 = 0xc223;
pub const EAP: u16 = 0xc227;

/// The head of a frame, whose address, control and first protocol byte may have been left out.
#[derive(Clone, Copy, Debug)]
pub struct Ppp<'a> {
    span: Span<'a>,
    direction: Direction,
    protocol: u16,
    typed: bool,
}

impl<'a> Ppp<'a> {
    /// # Errors
    /// Where the head was not all captured, or nothing but it is there.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (direction, rest) = Self::address(span)?;
        if rest.wire() < 2 {
            return Err(rest.short(2));
        }
        let (protocol, rest) = match rest.split_array()? {
            (&[short], behind) if short & 1 == 1 => (u16::from(short), behind),
            _ => rest.split_array().map(|(number, behind)| (u16::from_be_bytes(*number), behind))?,
        };
        Ok((Ppp { span, direction, protocol, typed: false }, Next::PppProtocol(protocol), rest))
    }

    /// A frame that an Ethernet type announced.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse).
    pub fn parse_typed(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Self::parse(span).map(|(view, next, rest)| (Ppp { typed: true, ..view }, next, rest))
    }

    /// Whether an Ethernet type announced it.
    pub fn is_typed(&self) -> bool {
        self.typed
    }

    /// Goes over the address and control bytes, if there are any. In place of the address pppd(8) records which way
    /// a frame went.
    ///
    /// # Errors
    /// Where fewer than two bytes are there.
    pub fn address(span: Span<'a>) -> Result<(Direction, Span<'a>), Short> {
        let (first, rest) = span.split_array()?;
        Ok(match first {
            [0x00, 3] => (Direction::Inbound, rest),
            [0x01, 3] => (Direction::Outbound, rest),
            [0xff, 3] => (Direction::Unknown, rest),
            _ => (Direction::Unknown, span),
        })
    }

    /// The whole frame.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn direction(&self) -> Direction {
        self.direction
    }

    pub fn protocol(&self) -> u16 {
        self.protocol
    }
}

/// Codes of control messages.
pub const VENDOR: u8 = 0;
pub const CONFIGURE_REQUEST: u8 = 1;
pub const CONFIGURE_REJECT: u8 = 4;
pub const TERMINATE_REQUEST: u8 = 5;
pub const CODE_REJECT: u8 = 7;
pub const PROTOCOL_REJECT: u8 = 8;
pub const ECHO_REQUEST: u8 = 9;
pub const DISCARD_REQUEST: u8 = 11;
pub const IDENTIFICATION: u8 = 12;
pub const TIME_REMAINING: u8 = 13;

/// A message of a control protocol: LCP, or one of those for each network protocol.
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    protocol: u16,
    span: Span<'a>,
}

impl<'a> Control<'a> {
    /// # Errors
    /// None: what is missing is none where it is asked for.
    pub fn parse(protocol: u16, span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Control { protocol, span }, Next::Payload, span.skip(span.wire())))
    }

    /// Whose message it is, such as [`LCP`].
    pub fn protocol(&self) -> u16 {
        self.protocol
    }

    /// The message, and what padding its frame has.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// What it is for, such as [`CONFIGURE_REQUEST`].
    pub fn code(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    pub fn identifier(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    /// Length of the whole message, in bytes, as it says.
    pub fn length(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// What is behind the length, as far as that goes.
    pub fn data(&self) -> Span<'a> {
        let length = usize::from(self.length().unwrap_or(0)).saturating_sub(4);
        self.span.skip(4).limit(length)
    }

    /// The options of a message that configures.
    pub fn options(&self) -> Settings<'a> {
        Settings { rest: self.data() }
    }
}

/// One option of a message that configures.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub kind: u8,
    /// Length in bytes, its type and length included.
    pub length: u8,
    /// Its value, as far as it was captured; none where the length is less than 2.
    pub value: Option<Span<'a>>,
}

/// A walk over options, up to the first that can't be one or whose head was not captured.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    rest: Span<'a>,
}

impl<'a> Iterator for Settings<'a> {
    type Item = Result<Setting<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest;
        self.rest = rest.skip(rest.wire());
        if rest.wire() < 2 {
            return None;
        }
        let (&[kind, length], behind) = match rest.split_array() {
            Ok(head) => head,
            Err(short) => return Some(Err(short)),
        };
        if usize::from(length) > rest.wire() {
            return None;
        }
        let value = usize::from(length).checked_sub(2).map(|len| behind.limit(len));
        if let Some(value) = value {
            self.rest = behind.skip(value.wire());
        }
        Some(Ok(Setting { kind, length, value }))
    }
}

/// A message of the password or the challenge handshake protocol.
#[derive(Clone, Copy, Debug)]
pub struct Authentication<'a> {
    protocol: u16,
    span: Span<'a>,
}

impl<'a> Authentication<'a> {
    /// # Errors
    /// None: what is missing is none where it is asked for.
    pub fn parse(protocol: u16, span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Authentication { protocol, span }, Next::Payload, span.skip(span.wire())))
    }

    /// [`PAP`] or [`CHAP`].
    pub fn protocol(&self) -> u16 {
        self.protocol
    }

    /// The message, and what padding its frame has.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// PAP: request, acknowledgment, refusal; CHAP: challenge, response, success, failure; from 1 on.
    pub fn code(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    pub fn identifier(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    /// Length of the whole message, in bytes, as it says.
    pub fn length(&self) -> Option<u16> {
        self.span.u16_at(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Option<(Direction, u16, usize)> {
        let (frame, _, rest) = Ppp::parse(Span::new(bytes, bytes.len())).ok()?;
        Some((frame.direction(), frame.protocol(), rest.wire()))
    }

    #[test]
    fn address_and_protocol_may_be_compressed() {
        assert_eq!(head(&[0xff, 3, 0xc0, 0x21, 1]), Some((Direction::Unknown, LCP, 1)));
        assert_eq!(head(&[0x01, 3, 0, 0x21, 1]), Some((Direction::Outbound, IP, 1)));
        assert_eq!(head(&[0x21, 0x45, 0]), Some((Direction::Unknown, IP, 2)));
        assert_eq!(head(&[0xff, 3, 0x21]), None);
    }

    #[test]
    fn options_end_with_the_length_of_the_message() {
        let bytes = [1, 7, 0, 10, 1, 4, 5, 0xd4, 7, 2, 9, 9];
        let (message, ..) = Control::parse(LCP, Span::new(&bytes, 12)).unwrap();
        assert_eq!((message.code(), message.identifier()), (Some(CONFIGURE_REQUEST), Some(7)));
        let options: Vec<_> = message.options().map(Result::unwrap).map(|o| (o.kind, o.length)).collect();
        assert_eq!(options, [(1, 4), (7, 2)]);
        let bytes = [1, 7, 0, 8, 1, 1, 5, 4];
        let (message, ..) = Control::parse(LCP, Span::new(&bytes, 8)).unwrap();
        assert!(message.options().next().unwrap().unwrap().value.is_none());
        assert_eq!(message.options().count(), 1);
    }
}
