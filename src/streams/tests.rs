//! Conversations from their frames: who speaks, what is told, how it ends, and what is given up.

use std::collections::HashMap;

use super::*;
use crate::decode::tcp::{ACK, FIN, PSH, RST, SYN};
use crate::frame::{FrameFlags, LinkType};

const CLIENT: u16 = 40_000;
const SERVER: u16 = 80;

/// An IPv4 packet between two machines, the server's port the lesser.
fn packet(protocol: u8, from: u16, to: u16, rest: &[u8], payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + 4 + rest.len() + payload.len()).unwrap();
    let (source, destination) = if from < to { (2, 1) } else { (1, 2) };
    let mut packet = vec![0x45, 0];
    packet.extend(total.to_be_bytes());
    packet.extend([0, 1, 0, 0, 64, protocol, 0, 0, 192, 0, 2, source, 192, 0, 2, destination]);
    packet.extend([from.to_be_bytes(), to.to_be_bytes()].as_flattened());
    packet.extend(rest);
    packet.extend(payload);
    packet
}

fn segment(from: u16, to: u16, sequence: u32, acknowledgment: u32, flags: u16, payload: &[u8]) -> Vec<u8> {
    let mut rest = [sequence.to_be_bytes(), acknowledgment.to_be_bytes()].as_flattened().to_vec();
    rest.extend((0x5000 | flags).to_be_bytes());
    rest.extend([255, 255, 0, 0, 0, 0]);
    packet(6, from, to, &rest, payload)
}

fn datagram(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + payload.len()).unwrap().to_be_bytes();
    packet(17, from, to, &[length[0], length[1], 0, 0], payload)
}

/// Tells what it hears as words: `0c"text"`, `0s[3]` for bytes missing, `0.Closed`, and `0!` as the last of each.
#[derive(Default)]
struct Ear {
    told: Vec<String>,
    /// Only these are wanted, where there are any.
    wanted: Option<u64>,
    ends: HashMap<(u64, Side), usize>,
}

impl Reader for Ear {
    fn wants(&mut self, conversation: &Conversation) -> bool {
        self.wanted.is_none_or(|number| number == conversation.number)
    }

    fn read(&mut self, event: &Event<'_>) {
        let number = event.conversation.number;
        self.told.push(match event.what {
            What::Sent(side, offset, part) => {
                let end = self.ends.entry((number, side)).or_default();
                assert_eq!(offset, *end, "parts follow each other");
                let letter = if side == Side::Client { 'c' } else { 's' };
                let (length, part) = match part {
                    Part::Bytes(bytes) => (bytes.len(), format!("{:?}", String::from_utf8_lossy(bytes))),
                    Part::Missing(count) => (count, format!("[{count}]")),
                };
                *end += length;
                format!("{number}{letter}{part}")
            }
            What::Ended(how) => format!("{number}.{how:?}"),
            What::Over => format!("{number}!"),
        });
    }
}

struct Test {
    streams: Streams,
    ear: Ear,
    seconds: i64,
}

impl Test {
    fn new(memory: usize) -> Self {
        Test { streams: Streams::new(&Budget::new(memory)), ear: Ear::default(), seconds: 0 }
    }

    /// What is told of packets, of each all bytes but the last `cut`.
    fn push_cut(&mut self, packets: &[Vec<u8>], cut: usize) -> Vec<String> {
        for packet in packets {
            self.seconds += 1;
            let frame = Frame {
                time: Timestamp::new(self.seconds, 0),
                data: &packet[..packet.len() - cut],
                wire_len: u32::try_from(packet.len()).unwrap(),
                interface: 0,
                link_type: LinkType::RAW,
                flags: FrameFlags::default(),
                options: &[],
            };
            self.streams.frame(&frame, &mut self.ear);
        }
        std::mem::take(&mut self.ear.told)
    }

    fn push(&mut self, packets: &[Vec<u8>]) -> Vec<String> {
        self.push_cut(packets, 0)
    }

    fn finish(&mut self) -> Vec<String> {
        self.streams.finish(&mut self.ear);
        assert_eq!(self.streams.held, 0);
        std::mem::take(&mut self.ear.told)
    }
}

fn handshake(initial: u32) -> [Vec<u8>; 3] {
    [
        segment(CLIENT, SERVER, initial, 0, SYN, b""),
        segment(SERVER, CLIENT, 900, initial.wrapping_add(1), SYN | ACK, b""),
        segment(CLIENT, SERVER, initial.wrapping_add(1), 901, ACK, b""),
    ]
}

#[test]
fn both_sides_in_turn_until_both_have_closed() {
    let mut test = Test::new(1 << 20);
    assert_eq!(test.push(&handshake(u32::MAX)), [""; 0]);
    let told = test.push(&[
        segment(CLIENT, SERVER, 0, 901, PSH | ACK, b"ask"),
        segment(SERVER, CLIENT, 901, 3, PSH | ACK, b"answer"),
        segment(CLIENT, SERVER, 0, 901, PSH | ACK, b"ask"),
        segment(CLIENT, SERVER, 3, 907, FIN | ACK, b""),
        segment(SERVER, CLIENT, 907, 4, FIN | ACK, b"!"),
        segment(CLIENT, SERVER, 4, 909, ACK, b""),
    ]);
    assert_eq!(told, [r#"0c"ask""#, r#"0s"answer""#, r#"0s"!""#, "0.Closed"]);
    assert_eq!((test.finish(), test.streams.count()), (vec!["0!".to_owned()], 1));
}

#[test]
fn who_answers_a_syn_is_the_server() {
    let mut test = Test::new(1 << 20);
    let told = test.push(&[
        segment(SERVER, CLIENT, 900, 1, SYN | ACK, b""),
        segment(CLIENT, SERVER, 1, 901, ACK, b"ask"),
        segment(SERVER, CLIENT, 901, 4, ACK, b"answer"),
    ]);
    assert_eq!(told, [r#"0c"ask""#, r#"0s"answer""#]);
}

#[test]
fn what_was_acknowledged_and_not_captured_is_missing() {
    let mut test = Test::new(1 << 20);
    test.push(&handshake(0));
    let late = [segment(CLIENT, SERVER, 4, 901, ACK, b"def"), segment(SERVER, CLIENT, 901, 1, ACK, b"x")];
    assert_eq!(test.push(&late), [r#"0s"x""#]);
    assert_eq!(test.push(&[segment(SERVER, CLIENT, 902, 7, ACK, b"")]), ["0c[3]", r#"0c"def""#]);
}

#[test]
fn the_same_ports_again_are_another_conversation() {
    let mut test = Test::new(1 << 20);
    test.push(&handshake(0));
    assert_eq!(test.push(&[segment(CLIENT, SERVER, 0, 0, SYN, b"")]), [""; 0], "sent again");
    test.push(&[segment(CLIENT, SERVER, 1, 901, ACK, b"one")]);
    assert_eq!(test.push(&handshake(5000)), ["0.Replaced", "0!"]);
    assert_eq!(test.push(&[segment(CLIENT, SERVER, 5001, 901, ACK, b"two")]), [r#"1c"two""#]);
    assert_eq!((test.finish(), test.streams.count()), (vec!["1.Open".to_owned(), "1!".to_owned()], 2));
}

#[test]
fn a_reset_ends_it_and_what_it_carries_is_not_read() {
    let mut test = Test::new(1 << 20);
    test.push(&handshake(0));
    let told = test.push(&[
        segment(SERVER, CLIENT, 901, 1, RST | ACK, b"no such service"),
        // Its true receiver did not heed it.
        segment(CLIENT, SERVER, 1, 901, ACK, b"more"),
    ]);
    assert_eq!(told, ["0.Reset(Server)", r#"0c"more""#]);
    assert_eq!(test.finish(), ["0!"]);
}

#[test]
fn conversations_that_are_not_wanted_count_and_are_not_told() {
    let mut test = Test::new(1 << 20);
    test.ear.wanted = Some(1);
    let told = test.push(&[
        datagram(CLIENT, SERVER, b"one"),
        datagram(CLIENT + 1, SERVER, b"two"),
        datagram(SERVER, CLIENT, b"three"),
    ]);
    assert_eq!((told, test.streams.count()), (vec![r#"1c"two""#.to_owned()], 2));
    assert_eq!(test.finish(), ["1.Open", "1!"]);
}

#[test]
fn datagrams_are_told_as_they_come() {
    let mut test = Test::new(1 << 20);
    let datagrams = [datagram(CLIENT, SERVER, b"question"), datagram(SERVER, CLIENT, b"answer")];
    assert_eq!(test.push(&datagrams), [r#"0c"question""#, r#"0s"answer""#]);
    assert_eq!(test.push_cut(&datagrams, 4), [r#"0c"ques""#, "0c[4]", r#"0s"an""#, "0s[4]"]);
}

#[test]
fn fragments_are_put_together_first() {
    let whole = segment(CLIENT, SERVER, 1, 1, ACK, &[b'x'; 60]);
    let (header, body) = whole.split_at(20);
    let fragment = |from: usize, to: usize| {
        let mut packet = [header, &body[from..to]].concat();
        let length = u16::try_from(packet.len()).unwrap();
        packet[2..4].copy_from_slice(&length.to_be_bytes());
        let more = if to < body.len() { 0x2000 } else { 0 };
        packet[6..8].copy_from_slice(&(u16::try_from(from / 8).unwrap() | more).to_be_bytes());
        packet
    };
    let mut test = Test::new(1 << 20);
    assert_eq!(test.push(&[fragment(48, 80), fragment(0, 48)]), [format!("0c{:?}", "x".repeat(60))]);
}

#[test]
fn what_waits_takes_no_more_than_its_part_of_the_memory() {
    const MEMORY: usize = 4 << 20;
    let mut test = Test::new(MEMORY);
    for port in 0..2000 {
        let port = 10_000 + port;
        // The first byte never comes.
        test.push(&[segment(port, SERVER, 0, 0, SYN, b""), segment(port, SERVER, 2, 0, ACK, &[b'x'; 1400])]);
        assert!(test.streams.held <= MEMORY / 4);
        assert!(test.streams.queue.len() <= 2 * test.streams.table.len() + 64);
    }
    let given = test.streams.given();
    assert!(given.gaps > 1000 && given.conversations == 0, "{given:?}");
    test.finish();
    assert_eq!(test.ear.ends.len(), 2000);
    assert!(test.ear.ends.values().all(|end| *end == 1401), "every byte was told, or told as missing");
}

#[test]
fn one_stream_that_waits_for_ever_does_not_grow() {
    let mut test = Test::new(1 << 20);
    test.push(&handshake(0));
    let mut told = Vec::new();
    for at in 0..2000u32 {
        // Every second segment is lost, and nothing is acknowledged.
        told.extend(test.push(&[segment(CLIENT, SERVER, 2 + at * 2800, 901, ACK, &[b'x'; 1400])]));
        assert!(test.streams.held <= 1 << 18);
    }
    told.extend(test.finish());
    assert_eq!(told.iter().filter(|told| told.starts_with("0c[")).count(), 2000);
}

#[test]
fn a_flood_of_beginnings_takes_no_more_than_its_part_of_the_memory() {
    let mut test = Test::new(1 << 20);
    for port in 1024..60_000u16 {
        test.push(&[segment(port, SERVER, 7, 0, SYN, b"")]);
        assert!(test.streams.table.len() < 2000);
    }
    assert_eq!(test.streams.count(), 60_000 - 1024);
    let left = test.streams.table.len() as u64;
    assert_eq!(test.streams.given().conversations + left, test.streams.count());
}

proptest::proptest! {
    /// Each conversation is told to its end once, whatever comes.
    #[test]
    fn every_conversation_is_told_to_its_end(
        packets in proptest::collection::vec(
            (0u16..3, proptest::bool::ANY, 0u32..60, 0u32..60, 0u16..64, 0usize..30), 0..120),
    ) {
        let mut test = Test::new(200_000);
        let mut told = Vec::new();
        for (port, from_client, sequence, acknowledgment, flags, length) in packets {
            let client = CLIENT + port;
            let (from, to) = if from_client { (client, SERVER) } else { (SERVER, client) };
            told.extend(test.push(&[segment(from, to, sequence, acknowledgment, flags, &vec![b'x'; length])]));
        }
        told.extend(test.finish());
        for number in 0..test.streams.count() {
            let of_it = |told: &&String| told.split(|c: char| !c.is_ascii_digit()).next() == Some(&number.to_string());
            let ends = told.iter().filter(|told| told.starts_with(&format!("{number}."))).count();
            proptest::prop_assert_eq!((ends, told.iter().rfind(of_it)), (1, Some(&format!("{number}!"))));
        }
    }
}
