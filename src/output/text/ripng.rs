//! Lines of RIPng.

use super::words::number;
use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::rip::{ENTRY, REQUEST, RESPONSE, Rip, Route6};

/// A metric that no route has: with the address of all, it asks for everything.
const INFINITY: u8 = 16;

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    if fields(page, span).is_none() {
        page.truncated("ripng");
    }
}

/// All that the message says; none where bytes are missing.
fn fields(page: &mut Page<'_>, span: Span<'_>) -> Option<()> {
    let (command, version) = (span.u8_at(0), span.u8_at(1)?);
    let sheet = &mut *page.sheet;
    if version != 1 {
        number(sheet, " [vers ", version);
        sheet.put("] (invalid)");
        return Some(());
    }
    match command? {
        REQUEST | RESPONSE if span.wire() < 4 => sheet.put(" (invalid)"),
        command @ (REQUEST | RESPONSE) => {
            let entries = Rip::parse(span).map_or(span.skip(4), |message| message.entries);
            let count = entries.wire() / ENTRY;
            if command == REQUEST && count == 1 && entries.u8_at(19)? == INFINITY && entries.array_at(0)? == [0; 16] {
                sheet.put(" ripng-req dump");
                return Some(());
            }
            sheet.put(if command == REQUEST { " ripng-req " } else { " ripng-resp " });
            sheet.len_of(count);
            if !entries.wire().is_multiple_of(ENTRY) {
                sheet.put("[");
                sheet.len_of(span.wire());
                sheet.put("]");
            }
            sheet.put(":");
            let mut rest = entries;
            while rest.wire() >= ENTRY && !page.is_full() {
                page.sheet.put(if page.options.verbose > 1 { "\n\t" } else { " " });
                entry(page.sheet, rest, command == RESPONSE)?;
                rest = rest.skip(ENTRY);
            }
            if !rest.is_empty() {
                page.sheet.put(" (invalid)");
            }
        }
        command => {
            number(sheet, " ripng-", command);
            sheet.put(" ?? ");
            sheet.len_of(span.wire());
            sheet.put(" (invalid)");
        }
    }
    Some(())
}

fn entry(sheet: &mut Sheet, span: Span<'_>, with_metric: bool) -> Option<()> {
    let route = Route6::parse(span)?;
    sheet.ipv6(route.prefix);
    number(sheet, "/", route.length);
    if route.tag != 0 {
        number(sheet, " [", route.tag);
        sheet.put("]");
    }
    if route.metric != 0 && with_metric {
        number(sheet, " (", route.metric);
        sheet.put(")");
    }
    Some(())
}
