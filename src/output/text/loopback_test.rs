//! Lines of the loopback protocol of Ethernet.

use super::{Page, Sheet, invalid, whole};
use crate::decode::Span;
use crate::decode::loopback_test::{FORWARD, LoopbackTest, REPLY};

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &LoopbackTest<'_>) {
    page.sheet.put("Loopback");
    if fields(page.sheet, message).is_none() {
        page.truncated("loopback");
    }
}

/// What the message says; none where bytes were not captured.
fn fields(sheet: &mut Sheet, message: &LoopbackTest<'_>) -> Option<()> {
    let span = message.span();
    if span.wire() < 2 {
        return invalid(sheet, span);
    }
    let skip = message.skip_count()?;
    sheet.put(", skipCount ");
    sheet.dec(skip);
    if !skip.is_multiple_of(8) {
        sheet.put(" (bogus)");
    }
    let rest = span.skip(2);
    if rest.wire() < usize::from(skip) {
        return invalid(sheet, rest);
    }
    rest.split(skip.into()).ok()?;
    let pending = message.pending()?;
    if pending.wire() < 2 {
        return invalid(sheet, pending);
    }
    let rest = pending.skip(2);
    match message.function()? {
        REPLY => {
            sheet.put(", Reply");
            if rest.wire() < 2 {
                return invalid(sheet, rest);
            }
            let receipt = rest.array_at(0).map(u16::from_le_bytes)?;
            sheet.put(", receipt number ");
            sheet.dec(receipt);
            data(sheet, rest.skip(2))
        }
        FORWARD => {
            sheet.put(", Forward Data");
            if rest.wire() < 6 {
                return invalid(sheet, rest);
            }
            let address = rest.array_at(0)?;
            sheet.put(", forwarding address ");
            sheet.mac(address);
            data(sheet, rest.skip(6))
        }
        other => {
            sheet.put(",  invalid (");
            sheet.dec(other);
            sheet.put(")");
            whole(rest)
        }
    }
}

fn data(sheet: &mut Sheet, rest: Span<'_>) -> Option<()> {
    sheet.put(", data (");
    sheet.len_of(rest.wire());
    sheet.put(" octets)");
    whole(rest)
}
