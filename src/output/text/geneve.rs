//! Lines of Geneve.

use super::names::put_known_type;
use super::{Page, Sheet, carried, walk};
use crate::decode::geneve::Geneve;
use crate::decode::{Layers, Span};

/// Length of the header before the options, and of an option's head.
const HEAD: usize = 8;
const OPTION_HEAD: usize = 4;

/// Prints one header and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Geneve<'a>, inside: &mut Layers<'a>) {
    if fields(page, header.span()) != Some(true) {
        return page.truncated("geneve");
    }
    page.sheet.put(if page.options.verbose > 0 { "\n\t" } else { ": " });
    if carried(inside) {
        walk(page, inside, None);
    } else {
        page.sheet.put("geneve-proto-0x");
        page.sheet.hex(header.protocol());
    }
}

/// A header that is not all there, or can't be read.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    if fields(page, span).is_none() {
        page.truncated("geneve");
    }
}

/// What the header says; none where bytes are missing, false where they can't be right.
fn fields(page: &mut Page<'_>, span: Span<'_>) -> Option<bool> {
    let sheet = &mut *page.sheet;
    sheet.put("Geneve");
    if span.wire() < HEAD {
        sheet.put(" [length ");
        sheet.len_of(span.wire());
        sheet.put(" < 8] (invalid)");
        return Some(false);
    }
    let [version_and_length, bits, kind @ .., a, b, c, reserved] = span.array_at::<HEAD>(0)?;
    if version_and_length >> 6 != 0 {
        sheet.put(" ERROR: unknown-version ");
        sheet.dec(version_and_length >> 6);
        return Some(false);
    }
    let protocol = u16::from_be_bytes(kind);
    sheet.put(", Flags [");
    flags(sheet, bits);
    sheet.put("], vni 0x");
    sheet.hex(u32::from_be_bytes([0, a, b, c]));
    if reserved != 0 {
        sheet.put(", rsvd 0x");
        sheet.hex(reserved);
    }
    if page.options.link_header {
        sheet.put(", proto ");
        put_known_type(sheet, protocol);
    }
    let length = usize::from(version_and_length & 0x3f).wrapping_mul(4);
    let options = span.skip(HEAD).limit(length);
    if options.wire() < length {
        sheet.put(" truncated-geneve - ");
        sheet.len_of(length.saturating_sub(options.wire()));
        sheet.put(" bytes missing");
        return Some(false);
    }
    if length == 0 {
        return Some(true);
    }
    options.split(length).ok()?;
    sheet.put(", options [");
    if page.options.verbose > 0 {
        options_in_full(page, options)?;
    } else {
        sheet.len_of(length);
        sheet.put(" bytes");
    }
    page.sheet.put("]");
    Some(true)
}

fn flags(sheet: &mut Sheet, bits: u8) {
    const NAMES: [(u8, &str); 8] =
        [(0x80, "O"), (0x40, "C"), (0x20, "R1"), (0x10, "R2"), (0x08, "R3"), (0x04, "R4"), (0x02, "R5"), (0x01, "R6")];
    if bits == 0 {
        sheet.put("none");
    }
    NAMES.iter().filter(|flag| bits & flag.0 != 0).for_each(|flag| sheet.put(flag.1));
}

/// Each option's class, type and length, and at `-vv` its data.
fn options_in_full(page: &mut Page<'_>, options: Span<'_>) -> Option<()> {
    let sheet = &mut *page.sheet;
    let mut rest = options;
    let mut joint = "";
    while !rest.is_empty() {
        sheet.put(joint);
        joint = ", ";
        let ([a, b, kind, words], _) = rest.split_array::<OPTION_HEAD>().ok()?;
        let class = u16::from_be_bytes([*a, *b]);
        let length = usize::from(words & 0x1f).wrapping_mul(4).wrapping_add(OPTION_HEAD);
        sheet.put("class ");
        sheet.put(match class {
            ..=0x00ff => "Standard",
            0x0100 => "Linux",
            0x0101 => "Open vSwitch",
            0x0102 => "Open Virtual Networking (OVN)",
            0x0103 => "In-band Network Telemetry (INT)",
            0x0104 => "VMware",
            0xfff0.. => "Experimental",
            _ => "Unknown",
        });
        sheet.put(" (0x");
        sheet.hex(class);
        sheet.put(") type 0x");
        sheet.hex(*kind);
        sheet.put(if kind & 0x80 != 0 { "(C) len " } else { " len " });
        sheet.len_of(length);
        if length > rest.wire() {
            sheet.put(" [bad length]");
            return Some(());
        }
        if page.options.verbose > 1 && length > OPTION_HEAD {
            sheet.put(" data");
            for at in (OPTION_HEAD..length).step_by(4) {
                let word = rest.u32_at(at)?;
                sheet.put(" ");
                sheet.hex_padded(word, 8);
            }
        }
        (_, rest) = rest.split(length).ok()?;
    }
    Some(())
}
