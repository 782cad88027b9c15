//! Lines of UDP.

use super::ip::right_checksum;
use super::words::number;
use super::{Ip, Page, Sheet, packet_type, payload, walk};
use crate::decode::checksum::Sum;
use crate::decode::udp::Udp;
use crate::decode::{Layers, Next, Span};
use crate::names::system::Transport;

/// Prints a datagram.
pub(super) fn print<'a>(page: &mut Page<'_>, datagram: &Udp<'a>, inside: &mut Layers<'a>, ip: Option<Ip<'a>>) {
    ports(page, Some((datagram.source_port(), datagram.destination_port())), ip, 17);
    if let Some(kind) = page.options.packet_type
        && packet_type::datagram(page, kind, datagram.payload())
    {
        return;
    }
    checksum(page, datagram, ip);
    if !page.options.quiet
        && payload::datagram(page, datagram.source_port(), datagram.destination_port(), datagram.payload())
    {
        return;
    }
    if !page.options.quiet && inside.next_header() != Next::Payload {
        return walk(page, inside, None);
    }
    let claimed = usize::from(datagram.length()).saturating_sub(8);
    let there = datagram.span().wire().saturating_sub(8);
    if claimed > there && !page.fragment {
        page.sheet.put("UDP, bad length ");
        page.sheet.len_of(claimed);
        page.sheet.put(" > ");
        page.sheet.len_of(there);
        return;
    }
    page.sheet.put("UDP, length ");
    page.sheet.len_of(if datagram.length() == 0 { there } else { claimed });
}

/// Addresses and ports, or one of them alone: addresses stand before an extension header already, and ports
/// may be missing.
pub(super) fn ports(page: &mut Page<'_>, ports: Option<(u16, u16)>, ip: Option<Ip<'_>>, protocol: u8) {
    let ip = ip.filter(|ip| match ip {
        Ip::V4(header) => header.protocol() == protocol,
        Ip::V6(header) => header.next_header() == protocol,
    });
    let transport = match protocol {
        6 => Transport::Tcp,
        17 => Transport::Udp,
        _ => Transport::Sctp,
    };
    endpoints(page.sheet, transport, ports, ip);
}

/// Addresses and ports, as far as they are known.
pub(super) fn endpoints(sheet: &mut Sheet, transport: Transport, ports: Option<(u16, u16)>, ip: Option<Ip<'_>>) {
    match ip {
        Some(Ip::V4(header)) => sheet.ipv4(header.source()),
        Some(Ip::V6(header)) => sheet.ipv6(header.source()),
        None => {}
    }
    if let Some((source, _)) = ports {
        if ip.is_some() {
            sheet.put(".");
        }
        sheet.port(transport, source);
    }
    if ip.is_some() || ports.is_some() {
        sheet.put(" > ");
    }
    match ip {
        Some(Ip::V4(header)) => sheet.ipv4(header.destination()),
        Some(Ip::V6(header)) => sheet.ipv6(header.destination()),
        None => {}
    }
    if let Some((_, destination)) = ports {
        if ip.is_some() {
            sheet.put(".");
        }
        sheet.port(transport, destination);
    }
    if ip.is_some() || ports.is_some() {
        sheet.put(": ");
    }
}

/// The port that an ICMP error tells of: `udp port 53`.
pub(super) fn quoted_port(sheet: &mut Sheet, transport: Transport, port: u16) {
    sheet.put(transport.name());
    sheet.put(" port ");
    sheet.port(transport, port);
}

/// What is left of the sum over a pseudo header and a segment: 0 where its checksum is right; none where it
/// can't be known, as not all of it is there.
pub(super) fn residue(page: &Page<'_>, segment: Span<'_>, ip: Ip<'_>, protocol: u8) -> Option<u16> {
    if segment.is_cut() {
        return None;
    }
    let sum = Sum::default();
    let sum = match ip {
        Ip::V4(header) => sum.pseudo_header(&header.source(), &header.final_destination(), protocol, segment.wire()),
        Ip::V6(header) => {
            let destination = page.final_destination.unwrap_or(header.destination());
            sum.pseudo_header(&header.source(), &destination, protocol, segment.wire())
        }
    };
    Some(sum.with(segment.bytes()).finish())
}

/// Says whether the checksum is right, of IPv6 at `-v` and of IPv4 at `-vv`, as tcpdump does.
fn checksum(page: &mut Page<'_>, datagram: &Udp<'_>, ip: Option<Ip<'_>>) {
    let Some(ip) = ip.filter(|_| !page.options.no_checksums && !page.fragment) else { return };
    if page.options.verbose < if matches!(ip, Ip::V4(_)) { 2 } else { 1 } {
        return;
    }
    if datagram.checksum() == 0 && matches!(ip, Ip::V4(_)) {
        return page.sheet.put("[no cksum] ");
    }
    match residue(page, datagram.span(), ip, 17) {
        None => {}
        Some(0) => page.sheet.put("[udp sum ok] "),
        Some(residue) => {
            page.sheet.put(if page.checksum_not_ready { "[offloaded udp cksum 0x" } else { "[bad udp cksum 0x" });
            page.sheet.hex_padded(datagram.checksum(), 4);
            page.sheet.put(" -> 0x");
            page.sheet.hex_padded(right_checksum(datagram.checksum(), residue), 4);
            page.sheet.put("!] ");
        }
    }
}

/// A header that is not all there, or lies about its length.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>, ip: Option<Ip<'_>>) {
    let both = span.u16_at(0).zip(span.u16_at(2));
    ports(page, both, ip, 17);
    if both.is_none() {
        return page.truncated("udp");
    }
    if span.wire() < 8 {
        page.sheet.put("truncated-udp ");
        return page.sheet.len_of(span.wire());
    }
    match span.u16_at(4) {
        Some(length @ ..8) => number(page.sheet, "truncated-udplength ", length),
        _ => page.truncated("udp"),
    }
}
