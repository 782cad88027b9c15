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
    /// Where the header was not captured whole. One of an unknown version is no error, but nothing follows it.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[a, b, c, d], _) = span.split_array()?;
        let view = Gre { span, flags: u16::from_be_bytes([a, b]), protocol: u16::from_be_bytes([c, d]) };
        let (_, mut rest) = span.split(view.header_len())?;
        for route in view.routes() {
            let (_, behind) = rest.split(usize::from(route?.length).saturating_add(4))?;
            rest = behind;
        }
        let next = match (view.version(), view.protocol) {
            _ if view.version() > 1 => Next::Payload,
            (1, _) if view.flags & SEQUENCE == 0 => Next::Payload,
            (0, ethernet::BRIDGED) => Next::Link(LinkType::EN10MB),
            (0, ethernet::IPX) => Next::Ipx,
            (_, ethernet::PPP) => Next::Ppp,
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

    /// The source routes (RFC 1701), the end mark included.
    pub fn routes(&self) -> Routes<'a> {
        let has_routes = self.version() == 0 && self.flags & ROUTING != 0;
        Routes { rest: has_routes.then(|| self.span.skip(self.header_len())) }
    }

    /// Those of a header that may not be all there.
    pub fn routes_of(span: Span<'a>) -> Routes<'a> {
        let head = span.u16_at(0).zip(span.u16_at(2));
        head.map_or(Routes { rest: None }, |(flags, protocol)| Gre { span, flags, protocol }.routes())
    }
}

/// One list of places that a packet is to pass.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// The kind of address: [`ethernet::IPV4`], or 0xfffe for autonomous systems.
    pub family: u16,
    /// Where in the list the next place is, in bytes.
    pub offset: u8,
    /// Length of the list, in bytes.
    pub length: u8,
    /// The list and all behind it.
    pub list: Span<'a>,
}

impl Route<'_> {
    /// Whether this is no route but the mark behind the last.
    pub fn is_end(&self) -> bool {
        self.family == 0 && self.length == 0
    }
}

/// A walk over source routes, up to the end mark or the first that is not all there.
#[derive(Clone, Copy, Debug)]
pub struct Routes<'a> {
    rest: Option<Span<'a>>,
}

impl<'a> Iterator for Routes<'a> {
    type Item = Result<Route<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&[a, b, offset, length], list) = match self.rest.take()?.split_array() {
            Ok(head) => head,
            Err(short) => return Some(Err(short)),
        };
        let route = Route { family: u16::from_be_bytes([a, b]), offset, length, list };
        if !route.is_end() {
            self.rest = Some(list.skip(length.into()));
        }
        Some(Ok(route))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_routes_stand_between_the_header_and_the_packet() {
        let bytes = [0x40, 0, 8, 0, 0, 0, 0, 0, 8, 0, 4, 8, 10, 0, 0, 1, 10, 0, 0, 2, 0, 0, 0, 0, 0x45];
        let (header, next, rest) = Gre::parse(Span::new(&bytes, 25)).unwrap();
        assert_eq!((next, rest.bytes()), (Next::EtherType(ethernet::IPV4), &[0x45][..]));
        let lengths: Vec<_> = header.routes().map(|route| route.unwrap().length).collect();
        assert_eq!(lengths, [8, 0]);
        for cut in 4..24 {
            assert!(Gre::parse(Span::new(&bytes[..cut], 25)).is_err(), "cut at {cut}");
        }
    }
}
