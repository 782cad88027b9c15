//! Why decoding ended before what the headers promised.

use super::Visitor;
use crate::decode::{Cause, Next, Short, eigrp, ethernet, ipsec, ospf, pim, sctp, vrrp, vtp};
use crate::frame::LinkType;

fields! { stop, "stop", Plain, "Where decoding had to end before its time";
    PROTOCOL_NAME "protocol" Text "What should have been there" ["" "" ""];
    CAUSE "cause" Text "capture: not captured; packet: the packet ends; malformed: can't be that; depth: too many layers; fault: a decoder of ours failed" ["_ws.malformed" "weird.name" "anomaly.event"];
    OFFSET "offset" Number "Where it should have been, in bytes from the start of the frame" ["" "" ""];
    NEEDED "needed" Number "Bytes that it takes there" ["" "" ""];
    AVAILABLE "available" Number "Bytes that were captured there" ["" "" ""];
}

pub(super) fn visit<'a>(name: &'static str, short: &Short, out: &mut impl Visitor<'a>) {
    out.put(&PROTOCOL_NAME, name);
    let cause = match short.cause {
        Cause::Capture => "capture",
        Cause::Packet => "packet",
        Cause::Malformed => "malformed",
        Cause::Depth => "depth",
    };
    out.put(&CAUSE, cause);
    out.put(&OFFSET, short.offset);
    out.put(&NEEDED, short.needed);
    out.put(&AVAILABLE, short.available);
}

pub(super) fn visit_fault<'a>(out: &mut impl Visitor<'a>) {
    out.put(&CAUSE, "fault");
}

/// The name of a protocol, where it has one here.
pub(super) fn name_of(next: Next) -> &'static str {
    let protocol = match next {
        Next::Link(LinkType::EN10MB) => &super::ethernet::PROTOCOL,
        Next::Link(LinkType::NULL | LinkType::LOOP) => &super::loopback::PROTOCOL,
        Next::Link(LinkType::LINUX_SLL | LinkType::LINUX_SLL2) => &super::sll::PROTOCOL,
        Next::EtherType(ethernet::ARP | ethernet::RARP) => &super::arp::PROTOCOL,
        Next::EtherType(ethernet::IPV6) | Next::Protocol(41, _) => &super::ipv6::PROTOCOL,
        Next::EtherType(ethernet::IPV4) | Next::Protocol(4, _) | Next::Ip | Next::Link(LinkType::RAW) => {
            &super::ipv4::PROTOCOL
        }
        Next::EtherType(ethernet::MPLS | ethernet::MPLS_MULTICAST) => &super::mpls::PROTOCOL,
        Next::EtherType(ethernet::VLAN | ethernet::QINQ | ethernet::QINQ_OLD | ethernet::QINQ_9200) => {
            &super::vlan::PROTOCOL
        }
        Next::Llc => &super::llc::PROTOCOL,
        Next::Isis => &super::isis::PROTOCOL,
        Next::Ipx | Next::EtherType(ethernet::IPX) => &super::ipx::PROTOCOL,
        Next::Ppp | Next::PppProtocol(_) | Next::Link(LinkType::PPP | LinkType::PPP_PPPD) => &super::ppp::PROTOCOL,
        Next::EtherType(ethernet::PPPOE_DISCOVERY | ethernet::PPPOE_SESSION) | Next::Link(LinkType::PPP_ETHER) => {
            &super::pppoe::PROTOCOL
        }
        Next::Link(LinkType::PPP_SERIAL | LinkType::C_HDLC) => &super::hdlc::PROTOCOL,
        Next::EtherType(ethernet::EAPOL) => &super::eapol::PROTOCOL,
        Next::Snap(vtp::SNAP) => &super::vtp::PROTOCOL,
        Next::Eap(_) => &super::eap::PROTOCOL,
        Next::Erspan => &super::erspan::PROTOCOL,
        Next::VxlanGpe => &super::vxlan_gpe::PROTOCOL,
        Next::Vxlan | Next::Otv => &super::vxlan::PROTOCOL,
        Next::Geneve => &super::geneve::PROTOCOL,
        Next::Protocol(6, _) => &super::tcp::PROTOCOL,
        Next::Protocol(17, _) => &super::udp::PROTOCOL,
        Next::Protocol(1, _) => &super::icmpv4::PROTOCOL,
        Next::Protocol(2, _) => &super::igmp::PROTOCOL,
        Next::Protocol(47, _) => &super::gre::PROTOCOL,
        Next::Protocol(58, _) => &super::icmpv6::PROTOCOL,
        Next::Protocol(ipsec::AUTHENTICATION, _) => &super::ah::PROTOCOL,
        Next::Protocol(ipsec::ENCAPSULATED, _) => &super::esp::PROTOCOL,
        Next::Protocol(ipsec::COMPRESSION, _) => &super::ipcomp::PROTOCOL,
        Next::Protocol(sctp::PROTOCOL, _) => &super::sctp::PROTOCOL,
        Next::Protocol(ospf::PROTOCOL, _) => &super::ospf::PROTOCOL,
        Next::Protocol(pim::PROTOCOL, _) => &super::pim::PROTOCOL,
        Next::Protocol(eigrp::PROTOCOL, _) => &super::eigrp::PROTOCOL,
        Next::Protocol(vrrp::PROTOCOL, _) => &super::vrrp::PROTOCOL,
        Next::Protocol(..) => &super::ipv6_extension::PROTOCOL,
        Next::Link(LinkType::IPV4) => &super::ipv4::PROTOCOL,
        Next::Link(LinkType::IPV6) => &super::ipv6::PROTOCOL,
        _ => return "unknown",
    };
    protocol.name
}
