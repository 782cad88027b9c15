//! OSPF version 3 (RFC 5340), with link-local signaling (RFC 5613) and authentication (RFC 7166) behind a packet.

use super::{head, identity, opaque};
use crate::decode::Span;
use crate::decode::ospf::{ADVERTISEMENT_HEADER, HEADER_3, Header, Ospf, kind};
use crate::output::Sheet;
use crate::output::text::words::{Words, number, set_bits, word};
use crate::output::text::{Page, hex};

const OPTIONS: Words = &[
    (0x001, "V6"),
    (0x002, "External"),
    (0x004, "Deprecated"),
    (0x008, "NSSA"),
    (0x010, "Router"),
    (0x020, "Demand Circuit"),
    (0x100, "AFs Support"),
    (LOCAL_SIGNALING, "LLS"),
    (0x400, "Authentication Trailer"),
];

const LOCAL_SIGNALING: u32 = 0x200;

/// Flags of a database description.
const DESCRIPTION_FLAGS: Words = &[(4, "Init"), (2, "More"), (1, "Master")];

const ROUTER_FLAGS: Words =
    &[(1, "ABR"), (2, "External"), (4, "Virtual-Link Endpoint"), (8, "Deprecated"), (16, "NSSA Translator")];

const EXTERNAL_FLAGS: Words = &[(EXTERNAL_TYPE_2, "External Type 2"), (FORWARDING, "Forwarding"), (TAG, "Tag")];
const EXTERNAL_TYPE_2: u32 = 0x0400_0000;
const FORWARDING: u32 = 0x0200_0000;
const TAG: u32 = 0x0100_0000;

const PREFIX_OPTIONS: Words =
    &[(1, "No Unicast"), (2, "Local address"), (4, "Deprecated"), (8, "Propagate"), (16, "Down"), (32, "N-bit")];

const KINDS: Words = &[
    (1, "Router"),
    (2, "Network"),
    (3, "Inter-Area Prefix"),
    (4, "Inter-Area Router"),
    (5, "External"),
    (6, "Deprecated"),
    (7, "NSSA"),
    (8, "Link"),
    (9, "Intra-Area Prefix"),
    (10, "Intra-Area TE"),
    (11, "Grace"),
    (12, "Router Information"),
    (13, "Inter-AS-TE"),
    (14, "Layer 1 VPN"),
];

const SCOPES: Words = &[(0, "Link Local"), (0x2000, "Area Local"), (0x4000, "Domain Wide")];

/// Prints a packet.
pub(super) fn print(page: &mut Page<'_>, packet: &Ospf<'_>) {
    if fields(page, packet).is_none() {
        page.truncated("ospf3");
    }
}

/// All that the packet says; none where bytes are missing.
fn fields(page: &mut Page<'_>, packet: &Ospf<'_>) -> Option<()> {
    let span = packet.span();
    let sheet = &mut *page.sheet;
    if !head(sheet, packet, span.wire(), "unknown packet type (", ")") || page.options.verbose == 0 {
        return Some(());
    }
    let length = packet.length()?;
    if usize::from(length) > span.wire() {
        number(sheet, " [len ", length);
        sheet.put("]");
        return Some(());
    }
    identity(sheet, packet)?;
    match packet.instance()? {
        0 => {}
        instance => number(sheet, ", Instance ", instance),
    }
    if packet.version() != 3 {
        return Some(());
    }
    // What is within the length of the packet; its fixed fields may be behind that.
    let (body, fixed) = (packet.body(), span.skip(HEADER_3));
    let all = page.options.verbose > 1;
    match packet.kind() {
        kind::HELLO => hello(sheet, fixed, body, all)?,
        kind::DATABASE_DESCRIPTION => {
            let options = fixed.u32_at(0)?;
            put_options(sheet, options);
            let bits = fixed.u8_at(7)?;
            sheet.put(", DD Flags [");
            set_bits(sheet, DESCRIPTION_FLAGS, bits, "none");
            sheet.put("]");
            let sequence = fixed.u32_at(8)?;
            number(sheet, ", MTU ", fixed.u16_at(4)?);
            sheet.put(", DD-Sequence 0x");
            sheet.hex_padded(sequence, 8);
            if all {
                headers(page, body.skip(12))?;
            }
        }
        kind::REQUEST if all => requests(page, body)?,
        kind::UPDATE if all => {
            let count = fixed.u32_at(0)?;
            let mut rest = body.skip(4);
            for _ in 0..count {
                if rest.is_empty() || page.is_full() {
                    break;
                }
                rest = advertisement(page, rest)?;
            }
        }
        kind::ACKNOWLEDGMENT if all => headers(page, body)?,
        _ => {}
    }
    trailer(page, packet, fixed)
}

fn put_options(sheet: &mut Sheet, options: u32) {
    sheet.put("\n\tOptions [");
    set_bits(sheet, OPTIONS, options, "none");
    sheet.put("]");
}

fn hello(sheet: &mut Sheet, fixed: Span<'_>, body: Span<'_>, all: bool) -> Option<()> {
    put_options(sheet, fixed.u32_at(4)?);
    let (interval, dead) = fixed.u16_at(8).zip(fixed.u16_at(10))?;
    number(sheet, "\n\t  Hello Timer ", interval);
    number(sheet, "s, Dead Timer ", dead);
    sheet.put("s, Interface-ID ");
    sheet.ipv4(fixed.array_at(0)?);
    number(sheet, ", Priority ", fixed.u8_at(4)?);
    for (words, at) in [("\n\t  Designated Router ", 12), (", Backup Designated Router ", 16)] {
        let router = fixed.array_at(at)?;
        if router != [0; 4] {
            sheet.put(words);
            sheet.ipv4(router);
        }
    }
    if all {
        sheet.put("\n\t  Neighbor List:");
        let mut rest = body.skip(20);
        while !rest.is_empty() {
            let neighbor = rest.array_at(0)?;
            sheet.put("\n\t    ");
            sheet.ipv4(neighbor);
            rest = rest.skip(4);
        }
    }
    Some(())
}

fn headers(page: &mut Page<'_>, span: Span<'_>) -> Option<()> {
    let mut rest = span;
    while !rest.is_empty() && !page.is_full() {
        header(page.sheet, rest)?;
        rest = rest.skip(ADVERTISEMENT_HEADER);
    }
    Some(())
}

fn requests(page: &mut Page<'_>, span: Span<'_>) -> Option<()> {
    let mut rest = span;
    while !rest.is_empty() && !page.is_full() {
        let (kind, id, router) = (rest.u16_at(2)?, rest.array_at(4)?, rest.array_at(8)?);
        page.sheet.put("\n\t  Advertising Router ");
        page.sheet.ipv4(router);
        put_kind(page.sheet, kind, id);
        rest = rest.skip(12);
    }
    Some(())
}

/// Type, scope and number of an advertisement.
fn put_kind(sheet: &mut Sheet, kind: u16, id: [u8; 4]) {
    sheet.put("\n\t    ");
    sheet.put(word(KINDS, kind & 0x1fff).unwrap_or("Unknown"));
    number(sheet, " LSA (", kind & 0x1fff);
    sheet.put("), ");
    sheet.put(word(SCOPES, kind & 0x6000).unwrap_or("Unknown"));
    sheet.put(if kind & 0x8000 != 0 { " Scope, transitive, LSA-ID " } else { " Scope, LSA-ID " });
    sheet.ipv4(id);
}

/// Prints a header; none where bytes are missing.
fn header<'a>(sheet: &mut Sheet, span: Span<'a>) -> Option<(Header<'a>, Span<'a>)> {
    let (header, rest) = Header::parse(span).ok()?;
    sheet.put("\n\t  Advertising Router ");
    sheet.ipv4(header.router());
    sheet.put(", seq 0x");
    sheet.hex_padded(header.sequence(), 8);
    number(sheet, ", age ", header.age());
    sheet.put("s, length ");
    sheet.dec(u64::from(header.length()).wrapping_sub(ADVERTISEMENT_HEADER as u64));
    put_kind(sheet, header.wide_kind(), header.id());
    Some((header, rest))
}

/// Prints an advertisement; gives what is behind it. None where bytes are missing.
fn advertisement<'a>(page: &mut Page<'_>, span: Span<'a>) -> Option<Span<'a>> {
    let (header, rest) = header(page.sheet, span)?;
    let length = usize::from(header.length());
    let size = length.checked_sub(ADVERTISEMENT_HEADER)?;
    if length > span.wire() {
        return None;
    }
    let rest = rest.limit(size);
    let sheet = &mut *page.sheet;
    match header.wide_kind() {
        0x2001 => router(page, rest)?,
        0x2002 => {
            sheet_options(sheet, rest.u32_at(0)?);
            sheet.put("\n\t      Connected Routers:");
            let mut rest = rest.skip(4);
            while !rest.is_empty() {
                let router = rest.array_at(0)?;
                sheet.put("\n\t\t");
                sheet.ipv4(router);
                rest = rest.skip(4);
            }
        }
        0x2003 => {
            number(sheet, ", metric ", rest.u32_at(0)? & 0xff_ffff);
            let mut rest = rest.skip(4);
            while !rest.is_empty() {
                rest = prefix(page.sheet, rest)?;
            }
        }
        0x4005 => external(sheet, rest)?,
        0x0008 => {
            sheet_options(sheet, rest.u32_at(0)?);
            let count = rest.u32_at(20)?;
            number(sheet, "\n\t      Priority ", rest.u8_at(0)?);
            sheet.put(", Link-local address ");
            sheet.ipv6(rest.array_at(4)?);
            number(sheet, ", Prefixes ", count);
            sheet.put(":");
            prefixes(page, rest.skip(24), count)?;
        }
        0x2009 => {
            rest.u32_at(8)?;
            put_kind(sheet, rest.u16_at(2)?, rest.array_at(4)?);
            let count = rest.u16_at(0)?;
            number(sheet, "\n\t      Prefixes ", count);
            sheet.put(":");
            prefixes(page, rest.skip(12), count.into())?;
        }
        0x000b => {
            if !opaque::grace(sheet, rest, size, page.options.verbose)? {
                return None;
            }
        }
        _ => hex::indented(sheet, "\n\t      ", rest.bytes()),
    }
    Some(span.skip(length))
}

fn sheet_options(sheet: &mut Sheet, options: u32) {
    sheet.put("\n\t      Options [");
    set_bits(sheet, OPTIONS, options, "none");
    sheet.put("]");
}

/// The links of a router (RFC 5340, A.4.3).
fn router(page: &mut Page<'_>, span: Span<'_>) -> Option<()> {
    let sheet = &mut *page.sheet;
    sheet_options(sheet, span.u32_at(0)?);
    let bits = span.u8_at(0)?;
    sheet.put(", RLA-Flags [");
    set_bits(sheet, ROUTER_FLAGS, bits, "none");
    sheet.put("]");
    let mut rest = span.skip(4);
    while !rest.is_empty() && !page.is_full() {
        let sheet = &mut *page.sheet;
        let neighbor = rest.array_at(12)?;
        sheet.put(match rest.u8_at(0)? {
            1 => "\n\t      Neighbor Router-ID ",
            2 => "\n\t      Neighbor Network-ID ",
            4 => "\n\t      Virtual Link: Neighbor Router-ID ",
            kind => {
                sheet.put("\n\t      Unknown Router Links Type 0x");
                sheet.hex_padded(kind, 2);
                return Some(());
            }
        });
        sheet.ipv4(neighbor);
        sheet.put("\n\t      Neighbor Interface-ID ");
        sheet.ipv4(rest.array_at(8)?);
        sheet.put(", Interface ");
        sheet.ipv4(rest.array_at(4)?);
        number(sheet, ", metric ", rest.u16_at(2)?);
        rest = rest.skip(16);
    }
    Some(())
}

fn prefixes(page: &mut Page<'_>, span: Span<'_>, count: u32) -> Option<()> {
    let mut rest = span;
    for _ in 0..count {
        if page.is_full() {
            break;
        }
        rest = prefix(page.sheet, rest)?;
    }
    Some(())
}

/// A prefix, in as many words as it needs; gives what is behind it.
fn prefix<'a>(sheet: &mut Sheet, span: Span<'a>) -> Option<Span<'a>> {
    let (&[length, options, high, low], rest) = span.split_array().ok()?;
    let size = usize::from(length.div_ceil(32)).wrapping_mul(4);
    if size > 16 {
        number(sheet, " bogus prefixlen /", length);
        return None;
    }
    let (bytes, rest) = rest.split(size).ok()?;
    let mut address = [0; 16];
    address.get_mut(..size)?.copy_from_slice(bytes);
    sheet.put("\n\t\t");
    sheet.ipv6(address);
    number(sheet, "/", length);
    if options != 0 {
        sheet.put(", Options [");
        set_bits(sheet, PREFIX_OPTIONS, options, "none");
        sheet.put("]");
    }
    number(sheet, ", metric ", u16::from_be_bytes([high, low]));
    Some(rest)
}

/// A route to outside (RFC 5340, A.4.7).
fn external(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    let bits = span.u32_at(0)?;
    sheet.put("\n\t     Flags [");
    set_bits(sheet, EXTERNAL_FLAGS, bits, "none");
    number(sheet, "] metric ", bits & 0xff_ffff);
    let start = span.skip(4);
    let mut rest = prefix(sheet, start)?;
    if bits & FORWARDING != 0 {
        sheet.put(" forward ");
        sheet.ipv6(rest.array_at(0)?);
        rest = rest.skip(16);
    }
    if bits & TAG != 0 {
        sheet.put(" tag ");
        sheet.ipv4(rest.array_at(0)?);
        rest = rest.skip(4);
    }
    // Behind it, the advertisement that it refers to, of the type in the place of the metric.
    if start.u8_at(2)? != 0 {
        let id = rest.array_at(0)?;
        sheet.put(" RefLSID: ");
        sheet.ipv4(id);
    }
    Some(())
}

/// What may be behind a packet.
fn trailer(page: &mut Page<'_>, packet: &Ospf<'_>, fixed: Span<'_>) -> Option<()> {
    let signals = match packet.kind() {
        kind::HELLO => fixed.u32_at(4)? & LOCAL_SIGNALING != 0,
        kind::DATABASE_DESCRIPTION => fixed.u32_at(0)? & LOCAL_SIGNALING != 0,
        _ => false,
    };
    let sheet = &mut *page.sheet;
    let mut rest = packet.span().skip(packet.length()?.into());
    if signals && !rest.is_empty() {
        let checksum = rest.u16_at(0)?;
        sheet.put("\n\tLLS Checksum 0x");
        sheet.hex_padded(checksum, 4);
        let length = rest.u16_at(2)?;
        number(sheet, ", Data Length ", length);
        let (_, behind) = rest.split(usize::from(length).max(4)).ok().filter(|_| length >= 4)?;
        rest = behind;
    }
    if rest.is_empty() {
        return Some(());
    }
    const AUTHENTICATION_HEAD: usize = 16;
    if rest.wire() < AUTHENTICATION_HEAD {
        return None;
    }
    let method = rest.u16_at(0)?;
    sheet.put("\n\tAuthentication Type ");
    match method {
        1 => sheet.put("HMAC"),
        method => {
            sheet.put("unknown (0x");
            sheet.hex_padded(method, 4);
            sheet.put(")");
        }
    }
    let length = rest.u16_at(2)?;
    number(sheet, ", Length ", length);
    if usize::from(length) < AUTHENTICATION_HEAD || usize::from(length) > rest.wire() {
        return None;
    }
    number(sheet, ", SAID ", rest.u16_at(6)?);
    for (words, at) in [(", CSN 0x", 8), (":", 12)] {
        let half = rest.u32_at(at)?;
        sheet.put(words);
        sheet.hex_padded(half, 8);
    }
    let (digest, _) = rest
        .limit(length.into())
        .skip(AUTHENTICATION_HEAD)
        .split(usize::from(length).saturating_sub(AUTHENTICATION_HEAD))
        .ok()?;
    if page.options.verbose > 1 {
        hex::indented(page.sheet, "\n\tAuthentication Data ", digest);
    }
    Some(())
}
