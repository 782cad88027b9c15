//! One direction of a connection: head, body, head, body.

use super::coding::{Coding, Failure, Inflater};
use super::head::{self, Framing, Head, Method, Start};
use super::{Asked, LONGEST_HEAD, Show, Shown};
use crate::budget::Budget;
use crate::streams::conversations::Side;
use crate::streams::half::Part;

/// A line with the length of a chunk, or of a trailer, that is longer is taken for something else.
const LONGEST_LINE: usize = 8 << 10;

/// Where the reading is.
#[derive(Debug)]
pub(super) struct Reader {
    state: State,
    content: Content,
    /// Bytes shown so far, and passed over as missing.
    shown: usize,
}

#[derive(Debug)]
enum State {
    /// Before a message, or within its head, of which so much is there.
    Head(Vec<u8>),
    /// Within a body that has so many bytes left.
    Exactly(u64),
    /// Within a body that ends with the connection.
    UntilEnd,
    /// Within a chunk that has so many bytes left.
    Chunk(u64),
    /// Within a line between chunks or behind them, of which so much is there.
    Line(Line, Vec<u8>),
    /// This is no HTTP, or it is not known where a message begins.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Line {
    /// The length of a chunk.
    Length,
    /// What ends the line behind a chunk.
    ChunkEnd,
    Trailer,
}

/// How the body is shown.
#[derive(Debug)]
enum Content {
    AsItIs,
    Decoded(Box<Inflater>),
    LeftOut,
}

impl Default for Reader {
    fn default() -> Self {
        Reader { state: State::Head(Vec::new()), content: Content::AsItIs, shown: 0 }
    }
}

impl Reader {
    /// Reads some of the bytes that are next, and gives the rest of them.
    pub fn read<'b>(
        &mut self,
        side: Side,
        bytes: &'b [u8],
        asked: &mut Asked,
        budget: &Budget,
        show: Show<'_>,
    ) -> &'b [u8] {
        let limit = |left: u64| usize::try_from(left).unwrap_or(usize::MAX);
        match &mut self.state {
            State::Head(_) => self.head(side, bytes, asked, budget, show),
            State::Line(..) => self.line(bytes, show),
            State::Other | State::UntilEnd => {
                self.body(bytes, show);
                &[]
            }
            State::Exactly(left) | State::Chunk(left) => {
                let (now, rest) = bytes.split_at_checked(limit(*left)).unwrap_or((bytes, &[]));
                self.body(now, show);
                self.pass(now.len() as u64);
                rest
            }
        }
    }

    /// Passes over bytes that are missing.
    pub fn miss(&mut self, count: usize, show: Show<'_>) {
        if let State::Head(begun) = &mut self.state
            && !begun.is_empty()
        {
            self.give_up(show);
        }
        if matches!(self.content, Content::Decoded(_)) {
            self.note("what comes behind this can't be decoded: shown as it is", show);
            self.content = Content::AsItIs;
        }
        show(self.shown, Shown::Part(Part::Missing(count)));
        self.shown = self.shown.saturating_add(count);
        match self.state {
            // What comes next may begin a message.
            State::Head(_) | State::UntilEnd | State::Other => {}
            State::Exactly(left) | State::Chunk(left) if count as u64 <= left => self.pass(count as u64),
            State::Exactly(_) => self.state = State::Head(Vec::new()),
            State::Chunk(_) | State::Line(..) => self.state = State::Other,
        }
    }

    /// Shows what was kept: this is no HTTP, or nothing more comes.
    pub fn give_up(&mut self, show: Show<'_>) {
        if let State::Head(begun) = std::mem::replace(&mut self.state, State::Other) {
            self.put(&begun, show);
        }
        self.content = Content::AsItIs;
    }

    fn head<'b>(
        &mut self,
        side: Side,
        bytes: &'b [u8],
        asked: &mut Asked,
        budget: &Budget,
        show: Show<'_>,
    ) -> &'b [u8] {
        let State::Head(begun) = &mut self.state else { return bytes };
        let before = begun.len();
        begun.extend_from_slice(bytes);
        // The end of the last line may be there already.
        let Some(length) = head::length(begun, before.saturating_sub(2)) else {
            if begun.len() > LONGEST_HEAD || !head::may_begin(side, begun) {
                self.give_up(show);
            }
            return &[];
        };
        let message = Head::parse(side, begun.get(..length).unwrap_or(begun)).filter(|_| length <= LONGEST_HEAD);
        let Some(message) = message else {
            self.give_up(show);
            return &[];
        };
        begun.truncate(length);
        let head = std::mem::take(begun);
        self.put(&head, show);
        self.begin_body(&message, asked, budget, show);
        bytes.get(length.saturating_sub(before)..).unwrap_or(&[])
    }

    /// Goes on behind a head (RFC 9112, section 6.3).
    fn begin_body(&mut self, head: &Head, asked: &mut Asked, budget: &Budget, show: Show<'_>) {
        let framing = match head.start {
            Start::Request(method) => {
                asked.push(method);
                head.framing.filter(|framing| *framing != Framing::UntilEnd).unwrap_or(Framing::Length(0))
            }
            Start::Response(100 | 102..=199) => Framing::Length(0),
            Start::Response(status) => {
                let method = asked.methods.pop_front().unwrap_or(Method::Other);
                if status == 101 || (method == Method::Connect && (200..=299).contains(&status)) {
                    asked.switched = true;
                    self.state = State::Other;
                    return;
                }
                let has_none = method == Method::Head || matches!(status, 204 | 304);
                if has_none { Framing::Length(0) } else { head.framing.unwrap_or(Framing::UntilEnd) }
            }
        };
        self.state = match framing {
            Framing::Length(0) => return,
            Framing::Length(length) => State::Exactly(length),
            Framing::Chunked => State::Line(Line::Length, Vec::new()),
            Framing::UntilEnd => State::UntilEnd,
        };
        self.content = match head.coding {
            Coding::None => Content::AsItIs,
            Coding::Unknown => {
                self.note("the body is coded in a way that is not known here: shown as it is", show);
                Content::AsItIs
            }
            coding => match Inflater::new(coding, budget) {
                Some(inflater) => Content::Decoded(Box::new(inflater)),
                None => {
                    self.note("there is no memory to decode the body: shown as it is", show);
                    Content::AsItIs
                }
            },
        };
    }

    /// Reads on in a line between chunks or behind them (RFC 9112, section 7.1).
    fn line<'b>(&mut self, bytes: &'b [u8], show: Show<'_>) -> &'b [u8] {
        let State::Line(what, line) = &mut self.state else { return bytes };
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(bytes.len(), |end| end.saturating_add(1));
        let (now, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        line.extend_from_slice(now);
        if end.is_none() && line.len() <= LONGEST_LINE {
            return rest;
        }
        let text = line.trim_ascii();
        let next = match what {
            Line::Length => match chunk_length(text) {
                Some(0) => Some(State::Line(Line::Trailer, Vec::new())),
                length => length.map(State::Chunk),
            },
            Line::ChunkEnd => text.is_empty().then(|| State::Line(Line::Length, Vec::new())),
            Line::Trailer if text.is_empty() => {
                self.content = Content::AsItIs;
                Some(State::Head(Vec::new()))
            }
            Line::Trailer => Some(State::Line(Line::Trailer, Vec::new())),
        };
        match next {
            Some(next) => self.state = next,
            None => {
                let line = std::mem::take(line);
                self.note("there is no chunk where one should be: shown as it is from here on", show);
                self.give_up(show);
                self.put(&line, show);
            }
        }
        rest
    }

    /// Goes on by so many bytes of a body or chunk.
    fn pass(&mut self, count: u64) {
        match &mut self.state {
            State::Exactly(left) | State::Chunk(left) if *left > count => *left = left.saturating_sub(count),
            State::Chunk(_) => self.state = State::Line(Line::ChunkEnd, Vec::new()),
            State::Exactly(_) => {
                self.content = Content::AsItIs;
                self.state = State::Head(Vec::new());
            }
            _ => {}
        }
    }

    /// Shows bytes of a body.
    fn body(&mut self, bytes: &[u8], show: Show<'_>) {
        let inflater = match &mut self.content {
            Content::AsItIs => return self.put(bytes, show),
            Content::LeftOut => return,
            Content::Decoded(inflater) => inflater,
        };
        let shown = &mut self.shown;
        let pushed = inflater.push(bytes, &mut |decoded| put(shown, decoded, show));
        match pushed {
            Ok(()) => {}
            Err((Failure::TooLong, _)) => {
                self.note("the rest of the body is left out: it is very long, or very much longer than it came", show);
                self.content = Content::LeftOut;
            }
            Err((Failure::Damaged, used)) => {
                self.note("the body is damaged here: shown as it is", show);
                self.content = Content::AsItIs;
                self.put(bytes.get(used..).unwrap_or(&[]), show);
            }
        }
    }

    fn put(&mut self, bytes: &[u8], show: Show<'_>) {
        put(&mut self.shown, bytes, show);
    }

    fn note(&self, words: &'static str, show: Show<'_>) {
        show(self.shown, Shown::Note(words));
    }
}

fn put(shown: &mut usize, bytes: &[u8], show: Show<'_>) {
    if !bytes.is_empty() {
        show(*shown, Shown::Part(Part::Bytes(bytes)));
        *shown = shown.saturating_add(bytes.len());
    }
}

/// The length of a chunk in hexadecimal, in bytes; what stands behind a semicolon does not matter.
fn chunk_length(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    // No sign, which parsing would take.
    digits.first()?.is_ascii_hexdigit().then_some(())?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
