//! Verdicts on connections, with the kernel as the oracle: real programs are told things by their sockets, and what
//! [`sabueso::flow`] makes of the packets must be what they were told, or must name it among what is possible.

mod lab;
mod programs;

use std::fmt::Write as _;
use std::thread;

use lab::Family::{self, V4, V6};
use lab::Lab;
use programs::*;

use crate::harness::Rights;

/// A conversation, and what stands in its way.
struct Row {
    name: String,
    protocol: &'static str,
    families: &'static [Family],
    play: Box<dyn Fn(&Call) -> Told + Send + Sync>,
    /// Rules of the router for what it forwards: `TO` are packets to the conversation's port, `FROM` those from it.
    forward: String,
    /// Rules of the server for what it takes in.
    input: String,
}

impl Row {
    fn forward(self, rules: &str) -> Row {
        Row { forward: rules.to_owned(), ..self }
    }

    fn input(self, rules: &str) -> Row {
        Row { input: rules.to_owned(), ..self }
    }

    fn only(self, families: &'static [Family]) -> Row {
        Row { families, ..self }
    }
}

fn tcp(name: &str, play: impl Fn(&Call) -> Told + Send + Sync + 'static) -> Row {
    let (play, forward, input) = (Box::new(play), String::new(), String::new());
    Row { name: name.to_owned(), protocol: "tcp", families: &[V4, V6], play, forward, input }
}

fn udp(name: &str, play: impl Fn(&Call) -> Told + Send + Sync + 'static) -> Row {
    Row { protocol: "udp", ..tcp(name, play) }
}

const ONCE: &str = "limit rate 1/hour burst 1 packets";

fn rows() -> Vec<Row> {
    let mut rows = vec![
        tcp("closed port", connects),
        tcp("dropped by a firewall", connects).forward("TO drop"),
        tcp("answers dropped by a firewall", |call| {
            let _listener = call.listens();
            connects(call)
        })
        .forward("FROM drop"),
        tcp("refused by a firewall", connects).forward("TO reject with tcp reset"),
        tcp("one rate-limited error", connects)
            .forward(&format!("TO {ONCE} reject with icmpx type admin-prohibited\nTO drop")),
        tcp("an error on the second SYN", connects)
            .forward(&format!("TO {ONCE} drop\nTO reject with icmpx type host-unreachable")),
        tcp("silent neighbour", connects_to_silent_neighbour),
        tcp("silent neighbour of the router", connects_to_neighbour_of_router),
        tcp("no route at the router", connects_where_no_route_leads),
        tcp("no route here", connects_without_a_route),
        tcp("too few hops", connects_too_far),
        tcp("program gives up", gives_up).forward("TO drop"),
        tcp("program gives up before the answer", gives_up_before_the_answer).input(&format!("TO {ONCE} drop")),
        tcp("slow to answer", |call| {
            let _listener = call.listens();
            connects(call)
        })
        .input(&format!("TO {ONCE} drop")),
        tcp("full queue", meets_a_full_queue),
        tcp("thrown out of a full queue", is_thrown_out_of_a_full_queue)
            .input("TO tcp flags & (syn|ack) == ack tcp dport != @dead drop"),
        tcp("simultaneous open", meets_halfway).input(&format!("TO {ONCE} drop")),
        tcp("client closes", client_closes),
        tcp("server closes", server_closes),
        tcp("half-close", client_half_closes),
        tcp("server closes with unread data", server_closes_with_unread_data),
        tcp("server aborts", server_aborts),
        tcp("server aborts before data", server_aborts_before_data),
        tcp("client aborts", client_aborts),
        tcp("client writes after the end", client_writes_after_the_end),
        tcp("server dies", server_dies),
        tcp("server dies silently", server_dies_silently),
        tcp("server can not be reached any more", server_can_not_be_reached_any_more),
        tcp("the same ports again", connects_again),
        udp("datagram answered", asks_and_is_answered),
        udp("datagram to a closed port", asks),
        udp("datagram to a closed port, unconnected", asks_unconnected),
        udp("datagram dropped by a firewall", asks_briefly).forward("TO drop"),
        udp("datagram too long", asks_at_length).only(&[V4]),
        udp("datagram to a silent neighbour", asks_silent_neighbour),
    ];
    // The names of codes are those of nft(8).
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
        for (code, hard) in codes(families[0]) {
            let rule = format!("TO reject with {icmp} type {code}");
            rows.push(tcp(&format!("rejected: {code}"), connects).only(families).forward(&rule));
            let asks = if *hard { asks } else { asks_briefly };
            rows.push(udp(&format!("datagram rejected: {code}"), asks).only(families).forward(&rule));
        }
    }
    let v4 = (0..16).map(|code| (3, code)).chain([(4, 0), (11, 0), (11, 1), (12, 0)]).map(|m| (&[V4][..], m));
    let v6 = (0..8).map(|code| (1, code)).chain([(2, 0), (3, 0), (3, 1), (4, 0), (4, 1)]).map(|m| (&[V6][..], m));
    for (families, (kind, code)) in v4.chain(v6) {
        let name = format!("told by ICMP: type {kind} code {code}");
        rows.push(tcp(&name, move |call| is_told_by_icmp(call, kind, code)).only(families).input("TO drop"));
    }
    if let Ok(w) = std::env::var("ROWS") {
        rows.retain(|r| r.name.contains(&w));
    }
    rows
}

/// Runs all conversations of these rows at once.
fn run(rows: &[Row]) -> Vec<(String, Told)> {
    const FIRST_PORT: u16 = 5000;
    let ports = FIRST_PORT..;
    let calls: Vec<_> =
        rows.iter().flat_map(|row| row.families.iter().map(move |family| (row, *family))).zip(ports).collect();
    let rules = |of: fn(&Row) -> &str| {
        calls.iter().fold(String::new(), |mut rules, ((row, _), port)| {
            let _ = writeln!(
                rules,
                "{}",
                of(row)
                    .replace("TO", &format!("{} dport {port}", row.protocol))
                    .replace("FROM", &format!("{} sport {port}", row.protocol))
            );
            rules
        })
    };
    let gone = "tcp dport @dead drop\ntcp sport @dead drop\n\
                tcp dport @refused reject with icmpx type host-unreachable\n";
    let forward = gone.to_owned() + &rules(|row| &row.forward);
    let lab = Lab::new(&forward, &rules(|row| &row.input));
    let captures = lab.capture();
    let told = thread::scope(|scope| {
        let running: Vec<_> = calls
            .iter()
            .map(|((row, family), port)| {
                let call = Call { lab: &lab, family: *family, port: *port };
                (format!("{}, {family:?}", row.name), scope.spawn(move || (row.play)(&call)))
            })
            .collect();
        running.into_iter().map(|(name, told)| (name, told.join().unwrap())).collect()
    });
    for capture in captures {
        assert_eq!(capture.interrupt().code, Some(0));
    }
    told
}

live_test!(verdicts_are_what_the_kernel_said, Rights::Namespace, {
    for (name, told) in run(&rows()) {
        eprintln!("{name}: {told:?}");
    }
    for (_, file) in lab::PLACES {
        std::fs::copy(file, file.replace("/mnt", "/tmp/lab-out")).unwrap();
    }
});
