//! What frames say that have to be seen together: each is led to the stores of what waits for it, and what comes of that
//! is told as [`Event`]s.

use super::Losses;
use super::fragments::{Datagram, Fault, Fragment, Fragments};
use super::pieces::Overlap;
use super::quic::{Connections, Initial};
use super::streams::{Direction, Segment, Step, Streams};
use crate::budget::Budget;
use crate::decode::application::{self, Found, Known, Message, Place};
use crate::decode::key::is_segment;
use crate::decode::quic::{Long, Packet, Packets, Version};
use crate::decode::tcp::{self, Tcp};
use crate::decode::udp::Udp;
use crate::decode::{Ip, Layer, Layers, Next};
use crate::frame::{Frame, Timestamp};

const DNS_PORT: u16 = 53;
/// The port of HTTP/3.
const QUIC_PORT: u16 = 443;

/// A datagram that was put together may hold a tunnel with a fragment that completes another, and so on: so often.
const MAX_DEPTH: u8 = 4;

/// What a frame says together with those before it.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// Something is wrong with the fragment that the frame holds.
    Fault(&'e Fault),
    /// A datagram is whole with it; the IP header is that of this fragment. What the datagram says follows.
    Whole(&'e Datagram, Ip<'e>),
    /// A message is whole with the TCP segment that the frame holds.
    Heard(&'e Heard<'e>),
    /// Bytes of the segment came before, and said something else.
    SegmentsOverlap(&'e Overlap),
    /// A QUIC packet with a long header; and what it says, if it is an Initial packet that could be opened.
    Quic(&'e Long<'e>, Option<&'e Initial>),
}

/// A message of a TCP stream.
#[derive(Clone, Debug)]
pub struct Heard<'e> {
    pub message: Message<'e>,
    /// How many segments it came in.
    pub segments: usize,
    /// Bytes of the last segment's payload, and its ports.
    pub segment_len: usize,
    pub ports: (u16, u16),
}

impl Heard<'_> {
    /// Whether it is a message of DNS, and all of its segment but for the length before it (RFC 1035, 4.2.2).
    pub fn is_dns_alone(&self) -> bool {
        let Message::Dns(message) = self.message else { return false };
        self.segments == 1 && message.len().saturating_add(2) == self.segment_len
    }
}

type Tell<'t> = &'t mut dyn FnMut(Event<'_>);

/// What waits for the rest of it: datagrams, streams and connections. At most three quarters of the budget.
#[derive(Debug)]
pub struct Follow {
    fragments: Fragments,
    streams: Streams<Place>,
    connections: Connections,
    /// Streams and connections are followed too.
    messages: bool,
}

impl Follow {
    pub fn new(budget: &Budget) -> Self {
        Follow {
            fragments: Fragments::new(budget),
            streams: Streams::new(budget),
            connections: Connections::new(budget),
            messages: true,
        }
    }

    /// One that puts fragments together and looks at nothing else.
    pub fn datagrams_alone(budget: &Budget) -> Self {
        Follow { messages: false, ..Self::new(budget) }
    }

    /// What was given up: datagrams for whatever reason; connections for want of memory, as most of them end without
    /// anything missing.
    pub fn losses(&self) -> Losses {
        let of_connections = self.streams.losses().plus(self.connections.losses());
        self.fragments.losses().plus(Losses { timed_out: 0, waiting: 0, ..of_connections })
    }

    /// Whether the frame can say anything together with others: to one that puts fragments together alone, a whole segment
    /// of TCP can't.
    pub fn concerns(&self, frame: &Frame<'_>) -> bool {
        self.messages || !is_segment(frame.link_type, frame.data, frame.wire_len as usize)
    }

    /// Takes a frame, and tells what it says together with those before it.
    pub fn frame(&mut self, frame: &Frame<'_>, mut tell: impl FnMut(Event<'_>)) {
        let layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
        self.layers(layers, None, frame.time, 0, &mut tell);
    }

    /// Goes down to the transport layer, or to a fragment. `ip` is the IP header around what comes.
    fn layers<'a>(
        &mut self,
        mut layers: Layers<'a>,
        mut ip: Option<Ip<'a>>,
        now: Timestamp,
        depth: u8,
        tell: Tell<'_>,
    ) {
        while let Some(layer) = layers.next() {
            let fragment = match layer {
                Layer::Ipv4(header) => {
                    ip = Some(Ip::V4(header));
                    Fragment::of_ipv4(&header)
                }
                Layer::Ipv6(header) => {
                    ip = Some(Ip::V6(header));
                    None
                }
                Layer::Ipv6Extension(extension) => match ip {
                    Some(Ip::V6(header)) => Fragment::of_ipv6(&header, &extension),
                    _ => None,
                },
                Layer::Tcp(segment) if self.messages => return self.segment(&segment, ip, now, tell),
                Layer::Udp(datagram) if self.messages && layers.next_header() == Next::Payload => {
                    return self.datagram(&datagram, ip, now, tell);
                }
                // Quotes of other packets are no packets.
                Layer::Icmpv4(_) | Layer::Icmpv6(_) => return,
                _ => None,
            };
            if let (Some(fragment), Some(ip)) = (fragment, ip) {
                return self.fragment(&fragment, ip, now, depth, tell);
            }
        }
    }

    fn fragment(&mut self, fragment: &Fragment<'_>, ip: Ip<'_>, now: Timestamp, depth: u8, tell: Tell<'_>) {
        let outcome = self.fragments.push(fragment, now);
        for fault in &outcome.faults {
            tell(Event::Fault(fault));
        }
        if let Some(datagram) = outcome.whole.filter(|_| depth < MAX_DEPTH) {
            tell(Event::Whole(&datagram, ip));
            self.layers(datagram.layers(ip.version()), Some(ip), now, depth.saturating_add(1), tell);
        }
    }

    fn datagram(&mut self, datagram: &Udp<'_>, ip: Option<Ip<'_>>, now: Timestamp, tell: Tell<'_>) {
        let Some((source, destination)) = ip.map(|ip| ip.addresses()) else { return };
        let (from, to) = ((source, datagram.source_port()), (destination, datagram.destination_port()));
        for packet in Packets::new(datagram.payload().bytes()) {
            let Packet::Long(packet) = packet else { return };
            // Of packets without a version of ours little tells that they are QUIC.
            let is_quic = match packet.version() {
                Version::V1 | Version::V2 => true,
                version => {
                    (from.1 == QUIC_PORT || to.1 == QUIC_PORT)
                        && (version == Version::NEGOTIATION || version.is_draft_or_reserved())
                }
            };
            if !is_quic {
                return;
            }
            let initial = self.connections.open(from, to, &packet, now);
            tell(Event::Quic(&packet, initial.as_ref()));
        }
    }

    fn segment(&mut self, segment: &Tcp<'_>, ip: Option<Ip<'_>>, now: Timestamp, tell: Tell<'_>) {
        let Some((source, destination)) = ip.map(|ip| ip.addresses()) else { return };
        let ports = (segment.source_port(), segment.destination_port());
        let is_dns = ports.0 == DNS_PORT || ports.1 == DNS_PORT;
        let payload = segment.payload();
        let asked = Segment {
            sequence: segment.sequence(),
            begins: segment.flags() & tcp::SYN != 0,
            ends: segment.flags() & (tcp::FIN | tcp::RST) != 0,
            payload: payload.bytes(),
            is_cut: payload.is_cut(),
        };
        let direction = Direction { from: (source, ports.0), to: (destination, ports.1) };
        let overlap = self.streams.push(direction, &asked, now, |head, place| {
            let known = Known { is_dns, is_start: head.is_start };
            match application::next(head.bytes, place, known) {
                Found::Message(message, used) => {
                    let segments = head.segments;
                    tell(Event::Heard(&Heard { message, segments, segment_len: payload.wire(), ports }));
                    if *place == Place::Done { Step::End } else { Step::Used(used) }
                }
                Found::Cut => Step::Wait,
                Found::Other => Step::End,
            }
        });
        if let Some(overlap) = overlap {
            tell(Event::SegmentsOverlap(&overlap));
        }
    }
}
