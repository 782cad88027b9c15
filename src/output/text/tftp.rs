//! Lines of TFTP.

use super::words::{Words, number, word, word_or_number};
use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::tftp::{Tftp, operation, string};

const ERRORS: Words = &[
    (0, "EUNDEF"),
    (1, "ENOTFOUND"),
    (2, "EACCESS"),
    (3, "ENOSPACE"),
    (4, "EBADOP"),
    (5, "EBADID"),
    (6, "EEXISTS"),
    (7, "ENOUSER"),
];

/// Prints a packet.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    page.sheet.put("TFTP, length ");
    page.sheet.len_of(span.wire());
    if fields(page.sheet, span).is_none() {
        page.truncated("tftp");
    }
}

/// All that the packet says; none where bytes are missing.
fn fields(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    let packet = Tftp::parse(span).ok()?;
    sheet.put(match packet.operation {
        operation::READ => ", RRQ",
        operation::WRITE => ", WRQ",
        operation::DATA => ", DATA",
        operation::ACKNOWLEDGMENT => ", ACK",
        operation::ERROR => ", ERROR",
        operation::OPTIONS => ", OACK",
        other => {
            number(sheet, ", tftp-#", other);
            return Some(());
        }
    });
    let body = packet.body;
    match packet.operation {
        operation::READ | operation::WRITE => {
            if body.is_empty() {
                return None;
            }
            let (file, rest) = string(body);
            sheet.put(" \"");
            sheet.caret(file);
            sheet.put("\"");
            let rest = rest.filter(|rest| !rest.is_empty())?;
            let (mode, rest) = string(rest);
            sheet.put(" ");
            sheet.caret(mode);
            options(sheet, rest?)
        }
        operation::OPTIONS => options(sheet, body),
        operation::ERROR => {
            let code = body.u16_at(0)?;
            sheet.put(" ");
            word_or_number(sheet, ERRORS, code, "tftp-err-#");
            if word(ERRORS, code).is_none() {
                sheet.put(" \"");
            }
            let message = body.skip(2);
            if message.is_empty() {
                return None;
            }
            let (text, rest) = string(message);
            sheet.put(" \"");
            sheet.caret(text);
            sheet.put("\"");
            rest.map(|_| ())
        }
        _ => {
            number(sheet, " block ", body.u16_at(0)?);
            Some(())
        }
    }
}

/// Names and values of options, each with a zero behind it.
fn options(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    let mut rest = span;
    while !rest.is_empty() {
        if rest.u8_at(0)? != 0 {
            sheet.put(" ");
        }
        let (text, behind) = string(rest);
        sheet.caret(text);
        rest = behind?;
    }
    Some(())
}
