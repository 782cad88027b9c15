//! Verdicts on connections, with the kernel as the oracle: real programs are told things by their sockets, and what
//! [`sabueso::flow`] makes of the packets must be what they were told, or must name it where the packets leave it open.

mod lab;
mod programs;

use std::fmt::Write as _;
use std::path::Path;
use std::thread;

use lab::Family::{self, V4, V6};
use lab::{Lab, PLACES, Place};
use programs::*;
use sabueso::budget::Budget;
use sabueso::file::{ReadOptions, Reader};
use sabueso::flow::{Answer, Confidence, Connection, Errno, Outcome, Protocol, Tracker};
use sabueso::frame::Source;

use crate::harness::Rights;

/// A conversation, and what stands in its way.
struct Row {
    name: String,
    protocol: Protocol,
    families: &'static [Family],
    play: Box<dyn Fn(&Call) -> Told + Send + Sync>,
    /// Rules of the router for what it forwards: `TO` are packets to the conversation's port, `FROM` those from it.
    forward: String,
    /// Rules of the server for what it takes in.
    input: String,
    /// The last place where packets of it are seen; none if none are sent.
    reaches: Option<Place>,
    /// It depends on what the program does: the packets can tell no more than what is possible.
    is_open: bool,
    /// It is not over when the capture ends.
    is_late: bool,
}

impl Row {
    fn input(self, rules: &str) -> Row {
        Row { input: rules.to_owned(), ..self }
    }

    /// The router holds something back.
    fn held(self, rules: &str) -> Row {
        Row { forward: rules.to_owned(), ..self }
    }

    /// The router stops all that goes there.
    fn stopped(self, rules: &str) -> Row {
        self.held(rules).until(Place::Router)
    }

    fn until(self, place: Place) -> Row {
        Row { reaches: Some(place), ..self }
    }

    fn only(self, families: &'static [Family]) -> Row {
        Row { families, ..self }
    }

    fn open(self) -> Row {
        Row { is_open: true, ..self }
    }

    fn late(self) -> Row {
        Row { is_late: true, ..self }
    }
}

fn tcp(name: &str, play: impl Fn(&Call) -> Told + Send + Sync + 'static) -> Row {
    Row {
        name: name.to_owned(),
        protocol: Protocol::Tcp,
        families: &[V4, V6],
        play: Box::new(play),
        forward: String::new(),
        input: String::new(),
        reaches: Some(Place::Server),
        is_open: false,
        is_late: false,
    }
}

fn udp(name: &str, play: impl Fn(&Call) -> Told + Send + Sync + 'static) -> Row {
    Row { protocol: Protocol::Udp, ..tcp(name, play) }
}

const ONCE: &str = "limit rate 1/hour burst 1 packets";

fn rows() -> Vec<Row> {
    let mut rows = vec![
        tcp("closed port", connects),
        tcp("dropped by a firewall", connects).stopped("TO drop"),
        tcp("answers dropped by a firewall", connects_to_listener).held("FROM drop"),
        tcp("refused by a firewall", connects).stopped("TO reject with tcp reset"),
        tcp("one rate-limited error", connects)
            .stopped(&format!("TO {ONCE} reject with icmpx type admin-prohibited\nTO drop")),
        tcp("an error on the second SYN", connects)
            .stopped(&format!("TO {ONCE} drop\nTO reject with icmpx type host-unreachable")),
        tcp("silent neighbour", connects_to_silent_neighbour).until(Place::Client),
        tcp("silent neighbour of the router", connects_to_neighbour_of_router).until(Place::Router),
        tcp("no route at the router", connects_where_no_route_leads).until(Place::Router),
        Row { reaches: None, ..tcp("no route here", connects_without_a_route) },
        tcp("too few hops", connects_too_far).until(Place::Router),
        tcp("program gives up", gives_up).stopped("TO drop"),
        tcp("program gives up before the answer", gives_up_before_the_answer).held("FROM tcp sport != @open drop"),
        tcp("slow to answer", connects_to_listener).input(&format!("TO {ONCE} drop")),
        tcp("still waits", waits).input("TO drop").late(),
        tcp("full queue", meets_a_full_queue),
        tcp("thrown out of a full queue", is_thrown_out_of_a_full_queue)
            .held("TO tcp flags & (syn|ack) == ack tcp dport != @open drop"),
        tcp("simultaneous open", meets_halfway).input("TO tcp flags & (syn|ack) == syn drop"),
        tcp("client closes", client_closes),
        tcp("server closes", server_closes),
        tcp("half-close", client_half_closes),
        tcp("server closes with unread data", server_closes_with_unread_data),
        tcp("server aborts", server_aborts),
        tcp("server aborts before data", server_aborts_before_data),
        tcp("client aborts", client_aborts),
        tcp("client writes after the end", client_writes_after_the_end).open(),
        // The capture ends when the program knows: nothing shows that the time is up.
        tcp("server dies", server_dies).open(),
        tcp("server dies silently", server_dies_silently),
        tcp("server can not be reached any more", server_can_not_be_reached_any_more),
        tcp("the same ports again", connects_again),
        tcp("still open", stays).late(),
        udp("datagram answered", asks_and_is_answered),
        udp("datagram to a closed port", asks),
        udp("datagram to a closed port, unconnected", asks_unconnected).open(),
        udp("datagram dropped by a firewall", asks_briefly).stopped("TO drop"),
        udp("datagram too long", asks_at_length).until(Place::Router),
        udp("datagram to a silent neighbour", asks_silent_neighbour).until(Place::Client).open(),
    ];
    // The names of codes are those of nft(8); with each, whether datagram sockets are told of it.
    let codes = |family: Family| match family {
        V4 => &[
            ("net-unreachable", false),
            ("host-unreachable", false),
            ("prot-unreachable", true),
            ("port-unreachable", true),
            ("net-prohibited", true),
            ("host-prohibited", true),
            ("admin-prohibited", true),
        ][..],
        V6 => &[
            ("no-route", false),
            ("admin-prohibited", true),
            ("addr-unreachable", false),
            ("port-unreachable", true),
            ("policy-fail", true),
            ("reject-route", true),
        ],
    };
    for (families, icmp) in [(&[V4][..], "icmp"), (&[V6], "icmpv6")] {
        for (code, is_told) in codes(families[0]) {
            let rule = format!("TO reject with {icmp} type {code}");
            rows.push(tcp(&format!("rejected: {code}"), connects).only(families).stopped(&rule));
            let asks = if *is_told { asks } else { asks_briefly };
            rows.push(udp(&format!("datagram rejected: {code}"), asks).only(families).stopped(&rule));
        }
    }
    let v4 = (0..16).map(|code| (3, code)).chain([(4, 0), (11, 0), (11, 1), (12, 0)]).map(|m| (&[V4][..], m));
    let v6 = (0..8).map(|code| (1, code)).chain([(2, 0), (3, 0), (3, 1), (4, 0), (4, 1)]).map(|m| (&[V6][..], m));
    for (families, (kind, code)) in v4.chain(v6) {
        let name = format!("told by ICMP: type {kind} code {code}");
        rows.push(tcp(&name, move |call| is_told_by_icmp(call, kind, code)).only(families).input("TO drop"));
        let soft: &[_] = if families == [V4] {
            &[(3, 0), (3, 1), (3, 5), (3, 11), (3, 12), (4, 0)]
        } else {
            &[(1, 0), (1, 2), (1, 3)]
        };
        let is_told = kind != if families == [V4] { 11 } else { 3 } && !soft.contains(&(kind, code));
        let asks = move |call: &Call| asks_and_is_told_by_icmp(call, kind, code, is_told);
        rows.push(udp(&format!("datagram {name}"), asks).only(families).input("TO drop"));
    }
    rows
}

/// A conversation as it was had.
struct Had<'a> {
    row: &'a Row,
    family: Family,
    told: Told,
}

/// Runs all conversations of these rows at once, and captures them.
fn run(rows: &[Row]) -> Vec<Had<'_>> {
    const FIRST_PORT: u16 = 5000;
    let calls: Vec<_> =
        rows.iter().flat_map(|row| row.families.iter().map(move |family| (row, *family))).zip(FIRST_PORT..).collect();
    let rules = |of: fn(&Row) -> &str| {
        calls.iter().fold(String::new(), |mut rules, ((row, _), port)| {
            let at = |direction| format!("{} {direction} {port}", row.protocol.name().unwrap());
            let _ = writeln!(rules, "{}", of(row).replace("TO", &at("dport")).replace("FROM", &at("sport")));
            rules
        })
    };
    let gone = "tcp dport @dead drop\ntcp sport @dead drop\n\
                tcp dport @refused reject with icmpx type host-unreachable\n";
    let lab = Lab::new(&(gone.to_owned() + &rules(|row| &row.forward)), &rules(|row| &row.input));
    let captures = lab.capture();
    let mut had = Vec::new();
    for is_late in [false, true] {
        thread::scope(|scope| {
            let running: Vec<_> = calls
                .iter()
                .filter(|((row, _), _)| row.is_late == is_late)
                .map(|((row, family), port)| {
                    let call = Call { lab: &lab, family: *family, port: *port };
                    (*row, *family, scope.spawn(move || (row.play)(&call)))
                })
                .collect();
            had.extend(running.into_iter().map(|(row, family, told)| Had { row, family, told: told.join().unwrap() }));
        });
    }
    for capture in captures {
        assert_eq!(capture.interrupt().code, Some(0));
    }
    had
}

/// The connections of a capture.
fn connections(file: &str) -> Vec<Connection> {
    let mut reader = Reader::open(Path::new(file), ReadOptions::default()).unwrap();
    let mut tracker = Tracker::new(&Budget::new(64 << 20));
    let (mut all, mut number) = (Vec::new(), 0);
    while let Some(block) = reader.next_block().unwrap() {
        for frame in block.frames() {
            number += 1;
            tracker.push(&frame, number, &mut |connection| all.push(connection));
        }
    }
    tracker.finish(&mut |connection| all.push(connection));
    all
}

impl Got {
    /// What a verdict calls it, of `connect` or of what came after.
    fn outcome(self, is_connect: bool) -> Outcome {
        match self {
            Got::Done => Outcome::Ok,
            Got::Eof => Outcome::Eof,
            Got::Failed(errno) => {
                let name = format!("{errno:?}");
                Outcome::Failed(*Errno::ALL.iter().find(|errno| errno.name() == name).unwrap())
            }
            Got::Left if is_connect => Outcome::Abandoned,
            Got::Left => Outcome::Closed,
            Got::Nothing => Outcome::Waiting,
        }
    }
}

impl Had<'_> {
    /// What is wrong with the verdict on this conversation among the connections of a place.
    fn complaint(&self, place: Place, all: &[Connection]) -> Option<String> {
        let Told { local, remote, connect, client, server } = self.told;
        let endpoint = |of: sabueso::flow::Endpoint| (of.address, of.port);
        let found = all.iter().rev().find(|connection| {
            connection.protocol() == self.row.protocol
                && (endpoint(connection.client()), endpoint(connection.server()))
                    == ((local.ip(), local.port()), (remote.ip(), remote.port()))
        });
        let question = || {
            all.iter().find(|connection| {
                connection.protocol() == Protocol::Neighbour
                    && (connection.client().address, connection.server().address) == (local.ip(), remote.ip())
            })
        };
        let is_seen = self.row.reaches.is_some_and(|last| place as u8 <= last as u8);
        let is_neighbour = self.row.reaches == Some(Place::Client);
        let Some(connection) = found.or_else(|| question().filter(|_| is_neighbour)) else {
            return is_seen.then(|| "no such connection".to_owned());
        };
        if !(is_seen || is_neighbour && place == Place::Any) {
            return (!is_neighbour).then(|| "packets of it are seen".to_owned());
        }
        let verdict = connection.verdict();
        let here = matches!(place, Place::Client | Place::Any);
        let mut wrong = Vec::new();
        let mut compare = |what: &str, answer: Option<Answer>, got: Option<Got>, is_near: bool| {
            let Some(got) = got.map(|got| got.outcome(what == "connect")) else { return };
            let is_right = answer.map_or(!is_near, |answer| {
                let must_be = answer.confidence == Confidence::Certain || is_near && !self.row.is_open;
                if must_be { answer.outcome == got } else { answer.allows(got) }
            });
            if !is_right {
                wrong.push(format!("{what}: {got:?} and not {answer:?}"));
            }
        };
        let is_datagram = self.row.protocol == Protocol::Udp && connection.protocol() != Protocol::Neighbour;
        match (is_datagram, connection.protocol()) {
            (true, _) => compare("datagram", verdict.client, client, here),
            (_, Protocol::Neighbour) => compare("connect", verdict.connect, client.or(Some(connect)), here),
            _ => {
                compare("connect", verdict.connect, Some(connect), here);
                compare("client", verdict.client, client, here);
                compare("server", verdict.server, server, place == Place::Server);
            }
        }
        (!wrong.is_empty()).then(|| format!("{}; {:?}", wrong.join("; "), verdict.vantage))
    }
}

live_test!(verdicts_are_what_the_kernel_said, Rights::Namespace, {
    let rows = rows();
    let had = run(&rows);
    let mut complaints = String::new();
    for (place, file) in PLACES {
        let all = connections(file);
        for had in &had {
            if let Some(complaint) = had.complaint(place, &all) {
                let _ = writeln!(complaints, "{}, {:?}, at {place:?}: {complaint}", had.row.name, had.family);
            }
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
});
