//! Further lines under a packet's own, for what tcpdump does not tell (`--deep`): the hellos of TLS and QUIC, how SSH
//! and HTTP/2 begin, datagrams put together from fragments and messages from segments.
//!
//! They stand by themselves: each is indented by four blanks, and the line above it is the same with them or without.

mod fragments;
mod http2;
mod quic;
mod ssh;
mod tls;

use super::{Page, dns};
use crate::decode::Span;
use crate::decode::application::Message;
use crate::decode::tls::Transport;
use crate::reassembly::pieces::Overlap;
use crate::reassembly::{Event, Heard};

const SSH_PORT: u16 = 22;

/// Prints the line of something that a frame says together with those before it.
pub(super) fn print(page: &mut Page<'_>, event: Event<'_>) {
    if page.is_full() {
        return;
    }
    match event {
        Event::Fault(fault) => fragments::fault(page, fault),
        Event::Whole(datagram, ip) => fragments::whole(page, datagram, ip),
        Event::Heard(heard) if !page.options.quiet && is_told(heard) => {}
        Event::Heard(heard) => message(page, heard),
        Event::SegmentsOverlap(overlap) => {
            line(page);
            page.sheet.put("TCP segments overlap");
            versions(page, overlap);
        }
        Event::Quic(packet, initial) => quic::packet(page, packet, initial),
    }
}

/// Begins a further line.
fn line(page: &mut Page<'_>) {
    page.sheet.put("\n    ");
}

/// Whether the packet's own line tells a message.
fn is_told(heard: &Heard<'_>) -> bool {
    let is_banner = heard.segments == 1 && matches!(heard.message, Message::SshBanner(_));
    heard.is_dns_alone() || (is_banner && (heard.ports.0 == SSH_PORT || heard.ports.1 == SSH_PORT))
}

fn message(page: &mut Page<'_>, heard: &Heard<'_>) {
    line(page);
    match &heard.message {
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
    if heard.segments > 1 {
        page.sheet.put(", from ");
        page.sheet.len_of(heard.segments);
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
