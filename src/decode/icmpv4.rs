//! ICMP for IPv4 (RFC 792, and those that added to it): one message, and the packet that an error quotes.

use super::checksum;
use super::ethernet::IPV4;
use super::{Next, Short, Span};

/// Message types.
pub const ECHO_REPLY: u8 = 0;
pub const UNREACHABLE: u8 = 3;
pub const SOURCE_QUENCH: u8 = 4;
pub const REDIRECT: u8 = 5;
pub const ECHO_REQUEST: u8 = 8;
pub const ROUTER_ADVERTISEMENT: u8 = 9;
pub const ROUTER_SOLICITATION: u8 = 10;
pub const TIME_EXCEEDED: u8 = 11;
pub const PARAMETER_PROBLEM: u8 = 12;
pub const TIMESTAMP_REQUEST: u8 = 13;
pub const TIMESTAMP_REPLY: u8 = 14;
pub const INFORMATION_REQUEST: u8 = 15;
pub const INFORMATION_REPLY: u8 = 16;
pub const MASK_REQUEST: u8 = 17;
pub const MASK_REPLY: u8 = 18;

/// Where the body of a message begins, in bytes.
const BODY: usize = 8;

/// The least bytes of a quoted packet before extensions; all known senders pad to just these (RFC 4884, 4.1).
const QUOTED: usize = 128;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Icmpv4<'a> {
    kind: u8,
    code: u8,
    span: Span<'a>,
}

impl<'a> Icmpv4<'a> {
    /// # Errors
    /// Where type and code were not captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[kind, code], _) = span.split_array()?;
        let view = Icmpv4 { kind, code, span };
        let body = span.skip(BODY);
        if !view.is_error() {
            return Ok((view, Next::Payload, body));
        }
        let quoted = match view.quoted().total_len() {
            Some(total @ 1..) => body.head_of(total.into()),
            _ => body,
        };
        Ok((view, Next::EtherType(IPV4), quoted))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The message type, such as [`ECHO_REQUEST`].
    pub fn kind(&self) -> u8 {
        self.kind
    }

    pub fn code(&self) -> u8 {
        self.code
    }

    /// Whether the message is an error, which quotes the packet that it is about.
    pub fn is_error(&self) -> bool {
        matches!(self.kind, UNREACHABLE | SOURCE_QUENCH | REDIRECT | TIME_EXCEEDED | PARAMETER_PROBLEM)
    }

    /// The checksum over the message.
    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// The sum over the message: 0 where its checksum is right, none where not all of it was captured.
    pub fn checksum_residue(&self) -> Option<u16> {
        (!self.span.is_cut()).then(|| checksum::of(self.span.bytes()))
    }

    /// Whose message it is: of an echo, a timestamp, an information or a mask.
    pub fn identifier(&self) -> Option<u16> {
        self.span.u16_at(4)
    }

    /// The sequence number that stands behind the identifier.
    pub fn sequence(&self) -> Option<u16> {
        self.span.u16_at(6)
    }

    /// The router that a redirect names.
    pub fn gateway(&self) -> Option<[u8; 4]> {
        self.span.array_at(4)
    }

    /// The MTU of the next hop, in bytes, where fragmentation was needed (RFC 1191); old routers leave 0.
    pub fn mtu(&self) -> Option<u16> {
        self.span.u16_at(6)
    }

    /// The place of the byte in the quoted packet that a parameter problem is about.
    pub fn pointer(&self) -> Option<u8> {
        self.span.u8_at(4)
    }

    /// The mask of a mask reply (RFC 950).
    pub fn mask(&self) -> Option<u32> {
        self.span.u32_at(BODY)
    }

    /// A timestamp's times of sending, receiving and sending back, in milliseconds since midnight UTC.
    pub fn times(&self) -> Option<[u32; 3]> {
        Some([self.span.u32_at(8)?, self.span.u32_at(12)?, self.span.u32_at(16)?])
    }

    /// What a router advertisement says (RFC 1256).
    pub fn routers(&self) -> Routers<'a> {
        Routers(self.span)
    }

    /// The packet that an error quotes, as far as it does.
    pub fn quoted(&self) -> Quoted<'a> {
        Quoted(self.span.skip(BODY))
    }

    /// What stands behind the quoted packet, where the message is long enough for it (RFC 4884).
    pub fn extensions(&self) -> Option<Extensions<'a>> {
        let can = matches!(self.kind, UNREACHABLE | TIME_EXCEEDED | PARAMETER_PROBLEM);
        let span = self.span.skip(BODY).skip(QUOTED);
        (can && !span.is_empty()).then_some(Extensions { announced: self.span.u8_at(5), span })
    }
}

/// A router advertisement's fields (RFC 1256, 3).
#[derive(Clone, Copy, Debug)]
pub struct Routers<'a>(Span<'a>);

impl<'a> Routers<'a> {
    /// How many routers are said to follow.
    pub fn count(&self) -> Option<u8> {
        self.0.u8_at(4)
    }

    /// Words of four bytes for each router: 2.
    pub fn entry_size(&self) -> Option<u8> {
        self.0.u8_at(5)
    }

    /// For how long this is true, in seconds.
    pub fn lifetime(&self) -> Option<u16> {
        self.0.u16_at(6)
    }

    /// Address and preference of each router; none for one that was not captured.
    pub fn entries(&self) -> impl Iterator<Item = Option<([u8; 4], u32)>> + use<'a> {
        let body = self.0.skip(BODY);
        (0..usize::from(self.count().unwrap_or(0))).map(move |place| {
            let entry = body.skip(place.wrapping_mul(8));
            Some((entry.array_at(0)?, entry.u32_at(4)?))
        })
    }
}

/// The IPv4 packet that an error quotes, read where its fields should be: it is often cut, and its lengths
/// are those of the packet as it was.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(Span<'a>);

impl Quoted<'_> {
    /// The total length that its header tells.
    pub fn total_len(&self) -> Option<u16> {
        self.0.u16_at(2)
    }

    pub fn protocol(&self) -> Option<u8> {
        self.0.u8_at(9)
    }

    pub fn destination(&self) -> Option<[u8; 4]> {
        self.0.array_at(16)
    }

    /// The destination port, where its protocol has ports.
    pub fn destination_port(&self) -> Option<u16> {
        let header_len = usize::from(self.0.u8_at(0)? & 0x0f).wrapping_mul(4);
        self.0.u16_at(header_len.wrapping_add(2))
    }
}

/// Objects behind the quoted packet (RFC 4884, 7).
#[derive(Clone, Copy, Debug)]
pub struct Extensions<'a> {
    announced: Option<u8>,
    span: Span<'a>,
}

impl<'a> Extensions<'a> {
    /// The header and all objects.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// Whether the message says that it has extensions. Many senders do not; then only a right checksum tells.
    pub fn is_announced(&self) -> bool {
        self.announced.is_some_and(|words| words > 0)
    }

    /// 2 is the one there is.
    pub fn version(&self) -> Option<u8> {
        self.span.u8_at(0).map(|byte| byte >> 4)
    }

    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// The sum over header and objects: 0 where the checksum is right, none where not all was captured.
    pub fn checksum_residue(&self) -> Option<u16> {
        (!self.span.is_cut()).then(|| checksum::of(self.span.bytes()))
    }

    /// The objects, up to the first whose length can't be.
    pub fn objects(&self) -> Objects<'a> {
        Objects(self.span.skip(4))
    }
}

/// The objects of a message, in order.
#[derive(Clone, Copy, Debug)]
pub struct Objects<'a>(Span<'a>);

impl<'a> Iterator for Objects<'a> {
    type Item = Result<Object<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.wire() <= 4 {
            return None;
        }
        let object = Object::parse(self.0);
        self.0 = match object {
            Ok(object) if object.is_possible() => self.0.skip(object.length.into()),
            _ => self.0.limit(0),
        };
        Some(object)
    }
}

/// One object: its class tells what it is about, its type how it says so.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// In bytes, with the four of its header.
    pub length: u16,
    /// 1 is an MPLS label stack (RFC 4950), 2 an interface (RFC 5837), 3 an interface asked for (RFC 8335).
    pub class: u8,
    pub kind: u8,
    /// What follows the header, as far as the message goes.
    pub payload: Span<'a>,
}

impl<'a> Object<'a> {
    fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&[high, low, class, kind], payload) = span.split_array()?;
        let length = u16::from_be_bytes([high, low]);
        Ok(Object { length, class, kind, payload: payload.limit(usize::from(length).saturating_sub(4)) })
    }

    /// Whether its length holds its header, and its class is one.
    pub fn is_possible(&self) -> bool {
        self.length >= 4 && self.class != 0
    }
}

/// An entry of an MPLS label stack (RFC 3032, 2.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Label(pub u32);

impl Label {
    /// 20 bits.
    pub fn value(self) -> u32 {
        self.0 >> 12
    }

    /// Traffic class, 0 to 7.
    pub fn traffic_class(self) -> u8 {
        (self.0 >> 9 & 7) as u8
    }

    /// Whether it is the last of the stack.
    pub fn is_bottom(self) -> bool {
        self.0 & 0x100 != 0
    }

    pub fn ttl(self) -> u8 {
        (self.0 & 0xff) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Cause, IpVersion, Layer, Layers};

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend(body);
        bytes
    }

    #[test]
    fn an_error_leads_to_the_packet_it_quotes() {
        let quoted = [0x45, 0, 0, 99, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 53, 0, 79, 0, 0];
        let bytes = message(UNREACHABLE, &quoted);
        let mut layers = Layers::at(Next::Protocol(1, IpVersion::V4), Span::new(&bytes, bytes.len()));
        let Some(Layer::Icmpv4(icmp)) = layers.next() else { panic!() };
        assert_eq!(icmp.quoted().destination(), Some([10, 0, 0, 2]));
        assert_eq!((icmp.quoted().protocol(), icmp.quoted().destination_port()), (Some(17), Some(53)));
        let Some(Layer::Ipv4(ip)) = layers.next() else { panic!() };
        assert_eq!(ip.total_len(), 99);
        let Some(Layer::Udp(udp)) = layers.next() else { panic!() };
        assert_eq!((udp.destination_port(), udp.span().wire()), (53, 79));
    }

    #[test]
    fn objects_stand_behind_the_quoted_packet() {
        let mut bytes = message(TIME_EXCEEDED, &[0; QUOTED]);
        bytes.extend([0x20, 0, 0, 0, 0, 8, 1, 1, 0, 1, 0x01, 0x05, 0, 3, 1, 1, 0]);
        let (icmp, ..) = Icmpv4::parse(Span::new(&bytes, bytes.len())).unwrap();
        let extensions = icmp.extensions().unwrap();
        assert_eq!((extensions.version(), extensions.is_announced()), (Some(2), false));
        let mut objects = extensions.objects();
        let first = objects.next().unwrap().unwrap();
        let label = Label(first.payload.u32_at(0).unwrap());
        assert_eq!((label.value(), label.traffic_class(), label.is_bottom(), label.ttl()), (16, 0, true, 5));
        assert!(!objects.next().unwrap().unwrap().is_possible());
        assert!(objects.next().is_none());
        let (short, ..) = Icmpv4::parse(Span::new(&bytes[..136], 136)).unwrap();
        assert!(short.extensions().is_none());
    }

    #[test]
    fn a_message_of_one_byte_is_short() {
        assert_eq!(Icmpv4::parse(Span::new(&[8], 1)).unwrap_err().cause, Cause::Packet);
    }
}
