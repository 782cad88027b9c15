//! Segments in any order against what was sent.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// What was told: bytes, or how many are missing.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Told {
    Bytes(Vec<u8>),
    Missing(usize),
}

use Told::{Bytes, Missing};

/// A half whose first byte has this sequence number.
struct Test {
    half: Half,
    base: u32,
    told: Vec<Told>,
    /// Where the next part has to begin.
    end: usize,
}

impl Test {
    fn new(base: u32) -> Self {
        let mut test = Test { half: Half::default(), base, told: Vec::new(), end: 0 };
        test.segment(0, &[], 0, true, false);
        test
    }

    fn ask(&mut self, ask: impl FnOnce(&mut Half, &mut dyn FnMut(usize, Part<'_>))) {
        let Test { half, told, end, .. } = self;
        ask(half, &mut |offset, part| {
            assert_eq!(offset, *end, "parts follow each other");
            let (part, length) = match part {
                Part::Bytes(bytes) => (Bytes(bytes.to_vec()), bytes.len()),
                Part::Missing(count) => (Missing(count), count),
            };
            assert_ne!(length, 0);
            told.push(part);
            *end += length;
        });
        assert_eq!(half.offset(), self.end);
    }

    fn segment(&mut self, at: u32, payload: &[u8], wire: usize, begins: bool, ends: bool) {
        let sequence = self.base.wrapping_add(at);
        let segment = Segment { sequence, payload, wire, begins, ends };
        self.ask(|half, mut tell| half.segment(&segment, &mut tell));
    }

    fn push(&mut self, at: u32, payload: &[u8]) {
        self.segment(at, payload, payload.len(), false, false);
    }

    fn acknowledge(&mut self, at: u32) {
        let number = self.base.wrapping_add(at);
        self.ask(|half, mut tell| half.acknowledged(number, &mut tell));
    }

    /// What was told since this was asked last, bytes that follow each other as one.
    fn told(&mut self) -> Vec<Told> {
        let mut joined: Vec<Told> = Vec::new();
        for part in self.told.drain(..) {
            match (joined.last_mut(), part) {
                (Some(Bytes(before)), Bytes(bytes)) => before.extend(bytes),
                (Some(Missing(before)), Missing(count)) => *before += count,
                (_, part) => joined.push(part),
            }
        }
        joined
    }

    fn finished(mut self) -> Vec<Told> {
        self.ask(|half, mut tell| half.finish(&mut tell));
        assert_eq!(self.half.held(), 0);
        self.told()
    }
}

fn bytes(text: &str) -> Told {
    Bytes(text.as_bytes().to_vec())
}

#[test]
fn what_is_next_is_told_at_once_and_not_kept() {
    let mut test = Test::new(7);
    for (at, text) in [(0, "abc"), (3, "de")] {
        test.push(at, text.as_bytes());
        assert_eq!((test.told(), test.half.held()), (vec![bytes(text)], 0));
    }
    test.push(0, b"abc");
    test.push(2, b"cdef");
    assert_eq!(test.told(), [bytes("f")], "sent again, with a byte more");
    test.segment(5, b"x", 1, false, false);
    assert_eq!(test.told(), [], "a keep-alive with a byte");
}

#[test]
fn segments_out_of_order_and_over_the_end_of_the_numbers() {
    let mut test = Test::new(u32::MAX - 2);
    test.push(4, b"ef");
    test.push(2, b"cd");
    assert_eq!(test.told(), []);
    test.push(0, b"ab");
    assert_eq!((test.told(), test.half.held()), (vec![bytes("abcdef")], 0));
}

#[test]
fn what_is_acknowledged_and_not_there_was_not_captured() {
    let mut test = Test::new(0);
    test.push(3, b"de");
    test.push(8, b"i");
    test.acknowledge(3);
    assert_eq!(test.told(), [], "nothing behind the gap is acknowledged yet");
    test.acknowledge(5);
    assert_eq!(test.told(), [Missing(3), bytes("de")]);
    test.push(0, b"abc");
    assert_eq!(test.told(), [], "too late");
    assert_eq!(test.finished(), [Missing(3), bytes("i")]);
}

#[test]
fn what_the_capture_cut_is_missing() {
    let mut test = Test::new(0);
    test.segment(0, b"ab", 5, false, false);
    assert_eq!(test.told(), [bytes("ab"), Missing(3)]);
    test.segment(8, b"i", 4, false, true);
    test.segment(5, b"fgh", 3, false, false);
    assert_eq!(test.told(), [bytes("fghi")]);
    assert_eq!(test.finished(), [Missing(3)]);
}

#[test]
fn the_end_tells_of_what_was_sent_before_it() {
    let mut test = Test::new(0);
    test.push(0, b"ab");
    test.segment(6, b"", 0, false, true);
    assert!(!test.half.is_whole());
    assert_eq!(test.finished(), [bytes("ab"), Missing(4)]);
}

#[test]
fn of_two_versions_that_which_came_first_stays() {
    let mut test = Test::new(0);
    test.push(2, b"cd");
    test.push(5, b"fg");
    test.push(0, b"ABCDEFGH");
    assert_eq!(test.told(), [bytes("ABcdEfgH")]);
}

#[test]
fn a_stream_seen_from_the_middle_begins_with_its_first_bytes() {
    let mut test = Test { half: Half::default(), base: 0, told: Vec::new(), end: 0 };
    test.segment(99, b"", 0, false, false);
    test.push(100, b"ab");
    test.push(90, b"0123456789ab");
    assert_eq!(test.finished(), [bytes("ab")]);
}

proptest! {
    /// Nothing is given up before the end: every byte that came is told, the version that came first, and just the
    /// others are missing.
    #[test]
    fn as_a_table_of_bytes_would_have_it(
        base in any::<u32>(),
        segments in vec((0usize..200, vec(any::<u8>(), 0..40)), 0..60),
    ) {
        let mut test = Test::new(base);
        let mut table = Vec::new();
        for (at, payload) in &segments {
            test.push(u32::try_from(*at).unwrap(), payload);
            let end = if payload.is_empty() { 0 } else { at + payload.len() };
            table.resize(table.len().max(end), None);
            for (place, byte) in (*at..).zip(payload) {
                table[place].get_or_insert(*byte);
            }
        }
        let got: Vec<Option<u8>> = test.finished().into_iter().flat_map(|told| match told {
            Bytes(bytes) => bytes.into_iter().map(Some).collect(),
            Missing(count) => vec![None; count],
        }).collect();
        prop_assert_eq!(got, table);
    }

    /// Whatever is cut, lost, repeated, acknowledged or given up: what is told as bytes are those that were sent.
    #[test]
    fn nothing_is_told_that_was_not_sent(
        base in any::<u32>(),
        steps in vec((0u32..300, 0usize..60, 0usize..60, 0u8..8), 0..80),
    ) {
        let sent: Vec<u8> = (0..400).map(|at: u32| (at % 251) as u8).collect();
        let mut test = Test::new(base);
        for (at, wire, captured, what) in steps {
            match what {
                0 => test.acknowledge(at),
                1 => test.ask(|half, mut tell| half.give_up(&mut tell)),
                _ => {
                    let from = at as usize;
                    let payload = &sent[from..from + captured.min(wire)];
                    test.segment(at, payload, wire, false, what == 2);
                }
            }
        }
        let mut place = 0;
        for told in test.finished() {
            match told {
                Bytes(bytes) => {
                    prop_assert_eq!(&bytes[..], &sent[place..place + bytes.len()]);
                    place += bytes.len();
                }
                Missing(count) => place += count,
            }
        }
    }
}
