//! IEEE 802.2 logical link control, and the SNAP header behind it (RFC 1042).

use super::ethernet::IPV4;
use super::{Next, Short, Span, isis};
use crate::frame::LinkType;

/// Service access points.
pub const SAP_IP: u8 = 0x06;
pub const SAP_STP: u8 = 0x42;
pub const SAP_SNAP: u8 = 0xaa;
pub const SAP_IPX: u8 = 0xe0;
pub const SAP_OSI: u8 = 0xfe;
pub const SAP_GLOBAL: u8 = 0xff;

/// Organisations whose SNAP protocols are Ethernet types.
pub const OUI_ETHERNET: u32 = 0x00_00_00;
pub const OUI_CISCO_BRIDGED: u32 = 0x00_00_f8;
pub const OUI_APPLE: u32 = 0x08_00_07;

/// The organisation of the protocols of Cisco, and that of bridged frames (RFC 2684).
pub const OUI_CISCO: u32 = 0x00_00_0c;
pub const OUI_BRIDGED: u32 = 0x00_80_c2;

/// Protocols of bridged frames.
const ETHERNET_WITH_CHECKSUM: u16 = 0x0001;
const ETHERNET: u16 = 0x0007;

/// The control byte of unnumbered information: a datagram.
pub const UNNUMBERED_INFORMATION: u8 = 0x03;

/// The only protocol of Apple's that is an Ethernet type.
const APPLETALK: u16 = 0x809b;

/// A header of logical link control.
#[derive(Clone, Copy, Debug)]
pub struct Llc<'a> {
    destination: u8,
    source: u8,
    control: Control,
    snap: Option<Snap>,
    span: Span<'a>,
}

/// What kind of frame it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// The one byte of an unnumbered frame.
    Unnumbered(u8),
    /// The two bytes of a supervisory or information frame, which are little-endian.
    Numbered(u16),
}

/// What a SNAP header tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Snap {
    /// The organisation, 24 bits.
    pub oui: u32,
    /// Its protocol.
    pub protocol: u16,
}

impl Snap {
    fn parse(span: Span<'_>) -> Option<Snap> {
        let [a, b, c, high, low] = span.array_at(0)?;
        Some(Snap { oui: u32::from_be_bytes([0, a, b, c]), protocol: u16::from_be_bytes([high, low]) })
    }

    /// The Ethernet type that the protocol is, if it is one.
    pub fn ether_type(self) -> Option<u16> {
        match self.oui {
            OUI_ETHERNET | OUI_CISCO_BRIDGED => Some(self.protocol),
            OUI_APPLE if self.protocol == APPLETALK => Some(self.protocol),
            _ => None,
        }
    }

    fn next(self) -> Next {
        match (self.oui, self.protocol) {
            (OUI_BRIDGED, ETHERNET_WITH_CHECKSUM | ETHERNET) => Next::Link(LinkType::EN10MB),
            _ => self.ether_type().map_or(Next::Snap(self), Next::EtherType),
        }
    }
}

impl<'a> Llc<'a> {
    /// # Errors
    /// Where the header was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[destination, source, first], rest) = span.split_array()?;
        let (control, rest) = match first & 3 {
            3 => (Control::Unnumbered(first), rest),
            _ => {
                let (&[_, _, low, high], rest) = span.split_array()?;
                (Control::Numbered(u16::from_le_bytes([low, high])), rest)
            }
        };
        let mut view = Llc { destination, source, control, snap: None, span };
        Ok(match view.datagram() {
            Some(SAP_SNAP) => {
                view.snap = Snap::parse(rest);
                let next = view.snap.map_or(Next::Payload, Snap::next);
                // A bridged frame has two bytes before it (RFC 2684, 5.2).
                let padding = if next == Next::Link(LinkType::EN10MB) { 2 } else { 0 };
                (view, next, rest.skip(5).skip(padding))
            }
            Some(SAP_IP) => (view, Next::EtherType(IPV4), rest),
            Some(SAP_IPX) => (view, Next::Ipx, rest),
            Some(SAP_OSI) if rest.u8_at(0) == Some(isis::IDENTIFIER) => (view, Next::Isis, rest),
            // The bytes of a packet that follows the length at once look like a header.
            _ if view.is_raw_ipx() => (view, Next::Ipx, span),
            _ => (view, Next::Payload, rest),
        })
    }

    /// The whole frame behind the link header.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The destination's service access point, without the bit that makes it a group.
    pub fn destination(&self) -> u8 {
        self.destination & !1
    }

    /// Whether the destination is a group.
    pub fn is_group(&self) -> bool {
        self.destination & 1 != 0
    }

    /// The source's service access point, without the bit that makes it a response.
    pub fn source(&self) -> u8 {
        self.source & !1
    }

    /// Whether this is a response, not a command.
    pub fn is_response(&self) -> bool {
        self.source & 1 != 0
    }

    pub fn control(&self) -> Control {
        self.control
    }

    /// Whether an answer is asked for, or this is the last one.
    pub fn is_poll(&self) -> bool {
        match self.control {
            Control::Unnumbered(byte) => byte & 0x10 != 0,
            Control::Numbered(word) => word & 0x0100 != 0,
        }
    }

    /// Length of this header without SNAP, in bytes.
    pub fn header_len(&self) -> usize {
        match self.control {
            Control::Unnumbered(_) => 3,
            Control::Numbered(_) => 4,
        }
    }

    /// The SNAP header, where there is one and it was captured.
    pub fn snap(&self) -> Option<Snap> {
        self.snap
    }

    /// The service access point of a datagram between two of the same.
    pub fn datagram(&self) -> Option<u8> {
        let same = self.destination() == self.source();
        (same && self.control == Control::Unnumbered(UNNUMBERED_INFORMATION)).then_some(self.destination())
    }

    /// Whether this is no LLC header at all but Novell's IPX, which follows the length at once and begins
    /// with a checksum of all ones.
    pub fn is_raw_ipx(&self) -> bool {
        self.destination == SAP_GLOBAL && self.source == SAP_GLOBAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> (Llc<'_>, Next, Span<'_>) {
        Llc::parse(Span::new(bytes, bytes.len())).unwrap()
    }

    #[test]
    fn snap_leads_to_an_ethernet_type() {
        let (llc, next, rest) = parse(&[0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x06, 1]);
        assert_eq!(llc.snap(), Some(Snap { oui: 0, protocol: 0x0806 }));
        assert_eq!((next, rest.bytes()), (Next::EtherType(0x0806), &[1][..]));
        let (_, next, _) = parse(&[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 1]);
        assert_eq!(next, Next::Snap(crate::decode::cdp::SNAP));
    }

    #[test]
    fn a_bridged_frame_stands_behind_two_bytes() {
        let (_, next, rest) = parse(&[0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0, 9]);
        assert_eq!((next, rest.bytes()), (Next::Link(LinkType::EN10MB), &[9][..]));
    }

    #[test]
    fn a_snap_header_that_was_cut_takes_its_place_all_the_same() {
        let (llc, next, rest) = Llc::parse(Span::new(&[0xaa, 0xaa, 3, 0, 0, 0, 0x08], 50)).unwrap();
        assert_eq!((llc.snap(), next), (None, Next::Payload));
        assert_eq!((rest.offset(), rest.bytes(), rest.wire()), (8, &[][..], 42));
    }

    #[test]
    fn the_control_field_has_one_byte_or_two() {
        let (llc, _, rest) = parse(&[0xf1, 0xf0, 0xbf, 9]);
        assert_eq!((llc.destination(), llc.is_group(), llc.is_response()), (0xf0, true, false));
        assert_eq!((llc.control(), llc.is_poll(), rest.bytes()), (Control::Unnumbered(0xbf), true, &[9][..]));
        let (llc, _, rest) = parse(&[0xf0, 0xf1, 0x01, 0x0b, 9]);
        assert_eq!((llc.control(), llc.is_poll(), llc.is_response()), (Control::Numbered(0x0b01), true, true));
        assert_eq!((llc.header_len(), rest.bytes()), (4, &[9][..]));
        assert!(Llc::parse(Span::new(&[0xf0, 0xf0, 0x01], 3)).is_err());
    }
}
