//! The walk over a packet: layer by layer to the protocol that knows its fields.

use super::{
    Form, Part, Protocol, Said, Visitor, ah, arp, cdp, datagram, dhcp, dhcpv6, dns, dtp, eap, eapol, eigrp, erspan,
    esp, ethernet, frame, geneve, gre, hdlc, hsrp, icmpv4, icmpv6, igmp, ipcomp, ipv4, ipv6, ipv6_extension, ipx, isis,
    llc, lldp, loopback, loopback_test, mpls, nbns, ntp, ospf, pim, ppp, ppp_auth, ppp_control, pppoe, process, quic,
    radius, rip, ripng, sctp, slarp, sll, slow, snmp, ssh, stop, stp, syslog, tcp, tftp, tls, udld, udp, vlan, vrrp,
    vtp, vxlan, vxlan_gpe,
};
use crate::decode::ports::{self, Datagram, Segment};
use crate::decode::{Layer, Layers, Next, Short, Span};
use crate::frame::{Frame, Section};
use crate::owner::View;

/// A frame and what is known of it beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Its place among the packets chosen, from 1.
    pub number: u64,
    pub section: &'a Section,
    pub frame: Frame<'a>,
    /// What it says together with those before it, where a [`Listener`](super::Listener) heard that.
    pub said: Option<&'a Said>,
}

/// Tells a visitor the fields of a packet, from the outside in.
pub fn visit<'a>(packet: &Packet<'a>, out: &mut impl Visitor<'a>) {
    let mut walk = Walk { out, level: 0, has_network: false, inner: 0, row: None, here: packet.frame.data };
    walk.layer(&frame::PROTOCOL, |out| frame::visit(packet, out));
    if let Some(owner) = View::of(&packet.frame, packet.section.byte_order) {
        walk.layer(&process::PROTOCOL, |out| process::visit(&owner, out));
    }
    let frame = &packet.frame;
    let mut layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
    let mut datagrams = packet.said.map_or(&[][..], |said| &said.datagrams).iter();
    let mut short = None;
    let mut before = layers.rest();
    while let Some(layer) = layers.next() {
        walk.here = bytes_of(&layer, before, &layers);
        short = walk.decoded(&layer).or(short);
        if is_fragment(&layer)
            && let Some(whole) = datagrams.next()
        {
            walk.here = &[];
            walk.layer(&datagram::PROTOCOL, |out| datagram::visit(whole, out));
            layers = whole.layers();
        }
        before = layers.rest();
    }
    walk.here = &[];
    let stop = layers.stop().map(|stop| (stop::name_of(stop.what), stop.short)).or(short);
    walk.end_row();
    if let Some(said) = packet.said {
        walk.said(said);
    }
    for _ in 0..walk.inner {
        walk.out.end(Part::Inner);
    }
    if let Some((name, short)) = stop {
        walk.inner = 0;
        (walk.level, walk.has_network) = (0, false);
        walk.here = &[];
        walk.layer(&stop::PROTOCOL, |out| stop::visit(name, &short, out));
    }
}

/// Tells a visitor what can be told of a packet whose decoding failed by a fault of ours.
pub fn visit_frame<'a>(packet: &Packet<'a>, out: &mut impl Visitor<'a>) {
    out.part(Part::Layer(&frame::PROTOCOL), |out| frame::visit(packet, out));
    out.part(Part::Layer(&stop::PROTOCOL), stop::visit_fault);
}

/// The most relays whose messages are looked into (RFC 8415, 7.6: HOP_COUNT_LIMIT).
const MAX_RELAYS: usize = 8;

/// The bytes of a layer: its header, or all of a message that no other layer stands in.
fn bytes_of<'a>(layer: &Layer<'_>, from: Span<'a>, layers: &Layers<'a>) -> &'a [u8] {
    let carries =
        matches!(layer, Layer::Tcp(_) | Layer::Udp(_) | Layer::Arp(_) | Layer::Ipx(_) | Layer::Encapsulated(_));
    let header = layers.rest().offset().saturating_sub(from.offset());
    if header == 0 || (layers.next_header() == Next::Payload && !carries) {
        from.bytes()
    } else {
        from.limit(header).bytes()
    }
}

/// Whether what follows a layer is a part of a datagram.
fn is_fragment(layer: &Layer<'_>) -> bool {
    match layer {
        Layer::Ipv4(header) => header.is_fragment(),
        Layer::Ipv6Extension(header) => header.fragment().is_some_and(|fragment| fragment.more || fragment.offset != 0),
        _ => false,
    }
}

struct Walk<'v, 'a, V> {
    out: &'v mut V,
    /// The protocols that this packet within packets had so far, a bit each.
    level: u128,
    /// Whether a network layer is among them.
    has_network: bool,
    /// How many packets within packets are open.
    inner: usize,
    /// The protocol whose layers in a row are open.
    row: Option<&'static Protocol>,
    /// The bytes of the layer that is told next.
    here: &'a [u8],
}

/// A message that ended before its time: whose, and how.
type Cut = Option<(&'static str, Short)>;

impl<'a, V: Visitor<'a>> Walk<'_, 'a, V> {
    /// Tells the fields of a layer, and of the message in it, if it carries one that is known by its port.
    fn decoded(&mut self, layer: &Layer<'a>) -> Cut {
        match layer {
            Layer::Ethernet(header) => self.layer(&ethernet::PROTOCOL, |out| ethernet::visit(header, out)),
            Layer::Vlan(tag) => self.layer(&vlan::PROTOCOL, |out| vlan::visit(tag, out)),
            Layer::Llc(header) => {
                self.layer(&llc::PROTOCOL, |out| llc::visit(header, out));
                return stp::inside(header).and_then(|span| self.message(&stp::PROTOCOL, span, stp::visit));
            }
            Layer::Sll(header) => self.layer(&sll::PROTOCOL, |out| sll::visit(header, out)),
            Layer::Sll2(header) => self.layer(&sll::PROTOCOL, |out| sll::visit_v2(header, out)),
            Layer::Loopback(header) => self.layer(&loopback::PROTOCOL, |out| loopback::visit(header, out)),
            Layer::Hdlc(header) => self.layer(&hdlc::PROTOCOL, |out| hdlc::visit(header, out)),
            Layer::Slarp(message) => self.layer(&slarp::PROTOCOL, |out| slarp::visit(message, out)),
            Layer::Ppp(header) => self.layer(&ppp::PROTOCOL, |out| ppp::visit(header, out)),
            Layer::PppControl(message) => self.layer(&ppp_control::PROTOCOL, |out| ppp_control::visit(message, out)),
            Layer::PppAuthentication(message) => self.layer(&ppp_auth::PROTOCOL, |out| ppp_auth::visit(message, out)),
            Layer::Pppoe(header) => self.layer(&pppoe::PROTOCOL, |out| pppoe::visit(header, out)),
            Layer::Isis(message) => self.layer(&isis::PROTOCOL, |out| isis::visit(message, out)),
            Layer::Lldp(message) => self.layer(&lldp::PROTOCOL, |out| lldp::visit(message, out)),
            Layer::Cdp(message) => self.layer(&cdp::PROTOCOL, |out| cdp::visit(message, out)),
            Layer::Dtp(message) => self.layer(&dtp::PROTOCOL, |out| dtp::visit(message, out)),
            Layer::Udld(message) => self.layer(&udld::PROTOCOL, |out| udld::visit(message, out)),
            Layer::Vtp(message) => self.layer(&vtp::PROTOCOL, |out| vtp::visit(message, out)),
            Layer::Slow(message) => self.layer(&slow::PROTOCOL, |out| slow::visit(message, out)),
            Layer::Eapol(header) => self.layer(&eapol::PROTOCOL, |out| eapol::visit(header, out)),
            Layer::Eap(packet) => self.layer(&eap::PROTOCOL, |out| eap::visit(packet, out)),
            Layer::LoopbackTest(message) => {
                self.layer(&loopback_test::PROTOCOL, |out| loopback_test::visit(message, out));
            }
            Layer::Ipx(header) => self.layer(&ipx::PROTOCOL, |out| ipx::visit(header, out)),
            Layer::Arp(message) => self.layer(&arp::PROTOCOL, |out| arp::visit(message, out)),
            Layer::Ipv4(header) => self.layer(&ipv4::PROTOCOL, |out| ipv4::visit(header, out)),
            Layer::Ipv6(header) => self.layer(&ipv6::PROTOCOL, |out| ipv6::visit(header, out)),
            Layer::Ipv6Extension(header) => {
                self.layer(&ipv6_extension::PROTOCOL, |out| ipv6_extension::visit(header, out));
            }
            Layer::Mpls(stack) => self.layer(&mpls::PROTOCOL, |out| mpls::visit(stack, out)),
            Layer::Tcp(segment) => {
                self.layer(&tcp::PROTOCOL, |out| tcp::visit(segment, out));
                return self.segment(segment.source_port(), segment.destination_port(), segment.payload());
            }
            Layer::Udp(datagram) => {
                self.layer(&udp::PROTOCOL, |out| udp::visit(datagram, out));
                return self.datagram(datagram.source_port(), datagram.destination_port(), datagram.payload());
            }
            Layer::Icmpv4(message) => self.layer(&icmpv4::PROTOCOL, |out| icmpv4::visit(message, out)),
            Layer::Icmpv6(message) => self.layer(&icmpv6::PROTOCOL, |out| icmpv6::visit(message, out)),
            Layer::Igmp(message) => self.layer(&igmp::PROTOCOL, |out| igmp::visit(message, out)),
            Layer::Vrrp(message) => self.layer(&vrrp::PROTOCOL, |out| vrrp::visit(message, out)),
            Layer::Vxlan(header) => self.layer(&vxlan::PROTOCOL, |out| vxlan::visit(header, out)),
            Layer::VxlanGpe(header) => self.layer(&vxlan_gpe::PROTOCOL, |out| vxlan_gpe::visit(header, out)),
            Layer::Geneve(header) => self.layer(&geneve::PROTOCOL, |out| geneve::visit(header, out)),
            Layer::Gre(header) => self.layer(&gre::PROTOCOL, |out| gre::visit(header, out)),
            Layer::Erspan(header) => self.layer(&erspan::PROTOCOL, |out| erspan::visit(header, out)),
            Layer::Authentication(header) => self.layer(&ah::PROTOCOL, |out| ah::visit(header, out)),
            Layer::Encapsulated(payload) => self.layer(&esp::PROTOCOL, |out| esp::visit(payload, out)),
            Layer::Compression(header) => self.layer(&ipcomp::PROTOCOL, |out| ipcomp::visit(header, out)),
            Layer::Sctp(packet) => self.layer(&sctp::PROTOCOL, |out| sctp::visit(packet, out)),
            Layer::Pim(message) => self.layer(&pim::PROTOCOL, |out| pim::visit(message, out)),
            Layer::Ospf(packet) => self.layer(&ospf::PROTOCOL, |out| ospf::visit(packet, out)),
            Layer::Eigrp(message) => self.layer(&eigrp::PROTOCOL, |out| eigrp::visit(message, out)),
        }
        None
    }

    /// What the innermost packet says together with those before it.
    fn said(&mut self, said: &'a Said) {
        if let Some(message) = &said.dns {
            self.message(&dns::PROTOCOL, Span::new(message, message.len()), dns::visit);
            self.here = &[];
        }
        if let Some(packet) = &said.quic {
            self.layer(&quic::PROTOCOL, |out| quic::visit(packet, out));
        }
        if let Some(hello) = &said.hello {
            self.layer(&tls::PROTOCOL, |out| tls::visit(hello, out));
        }
        if let Some(banner) = &said.banner {
            self.layer(&ssh::PROTOCOL, |out| ssh::visit(banner, out));
        }
    }

    /// What a datagram carries, by its ports.
    fn datagram(&mut self, source: u16, destination: u16, payload: Span<'a>) -> Cut {
        if payload.is_empty() {
            return None;
        }
        match ports::datagram(source, destination)? {
            Datagram::Dns | Datagram::Llmnr => self.message(&dns::PROTOCOL, payload, dns::visit),
            Datagram::MulticastDns => self.message(&dns::PROTOCOL, payload, dns::visit_multicast),
            Datagram::NetbiosNames => self.message(&nbns::PROTOCOL, payload, nbns::visit),
            Datagram::Dhcp => self.message(&dhcp::PROTOCOL, payload, dhcp::visit),
            Datagram::Dhcpv6 => self.relayed(payload),
            Datagram::Ntp => self.message(&ntp::PROTOCOL, payload, ntp::visit),
            Datagram::Snmp => self.message(&snmp::PROTOCOL, payload, snmp::visit),
            Datagram::Radius => self.message(&radius::PROTOCOL, payload, radius::visit),
            Datagram::Tftp => self.message(&tftp::PROTOCOL, payload, tftp::visit),
            Datagram::Syslog => self.message(&syslog::PROTOCOL, payload, syslog::visit),
            Datagram::Rip => self.message(&rip::PROTOCOL, payload, rip::visit),
            Datagram::Ripng => self.message(&ripng::PROTOCOL, payload, ripng::visit),
            Datagram::Hsrp => self.message(&hsrp::PROTOCOL, payload, hsrp::visit),
            Datagram::Ipsec | Datagram::Sip => None,
        }
    }

    /// A message of DHCPv6, and those that relays put around another.
    fn relayed(&mut self, payload: Span<'a>) -> Cut {
        let mut cut = self.message(&dhcpv6::PROTOCOL, payload, dhcpv6::visit);
        let mut inside = dhcpv6::relayed(payload);
        for _ in 0..MAX_RELAYS {
            let Some(message) = inside else { break };
            cut = cut.or(self.message(&dhcpv6::PROTOCOL, message, dhcpv6::visit));
            inside = dhcpv6::relayed(message);
        }
        cut
    }

    /// What a segment carries, by its ports, where it is one whole message.
    fn segment(&mut self, source: u16, destination: u16, payload: Span<'a>) -> Cut {
        if ports::segment(source, destination)? != Segment::Dns {
            return None;
        }
        let message = dns::in_segment(payload)?;
        self.message(&dns::PROTOCOL, message, dns::visit)
    }

    /// Tells the fields of a message that is no layer of its own; `fields` says if it ends before its time.
    fn message(
        &mut self,
        protocol: &'static Protocol,
        span: Span<'a>,
        fields: fn(Span<'a>, &mut V) -> Result<(), Short>,
    ) -> Cut {
        self.here = span.bytes();
        let mut done = Ok(());
        self.layer(protocol, |out| done = fields(span, out));
        done.err().map(|short| (protocol.name, short))
    }

    /// Tells the fields of a layer, where anybody wants them.
    #[inline]
    fn layer(&mut self, protocol: &'static Protocol, fields: impl FnOnce(&mut V)) {
        if self.row.is_some_and(|row| row != protocol) {
            self.end_row();
        }
        if self.row.is_none() {
            if self.begins_packet(protocol) {
                self.out.begin(Part::Inner);
                self.inner = self.inner.saturating_add(1);
                (self.level, self.has_network) = (0, false);
            }
            self.level |= protocol.bit();
            self.has_network |= protocol.form == Form::Network;
            if protocol.form == Form::Row {
                self.out.begin(Part::Row(protocol));
                self.row = Some(protocol);
            }
        }
        self.out.layer(protocol);
        if self.out.wants_layers(protocol) {
            self.out.part_from(self.here, Part::Layer(protocol), fields);
        }
    }

    /// Whether a layer is the first of a packet within this one. A protocol that comes again always is, so
    /// that each has a name of its own where it stands.
    fn begins_packet(&self, protocol: &'static Protocol) -> bool {
        self.level & protocol.bit() != 0
            || match protocol.form {
                // What is known beside its bytes is no layer of a packet.
                Form::Link => self.level & !(frame::PROTOCOL.bit() | process::PROTOCOL.bit()) != 0,
                Form::Network => self.has_network,
                Form::Plain | Form::Row => false,
            }
    }

    fn end_row(&mut self) {
        if let Some(row) = self.row.take() {
            self.out.end(Part::Row(row));
        }
    }
}
