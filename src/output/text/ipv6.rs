//! Lines of IPv6 and its extension headers.

mod options;

use super::ip::name;
use super::names::ip_protocol;
use super::words::number;
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
            let payload = if let Some(Ip::V6(ip)) = ip { ip.payload_len() } else { 0 };
            if options::print(page.sheet, header.bytes(), verbose, Some(payload)).is_none() {
                return page.truncated("hbhopt");
            }
        }
        ipv6::DESTINATION_OPTIONS => {
            page.sheet.put("DSTOPT ");
            if verbose && options::print(page.sheet, header.bytes(), verbose, None).is_none() {
                return page.truncated("dstopt");
            }
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
            if routing(page, header.span()) != Some(true) {
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
pub(super) fn malformed_extension(page: &mut Page<'_>, kind: u8, span: Span<'_>) {
    if kind == ipv6::ROUTING && routing(page, span).is_some() {
        return;
    }
    page.truncated(match kind {
        ipv6::HOP_BY_HOP => "hbhopt",
        ipv6::DESTINATION_OPTIONS => "dstopt",
        ipv6::FRAGMENT => "frag6",
        ipv6::ROUTING if span.bytes().is_empty() => "ip6",
        ipv6::ROUTING => "rt6",
        _ => "mobility",
    });
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

/// A routing header (RFC 8200, 4.4; RFC 6275, 6.4; RFC 8754, 2); tells whether what follows it can be looked at. None
/// where bytes are missing.
fn routing(page: &mut Page<'_>, span: Span<'_>) -> Option<bool> {
    const SEGMENTS: u8 = 4;
    let verbose = page.options.verbose > 0;
    let sheet = &mut *page.sheet;
    if span.bytes().is_empty() {
        return None;
    }
    sheet.put("RT6");
    let length = span.u8_at(1)?;
    number(sheet, " (len=", length);
    let kind = span.u8_at(2)?;
    number(sheet, ", type=", kind);
    if kind == 0 {
        sheet.put(" [Deprecated]");
    }
    let left = span.u8_at(3)?;
    number(sheet, ", segleft=", left);
    match kind {
        0 | 2 => {
            let reserved = span.u32_at(4)?;
            if reserved != 0 || verbose {
                sheet.put(", rsv=0x");
                sheet.hex(reserved);
            }
        }
        SEGMENTS => {
            number(sheet, ", last-entry=", span.u8_at(4)?);
            let flags = span.u8_at(5)?;
            if flags != 0 || verbose {
                sheet.put(", flags=0x");
                sheet.hex(flags);
            }
            let tag = span.u16_at(6)?;
            sheet.put(", tag=");
            sheet.hex(tag);
        }
        _ => {
            sheet.put(" (unknown type) (invalid)");
            return Some(false);
        }
    }
    if length & 1 == 1 {
        number(sheet, " (invalid length ", length);
        sheet.put(") (invalid)");
        return Some(false);
    }
    let mut addresses = span.skip(8);
    let (mut first, mut last) = (None, None);
    for at in 0..length / 2 {
        let address = addresses.array_at(0)?;
        number(sheet, ", [", at);
        sheet.put("]");
        sheet.ipv6(address);
        addresses = addresses.skip(16);
        first = first.or(Some(address));
        last = Some(address);
    }
    sheet.put(") ");
    if left > 0 {
        // A segment list stands in reverse.
        page.final_destination = if kind == SEGMENTS { first } else { last };
    }
    Some(true)
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
