//! ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861), multicast listener discovery (RFC 2710, RFC 3810)
//! and node information (RFC 4620): one message, and the packet that an error quotes.

use super::ethernet::IPV6;
use super::multicast::{GroupRecords, addresses};
use super::ndp::Options;
use super::{Next, Short, Span};

/// Message types.
pub const UNREACHABLE: u8 = 1;
pub const PACKET_TOO_BIG: u8 = 2;
pub const TIME_EXCEEDED: u8 = 3;
pub const PARAMETER_PROBLEM: u8 = 4;
pub const ECHO_REQUEST: u8 = 128;
pub const ECHO_REPLY: u8 = 129;
pub const LISTENER_QUERY: u8 = 130;
pub const LISTENER_REPORT: u8 = 131;
pub const LISTENER_DONE: u8 = 132;
pub const ROUTER_SOLICITATION: u8 = 133;
pub const ROUTER_ADVERTISEMENT: u8 = 134;
pub const NEIGHBOUR_SOLICITATION: u8 = 135;
pub const NEIGHBOUR_ADVERTISEMENT: u8 = 136;
pub const REDIRECT: u8 = 137;
pub const ROUTER_RENUMBERING: u8 = 138;
pub const NODE_INFORMATION_QUERY: u8 = 139;
pub const NODE_INFORMATION_REPLY: u8 = 140;
pub const INVERSE_SOLICITATION: u8 = 141;
pub const INVERSE_ADVERTISEMENT: u8 = 142;
pub const LISTENER_REPORT_V2: u8 = 143;
pub const HOME_AGENT_REQUEST: u8 = 144;
pub const HOME_AGENT_REPLY: u8 = 145;
pub const MOBILE_PREFIX_SOLICITATION: u8 = 146;
pub const MOBILE_PREFIX_ADVERTISEMENT: u8 = 147;
pub const RPL: u8 = 155;

/// Where the body of a message begins, in bytes.
const BODY: usize = 8;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Icmpv6<'a> {
    kind: u8,
    span: Span<'a>,
}

impl<'a> Icmpv6<'a> {
    /// # Errors
    /// Where not even the type was captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[kind], _) = span.split_array()?;
        let view = Icmpv6 { kind, span };
        let body = span.skip(BODY);
        if !view.is_error() {
            return Ok((view, Next::Payload, body));
        }
        let quoted = match body.u16_at(4) {
            Some(payload @ 1..) => body.head_of(usize::from(payload).wrapping_add(40)),
            _ => body,
        };
        Ok((view, Next::EtherType(IPV6), quoted))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The message type, such as [`ECHO_REQUEST`].
    pub fn kind(&self) -> u8 {
        self.kind
    }

    pub fn code(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    /// Whether the message is an error, which quotes the packet that it is about.
    pub fn is_error(&self) -> bool {
        matches!(self.kind, UNREACHABLE | PACKET_TOO_BIG | TIME_EXCEEDED | PARAMETER_PROBLEM)
    }

    /// The checksum over a pseudo header and the message.
    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// Whose message it is: of an echo or of mobility.
    pub fn identifier(&self) -> Option<u16> {
        self.span.u16_at(4)
    }

    /// The sequence number of an echo.
    pub fn sequence(&self) -> Option<u16> {
        self.span.u16_at(6)
    }

    /// The MTU of the next hop, in bytes, where a packet was too big.
    pub fn mtu(&self) -> Option<u32> {
        self.span.u32_at(4)
    }

    /// The place of the byte in the quoted packet that a parameter problem is about.
    pub fn pointer(&self) -> Option<u32> {
        self.span.u32_at(4)
    }

    /// The source of the packet that an error quotes.
    pub fn quoted_source(&self) -> Option<[u8; 16]> {
        self.span.array_at(BODY.wrapping_add(8))
    }

    /// The destination of the packet that an error quotes.
    pub fn quoted_destination(&self) -> Option<[u8; 16]> {
        self.span.array_at(BODY.wrapping_add(24))
    }

    /// The address that neighbour discovery is about, or the better next hop of a redirect.
    pub fn target(&self) -> Option<[u8; 16]> {
        self.span.array_at(BODY)
    }

    /// The destination that a redirect is about.
    pub fn redirected(&self) -> Option<[u8; 16]> {
        self.span.array_at(BODY.wrapping_add(16))
    }

    /// The flags of a neighbour advertisement: router, solicited and override are the highest bits.
    pub fn neighbour_flags(&self) -> Option<u8> {
        self.span.u8_at(4)
    }

    /// What a router advertisement says of itself.
    pub fn router(&self) -> Option<Router> {
        Some(Router {
            hop_limit: self.span.u8_at(4)?,
            flags: self.span.u8_at(5)?,
            lifetime: self.span.u16_at(6)?,
            reachable: self.span.u32_at(8)?,
            retransmit: self.span.u32_at(12)?,
        })
    }

    /// The options of neighbour discovery; none in other messages.
    pub fn options(&self) -> Options<'a> {
        let at = match self.kind {
            ROUTER_SOLICITATION | MOBILE_PREFIX_ADVERTISEMENT => 8,
            ROUTER_ADVERTISEMENT => 16,
            NEIGHBOUR_SOLICITATION | NEIGHBOUR_ADVERTISEMENT => 24,
            REDIRECT => 40,
            _ => self.span.wire(),
        };
        Options::new(self.span.skip(at))
    }

    /// What a multicast listener message says.
    pub fn listener(&self) -> Listener<'a> {
        Listener(self.span)
    }
}

/// What a router advertisement says of itself (RFC 4861, 4.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Router {
    /// The hop limit to use; 0 says nothing.
    pub hop_limit: u8,
    /// Managed, other, home agent, preference (two bits; RFC 4191), … from the highest bit on.
    pub flags: u8,
    /// In seconds; 0 is no default router.
    pub lifetime: u16,
    /// For how long a neighbour is thought reachable, in milliseconds; 0 says nothing.
    pub reachable: u32,
    /// Time between solicitations, in milliseconds; 0 says nothing.
    pub retransmit: u32,
}

/// The fields of multicast listener discovery.
#[derive(Clone, Copy, Debug)]
pub struct Listener<'a>(Span<'a>);

impl<'a> Listener<'a> {
    /// The longest time to answer in, as a code: in version 1, and below 32768, in milliseconds.
    pub fn response_code(&self) -> Option<u16> {
        self.0.u16_at(4)
    }

    /// The multicast group: all zeros asks for all.
    pub fn group(&self) -> Option<[u8; 16]> {
        self.0.array_at(BODY)
    }

    /// A version 2 query's byte of flags: suppress (8), and the querier's robustness (the low three bits).
    pub fn query_flags(&self) -> Option<u8> {
        self.0.u8_at(24)
    }

    /// A version 2 query's code for the time between queries, in seconds.
    pub fn query_interval_code(&self) -> Option<u8> {
        self.0.u8_at(25)
    }

    /// How many sources a version 2 query says it names.
    pub fn query_source_count(&self) -> Option<u16> {
        self.0.u16_at(26)
    }

    /// The sources of a version 2 query; none for one that was not captured.
    pub fn query_sources(&self) -> impl Iterator<Item = Option<[u8; 16]>> + use<'a> {
        addresses(self.0.skip(28), self.query_source_count().unwrap_or(0))
    }

    /// How many groups a version 2 report says it tells of.
    pub fn record_count(&self) -> Option<u16> {
        self.0.u16_at(6)
    }

    /// The group records of a version 2 report.
    pub fn records(&self) -> GroupRecords<'a, 16> {
        GroupRecords::new(self.0.skip(BODY), self.record_count().unwrap_or(0))
    }
}

/// The milliseconds that a code of 16 bits stands for (RFC 3810, 5.1.3).
pub fn response_delay(code: u16) -> u32 {
    if code < 0x8000 {
        return code.into();
    }
    let exponent = u32::from(code >> 12 & 7).wrapping_add(3);
    u32::from(code & 0x0fff | 0x1000) << exponent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{IpVersion, Layer, Layers};

    #[test]
    fn an_error_leads_to_the_packet_it_quotes() {
        let mut bytes = vec![UNREACHABLE, 4, 0, 0, 0, 0, 0, 0];
        bytes.extend([0x60, 0, 0, 0, 0, 8, 17, 64]);
        bytes.extend([1; 16]);
        bytes.extend([2; 16]);
        bytes.extend([0, 1, 0, 53, 0, 8, 0, 0]);
        let mut layers = Layers::at(Next::Protocol(58, IpVersion::V6), Span::new(&bytes, bytes.len()));
        let Some(Layer::Icmpv6(icmp)) = layers.next() else { panic!() };
        assert_eq!((icmp.quoted_source(), icmp.quoted_destination()), (Some([1; 16]), Some([2; 16])));
        assert!(matches!(layers.next(), Some(Layer::Ipv6(_))));
        let Some(Layer::Udp(udp)) = layers.next() else { panic!() };
        assert_eq!(udp.destination_port(), 53);
    }

    #[test]
    fn a_solicitation_has_a_target_and_options() {
        let mut bytes = vec![NEIGHBOUR_SOLICITATION, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend([9; 16]);
        bytes.extend([1, 1, 2, 0, 0, 0, 0, 1]);
        let (icmp, next, _) = Icmpv6::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((icmp.target(), next, icmp.options().count()), (Some([9; 16]), Next::Payload, 1));
        let (icmp, ..) = Icmpv6::parse(Span::new(&bytes[..23], bytes.len())).unwrap();
        assert_eq!((icmp.target(), icmp.options().count()), (None, 0));
    }

    #[test]
    fn long_delays_are_floating_point() {
        assert_eq!([10_000, 0x8000, 0xffff].map(response_delay), [10_000, 0x8000, 0x1fff << 10]);
    }
}
