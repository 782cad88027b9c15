//! A connection as a line of JSON. `docs/flows.md` tells the names.

use super::{community, verdict};
use crate::flow::{
    Cast, Connection, End, Endpoint, Exchanges, IcmpError, Mark, Paths, Quic, Roles, RoundTrips, Sctp, Side, Step, Tcp,
    TcpSide, Traffic, Transport, Trouble,
};
use crate::names::Lookup;
use crate::output::Sheet;
use crate::output::object::{Object, put_address};
use crate::roster::{self, Ends, Process};

/// The version of the form: it changes where a name or a type does, not where one is added.
pub const SCHEMA: u32 = 1;

/// Puts a connection on the sheet: one line, its end included.
pub fn object(sheet: &mut Sheet, connection: &Connection, known: &Ends, paths: &Paths) {
    Object::put(sheet, |line| {
        line.number("schema", SCHEMA);
        line.time("start", "start_ns", connection.start());
        line.nanos("duration_ns", Some(connection.duration()));
        line.number("first_frame", connection.first_frame());
        match connection.protocol().name() {
            Some(name) => line.word("protocol", name),
            None => line.number("protocol", connection.protocol().number().unwrap_or(0)),
        }
        let has_ports = connection.protocol().has_ports();
        line.object("client", |object| end(object, connection.client(), has_ports, &known.client));
        line.object("server", |object| end(object, connection.server(), has_ports, &known.server));
        line.word(
            "roles",
            match connection.roles {
                Roles::Asked => "asked",
                Roles::Answered => "answered",
                Roles::Ports => "ports",
                Roles::First => "first",
            },
        );
        line.word(
            "cast",
            match connection.cast {
                Cast::Unicast => "unicast",
                Cast::Multicast => "multicast",
                Cast::Broadcast => "broadcast",
            },
        );
        path(line, paths.steps(connection.path()));
        if connection.community_id().is_some() {
            let sheet = line.key("community_id");
            sheet.put("\"");
            community::put(sheet, connection);
            sheet.put("\"");
        }
        line.word(
            "end",
            match connection.end {
                End::Open => "open",
                End::Closed => "closed",
                End::Idle => "idle",
                End::Replaced => "replaced",
                End::Evicted => "evicted",
            },
        );
        line.object("sent", |side| traffic(side, connection.sent()));
        line.object("received", |side| traffic(side, connection.received()));
        line.nanos("served_ns", connection.service_time());
        line.object("verdict", |object| verdict::object(object, connection, &connection.verdict()));
        match &connection.transport {
            Transport::Tcp(tcp) => line.object("tcp", |object| tcp_object(object, connection, tcp)),
            Transport::Sctp(association) => line.object("sctp", |object| sctp_object(object, connection, association)),
            Transport::Datagrams(exchanges) => line.object("exchanges", |object| exchanges_object(object, exchanges)),
        }
        if let Some(errors) = connection.troubles.errors().filter(|errors| !errors.all().is_empty()) {
            line.list("icmp_errors", errors.all(), |sheet, error| {
                Object::put(sheet, |object| error_object(object, connection, error));
            });
            line.count("icmp_errors_more", errors.more());
        }
    });
    sheet.put("\n");
}

/// An end of a connection, and what is known of it.
pub(super) fn end(object: &mut Object<'_>, of: Endpoint, has_port: bool, known: &roster::End) {
    object.address("address", of.address);
    if has_port {
        object.number("port", of.port);
    }
    if let Some(name) = &known.name {
        object.text("name", &name.text);
        object.word("said_by", name.said_by);
        if let Some(found) = &name.lookup {
            object.object("lookup", |object| lookup(object, found));
        }
    }
    if let Some(process) = &known.process {
        object.object("process", |object| self::process(object, process));
    }
    if let Some(elsewhere) = &known.elsewhere {
        object.text("listener", elsewhere);
    }
}

fn lookup(object: &mut Object<'_>, lookup: &Lookup) {
    let (server, port) = lookup.server;
    object.address("server", server);
    object.number("port", port);
    object.number("frame", lookup.frame);
    object.nanos("elapsed_ns", lookup.elapsed);
    if !lookup.aliases.is_empty() {
        object.list("aliases", &lookup.aliases, |sheet, name| sheet.json_text(name.as_bytes()));
    }
}

/// A process, as far as it is known.
pub(super) fn process(object: &mut Object<'_>, process: &Process) {
    object.count("pid", process.pid);
    if let Some(name) = &process.name {
        object.text("name", name);
    }
    if let Some(uid) = process.uid {
        object.number("uid", uid);
    }
    if let Some(user) = &process.user {
        object.text("user", user);
    }
    if let Some(container) = &process.container {
        object.text("container", container);
    }
    if let Some(certainty) = process.certainty {
        object.word("certainty", certainty.name());
    }
}

/// The networks around something, where there are any.
pub(super) fn path(object: &mut Object<'_>, steps: &[Step]) {
    if !steps.is_empty() {
        object.list("path", steps, path_step);
    }
}

fn path_step(sheet: &mut Sheet, step: &Step) {
    Object::put(sheet, |object| match step {
        Step::Vlan(id) => object.number("vlan", *id),
        Step::Pppoe(session) => object.number("pppoe", *session),
        Step::Vxlan(network) => object.number("vxlan", *network),
        Step::Geneve(network) => object.number("geneve", *network),
        Step::Gre(key) => object.number("gre", *key),
        Step::Tunnel(lower, higher) => object.list("tunnel", [*lower, *higher], put_address),
    });
}

fn traffic(object: &mut Object<'_>, traffic: &Traffic) {
    object.number("packets", traffic.packets);
    object.number("frame_bytes", traffic.frame_bytes);
    object.number("ip_bytes", traffic.ip_bytes);
    object.number("payload_bytes", traffic.payload_bytes);
}

fn mark(object: &mut Object<'_>, key: &'static str, connection: &Connection, mark: Option<Mark>) {
    let Some(mark) = mark else { return };
    object.object(key, |object| {
        object.number("at_ns", mark.nanos());
        if let Some(frame) = connection.frame(mark) {
            object.number("frame", frame);
        }
    });
}

fn side_word(connection: &Connection, side: Side) -> &'static str {
    if side == connection.client { "client" } else { "server" }
}

fn round_trips(object: &mut Object<'_>, trips: &RoundTrips) {
    object.count("rtt_count", trips.count());
    object.nanos("rtt_min_ns", trips.shortest());
    object.nanos("rtt_mean_ns", trips.mean());
}

fn tcp_object(object: &mut Object<'_>, connection: &Connection, tcp: &Tcp) {
    let sheet = object.key("history");
    let history: String = tcp.history.letters(connection.client).collect();
    sheet.json_text(history.as_bytes());
    object.nanos("connect_ns", tcp.connect_time());
    object.nanos("handshake_ns", tcp.handshake_time());
    mark(object, "established", connection, tcp.established);
    if let Some(reset) = tcp.reset() {
        mark(object, "reset", connection, Some(reset.mark));
        object.word("reset_by", side_word(connection, reset.by));
    }
    object.flag("simultaneous_open", tcp.is_simultaneous());
    for (key, side) in [("client", connection.client), ("server", connection.client.other())] {
        object.object(key, |object| {
            tcp_side(object, connection, tcp.sides.of(side));
            if let Some(trouble) = connection.troubles.of(side) {
                trouble_fields(object, trouble);
            }
        });
    }
}

fn tcp_side(object: &mut Object<'_>, connection: &Connection, side: &TcpSide) {
    mark(object, "syn", connection, side.syn);
    object.count("syns", side.syns);
    mark(object, "fin", connection, side.fin);
    if let Some(initial) = side.initial() {
        object.number("initial_sequence", initial);
    }
    if let Some(size) = side.max_segment {
        object.number("mss", size.get());
    }
    if let Some(scale) = side.window_scale() {
        object.number("window_scale", scale);
    }
    object.flag("sack", side.allows_selective_acks());
    object.flag("timestamps", side.has_time_stamps());
    object.number("window", side.window);
    round_trips(object, &side.round_trips);
}

fn trouble_fields(object: &mut Object<'_>, trouble: &Trouble) {
    object.count("retransmitted", trouble.retransmitted);
    object.count("retransmitted_bytes", trouble.retransmitted_bytes);
    object.count("spurious", trouble.spurious);
    object.count("fast", trouble.fast);
    object.count("reported_duplicates", trouble.reported_duplicates);
    object.count("out_of_order", trouble.out_of_order);
    object.count("overlapping", trouble.overlapping);
    object.count("duplicate_acks", trouble.duplicate_acks);
    object.count("zero_windows", trouble.zero_windows);
    object.count("zero_window_ns", trouble.zero_window_nanos);
    object.count("window_probes", trouble.window_probes);
    object.count("keep_alives", trouble.keep_alives);
    object.count("unseen_bytes", trouble.unseen_bytes);
    object.count("urgent", trouble.urgent);
    object.count("bytes_after_fin", trouble.bytes_after_fin);
    object.count("bytes_after_reset", trouble.bytes_after_reset);
    object.count("strays", trouble.strays);
}

fn sctp_object(object: &mut Object<'_>, connection: &Connection, association: &Sctp) {
    mark(object, "init", connection, *association.init.of(connection.client));
    mark(object, "init_ack", connection, association.init_ack);
    mark(object, "established", connection, association.established);
    for (key, by, event) in
        [("shutdown", "shutdown_by", association.shutdown), ("abort", "abort_by", association.abort)]
    {
        if let Some((event, side)) = event {
            mark(object, key, connection, Some(event));
            object.word(by, side_word(connection, side));
        }
    }
    mark(object, "complete", connection, association.complete);
    object.number("client_chunks", *association.chunks.of(connection.client));
    object.number("server_chunks", *association.chunks.of(connection.client.other()));
}

fn exchanges_object(object: &mut Object<'_>, exchanges: &Exchanges) {
    object.number("requests", exchanges.requests);
    object.number("answered", exchanges.answered);
    object.number("unanswered", exchanges.unanswered());
    object.count("repeated", exchanges.repeated);
    object.count("answered_twice", exchanges.answered_twice);
    object.count("out_of_order", exchanges.out_of_order);
    object.count("unasked", exchanges.unasked);
    round_trips(object, &exchanges.round_trips);
    if let Some(quic) = &exchanges.quic {
        object.object("quic", |object| quic_object(object, quic));
    }
}

fn quic_object(object: &mut Object<'_>, quic: &Quic) {
    match quic.version.name() {
        Some(name) => object.word("version", name),
        None => object.number("version", quic.version.0),
    }
    let ids =
        [("original_id", Some(&quic.original)), ("client_id", Some(&quic.client)), ("server_id", quic.server.as_ref())];
    for (key, id) in ids {
        if let Some(id) = id {
            let sheet = object.key(key);
            sheet.put("\"");
            sheet.hex_bytes(id.bytes(), "");
            sheet.put("\"");
        }
    }
    object.flag("retry", quic.has_retry);
    object.flag("refused", quic.is_refused);
}

fn error_object(object: &mut Object<'_>, connection: &Connection, error: &IcmpError) {
    object.address("from", error.from);
    object.number("type", error.kind);
    object.number("code", error.code);
    if let Some(mtu) = error.mtu {
        object.number("mtu", mtu);
    }
    mark(object, "first", connection, Some(error.mark));
    object.number("count", error.count);
}
