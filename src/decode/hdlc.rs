//! Frames of serial lines: Cisco's HDLC, with its keep-alives (SLARP), and PPP in HDLC-like framing (RFC 1662; RFC
//! 1547, 4.3.1).

use super::{Next, Short, Span, ethernet};

/// Addresses.
pub const ALL_STATIONS: u8 = 0xff;
pub const CISCO_UNICAST: u8 = 0x0f;
pub const CISCO_BROADCAST: u8 = 0x8f;

/// The type of Cisco's serial line address resolution protocol, on these lines alone.
pub const SLARP: u16 = 0x8035;

/// A frame's head.
#[derive(Clone, Copy, Debug)]
pub struct Hdlc<'a> {
    header: &'a [u8; 4],
    span: Span<'a>,
}

impl<'a> Hdlc<'a> {
    /// A frame of a line that Cisco's form is spoken on.
    ///
    /// # Errors
    /// Where fewer than 4 bytes were captured.
    pub fn parse_cisco(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Hdlc { header, span };
        let next = match view.protocol() {
            SLARP => Next::Slarp,
            kind @ (ethernet::IPV4 | ethernet::IPV6 | ethernet::MPLS | ethernet::MPLS_MULTICAST) => {
                Next::EtherType(kind)
            }
            _ => Next::Payload,
        };
        Ok((view, next, rest))
    }

    /// A frame whose address tells which form it has.
    ///
    /// # Errors
    /// Where fewer than 4 bytes were captured.
    pub fn parse_serial(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (view, next, rest) = Self::parse_cisco(span)?;
        let next = match view.address() {
            ALL_STATIONS => Next::PppProtocol(view.protocol()),
            _ if view.is_cisco() => next,
            _ => Next::Payload,
        };
        Ok((view, next, rest))
    }

    /// The whole frame.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn address(&self) -> u8 {
        let [address, ..] = *self.header;
        address
    }

    /// Whether the address is one of Cisco's.
    pub fn is_cisco(&self) -> bool {
        matches!(self.address(), CISCO_UNICAST | CISCO_BROADCAST)
    }

    pub fn control(&self) -> u8 {
        let [_, control, ..] = *self.header;
        control
    }

    /// An Ethernet type in Cisco's form, a protocol of PPP in the other.
    pub fn protocol(&self) -> u16 {
        let [.., high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }
}

/// A message that keeps a line alive, or asks for an address.
#[derive(Clone, Copy, Debug)]
pub struct Slarp<'a> {
    span: Span<'a>,
}

impl<'a> Slarp<'a> {
    /// # Errors
    /// None: what is missing is none where it is asked for.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Slarp { span }, Next::Payload, span.skip(span.wire())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// 0 for a request, 1 for a reply, 2 for a keep-alive.
    pub fn code(&self) -> Option<u32> {
        self.span.u32_at(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_the_form() {
        let parse = |bytes: [u8; 5]| Hdlc::parse_serial(Span::new(&bytes, 5)).unwrap().1;
        assert_eq!(parse([0xff, 3, 0, 0x21, 0x45]), Next::PppProtocol(0x21));
        assert_eq!(parse([0x0f, 0, 8, 0, 0x45]), Next::EtherType(ethernet::IPV4));
        assert_eq!(parse([0x8f, 0, 0x80, 0x35, 0]), Next::Slarp);
        assert_eq!(parse([0x42, 0, 8, 0, 0x45]), Next::Payload);
    }
}
