//! The key of a packet: what flows, statistics and tables need of it (addresses, ports, TCP flags, where the
//! payload is), found in one pass that stops at the transport header.

use std::net::IpAddr;

use super::ethernet::{Ethernet, IPV4, IPV6, Vlan};
use super::hdlc::Hdlc;
use super::ipsec::{AUTHENTICATION, Authentication};
use super::ipv4::Ipv4;
use super::ipv6::{Extension, Ipv6};
use super::llc::Llc;
use super::loopback::Loopback;
use super::ppp::{self, Ppp};
use super::pppoe::Pppoe;
use super::sll::{Sll, Sll2};
use super::tcp::Tcp;
use super::udp::Udp;
use super::{IpVersion, MAX_LAYERS, Next, Short, Span, ethernet};
use crate::frame::LinkType;

/// The number of TCP among IP's protocols.
const TCP: u8 = 6;
/// The number of UDP.
const UDP: u8 = 17;

/// Who speaks to whom in the outermost IP packet of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key {
    pub source: IpAddr,
    pub destination: IpAddr,
    /// The protocol behind the IP header and its extensions.
    pub protocol: u8,
    /// This is part of a packet; only the first part has a transport header.
    pub is_fragment: bool,
    /// Source and destination port of TCP and UDP, where they were captured.
    pub ports: Option<(u16, u16)>,
    /// The flags of TCP, such as [`SYN`](super::tcp::SYN); none where its header was not all captured.
    pub tcp_flags: Option<u16>,
    /// Where the bytes behind the last header found begin, from the start of the frame.
    pub payload_offset: u32,
    /// How many of them there were on the wire.
    pub payload_len: u32,
}

impl Key {
    /// The key of a frame: its bytes as captured, and its length on the wire. None for what is no IP packet,
    /// or whose IP header was not all captured.
    pub fn of(link_type: LinkType, data: &[u8], wire_len: usize) -> Option<Key> {
        let (next, span) = find_packet(link_type, Span::new(data, wire_len))?;
        let (mut key, next, rest) = match span.u8_at(0)? >> 4 {
            4 if next != Next::EtherType(IPV6) => {
                let (ip, next, rest) = Ipv4::parse(span).ok()?;
                let between = Key::between(ip.source().into(), ip.destination().into());
                (Key { is_fragment: ip.is_fragment(), ..between }, next, rest)
            }
            6 if next != Next::EtherType(IPV4) => {
                let (ip, next, rest) = Ipv6::parse(span).ok()?;
                (Key::between(ip.source().into(), ip.destination().into()), next, rest)
            }
            _ => return None,
        };
        let payload = key.find_transport(next, rest);
        key.payload_offset = u32::try_from(payload.offset()).unwrap_or(u32::MAX);
        key.payload_len = u32::try_from(payload.wire()).unwrap_or(u32::MAX);
        Some(key)
    }

    fn between(source: IpAddr, destination: IpAddr) -> Key {
        Key {
            source,
            destination,
            protocol: 0,
            is_fragment: false,
            ports: None,
            tcp_flags: None,
            payload_offset: 0,
            payload_len: 0,
        }
    }

    /// Goes on behind the IP header, over extension headers, up to a header of TCP or UDP; gives the payload.
    /// What else there may be, a tunnel too, is the payload.
    fn find_transport<'a>(&mut self, mut next: Next, mut rest: Span<'a>) -> Span<'a> {
        loop {
            match next {
                Next::Protocol(protocol, _) | Next::Fragment(protocol) => self.protocol = protocol,
                _ => return rest,
            }
            match next {
                Next::Protocol(protocol @ (TCP | UDP), _) => {
                    self.ports = rest.u16_at(0).zip(rest.u16_at(2));
                    if protocol == UDP {
                        return Udp::parse(rest).map_or(rest, |(_, _, payload)| payload);
                    }
                    let Ok((segment, _, payload)) = Tcp::parse(rest) else { return rest };
                    self.tcp_flags = Some(segment.flags());
                    return payload;
                }
                Next::Protocol(kind, IpVersion::V6) if Extension::is_one(kind) => {
                    let Ok((header, following, behind)) = Extension::parse(kind, rest) else { return rest };
                    self.is_fragment |= header.fragment().is_some();
                    (next, rest) = (following, behind);
                }
                Next::Protocol(AUTHENTICATION, version) => {
                    let Ok((_, following, behind)) = Authentication::parse(version, rest) else { return rest };
                    (next, rest) = (following, behind);
                }
                _ => return rest,
            }
        }
    }

    /// What was captured of the payload: `data` is the frame that the key was made of.
    pub fn payload<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        let payload = data.get(self.payload_offset as usize..).unwrap_or(&[]);
        payload.get(..self.payload_len as usize).unwrap_or(payload)
    }
}

/// Whether the outermost IP packet of a frame is a segment of TCP and whole, as most are: then the frame holds no fragment
/// and no other packet. An IPv6 packet with extension headers is not looked into.
pub fn is_segment(link_type: LinkType, data: &[u8], wire_len: usize) -> bool {
    let Some((next, span)) = find_packet(link_type, Span::new(data, wire_len)) else { return false };
    let first = span.u8_at(0).map(|byte| byte >> 4);
    match (first, next) {
        (Some(4), Next::Ip | Next::EtherType(IPV4)) => {
            Ipv4::parse(span).is_ok_and(|(ip, next, _)| !ip.is_fragment() && matches!(next, Next::Protocol(TCP, _)))
        }
        (Some(6), Next::Ip | Next::EtherType(IPV6)) => {
            Ipv6::parse(span).is_ok_and(|(_, next, _)| matches!(next, Next::Protocol(TCP, _)))
        }
        _ => false,
    }
}

/// Goes over the link layer and its tags: what is behind them.
fn find_packet(link_type: LinkType, span: Span<'_>) -> Option<(Next, Span<'_>)> {
    fn behind<'a, T>(parsed: Result<(T, Next, Span<'a>), Short>) -> Option<(Next, Span<'a>)> {
        parsed.ok().map(|(_, next, rest)| (next, rest))
    }
    let (mut next, mut rest) = match link_type {
        LinkType::EN10MB => behind(Ethernet::parse(span))?,
        LinkType::LINUX_SLL => behind(Sll::parse(span))?,
        LinkType::LINUX_SLL2 => behind(Sll2::parse(span))?,
        LinkType::NULL => behind(Loopback::parse_null(span))?,
        LinkType::LOOP => behind(Loopback::parse_loop(span))?,
        LinkType::PPP | LinkType::PPP_PPPD => behind(Ppp::parse(span))?,
        LinkType::PPP_SERIAL => behind(Hdlc::parse_serial(span))?,
        LinkType::C_HDLC => behind(Hdlc::parse_cisco(span))?,
        LinkType::PPP_ETHER => behind(Pppoe::parse(span))?,
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => (Next::Ip, span),
        _ => return None,
    };
    for _ in 1..MAX_LAYERS {
        (next, rest) = match next {
            Next::EtherType(ethernet::VLAN | ethernet::QINQ | ethernet::QINQ_OLD | ethernet::QINQ_9200) => {
                behind(Vlan::parse(rest))?
            }
            Next::Llc => behind(Llc::parse(rest))?,
            Next::EtherType(ethernet::PPPOE_SESSION) => behind(Pppoe::parse(rest))?,
            Next::Ppp => behind(Ppp::parse(rest))?,
            Next::PppProtocol(ppp::IP | IPV4) => (Next::EtherType(IPV4), rest),
            Next::PppProtocol(ppp::IPV6 | IPV6) => (Next::EtherType(IPV6), rest),
            Next::Ip | Next::EtherType(IPV4 | IPV6) => return Some((next, rest)),
            _ => return None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::tcp::{ACK, PSH};

    /// 10.0.0.1:443 > 10.0.0.2:50000 behind a VLAN tag, with two bytes of payload and padding.
    fn frame() -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 7, 8, 0];
        frame.extend([0x45, 0, 0, 42, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        frame.extend([1, 187, 0xc3, 0x50, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 1, 0, 0, 0, 0, 0]);
        frame.extend(b"hi\0\0");
        frame
    }

    #[test]
    fn a_segment_has_ports_flags_and_payload() {
        let frame = frame();
        let key = Key::of(LinkType::EN10MB, &frame, frame.len()).unwrap();
        assert_eq!((key.source, key.destination), ([10, 0, 0, 1].into(), [10, 0, 0, 2].into()));
        assert_eq!((key.protocol, key.ports, key.tcp_flags), (6, Some((443, 50000)), Some(PSH | ACK)));
        assert_eq!((key.payload(&frame), key.is_fragment), (&b"hi"[..], false));
    }

    #[test]
    fn what_a_cut_leaves_is_told_and_no_more() {
        let frame = frame();
        let whole = Key::of(LinkType::EN10MB, &frame, frame.len()).unwrap();
        for cut in 0..frame.len() {
            let key = Key::of(LinkType::EN10MB, &frame[..cut], frame.len());
            assert_eq!(key.is_some(), cut >= 38, "cut at {cut}");
            let Some(key) = key else { continue };
            assert_eq!((key.source, key.protocol), (whole.source, 6));
            assert_eq!(key.ports.is_some(), cut >= 42, "cut at {cut}");
            assert_eq!(key.tcp_flags.is_some(), cut >= 58, "cut at {cut}");
        }
    }

    #[test]
    fn whole_segments_are_told_from_fragments_and_tunnels() {
        let told = |link_type, frame: &[u8]| is_segment(link_type, frame, frame.len());
        assert!(told(LinkType::EN10MB, &frame()));
        let packet = frame()[18..].to_vec();
        assert!(told(LinkType::RAW, &packet));
        for (place, value) in [(6, 0x20), (7, 1), (9, 17), (9, 4), (0, 0x65)] {
            let mut other = packet.clone();
            other[place] = value;
            assert!(!told(LinkType::RAW, &other), "byte {place} is {value:#x}");
        }
        let mut sixth = vec![0x60, 0, 0, 0, 0, 24, 6, 64];
        sixth.extend([0; 32]);
        sixth.extend(&packet[20..]);
        assert!(told(LinkType::RAW, &sixth));
        sixth[6] = 44;
        assert!(!told(LinkType::RAW, &sixth));
    }

    #[test]
    fn fragments_and_tunnels_have_no_ports() {
        let mut later = frame()[18..].to_vec();
        later[6] = 0x20;
        later[7] = 1;
        let key = Key::of(LinkType::RAW, &later, later.len()).unwrap();
        assert_eq!((key.is_fragment, key.protocol, key.ports, key.payload_len), (true, 6, None, 22));
        let mut tunnel = vec![0x45, 0, 0, 62, 0, 1, 0, 0, 64, 4, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        tunnel.extend(&frame()[18..]);
        let key = Key::of(LinkType::RAW, &tunnel, tunnel.len()).unwrap();
        assert_eq!((key.source, key.protocol, key.ports), ([192, 0, 2, 1].into(), 4, None));
        assert_eq!(key.payload_len, 42);
    }

    #[test]
    fn extension_headers_are_stepped_over() {
        let mut packet = vec![0x60, 0, 0, 0, 0, 24, 0, 64];
        packet.extend([[1; 16], [2; 16]].as_flattened());
        packet.extend([44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 1, 0, 0, 0, 9, 0, 53, 4, 0, 0, 8, 0, 0]);
        let key = Key::of(LinkType::IPV6, &packet, packet.len()).unwrap();
        assert_eq!((key.is_fragment, key.protocol, key.ports), (true, 17, Some((53, 1024))));
    }
}
