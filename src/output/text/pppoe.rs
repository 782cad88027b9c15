//! Lines of PPP over Ethernet.

use super::words::{Words, upper_hex, word};
use super::{Page, Sheet, invalid, walk};
use crate::decode::pppoe::{self, Pppoe, Tag};
use crate::decode::{Layers, Span};

const TAGS: Words = &[
    (0x0000, "EOL"),
    (0x0101, "Service-Name"),
    (0x0102, "AC-Name"),
    (0x0103, "Host-Uniq"),
    (0x0104, "AC-Cookie"),
    (0x0105, "Vendor-Specific"),
    (0x0110, "Relay-Session-ID"),
    (0x0120, "PPP-Max-Payload"),
    (0x0201, "Service-Name-Error"),
    (0x0202, "AC-System-Error"),
    (0x0203, "Generic-Error"),
];

/// The most bytes of a tag that are shown as text.
const MAX_TEXT: usize = 79;

/// The most bytes behind the header of the first message of a discovery (RFC 2516, 5.1).
const MAX_INITIATION: u16 = 1478;

/// Prints one header, and its tags or what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Pppoe<'a>, inside: &mut Layers<'a>) {
    head(page.sheet, header);
    if header.code() == pppoe::SESSION {
        page.sheet.put(" ");
        return walk(page, inside, None);
    }
    for tag in header.tags() {
        match tag {
            Ok(tag) if !page.is_full() => self::tag(page.sheet, &tag),
            _ => return page.truncated("pppoe"),
        }
    }
}

fn head(sheet: &mut Sheet, header: &Pppoe<'_>) {
    for (name, number) in [(" [ver ", header.version()), (" [type ", header.kind())] {
        if number != 1 {
            sheet.put(name);
            sheet.dec(number);
            sheet.put("]");
        }
    }
    sheet.put("PPPoE ");
    match header.code() {
        pppoe::SESSION => {}
        pppoe::INITIATION => sheet.put("PADI"),
        pppoe::OFFER => sheet.put("PADO"),
        pppoe::REQUEST => sheet.put("PADR"),
        pppoe::CONFIRMATION => sheet.put("PADS"),
        pppoe::TERMINATION => sheet.put("PADT"),
        other => {
            sheet.put("PAD-");
            sheet.hex(other);
        }
    }
    let (claimed, there) = (header.length(), header.behind().wire());
    if header.code() == pppoe::INITIATION && claimed > MAX_INITIATION {
        sheet.put(" [len ");
        sheet.dec(claimed);
        sheet.put("!]");
    }
    if usize::from(claimed) > there {
        sheet.put(" [len ");
        sheet.dec(claimed);
        sheet.put(" > ");
        sheet.len_of(there);
        sheet.put("!]");
    }
    if header.session() != 0 {
        sheet.put(" [ses 0x");
        sheet.hex(header.session());
        sheet.put("]");
    }
}

/// A tag's name, and its value as text where most of it is.
fn tag(sheet: &mut Sheet, tag: &Tag<'_>) {
    sheet.put(" [");
    match word(TAGS, tag.kind) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("TAG-0x");
            sheet.hex(tag.kind);
        }
    }
    let is_text = |byte: &u8| (0x20..0x7f).contains(byte);
    let head = tag.value.get(..MAX_TEXT).unwrap_or(tag.value);
    let text = head.iter().filter(|byte| is_text(byte)).count();
    if text > head.len().saturating_sub(text) {
        sheet.put(" \"");
        for byte in head {
            if is_text(byte) { sheet.caret(&[*byte]) } else { sheet.put(".") }
        }
        sheet.put("\"");
    } else if !tag.value.is_empty() {
        sheet.put(" 0x");
        for byte in tag.value {
            upper_hex(sheet, *byte);
        }
    }
    sheet.put("]");
}

/// A header that is not all there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    if span.wire() >= 6 {
        return page.truncated("pppoe");
    }
    page.sheet.put(" (length ");
    page.sheet.len_of(span.wire());
    page.sheet.put(" < 6)");
    if invalid(page.sheet, span).is_none() {
        page.truncated("pppoe");
    }
}
