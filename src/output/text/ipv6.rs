//! Lines of IPv6 and its extension headers.

mod mobility;
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
    if !header.is_jumbo() {
        missing(page.sheet, header);
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

/// How many bytes the frame lacks of what the payload length says.
fn missing(sheet: &mut Sheet, header: &Ipv6<'_>) {
    if header.missing() > 0 {
        number(sheet, "truncated-ip6 - ", header.missing() as u64);
        sheet.put(" bytes missing!");
    }
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
            let told = options::print(page.sheet, header.bytes(), verbose, Some(payload));
            if told.is_none() {
                page.truncated("hbhopt");
            }
            if payload == 0 && !matches!(ip, Some(Ip::V6(ip)) if ip.is_jumbo()) {
                return page.sheet.put("[No valid Jumbo Payload Hop-by-Hop option found] (invalid)");
            }
            if told.is_none() {
                return;
            }
        }
        ipv6::DESTINATION_OPTIONS => {
            page.sheet.put("DSTOPT ");
            if verbose && options::print(page.sheet, header.bytes(), verbose, None).is_none() {
                return page.truncated("dstopt");
            }
        }
        ipv6::FRAGMENT => {
            let told = fragment(page.sheet, header.span(), verbose);
            page.fragment = true;
            if told.is_none() || matches!(layers.next_header(), Next::Fragment(_)) || layers.rest().bytes().is_empty() {
                return;
            }
        }
        ipv6::ROUTING => {
            if routing(page, header.span()) != Some(true) {
                return;
            }
        }
        _ => {
            if mobility::print(page.sheet, header.span(), verbose).is_none() {
                page.truncated("mobility");
            }
            return;
        }
    }
    if layers.next_header() == Next::Protocol(ipv6::HOP_BY_HOP, crate::decode::IpVersion::V6) {
        // RFC 8200, 4.1: only right behind the IPv6 header.
        let twice = matches!(ip, Some(Ip::V6(ip)) if ip.next_header() == ipv6::HOP_BY_HOP);
        return page.sheet.put(match twice {
            true => "[The Hop-by-Hop Options header was already found] (invalid)",
            false => "[The Hop-by-Hop Options header don't follow the IPv6 header] (invalid)",
        });
    }
    // A jumbogram's length is known behind its hop-by-hop header; what it lacks is told before what it carries.
    if let (Some(Ip::V6(header)), Next::Protocol(kind, _)) = (ip, layers.next_header())
        && header.is_jumbo()
        && !Extension::is_one(kind)
    {
        missing(page.sheet, &header);
    }
    walk(page, layers, ip);
}

/// An extension header that is not all there.
pub(super) fn malformed_extension(page: &mut Page<'_>, kind: u8, span: Span<'_>) {
    if kind == ipv6::ROUTING && routing(page, span).is_some() {
        return;
    }
    let verbose = page.options.verbose > 0;
    let told = match kind {
        ipv6::MOBILITY | ipv6::OLD_MOBILITY => mobility::print(page.sheet, span, verbose),
        ipv6::FRAGMENT => fragment(page.sheet, span, verbose),
        _ => None,
    };
    if told.is_some() {
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

/// A fragment header (RFC 8200, 4.5), as far as it is there; none where what is told of it is not.
fn fragment(sheet: &mut Sheet, span: Span<'_>, verbose: bool) -> Option<()> {
    let offset = span.u16_at(2)? & 0xfff8;
    let identification = span.u32_at(4).filter(|_| verbose);
    let behind = span.wire().checked_sub(8).filter(|_| identification.is_some() == verbose)?;
    sheet.put("frag (");
    if let Some(identification) = identification {
        sheet.put("0x");
        sheet.hex_padded(identification, 8);
        sheet.put(":");
    }
    sheet.dec(offset);
    number(sheet, "|", behind as u64);
    sheet.put(if offset == 0 { ") " } else { ")" });
    Some(())
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
