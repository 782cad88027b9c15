//! What a connection needs of a frame, found in one pass: the innermost packet, whose it is, and which networks it lies in.

use std::net::IpAddr;
use std::ops::ControlFlow;

use super::key::{Endpoint, FiveTuple, Protocol};
use super::path::{Path, Step};
use crate::decode::arp::{self, Arp};
use crate::decode::ethernet::{Ethernet, IPV4, IPV6};
use crate::decode::icmpv4::{self, Icmpv4};
use crate::decode::icmpv6::{self, Icmpv6};
use crate::decode::ipv4::Ipv4;
use crate::decode::ipv6::{Extension, Ipv6};
use crate::decode::sctp::Sctp;
use crate::decode::tcp::Tcp;
use crate::decode::udp::Udp;
use crate::decode::{Layer, Layers, MAX_LAYERS, Next, Span, gre};
use crate::frame::{Frame, LinkType};

/// To whom a packet goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub enum Cast {
    #[default]
    Unicast,
    /// To a group: no router passes it on unless it was asked to.
    Multicast,
    /// To every host of a network: no router passes it on.
    Broadcast,
}

/// The innermost packet of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub protocol: Protocol,
    pub source: Endpoint,
    pub destination: Endpoint,
    pub cast: Cast,
    /// Bytes of the IP packet on the wire, its header included.
    pub ip_len: u32,
    /// How many routers may still pass it on (time to live, hop limit); 0 where that is not told.
    pub hops: u8,
    /// What the transport protocol carries.
    pub payload: Span<'a>,
    /// Where it is a part of a datagram.
    pub fragment: Option<Fragment>,
    pub content: Content<'a>,
}

/// A part of an IP datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    pub identification: u32,
    pub is_first: bool,
}

/// What a packet is, as far as its protocol has a say in it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    Tcp(Tcp<'a>),
    Sctp(Sctp<'a>),
    Icmpv4(Icmpv4<'a>),
    Icmpv6(Icmpv6<'a>),
    /// Who has that address?
    Question,
    /// The one who has it says so.
    Answer,
    /// Nothing, or not enough of it was captured.
    Other,
}

impl Packet<'_> {
    /// Its direction of a connection.
    #[inline]
    pub fn tuple(&self, path: Path) -> FiveTuple {
        FiveTuple { path, protocol: self.protocol, source: self.source, destination: self.destination }
    }

    fn with_ports(mut self, source: u16, destination: u16) -> Self {
        (self.source.port, self.destination.port) = (source, destination);
        self
    }
}

/// The IP header around what comes next.
#[derive(Clone, Copy)]
struct Ip {
    source: IpAddr,
    destination: IpAddr,
    len: usize,
    hops: u8,
    fragment: Option<Fragment>,
}

/// The way through a frame.
struct Walk<'a, 's> {
    ip: Option<Ip>,
    steps: &'s mut Vec<Step>,
    /// What the packet is if nothing better is found in it, and how many steps lead to it.
    outer: Option<(Packet<'a>, usize)>,
    /// The frame goes to every station.
    is_broadcast: bool,
    /// Since the last IP header came something that names the network by itself.
    is_named: bool,
}

/// Finds the innermost packet of a frame, and puts what is around it onto `steps`. What looks like a tunnel and has no packet in
/// it is taken for itself. None where there is neither IP nor a question for a neighbour.
pub(super) fn find<'a>(frame: &Frame<'a>, steps: &mut Vec<Step>) -> Option<Packet<'a>> {
    steps.clear();
    let mut walk = Walk { ip: None, steps, outer: None, is_broadcast: false, is_named: false };
    let (mut next, mut rest) = (Next::Link(frame.link_type), Span::new(frame.data, frame.wire_len as usize));
    for _ in 0..MAX_LAYERS {
        match walk.step(next, rest) {
            Some(ControlFlow::Continue(further)) => (next, rest) = further,
            Some(ControlFlow::Break(packet)) => return Some(packet),
            None => break,
        }
    }
    let (packet, depth) = walk.outer?;
    walk.steps.truncate(depth);
    Some(packet)
}

/// The packet that an ICMP error quotes, as far as it does: often no more than the first eight bytes behind its IP header.
pub(super) fn quoted<'a>(next: Next, span: Span<'a>) -> Option<Packet<'a>> {
    let mut steps = Vec::new();
    let mut walk = Walk { ip: None, steps: &mut steps, outer: None, is_broadcast: false, is_named: false };
    let (mut next, mut rest) = (next, span);
    for _ in 0..MAX_LAYERS {
        if let Next::Protocol(protocol @ (4 | 41 | 47), _) = next {
            return walk.bare(Protocol::Other(protocol), rest);
        }
        match walk.step(next, rest)? {
            ControlFlow::Continue(further) => (next, rest) = further,
            ControlFlow::Break(packet) => return Some(packet),
        }
    }
    None
}

/// Where a header leads: to another one, or to the packet.
type Onward<'a> = ControlFlow<Packet<'a>, (Next, Span<'a>)>;

impl<'a> Walk<'a, '_> {
    #[inline]
    fn step(&mut self, next: Next, span: Span<'a>) -> Option<Onward<'a>> {
        match next {
            Next::Link(LinkType::EN10MB) => {
                let (header, next, rest) = Ethernet::parse(span).ok()?;
                self.is_broadcast = header.destination() == [255; 6];
                Some(ControlFlow::Continue((next, rest)))
            }
            Next::EtherType(IPV4) => {
                let (header, next, rest) = Ipv4::parse(span).ok()?;
                self.enter_v4(&header);
                Some(ControlFlow::Continue((next, rest)))
            }
            Next::EtherType(IPV6) => {
                let (header, next, rest) = Ipv6::parse(span).ok()?;
                self.enter_v6(&header);
                Some(ControlFlow::Continue((next, rest)))
            }
            Next::Protocol(6, _) => {
                let bare = self.bare(Protocol::Tcp, span)?;
                let Ok((header, _, payload)) = Tcp::parse(span) else { return Some(ControlFlow::Break(bare)) };
                Some(ControlFlow::Break(Packet { payload, content: Content::Tcp(header), ..bare }))
            }
            Next::Protocol(17, _) => {
                let bare = self.bare(Protocol::Udp, span)?;
                let Ok((_, next, payload)) = Udp::parse(span) else { return Some(ControlFlow::Break(bare)) };
                let packet = Packet { payload, ..bare };
                if next == Next::Payload {
                    return Some(ControlFlow::Break(packet));
                }
                self.outer = Some((packet, self.steps.len()));
                Some(ControlFlow::Continue((next, payload)))
            }
            _ => self.rare_step(next, span),
        }
    }

    /// What most packets do not have.
    fn rare_step(&mut self, next: Next, span: Span<'a>) -> Option<Onward<'a>> {
        match next {
            Next::Protocol(number, _) => {
                let packet = self.bare(Protocol::of(number), span)?;
                self.outer = Some((packet, self.steps.len()));
            }
            Next::Fragment(number) => {
                let packet = self.bare(Protocol::of(number), span)?;
                return Some(ControlFlow::Break(packet.with_ports(0, 0)));
            }
            _ => {}
        }
        let mut layers = Layers::at(next, span);
        let layer = layers.next()?;
        let (next, rest) = (layers.next_header(), layers.rest());
        match layer {
            Layer::Ipv4(header) => self.enter_v4(&header),
            Layer::Ipv6(header) => self.enter_v6(&header),
            Layer::Ipv6Extension(header) => self.pass(&header),
            Layer::Vlan(tag) if tag.id() != 0 => self.steps.push(Step::Vlan(tag.id())),
            Layer::Pppoe(header) => self.steps.push(Step::Pppoe(header.session())),
            Layer::Gre(header) => {
                // That of version 1 is a call's number, another one each way (RFC 2637, 4.1).
                let at = if header.flags() & gre::CHECKSUM == 0 { 4 } else { 8 };
                let key = header.span().u32_at(at).filter(|_| header.flags() & gre::KEY != 0 && header.version() == 0);
                self.steps.extend(key.map(Step::Gre));
            }
            Layer::Vxlan(header) => {
                // Without this flag it is something else on the same port (RFC 7348, 5).
                if header.flags() & 8 == 0 {
                    return None;
                }
                self.name(Step::Vxlan(header.network()));
            }
            Layer::VxlanGpe(header) => self.name(Step::Vxlan(header.network())),
            Layer::Geneve(header) => {
                let network = header.span().u32_at(4)? >> 8;
                self.name(Step::Geneve(network));
            }
            Layer::Arp(message) => return self.arp(&message).map(ControlFlow::Break),
            Layer::Icmpv4(message) => {
                let packet = self.bare(Protocol::Icmp, span)?;
                let port = match message.kind() {
                    icmpv4::ECHO_REQUEST | icmpv4::ECHO_REPLY | icmpv4::TIMESTAMP_REQUEST..=icmpv4::MASK_REPLY => {
                        message.identifier().unwrap_or(0)
                    }
                    _ => 0,
                };
                let content = Content::Icmpv4(message);
                return Some(ControlFlow::Break(Packet { payload: rest, content, ..packet.with_ports(port, port) }));
            }
            Layer::Icmpv6(message) => return self.icmpv6(message, span, rest).map(ControlFlow::Break),
            Layer::Sctp(header) => {
                let packet = self.bare(Protocol::Sctp, span)?;
                return Some(ControlFlow::Break(Packet { payload: rest, content: Content::Sctp(header), ..packet }));
            }
            _ => {}
        }
        Some(ControlFlow::Continue((next, rest)))
    }

    /// What has no other ports than the first bytes of its header, where it has any.
    #[inline]
    fn bare(&self, protocol: Protocol, span: Span<'a>) -> Option<Packet<'a>> {
        let ip = self.ip?;
        let ports = if protocol.has_ports() { span.u16_at(0).zip(span.u16_at(2)) } else { None };
        let (source, destination) = ports.unwrap_or((0, 0));
        let cast = match ip.destination {
            IpAddr::V4(address) if address.is_broadcast() || (self.is_broadcast && !address.is_multicast()) => {
                Cast::Broadcast
            }
            address if address.is_multicast() => Cast::Multicast,
            _ => Cast::Unicast,
        };
        Some(Packet {
            protocol,
            source: Endpoint { address: ip.source, port: source },
            destination: Endpoint { address: ip.destination, port: destination },
            cast,
            ip_len: u32::try_from(ip.len).unwrap_or(u32::MAX),
            hops: ip.hops,
            payload: span,
            fragment: ip.fragment,
            content: Content::Other,
        })
    }

    /// A network that is told by its own number, whoever carries it.
    fn name(&mut self, step: Step) {
        self.steps.push(step);
        self.is_named = true;
        self.is_broadcast = false;
    }

    /// Goes into an IP packet; the one around it is a tunnel.
    #[inline]
    fn enter(&mut self, ip: Ip) {
        let outer = self.ip.replace(ip);
        if !std::mem::take(&mut self.is_named)
            && let Some(Ip { source, destination, .. }) = outer
        {
            self.steps.push(Step::Tunnel(source.min(destination), source.max(destination)));
            self.is_broadcast = false;
        }
    }

    #[inline]
    fn enter_v4(&mut self, header: &Ipv4<'_>) {
        let fragment =
            Fragment { identification: header.identification().into(), is_first: header.fragment_offset() == 0 };
        self.enter(Ip {
            source: header.source().into(),
            destination: header.destination().into(),
            len: header.span().wire(),
            hops: header.ttl(),
            fragment: header.is_fragment().then_some(fragment),
        });
    }

    #[inline]
    fn enter_v6(&mut self, header: &Ipv6<'_>) {
        self.enter(Ip {
            source: header.source().into(),
            destination: header.destination().into(),
            len: header.span().wire(),
            hops: header.hop_limit(),
            fragment: None,
        });
    }

    /// Passes an extension header, which may say that the packet is a fragment; one that is whole is none (RFC 6946).
    fn pass(&mut self, header: &Extension<'_>) {
        if let (Some(ip), Some(part)) = (&mut self.ip, header.fragment())
            && (part.more || part.offset != 0)
        {
            ip.fragment = Some(Fragment { identification: part.identification, is_first: part.offset == 0 });
        }
    }

    /// A question for the owner of an IPv4 address, or the answer.
    fn arp(&self, message: &Arp<'_>) -> Option<Packet<'a>> {
        let address = |bytes: Option<&[u8]>| bytes?.first_chunk::<4>().map(|bytes| IpAddr::from(*bytes));
        let is_answer = match (message.protocol(), message.protocol_len(), message.operation()) {
            (IPV4, 4, arp::REQUEST) => false,
            (IPV4, 4, arp::REPLY) => true,
            _ => return None,
        };
        neighbour(address(message.sender_protocol())?, address(message.target_protocol())?, is_answer, 0)
    }

    fn icmpv6(&self, message: Icmpv6<'a>, span: Span<'a>, payload: Span<'a>) -> Option<Packet<'a>> {
        let packet = self.bare(Protocol::Icmpv6, span)?;
        let (source, destination) = (packet.source.address, packet.destination.address);
        let target = message.target().map(IpAddr::from);
        let asks = match (message.kind(), target) {
            (icmpv6::NEIGHBOUR_SOLICITATION, Some(target)) => neighbour(source, target, false, packet.ip_len),
            (icmpv6::NEIGHBOUR_ADVERTISEMENT, Some(target)) => neighbour(target, destination, true, packet.ip_len),
            _ => None,
        };
        let port = match message.kind() {
            icmpv6::ECHO_REQUEST | icmpv6::ECHO_REPLY => message.identifier().unwrap_or(0),
            _ => 0,
        };
        Some(asks.unwrap_or(Packet { payload, content: Content::Icmpv6(message), ..packet.with_ports(port, port) }))
    }
}

/// A question for a neighbour, or the answer to it; none where somebody tells all of himself, or asks whether an address
/// is still free.
fn neighbour<'a>(source: IpAddr, destination: IpAddr, is_answer: bool, ip_len: u32) -> Option<Packet<'a>> {
    let alone = source == destination || source.is_unspecified() || destination.is_multicast();
    (!alone).then_some(Packet {
        protocol: Protocol::Neighbour,
        source: Endpoint { address: source, port: 0 },
        destination: Endpoint { address: destination, port: 0 },
        cast: Cast::Unicast,
        ip_len,
        hops: 0,
        payload: Span::new(&[], 0),
        fragment: None,
        content: if is_answer { Content::Answer } else { Content::Question },
    })
}
