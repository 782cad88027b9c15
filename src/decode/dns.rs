//! DNS messages (RFC 1035, section 4; EDNS: RFC 6891), also those of multicast DNS (RFC 6762).
//!
//! A message is read by place: [`Message::question`] and [`Message::record`] give what stands there and where
//! the next one begins. Names are walked label by label ([`Message::name`]); a compression pointer leads only
//! backwards, and no name is longer than 255 bytes, so that none takes long, whatever the bytes.

use super::{Short, Span};

/// Length of the header in bytes: where the first question stands.
pub const HEADER: usize = 12;

/// The most bytes of a name, its lengths included (RFC 1035, 2.3.4); also the most labels and pointers followed.
const MAX_NAME: usize = 255;

/// Record types that are read here.
pub mod kind {
    #![allow(missing_docs, reason = "the names of RFC 1035 and its followers")]
    pub const A: u16 = 1;
    pub const NS: u16 = 2;
    pub const CNAME: u16 = 5;
    pub const SOA: u16 = 6;
    pub const PTR: u16 = 12;
    pub const MX: u16 = 15;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const SRV: u16 = 33;
    pub const A6: u16 = 38;
    pub const DNAME: u16 = 39;
    pub const OPT: u16 = 41;
    pub const UNSPECA: u16 = 104;
    pub const TSIG: u16 = 250;
    pub const URI: u16 = 256;
}

/// A message, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    header: &'a [u8; HEADER],
    span: Span<'a>,
}

/// A question: whose name stands at `name`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    pub name: usize,
    pub kind: u16,
    pub class: u16,
}

/// A resource record without its data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    pub kind: u16,
    pub class: u16,
    /// Seconds; of an OPT record: response code, version and flags.
    pub ttl: u32,
    /// Where its data stands.
    pub data: usize,
    /// Where its data ends, which may be behind what was captured.
    pub end: usize,
}

impl<'a> Message<'a> {
    /// # Errors
    /// Where fewer than 12 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (header, _) = span.split_array()?;
        Ok(Message { header, span })
    }

    /// The message from its identifier on.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn id(&self) -> u16 {
        let [high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// Response, operation, flags and response code as they stand in the header.
    pub fn flags(&self) -> u16 {
        let [_, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    pub fn is_response(&self) -> bool {
        self.flags() & 0x8000 != 0
    }

    pub fn operation(&self) -> u8 {
        (self.flags() >> 11 & 15) as u8
    }

    /// How many questions, answers, authorities and additional records there should be.
    pub fn counts(&self) -> [u16; 4] {
        let [_, _, _, _, a, b, c, d, e, f, g, h] = *self.header;
        [[a, b], [c, d], [e, f], [g, h]].map(u16::from_be_bytes)
    }

    /// The response code, its higher bits from the OPT record where that was captured.
    pub fn response_code(&self) -> u16 {
        (self.flags() & 15) | self.extended_code().unwrap_or(0) << 4
    }

    fn extended_code(&self) -> Option<u16> {
        let [questions, answers, authorities, additional] = self.counts();
        let mut at = HEADER;
        for _ in 0..questions {
            at = self.question(at)?.1;
        }
        for _ in 0..u32::from(answers).saturating_add(authorities.into()) {
            at = self.record(self.skip_name(at)?)?.end;
        }
        for _ in 0..additional {
            let start = self.skip_name(at)?;
            if self.span.u16_at(start)? == kind::OPT {
                return self.span.u8_at(start.checked_add(4)?).map(u16::from);
            }
            at = self.record(start)?.end;
        }
        None
    }

    /// The question at `at`, and where the next begins.
    pub fn question(&self, at: usize) -> Option<(Question, usize)> {
        let behind = self.skip_name(at)?;
        let [a, b, c, d] = self.span.array_at(behind)?;
        let question = Question { name: at, kind: u16::from_be_bytes([a, b]), class: u16::from_be_bytes([c, d]) };
        Some((question, behind.checked_add(4)?))
    }

    /// The record whose name ends at `at`.
    pub fn record(&self, at: usize) -> Option<Record> {
        let [a, b, c, d, e, f, g, h, i, j] = self.span.array_at(at)?;
        let data = at.checked_add(10)?;
        Some(Record {
            kind: u16::from_be_bytes([a, b]),
            class: u16::from_be_bytes([c, d]),
            ttl: u32::from_be_bytes([e, f, g, h]),
            data,
            end: data.checked_add(u16::from_be_bytes([i, j]).into())?,
        })
    }

    /// Where the name at `at` ends.
    pub fn skip_name(&self, at: usize) -> Option<usize> {
        skip_name(self.span, at)
    }

    /// The labels of the name at `at`.
    pub fn name(&self, at: usize) -> Name<'a> {
        Name::new(self.span, at)
    }
}

/// Where the name at `at` of a span ends.
pub fn skip_name(span: Span<'_>, mut at: usize) -> Option<usize> {
    loop {
        let length = span.u8_at(at)?;
        at = at.checked_add(1)?;
        match length {
            0 => return Some(at),
            0xc0.. => return at.checked_add(1),
            0x40.. => return None,
            _ => at = at.checked_add(length.into())?,
        }
    }
}

/// The labels of a name, one after the other; ends at its root or with what is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    span: Span<'a>,
    at: usize,
    /// Pointers lead to places before this one.
    before: usize,
    /// Bytes of the name so far, a dot for each label included.
    used: usize,
    steps: usize,
}

/// Why a name can't be read on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault<'a> {
    /// The capture ends within it: what is there of the label.
    Cut(&'a [u8]),
    /// A pointer that does not lead backwards.
    Pointer,
    /// A label of the reserved type.
    Reserved,
    /// A label of an extended type (RFC 6891, 6.1.3: none is in use).
    Extended(u8),
    /// The name goes on behind its 255th byte: what is there of the label up to that.
    TooLong(&'a [u8]),
}

impl<'a> Name<'a> {
    /// The name at `at` of a span, from whose start pointers count.
    pub fn new(span: Span<'a>, at: usize) -> Self {
        Name { span, at, before: at, used: 0, steps: 0 }
    }

    /// Whether this is the root: a name without labels.
    pub fn is_root(&self) -> bool {
        self.span.u8_at(self.at) == Some(0)
    }

    fn step(&mut self) -> Result<Option<&'a [u8]>, Fault<'a>> {
        loop {
            if self.used > MAX_NAME {
                return Err(Fault::TooLong(&[]));
            }
            let length = self.span.u8_at(self.at).ok_or(Fault::Cut(&[]))?;
            let behind = self.at.saturating_add(1);
            self.steps = self.steps.saturating_add(1);
            match length {
                0 => return Ok(None),
                0x40..0x80 => return Err(Fault::Extended(length & 0x3f)),
                0x80..0xc0 => return Err(Fault::Reserved),
                _ if self.steps > MAX_NAME => return Err(Fault::TooLong(&[])),
                0xc0.. => {
                    let word = self.span.u16_at(self.at).ok_or(Fault::Cut(&[]))?;
                    let target = usize::from(word & 0x3fff);
                    if target >= self.before {
                        return Err(Fault::Pointer);
                    }
                    (self.at, self.before) = (target, target);
                }
                _ => {
                    let size = usize::from(length);
                    let there = self.span.bytes().get(behind..).unwrap_or(&[]);
                    let room = MAX_NAME.saturating_sub(self.used);
                    let label = there.get(..size).ok_or(Fault::Cut(there))?;
                    if size > room {
                        return Err(Fault::TooLong(label.get(..room).unwrap_or(label)));
                    }
                    self.used = self.used.saturating_add(size).saturating_add(1);
                    self.at = behind.saturating_add(size);
                    return Ok(Some(label));
                }
            }
        }
    }
}

impl<'a> Iterator for Name<'a> {
    type Item = Result<&'a [u8], Fault<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step().transpose();
        if matches!(step, Some(Err(_))) {
            // What is wrong is told once: behind it stands nothing.
            *self = Name::new(Span::new(&[0], 1), 0);
        }
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(bytes: &[u8], at: usize) -> Vec<Result<&[u8], Fault<'_>>> {
        let mut message = vec![0; HEADER];
        message.extend_from_slice(bytes);
        let message = message.leak();
        Message::parse(Span::new(message, message.len())).unwrap().name(at).collect()
    }

    #[test]
    fn a_name_is_its_labels_along_its_pointers() {
        let bytes = b"\x03www\x02ab\x00\x01x\xc0\x10";
        assert_eq!(labels(bytes, 12), [Ok(&b"www"[..]), Ok(b"ab")]);
        assert_eq!(labels(bytes, 20), [Ok(&b"x"[..]), Ok(b"ab")]);
    }

    #[test]
    fn a_name_that_can_not_be_read_on_says_why() {
        assert_eq!(labels(b"\xc0\x0c", 12), [Err(Fault::Pointer)]);
        assert_eq!(labels(b"\x01a\xc0\x0c", 12), [Ok(&b"a"[..]), Err(Fault::Pointer)]);
        assert_eq!(labels(b"\x01a\x80", 12), [Ok(&b"a"[..]), Err(Fault::Reserved)]);
        assert_eq!(labels(b"\x41", 12), [Err(Fault::Extended(1))]);
        assert_eq!(labels(b"\x05ab", 12), [Err(Fault::Cut(b"ab"))]);
        assert_eq!(labels(b"\x02ab", 12), [Ok(&b"ab"[..]), Err(Fault::Cut(&[]))]);
    }

    #[test]
    fn no_name_is_longer_than_255_bytes() {
        let long = b"\x1f0123456789012345678901234567890".repeat(12);
        let found = labels(&long, 12);
        assert_eq!(found.len(), 9);
        assert_eq!(found[8], Err(Fault::TooLong(b"")));
        // Four labels of 63 bytes are one too long, though none goes on behind the limit.
        let just = [[&[63], [b'a'; 63].as_slice()].concat().repeat(4), vec![0]].concat();
        assert_eq!(labels(&just, 12)[4..], [Err(Fault::TooLong(b""))]);
        // Pointers, each to the one before it, are followed for as many steps alone.
        let chain: Vec<u8> = (0..2000u16).flat_map(|n| (0xc00a + n * 2).to_be_bytes()).collect();
        assert_eq!(labels(&chain, 3000), [Err(Fault::TooLong(&[]))]);
    }
}
