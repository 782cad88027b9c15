//! Lines of syslog over UDP (RFC 3164).

use super::{Page, Sheet, hex};
use crate::decode::Span;

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, message: Span<'_>) {
    match priority(message) {
        Priority::Is(priority, behind) => shown(page, message, priority, behind),
        Priority::Cut => page.truncated("syslog"),
        Priority::None => page.sheet.put(" (invalid)"),
    }
}

enum Priority<'a> {
    /// Facility and severity in one number, and the text behind it.
    Is(u16, Span<'a>),
    /// The capture ends within it.
    Cut,
    None,
}

/// The number in angle brackets that a message begins with.
fn priority(message: Span<'_>) -> Priority<'_> {
    match message.u8_at(0) {
        Some(b'<') => {}
        Some(_) => return Priority::None,
        None => return Priority::Cut,
    }
    let mut number = 0u16;
    for at in 1..=4usize {
        match message.u8_at(at) {
            Some(digit @ b'0'..=b'9') if at < 4 => {
                number = number.wrapping_mul(10).wrapping_add(u16::from(digit & 15));
            }
            Some(b'>') => return Priority::Is(number, message.skip(at.saturating_add(1))),
            Some(_) => return Priority::None,
            None => return Priority::Cut,
        }
    }
    Priority::None
}

fn shown(page: &mut Page<'_>, message: Span<'_>, priority: u16, text: Span<'_>) {
    let (facility_code, severity_code) = (priority >> 3 & 0x7f, priority & 7);
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    if verbose == 0 {
        sheet.put("SYSLOG ");
        facility(sheet, facility_code);
        sheet.put(".");
        sheet.put(severity(severity_code));
        sheet.put(", length: ");
        return sheet.len_of(message.wire());
    }
    sheet.put("SYSLOG, length: ");
    sheet.len_of(message.wire());
    sheet.put("\n\tFacility ");
    facility(sheet, facility_code);
    sheet.put(" (");
    sheet.dec(facility_code);
    sheet.put("), Severity ");
    sheet.put(severity(severity_code));
    sheet.put(" (");
    sheet.dec(severity_code);
    sheet.put(")\n\tMsg: ");
    sheet.caret(text.bytes());
    if text.is_cut() {
        return page.truncated("syslog");
    }
    if verbose > 1 {
        hex::indented(page.sheet, "\n\t", message.bytes());
    }
}

fn facility(sheet: &mut Sheet, code: u16) {
    let name = match code {
        0 => "kernel",
        1 => "user",
        2 => "mail",
        3 => "daemon",
        4 => "auth",
        5 => "syslog",
        6 => "lpr",
        7 => "news",
        8 => "uucp",
        9 | 15 => "cron",
        10 => "authpriv",
        11 => "ftp",
        12 => "ntp",
        13 => "security",
        14 => "console",
        16 => "local0",
        17 => "local1",
        18 => "local2",
        19 => "local3",
        20 => "local4",
        21 => "local5",
        22 => "local6",
        23 => "local7",
        _ => {
            sheet.put("unknown (");
            sheet.dec(code);
            ")"
        }
    };
    sheet.put(name);
}

fn severity(code: u16) -> &'static str {
    match code & 7 {
        0 => "emergency",
        1 => "alert",
        2 => "critical",
        3 => "error",
        4 => "warning",
        5 => "notice",
        6 => "info",
        _ => "debug",
    }
}
