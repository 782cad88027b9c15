//! Frames in, connections out.

use super::connection::{Class, Connection, End};
use super::fragments::Fragments;
use super::icmp::{self, IcmpError};
use super::key::FiveTuple;
use super::packet::{self, Content, Packet};
use super::path::{Path, Paths, Step};
use super::table::{Slot, Table};
use crate::budget::Budget;
use crate::decode::{Next, Span, ethernet};
use crate::frame::{Frame, Timestamp};

/// What was counted on the way.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Frames that were looked at.
    pub frames: u64,
    /// Connections that were begun.
    pub connections: u64,
    /// Connections that had to go before their end, as others needed the room.
    pub evicted: u64,
    /// Frames without an IP packet or a question for a neighbour.
    pub without_ip: u64,
    /// Later fragments whose first was not seen before them.
    pub orphans: u64,
}

/// Follows connections. Time is that of the frames: it does not go back, and what is idle is idle by it.
#[derive(Debug)]
pub struct Tracker {
    table: Table,
    paths: Paths,
    fragments: Fragments,
    steps: Vec<Step>,
    /// The latest time of a frame, in seconds; none before the first.
    now: Option<i64>,
    /// That of the latest one, to the nanosecond.
    latest: Timestamp,
    counts: Counts,
}

impl Tracker {
    /// One that takes what the budget has left, and never more.
    pub fn new(budget: &Budget) -> Self {
        Tracker {
            table: Table::new(budget),
            paths: Paths::default(),
            fragments: Fragments::default(),
            steps: Vec::new(),
            now: None,
            latest: Timestamp::default(),
            counts: Counts::default(),
        }
    }

    /// Takes a frame, whose number in the capture counts from 1, and hands over the connections that are over.
    pub fn push(&mut self, frame: &Frame<'_>, number: u64, ended: &mut impl FnMut(Connection)) {
        self.counts.frames = self.counts.frames.saturating_add(1);
        self.advance(frame.time, ended);
        let Some(packet) = packet::find(frame, &mut self.steps) else {
            self.counts.without_ip = self.counts.without_ip.saturating_add(1);
            return;
        };
        let path = self.paths.of(&self.steps);
        if let Some((kind, code, mtu)) = icmp::error_of(&packet.content)
            && let Some(quoted) = quoted(&packet, path)
        {
            let slot = self.find_or_begin(&quoted, None, frame.time, number, ended);
            let (_, about) = quoted.id();
            let from = packet.source.address;
            return self.update(slot, ended, |connection| {
                let mark = connection.mark(frame.time, number);
                connection.reject(IcmpError { from, about, kind, code, mtu, mark, last: mark, count: 1 });
            });
        }
        let Some(tuple) = self.fragments.tuple(&packet, path) else {
            self.counts.orphans = self.counts.orphans.saturating_add(1);
            return;
        };
        let is_later = packet.fragment.is_some_and(|fragment| !fragment.is_first);
        let slot = self.find_or_begin(&tuple, Some(&packet), frame.time, number, ended);
        let (_, side) = tuple.id();
        self.update(slot, ended, |connection| {
            let mark = connection.mark(frame.time, number);
            if is_later {
                connection.extend(side, &packet, frame.wire_len, mark);
            } else {
                connection.push(side, &packet, frame.wire_len, mark);
            }
        });
    }

    /// Hands over those that are still open, the one with the least key first. Nothing is left then.
    pub fn finish(&mut self, key: impl Fn(&Connection) -> u64, ended: &mut impl FnMut(Connection)) {
        for (_, slot) in self.table.sorted(key) {
            self.end(slot, End::Open, ended);
        }
    }

    /// Time goes on without a frame, as where a live capture is quiet.
    pub fn advance(&mut self, time: Timestamp, ended: &mut impl FnMut(Connection)) {
        self.latest = self.latest.max(time);
        if self.now.is_some_and(|now| now >= time.secs()) {
            return;
        }
        self.now = Some(time.secs());
        for class in Class::ALL {
            let patience = i64::try_from(class.patience().as_secs()).unwrap_or(i64::MAX);
            while let Some((slot, used)) = self.table.oldest_of(class) {
                if time.secs().saturating_sub(used) <= patience {
                    break;
                }
                self.end(slot, if class == Class::Closed { End::Closed } else { End::Idle }, ended);
            }
        }
    }

    /// Those that are open now, in no order.
    pub fn open(&self) -> impl Iterator<Item = &Connection> {
        self.table.iter()
    }

    /// The latest time that it was told of.
    pub fn latest(&self) -> Timestamp {
        self.latest
    }

    /// The networks that connections were seen in.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many connections are open now.
    pub fn open_count(&self) -> usize {
        self.table.len()
    }

    fn find_or_begin(
        &mut self,
        tuple: &FiveTuple,
        packet: Option<&Packet<'_>>,
        time: Timestamp,
        number: u64,
        ended: &mut impl FnMut(Connection),
    ) -> Option<Slot> {
        let (id, side) = tuple.id();
        if let Some(slot) = self.table.find(&id) {
            let is_new =
                packet.zip(self.table.get(slot)).is_some_and(|(packet, known)| known.begins_anew(side, packet));
            if !is_new {
                return Some(slot);
            }
            self.end(slot, End::Replaced, ended);
        }
        self.counts.connections = self.counts.connections.saturating_add(1);
        let mut connection = Connection::begin(tuple, packet, time, number);
        loop {
            match self.table.insert(connection, self.now.unwrap_or(0)) {
                Ok(slot) => return Some(slot),
                Err(refused) => connection = *refused,
            }
            let oldest = self.table.oldest()?;
            self.end(oldest, End::Evicted, ended);
        }
    }

    fn update(&mut self, slot: Option<Slot>, ended: &mut impl FnMut(Connection), change: impl FnOnce(&mut Connection)) {
        let Some(slot) = slot else { return };
        self.table.update(slot, self.now.unwrap_or(0), change);
        while self.table.is_over()
            && let Some(oldest) = self.table.oldest()
        {
            self.end(oldest, End::Evicted, ended);
        }
    }

    fn end(&mut self, slot: Slot, end: End, ended: &mut impl FnMut(Connection)) {
        let Some(mut connection) = self.table.remove(slot) else { return };
        connection.watch_until(self.latest);
        // One that was closed is told as such, whatever else took it away.
        connection.end = if connection.class() == Class::Closed { End::Closed } else { end };
        if connection.end == End::Evicted {
            self.counts.evicted = self.counts.evicted.saturating_add(1);
        }
        ended(connection);
    }
}

/// The direction of the packet that an ICMP error quotes.
fn quoted(packet: &Packet<'_>, path: Path) -> Option<FiveTuple> {
    let (next, span): (Next, Span<'_>) = match packet.content {
        Content::Icmpv4(_) => (Next::EtherType(ethernet::IPV4), packet.payload),
        Content::Icmpv6(_) => (Next::EtherType(ethernet::IPV6), packet.payload),
        _ => return None,
    };
    packet::quoted(next, span).map(|quoted| quoted.tuple(path))
}
