//! Over the layers of one frame, from the outside in: of each is kept what tells nothing of people and places, and where
//! one is not understood the rest is left out.

use std::ops::Range;

use super::canvas::{Canvas, Plan};
use super::checksums::{Ends, Pending, settle};
use super::counts::Counts;
use super::transport::{self, Ports};
use super::{Payload, Pseudonyms, dhcp, dns, icmp, ip, tls};
use crate::decode::arp::Arp;
use crate::decode::checksum::Sum;
use crate::decode::{Layer, Layers, Next, Span, ethernet, gre, igmp, ipsec};
use crate::frame::Frame;

/// What is cut, in the words in which it is told.
pub(super) type Cut = &'static str;

/// The bits of virtual networks' headers that must be zero (RFC 7348, 5, but for the group policy; RFC 8926, 3.4).
const VXLAN_RESERVED: u64 = 0x7000_0000_0000_00ff;
const GENEVE_RESERVED: u64 = 0xc03f_0000_0000_00ff;

const ARP_FIXED: usize = 8;
const ETHERNET_HARDWARE: u16 = 1;

/// A frame under way.
pub(super) struct Walk<'c, 'a> {
    pub canvas: Canvas<'a>,
    pub pseudonyms: &'c mut Pseudonyms,
    pub counts: &'c mut Counts,
    /// Checksums to be made, in the order of their headers.
    pub sums: Vec<Pending>,
    /// The addresses of the innermost IP header, and its source where that is of IPv6.
    pub ends: Ends,
    pub source: [u8; 16],
    /// Of a packet in fragments this is one.
    pub fragment: bool,
    /// This is a packet that an error quotes.
    pub quote: bool,
    /// The ports of the innermost datagram or segment.
    pub ports: Ports,
    /// Where the outermost packet ends, and what the link added begins.
    packet_end: Option<usize>,
}

/// Puts a frame on `bytes`, as many zeros as were captured of it; how many of them it takes.
pub(super) fn frame(
    frame: &Frame<'_>,
    bytes: &mut [u8],
    payload: Payload,
    pseudonyms: &mut Pseudonyms,
    counts: &mut Counts,
) -> usize {
    let mut walk = Walk {
        canvas: Canvas::new(frame.data, bytes),
        pseudonyms,
        counts,
        sums: Vec::new(),
        ends: Ends::default(),
        source: [0; 16],
        fragment: false,
        quote: false,
        ports: Ports::None,
        packet_end: None,
    };
    let mut layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
    if let Some(what) = walk.layers(&mut layers) {
        walk.counts.cut(what);
    }
    settle(std::mem::take(&mut walk.sums), &mut walk.canvas, walk.counts);
    let length = walk.length();
    match payload {
        Payload::Zero => frame.data.len(),
        Payload::Cut => length,
    }
}

impl Walk<'_, '_> {
    /// Goes over the layers; what had to be cut.
    fn layers(&mut self, layers: &mut Layers<'_>) -> Option<Cut> {
        loop {
            let before = layers.rest();
            let Some(layer) = layers.next() else { return self.rest(layers) };
            let behind = layers.rest();
            let head = before.limit(behind.offset().saturating_sub(before.offset()));
            if let Some(cut) = self.layer(&layer, head, behind, layers.next_header()) {
                return Some(cut);
            }
            self.canvas.reach(behind.offset());
        }
    }

    /// Puts a header on the canvas, and with it what it says of what follows; what had to be cut from there on.
    fn layer(&mut self, layer: &Layer<'_>, head: Span<'_>, behind: Span<'_>, next: Next) -> Option<Cut> {
        let at = head.offset();
        match layer {
            Layer::Ethernet(_) => {
                self.station(at);
                self.station(at.saturating_add(6));
                self.keep(head, 12..14);
            }
            Layer::Sll(_) => {
                self.keep(head, 0..6);
                self.cooked_station(head.u16_at(4), at.saturating_add(6));
                self.keep(head, 14..16);
            }
            Layer::Sll2(_) => {
                self.keep(head, 0..12);
                self.cooked_station(head.u8_at(11).map(u16::from), at.saturating_add(12));
            }
            // Where nobody knows what follows, it may be no such header at all.
            Layer::Llc(_) if next == Next::Payload => return Some("unknown protocols"),
            Layer::Llc(_)
            | Layer::Vlan(_)
            | Layer::Loopback(_)
            | Layer::Hdlc(_)
            | Layer::Ppp(_)
            | Layer::Mpls(_)
            | Layer::Erspan(_)
            | Layer::Compression(_) => self.keep(head, 0..head.bytes().len()),
            Layer::Pppoe(header) => {
                if (header.version(), header.kind()) != (1, 1) {
                    return Some("unknown protocols");
                }
                self.keep(head, 0..head.bytes().len());
            }
            Layer::Arp(arp) => {
                self.arp(arp, at);
                self.packet_ends(behind.offset());
            }
            Layer::Ipv4(header) => {
                self.packet_ends(at.saturating_add(header.span().wire()));
                ip::v4(self, header);
            }
            Layer::Ipv6(header) => {
                self.packet_ends(at.saturating_add(header.span().wire()));
                ip::v6(self, header);
            }
            Layer::Ipv6Extension(header) => return ip::extension(self, header),
            // The integrity check value is made with a key, and wrong from now on.
            Layer::Authentication(_) => self.keep(head, 0..ipsec::AUTHENTICATION_HEAD),
            Layer::Encapsulated(_) => self.keep(head, 0..8),
            Layer::Tcp(segment) => transport::tcp(self, segment),
            Layer::Udp(datagram) => transport::udp(self, datagram),
            Layer::Sctp(_) => {
                self.keep(head, 0..8);
                self.canvas.reach(at.saturating_add(12));
                return Some("SCTP chunks");
            }
            Layer::Icmpv4(message) => icmp::v4(self, message),
            Layer::Icmpv6(message) => return icmp::v6(self, message),
            Layer::Igmp(message) => return self.igmp(message, at),
            // Nothing but a port tells of such a header, so it must be one to the bit. Options may say anything.
            Layer::Vxlan(_) | Layer::VxlanGpe(_) | Layer::Geneve(_) => {
                let mask = if matches!(layer, Layer::Geneve(_)) { GENEVE_RESERVED } else { VXLAN_RESERVED };
                let header = head.array_at(0).map(u64::from_be_bytes);
                if header.is_none_or(|header| header & mask != 0) {
                    return Some("unknown protocols");
                }
                self.keep(head, 0..8);
            }
            Layer::Gre(header) => {
                if header.flags() & gre::ROUTING != 0 {
                    return Some("source routes");
                }
                self.keep(head, 0..head.bytes().len());
                if header.version() == 0 && header.flags() & gre::CHECKSUM != 0 {
                    self.sums.push(Pending::over(header.span(), 4));
                }
            }
            Layer::Isis(_) => return Some("IS-IS"),
            Layer::Lldp(_) => return Some("LLDP"),
            Layer::Cdp(_) => return Some("CDP"),
            Layer::Eigrp(_) => return Some("EIGRP"),
            Layer::Ospf(_) => return Some("OSPF"),
            Layer::Pim(_) => return Some("PIM"),
            Layer::Vrrp(_) => return Some("VRRP"),
            Layer::Ipx(_) => return Some("IPX"),
            Layer::Eapol(_) | Layer::Eap(_) | Layer::PppControl(_) | Layer::PppAuthentication(_) => {
                return Some("negotiations");
            }
            Layer::Slarp(_)
            | Layer::Dtp(_)
            | Layer::Udld(_)
            | Layer::Vtp(_)
            | Layer::Slow(_)
            | Layer::LoopbackTest(_) => return Some("protocols of the link"),
        }
        None
    }

    /// What is left when all layers are known; what of it had to be cut.
    fn rest(&mut self, layers: &Layers<'_>) -> Option<Cut> {
        let rest = layers.rest();
        if let Some(stop) = layers.stop() {
            transport::beginning(self, stop.what, rest);
            return Some("headers that are not whole");
        }
        let end = rest.offset().saturating_add(rest.bytes().len());
        if end <= self.canvas.end() {
            return None;
        }
        match layers.next_header() {
            Next::Payload => {
                if let Some(plan) = self.application(rest) {
                    plan.carry_out(&mut self.canvas, rest.offset());
                }
                (self.canvas.end() < end).then_some("payload")
            }
            Next::Fragment(_) => Some("later fragments"),
            Next::Link(_) => Some("unknown link types"),
            Next::Protocol(..) => Some("unknown protocols of IP"),
            _ => Some("unknown protocols"),
        }
    }

    /// What of a payload is known to be harmless.
    fn application(&mut self, payload: Span<'_>) -> Option<Plan> {
        const NAMES: [u16; 3] = [53, 5353, 5355];
        const BOOT: [u16; 2] = [67, 68];
        if self.quote || self.fragment {
            return None;
        }
        match self.ports {
            Ports::Udp(ports) if ports.iter().any(|port| NAMES.contains(port)) => {
                dns::message(self.pseudonyms, payload)
            }
            Ports::Udp(ports) if ports.iter().all(|port| BOOT.contains(port)) => {
                dhcp::message(self.pseudonyms, payload)
            }
            Ports::Tcp(ports) if ports.contains(&53) => dns::stream(self.pseudonyms, payload),
            Ports::Tcp(_) => tls::client_hello(self.pseudonyms, payload.bytes()),
            _ => None,
        }
    }

    /// The bytes that a frame takes: what is known of it, and the zeros behind a packet that is whole, so that
    /// it stays so.
    fn length(&mut self) -> usize {
        let (end, original) = (self.canvas.end(), self.canvas.original());
        let Some(trailer) = self.packet_end.and_then(|packet_end| original.get(packet_end..)) else { return end };
        if trailer.iter().any(|byte| *byte != 0) {
            self.counts.cut("trailers");
        } else if self.packet_end.is_some_and(|packet_end| packet_end <= end) {
            return original.len();
        }
        end
    }

    /// The outermost packet ends here.
    fn packet_ends(&mut self, at: usize) {
        self.packet_end.get_or_insert(at);
    }

    /// Keeps some bytes of a header.
    pub fn keep(&mut self, head: Span<'_>, part: Range<usize>) {
        let at = head.offset();
        self.canvas.keep(at.saturating_add(part.start)..at.saturating_add(part.end));
    }

    /// Puts the pseudonym of the station address at a place.
    pub fn station(&mut self, at: usize) {
        if let Some(station) = self.canvas.read(at) {
            let station = self.pseudonyms.station(station);
            self.canvas.put(at, &station);
        }
    }

    /// Puts the pseudonym of the IPv4 address at a place.
    pub fn v4(&mut self, at: usize) {
        if let Some(address) = self.canvas.read(at) {
            let address = self.pseudonyms.addresses.v4(address);
            self.canvas.put(at, &address);
        }
    }

    /// Puts the pseudonym of the IPv6 address at a place.
    pub fn v6(&mut self, at: usize) {
        if let Some(address) = self.canvas.read(at) {
            let address = self.pseudonyms.addresses.v6(address);
            self.canvas.put(at, &address);
        }
    }

    /// An IP packet begins: the addresses that its checksums cover.
    pub fn between(&mut self, original: [&[u8]; 2], now: [&[u8]; 2]) {
        let sum = |[source, destination]: [&[u8]; 2]| Sum::default().with(source).with(destination);
        self.ends = Ends { original: sum(original), now: sum(now) };
        self.ports = Ports::None;
    }

    /// The sender's address of a cooked frame, where it is one of Ethernet's.
    fn cooked_station(&mut self, length: Option<u16>, at: usize) {
        if length == Some(6) {
            self.station(at);
        }
    }

    fn arp(&mut self, arp: &Arp<'_>, at: usize) {
        self.keep(arp.span(), 0..ARP_FIXED);
        let lengths = (arp.hardware_len(), arp.protocol_len());
        if (arp.hardware(), arp.protocol(), lengths) != (ETHERNET_HARDWARE, ethernet::IPV4, (6, 4)) {
            return;
        }
        let at = at.saturating_add(ARP_FIXED);
        for (station, address) in [(0, 6), (10, 16)] {
            self.station(at.saturating_add(station));
            self.v4(at.saturating_add(address));
        }
    }

    /// The fixed part. Records of groups have addresses of senders.
    fn igmp(&mut self, message: &igmp::Igmp<'_>, at: usize) -> Option<Cut> {
        const REPORT_V3: u8 = 0x22;
        const FIXED: usize = 8;
        self.keep(message.span(), 0..4);
        match message.span().u8_at(0) {
            Some(REPORT_V3) => self.keep(message.span(), 4..FIXED),
            _ => self.v4(at.saturating_add(4)),
        }
        self.sums.push(Pending::over(message.span(), 2));
        (message.span().bytes().len() > FIXED).then_some("multicast group records")
    }
}
