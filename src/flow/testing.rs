//! Frames made by hand, for the tests of this room and of those that tell of connections.

use super::{Connection, Tracker};
use crate::budget::Budget;
use crate::decode::tcp::{ACK, SYN};
use crate::frame::{Frame, FrameFlags, LinkType, Timestamp};

/// A tracker, what it has handed over, and a clock.
pub struct Lab {
    pub tracker: Tracker,
    pub ended: Vec<Connection>,
    /// In microseconds.
    pub clock: i64,
    pub number: u64,
}

/// A segment between 10.0.0.1:40000, the client, and 10.0.0.2:80.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    pub from_server: bool,
    pub flags: u16,
    pub sequence: u32,
    pub acknowledgment: u32,
    pub window: u16,
    pub options: Vec<u8>,
    pub payload: usize,
}

impl Segment {
    pub fn client(flags: u16, sequence: u32, acknowledgment: u32, payload: usize) -> Self {
        Segment { flags, sequence, acknowledgment, payload, window: 1000, ..Segment::default() }
    }

    pub fn server(flags: u16, sequence: u32, acknowledgment: u32, payload: usize) -> Self {
        Segment { from_server: true, ..Segment::client(flags, sequence, acknowledgment, payload) }
    }

    /// The packet from its IP header on.
    pub fn packet(&self) -> Vec<u8> {
        let (client, server) = (([10, 0, 0, 1], 40000u16), ([10, 0, 0, 2], 80u16));
        let (from, to) = if self.from_server { (server, client) } else { (client, server) };
        let mut segment = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
        segment.extend(self.sequence.to_be_bytes());
        segment.extend(self.acknowledgment.to_be_bytes());
        segment.extend((((20 + self.options.len() as u16) / 4) << 12 | self.flags).to_be_bytes());
        segment.extend(self.window.to_be_bytes());
        segment.extend([0; 4]);
        segment.extend(&self.options);
        segment.resize(segment.len() + self.payload, b'x');
        ipv4(6, from.0, to.0, &segment)
    }
}

/// An IPv4 packet.
pub fn ipv4(protocol: u8, from: [u8; 4], to: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let head = [0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, protocol, 0, 0];
    [&head[..], &from, &to, payload].concat()
}

/// A UDP datagram in an IPv4 packet.
pub fn udp(from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) -> Vec<u8> {
    let length = 8 + payload.len() as u16;
    let head = [from.1, to.1, length, 0].map(u16::to_be_bytes);
    ipv4(17, from.0, to.0, &[head.as_flattened(), payload].concat())
}

impl Lab {
    pub fn new() -> Self {
        Self::with_memory(1 << 20)
    }

    pub fn with_memory(bytes: usize) -> Self {
        Lab { tracker: Tracker::new(&Budget::new(bytes)), ended: Vec::new(), clock: 1_000_000_000, number: 0 }
    }

    /// A packet, from its IP header on.
    pub fn packet(&mut self, bytes: &[u8]) {
        self.frame(LinkType::RAW, bytes);
    }

    pub fn frame(&mut self, link_type: LinkType, bytes: &[u8]) {
        self.number += 1;
        let frame = Frame {
            time: Timestamp::from_nanos(i128::from(self.clock) * 1000),
            data: bytes,
            wire_len: bytes.len() as u32,
            interface: 0,
            link_type,
            flags: FrameFlags::default(),
            options: &[],
        };
        let ended = &mut self.ended;
        self.tracker.push(&frame, self.number, &mut |connection| ended.push(connection));
    }

    /// A segment, some microseconds after the one before.
    pub fn segment(&mut self, after: i64, segment: Segment) {
        self.clock += after;
        self.packet(&segment.packet());
    }

    /// A handshake from 100 and 500 on: the server answers after 1 ms, the client at once.
    pub fn handshake(&mut self) {
        self.segment(0, Segment::client(SYN, 100, 0, 0));
        self.segment(1000, Segment::server(SYN | ACK, 500, 101, 0));
        self.segment(50, Segment::client(ACK, 101, 501, 0));
    }

    /// All connections, those that are open still behind the others.
    pub fn finish(mut self) -> Vec<Connection> {
        let ended = &mut self.ended;
        self.tracker.finish(&mut |connection| ended.push(connection));
        assert_eq!(self.tracker.open_count(), 0);
        self.ended
    }

    /// The only connection.
    pub fn only(self) -> Connection {
        let mut all = self.finish();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }
}
