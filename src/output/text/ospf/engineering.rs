//! Advertisements for traffic engineering (RFC 3630, 2; RFC 4203): a router's address, or a link and what it can carry.

use crate::decode::Span;
use crate::output::Sheet;
use crate::output::text::hex;
use crate::output::text::words::{Words, number, set_bits, word};

const FIELDS: Words = &[(1, "Router Address"), (2, "Link")];

const LINK_FIELDS: Words = &[
    (1, "Link Type"),
    (2, "Link ID"),
    (3, "Local Interface IP address"),
    (4, "Remote Interface IP address"),
    (5, "Traffic Engineering Metric"),
    (6, "Maximum Bandwidth"),
    (7, "Maximum Reservable Bandwidth"),
    (8, "Unreserved Bandwidth"),
    (9, "Administrative Group"),
    (11, "Link Local/Remote Identifier"),
    (14, "Link Protection Type"),
    (15, "Interface Switching Capability"),
    (16, "Shared Risk Link Group"),
    (17, "Bandwidth Constraints"),
];

const PROTECTIONS: Words = &[
    (0x01, "Extra Traffic"),
    (0x02, "Unprotected"),
    (0x04, "Shared"),
    (0x08, "Dedicated 1:1"),
    (0x10, "Dedicated 1+1"),
    (0x20, "Enhanced"),
    (0x40, "Reserved"),
    (0x80, "Reserved"),
];

const SWITCHING: Words = &[
    (1, "Packet-Switch Capable-1"),
    (2, "Packet-Switch Capable-2"),
    (3, "Packet-Switch Capable-3"),
    (4, "Packet-Switch Capable-4"),
    (51, "Layer-2 Switch Capable"),
    (100, "Time-Division-Multiplex"),
    (150, "Lambda-Switch Capable"),
    (200, "Fiber-Switch Capable"),
];

const ENCODINGS: Words = &[
    (1, "Packet"),
    (2, "Ethernet V2/DIX"),
    (3, "ANSI/ETSI PDH"),
    (4, "Reserved"),
    (5, "SDH ITU-T G.707/SONET ANSI T1.105"),
    (6, "Reserved"),
    (7, "Digital Wrapper"),
    (8, "Lambda (photonic)"),
    (9, "Fiber"),
    (10, "Reserved"),
    (11, "FiberChannel"),
];

/// Numbers of priorities and classes.
const CLASSES: usize = 8;

/// Prints the fields, `length` bytes of them; whether they could be read. None where the capture ends in what
/// must be there.
pub(super) fn print(sheet: &mut Sheet, span: Span<'_>, length: usize, verbose: u8) -> Option<bool> {
    let (mut rest, mut left) = (span, length);
    while left > 0 {
        let Some((kind, size)) = rest.u16_at(0).zip(rest.u16_at(2)) else { return Some(false) };
        let size = usize::from(size);
        if left < 4 {
            return Some(short(sheet, "\n\t    Remaining LS length ", left, 4));
        }
        head(sheet, "\n\t    ", FIELDS, " TLV (", kind, size);
        let room = left.saturating_sub(4);
        if size > room {
            number(sheet, "\n\t    Bogus length ", size as u64);
            number(sheet, " > ", room as u64);
            return Some(false);
        }
        if kind == 0 || size == 0 {
            return Some(false);
        }
        let value = rest.skip(4);
        match kind {
            1 if size < 4 => return Some(short(sheet, "\n\t    TLV length ", size, 4)),
            1 => {
                let address = value.array_at(0)?;
                sheet.put(", ");
                sheet.ipv4(address);
            }
            2 if !link(sheet, value, size, verbose)? => return Some(false),
            2 => {}
            _ if verbose <= 1 => hex::indented(sheet, "\n\t      ", value.limit(size).bytes()),
            _ => {}
        }
        // Fields are padded to words.
        let used = size.next_multiple_of(4);
        left = room.saturating_sub(used);
        rest = value.skip(used);
    }
    Some(true)
}

fn head(sheet: &mut Sheet, indent: &'static str, names: Words, words: &'static str, kind: u16, size: usize) {
    sheet.put(indent);
    sheet.put(word(names, kind).unwrap_or("unknown"));
    number(sheet, words, kind);
    number(sheet, "), length: ", size as u64);
}

/// Tells that fewer bytes are left than are needed; that is not right.
fn short(sheet: &mut Sheet, words: &'static str, left: usize, needed: usize) -> bool {
    number(sheet, words, left as u64);
    number(sheet, " < ", needed as u64);
    false
}

/// The fields of a link, `length` bytes of them; whether they could be read. None as above.
fn link(sheet: &mut Sheet, fields: Span<'_>, length: usize, verbose: u8) -> Option<bool> {
    let (mut rest, mut left) = (fields, length);
    while left > 0 {
        if left < 4 {
            return Some(short(sheet, "\n\t    Remaining TLV length ", left, 4));
        }
        let (kind, size) = (rest.u16_at(0)?, usize::from(rest.u16_at(2)?));
        if kind == 0 || size == 0 {
            sheet.put(" (invalid)");
            return Some(false);
        }
        head(sheet, "\n\t      ", LINK_FIELDS, " subTLV (", kind, size);
        if left.saturating_sub(4) < size {
            return Some(short(sheet, "\n\t    Remaining TLV length ", left, size.saturating_add(4)));
        }
        let Ok((value, _)) = rest.skip(4).split(size) else { return Some(false) };
        if !link_field(sheet, kind, value, verbose) {
            return Some(false);
        }
        let used = size.next_multiple_of(4).saturating_add(4);
        left = left.saturating_sub(used);
        rest = rest.skip(used);
    }
    Some(true)
}

/// One field of a link; whether its length is right.
fn link_field(sheet: &mut Sheet, kind: u16, value: &[u8], verbose: u8) -> bool {
    let (words, _) = value.as_chunks::<4>();
    match (kind, value, words) {
        (1, [kind], _) => {
            sheet.put(match kind {
                1 => ", Point-to-point (",
                2 => ", Multi-Access (",
                _ => ", unknown (",
            });
            number(sheet, "", *kind);
            sheet.put(")");
        }
        (1, ..) => return wrong(sheet, " != 1 (invalid)"),
        (2 | 11, [_, _, _, _] | [_, _, _, _, _, _, _, _], _) => {
            for word in words {
                sheet.put(", ");
                sheet.ipv4(*word);
                sheet.put(" (0x");
                sheet.hex_bytes(word, "");
                sheet.put(")");
            }
        }
        (2 | 11, ..) => return wrong(sheet, " != 4 && != 8 (invalid)"),
        (8, _, [_, _, _, _, _, _, _, _]) if value.len() == 4 * CLASSES => {
            for (class, word) in words.iter().enumerate() {
                number(sheet, "\n\t\tTE-Class ", class as u64);
                megabits(sheet, ": ", *word);
            }
        }
        (8, ..) => return wrong(sheet, " != 32 (invalid)"),
        (15, [capability, encoding, ..], [_, rates @ ..]) if rates.len() >= CLASSES => {
            sheet.put("\n\t\tInterface Switching Capability: ");
            sheet.put(word(SWITCHING, *capability).unwrap_or("Unknown"));
            sheet.put("\n\t\tLSP Encoding: ");
            sheet.put(word(ENCODINGS, *encoding).unwrap_or("Unknown"));
            sheet.put("\n\t\tMax LSP Bandwidth:");
            for (priority, rate) in rates.iter().take(CLASSES).enumerate() {
                number(sheet, "\n\t\t  priority level ", priority as u64);
                megabits(sheet, ": ", *rate);
            }
        }
        (15, ..) => return wrong(sheet, " < 36 (invalid)"),
        (16, ..) if !value.len().is_multiple_of(4) => return wrong(sheet, " != N x 4 (invalid)"),
        (16, ..) => {
            let mut joint = "\n\t\t  Shared risk group: ";
            for word in words {
                number(sheet, joint, u32::from_be_bytes(*word));
                joint = ", ";
            }
        }
        (17, [model, ..], _) => {
            sheet.put("\n\t\tBandwidth Constraints Model ID: ");
            sheet.put(word(&[(0, "Russian dolls"), (1, "Maximum allocation")], *model).unwrap_or("unknown"));
            number(sheet, " (", *model);
            sheet.put(")");
            if !value.len().is_multiple_of(4) {
                number(sheet, "\n\t\tlength ", value.len() as u64);
                return wrong(sheet, " != N x 4 (invalid)");
            }
            for (class, rate) in words.iter().skip(1).take(CLASSES).enumerate() {
                number(sheet, "\n\t\t  Bandwidth constraint CT", class as u64);
                megabits(sheet, ": ", *rate);
            }
        }
        (3 | 4, [_, _, _, _], [address]) => {
            sheet.put(", ");
            sheet.ipv4(*address);
        }
        (5, [_, _, _, _], [metric]) => number(sheet, ", Metric ", u32::from_be_bytes(*metric)),
        (6 | 7, [_, _, _, _], [rate]) => megabits(sheet, ", ", *rate),
        (9, [_, _, _, _], [group]) => {
            sheet.put(", 0x");
            sheet.hex_bytes(group, "");
        }
        (14, [bits, _, _, _], _) => {
            sheet.put(", ");
            set_bits(sheet, PROTECTIONS, *bits, "none");
        }
        (3..=7 | 9 | 14, ..) => return wrong(sheet, " != 4 (invalid)"),
        _ if verbose <= 1 => hex::indented(sheet, "\n\t\t", value),
        _ => {}
    }
    true
}

fn wrong(sheet: &mut Sheet, words: &'static str) -> bool {
    sheet.put(words);
    false
}

/// A rate, which is told in bytes a second as an IEEE float, in millions of bits.
fn megabits(sheet: &mut Sheet, words: &'static str, rate: [u8; 4]) {
    let rate = f32::from_be_bytes(rate) * 8.0 / 1_000_000.0;
    sheet.put(words);
    if rate.is_nan() {
        sheet.put("nan");
    } else {
        sheet.caret(format!("{rate:.3}").as_bytes());
    }
    sheet.put(" Mbps");
}
