//! Lines of Cisco's discovery and trunking protocols: the head of each, and who sent it.

use super::{Page, Sheet};
use crate::decode::Span;

/// SNAP protocol numbers.
pub(super) const DISCOVERY: u16 = 0x2000;
pub(super) const TRUNKING: u16 = 0x2004;

/// The type of a discovery field that names the sender.
const DEVICE: u16 = 1;

/// A discovery message: version, seconds that it holds for, and the sender's name.
pub(super) fn discovery(page: &mut Page<'_>, span: Span<'_>) {
    if discovery_fields(page.sheet, span, page.options.verbose).is_none() {
        page.truncated("cdp");
    }
}

fn discovery_fields(sheet: &mut Sheet, span: Span<'_>, verbose: u8) -> Option<()> {
    let [version, ttl, high, low] = span.array_at(0)?;
    sheet.put("CDPv");
    sheet.dec(version);
    sheet.put(", ttl: ");
    sheet.dec(ttl);
    sheet.put("s");
    if verbose > 0 {
        sheet.put(", checksum: 0x");
        sheet.hex_padded(u16::from_be_bytes([high, low]), 4);
        sheet.put(" (unverified)");
    } else if let Some(name) = device(span.skip(4)) {
        sheet.put(", Device-ID '");
        sheet.caret(name);
        sheet.put("'");
    }
    sheet.put(", length ");
    sheet.len_of(span.wire());
    if verbose > 0
        && let Some(name) = device(span.skip(4))
    {
        sheet.put("\n\tDevice-ID (0x01), value length: ");
        sheet.len_of(name.len());
        sheet.put(if name.len() == 1 { " byte: '" } else { " bytes: '" });
        sheet.caret(name);
        sheet.put("'");
    }
    Some(())
}

/// The sender's name, if it is among the fields: each has its type and length before its value.
fn device(mut fields: Span<'_>) -> Option<&[u8]> {
    loop {
        let length = usize::from(fields.u16_at(2)?);
        let (field, rest) = fields.split(length).ok()?;
        let value = field.get(4..)?;
        if fields.u16_at(0) == Some(DEVICE) {
            return Some(value);
        }
        fields = rest;
    }
}

/// A trunking message: its version.
pub(super) fn trunking(page: &mut Page<'_>, span: Span<'_>) {
    let Some(version) = span.u8_at(0) else { return page.truncated("dtp") };
    page.sheet.put("DTPv");
    page.sheet.dec(version);
    page.sheet.put(", length ");
    page.sheet.len_of(span.wire());
}
