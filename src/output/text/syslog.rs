//! Lines of syslog over UDP (RFC 3164).

use super::{Page, Sheet, hex};
use crate::decode::Span;
use crate::decode::syslog::{self, Priority};

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, message: Span<'_>) {
    match Priority::parse(message) {
        Priority::Is(priority, behind) => shown(page, message, priority, behind),
        Priority::Cut => page.truncated("syslog"),
        Priority::None => page.sheet.put(" (invalid)"),
    }
}

fn shown(page: &mut Page<'_>, message: Span<'_>, priority: u16, text: Span<'_>) {
    let (facility_code, severity_code) = syslog::parts(priority);
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
