//! Frames in, connections out.

use super::connection::{Class, Connection, End};
use super::fragments::Fragments;
use super::icmp::{self, IcmpError};
use super::key::{FiveTuple, Protocol, Side};
use super::packet::{self, Content, Packet};
use super::path::{Path, Paths, Step};
use super::table::{Slot, Table};
use crate::budget::Budget;
use crate::decode::{Next, Span, ethernet};
use crate::frame::{Frame, Timestamp};
use crate::guard::guarded;

/// What was counted on the way.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Frames that were looked at.
    pub frames: u64,
    /// Connections that were begun.
    pub connections: u64,
    /// Pairs of hosts one of which asked for the link address of the other.
    pub neighbours: u64,
    /// Connections that had to go before their end, as others needed the room.
    pub evicted: u64,
    /// Frames without an IP packet or a question for a neighbour.
    pub without_ip: u64,
    /// Later fragments whose first was not seen before them.
    pub orphans: u64,
    /// Frames that made a decoder panic: a fault of ours.
    pub failures: u64,
}

/// Whose packet a frame was found to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pushed {
    /// The number of the first frame of its connection.
    pub first_frame: u64,
    /// Who sent it.
    pub side: Side,
    /// It may tell what a host or service is called.
    pub may_name: bool,
}

/// Follows connections. Time is that of the frames: it does not go back, and what is idle is idle by it.
#[derive(Debug)]
pub struct Tracker {
    table: Table,
    paths: Paths,
    fragments: Fragments,
    steps: Vec<Step>,
    /// The latest time of a frame, in seconds since that of the first.
    now: u32,
    begun: Option<i64>,
    /// That of the latest frame, to the nanosecond.
    latest: Timestamp,
    counts: Counts,
    /// Whether networks are told apart.
    apart: bool,
}

impl Tracker {
    /// One that takes what the budget has left, and never more.
    pub fn new(budget: &Budget) -> Self {
        Tracker {
            apart: true,
            table: Table::new(budget),
            paths: Paths::default(),
            fragments: Fragments::default(),
            steps: Vec::new(),
            now: 0,
            begun: None,
            latest: Timestamp::default(),
            counts: Counts::default(),
        }
    }

    /// The same endpoints are one connection, whatever network they are seen in: there are networks that carry the two directions
    /// of a connection under different numbers.
    pub fn with_networks_merged(self, merged: bool) -> Self {
        Tracker { apart: !merged, ..self }
    }

    /// Takes a frame, whose number in the capture counts from 1, and hands over the connections that are over. Tells whose it was; none
    /// of what is no packet of a connection.
    pub fn push(&mut self, frame: &Frame<'_>, number: u64, ended: &mut impl FnMut(Connection)) -> Option<Pushed> {
        self.counts.frames = self.counts.frames.saturating_add(1);
        self.advance(frame.time, ended);
        let Some(found) = guarded(|| packet::find(frame, &mut self.steps)) else {
            self.counts.failures = self.counts.failures.saturating_add(1);
            return None;
        };
        let Some(packet) = found else {
            self.counts.without_ip = self.counts.without_ip.saturating_add(1);
            return None;
        };
        let path = if self.apart { self.paths.of(&self.steps) } else { Path::PLAIN };
        if let Some((kind, code, mtu)) = icmp::error_of(&packet.content)
            && let Some(quoted) = quoted(&packet, path)
        {
            let (slot, about) = self.find_or_begin(&quoted, None, (frame.time, number), ended)?;
            let from = packet.source.address;
            self.update(slot, ended, |connection| {
                let mark = connection.mark(frame.time, number);
                connection.reject(IcmpError { from, about, kind, code, mtu, mark, last: mark, count: 1 });
            });
            return None;
        }
        let Some(tuple) = self.fragments.tuple(&packet, path) else {
            self.counts.orphans = self.counts.orphans.saturating_add(1);
            return None;
        };
        let is_later = packet.fragment.is_some_and(|fragment| !fragment.is_first);
        let (slot, side) = self.find_or_begin(&tuple, Some(&packet), (frame.time, number), ended)?;
        let mut pushed = None;
        self.update(slot, ended, |connection| {
            let mark = connection.mark(frame.time, number);
            if is_later {
                connection.extend(side, &packet, frame.wire_len, mark);
            } else {
                connection.push(side, &packet, frame.wire_len, mark);
            }
            let (first_frame, may_name) = (connection.first_frame(), connection.may_name(side, &packet));
            pushed = Some(Pushed { first_frame, side, may_name });
        });
        pushed
    }

    /// Hands over those that are still open, in the order of their first frames. Nothing is left then.
    pub fn finish(&mut self, ended: &mut impl FnMut(Connection)) {
        for slot in self.in_order(Connection::first_frame) {
            self.end(slot, End::Open, ended);
        }
    }

    /// Where those are that are open now, the one with the least key first: for [`take`](Self::take).
    pub fn in_order(&self, key: impl Fn(&Connection) -> u64) -> Vec<Slot> {
        self.table.sorted(key).into_iter().map(|(_, slot)| slot).collect()
    }

    /// Takes one out that is open, as at the end of a capture.
    pub fn take(&mut self, slot: Slot) -> Option<Connection> {
        let mut taken = None;
        self.end(slot, End::Open, &mut |connection| taken = Some(connection));
        taken
    }

    /// Time goes on without a frame, as where a live capture is quiet.
    pub fn advance(&mut self, time: Timestamp, ended: &mut impl FnMut(Connection)) {
        self.latest = self.latest.max(time);
        let since = time.secs().saturating_sub(*self.begun.get_or_insert(time.secs()));
        let now = u32::try_from(since.max(0)).unwrap_or(u32::MAX);
        if now <= self.now {
            return;
        }
        self.now = now;
        for class in Class::ALL {
            while let Some((slot, used)) = self.table.oldest_of(class) {
                if u64::from(now.saturating_sub(used)) <= class.patience().as_secs() {
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

    /// Bytes that the connections which are open take.
    pub fn memory(&self) -> usize {
        self.table.bytes()
    }

    /// How many connections are open now.
    pub fn open_count(&self) -> usize {
        self.table.len()
    }

    /// Where the connection of a packet stands, and which of its ends sent it; one is begun where there is none.
    #[inline]
    fn find_or_begin(
        &mut self,
        tuple: &FiveTuple,
        packet: Option<&Packet<'_>>,
        (time, number): (Timestamp, u64),
        ended: &mut impl FnMut(Connection),
    ) -> Option<(Slot, Side)> {
        let (id, side) = tuple.id();
        if let Some(slot) = self.table.find(&id) {
            let is_new =
                packet.zip(self.table.get(slot)).is_some_and(|(packet, known)| known.begins_anew(side, packet));
            if !is_new {
                return Some((slot, side));
            }
            self.end(slot, End::Replaced, ended);
        }
        let slot = self.begin(Connection::begin(tuple, packet, time, number), ended)?;
        Some((slot, side))
    }

    fn begin(&mut self, mut connection: Connection, ended: &mut impl FnMut(Connection)) -> Option<Slot> {
        let count = match connection.protocol() {
            Protocol::Neighbour => &mut self.counts.neighbours,
            _ => &mut self.counts.connections,
        };
        *count = count.saturating_add(1);
        loop {
            match self.table.insert(connection, self.now) {
                Ok(slot) => return Some(slot),
                Err(refused) => connection = *refused,
            }
            let oldest = self.table.oldest()?;
            self.end(oldest, End::Evicted, ended);
        }
    }

    #[inline]
    fn update(&mut self, slot: Slot, ended: &mut impl FnMut(Connection), change: impl FnOnce(&mut Connection)) {
        self.table.update(slot, self.now, change);
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
