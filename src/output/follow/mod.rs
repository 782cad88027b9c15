//! What the programs at both ends of a conversation read, for people ([`Turns`]) and for programs ([`json`]).
//!
//! For people a line says whose turn it is, then come the bytes: what one side sends until the other, or another
//! conversation, has its turn.

pub mod json;

use super::text::{Clock, TimeStyle};
use super::{Sheet, Style};
use crate::flow::Endpoint;
use crate::frame::Timestamp;
use crate::streams::End;
use crate::streams::conversations::{Conversation, Side};
use crate::streams::half::Part;

/// How bytes are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As text, control characters and bytes that are none escaped.
    Text,
    /// In hexadecimal and ASCII, with offsets.
    Hex,
}

/// Where something stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub conversation: &'a Conversation,
    pub side: Side,
    pub time: Timestamp,
    /// Bytes from the start of the stream.
    pub offset: usize,
}

/// Writes turns.
#[derive(Debug)]
pub struct Turns {
    form: Form,
    clock: Clock,
    /// Whose turn it is.
    turn: Option<(u64, Side)>,
    /// Whether a line has begun that is not ended.
    within_line: bool,
    /// The beginning of a character or line end of this turn, whose rest may come next.
    begun: Vec<u8>,
}

impl Turns {
    pub fn new(form: Form) -> Self {
        let clock = Clock::new(TimeStyle::Clock, false);
        Turns { form, clock, turn: None, within_line: false, begun: Vec::new() }
    }

    /// Shows what is next in a stream.
    pub fn sent(&mut self, sheet: &mut Sheet, place: &Place<'_>, part: Part<'_>) {
        self.begin(sheet, place);
        match part {
            Part::Bytes(bytes) => {
                sheet.style(style(place.side));
                match self.form {
                    Form::Text => self.text(sheet, bytes),
                    Form::Hex => self.hex(sheet, place.offset, bytes),
                }
                sheet.style(Style::Plain);
            }
            Part::Missing(count) => self.remark(sheet, |sheet| {
                sheet.len_of(count);
                sheet.put(if count == 1 { " byte" } else { " bytes" });
                sheet.put(" missing in capture");
            }),
        }
    }

    /// Says something about what a side sent, in our own words.
    pub fn note(&mut self, sheet: &mut Sheet, place: &Place<'_>, words: &'static str) {
        self.begin(sheet, place);
        self.remark(sheet, |sheet| sheet.put(words));
    }

    /// Shows how a conversation ended.
    pub fn ended(&mut self, sheet: &mut Sheet, conversation: &Conversation, time: Timestamp, how: End) {
        self.end(sheet);
        let end = match how {
            End::Closed => "closed by both sides",
            End::Reset(Side::Client) => "reset by the client",
            End::Reset(Side::Server) => "reset by the server",
            End::Replaced => "followed by another between the same ports",
            End::Forgotten => "forgotten, as there was no more memory",
            End::Open => "not ended in the capture",
        };
        self.head(sheet, conversation, " — ", time);
        sheet.style(if matches!(how, End::Closed) { Style::Dim } else { Style::Notice });
        sheet.put(" ");
        sheet.put(end);
        sheet.style(Style::Plain);
        sheet.put("\n");
    }

    /// Ends the turn, and the line.
    pub fn end(&mut self, sheet: &mut Sheet) {
        self.flush(sheet);
        if self.within_line {
            sheet.put("\n");
            self.within_line = false;
        }
        self.turn = None;
    }

    fn begin(&mut self, sheet: &mut Sheet, place: &Place<'_>) {
        let turn = Some((place.conversation.number, place.side));
        if self.turn == turn {
            return;
        }
        self.end(sheet);
        self.turn = turn;
        let arrow = match place.side {
            Side::Client => " → ",
            Side::Server => " ← ",
        };
        self.head(sheet, place.conversation, arrow, place.time);
        sheet.put("\n");
    }

    /// The number and ends of a conversation, the client first, and a time.
    fn head(&mut self, sheet: &mut Sheet, conversation: &Conversation, joint: &'static str, time: Timestamp) {
        sheet.style(Style::Dim);
        sheet.put("#");
        sheet.dec(conversation.number);
        sheet.put(" ");
        self.clock.stamp(sheet, time);
        end(sheet, conversation.client);
        sheet.put(joint);
        end(sheet, conversation.server);
        sheet.style(Style::Plain);
    }

    /// Something of ours among the bytes, in brackets on a line of its own.
    fn remark(&mut self, sheet: &mut Sheet, words: impl FnOnce(&mut Sheet)) {
        self.flush(sheet);
        if self.within_line {
            sheet.put("\n");
        }
        sheet.style(Style::Bad);
        sheet.put("[");
        words(sheet);
        sheet.put("]");
        sheet.style(Style::Plain);
        sheet.put("\n");
        self.within_line = false;
    }

    fn text(&mut self, sheet: &mut Sheet, bytes: &[u8]) {
        let joined;
        let bytes = if self.begun.is_empty() {
            bytes
        } else {
            self.begun.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.begun);
            &joined
        };
        let (now, later) = bytes.split_at_checked(whole(bytes)).unwrap_or((bytes, &[]));
        self.begun = later.to_vec();
        self.put(sheet, now);
    }

    /// Shows what was begun as it is: its rest does not come.
    fn flush(&mut self, sheet: &mut Sheet) {
        let begun = std::mem::take(&mut self.begun);
        if let Some((_, side)) = self.turn.filter(|_| !begun.is_empty()) {
            sheet.style(style(side));
            self.put(sheet, &begun);
            sheet.style(Style::Plain);
        }
    }

    fn put(&mut self, sheet: &mut Sheet, bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            sheet.escaped_lines(bytes);
            self.within_line = *last != b'\n';
        }
    }

    fn hex(&mut self, sheet: &mut Sheet, offset: usize, bytes: &[u8]) {
        for (line, at) in bytes.chunks(16).zip((offset..).step_by(16)) {
            sheet.hex_line(at as u64, line);
        }
    }
}

/// The colour of a side.
fn style(side: Side) -> Style {
    match side {
        Side::Client => Style::Name,
        Side::Server => Style::Notice,
    }
}

/// Address and port; an IPv6 address in brackets (RFC 5952, section 6).
fn end(sheet: &mut Sheet, end: Endpoint) {
    address(sheet, end, true);
    sheet.put(":");
    sheet.dec(end.port);
}

fn address(sheet: &mut Sheet, end: Endpoint, brackets: bool) {
    match end.address {
        std::net::IpAddr::V4(address) => sheet.ipv4(address.octets()),
        std::net::IpAddr::V6(address) => {
            sheet.put(if brackets { "[" } else { "" });
            sheet.ipv6(address.octets());
            sheet.put(if brackets { "]" } else { "" });
        }
    }
}

/// How many bytes there are before the beginning of a character, or of a line end, that is not whole.
fn whole(bytes: &[u8]) -> usize {
    if let [before @ .., b'\r'] = bytes {
        return before.len();
    }
    let is_begun = |length: &usize| {
        let tail = bytes.get(bytes.len().saturating_sub(*length)..).unwrap_or(&[]);
        std::str::from_utf8(tail).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    let begun = (1..=bytes.len().min(3)).find(is_begun).unwrap_or(0);
    bytes.len().saturating_sub(begun)
}
