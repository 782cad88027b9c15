//! Lines of VXLAN with other packets than Ethernet's in it.

use super::{Page, Sheet, walk};
use crate::decode::vxlan_gpe::VxlanGpe;
use crate::decode::{Layers, Next, Span};

/// Prints one header and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &VxlanGpe<'a>, inside: &mut Layers<'a>) {
    flags(page.sheet, header.flags());
    page.sheet.put("vni ");
    page.sheet.dec(header.network());
    page.sheet.put(if page.options.verbose > 0 { "\n    " } else { ": " });
    if inside.next_header() == Next::Payload {
        return page.sheet.put("ERROR: unknown-next-protocol (invalid)");
    }
    walk(page, inside, None);
}

fn flags(sheet: &mut Sheet, flags: u8) {
    sheet.put("VXLAN-GPE, flags [");
    let names = [(0x08, "I"), (0x04, "P"), (0x02, "B"), (0x01, "O")];
    for (_, name) in names.iter().filter(|(bit, _)| flags & bit != 0) {
        sheet.put(name);
    }
    sheet.put(if flags & 15 == 0 { "none], " } else { "], " });
}

/// A header that is not all there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    if span.wire() < 8 {
        page.sheet.put("VXLAN-GPE,  (len ");
        page.sheet.len_of(span.wire());
        return page.sheet.put(" < 8) (invalid)");
    }
    match span.u8_at(0) {
        Some(byte) => flags(page.sheet, byte),
        None => page.sheet.put("VXLAN-GPE, "),
    }
    page.truncated("vxlan_gpe");
}
