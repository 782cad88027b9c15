//! Lines of the hot standby router protocol.

use super::words::padded;
use super::{Page, Sheet, whole};
use crate::decode::Span;
use crate::decode::hsrp::Hsrp;

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, payload: Span<'_>) {
    if fields(page.sheet, &Hsrp::of(payload), page.options.verbose).is_none() {
        page.truncated("hsrp");
    }
}

/// What the message says; none where bytes are missing.
fn fields(sheet: &mut Sheet, message: &Hsrp<'_>, verbose: u8) -> Option<()> {
    let version = message.version()?;
    sheet.put("HSRPv");
    sheet.dec(version);
    if version != 0 {
        return Some(());
    }
    sheet.put("-");
    numbered(sheet, message.operation()?, &[(0, "hello"), (1, "coup"), (2, "resign")], "unknown (");
    sheet.put(" ");
    sheet.len_of(message.span().wire());
    sheet.put(": ");
    let state = message.state()?;
    sheet.put("state=");
    const STATES: [(u8, &str); 6] =
        [(0, "initial"), (1, "learn"), (2, "listen"), (4, "speak"), (8, "standby"), (16, "active")];
    numbered(sheet, state, &STATES, "Unknown (");
    sheet.put(" ");
    let group = message.group()?;
    sheet.put("group=");
    sheet.dec(group);
    sheet.put(" ");
    let reserved = message.reserved()?;
    if reserved != 0 {
        sheet.put("[reserved=");
        sheet.dec(reserved);
        sheet.put("!] ");
    }
    let address = message.address()?;
    sheet.put("addr=");
    sheet.ipv4(address);
    if verbose > 0 {
        for (name, time) in [" hellotime=", " holdtime="].into_iter().zip(message.times()?) {
            sheet.put(name);
            duration(sheet, time);
        }
        sheet.put(" priority=");
        sheet.dec(message.priority()?);
        sheet.put(" auth=\"");
        padded(sheet, message.password().bytes());
        whole(message.password())?;
        sheet.put("\"");
    }
    Some(())
}

fn numbered(sheet: &mut Sheet, number: u8, words: &[(u8, &'static str)], unknown: &'static str) {
    match words.iter().find(|(n, _)| *n == number) {
        Some((_, word)) => sheet.put(word),
        None => {
            sheet.put(unknown);
            sheet.dec(number);
            sheet.put(")");
        }
    }
}

/// Seconds, as minutes and seconds from a minute on.
fn duration(sheet: &mut Sheet, seconds: u8) {
    if seconds >= 60 {
        sheet.dec(seconds / 60);
        sheet.put("m");
    }
    if seconds < 60 || !seconds.is_multiple_of(60) {
        sheet.dec(seconds % 60);
        sheet.put("s");
    }
}
