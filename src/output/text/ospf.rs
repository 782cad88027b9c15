//! Lines of OSPF; `-v` shows what a packet says.

mod advertisement;
mod engineering;
mod opaque;
mod version3;

use super::words::{Words, number, padded_text, set_bits, word};
use super::{Ip, Page, Sheet};
use crate::decode::Span;
use crate::decode::ospf::{ADVERTISEMENT_HEADER, CRYPTOGRAPHIC, DIGEST, HEADER_2, Ospf, SIMPLE_PASSWORD, kind};

const KINDS: Words = &[(1, "Hello"), (2, "Database Description"), (3, "LS-Request"), (4, "LS-Update"), (5, "LS-Ack")];

const OPTIONS: Words = &[
    (0x01, "MultiTopology"),
    (0x02, "External"),
    (0x04, "Multicast"),
    (0x08, "NSSA"),
    (LOCAL_SIGNALING, "LLS"),
    (0x20, "Demand Circuit"),
    (0x40, "Opaque"),
    (0x80, "Up/Down"),
];

/// A block of link-local signaling is behind the packet (RFC 5613).
const LOCAL_SIGNALING: u32 = 0x10;

/// Flags of a database description.
const DESCRIPTION_FLAGS: Words = &[(4, "Init"), (2, "More"), (1, "Master"), (8, "OOBResync")];

/// Prints a packet; the version of IP around it tells that of OSPF.
pub(super) fn print(page: &mut Page<'_>, packet: &Ospf<'_>, ip: Option<Ip<'_>>) {
    if let Some(Ip::V6(_)) = ip {
        version3::print(page, packet);
    } else if fields(page, packet).is_none() {
        page.truncated("ospf2");
    }
}

/// Version, kind and length; whether the kind is known.
fn head(sheet: &mut Sheet, packet: &Ospf<'_>, length: usize, unknown: &'static str, end: &'static str) -> bool {
    number(sheet, "OSPFv", packet.version());
    sheet.put(", ");
    let known = word(KINDS, packet.kind());
    match known {
        Some(name) => sheet.put(name),
        None => {
            number(sheet, unknown, packet.kind());
            sheet.put(end);
        }
    }
    sheet.put(", length ");
    sheet.len_of(length);
    known.is_some()
}

/// All that a packet of version 2 says; none where bytes are missing.
fn fields(page: &mut Page<'_>, packet: &Ospf<'_>) -> Option<()> {
    let kind = packet.authentication()?;
    // A digest is no part of the packet.
    let whole = packet.span();
    let length = if kind == CRYPTOGRAPHIC { whole.wire().saturating_sub(DIGEST) } else { whole.wire() };
    let span = match kind {
        CRYPTOGRAPHIC => whole.limit(whole.bytes().len().saturating_sub(DIGEST)),
        _ => whole,
    };
    span.u16_at(0)?;
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    if !head(sheet, packet, length, "unknown LS-type ", "") || verbose == 0 {
        return Some(());
    }
    let said = packet.length()?;
    if usize::from(said) != length {
        number(sheet, " [len ", said);
        sheet.put("]");
    }
    identity(sheet, packet)?;
    let secret = span.array_at::<8>(16)?;
    sheet.put(", Authentication Type: ");
    sheet.put(word(&[(0, "none"), (1, "simple"), (2, "MD5")], kind).unwrap_or("unknown"));
    number(sheet, " (", kind);
    sheet.put(")");
    match kind {
        0 => {}
        SIMPLE_PASSWORD => {
            sheet.put("\n\tSimple text password: ");
            padded_text(sheet, span.skip(16), 8)?;
        }
        CRYPTOGRAPHIC => {
            let [_, _, key, size, a, b, c, d] = secret;
            number(sheet, "\n\tKey-ID: ", key);
            number(sheet, ", Auth-Length: ", size);
            sheet.put(", Crypto Sequence Number: 0x");
            sheet.hex_padded(u32::from_be_bytes([a, b, c, d]), 8);
        }
        _ => return Some(()),
    }
    if packet.version() != 2 {
        number(sheet, " ospf [version ", packet.version());
        sheet.put("]");
        return Some(());
    }
    let body = Body { span: span.limit(length).skip(HEADER_2), end: usize::from(said).min(length) };
    match packet.kind() {
        kind::HELLO => hello(sheet, body),
        kind::DATABASE_DESCRIPTION => description(sheet, body),
        kind::REQUEST => requests(page, body),
        kind::UPDATE => updates(page, body),
        _ => acknowledgments(page, body),
    }?;
    if length > usize::from(said) {
        local_signaling(page.sheet, packet, span.limit(length))?;
    }
    Some(())
}

/// What is behind the header of a packet.
#[derive(Clone, Copy)]
struct Body<'a> {
    /// To the end of the IP packet.
    span: Span<'a>,
    /// Where the packet itself ends, counted from the start of its header.
    end: usize,
}

impl Body<'_> {
    /// Whether `at` bytes behind the header the packet goes on.
    fn goes_on(&self, at: usize) -> bool {
        at.saturating_add(HEADER_2) < self.end
    }
}

/// The router and its area.
fn identity(sheet: &mut Sheet, packet: &Ospf<'_>) -> Option<()> {
    let router = packet.router()?;
    sheet.put("\n\tRouter-ID ");
    sheet.ipv4(router);
    match packet.area()? {
        [0, 0, 0, 0] => sheet.put(", Backbone Area"),
        area => {
            sheet.put(", Area ");
            sheet.ipv4(area);
        }
    }
    Some(())
}

fn put_options(sheet: &mut Sheet, words: &'static str, options: u8) {
    sheet.put(words);
    set_bits(sheet, OPTIONS, options, "none");
    sheet.put("]");
}

fn hello(sheet: &mut Sheet, body: Body<'_>) -> Option<()> {
    let span = body.span;
    put_options(sheet, "\n\tOptions [", span.u8_at(6)?);
    let dead = span.u32_at(8)?;
    number(sheet, "\n\t  Hello Timer ", span.u16_at(4)?);
    number(sheet, "s, Dead Timer ", dead);
    sheet.put("s, Mask ");
    sheet.ipv4(span.array_at(0)?);
    number(sheet, ", Priority ", span.u8_at(7)?);
    for (words, at) in [("\n\t  Designated Router ", 12), (", Backup Designated Router ", 16)] {
        let router = span.array_at(at)?;
        if router != [0; 4] {
            sheet.put(words);
            sheet.ipv4(router);
        }
    }
    let mut at = 20usize;
    if body.goes_on(at) {
        sheet.put("\n\t  Neighbor List:");
    }
    while body.goes_on(at) {
        let neighbor = span.array_at(at)?;
        sheet.put("\n\t    ");
        sheet.ipv4(neighbor);
        at = at.saturating_add(4);
    }
    Some(())
}

fn description(sheet: &mut Sheet, body: Body<'_>) -> Option<()> {
    let span = body.span;
    put_options(sheet, "\n\tOptions [", span.u8_at(2)?);
    let bits = span.u8_at(3)?;
    sheet.put(", DD Flags [");
    set_bits(sheet, DESCRIPTION_FLAGS, bits, "none");
    sheet.put("]");
    let mtu = span.u16_at(0)?;
    if mtu != 0 {
        number(sheet, ", MTU: ", mtu);
    }
    let sequence = span.u32_at(4)?;
    sheet.put(", Sequence: 0x");
    sheet.hex_padded(sequence, 8);
    let mut at = 8usize;
    while body.goes_on(at) {
        if !advertisement::header(sheet, span.skip(at))? {
            break;
        }
        at = at.saturating_add(ADVERTISEMENT_HEADER);
    }
    Some(())
}

fn requests(page: &mut Page<'_>, body: Body<'_>) -> Option<()> {
    let mut at = 0usize;
    while body.goes_on(at) && !page.is_full() {
        let span = body.span.skip(at);
        let (kind, id, router) = (span.u32_at(0)?, span.array_at(4)?, span.array_at(8)?);
        let sheet = &mut *page.sheet;
        sheet.put("\n\t  Advertising Router: ");
        sheet.ipv4(router);
        sheet.put(", ");
        advertisement::put_kind(sheet, kind);
        match u8::try_from(kind) {
            Ok(9..=11) => opaque::put_id(sheet, [", Opaque-Type: ", ", Opaque-ID: "], id),
            _ => {
                sheet.put(", LSA-ID: ");
                sheet.ipv4(id);
            }
        }
        at = at.saturating_add(12);
    }
    Some(())
}

fn updates(page: &mut Page<'_>, body: Body<'_>) -> Option<()> {
    let count = body.span.u32_at(0)?;
    number(page.sheet, ", ", count);
    page.sheet.put(if count == 1 { " LSA" } else { " LSAs" });
    let mut rest = body.span.skip(4);
    for index in 1..=count {
        if page.is_full() {
            break;
        }
        number(page.sheet, "\n\t  LSA #", index);
        rest = advertisement::print(page, rest)?;
    }
    Some(())
}

fn acknowledgments(page: &mut Page<'_>, body: Body<'_>) -> Option<()> {
    let mut at = 0usize;
    while body.goes_on(at) && !page.is_full() {
        if !advertisement::header(page.sheet, body.span.skip(at))? {
            break;
        }
        at = at.saturating_add(ADVERTISEMENT_HEADER);
    }
    Some(())
}

/// The block of link-local signaling behind a packet (RFC 5613, 2.1).
fn local_signaling(sheet: &mut Sheet, packet: &Ospf<'_>, span: Span<'_>) -> Option<()> {
    let options = match packet.kind() {
        kind::HELLO => span.u8_at(HEADER_2.saturating_add(6))?,
        kind::DATABASE_DESCRIPTION => span.u8_at(HEADER_2.saturating_add(2))?,
        _ => return Some(()),
    };
    if u32::from(options) & LOCAL_SIGNALING == 0 {
        return Some(());
    }
    let mut start = usize::from(packet.length()?);
    if packet.authentication()? == CRYPTOGRAPHIC {
        start = start.saturating_add(span.u8_at(19)?.into());
    }
    if start >= span.wire() {
        sheet.put("\n\t[LLS truncated]");
        return Some(());
    }
    let block = span.skip(start);
    let checksum = block.u16_at(0)?;
    sheet.put("\n\t  LLS: checksum: 0x");
    sheet.hex_padded(checksum, 4);
    number(sheet, ", length: ", block.u16_at(2)?);
    let mut rest = block.skip(4);
    while !rest.is_empty() {
        let kind = rest.u16_at(0)?;
        sheet.put("\n\t    ");
        sheet.put(word(&[(1, "Extended Options"), (2, "MD5 Authentication")], kind).unwrap_or("Unknown TLV"));
        number(sheet, " (", kind);
        let mut length = rest.u16_at(2).map(usize::from);
        sheet.put(")");
        let said = length?;
        sheet.put(", length: ");
        sheet.len_of(said);
        let value = rest.skip(4);
        match kind {
            1 => {
                if said != 4 {
                    sheet.put(" [should be 4]");
                    length = Some(4);
                }
                let bits = value.u32_at(0)?;
                sheet.put("\n\t      Options: 0x");
                sheet.hex_padded(bits, 8);
                sheet.put(" [");
                set_bits(sheet, &[(1, "LSDB resync"), (2, "Restart")], bits, "?");
                sheet.put("]");
            }
            2 => {
                if said != 20 {
                    sheet.put(" [should be 20]");
                    length = Some(20);
                }
                let sequence = value.u32_at(0)?;
                sheet.put("\n\t      Sequence number: 0x");
                sheet.hex_padded(sequence, 8);
            }
            _ => {}
        }
        rest = value.skip(length?);
    }
    Some(())
}
