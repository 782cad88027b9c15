//! Ethernet II and IEEE 802.3 frames, and 802.1Q tags (also stacked: 802.1ad and its older types).

use super::{Next, Short, Span};

/// Ethernet types that have a decoder here.
pub const IPV4: u16 = 0x0800;
pub const ARP: u16 = 0x0806;
pub const RARP: u16 = 0x8035;
pub const BRIDGED: u16 = 0x6558;
pub const MPLS: u16 = 0x8847;
pub const MPLS_MULTICAST: u16 = 0x8848;
pub const VLAN: u16 = 0x8100;
pub const SLOW: u16 = 0x8809;
pub const PPP: u16 = 0x880b;
pub const PPPOE_DISCOVERY: u16 = 0x8863;
pub const PPPOE_SESSION: u16 = 0x8864;
/// The same two in modems of 3Com's.
pub const PPPOE_DISCOVERY_OLD: u16 = 0x3c12;
pub const PPPOE_SESSION_OLD: u16 = 0x3c13;
/// In place of a length that would be too large for one (draft-ietf-isis-ext-eth).
pub const JUMBO: u16 = 0x8870;
pub const EAPOL: u16 = 0x888e;
pub const LLDP: u16 = 0x88cc;
pub const LOOPBACK_TEST: u16 = 0x9000;
pub const IPX: u16 = 0x8137;
pub const IPV6: u16 = 0x86dd;
pub const QINQ: u16 = 0x88a8;
pub const QINQ_OLD: u16 = 0x9100;
pub const QINQ_9200: u16 = 0x9200;

/// The number of Ethernet among the protocols of IPv6 (RFC 8986, 10.1).
pub const IP_PROTOCOL: u8 = 143;

/// Types up to this are lengths of an 802.3 frame (IEEE 802.3, 3.2.6).
const MAX_LENGTH: u16 = 1500;

/// What a type-or-length field says comes next, and how much of it there is.
pub(super) fn follow(kind: u16, rest: Span<'_>) -> (Next, Span<'_>) {
    match kind {
        ..=MAX_LENGTH => (Next::Llc, rest.limit(usize::from(kind))),
        JUMBO => (Next::Llc, rest),
        _ => (Next::EtherType(kind), rest),
    }
}

/// A frame's head: two addresses and a type or length.
#[derive(Clone, Copy, Debug)]
pub struct Ethernet<'a> {
    header: &'a [u8; 14],
    span: Span<'a>,
}

impl<'a> Ethernet<'a> {
    /// # Errors
    /// Where fewer than 14 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Ethernet { header, span };
        let (next, rest) = follow(view.ether_type(), rest);
        Ok((view, next, rest))
    }

    pub fn destination(&self) -> [u8; 6] {
        let [a, b, c, d, e, f, ..] = *self.header;
        [a, b, c, d, e, f]
    }

    pub fn source(&self) -> [u8; 6] {
        let [_, _, _, _, _, _, a, b, c, d, e, f, ..] = *self.header;
        [a, b, c, d, e, f]
    }

    /// The type of what is inside, or up to 1500 its length in bytes.
    pub fn ether_type(&self) -> u16 {
        let [.., high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// Whether the field is a length, so that an LLC header follows.
    pub fn is_length(&self) -> bool {
        self.ether_type() <= MAX_LENGTH
    }

    /// The whole frame.
    pub fn span(&self) -> Span<'a> {
        self.span
    }
}

/// A VLAN tag (IEEE 802.1Q, 9.6): the four bytes behind the type that announced it.
#[derive(Clone, Copy, Debug)]
pub struct Vlan<'a> {
    header: &'a [u8; 4],
}

impl<'a> Vlan<'a> {
    /// # Errors
    /// Where fewer than 4 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Vlan { header };
        let (next, rest) = follow(view.ether_type(), rest);
        Ok((view, next, rest))
    }

    fn control(&self) -> u16 {
        let [high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// VLAN identifier, 0 to 4095.
    pub fn id(&self) -> u16 {
        self.control() & 0x0fff
    }

    /// Priority code point, 0 to 7.
    pub fn priority(&self) -> u8 {
        (self.control() >> 13) as u8
    }

    /// Drop eligible indicator.
    pub fn drop_eligible(&self) -> bool {
        self.control() & 0x1000 != 0
    }

    /// The type of what is inside, or up to 1500 its length in bytes.
    pub fn ether_type(&self) -> u16 {
        let [.., high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// Whether the field is a length, so that an LLC header follows.
    pub fn is_length(&self) -> bool {
        self.ether_type() <= MAX_LENGTH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_8023_length_ends_the_frame_before_its_padding() {
        let mut frame = vec![0u8; 60];
        frame[13] = 3;
        let (_, next, rest) = Ethernet::parse(Span::new(&frame, 60)).unwrap();
        assert_eq!((next, rest.wire()), (Next::Llc, 3));
    }

    #[test]
    fn a_tag_gives_id_priority_and_type() {
        let (tag, next, _) = Vlan::parse(Span::new(&[0xb0, 0x64, 0x08, 0x00], 4)).unwrap();
        assert_eq!((tag.id(), tag.priority(), tag.drop_eligible()), (100, 5, true));
        assert_eq!(next, Next::EtherType(IPV4));
    }
}
