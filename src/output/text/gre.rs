//! Lines of generic routing encapsulation.

use super::names::put_known_type;
use super::{Page, Sheet, carried, walk};
use crate::decode::gre::{self, Gre, Route};
use crate::decode::{Layers, Span};

/// Prints one header and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Gre<'a>, inside: &mut Layers<'a>) {
    match fields(page, header.span()) {
        None => return page.truncated("gre"),
        Some(false) => return,
        Some(true) => {}
    }
    page.sheet.put(if page.options.verbose > 0 { "\n\t" } else { ": " });
    if carried(inside) {
        walk(page, inside, None);
    } else {
        page.sheet.put("gre-proto-0x");
        page.sheet.hex(header.protocol());
    }
}

/// A header that is not all there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    if fields(page, span).is_none() {
        page.truncated("gre");
    }
}

/// What the header says: whether something follows it; none where bytes are missing.
fn fields(page: &mut Page<'_>, span: Span<'_>) -> Option<bool> {
    let verbose = page.options.verbose > 0;
    let sheet = &mut *page.sheet;
    let bits = span.u16_at(0)?;
    sheet.put("GREv");
    sheet.dec(bits & 7);
    let is_pptp = match bits & 7 {
        0 => false,
        1 => true,
        _ => {
            sheet.put(" ERROR: unknown-version");
            return Some(false);
        }
    };
    if verbose {
        flags(sheet, bits);
    }
    let protocol = span.u16_at(2)?;
    let mut rest = span.skip(4);
    let has = |flag| bits & flag != 0;
    let mut take = |sheet: &mut Sheet, name: &'static str| -> Option<u32> {
        let word = rest.u32_at(0)?;
        sheet.put(name);
        rest = rest.skip(4);
        Some(word)
    };
    if !is_pptp && has(gre::CHECKSUM | gre::ROUTING) {
        if verbose {
            let sum = span.u16_at(4)?;
            sheet.put(", sum 0x");
            sheet.hex(sum);
        }
        let word = take(sheet, ", off 0x")?;
        sheet.hex(word & 0xffff);
    }
    if has(gre::KEY) {
        let key = take(sheet, if is_pptp { ", call " } else { ", key=0x" })?;
        if is_pptp { sheet.dec(key & 0xffff) } else { sheet.hex(key) }
    }
    if has(gre::SEQUENCE) {
        let sequence = take(sheet, ", seq ")?;
        sheet.dec(sequence);
    }
    if is_pptp && has(gre::ACKNOWLEDGMENT) {
        let acknowledgment = take(sheet, ", ack ")?;
        sheet.dec(acknowledgment);
    }
    for route in Gre::routes_of(span) {
        self::route(sheet, &route.ok()?)?;
    }
    let no_payload = is_pptp && !has(gre::SEQUENCE);
    if no_payload {
        sheet.put(", no-payload");
    }
    if page.options.link_header {
        sheet.put(", proto ");
        put_known_type(sheet, protocol);
    }
    sheet.put(", length ");
    sheet.len_of(span.wire());
    Some(!no_payload)
}

/// A list of addresses or autonomous systems, the next one marked; none where bytes of it are missing.
fn route(sheet: &mut Sheet, route: &Route<'_>) -> Option<()> {
    let (name, size) = match route.family {
        _ if route.is_end() => return Some(()),
        0x0800 => (", (rtaf=ip", 4),
        0xfffe => (", (rtaf=asn", 2),
        other => {
            sheet.put(", (rtaf=0x");
            sheet.hex(other);
            sheet.put(")");
            return Some(());
        }
    };
    sheet.put(name);
    let list = route.list.limit(route.length.into());
    let wrong = match (route.offset, route.length) {
        (offset, _) if !offset.is_multiple_of(size) => Some((", badoffset=", offset)),
        (_, length) if !length.is_multiple_of(size) => Some((", badlength=", length)),
        (offset, length) if offset >= length => Some((", badoff/len=", offset)),
        _ => None,
    };
    if let Some((name, number)) = wrong {
        sheet.put(name);
        sheet.dec(number);
        if name == ", badoff/len=" {
            sheet.put("/");
            sheet.dec(route.length);
        }
    } else {
        for (at, place) in list.bytes().chunks_exact(size.into()).enumerate() {
            let is_next = at.saturating_mul(size.into()) == usize::from(route.offset);
            sheet.put(if is_next { " *" } else { " " });
            match place {
                [a, b, c, d] => sheet.ipv4_number([*a, *b, *c, *d]),
                [high, low] => sheet.hex(u16::from_be_bytes([*high, *low])),
                _ => {}
            }
        }
    }
    sheet.put(")");
    (list.bytes().len() == usize::from(route.length)).then_some(())
}

fn flags(sheet: &mut Sheet, bits: u16) {
    const NAMES: [(u16, &str); 6] = [
        (gre::CHECKSUM, "checksum present"),
        (gre::ROUTING, "routing present"),
        (gre::KEY, "key present"),
        (gre::SEQUENCE, "sequence# present"),
        (0x0800, "source routing present"),
        (gre::ACKNOWLEDGMENT, "ack present"),
    ];
    sheet.put(", Flags [");
    let mut joint = "";
    for (_, name) in NAMES.iter().filter(|flag| bits & flag.0 != 0) {
        sheet.put(joint);
        sheet.put(name);
        joint = ", ";
    }
    sheet.put(if joint.is_empty() { "none]" } else { "]" });
}
