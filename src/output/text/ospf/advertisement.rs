//! Link state advertisements of OSPF version 2 (RFC 2328, A.4).

use super::{opaque, put_options};
use crate::decode::Span;
use crate::decode::ospf::{ADVERTISEMENT_HEADER, Header};
use crate::output::Sheet;
use crate::output::text::words::{Words, number, set_bits, word};
use crate::output::text::{Page, hex};

const KINDS: Words = &[
    (1, "Router"),
    (2, "Network"),
    (3, "Summary"),
    (4, "ASBR Summary"),
    (5, "External"),
    (6, "Multicast Group"),
    (7, "NSSA"),
    (9, "Link Local Opaque"),
    (10, "Area Local Opaque"),
    (11, "Domain Wide Opaque"),
];

/// What a router is (RFC 2328, A.4.2).
const ROUTER_FLAGS: Words = &[(1, "ABR"), (2, "ASBR"), (4, "Virtual"), (8, "Wildcard"), (16, "Nt"), (32, "Host")];

pub(super) fn put_kind(sheet: &mut Sheet, kind: u32) {
    sheet.put(word(KINDS, kind).unwrap_or("unknown"));
    number(sheet, " LSA (", kind);
    sheet.put(")");
}

/// Prints a header; whether its length can be right. None where bytes are missing.
pub(super) fn header(sheet: &mut Sheet, span: Span<'_>) -> Option<bool> {
    let length = span.u16_at(18)?;
    let (header, _) = Header::parse(span).ok()?;
    let Some(body) = usize::from(length).checked_sub(ADVERTISEMENT_HEADER) else {
        number(sheet, "\n\t    Bogus length ", length);
        sheet.put(" < header (20)");
        return Some(false);
    };
    sheet.put("\n\t  Advertising Router ");
    sheet.ipv4(header.router());
    sheet.put(", seq 0x");
    sheet.hex_padded(header.sequence(), 8);
    number(sheet, ", age ", header.age());
    sheet.put("s, length ");
    sheet.len_of(body);
    sheet.put("\n\t    ");
    put_kind(sheet, header.kind().into());
    match header.kind() {
        9..=11 => opaque::put_id(sheet, [", Opaque-Type ", ", Opaque-ID "], header.id()),
        _ => {
            sheet.put(", LSA-ID: ");
            sheet.ipv4(header.id());
        }
    }
    put_options(sheet, "\n\t    Options: [", header.options());
    Some(true)
}

/// Prints an advertisement; gives what is behind it. None where bytes are missing.
pub(super) fn print<'a>(page: &mut Page<'_>, span: Span<'a>) -> Option<Span<'a>> {
    if !header(page.sheet, span)? {
        return None;
    }
    let (header, rest) = Header::parse(span).ok()?;
    let length = usize::from(header.length());
    // An advertisement may claim to be longer than its packet: then bytes are missing.
    let end = length.saturating_sub(ADVERTISEMENT_HEADER);
    let verbose = page.options.verbose;
    let shown = match header.kind() {
        1 => links(page, rest)?,
        2 => {
            address(page.sheet, "\n\t    Mask ", rest, 0)?;
            page.sheet.put("\n\t    Connected Routers:");
            for at in (4..end).step_by(4) {
                address(page.sheet, "\n\t      ", rest, at)?;
            }
            true
        }
        3 => {
            address(page.sheet, "\n\t    Mask ", rest, 0)?;
            summary_metrics(page.sheet, rest, 4, end)?;
            true
        }
        4 => {
            summary_metrics(page.sheet, rest, 4, end)?;
            true
        }
        5 | 7 => {
            address(page.sheet, "\n\t    Mask ", rest, 0)?;
            external(page.sheet, rest, end)?;
            true
        }
        6 => {
            for at in (0..end).step_by(8) {
                let kind = rest.u32_at(at)?;
                let vertex = match kind {
                    1 => "\n\t    Router Router-ID ",
                    2 => "\n\t    Network Designated Router ",
                    _ => {
                        number(page.sheet, "\n\t    unknown VertexType (", kind);
                        page.sheet.put(")");
                        continue;
                    }
                };
                address(page.sheet, vertex, rest, at.saturating_add(4))?;
            }
            true
        }
        9..=11 => opaque::print(page.sheet, header.id(), rest, end, verbose)?,
        _ => true,
    };
    if shown && verbose > 1 {
        hex::indented(page.sheet, "\n\t    ", rest.limit(end).bytes());
    }
    Some(span.skip(length))
}

fn address(sheet: &mut Sheet, words: &'static str, span: Span<'_>, at: usize) -> Option<()> {
    let address = span.array_at(at)?;
    sheet.put(words);
    sheet.ipv4(address);
    Some(())
}

fn topology(sheet: &mut Sheet, words: &'static str, number: u8) {
    sheet.put(words);
    sheet.put(word(&[(0, "default"), (1, "multicast"), (2, "management")], number).unwrap_or("Unknown"));
    sheet.put(" (");
    sheet.dec(number);
    sheet.put(")");
}

/// The links of a router; whether all their types are known.
fn links(page: &mut Page<'_>, span: Span<'_>) -> Option<bool> {
    let bits = span.u8_at(0)?;
    page.sheet.put("\n\t    Router LSA Options: [");
    set_bits(page.sheet, ROUTER_FLAGS, bits, "none");
    page.sheet.put("]");
    let count = span.u16_at(2)?;
    let mut rest = span.skip(4);
    rest.array_at::<12>(0)?;
    for _ in 0..count {
        if page.is_full() {
            break;
        }
        let sheet = &mut *page.sheet;
        let [id @ .., _, _, _, _, kind, count, high, low] = rest.array_at::<12>(0)?;
        let data = rest.array_at(4)?;
        sheet.put(match kind {
            1 => "\n\t      Neighbor Router-ID: ",
            2 => "\n\t      Neighbor Network-ID: ",
            3 => "\n\t      Stub Network: ",
            4 => "\n\t      Virtual Link: Neighbor Router-ID: ",
            _ => {
                number(sheet, "\n\t      Unknown Router Link Type (", kind);
                sheet.put(")");
                return Some(false);
            }
        });
        sheet.ipv4(id);
        sheet.put(if kind == 3 { ", Mask: " } else { ", Interface Address: " });
        sheet.ipv4(data);
        topology(sheet, "\n\t\ttopology ", 0);
        number(sheet, ", metric ", u16::from_be_bytes([high, low]));
        rest = rest.skip(12);
        for _ in 0..count {
            let number_of = rest.u8_at(0)?;
            let metric = rest.u16_at(2)?;
            topology(page.sheet, "\n\t\ttopology ", number_of);
            number(page.sheet, ", metric ", metric);
            rest = rest.skip(4);
        }
    }
    Some(true)
}

fn summary_metrics(sheet: &mut Sheet, span: Span<'_>, from: usize, end: usize) -> Option<()> {
    span.u32_at(from)?;
    for at in (from..end).step_by(4) {
        let metric = span.u32_at(at)?;
        let [kind, ..] = metric.to_be_bytes();
        topology(sheet, "\n\t\ttopology ", kind & 0x7f);
        number(sheet, " metric ", metric & 0xff_ffff);
    }
    Some(())
}

fn external(sheet: &mut Sheet, span: Span<'_>, end: usize) -> Option<()> {
    const INFINITE: u32 = 0xff_ffff;
    span.u32_at(4)?;
    for at in (4..end).step_by(12) {
        let entry = span.skip(at);
        let metric = entry.u32_at(0)?;
        let [kind, ..] = metric.to_be_bytes();
        topology(sheet, "\n\t\ttopology ", kind & 0x7f);
        sheet.put(if kind & 0x80 != 0 { ", type 2, metric" } else { ", type 1, metric" });
        match metric & INFINITE {
            INFINITE => sheet.put(" infinite"),
            metric => number(sheet, " ", metric),
        }
        for (words, at) in [(", forward ", 4), (", tag ", 8)] {
            let address = entry.array_at(at)?;
            if address != [0; 4] {
                sheet.put(words);
                sheet.ipv4(address);
            }
        }
    }
    Some(())
}
