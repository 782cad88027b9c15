//! The head of a message: where its body ends, and how that is coded.

use super::coding::Coding;
use crate::streams::conversations::Side;

/// What matters of a request's method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    Head,
    Connect,
    Other,
}

/// Where a body ends (RFC 9112, section 6.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    Chunked,
    /// With the connection.
    UntilEnd,
}

/// The first line of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    Request(Method),
    /// With its status.
    Response(u16),
}

/// What matters of a head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub start: Start,
    /// Where the fields say that the body ends; none where they do not.
    pub framing: Option<Framing>,
    pub coding: Coding,
}

const VERSION: &[u8] = b"HTTP/1.";

/// Whether a head of what this side sends may begin so.
pub(super) fn may_begin(side: Side, bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    match side {
        Side::Server => bytes.iter().zip(VERSION).all(|(byte, expected)| byte == expected),
        Side::Client => {
            /// The longest method that is registered has 17 letters.
            const LONGEST: usize = 24;
            let method = bytes.split(|byte| *byte == b' ').next().unwrap_or(bytes);
            method.len() <= LONGEST
                && method.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
        }
    }
}

/// The length of the head that the bytes begin with, its empty line included, where it is whole. It can't end before
/// `from`.
pub(super) fn length(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let end = at.checked_add(bytes.get(at..)?.iter().position(|byte| *byte == b'\n')?)?.checked_add(1)?;
        match bytes.get(end..)? {
            [b'\n', ..] => return end.checked_add(1),
            [b'\r', b'\n', ..] => return end.checked_add(2),
            _ => at = end,
        }
    }
}

impl Head {
    /// Reads a whole head; none where it is no HTTP/1.
    pub fn parse(side: Side, bytes: &[u8]) -> Option<Head> {
        let mut lines = bytes.trim_ascii_start().split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let start = start(side, lines.next()?)?;
        let mut head = Head { start, framing: None, coding: Coding::None };
        for line in lines {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or(&[]).trim_ascii();
            if name.eq_ignore_ascii_case(b"transfer-encoding") {
                let last = value.rsplit(|byte| *byte == b',').next().unwrap_or(value).trim_ascii();
                // It counts before a length (RFC 9112, section 6.3).
                head.framing =
                    Some(if last.eq_ignore_ascii_case(b"chunked") { Framing::Chunked } else { Framing::UntilEnd });
            } else if name.eq_ignore_ascii_case(b"content-length") {
                let length = std::str::from_utf8(value).ok()?.parse().ok()?;
                head.framing.get_or_insert(Framing::Length(length));
            } else if name.eq_ignore_ascii_case(b"content-encoding") {
                head.coding = head.coding.and(value);
            }
        }
        Some(head)
    }
}

fn start(side: Side, line: &[u8]) -> Option<Start> {
    let mut words = line.split(|byte| *byte == b' ');
    let first = words.next()?;
    match side {
        Side::Client => {
            line.rsplit(|byte| *byte == b' ').next().filter(|last| last.starts_with(VERSION))?;
            Some(Start::Request(match first {
                b"HEAD" => Method::Head,
                b"CONNECT" => Method::Connect,
                _ => Method::Other,
            }))
        }
        Side::Server => {
            first.starts_with(VERSION).then_some(())?;
            let status = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
            Some(Start::Response(status))
        }
    }
}
