//! Lines of VXLAN and OTV: a line of its own for what is inside, as tcpdump has it.

use super::words::number;
use super::{Page, Sheet, walk};
use crate::decode::vxlan::Vxlan;
use crate::decode::{Layers, Span};

/// The flag that says that the network identifier counts.
const HAS_NETWORK: u8 = 0x08;

/// Prints one header and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Vxlan<'a>, inside: &mut Layers<'a>) {
    if header.is_otv() {
        otv_flags(page.sheet, header.flags());
        number(page.sheet, "overlay ", header.overlay());
        number(page.sheet, ", instance ", header.network());
    } else {
        flags(page, header.flags());
        number(page.sheet, "vni ", header.network());
    }
    page.sheet.put("\n");
    walk(page, inside, None);
}

fn flags(page: &mut Page<'_>, flags: u8) {
    page.sheet.put("VXLAN, flags [");
    page.sheet.put(if flags & HAS_NETWORK != 0 { "I" } else { "invalid" });
    page.sheet.put("] (0x");
    page.sheet.hex_padded(flags, 2);
    page.sheet.put("), ");
}

fn otv_flags(sheet: &mut Sheet, flags: u8) {
    sheet.put(if flags & HAS_NETWORK != 0 { "OTV, flags [I] (0x" } else { "OTV, flags [.] (0x" });
    sheet.hex_padded(flags, 2);
    sheet.put("), ");
}

/// A header of OTV that is not all there.
pub(super) fn malformed_otv(page: &mut Page<'_>, span: Span<'_>) {
    match span.u8_at(0) {
        _ if span.wire() < 8 => {
            number(page.sheet, "OTV, [length ", span.wire() as u64);
            return page.sheet.put(" < 8] (invalid)");
        }
        Some(byte) => otv_flags(page.sheet, byte),
        None => page.sheet.put("OTV, "),
    }
    if let Some([a, b, c]) = span.array_at(1) {
        number(page.sheet, "overlay ", u32::from_be_bytes([0, a, b, c]));
        page.sheet.put(", ");
    }
    if let Some([a, b, c]) = span.array_at(4) {
        number(page.sheet, "instance ", u32::from_be_bytes([0, a, b, c]));
        page.sheet.put("\n");
    }
    page.truncated("otv");
}

/// A header that is not all there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    match span.u8_at(0) {
        _ if span.wire() < 8 => return page.sheet.put("VXLAN (invalid)"),
        Some(byte) => flags(page, byte),
        None => page.sheet.put("VXLAN"),
    }
    if let Some([a, b, c]) = span.array_at(4) {
        page.sheet.put("vni ");
        page.sheet.dec(u32::from_be_bytes([0, a, b, c]));
        page.sheet.put("\n");
    }
    page.truncated("vxlan");
}
