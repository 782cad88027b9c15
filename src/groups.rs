//! Connections summed up by what they have in common. No I/O; they come in as they are over.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::flow::{Connection, Outcome, Protocol};
use crate::roster::{End, Ends, Process};

/// What a group takes, in bytes, while the table of them may be grown by copying.
const GROUP: usize = 3 * size_of::<(Key, Group)>();

/// What connections may have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// An address at either end.
    Host,
    /// Protocol and port of the server.
    Port,
    /// A process at either end.
    Process,
    /// What the server is called.
    Name,
}

/// What the connections of a group have in common.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Key {
    Host(IpAddr),
    Port(Protocol, u16),
    Process(Arc<Process>),
    Name(Box<[u8]>),
    /// Nothing is known: no port, no process, no name.
    None,
}

/// The sums of a group.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Group {
    pub first_frame: u64,
    pub connections: u64,
    /// Those whose client was told an error.
    pub failed: u64,
    pub packets: u64,
    /// Bytes of data: of hosts and processes those that they sent; else those of clients.
    pub sent: u64,
    /// The same the other way.
    pub received: u64,
    /// What the host is called.
    pub name: Option<Box<[u8]>>,
    /// How many there were before it.
    place: usize,
}

/// The groups of connections, as many as there is room for.
#[derive(Debug)]
pub struct Groups {
    by: By,
    table: HashMap<Key, Group, RandomState>,
    room: usize,
    /// Connections to whose group there was no room.
    pub left_out: u64,
}

impl Groups {
    /// An empty table that may take so many bytes.
    pub fn new(by: By, room: usize) -> Self {
        Groups { by, table: HashMap::default(), room: room / GROUP, left_out: 0 }
    }

    /// Takes a connection that is over, and what is known of its ends.
    pub fn add(&mut self, connection: &Connection, ends: &Ends) {
        if connection.protocol() == Protocol::Neighbour {
            return;
        }
        let Ends { client, server } = ends;
        let has_ports = connection.protocol().has_ports();
        match self.by {
            By::Host => {
                let (from, to) = (connection.client().address, connection.server().address);
                self.count(Key::Host(from), connection, true, Some(client));
                if from != to {
                    self.count(Key::Host(to), connection, false, Some(server));
                }
            }
            By::Process => {
                let process = |end: &End| end.process.clone().map(Key::Process);
                match (process(client), process(server)) {
                    (None, None) => self.count(Key::None, connection, true, None),
                    (one, other) => {
                        let is_another = one != other;
                        one.into_iter().for_each(|one| self.count(one, connection, true, None));
                        let other = other.filter(|_| is_another);
                        other.into_iter().for_each(|other| self.count(other, connection, false, None));
                    }
                }
            }
            By::Port => {
                let port = if has_ports { connection.server().port } else { 0 };
                self.count(Key::Port(connection.protocol(), port), connection, true, None);
            }
            By::Name => {
                let key =
                    server.name.as_ref().map_or(Key::None, |name| Key::Name(name.text.to_ascii_lowercase().into()));
                self.count(key, connection, true, None);
            }
        }
    }

    fn count(&mut self, key: Key, connection: &Connection, is_client: bool, end: Option<&End>) {
        if self.table.len() >= self.room && !self.table.contains_key(&key) {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let first = connection.first_frame();
        let place = self.table.len();
        let group = self.table.entry(key).or_insert_with(|| Group { first_frame: first, place, ..Group::default() });
        let (client, server) = (connection.sent(), connection.received());
        let (sent, received) = if is_client { (client, server) } else { (server, client) };
        let verdict = connection.verdict();
        let has_failed = [verdict.connect, verdict.client]
            .into_iter()
            .flatten()
            .any(|answer| matches!(answer.outcome, Outcome::Failed(_)));
        group.first_frame = group.first_frame.min(first);
        for (sum, more) in [
            (&mut group.connections, 1),
            (&mut group.failed, has_failed.into()),
            (&mut group.packets, sent.packets.saturating_add(received.packets)),
            (&mut group.sent, sent.payload_bytes),
            (&mut group.received, received.payload_bytes),
        ] {
            *sum = sum.saturating_add(more);
        }
        if group.name.is_none() {
            group.name = end.and_then(|end| end.name.as_ref()).map(|name| name.text.clone());
        }
    }

    /// All of them, by their first frame.
    pub fn finish(self) -> Vec<(Key, Group)> {
        let mut groups: Vec<(Key, Group)> = self.table.into_iter().collect();
        groups.sort_unstable_by_key(|(_, group)| (group.first_frame, group.place));
        groups
    }
}
