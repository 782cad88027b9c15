//! Who sent and received most.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::decode::key::Key;
use crate::frame::Frame;

/// The most addresses that are told apart; what others sent and received is counted as one.
pub const MOST: usize = 64 << 10;

/// Packets and bytes on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    pub packets: u64,
    pub bytes: u64,
}

impl Traffic {
    fn add(&mut self, bytes: u32) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes.into());
    }
}

/// An address and what it sent and received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Talker {
    pub address: IpAddr,
    pub sent: Traffic,
    pub received: Traffic,
}

impl Talker {
    /// Bytes sent and received.
    pub fn bytes(&self) -> u64 {
        self.sent.bytes.saturating_add(self.received.bytes)
    }
}

/// Addresses of the outermost IP packets, and their traffic.
#[derive(Debug, Default)]
pub struct Talkers {
    places: HashMap<IpAddr, usize, foldhash::fast::RandomState>,
    talkers: Vec<Talker>,
    /// What addresses beyond the most sent.
    others: Traffic,
    /// The places of the addresses of the packet before: often those of the next.
    last: Option<[(IpAddr, Option<usize>); 2]>,
}

impl Talkers {
    /// Adds a frame, if it holds an IP packet.
    #[inline]
    pub fn add(&mut self, frame: &Frame<'_>) {
        let Some(key) = Key::of(frame.link_type, frame.data, frame.wire_len as usize) else { return };
        let (from, to) = match self.last {
            Some([(a, at), (b, bt)]) if (a, b) == (key.source, key.destination) => (at, bt),
            Some([(a, at), (b, bt)]) if (b, a) == (key.source, key.destination) => (bt, at),
            _ => {
                let (from, to) = (self.place(key.source), self.place(key.destination));
                self.last = Some([(key.source, from), (key.destination, to)]);
                (from, to)
            }
        };
        match from.and_then(|from| self.talkers.get_mut(from)) {
            Some(talker) => talker.sent.add(frame.wire_len),
            None => self.others.add(frame.wire_len),
        }
        if let Some(talker) = to.and_then(|to| self.talkers.get_mut(to)) {
            talker.received.add(frame.wire_len);
        }
    }

    fn place(&mut self, address: IpAddr) -> Option<usize> {
        if let Some(place) = self.places.get(&address) {
            return Some(*place);
        }
        let place = self.talkers.len();
        if place >= MOST {
            return None;
        }
        self.places.insert(address, place);
        self.talkers.push(Talker { address, sent: Traffic::default(), received: Traffic::default() });
        Some(place)
    }

    /// How many addresses there are.
    pub fn count(&self) -> usize {
        self.talkers.len()
    }

    /// What addresses beyond the most that are told apart sent.
    pub fn others(&self) -> Traffic {
        self.others
    }

    /// Those with the most bytes, the first first.
    pub fn top(&self, count: usize) -> Vec<Talker> {
        let mut talkers = self.talkers.clone();
        talkers.sort_by_key(|talker| (std::cmp::Reverse(talker.bytes()), talker.address));
        talkers.truncate(count);
        talkers
    }
}
