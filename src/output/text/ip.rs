//! Lines of IPv4, and of IP protocols that no decoder knows.

use super::names::{ip_protocol, put_protocol};
use super::words::number;
use super::{Ip, Page, Sheet, Style, walk};
use crate::decode::ethernet::IP_PROTOCOL as ETHERNET;
use crate::decode::ipv4::Ipv4;
use crate::decode::sctp;
use crate::decode::{Layers, Next, Span};

/// Prints a packet and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Ipv4<'a>, layers: &mut Layers<'a>) {
    if head(page, header).is_err() {
        return;
    }
    page.fragment = header.is_fragment();
    match layers.next_header() {
        Next::Fragment(_) => later_fragment(page.sheet, header),
        _ => {
            if !has_ports(header) {
                endpoints(page.sheet, header);
                page.sheet.put(": ");
            }
            walk(page, layers, Some(Ip::V4(*header)));
        }
    }
}

/// Whether its protocol's printer tells the addresses, with its ports.
fn has_ports(header: &Ipv4<'_>) -> bool {
    matches!(header.protocol(), 6 | 17 | sctp::PROTOCOL)
}

fn later_fragment(sheet: &mut Sheet, header: &Ipv4<'_>) {
    endpoints(sheet, header);
    sheet.put(": ");
    put_protocol(sheet, header.protocol());
}

/// What comes before the addresses. An error where the options end the packet's text, as the capture cut them.
fn head(page: &mut Page<'_>, header: &Ipv4<'_>) -> Result<(), Cut> {
    name(page, "IP ");
    missing(page.sheet, header.missing());
    if page.options.verbose == 0 {
        return Ok(());
    }
    let cut = fields(page, header);
    match cut {
        Ok(()) => {}
        Err(Cut::Between) => page.truncated("ip"),
        Err(Cut::Within) => {
            endpoints(page.sheet, header);
            page.sheet.put(": ");
            page.truncated("ip");
        }
    }
    cut
}

/// How many bytes the frame lacks of what the total length says.
fn missing(sheet: &mut Sheet, bytes: usize) {
    if bytes > 0 {
        number(sheet, "truncated-ip - ", bytes as u64);
        sheet.put(" bytes missing! ");
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
fn fields(page: &mut Page<'_>, header: &Ipv4<'_>) -> Result<(), Cut> {
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
    let mut told = Ok(());
    if header.header_len() > 20 {
        sheet.put(", options (");
        told = options(sheet, header);
        match told {
            Ok(()) => {}
            Err(Cut::Within) => sheet.put(" [truncated-option]"),
            Err(Cut::Between) => return told,
        }
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
    told
}

/// What a checksum should have been, given the residue it left.
pub(super) fn right_checksum(found: u16, residue: u16) -> u16 {
    let sum = u32::from(found).saturating_add(u32::from(residue));
    let folded = (sum & 0xffff).saturating_add(sum >> 16);
    (folded & 0xffff) as u16
}

/// Where the capture ended among the options.
#[derive(Clone, Copy)]
enum Cut {
    /// Before the length of one.
    Between,
    /// Within one, whose kind and length are there.
    Within,
}

/// The options (RFC 791, 3.1), one after the other.
fn options(sheet: &mut Sheet, header: &Ipv4<'_>) -> Result<(), Cut> {
    // A wrong length may lead out of the options, into the payload.
    let mut rest = header.span().skip(20);
    let mut left = header.header_len().saturating_sub(20);
    let mut joint = "";
    while left > 0 {
        sheet.put(joint);
        joint = ",";
        let kind = rest.u8_at(0).ok_or(Cut::Between)?;
        match kind {
            0 => sheet.put("EOL"),
            1 => sheet.put("NOP"),
            7 => sheet.put("RR"),
            68 => sheet.put("timestamp"),
            82 => sheet.put("traceroute"),
            130 => sheet.put("security"),
            131 => sheet.put("LSRR"),
            137 => sheet.put("SSRR"),
            148 => sheet.put("RA"),
            _ => number(sheet, "unknown ", kind),
        }
        let length = match kind {
            0 => return Ok(()),
            1 => 1,
            _ => usize::from(rest.u8_at(1).ok_or(Cut::Between)?),
        };
        if length == 0 || (length < 2 && kind != 1) || length > left {
            bad(sheet, "length", length);
            return Ok(());
        }
        rest.split(length).map_err(|_| Cut::Within)?;
        match kind {
            7 | 131 | 137 => route(sheet, rest, length)?,
            68 => timestamps(sheet, rest, length)?,
            148 => match rest.u16_at(2) {
                _ if length < 4 => bad(sheet, "length", length),
                None | Some(0) => {}
                Some(value) => number(sheet, " value ", value),
            },
            _ => {}
        }
        rest = rest.skip(length);
        left = left.saturating_sub(length);
    }
    Ok(())
}

fn bad(sheet: &mut Sheet, what: &'static str, found: usize) {
    sheet.put(" [bad ");
    sheet.put(what);
    sheet.put(" ");
    sheet.len_of(found);
    sheet.put("]");
}

/// A recorded or given route: a comma behind each address that was passed.
fn route(sheet: &mut Sheet, option: Span<'_>, length: usize) -> Result<(), Cut> {
    let Some(pointer) = option.u8_at(2).filter(|_| length >= 3) else {
        bad(sheet, "length", length);
        return Ok(());
    };
    if length.wrapping_add(1) & 3 != 0 {
        bad(sheet, "length", length);
    }
    let at = usize::from(pointer).wrapping_sub(1);
    if at < 3 || at.wrapping_add(1) & 3 != 0 || at > length.wrapping_add(1) {
        bad(sheet, "ptr", usize::from(pointer));
    }
    for place in (3..length).step_by(4) {
        let address = option.array_at(place).ok_or(Cut::Within)?;
        sheet.put(" ");
        sheet.ipv4(address);
        if at > place {
            sheet.put(",");
        }
    }
    Ok(())
}

/// Times that the packet passed routers at, a `^` where the next would stand.
fn timestamps(sheet: &mut Sheet, option: Span<'_>, length: usize) -> Result<(), Cut> {
    let (Some(pointer), Some(overflow_and_kind), 4..) = (option.u8_at(2), option.u8_at(3), length) else {
        number(sheet, "[bad length ", length as u64);
        sheet.put("]");
        return Ok(());
    };
    sheet.put(" TS{");
    let kind = overflow_and_kind & 15;
    let size = if kind == 0 { 4 } else { 8usize };
    if !length.saturating_sub(4).is_multiple_of(size) {
        number(sheet, "[bad length ", length as u64);
        sheet.put("]");
    }
    let at = usize::from(pointer).wrapping_sub(1);
    if !(4..=length.saturating_add(1)).contains(&at) || !at.wrapping_sub(4).is_multiple_of(size) {
        number(sheet, "[bad ptr ", pointer);
        sheet.put("]");
    }
    match kind {
        0 => sheet.put("TSONLY"),
        1 => sheet.put("TS+ADDR"),
        3 => sheet.put("PRESPEC"),
        _ => {
            number(sheet, "[bad ts type ", kind);
            sheet.put("]");
        }
    }
    let mut place = 0;
    if matches!(kind, 0 | 1 | 3) {
        place = 4usize;
        while place < length {
            let entry = option.skip(place).split(size).map_err(|_| Cut::Within)?.0;
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
    }
    if at == place {
        sheet.put(" ^ ");
    }
    match overflow_and_kind >> 4 {
        0 => sheet.put("}"),
        missed => {
            number(sheet, " [", missed);
            sheet.put(" hops not recorded]} ");
        }
    }
    Ok(())
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
    if let Ok(header) = Ipv4::parse_fixed(span) {
        return cut(page, &header, span);
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
    let total = span.u16_at(2).unwrap_or(0);
    missing(page.sheet, usize::from(total).saturating_sub(span.wire()));
    number(page.sheet, "bad-len ", total);
}

/// A header whose options were cut.
fn cut(page: &mut Page<'_>, header: &Ipv4<'_>, span: Span<'_>) {
    if head(page, header).is_err() {
        return;
    }
    if header.fragment_offset() != 0 {
        return later_fragment(page.sheet, header);
    }
    if !has_ports(header) {
        endpoints(page.sheet, header);
        page.sheet.put(": ");
    }
    page.sheet.put(" [remaining caplen(");
    page.sheet.len_of(span.bytes().len());
    page.sheet.put(") < header length(");
    page.sheet.len_of(header.header_len());
    page.sheet.put(")]");
    page.truncated("ip");
}

/// A protocol without a decoder here: its number and length; or one that the other version of IP has.
pub(super) fn unknown_protocol(page: &mut Page<'_>, kind: u8, rest: Span<'_>, ip: Option<Ip<'_>>) {
    let other_version = match (kind, ip) {
        (crate::decode::ipv6::NO_NEXT_HEADER, _) => return page.sheet.put("no next header"),
        (1 | 2, Some(Ip::V6(_))) => " requires IPv4] (invalid)",
        (58 | ETHERNET, Some(Ip::V4(_))) => " requires IPv6] (invalid)",
        _ => {
            page.sheet.put(" ");
            put_protocol(page.sheet, kind);
            page.sheet.put(" ");
            return page.sheet.len_of(rest.wire());
        }
    };
    page.sheet.put("[");
    page.sheet.put(ip_protocol(kind));
    page.sheet.put(other_version);
}
