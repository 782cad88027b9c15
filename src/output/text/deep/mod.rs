//! Further lines under a packet's own, for what tcpdump does not tell (`--deep`): the hellos of TLS and QUIC, how SSH
//! and HTTP/2 begin, datagrams put together from fragments and messages from segments.
//!
//! They stand by themselves: each is indented by four blanks, and the line above it is the same with them or without.

mod fragments;
mod http2;
mod quic;
mod ssh;
mod tls;

use std::net::IpAddr;

use super::{Ip, Page, dns};
use crate::budget::Budget;
use crate::decode::application::{self, Found, Known, Message, Place};
use crate::decode::tcp::{self, Tcp};
use crate::decode::tls::Transport;
use crate::decode::udp::Udp;
use crate::decode::{Layer, Layers, Next, Span};
use crate::frame::{Frame, Timestamp};
use crate::reassembly::Losses;
use crate::reassembly::fragments::{Fragment, Fragments};
use crate::reassembly::pieces::Overlap;
use crate::reassembly::quic::Connections;
use crate::reassembly::streams::{Direction, Segment, Step, Streams};

const SSH_PORT: u16 = 22;
const DNS_PORT: u16 = 53;

/// A datagram that was put together may hold a tunnel with a fragment that completes another, and so on: so often.
const MAX_DEPTH: u8 = 4;

/// What waits for the rest of it.
#[derive(Debug)]
pub(super) struct Deep {
    fragments: Fragments,
    streams: Streams<Place>,
    connections: Connections,
}

impl Deep {
    pub fn new(budget: &Budget) -> Self {
        Deep { fragments: Fragments::new(budget), streams: Streams::new(budget), connections: Connections::new(budget) }
    }

    /// What was given up: datagrams for whatever reason; connections for want of memory, as most of them end without
    /// anything missing.
    pub fn losses(&self) -> Losses {
        let of_connections = self.streams.losses().plus(self.connections.losses());
        self.fragments.losses().plus(Losses { timed_out: 0, waiting: 0, ..of_connections })
    }

    /// Prints the lines for a frame.
    pub fn frame(&mut self, page: &mut Page<'_>, frame: &Frame<'_>) {
        let layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
        self.follow(page, layers, None, frame.time, 0);
    }

    /// Goes down to the transport layer, or to a fragment. `ip` is the IP header around what comes.
    fn follow<'a>(
        &mut self,
        page: &mut Page<'_>,
        layers: Layers<'a>,
        mut ip: Option<Ip<'a>>,
        now: Timestamp,
        depth: u8,
    ) {
        let mut layers = layers;
        while let Some(layer) = layers.next() {
            match layer {
                Layer::Ipv4(header) => {
                    ip = Some(Ip::V4(header));
                    if let Some(fragment) = Fragment::of_ipv4(&header) {
                        return self.fragment(page, &fragment, Ip::V4(header), now, depth);
                    }
                }
                Layer::Ipv6(header) => ip = Some(Ip::V6(header)),
                Layer::Ipv6Extension(extension) => {
                    if let Some(Ip::V6(header)) = ip
                        && let Some(fragment) = Fragment::of_ipv6(&header, &extension)
                    {
                        return self.fragment(page, &fragment, Ip::V6(header), now, depth);
                    }
                }
                Layer::Tcp(segment) => return self.segment(page, &segment, ip, now),
                Layer::Udp(datagram) if layers.next_header() == Next::Payload => {
                    return self.datagram(page, &datagram, ip, now);
                }
                // Quotes of other packets are no packets.
                Layer::Icmpv4(_) | Layer::Icmpv6(_) => return,
                _ => {}
            }
        }
    }

    fn fragment(&mut self, page: &mut Page<'_>, fragment: &Fragment<'_>, ip: Ip<'_>, now: Timestamp, depth: u8) {
        let outcome = self.fragments.push(fragment, now);
        for fault in &outcome.faults {
            fragments::fault(page, fault);
        }
        let Some(datagram) = outcome.whole.filter(|_| depth < MAX_DEPTH) else { return };
        let inside = fragments::whole(page, &datagram, ip);
        self.follow(page, inside, Some(ip), now, depth.saturating_add(1));
    }

    fn datagram(&mut self, page: &mut Page<'_>, datagram: &Udp<'_>, ip: Option<Ip<'_>>, now: Timestamp) {
        let Some((source, destination)) = ip.map(addresses) else { return };
        let from = (source, datagram.source_port());
        let to = (destination, datagram.destination_port());
        quic::print(page, &mut self.connections, from, to, datagram.payload().bytes(), now);
    }

    fn segment(&mut self, page: &mut Page<'_>, segment: &Tcp<'_>, ip: Option<Ip<'_>>, now: Timestamp) {
        let Some((source, destination)) = ip.map(addresses) else { return };
        let (from, to) = (segment.source_port(), segment.destination_port());
        let is_dns = from == DNS_PORT || to == DNS_PORT;
        let payload = segment.payload();
        let asked = Segment {
            sequence: segment.sequence(),
            begins: segment.flags() & tcp::SYN != 0,
            ends: segment.flags() & (tcp::FIN | tcp::RST) != 0,
            payload: payload.bytes(),
            is_cut: payload.is_cut(),
        };
        let direction = Direction { from: (source, from), to: (destination, to) };
        let overlap = self.streams.push(direction, &asked, now, |head, place| {
            let known = Known { is_dns, is_start: head.is_start };
            match application::next(head.bytes, place, known) {
                Found::Message(message, used) => {
                    let told = head.segments == 1 && !page.options.quiet && is_told(&message, payload, from, to);
                    if !told && !page.is_full() {
                        self::message(page, &message, head.segments);
                    }
                    if *place == Place::Done { Step::End } else { Step::Used(used) }
                }
                Found::Cut => Step::Wait,
                Found::Other => Step::End,
            }
        });
        if let Some(overlap) = overlap {
            line(page);
            page.sheet.put("TCP segments overlap");
            versions(page, &overlap);
        }
    }
}

fn addresses(ip: Ip<'_>) -> (IpAddr, IpAddr) {
    match ip {
        Ip::V4(header) => (header.source().into(), header.destination().into()),
        Ip::V6(header) => (header.source().into(), header.destination().into()),
    }
}

/// Begins a further line.
fn line(page: &mut Page<'_>) {
    page.sheet.put("\n    ");
}

/// Whether the line above tells a message that lies in just this segment.
fn is_told(message: &Message<'_>, segment: Span<'_>, from: u16, to: u16) -> bool {
    match message {
        Message::Dns(message) => message.len().saturating_add(2) == segment.wire(),
        Message::SshBanner(_) => from == SSH_PORT || to == SSH_PORT,
        _ => false,
    }
}

fn message(page: &mut Page<'_>, message: &Message<'_>, segments: usize) {
    line(page);
    match message {
        Message::Dns(bytes) => {
            page.sheet.put("DNS ");
            dns::print(page, Span::new(bytes, bytes.len()), false);
        }
        Message::Tls(message) => tls::print(page, message, Transport::Tcp),
        Message::SshBanner(banner) => {
            page.sheet.put("SSH ");
            page.sheet.escaped(banner);
        }
        Message::SshKeyExchange(offer) => ssh::key_exchange(page, offer),
        Message::Http2Preface => page.sheet.put("HTTP/2 preface"),
        Message::Http2(frame) => http2::frame(page, frame),
    }
    if segments > 1 {
        page.sheet.put(", from ");
        page.sheet.len_of(segments);
        page.sheet.put(" segments");
    }
}

/// The most bytes shown of each of two versions.
const SHOWN: usize = 16;

/// Where bytes came twice, and what they were.
fn versions(page: &mut Page<'_>, overlap: &Overlap) {
    let sheet = &mut *page.sheet;
    sheet.put(" at ");
    sheet.len_of(overlap.offset);
    sheet.put(", ");
    sheet.len_of(overlap.kept.len());
    if !overlap.differs() {
        return sheet.put(" bytes, the same");
    }
    sheet.put(" bytes, first ");
    shown(page, &overlap.kept);
    page.sheet.put(", then ");
    shown(page, &overlap.other);
}

fn shown(page: &mut Page<'_>, bytes: &[u8]) {
    page.sheet.hex_bytes(bytes.get(..SHOWN).unwrap_or(bytes), "");
    if bytes.len() > SHOWN {
        page.sheet.put("...");
    }
}
