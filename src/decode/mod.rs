//! Bytes to layers: one protocol a file, each a checked view over its bytes. Knows nothing of files,
//! clocks or printing.
//!
//! [`Layers`] walks a frame from the outside in and never fails: it yields the layers it can, and then
//! tells what is left ([`rest`](Layers::rest)), what that should have been ([`next_header`](Layers::next_header))
//! and, where bytes were missing, why it had to end ([`stop`](Layers::stop)).
//!
//! Every decoder has the same form: `parse(Span) -> Result<(view, Next, Span), Short>`; the view holds the
//! header, [`Next`] names what follows it, and the second span is where that stands.
//!
//! ```
//! use sabueso::decode::{Layer, Layers};
//! use sabueso::frame::LinkType;
//! let frame = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 7, 0x88, 0xb5, 1, 2];
//! let mut layers = Layers::new(LinkType::EN10MB, &frame, frame.len());
//! let Some(Layer::Ethernet(ethernet)) = layers.next() else { panic!() };
//! assert_eq!(ethernet.source(), [2, 0, 0, 0, 0, 1]);
//! let Some(Layer::Vlan(vlan)) = layers.next() else { panic!() };
//! assert_eq!(vlan.id(), 7);
//! assert!(layers.next().is_none());
//! assert_eq!(layers.rest().bytes(), [1, 2]);
//! ```

pub mod application;
pub mod arp;
pub mod asn1;
pub mod cdp;
pub mod checksum;
pub mod dhcp;
pub mod dhcpv6;
pub mod dns;
pub mod dtp;
pub mod eapol;
pub mod eigrp;
pub mod erspan;
pub mod ethernet;
pub mod geneve;
pub mod gre;
pub mod hdlc;
pub mod hsrp;
pub mod http2;
pub mod icmpv4;
pub mod icmpv6;
pub mod igmp;
pub mod ipsec;
pub mod ipv4;
pub mod ipv6;
pub mod ipx;
pub mod isis;
pub mod key;
pub mod llc;
pub mod lldp;
pub mod loopback;
pub mod loopback_test;
pub mod mpls;
pub mod multicast;
pub mod ndp;
pub mod netbios;
pub mod ntp;
pub mod ospf;
pub mod pim;
pub mod ports;
pub mod ppp;
pub mod pppoe;
pub mod quic;
pub mod radius;
pub mod rip;
pub mod sctp;
pub mod sll;
pub mod slow;
mod span;
pub mod ssh;
pub mod stp;
pub mod syslog;
pub mod tcp;
pub mod telnet;
pub mod tftp;
pub mod tls;
pub mod udld;
pub mod udp;
pub mod vrrp;
pub mod vtp;
pub mod vxlan;
pub mod vxlan_gpe;

pub use span::{Cause, Short, Span};

use std::net::IpAddr;

use crate::frame::LinkType;

/// The most layers decoded in one packet: deeper nesting ends with [`Cause::Depth`].
pub const MAX_LAYERS: u8 = 32;

/// One header, as a checked view over its bytes.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each variant is documented by its type")]
pub enum Layer<'a> {
    Ethernet(ethernet::Ethernet<'a>),
    Vlan(ethernet::Vlan<'a>),
    Llc(llc::Llc<'a>),
    Sll(sll::Sll<'a>),
    Sll2(sll::Sll2<'a>),
    Loopback(loopback::Loopback),
    Hdlc(hdlc::Hdlc<'a>),
    Slarp(hdlc::Slarp<'a>),
    Ppp(ppp::Ppp<'a>),
    PppControl(ppp::Control<'a>),
    PppAuthentication(ppp::Authentication<'a>),
    Pppoe(pppoe::Pppoe<'a>),
    Isis(isis::Isis<'a>),
    Lldp(lldp::Lldp<'a>),
    Cdp(cdp::Cdp<'a>),
    Dtp(dtp::Dtp<'a>),
    Udld(udld::Udld<'a>),
    Vtp(vtp::Vtp<'a>),
    Slow(slow::Slow<'a>),
    Eapol(eapol::Eapol<'a>),
    Eap(eapol::Eap<'a>),
    LoopbackTest(loopback_test::LoopbackTest<'a>),
    Ipx(ipx::Ipx<'a>),
    Arp(arp::Arp<'a>),
    Ipv4(ipv4::Ipv4<'a>),
    Ipv6(ipv6::Ipv6<'a>),
    Ipv6Extension(ipv6::Extension<'a>),
    Tcp(tcp::Tcp<'a>),
    Udp(udp::Udp<'a>),
    Icmpv4(icmpv4::Icmpv4<'a>),
    Icmpv6(icmpv6::Icmpv6<'a>),
    Igmp(igmp::Igmp<'a>),
    Vxlan(vxlan::Vxlan<'a>),
    VxlanGpe(vxlan_gpe::VxlanGpe<'a>),
    Geneve(geneve::Geneve<'a>),
    Gre(gre::Gre<'a>),
    Erspan(erspan::Erspan<'a>),
    Mpls(mpls::Mpls<'a>),
    Vrrp(vrrp::Vrrp<'a>),
    Eigrp(eigrp::Eigrp<'a>),
    Authentication(ipsec::Authentication<'a>),
    Encapsulated(ipsec::Encapsulated),
    Compression(ipsec::Compression),
    Sctp(sctp::Sctp<'a>),
    Pim(pim::Pim<'a>),
    Ospf(ospf::Ospf<'a>),
}

/// What stands next in a packet, as the header before it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// The frame's own start.
    Link(LinkType),
    /// A protocol by its Ethernet type.
    EtherType(u16),
    /// An 802.2 logical link control header.
    Llc,
    /// A protocol by an organisation's number that is no Ethernet type.
    Snap(llc::Snap),
    /// The routing protocol of OSI.
    Isis,
    /// Novell's internetwork protocol.
    Ipx,
    /// A frame of the point-to-point protocol.
    Ppp,
    /// A protocol by its number in PPP.
    PppProtocol(u16),
    /// The keep-alive of a serial line.
    Slarp,
    /// An authentication packet of this length.
    Eap(u16),
    /// A copied frame, behind a header that tells where it was seen.
    Erspan,
    /// IP, whose version its first byte tells.
    Ip,
    /// A protocol by its IP protocol number, and the IP version it stands in.
    Protocol(u8, IpVersion),
    /// A later fragment of an IP packet: the header of its protocol is in another frame.
    Fragment(u8),
    /// Ethernet in UDP.
    Vxlan,
    /// Ethernet in UDP, on the port that has two names.
    Otv,
    /// IP or Ethernet in UDP.
    VxlanGpe,
    /// Any protocol in UDP.
    Geneve,
    /// What a transport or control protocol carries.
    Payload,
}

/// The version of the IP header around something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum IpVersion {
    V4,
    V6,
}

/// The IP header around something.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each variant is documented by its type")]
pub enum Ip<'a> {
    V4(ipv4::Ipv4<'a>),
    V6(ipv6::Ipv6<'a>),
}

impl Ip<'_> {
    /// Source and destination.
    pub fn addresses(&self) -> (IpAddr, IpAddr) {
        match self {
            Ip::V4(header) => (header.source().into(), header.destination().into()),
            Ip::V6(header) => (header.source().into(), header.destination().into()),
        }
    }

    pub fn version(&self) -> IpVersion {
        match self {
            Ip::V4(_) => IpVersion::V4,
            Ip::V6(_) => IpVersion::V6,
        }
    }
}

/// Where decoding had to end before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop {
    /// What should have been there.
    pub what: Next,
    pub short: Short,
}

/// A walk over the layers of one frame. Cheap to copy: look ahead with a copy.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a> {
    next: Next,
    rest: Span<'a>,
    depth: u8,
    stop: Option<Stop>,
}

type Step<'a> = Result<(Layer<'a>, Next, Span<'a>), Short>;

impl<'a> Layers<'a> {
    /// Starts at the link layer of a frame: the bytes captured and the length on the wire.
    pub fn new(link_type: LinkType, data: &'a [u8], wire_len: usize) -> Self {
        Self::at(Next::Link(link_type), Span::new(data, wire_len))
    }

    /// Starts at any layer.
    pub fn at(next: Next, span: Span<'a>) -> Self {
        Layers { next, rest: span, depth: 0, stop: None }
    }

    /// Goes on in other bytes, such as those that this walk came to say in another form, as deep as it is.
    pub fn elsewhere<'b>(&self, next: Next, span: Span<'b>) -> Layers<'b> {
        Layers { next, rest: span, depth: self.depth, stop: None }
    }

    /// What is behind the layers yielded so far.
    pub fn rest(&self) -> Span<'a> {
        self.rest
    }

    /// What [`rest`](Self::rest) should be.
    pub fn next_header(&self) -> Next {
        self.next
    }

    /// Why the walk ended, where that was before what the headers promised.
    pub fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// The decoder for what is next, or none where nobody here knows it.
    fn step(&self) -> Option<Step<'a>> {
        let span = self.rest;
        Some(match self.next {
            Next::Link(LinkType::EN10MB) | Next::Protocol(ethernet::IP_PROTOCOL, IpVersion::V6) => {
                wrap(ethernet::Ethernet::parse(span), Layer::Ethernet)
            }
            Next::Link(LinkType::NULL) => wrap(loopback::Loopback::parse_null(span), Layer::Loopback),
            Next::Link(LinkType::LOOP) => wrap(loopback::Loopback::parse_loop(span), Layer::Loopback),
            Next::Link(LinkType::LINUX_SLL) => wrap(sll::Sll::parse(span), Layer::Sll),
            Next::Link(LinkType::LINUX_SLL2) => wrap(sll::Sll2::parse(span), Layer::Sll2),
            Next::Link(LinkType::PPP | LinkType::PPP_PPPD) | Next::Ppp => wrap(ppp::Ppp::parse(span), Layer::Ppp),
            Next::Link(LinkType::PPP_SERIAL) => wrap(hdlc::Hdlc::parse_serial(span), Layer::Hdlc),
            Next::Link(LinkType::C_HDLC) => wrap(hdlc::Hdlc::parse_cisco(span), Layer::Hdlc),
            Next::Link(LinkType::PPP_ETHER) => wrap(pppoe::Pppoe::parse(span), Layer::Pppoe),
            Next::Link(LinkType::RAW | LinkType::IPV4 | LinkType::IPV6) | Next::Ip => match span.u8_at(0)? >> 4 {
                4 => wrap(ipv4::Ipv4::parse(span), Layer::Ipv4),
                6 => wrap(ipv6::Ipv6::parse(span), Layer::Ipv6),
                _ => return None,
            },
            Next::EtherType(ethernet::IPV4) | Next::Protocol(4, _) => wrap(ipv4::Ipv4::parse(span), Layer::Ipv4),
            Next::EtherType(ethernet::IPV6) | Next::Protocol(41, _) => wrap(ipv6::Ipv6::parse(span), Layer::Ipv6),
            Next::EtherType(ethernet::VLAN | ethernet::QINQ | ethernet::QINQ_OLD | ethernet::QINQ_9200) => {
                wrap(ethernet::Vlan::parse(span), Layer::Vlan)
            }
            Next::EtherType(ethernet::ARP | ethernet::RARP) => wrap(arp::Arp::parse(span), Layer::Arp),
            Next::EtherType(ethernet::IPX) => wrap(ipx::Ipx::parse_typed(span), Layer::Ipx),
            Next::Isis => wrap(isis::Isis::parse(span), Layer::Isis),
            Next::Ipx => wrap(ipx::Ipx::parse(span), Layer::Ipx),
            Next::EtherType(ethernet::MPLS | ethernet::MPLS_MULTICAST) => wrap(mpls::Mpls::parse(span), Layer::Mpls),
            Next::EtherType(
                ethernet::PPPOE_DISCOVERY
                | ethernet::PPPOE_SESSION
                | ethernet::PPPOE_DISCOVERY_OLD
                | ethernet::PPPOE_SESSION_OLD,
            ) => wrap(pppoe::Pppoe::parse(span), Layer::Pppoe),
            Next::EtherType(ethernet::PPP) => wrap(ppp::Ppp::parse_typed(span), Layer::Ppp),
            Next::EtherType(ethernet::SLOW) => wrap(slow::Slow::parse(span), Layer::Slow),
            Next::EtherType(ethernet::EAPOL) => wrap(eapol::Eapol::parse(span), Layer::Eapol),
            Next::EtherType(ethernet::LLDP) => wrap(lldp::Lldp::parse(span), Layer::Lldp),
            Next::EtherType(ethernet::LOOPBACK_TEST) => {
                wrap(loopback_test::LoopbackTest::parse(span), Layer::LoopbackTest)
            }
            Next::Snap(cdp::SNAP) => wrap(cdp::Cdp::parse(span), Layer::Cdp),
            Next::Snap(dtp::SNAP) => wrap(dtp::Dtp::parse(span), Layer::Dtp),
            Next::Snap(udld::SNAP) => wrap(udld::Udld::parse(span), Layer::Udld),
            Next::Snap(vtp::SNAP) => wrap(vtp::Vtp::parse(span), Layer::Vtp),
            Next::PppProtocol(number) => return ppp_protocol(number, span),
            Next::Slarp => wrap(hdlc::Slarp::parse(span), Layer::Slarp),
            Next::Eap(length) => wrap(eapol::Eap::parse(length, span), Layer::Eap),
            Next::Erspan => wrap(erspan::Erspan::parse(span), Layer::Erspan),
            Next::Vxlan => wrap(vxlan::Vxlan::parse(span), Layer::Vxlan),
            Next::Otv => wrap(vxlan::Vxlan::parse_otv(span), Layer::Vxlan),
            Next::VxlanGpe => wrap(vxlan_gpe::VxlanGpe::parse(span), Layer::VxlanGpe),
            Next::Geneve => wrap(geneve::Geneve::parse(span), Layer::Geneve),
            Next::Llc => wrap(llc::Llc::parse(span), Layer::Llc),
            Next::Protocol(6, _) => wrap(tcp::Tcp::parse(span), Layer::Tcp),
            Next::Protocol(17, _) => wrap(udp::Udp::parse(span), Layer::Udp),
            Next::Protocol(1, IpVersion::V4) => wrap(icmpv4::Icmpv4::parse(span), Layer::Icmpv4),
            Next::Protocol(2, IpVersion::V4) => wrap(igmp::Igmp::parse(span), Layer::Igmp),
            Next::Protocol(47, _) => wrap(gre::Gre::parse(span), Layer::Gre),
            Next::Protocol(eigrp::PROTOCOL, _) => wrap(eigrp::Eigrp::parse(span), Layer::Eigrp),
            Next::Protocol(vrrp::PROTOCOL, _) => wrap(vrrp::Vrrp::parse(span), Layer::Vrrp),
            Next::Protocol(ipsec::AUTHENTICATION, version) => {
                wrap(ipsec::Authentication::parse(version, span), Layer::Authentication)
            }
            Next::Protocol(ipsec::ENCAPSULATED, _) => wrap(ipsec::Encapsulated::parse(span), Layer::Encapsulated),
            Next::Protocol(ipsec::COMPRESSION, _) => wrap(ipsec::Compression::parse(span), Layer::Compression),
            Next::Protocol(ospf::PROTOCOL, _) => wrap(ospf::Ospf::parse(span), Layer::Ospf),
            Next::Protocol(pim::PROTOCOL, _) => wrap(pim::Pim::parse(span), Layer::Pim),
            Next::Protocol(sctp::PROTOCOL, _) => wrap(sctp::Sctp::parse(span), Layer::Sctp),
            Next::Protocol(58, IpVersion::V6) => wrap(icmpv6::Icmpv6::parse(span), Layer::Icmpv6),
            Next::Protocol(kind, IpVersion::V6) if ipv6::Extension::is_one(kind) => {
                wrap(ipv6::Extension::parse(kind, span), Layer::Ipv6Extension)
            }
            Next::Link(_)
            | Next::EtherType(_)
            | Next::Snap(_)
            | Next::Protocol(..)
            | Next::Fragment(_)
            | Next::Payload => return None,
        })
    }
}

fn wrap<'a, T>(parsed: Result<(T, Next, Span<'a>), Short>, layer: fn(T) -> Layer<'a>) -> Step<'a> {
    parsed.map(|(view, next, rest)| (layer(view), next, rest))
}

/// What a frame of PPP carries; Ethernet types stand for IP too.
fn ppp_protocol(number: u16, span: Span<'_>) -> Option<Step<'_>> {
    Some(match number {
        ppp::IP | ppp::VJ_UNCOMPRESSED | ethernet::IPV4 => wrap(ipv4::Ipv4::parse(span), Layer::Ipv4),
        ppp::IPV6 | ethernet::IPV6 => wrap(ipv6::Ipv6::parse(span), Layer::Ipv6),
        ppp::OSI if span.u8_at(0) == Some(isis::IDENTIFIER) => wrap(isis::Isis::parse(span), Layer::Isis),
        ppp::IPX | ethernet::IPX => wrap(ipx::Ipx::parse(span), Layer::Ipx),
        ppp::MPLS | ppp::MPLS_MULTICAST => wrap(mpls::Mpls::parse(span), Layer::Mpls),
        ppp::LCP | ppp::IPCP | ppp::OSICP | ppp::MPLSCP | ppp::IPV6CP | ppp::CCP | ppp::BACP => {
            wrap(ppp::Control::parse(number, span), Layer::PppControl)
        }
        ppp::PAP | ppp::CHAP => wrap(ppp::Authentication::parse(number, span), Layer::PppAuthentication),
        _ => return None,
    })
}

impl<'a> Iterator for Layers<'a> {
    type Item = Layer<'a>;

    #[inline]
    fn next(&mut self) -> Option<Layer<'a>> {
        if self.stop.is_some() {
            return None;
        }
        if self.depth == MAX_LAYERS {
            let short = Short { cause: Cause::Depth, ..self.rest.short(0) };
            self.stop = Some(Stop { what: self.next, short });
            return None;
        }
        match self.step()? {
            Ok((layer, next, rest)) => {
                (self.next, self.rest) = (next, rest);
                self.depth = self.depth.saturating_add(1);
                Some(layer)
            }
            Err(short) => {
                self.stop = Some(Stop { what: self.next, short });
                None
            }
        }
    }
}
