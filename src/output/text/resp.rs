//! Lines of RESP, the protocol of Redis (redis.io/docs/reference/protocol-spec, version 2), and commands of one line.

use super::Page;
use crate::decode::Span;

/// Prints what a segment carries, one value or command after the other. An array is shown as the values in it.
pub(super) fn print(page: &mut Page<'_>, payload: Span<'_>) {
    page.sheet.put(": RESP");
    let (mut rest, mut owed) = (payload, 0usize);
    while !rest.is_empty() || owed > 0 {
        let Some((inside, behind)) = value(page, rest).filter(|_| !page.is_full()) else {
            return page.truncated("resp");
        };
        owed = owed.saturating_sub(1).saturating_add(inside);
        rest = behind;
    }
}

/// Prints a value; how many are in it and follow, and what is behind it, or none where it is not all there.
fn value<'a>(page: &mut Page<'_>, span: Span<'a>) -> Option<(usize, Span<'a>)> {
    let kind = span.u8_at(0)?;
    let inside = span.skip(1);
    let behind = match kind {
        b'+' | b'-' | b':' => {
            let (text, behind) = line(inside)?;
            quoted(page, text);
            behind
        }
        b'$' | b'*' => match (length(inside), kind) {
            ((Length::Of(0), behind), _) => {
                page.sheet.put(" empty");
                if kind == b'$' { line(behind)?.1 } else { behind }
            }
            ((Length::Of(count), behind), b'*') => return Some((count, behind)),
            ((Length::Of(size), behind), _) => {
                let (text, behind) = behind.split(size).ok()?;
                quoted(page, text);
                line(behind)?.1
            }
            ((other, behind), _) => {
                no_length(page, other)?;
                behind
            }
        },
        _ => command(page, span)?,
    };
    Some((0, behind))
}

fn quoted(page: &mut Page<'_>, text: &[u8]) {
    page.sheet.put(" \"");
    page.sheet.caret(text);
    page.sheet.put("\"");
}

/// The bytes up to the next end of a line, and what is behind it.
fn line(span: Span<'_>) -> Option<(&[u8], Span<'_>)> {
    let end = span.bytes().windows(2).position(|pair| pair == b"\r\n")?;
    let (text, rest) = span.split(end).ok()?;
    Some((text, rest.skip(2)))
}

/// A command as people type it, between any ends of lines.
fn command<'a>(page: &mut Page<'_>, span: Span<'a>) -> Option<Span<'a>> {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let ends = |span: Span<'_>| span.bytes().iter().take_while(|byte| is_end(byte)).count();
    let rest = span.skip(ends(span));
    let size = rest.bytes().iter().position(is_end)?;
    let (text, rest) = rest.split(size).ok()?;
    quoted(page, text);
    Some(rest.skip(ends(rest)))
}

/// How long a string or an array is said to be.
enum Length {
    Of(usize),
    /// -1: there is none.
    Null,
    Cut,
    TooLarge,
    Negative,
    Invalid,
}

/// Reads a length and the end of its line; what is behind that, or behind what is wrong.
fn length(span: Span<'_>) -> (Length, Span<'_>) {
    let is_negative = span.u8_at(0) == Some(b'-');
    let digits = span.skip(usize::from(is_negative));
    let count = digits.bytes().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = (digits.bytes().get(..count).unwrap_or(&[]), digits.skip(count));
    match (rest.u8_at(0), rest.u8_at(1)) {
        (None, _) => (Length::Cut, rest),
        (Some(b'\r'), None) if count > 0 => (Length::Cut, rest),
        (Some(b'\r'), Some(b'\n')) if count > 0 => {
            let number = str::from_utf8(number).ok().and_then(|digits| digits.parse::<i32>().ok());
            let length = match number.map(usize::try_from) {
                Some(Ok(1)) if is_negative => Length::Null,
                _ if is_negative => Length::Negative,
                Some(Ok(length)) => Length::Of(length),
                _ => Length::TooLarge,
            };
            (length, rest.skip(2))
        }
        (Some(b'\r'), _) if count > 0 => (Length::Invalid, rest.skip(2)),
        _ => (Length::Invalid, rest.skip(1)),
    }
}

/// Tells why there is nothing of that length; none where bytes are missing.
fn no_length(page: &mut Page<'_>, length: Length) -> Option<()> {
    page.sheet.put(match length {
        Length::Cut => return None,
        Length::Null => " null",
        Length::TooLarge => " length too large",
        Length::Negative => " length negative and not -1",
        Length::Of(_) | Length::Invalid => " invalid",
    });
    Some(())
}
