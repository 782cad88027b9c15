//! The beginnings of TCP streams, as far as their messages need more than one segment: each direction of a connection by
//! itself, up to [`REACH`] bytes from its start, or from where a message begins of which the rest is to come.
//!
//! Segments may come in any order. Of those that stand alone nothing is kept.

use std::net::IpAddr;
use std::time::Duration;

use super::Losses;
use super::pieces::{Overlap, Pieces};
use super::store::Store;
use crate::budget::Budget;
use crate::frame::Timestamp;

/// How far a stream is followed, in bytes.
pub const REACH: usize = 16 << 10;
/// How long it is followed.
pub const LIFETIME: Duration = Duration::from_secs(60);

/// One direction of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Direction {
    pub from: (IpAddr, u16),
    pub to: (IpAddr, u16),
}

/// What is asked of a segment.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    pub sequence: u32,
    /// The stream begins with it: SYN.
    pub begins: bool,
    /// The stream ends with it: FIN or RST.
    pub ends: bool,
    pub payload: &'a [u8],
    /// Not all of the payload was captured.
    pub is_cut: bool,
}

/// The bytes that are next in a stream.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// All that is there without a gap; never empty.
    pub bytes: &'a [u8],
    /// The first of the stream, not only the first seen.
    pub is_start: bool,
    /// How many segments they came in.
    pub segments: usize,
}

/// What a reader makes of the bytes that are next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// So many are used up; the reader wants to see what follows.
    Used(usize),
    /// They are not enough.
    Wait,
    /// Nothing more is of interest.
    End,
}

/// The streams that are followed, each with the place `P` that its reader is at. At most a quarter of the budget.
#[derive(Debug)]
pub struct Streams<P>(Store<Direction, Stream<P>>);

#[derive(Debug, Default)]
struct Stream<P> {
    /// The sequence number of the first byte.
    base: u32,
    /// How many bytes are used up, from there.
    used: usize,
    begins_at_base: bool,
    segments: usize,
    pieces: Pieces,
    place: P,
}

impl<P: Default + PartialEq> Stream<P> {
    /// Lets a reader go over bytes that are next; whether it is done with the stream.
    fn read(&mut self, bytes: &[u8], read: &mut impl FnMut(Head<'_>, &mut P) -> Step) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            let head = Head { bytes: rest, is_start: self.begins_at_base && self.used == 0, segments: self.segments };
            match read(head, &mut self.place) {
                Step::Used(0) | Step::Wait => return false,
                Step::Used(count) => {
                    rest = rest.get(count..).unwrap_or(&[]);
                    self.used = self.used.saturating_add(count);
                    self.segments = if rest.is_empty() { 0 } else { 1 };
                }
                Step::End => return true,
            }
        }
        false
    }
}

impl<P: Default + PartialEq> Streams<P> {
    pub fn new(budget: &Budget) -> Self {
        Streams(Store::new(budget, LIFETIME))
    }

    /// Takes a segment that came at a time, and has a reader go over what that makes whole. Tells of bytes that came in
    /// two versions, of which the first stays.
    pub fn push(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        now: Timestamp,
        mut read: impl FnMut(Head<'_>, &mut P) -> Step,
    ) -> Option<Overlap> {
        let mut sequence = segment.sequence;
        if segment.begins {
            self.0.remove(&direction);
            sequence = sequence.wrapping_add(1);
            if let Some(stream) = self.0.reserve(direction, 0, now) {
                (stream.base, stream.begins_at_base) = (sequence, true);
            }
        }
        let mut overlap = None;
        if !segment.payload.is_empty() {
            let followed = match self.0.get(&direction, now) {
                Some(stream) => {
                    // How far from the base, forwards or backwards (RFC 9293, 3.4).
                    let offset = sequence.wrapping_sub(stream.base).cast_signed();
                    self.go_on(direction, offset, segment.payload, now, &mut overlap, &mut read)
                }
                None => self.begin(direction, sequence, segment.payload, now, &mut read),
            };
            if followed.is_none() || segment.is_cut {
                self.0.remove(&direction);
            }
        }
        if segment.ends {
            self.0.remove(&direction);
        }
        overlap.filter(Overlap::differs)
    }

    /// Reads a segment of a stream that is not followed yet; begins to, where something is missing. None where not.
    fn begin(
        &mut self,
        direction: Direction,
        sequence: u32,
        payload: &[u8],
        now: Timestamp,
        read: &mut impl FnMut(Head<'_>, &mut P) -> Step,
    ) -> Option<()> {
        let mut stream = Stream { base: sequence, segments: 1, ..Stream::default() };
        let done = stream.read(payload, read);
        let rest = payload.get(stream.used..).unwrap_or(&[]);
        if done || rest.len() > REACH || (rest.is_empty() && stream.place == P::default()) {
            return None;
        }
        let place = self.0.reserve(direction, Pieces::cost(rest.len()), now)?;
        stream.base = sequence.wrapping_add(u32::try_from(stream.used).unwrap_or(0));
        stream.used = 0;
        if !rest.is_empty() {
            stream.pieces.insert(0, rest);
        }
        *place = stream;
        Some(())
    }

    /// Reads a segment of a stream that is followed. None where it is to be followed no further.
    fn go_on(
        &mut self,
        direction: Direction,
        offset: i32,
        payload: &[u8],
        now: Timestamp,
        overlap: &mut Option<Overlap>,
        read: &mut impl FnMut(Head<'_>, &mut P) -> Step,
    ) -> Option<()> {
        // What lies before the base came before anything was kept.
        let skipped = usize::try_from(offset.min(0).unsigned_abs()).unwrap_or(usize::MAX);
        let Some(payload) = payload.get(skipped..).filter(|rest| !rest.is_empty()) else { return Some(()) };
        let offset = usize::try_from(offset).unwrap_or(0);
        let stream = self.0.get(&direction, now)?;
        if offset.saturating_add(payload.len()) <= stream.used {
            return Some(());
        }
        let is_next = stream.used == offset && stream.pieces.end() <= offset;
        if is_next {
            stream.segments = stream.segments.saturating_add(1);
            if stream.read(payload, read) {
                return None;
            }
        }
        // Nothing is kept of what could be read at once.
        let at = if is_next { stream.used } else { offset };
        let rest = payload.get(at.saturating_sub(offset)..).unwrap_or(&[]);
        if rest.is_empty() {
            return Some(());
        }
        let Some(within) = REACH.checked_sub(at).filter(|room| *room > 0) else {
            // Out of reach of what is missing, or the end of it.
            return if is_next { None } else { Some(()) };
        };
        let rest = rest.get(..within).unwrap_or(rest);
        let stream = self.0.reserve(direction, Pieces::cost(rest.len()), now)?;
        let before = stream.pieces.held();
        *overlap = stream.pieces.insert(at, rest);
        if is_next {
            return Some(());
        }
        if stream.pieces.held() > before {
            stream.segments = stream.segments.saturating_add(1);
        }
        let joined = stream.pieces.joined(stream.used);
        if stream.read(&joined, read) { None } else { Some(()) }
    }

    /// Streams that were given up.
    pub fn losses(&self) -> Losses {
        self.0.losses()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECTION: Direction = Direction {
        from: (IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1),
        to: (IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 2),
    };

    fn streams() -> (Budget, Streams<u8>) {
        let budget = Budget::new(1 << 20);
        let streams = Streams::new(&budget);
        (budget, streams)
    }

    /// A segment with what is to be read of it: messages of a digit and as many bytes; anything else ends the reading.
    fn push(streams: &mut Streams<u8>, sequence: u32, payload: &[u8], flags: &str) -> Vec<(String, usize, bool)> {
        let segment = Segment {
            sequence,
            begins: flags.contains('S'),
            ends: flags.contains('F'),
            payload,
            is_cut: flags.contains('c'),
        };
        let mut messages = Vec::new();
        streams.push(DIRECTION, &segment, Timestamp::default(), |head, _| match head.bytes {
            [digit @ b'0'..=b'9', rest @ ..] => match rest.get(..usize::from(digit - b'0')) {
                Some(text) => {
                    messages.push((String::from_utf8_lossy(text).into_owned(), head.segments, head.is_start));
                    Step::Used(text.len() + 1)
                }
                None => Step::Wait,
            },
            _ => Step::End,
        });
        messages
    }

    fn told(text: &str, segments: usize, is_start: bool) -> (String, usize, bool) {
        (text.to_owned(), segments, is_start)
    }

    #[test]
    fn what_stands_alone_leaves_nothing_behind() {
        let (budget, mut streams) = streams();
        assert_eq!(push(&mut streams, 5, b"2ab1c", ""), [told("ab", 1, false), told("c", 1, false)]);
        assert_eq!(push(&mut streams, 10, b"hello", ""), []);
        assert_eq!(budget.left(), 1 << 20);
    }

    #[test]
    fn a_message_over_several_segments() {
        let (budget, mut streams) = streams();
        assert_eq!(push(&mut streams, 99, b"", "S"), []);
        assert_eq!(push(&mut streams, 100, b"4a", ""), []);
        assert_eq!(push(&mut streams, 100, b"4a", ""), [], "sent again");
        assert_eq!(push(&mut streams, 102, b"bcd2e", ""), [told("abcd", 2, true)]);
        assert_eq!(push(&mut streams, 107, b"f", ""), [told("ef", 2, false)]);
        push(&mut streams, 108, b"end", "");
        assert_eq!(budget.left(), 1 << 20);
    }

    #[test]
    fn segments_in_any_order_and_over_the_end_of_the_numbers() {
        let (_, mut streams) = streams();
        let base = u32::MAX - 1;
        push(&mut streams, base.wrapping_sub(1), b"", "S");
        assert_eq!(push(&mut streams, base.wrapping_add(4), b"de", ""), []);
        assert_eq!(push(&mut streams, base.wrapping_add(2), b"bc", ""), []);
        assert_eq!(push(&mut streams, base, b"5a", ""), [told("abcde", 3, true)]);
    }

    #[test]
    fn a_stream_seen_from_the_middle_is_followed_from_a_message_on() {
        let (_, mut streams) = streams();
        assert_eq!(push(&mut streams, 50, b"1x3a", ""), [told("x", 1, false)]);
        assert_eq!(push(&mut streams, 54, b"bc", ""), [told("abc", 2, false)]);
    }

    #[test]
    fn of_two_versions_the_first_stays() {
        let (_, mut streams) = streams();
        push(&mut streams, 0, b"5abc", "");
        let segment = Segment { sequence: 2, begins: false, ends: false, payload: b"BCde", is_cut: false };
        let mut seen = Vec::new();
        let overlap = streams.push(DIRECTION, &segment, Timestamp::default(), |head, _| {
            seen = head.bytes.to_vec();
            Step::End
        });
        assert_eq!(seen, b"5abcde");
        let overlap = overlap.unwrap();
        assert_eq!((overlap.offset, overlap.kept, overlap.other), (2, b"bc".to_vec(), b"BC".to_vec()));
    }

    #[test]
    fn an_end_a_cut_or_the_reach_is_the_last_of_it() {
        for flags in ["F", "c"] {
            let (budget, mut streams) = streams();
            push(&mut streams, 0, b"5a", flags);
            assert_eq!(budget.left(), 1 << 20, "{flags}");
        }
        let (budget, mut streams) = streams();
        push(&mut streams, 0, b"", "S");
        for at in 0..2000u32 {
            push(&mut streams, 2 + at * 100, &[b'x'; 100], "");
        }
        assert!(budget.left() > (1 << 20) - 4 * REACH, "the first byte is missing");
        push(&mut streams, 1, b"x", "");
        assert_eq!(budget.left(), 1 << 20);
    }

    proptest::proptest! {
        #[test]
        fn any_order_gives_what_was_sent(
            text in proptest::collection::vec(0u8..10, 1..20),
            cuts in proptest::collection::vec((0usize..100, 1usize..9), 0..40),
            base in proptest::num::u32::ANY,
        ) {
            let stream: Vec<u8> = text.iter().flat_map(|n| [&[b'0' + n][..], &vec![b'a' + n; usize::from(*n)]].concat()).collect();
            let (budget, mut streams) = streams();
            let mut got = push(&mut streams, base.wrapping_sub(1), b"", "S");
            let ordered = (0..stream.len()).map(|at| (at, 1));
            for (at, length) in cuts.into_iter().chain(ordered) {
                let Some(part) = stream.get(at..(at + length).min(stream.len())) else { continue };
                got.extend(push(&mut streams, base.wrapping_add(at as u32), part, ""));
            }
            let got: Vec<usize> = got.into_iter().map(|(text, ..)| text.len()).collect();
            proptest::prop_assert_eq!(got, text.iter().map(|n| usize::from(*n)).collect::<Vec<_>>());
            push(&mut streams, base, b"", "F");
            proptest::prop_assert_eq!(budget.left(), 1 << 20);
        }
    }
}
