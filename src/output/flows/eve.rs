//! Connections as Suricata's EVE tells of flows (<https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>): a line of
//! JSON each. What Suricata's detection alone would know is left out.

use super::community;
use super::zeek::ports;
use crate::flow::{Connection, End, Paths, Protocol, Step, Tcp};
use crate::frame::Timestamp;
use crate::output::Sheet;
use crate::output::object::Object;
use crate::output::text::date_and_time;

/// Puts a connection on the sheet: one line, its end included. Suricata has no flows without IP.
pub fn eve(sheet: &mut Sheet, connection: &Connection, paths: &Paths) {
    let Some(number) = connection.protocol().number() else { return };
    let (from, to) = (connection.client(), connection.server());
    Object::put(sheet, |line| {
        moment(line, "timestamp", last(connection));
        line.number("flow_id", community::number(connection) >> 1);
        line.word("event_type", "flow");
        let vlans = paths.steps(connection.path()).iter().filter_map(|step| match step {
            Step::Vlan(id) => Some(*id),
            _ => None,
        });
        let vlans: Vec<u16> = vlans.collect();
        if !vlans.is_empty() {
            line.list("vlan", &vlans, |sheet, id| sheet.dec(*id));
        }
        line.address("src_ip", from.address);
        let has_ports = connection.protocol().has_ports();
        if has_ports {
            line.number("src_port", from.port);
        }
        line.address("dest_ip", to.address);
        if has_ports {
            line.number("dest_port", to.port);
        }
        match connection.protocol() {
            Protocol::Tcp => line.word("proto", "TCP"),
            Protocol::Udp => line.word("proto", "UDP"),
            Protocol::Sctp => line.word("proto", "SCTP"),
            Protocol::Icmp => line.word("proto", "ICMP"),
            Protocol::Icmpv6 => line.word("proto", "IPv6-ICMP"),
            Protocol::Other(_) | Protocol::Neighbour => line.text("proto", format!("{number:03}").as_bytes()),
        }
        if connection.message().is_some() {
            let (kind, code) = ports(connection);
            line.number("icmp_type", kind);
            line.number("icmp_code", code);
        }
        line.object("flow", |flow| {
            let (sent, received) = (connection.sent(), connection.received());
            flow.number("pkts_toserver", sent.packets);
            flow.number("pkts_toclient", received.packets);
            flow.number("bytes_toserver", sent.frame_bytes);
            flow.number("bytes_toclient", received.frame_bytes);
            moment(flow, "start", connection.start());
            moment(flow, "end", last(connection));
            flow.number("age", connection.duration().as_secs());
            flow.word("state", state(connection));
            flow.word(
                "reason",
                match connection.end {
                    End::Closed | End::Idle | End::Replaced => "timeout",
                    End::Evicted => "forced",
                    End::Open => "shutdown",
                },
            );
            flow.bool("alerted", false);
        });
        if let Some(tcp) = connection.tcp() {
            line.object("tcp", |object| tcp_flags(object, connection, tcp));
        }
        let sheet = line.key("community_id");
        sheet.put("\"");
        community::put(sheet, connection);
        sheet.put("\"");
    });
    sheet.put("\n");
}

/// When the last packet came.
fn last(connection: &Connection) -> Timestamp {
    let duration = i128::try_from(connection.duration().as_nanos()).unwrap_or(i128::MAX);
    Timestamp::from_nanos(connection.start().as_nanos().saturating_add(duration))
}

/// A time as EVE has it: `2026-11-24T23:00:07.991388+0000`.
fn moment(object: &mut Object<'_>, key: &'static str, time: Timestamp) {
    let text = date_and_time(time).replace(' ', "T");
    // Microseconds, whatever the file has.
    let (second, fraction) = text.split_once('.').unwrap_or((&text, ""));
    object.text(key, format!("{second}.{fraction:0<6.6}+0000").as_bytes());
}

fn state(connection: &Connection) -> &'static str {
    let has_answered = connection.received().packets > 0;
    match connection.tcp() {
        Some(tcp) if tcp.is_closed() => "closed",
        Some(tcp) if tcp.is_established() => "established",
        Some(_) => "new",
        None if has_answered => "established",
        None => "new",
    }
}

fn tcp_flags(object: &mut Object<'_>, connection: &Connection, tcp: &Tcp) {
    let (client, server) = (tcp.sides.of(connection.client), tcp.sides.of(connection.client.other()));
    object.flag("syn", client.syn.or(server.syn).is_some());
    object.flag("fin", client.fin.or(server.fin).is_some());
    object.flag("rst", tcp.reset().is_some());
    object.flag("ack", server.syn.is_some() || tcp.is_established());
    object.word(
        "state",
        match (client.fin.is_some(), server.fin.is_some()) {
            _ if tcp.is_closed() => "closed",
            (true, true) => "last_ack",
            (true, false) | (false, true) => "fin_wait1",
            _ if tcp.is_established() => "established",
            _ if server.syn.is_some() => "syn_recv",
            _ if client.syn.is_some() => "syn_sent",
            _ => "none",
        },
    );
}
