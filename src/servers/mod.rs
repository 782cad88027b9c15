//! Sockets that connections were made to: what each had to do, and how it did. No I/O; connections come in as they are over.

mod times;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::flow::{self, Cast, Connection, Endpoint, Errno, Mark, Outcome, Path, Protocol, Tcp, Transport};
use crate::roster::End;

pub use times::Times;

/// What a server takes, in bytes, while the table of them may be grown by copying.
const SERVER: usize = 3 * size_of::<(Service, Server)>();
/// What one of its spans takes, in the same way.
const SPAN: usize = 2 * size_of::<Span>();
/// What one of its classes of times takes, in the same way.
const CLASS: usize = 2 * size_of::<(u16, u64)>();

/// What tells servers apart.
type Service = (Protocol, Endpoint, Path);

/// When a connection was open, and from when on it was served, in nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    begin: i128,
    served: Option<i128>,
    end: i128,
}

/// How a server goes about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// It served several connections at the same time.
    Concurrent,
    /// Several were open at the same time, and it served one after the other.
    Iterative,
}

impl Way {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Way::Concurrent => "concurrent",
            Way::Iterative => "iterative",
        }
    }
}

/// A socket that listens, or takes datagrams from anybody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    pub protocol: Protocol,
    pub end: Endpoint,
    /// The networks around it.
    pub path: Path,
    /// Its name and process, of the first connection that told.
    pub known: End,
    /// The number of the first frame of its connections.
    pub first_frame: u64,
    /// Connections that it had; of datagrams, clients that it answered.
    pub connections: u64,
    /// Those that it refused.
    pub refused: u64,
    /// Those that had no answer, or another error than a refusal.
    pub unanswered: u64,
    /// Those that show that its backlog was full: a SYN was sent again before it was answered, or a SYN with ACK was sent again,
    /// as the last step of the handshake had found no room.
    pub overflows: u64,
    /// From the first byte asked to the first byte answered.
    pub served: Times,
    /// Bytes of data from clients.
    pub received: u64,
    /// Bytes of data to clients.
    pub sent: u64,
    spans: Vec<Span>,
    /// There was no room for all spans.
    pub is_cut: bool,
}

impl Server {
    fn new(connection: &Connection) -> Self {
        Server {
            protocol: connection.protocol(),
            end: connection.server(),
            path: connection.path(),
            known: End::default(),
            first_frame: connection.first_frame(),
            connections: 0,
            refused: 0,
            unanswered: 0,
            overflows: 0,
            served: Times::default(),
            received: 0,
            sent: 0,
            spans: Vec::new(),
            is_cut: false,
        }
    }

    /// Whether a socket was there: something was answered.
    pub fn is_open(&self) -> bool {
        self.connections > 0
    }

    /// The most connections that were open at once; nothing of datagrams, which have none.
    pub fn at_once(&self) -> Option<usize> {
        (!self.spans.is_empty()).then(|| most_at_once(self.spans.iter().map(|span| (span.begin, span.end))))
    }

    /// How it goes about several connections; nothing where that was not put to the test.
    pub fn way(&self) -> Option<Way> {
        let served = || self.spans.iter().filter_map(|span| span.served.map(|served| (served, span.end)));
        let open = self.spans.iter().filter(|span| span.served.is_some()).map(|span| (span.begin, span.end));
        match (most_at_once(served()), most_at_once(open)) {
            (2.., _) => Some(Way::Concurrent),
            (_, 2..) => Some(Way::Iterative),
            _ => None,
        }
    }
}

/// How many spans there are at most at one time. One that ends as another begins is not there with it.
fn most_at_once(spans: impl Iterator<Item = (i128, i128)>) -> usize {
    let mut steps: Vec<(i128, i8)> = spans.flat_map(|(begin, end)| [(begin, 1), (end, -1)]).collect();
    steps.sort_unstable();
    let (mut now, mut most) = (0isize, 0isize);
    for (_, step) in steps {
        now = now.saturating_add(step.into());
        most = most.max(now);
    }
    usize::try_from(most).unwrap_or(0)
}

/// What became of a connection, for the server.
enum Fate {
    Accepted,
    Refused,
    Unanswered,
}

fn fate(connection: &Connection) -> Fate {
    let verdict = connection.verdict();
    let answer = if connection.exchanges().is_some() { verdict.connect.or(verdict.client) } else { verdict.connect };
    let outcome = answer.map(|answer| answer.outcome);
    let has_answered = connection.received().packets > 0;
    match (&connection.transport, outcome) {
        (_, Some(Outcome::Failed(Errno::ConnectionRefused))) => Fate::Refused,
        (Transport::Tcp(_), Some(Outcome::Ok)) => Fate::Accepted,
        (Transport::Tcp(_), Some(_)) => Fate::Unanswered,
        // The beginning was not captured, or there is no such call.
        _ if has_answered => Fate::Accepted,
        _ => Fate::Unanswered,
    }
}

/// The servers of connections, as many as there is room for.
#[derive(Debug)]
pub struct Servers {
    table: HashMap<Service, Server, RandomState>,
    /// Bytes that are left.
    room: usize,
    /// Those in the table that are not open.
    closed: usize,
    /// Connections to servers that there was no room for.
    pub left_out: u64,
}

impl Servers {
    /// An empty table that may take so many bytes.
    pub fn new(room: usize) -> Self {
        Servers { table: HashMap::default(), room, closed: 0, left_out: 0 }
    }

    /// Takes a connection that is over, and what is known of its server.
    pub fn add(&mut self, connection: &Connection, known: &End) {
        if !connection.protocol().has_ports() || connection.cast != Cast::Unicast {
            return;
        }
        let service = (connection.protocol(), connection.server(), connection.path());
        if !self.table.contains_key(&service) && !self.make_room() {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let Servers { table, room, closed, .. } = self;
        let server = table.entry(service).or_insert_with(|| {
            *room = room.saturating_sub(SERVER);
            *closed = closed.saturating_add(1);
            Server::new(connection)
        });
        let was_open = server.is_open();
        server.first_frame = server.first_frame.min(connection.first_frame());
        server.received = server.received.saturating_add(connection.sent().payload_bytes);
        server.sent = server.sent.saturating_add(connection.received().payload_bytes);
        if server.known.name.is_none() {
            server.known.name.clone_from(&known.name);
        }
        if server.known.process.is_none() {
            server.known.process.clone_from(&known.process);
        }
        let fate = fate(connection);
        let count = match fate {
            Fate::Accepted => &mut server.connections,
            Fate::Refused => &mut server.refused,
            Fate::Unanswered => &mut server.unanswered,
        };
        *count = count.saturating_add(1);
        if server.is_open() && !was_open {
            *closed = closed.saturating_sub(1);
        }
        let waited = match connection.exchanges() {
            Some(exchanges) => exchanges.round_trips.mean(),
            None => connection.service_time(),
        };
        if let Some(time) = waited
            && server.served.add(time)
        {
            *room = room.saturating_sub(CLASS);
        }
        let Some(tcp) = connection.tcp() else { return };
        if is_overflow(connection, tcp) {
            server.overflows = server.overflows.saturating_add(1);
        }
        if !matches!(fate, Fate::Accepted) {
            return;
        }
        if *room < SPAN {
            server.is_cut = true;
            return;
        }
        *room = room.saturating_sub(SPAN);
        server.spans.push(span(connection, tcp));
    }

    /// Whether there is room for another server. What never answered makes room: a scan should not hide what is there.
    fn make_room(&mut self) -> bool {
        if self.room < SERVER && self.closed > self.table.len() / 4 {
            let before = self.table.len();
            let left_out = &mut self.left_out;
            self.table.retain(|_, server| {
                if !server.is_open() {
                    *left_out = left_out.saturating_add(server.refused).saturating_add(server.unanswered);
                }
                server.is_open()
            });
            let gone = before.saturating_sub(self.table.len());
            self.room = self.room.saturating_add(gone.saturating_mul(SERVER));
            self.closed = 0;
        }
        self.room >= SERVER
    }

    /// All of them, by their first frame.
    pub fn finish(self) -> Vec<Server> {
        let mut servers: Vec<Server> = self.table.into_values().collect();
        servers.sort_unstable_by_key(|server| server.first_frame);
        servers
    }
}

fn is_overflow(connection: &Connection, tcp: &Tcp) -> bool {
    let (client, server) = (tcp.sides.of(connection.client), tcp.sides.of(connection.client.other()));
    server.syns > 1 || client.syns > 1 && server.syn.is_some()
}

/// From the end of the handshake until the server closed. One that nobody was seen to close stays open, unless its ports were used
/// again.
fn span(connection: &Connection, tcp: &Tcp) -> Span {
    let at = |mark: Mark| connection.time(mark).as_nanos();
    let start = connection.start().as_nanos();
    let after = |nanos: u64| start.saturating_add(nanos.into());
    let last = start.saturating_add(i128::try_from(connection.duration().as_nanos()).unwrap_or(i128::MAX));
    let fin = tcp.sides.of(connection.client.other()).fin;
    let reset = tcp.reset().map(|reset| reset.mark);
    Span {
        begin: tcp.established.map_or(start, at),
        served: connection.received().first_payload.map(|since| after(since.nanos())),
        end: match [fin, reset].into_iter().flatten().map(at).min() {
            Some(closed) => closed,
            None if connection.end == flow::End::Replaced => last,
            None => i128::MAX,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::tcp::{ACK, FIN, SYN};
    use crate::flow::testing::{Lab, Segment};
    use proptest::prelude::*;

    #[test]
    fn those_that_touch_are_not_there_at_once() {
        let most = |spans: &[(i128, i128)]| most_at_once(spans.iter().copied());
        assert_eq!(most(&[]), 0);
        assert_eq!(most(&[(0, 2), (2, 4)]), 1);
        assert_eq!(most(&[(0, 3), (2, 4), (3, 5)]), 2);
        assert_eq!(most(&[(0, 9), (1, 2), (3, 4)]), 2);
    }

    /// A connection to 10.0.0.2:80 from a port of its own: the handshake, a request and an answer at these milliseconds, and the
    /// server's FIN.
    struct Story {
        syns: usize,
        asked: i64,
        answered: i64,
        closed: i64,
    }

    fn summed_up(stories: &[Story]) -> Server {
        let mut steps = Vec::new();
        for (port, story) in (0u16..).zip(stories) {
            let at = |millis: i64, segment: Segment| (millis, port, segment);
            for again in 0..story.syns {
                steps.push(at(i64::try_from(again).unwrap(), Segment::client(SYN, 100, 0, 0)));
            }
            steps.push(at(5, Segment::server(SYN | ACK, 500, 101, 0)));
            steps.push(at(6, Segment::client(ACK, 101, 501, 0)));
            steps.push(at(story.asked, Segment::client(ACK, 101, 501, 10)));
            steps.push(at(story.answered, Segment::server(ACK, 501, 111, 20)));
            steps.push(at(story.closed, Segment::server(FIN | ACK, 521, 111, 0)));
        }
        steps.sort_by_key(|(millis, ..)| *millis);
        let mut lab = Lab::new();
        let begin = lab.clock;
        for (millis, port, segment) in steps {
            let mut packet = segment.packet();
            let place = if segment.from_server { 22 } else { 20 };
            packet[place..place + 2].copy_from_slice(&(40000 + port).to_be_bytes());
            lab.clock = begin + millis * 1000;
            lab.packet(&packet);
        }
        let mut servers = Servers::new(1 << 20);
        lab.finish().iter().for_each(|connection| servers.add(connection, &End::default()));
        let mut all = servers.finish();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn one_after_the_other_is_told_from_all_at_once() {
        let story = |asked, answered, closed| Story { syns: 1, asked, answered, closed };
        let server = summed_up(&[story(10, 20, 30), story(11, 40, 50), story(12, 60, 70)]);
        assert_eq!((server.connections, server.at_once(), server.way()), (3, Some(3), Some(Way::Iterative)));
        assert_eq!((server.received, server.sent, server.overflows), (30, 60, 0));
        let p50 = server.served.percentile(50).unwrap().as_micros();
        assert!((28_000..=29_000).contains(&p50), "{p50}");
        let server = summed_up(&[story(10, 20, 30), story(11, 25, 50)]);
        assert_eq!((server.at_once(), server.way()), (Some(2), Some(Way::Concurrent)));
        let server = summed_up(&[story(10, 20, 30)]);
        assert_eq!((server.at_once(), server.way()), (Some(1), None));
    }

    #[test]
    fn what_nobody_closed_is_open_to_the_end() {
        let mut lab = Lab::new();
        for port in 0..3u16 {
            for segment in [
                Segment::client(SYN, 100, 0, 0),
                Segment::server(SYN | ACK, 500, 101, 0),
                Segment::client(ACK, 101, 501, 0),
            ] {
                let mut packet = segment.packet();
                let place = if segment.from_server { 22 } else { 20 };
                packet[place..place + 2].copy_from_slice(&(40000 + port).to_be_bytes());
                lab.packet(&packet);
            }
        }
        let mut servers = Servers::new(1 << 20);
        lab.finish().iter().for_each(|connection| servers.add(connection, &End::default()));
        assert_eq!(servers.finish()[0].at_once(), Some(3));
    }

    #[test]
    fn a_syn_that_was_sent_again_and_answered_shows_a_full_backlog() {
        let story = |syns| Story { syns, asked: 10, answered: 20, closed: 30 };
        assert_eq!(summed_up(&[story(2), story(1)]).overflows, 1);
    }

    #[test]
    fn a_scan_does_not_hide_what_is_there() {
        let mut lab = Lab::new();
        lab.handshake();
        for port in 1000..3000u16 {
            let mut syn = Segment::client(SYN, 100, 0, 0).packet();
            syn[22..24].copy_from_slice(&port.to_be_bytes());
            lab.packet(&syn);
        }
        let mut servers = Servers::new(100 * SERVER);
        lab.finish().iter().for_each(|connection| servers.add(connection, &End::default()));
        assert!(servers.left_out > 0);
        let all = servers.finish();
        assert!(all.len() <= 100);
        assert_eq!(all.iter().filter(|server| server.is_open()).count(), 1);
    }

    proptest! {
        #[test]
        fn the_most_are_those_at_the_beginning_of_one(
            spans in proptest::collection::vec((0i128..50, 1i128..20), 0..30)
        ) {
            let spans: Vec<_> = spans.into_iter().map(|(begin, len)| (begin, begin + len)).collect();
            let at = |time: i128| spans.iter().filter(|(begin, end)| (*begin..*end).contains(&time)).count();
            let most = spans.iter().map(|(begin, _)| at(*begin)).max().unwrap_or(0);
            prop_assert_eq!(most_at_once(spans.iter().copied()), most);
        }
    }
}
