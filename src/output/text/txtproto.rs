//! Protocols whose messages are lines of text: HTTP, SMTP, FTP, WHOIS, RTSP, SIP, and the greeting of SSH.
//!
//! A payload is shown only as far as it is printable ASCII: its first line, and at `-v` all of them.

use super::Page;
use crate::decode::Span;

/// One of these protocols.
pub(super) struct Protocol {
    /// As it is shown, and as a cut is told.
    name: &'static str,
    cut: &'static str,
    /// How a payload with a head must begin: one of these words, or a response code as its second word. None
    /// where every payload counts.
    requests: Option<&'static [&'static str]>,
}

pub(super) const FTP: Protocol = Protocol { name: "FTP", cut: "ftp", requests: None };
pub(super) const SMTP: Protocol = Protocol { name: "SMTP", cut: "smtp", requests: None };
pub(super) const WHOIS: Protocol = Protocol { name: "WHOIS", cut: "whois", requests: None };
pub(super) const HTTP: Protocol = Protocol { name: "HTTP", cut: "http", requests: Some(HTTP_METHODS) };
pub(super) const RTSP: Protocol = Protocol { name: "RTSP", cut: "rtsp", requests: Some(RTSP_METHODS) };
pub(super) const SIP: Protocol = Protocol { name: "SIP", cut: "sip", requests: Some(SIP_METHODS) };

/// RFC 9110, WebDAV (RFC 4918), versioning (RFC 3253) and what Microsoft's servers know.
const HTTP_METHODS: &[&str] = &[
    "GET",
    "PUT",
    "COPY",
    "HEAD",
    "LOCK",
    "MOVE",
    "POLL",
    "POST",
    "BCOPY",
    "BMOVE",
    "MKCOL",
    "TRACE",
    "LABEL",
    "MERGE",
    "DELETE",
    "SEARCH",
    "UNLOCK",
    "REPORT",
    "UPDATE",
    "NOTIFY",
    "BDELETE",
    "CONNECT",
    "OPTIONS",
    "CHECKIN",
    "PROPFIND",
    "CHECKOUT",
    "CCM_POST",
    "SUBSCRIBE",
    "PROPPATCH",
    "BPROPFIND",
    "BPROPPATCH",
    "UNCHECKOUT",
    "MKACTIVITY",
    "MKWORKSPACE",
    "UNSUBSCRIBE",
    "RPC_CONNECT",
    "VERSION-CONTROL",
    "BASELINE-CONTROL",
];

/// RFC 2326.
const RTSP_METHODS: &[&str] = &[
    "ANNOUNCE",
    "DESCRIBE",
    "GET_PARAMETER",
    "OPTIONS",
    "PAUSE",
    "PLAY",
    "RECORD",
    "REDIRECT",
    "SET_PARAMETER",
    "SETUP",
    "TEARDOWN",
];

/// RFC 3261 and its extensions.
const SIP_METHODS: &[&str] = &[
    "ACK",
    "BYE",
    "CANCEL",
    "DO",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "PUBLISH",
    "QAUTH",
    "REFER",
    "REGISTER",
    "SPRACK",
    "SUBSCRIBE",
    "UPDATE",
];

/// The most bytes of a word that begins a message.
const MAX_WORD: usize = 128;

/// Prints a payload: the protocol's name, and as much of the text as is wanted.
pub(super) fn print(page: &mut Page<'_>, protocol: &Protocol, payload: Span<'_>) {
    page.sheet.put(protocol.name);
    if !is_head(protocol, payload) {
        return;
    }
    if page.options.verbose == 0 {
        line(page, protocol.cut, ": ", payload);
        return;
    }
    page.sheet.put(", length: ");
    page.sheet.len_of(payload.wire());
    let mut rest = payload;
    while !rest.is_empty() && !page.is_full() {
        let Some(behind) = line(page, protocol.cut, "\n\t", rest) else { return };
        rest = behind;
    }
}

/// Prints the line that an SSH connection begins with (RFC 4253, 4.2).
pub(super) fn ssh(page: &mut Page<'_>, payload: Span<'_>) {
    const GREETING: &[u8] = b"SSH-";
    let begins = payload.bytes().iter().zip(GREETING).all(|(byte, right)| byte == right);
    match read_line(payload) {
        Line::Whole(text, _) if text.starts_with(GREETING) => {
            page.sheet.put(": SSH: ");
            page.sheet.lines(text);
        }
        Line::Cut if begins => page.truncated("ssh"),
        _ => {}
    }
}

/// Whether a payload begins a message, as far as that can be seen.
fn is_head(protocol: &Protocol, payload: Span<'_>) -> bool {
    let Some(requests) = protocol.requests else { return true };
    let Some((word, rest)) = word(payload) else { return false };
    if requests.iter().any(|request| word.eq_ignore_ascii_case(request.as_bytes())) {
        return true;
    }
    let is_code = |word: &[u8]| word.len() == 3 && word.iter().all(u8::is_ascii_digit);
    self::word(rest).is_some_and(|(word, _)| is_code(word))
}

/// The first word of a text and what is behind the space after it, if all of it is there.
fn word(text: Span<'_>) -> Option<(&[u8], Span<'_>)> {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let bytes = text.bytes();
    let end = match bytes.iter().position(is_space) {
        Some(end) => end,
        None if text.is_cut() => return None,
        None => bytes.len(),
    };
    let (word, behind) = bytes.split_at_checked(end)?;
    if word.is_empty() || word.len() > MAX_WORD || !word.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let space = behind.iter().take_while(|byte| **byte == b' ').count();
    Some((word, text.skip(end.saturating_add(space))))
}

/// How a text begins.
enum Line<'a> {
    /// A line, and what is behind its end.
    Whole(&'a [u8], Span<'a>),
    /// A line that ends with the payload.
    Open(&'a [u8]),
    /// A line that goes on behind what was captured.
    Cut,
    /// Something that is no text.
    Binary,
}

fn read_line(text: Span<'_>) -> Line<'_> {
    let bytes = text.bytes();
    let end = bytes.iter().position(|byte| !matches!(byte, b'\t' | b' '..=b'~')).unwrap_or(bytes.len());
    let (line, behind) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let ending = match behind {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        [] | [b'\r'] if text.is_cut() => return Line::Cut,
        [] => return Line::Open(line),
        _ => return Line::Binary,
    };
    Line::Whole(line, text.skip(end.saturating_add(ending)))
}

/// Prints one line behind `before`; what is behind it, if it may go on.
fn line<'a>(page: &mut Page<'_>, cut: &'static str, before: &'static str, text: Span<'a>) -> Option<Span<'a>> {
    match read_line(text) {
        Line::Whole(line, behind) => {
            page.sheet.put(before);
            page.sheet.lines(line);
            return Some(behind);
        }
        Line::Open(line) => {
            page.sheet.put(before);
            page.sheet.lines(line);
            page.truncated(cut);
        }
        Line::Cut => page.truncated(cut),
        Line::Binary => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(protocol: &Protocol, text: &[u8]) -> bool {
        is_head(protocol, Span::new(text, text.len()))
    }

    #[test]
    fn a_message_begins_with_a_request_or_a_response_code() {
        assert!(heads(&HTTP, b"GET / HTTP/1.1\r\n"));
        assert!(heads(&HTTP, b"get / HTTP/1.1\r\n"));
        assert!(heads(&HTTP, b"HTTP/1.1 200 OK\r\n"));
        assert!(!heads(&HTTP, b"HTTP/1.1 2000 OK\r\n"));
        assert!(!heads(&HTTP, b"GETTING on"));
        assert!(!heads(&HTTP, b" GET /"));
        assert!(!heads(&HTTP, b"\x16\x03\x01"));
        assert!(heads(&SMTP, b"anything"));
    }

    #[test]
    fn a_word_cut_by_the_capture_is_none() {
        assert!(word(Span::new(b"GET", 10)).is_none());
        assert!(word(Span::new(b"GET", 3)).is_some());
        assert!(matches!(read_line(Span::new(b"GET /", 10)), Line::Cut));
        assert!(matches!(read_line(Span::new(b"GET /\r", 10)), Line::Cut));
        assert!(matches!(read_line(Span::new(b"GET /", 5)), Line::Open(b"GET /")));
        assert!(matches!(read_line(Span::new(b"GET /\r", 6)), Line::Binary));
    }
}
