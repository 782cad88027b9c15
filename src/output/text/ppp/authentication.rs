//! Lines of the password and challenge handshake protocols (RFC 1334, RFC 1994).

use super::super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::ppp::{self, Authentication};

/// Prints one message.
pub(in super::super) fn print(page: &mut Page<'_>, message: &Authentication<'_>) {
    let (name, fields): (_, fn(&mut Sheet, &Authentication<'_>) -> Option<Told>) = match message.protocol() {
        ppp::PAP => ("pap", password),
        _ => ("chap", challenge),
    };
    match (message.span().wire(), message.code()) {
        (0, _) => short(page.sheet, name, None),
        (1..4, Some(code)) => short(page.sheet, name, Some(code)),
        _ => match fields(page.sheet, message) {
            None => page.truncated(page.ppp),
            Some(Told::Short) => short(page.sheet, name, None),
            Some(Told::Whole) => {}
        },
    }
}

/// How far a message could be told.
enum Told {
    Whole,
    /// Its length is less than its kind has at least.
    Short,
}

/// A message that can't be one, for want of length.
fn short(sheet: &mut Sheet, name: &'static str, code: Option<u8>) {
    sheet.put("[|");
    sheet.put(name);
    if let Some(code) = code {
        sheet.put(" 0x");
        sheet.hex_padded(code, 2);
    }
    sheet.put("]");
}

fn head(sheet: &mut Sheet, message: &Authentication<'_>, name: &'static str, codes: &[&'static str]) -> Option<u8> {
    let code = message.code()?;
    sheet.put(name);
    let known = usize::from(code).checked_sub(1).and_then(|at| codes.get(at));
    sheet.put(known.copied().unwrap_or("unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(code, 2);
    sheet.put(")");
    let identifier = message.identifier()?;
    sheet.put(", id ");
    sheet.dec(identifier);
    Some(code)
}

/// A name or text of `length` bytes, as far as it was captured.
fn text(sheet: &mut Sheet, name: &'static str, value: Span<'_>, length: usize) -> Option<()> {
    sheet.put(name);
    let value = value.limit(length);
    sheet.caret(value.bytes());
    (value.bytes().len() == length).then_some(())
}

fn challenge(sheet: &mut Sheet, message: &Authentication<'_>) -> Option<Told> {
    let code = head(sheet, message, "CHAP, ", &["Challenge", "Response", "Success", "Fail"])?;
    let length = usize::from(message.length()?);
    let rest = message.span().skip(4);
    match code {
        1 | 2 if !rest.is_empty() => {
            let size = usize::from(rest.u8_at(0)?);
            let value = rest.skip(1);
            if value.wire() < size {
                return Some(Told::Whole);
            }
            sheet.put(", Value ");
            let shown = value.limit(size);
            sheet.hex_bytes(shown.bytes(), "");
            if shown.is_cut() {
                return None;
            }
            text(sheet, ", Name ", value.skip(size), length.saturating_sub(size.saturating_add(5)))?;
        }
        3 | 4 => text(sheet, ", Msg ", rest, length.saturating_sub(4))?,
        _ => {}
    }
    Some(Told::Whole)
}

fn password(sheet: &mut Sheet, message: &Authentication<'_>) -> Option<Told> {
    let code = head(sheet, message, "PAP, ", &["Auth-Req", "Auth-ACK", "Auth-NACK"])?;
    let length = message.length()?;
    let size = usize::from(length);
    if size > message.span().wire() {
        sheet.put(", length ");
        sheet.dec(length);
        sheet.put(" > packet size");
        return Some(Told::Whole);
    }
    if size < 4 {
        sheet.put(", length ");
        sheet.dec(length);
        sheet.put(" < PAP header length");
        return Some(Told::Whole);
    }
    let rest = message.span().limit(size).skip(4);
    // A name and a password, or a text, each behind its length.
    let names: &[&'static str] = match code {
        1 if size < 6 => return Some(Told::Short),
        1 => &[", Peer ", ", Name "],
        2 | 3 if size < 5 => return Some(Told::Short),
        2 | 3 => &[", Msg "],
        _ => &[],
    };
    let mut rest = rest;
    for name in names {
        if rest.is_empty() {
            return Some(Told::Whole);
        }
        let length = usize::from(rest.u8_at(0)?);
        let value = rest.skip(1);
        if value.wire() < length {
            return Some(Told::Whole);
        }
        text(sheet, name, value, length)?;
        rest = value.skip(length);
    }
    Some(Told::Whole)
}
