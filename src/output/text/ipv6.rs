//! Lines of IPv6 and its extension headers.

use super::ip::name;
use super::names::ip_protocol;
use super::{Ip, Page, Sheet, walk};
use crate::decode::ipv6::{self, Extension, Ipv6};
use crate::decode::sctp;
use crate::decode::{Layers, Next, Span};

/// Prints a packet and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Ipv6<'a>, layers: &mut Layers<'a>) {
    name(page, "IP6 ");
    let missing = header.missing();
    if missing > 0 {
        page.sheet.put("truncated-ip6 - ");
        page.sheet.len_of(missing);
        page.sheet.put(" bytes missing!");
    }
    if page.options.verbose > 0 {
        fields(page.sheet, header);
    }
    (page.fragment, page.final_destination) = (false, None);
    if !matches!(layers.next_header(), Next::Protocol(6 | 17 | sctp::PROTOCOL, _)) {
        page.sheet.ipv6(header.source());
        page.sheet.put(" > ");
        page.sheet.ipv6(header.destination());
        page.sheet.put(": ");
    }
    walk(page, layers, Some(Ip::V6(*header)));
}

fn fields(sheet: &mut Sheet, header: &Ipv6<'_>) {
    sheet.put("(");
    if header.traffic_class() != 0 {
        sheet.put("class 0x");
        sheet.hex_padded(header.traffic_class(), 2);
        sheet.put(", ");
    }
    if header.flow_label() != 0 {
        sheet.put("flowlabel 0x");
        sheet.hex_padded(header.flow_label(), 5);
        sheet.put(", ");
    }
    sheet.put("hlim ");
    sheet.dec(header.hop_limit());
    sheet.put(", next-header ");
    sheet.put(ip_protocol(header.next_header()));
    sheet.put(" (");
    sheet.dec(header.next_header());
    sheet.put(") payload length: ");
    sheet.dec(header.payload_len());
    sheet.put(") ");
}

/// A header that is not all there, or not IPv6.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    let Some(first) = span.u8_at(0).filter(|_| span.bytes().len() >= 40) else {
        return page.truncated("ip6");
    };
    name(page, "IP6 ");
    page.sheet.put("version error: ");
    page.sheet.dec(first >> 4);
    page.sheet.put(" != 6");
}

/// Prints an extension header and what follows it.
pub(super) fn extension<'a>(page: &mut Page<'_>, header: &Extension<'a>, layers: &mut Layers<'a>, ip: Option<Ip<'a>>) {
    let verbose = page.options.verbose > 0;
    match header.kind() {
        ipv6::HOP_BY_HOP => {
            page.sheet.put("HBH ");
            options(page, header.bytes(), verbose);
        }
        ipv6::DESTINATION_OPTIONS => {
            page.sheet.put("DSTOPT ");
            options(page, header.bytes(), verbose);
        }
        ipv6::FRAGMENT => {
            fragment(page.sheet, header, verbose);
            page.fragment = true;
            if matches!(layers.next_header(), Next::Fragment(_)) {
                return;
            }
            page.sheet.put(" ");
        }
        ipv6::ROUTING => {
            if !routing(page, header.bytes()) {
                return;
            }
        }
        _ => return mobility(page.sheet, header.bytes()),
    }
    if layers.next_header() == Next::Protocol(ipv6::HOP_BY_HOP, crate::decode::IpVersion::V6) {
        // RFC 8200, 4.1: only right behind the IPv6 header.
        return page.sheet.put("[The Hop-by-Hop Options header was already found] (invalid)");
    }
    walk(page, layers, ip);
}

/// An extension header that is not all there.
pub(super) fn malformed_extension(page: &mut Page<'_>, kind: u8) {
    page.truncated(match kind {
        ipv6::HOP_BY_HOP => "hbhopt",
        ipv6::DESTINATION_OPTIONS => "dstopt",
        ipv6::FRAGMENT => "frag6",
        ipv6::ROUTING => "rt6",
        _ => "mobility",
    });
}

/// The options of a hop-by-hop or destination header (RFC 8200, 4.2), as `-v` shows them.
fn options(page: &mut Page<'_>, header: &[u8], verbose: bool) {
    let sheet = &mut *page.sheet;
    if !verbose {
        return;
    }
    let mut rest = header.get(2..).unwrap_or(&[]);
    while let [kind, tail @ ..] = rest {
        if *kind == 0 {
            let padding = rest.iter().take_while(|b| **b == 0).count();
            sheet.put("(pad1)");
            rest = rest.get(padding.min(1)..).unwrap_or(&[]);
            continue;
        }
        let length = tail.first().map_or(0, |l| usize::from(*l));
        let Some(value) = tail.get(1..length.saturating_add(1)) else {
            return sheet.put("[trunc] ");
        };
        match (kind, value) {
            (1, _) => sheet.put("(padn)"),
            (5, [a, b]) => {
                sheet.put("(rtalert: 0x");
                sheet.hex_padded(u16::from_be_bytes([*a, *b]), 4);
                sheet.put(") ");
            }
            (0xc2, [a, b, c, d]) => {
                sheet.put("(jumbo: ");
                sheet.dec(u32::from_be_bytes([*a, *b, *c, *d]));
                sheet.put(") ");
            }
            (0xc9, value) if value.len() >= 16 => {
                sheet.put("(homeaddr: ");
                if let Some(address) = value.first_chunk() {
                    sheet.ipv6(*address);
                }
                sheet.put(")");
            }
            (kind, value) => {
                sheet.put("(opt_type 0x");
                sheet.hex_padded(*kind, 2);
                sheet.put(": len=");
                sheet.len_of(value.len());
                sheet.put(")");
            }
        }
        rest = tail.get(length.saturating_add(1)..).unwrap_or(&[]);
    }
    sheet.put(" ");
}

fn fragment(sheet: &mut Sheet, header: &Extension<'_>, verbose: bool) {
    let Some(fragment) = header.fragment() else { return };
    sheet.put("frag (");
    if verbose {
        sheet.put("0x");
        sheet.hex_padded(fragment.identification, 8);
        sheet.put(":");
    }
    sheet.dec(fragment.offset);
    sheet.put("|");
    sheet.len_of(header.span().wire().saturating_sub(8));
    sheet.put(")");
}

/// A routing header; tells whether what follows it can be looked at.
fn routing(page: &mut Page<'_>, header: &[u8]) -> bool {
    let verbose = page.options.verbose > 0;
    let sheet = &mut *page.sheet;
    let [_, length, kind, left, rest @ ..] = header else { return false };
    sheet.put("RT6 (len=");
    sheet.dec(*length);
    sheet.put(", type=");
    sheet.dec(*kind);
    if *kind == 0 {
        sheet.put(" [Deprecated]");
    }
    sheet.put(", segleft=");
    sheet.dec(*left);
    let [a, b, c, d, addresses @ ..] = rest else { return false };
    match kind {
        0 | 2 => {
            let reserved = u32::from_be_bytes([*a, *b, *c, *d]);
            if reserved != 0 || verbose {
                sheet.put(", rsv=0x");
                sheet.hex(reserved);
            }
        }
        4 => {
            sheet.put(", last-entry=");
            sheet.dec(*a);
            if *b != 0 || verbose {
                sheet.put(", flags=0x");
                sheet.hex(*b);
            }
            sheet.put(", tag=");
            sheet.hex(u16::from_be_bytes([*c, *d]));
        }
        _ => {
            sheet.put(" (unknown type) (invalid)");
            return false;
        }
    }
    let count = if *kind == 4 { usize::from(*a).saturating_add(1) } else { usize::from(*length) / 2 };
    let (addresses, _) = addresses.as_chunks::<16>();
    for (at, address) in addresses.iter().take(count).enumerate() {
        sheet.put(", [");
        sheet.len_of(at);
        sheet.put("]");
        sheet.ipv6(*address);
    }
    sheet.put(") ");
    if *left > 0 {
        // A segment list stands in reverse (RFC 8754, 2).
        let last = if *kind == 4 { addresses.first() } else { addresses.last() };
        page.final_destination = last.copied();
    }
    true
}

/// A mobility header (RFC 6275, 6.1): its type by name.
fn mobility(sheet: &mut Sheet, header: &[u8]) {
    let [_, _, kind, ..] = header else { return };
    sheet.put("mobility: ");
    match kind {
        0 => sheet.put("BRR"),
        1 => sheet.put("HoTI"),
        2 => sheet.put("CoTI"),
        3 => sheet.put("HoT"),
        4 => sheet.put("CoT"),
        5 => sheet.put("BU"),
        6 => sheet.put("BA"),
        7 => sheet.put("BE"),
        _ => {
            sheet.put("type-#");
            sheet.dec(*kind);
            sheet.put(" len=");
            sheet.len_of(header.len());
        }
    }
}
