//! Lines of IPv4, and of IP protocols that no decoder knows.

use super::names::{ip_protocol, put_protocol};
use super::{Ip, Page, Sheet, Style, walk};
use crate::decode::ipv4::Ipv4;
use crate::decode::sctp;
use crate::decode::{Layers, Next, Span};

/// Prints a packet and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Ipv4<'a>, layers: &mut Layers<'a>) {
    name(page, "IP ");
    let missing = header.missing();
    if missing > 0 {
        page.sheet.put("truncated-ip - ");
        page.sheet.len_of(missing);
        page.sheet.put(" bytes missing! ");
    }
    if page.options.verbose > 0 {
        fields(page, header);
    }
    page.fragment = header.is_fragment();
    match layers.next_header() {
        Next::Fragment(protocol) => {
            endpoints(page.sheet, header);
            page.sheet.put(": ");
            put_protocol(page.sheet, protocol);
        }
        Next::Protocol(6 | 17 | sctp::PROTOCOL, _) => walk(page, layers, Some(Ip::V4(*header))),
        _ => {
            endpoints(page.sheet, header);
            page.sheet.put(": ");
            walk(page, layers, Some(Ip::V4(*header)));
        }
    }
}

/// The version's name, unless `-e` has told it.
pub(super) fn name(page: &mut Page<'_>, name: &'static str) {
    if !page.options.link_header {
        page.sheet.style(Style::Name);
        page.sheet.put(name);
        page.sheet.style(Style::Plain);
    }
}

fn endpoints(sheet: &mut Sheet, header: &Ipv4<'_>) {
    sheet.ipv4(header.source());
    sheet.put(" > ");
    sheet.ipv4(header.destination());
}

/// The header's fields, as `-v` shows them.
fn fields(page: &mut Page<'_>, header: &Ipv4<'_>) {
    let sheet = &mut *page.sheet;
    sheet.put("(tos 0x");
    sheet.hex(header.tos());
    sheet.put(match header.tos() & 3 {
        0 => "",
        1 => ",ECT(1)",
        2 => ",ECT(0)",
        _ => ",CE",
    });
    if header.ttl() > 0 {
        sheet.put(", ttl ");
        sheet.dec(header.ttl());
    }
    sheet.put(", id ");
    sheet.dec(header.identification());
    sheet.put(", offset ");
    sheet.dec(header.fragment_offset());
    sheet.put(", flags [");
    let flags = [(header.more_fragments(), "+"), (header.dont_fragment(), "DF"), (header.reserved_flag(), "rsvd")];
    let mut joint = "";
    for (_, flag) in flags.iter().filter(|f| f.0) {
        sheet.put(joint);
        sheet.put(flag);
        joint = ", ";
    }
    sheet.put(if joint.is_empty() { "none], proto " } else { "], proto " });
    sheet.put(ip_protocol(header.protocol()));
    sheet.put(" (");
    sheet.dec(header.protocol());
    sheet.put("), length ");
    sheet.dec(header.total_len());
    if !header.options().is_empty() {
        sheet.put(", options (");
        options(sheet, header.options());
        sheet.put(")");
    }
    let residue = header.checksum_residue();
    if !page.options.no_checksums && residue != 0 {
        page.sheet.put(if page.checksum_not_ready { ", offloaded cksum " } else { ", bad cksum " });
        page.sheet.hex(header.checksum());
        page.sheet.put(" (->");
        page.sheet.hex(right_checksum(header.checksum(), residue));
        page.sheet.put(")!");
    }
    page.sheet.put(")\n    ");
}

/// What a checksum should have been, given the residue it left.
pub(super) fn right_checksum(found: u16, residue: u16) -> u16 {
    let sum = u32::from(found).saturating_add(u32::from(residue));
    let folded = (sum & 0xffff).saturating_add(sum >> 16);
    (folded & 0xffff) as u16
}

/// The options (RFC 791, 3.1), one after the other.
fn options(sheet: &mut Sheet, bytes: &[u8]) {
    let mut rest = bytes;
    let mut joint = "";
    while let [kind, tail @ ..] = rest {
        sheet.put(joint);
        joint = ",";
        let name = match kind {
            0 => "EOL",
            1 => "NOP",
            7 => "RR",
            68 => "timestamp",
            82 => "traceroute",
            130 => "security",
            131 => "LSRR",
            137 => "SSRR",
            148 => "RA",
            _ => "unknown ",
        };
        sheet.put(name);
        if name == "unknown " {
            sheet.dec(*kind);
        }
        match kind {
            0 => return,
            1 => {
                rest = tail;
                continue;
            }
            _ => {}
        }
        let length = tail.first().map_or(0, |l| usize::from(*l));
        let Some((option, tail)) = rest.split_at_checked(length).filter(|_| length >= 2) else {
            return bad(sheet, "length", length);
        };
        match kind {
            7 | 131 | 137 => route(sheet, option),
            68 => timestamps(sheet, option),
            148 => match option.get(2..4).and_then(|v| v.first_chunk()) {
                None => bad(sheet, "length", length),
                Some([0, 0]) => {}
                Some(value) => {
                    sheet.put(" value ");
                    sheet.dec(u16::from_be_bytes(*value));
                }
            },
            _ => {}
        }
        rest = tail;
    }
}

fn bad(sheet: &mut Sheet, what: &'static str, found: usize) {
    sheet.put(" [bad ");
    sheet.put(what);
    sheet.put(" ");
    sheet.len_of(found);
    sheet.put("]");
}

/// A recorded or given route: a comma behind each address that was passed.
fn route(sheet: &mut Sheet, option: &[u8]) {
    let [_, _, pointer, addresses @ ..] = option else {
        return bad(sheet, "length", option.len());
    };
    let length = option.len();
    if length.wrapping_add(1) & 3 != 0 {
        bad(sheet, "length", length);
    }
    let at = usize::from(*pointer).wrapping_sub(1);
    if at < 3 || at.wrapping_add(1) & 3 != 0 || at > length.wrapping_add(1) {
        bad(sheet, "ptr", usize::from(*pointer));
    }
    let (addresses, _) = addresses.as_chunks::<4>();
    let mut place = 3usize;
    for address in addresses {
        sheet.put(" ");
        sheet.ipv4(*address);
        if at != usize::MAX && at > place {
            sheet.put(",");
        }
        place = place.saturating_add(4);
    }
}

/// Times that the packet passed routers at, a `^` where the next would stand.
fn timestamps(sheet: &mut Sheet, option: &[u8]) {
    let [_, _, pointer, overflow_and_kind, entries @ ..] = option else {
        sheet.put("[bad length ");
        sheet.len_of(option.len());
        return sheet.put("]");
    };
    sheet.put(" TS{");
    let kind = overflow_and_kind & 15;
    let size = if kind == 0 { 4 } else { 8usize };
    if !entries.len().is_multiple_of(size) {
        sheet.put("[bad length ");
        sheet.len_of(option.len());
        sheet.put("]");
    }
    let at = usize::from(*pointer).wrapping_sub(1);
    if !(4..=option.len().saturating_add(1)).contains(&at) || !at.wrapping_sub(4).is_multiple_of(size) {
        sheet.put("[bad ptr ");
        sheet.dec(*pointer);
        sheet.put("]");
    }
    let mut place = 4usize;
    match kind {
        0 => sheet.put("TSONLY"),
        1 => sheet.put("TS+ADDR"),
        3 => sheet.put("PRESPEC"),
        _ => {
            sheet.put("[bad ts type ");
            sheet.dec(kind);
            sheet.put("]");
        }
    }
    if matches!(kind, 0 | 1 | 3) {
        for entry in entries.chunks(size) {
            sheet.put(if at == place { " ^ " } else { " " });
            let (address, time) = entry.split_at(entry.len().saturating_sub(4));
            if let Some(time) = time.first_chunk() {
                sheet.dec(u32::from_be_bytes(*time));
            }
            sheet.put("@");
            if let Some(address) = address.first_chunk() {
                sheet.ipv4(*address);
            }
            place = place.saturating_add(size);
        }
    } else {
        place = 0;
    }
    if at == place {
        sheet.put(" ^ ");
    }
    match overflow_and_kind >> 4 {
        0 => sheet.put("}"),
        missed => {
            sheet.put(" [");
            sheet.dec(missed);
            sheet.put(" hops not recorded]} ");
        }
    }
}

/// A header that is not all there, or can't be one.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    let Some(first) = span.u8_at(0) else { return page.truncated("ip") };
    match first >> 4 {
        4 => {}
        6 => return page.sheet.put("IP6, wrong link-layer encapsulation (invalid)"),
        version => {
            page.sheet.put("IP");
            page.sheet.dec(version);
            return page.sheet.put(" (invalid)");
        }
    }
    name(page, "IP ");
    if span.bytes().len() < 20 {
        return page.truncated("ip");
    }
    let header_len = usize::from(first & 15).wrapping_mul(4);
    if header_len < 20 {
        page.sheet.put("bad-hlen ");
        return page.sheet.len_of(header_len);
    }
    let total = usize::from(span.u16_at(2).unwrap_or(0));
    if total < header_len {
        page.sheet.put("bad-len ");
        return page.sheet.len_of(total);
    }
    // All is well but that the options were cut.
    if let (Some(source), Some(destination)) = (span.array_at(12), span.array_at(16)) {
        page.sheet.ipv4(source);
        page.sheet.put(" > ");
        page.sheet.ipv4(destination);
    }
    page.sheet.put(":  [remaining caplen(");
    page.sheet.len_of(span.bytes().len());
    page.sheet.put(") < header length(");
    page.sheet.len_of(header_len);
    page.sheet.put(")]");
    page.truncated("ip");
}

/// A protocol without a decoder here: its number and length.
pub(super) fn unknown_protocol(page: &mut Page<'_>, kind: u8, rest: Span<'_>, ip: Option<Ip<'_>>) {
    if kind == crate::decode::ipv6::NO_NEXT_HEADER && matches!(ip, Some(Ip::V6(_))) {
        return page.sheet.put("no next header");
    }
    page.sheet.put(" ");
    put_protocol(page.sheet, kind);
    page.sheet.put(" ");
    page.sheet.len_of(rest.wire());
}
