//! Connections as lines of Zeek's `conn.log`, with tabs between
//! (<https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html>). What Zeek's analyzers alone would know is unset.

use super::community::{self, private};
use crate::flow::{Connection, Pair, Paths, Protocol, Step, Tcp, Transport};
use crate::frame::Timestamp;
use crate::output::Sheet;
use crate::output::text::date_and_time;

/// The columns and their types.
const COLUMNS: [(&str, &str); 23] = [
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("proto", "enum"),
    ("service", "string"),
    ("duration", "interval"),
    ("orig_bytes", "count"),
    ("resp_bytes", "count"),
    ("conn_state", "string"),
    ("local_orig", "bool"),
    ("local_resp", "bool"),
    ("missed_bytes", "count"),
    ("history", "string"),
    ("orig_pkts", "count"),
    ("orig_ip_bytes", "count"),
    ("resp_pkts", "count"),
    ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"),
    ("ip_proto", "count"),
    ("community_id", "string"),
];

/// Puts the lines on the sheet that stand before all others; the log was opened at a time.
pub fn head(sheet: &mut Sheet, opened: Timestamp) {
    sheet.put("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n");
    moment(sheet, "#open\t", opened);
    for (begin, part) in [("#fields", 0), ("#types", 1)] {
        sheet.put(begin);
        for (name, kind) in COLUMNS {
            sheet.put("\t");
            sheet.put(if part == 0 { name } else { kind });
        }
        sheet.put("\n");
    }
}

/// Puts the last line on the sheet.
pub fn foot(sheet: &mut Sheet, closed: Timestamp) {
    moment(sheet, "#close\t", closed);
}

fn moment(sheet: &mut Sheet, begin: &'static str, time: Timestamp) {
    sheet.put(begin);
    let digits = date_and_time(time).replace([' ', ':'], "-");
    sheet.escaped(digits.split('.').next().unwrap_or_default().as_bytes());
    sheet.put("\n");
}

/// Puts a connection on the sheet: one line, its end included. Zeek has no connections without IP.
pub fn line(sheet: &mut Sheet, connection: &Connection, paths: &Paths) {
    let Some(number) = connection.protocol().number() else { return };
    let (sent, received) = (connection.sent(), connection.received());
    let (from, to) = ports(connection);
    seconds(sheet, connection.start().as_nanos());
    sheet.put("\tC");
    sheet.escaped(community::unique(connection).as_bytes());
    for (address, port) in [(connection.client().address, from), (connection.server().address, to)] {
        sheet.put("\t");
        sheet.ip(address);
        sheet.put("\t");
        sheet.dec(port);
    }
    sheet.put("\t");
    sheet.put(match connection.protocol() {
        Protocol::Icmp | Protocol::Icmpv6 => "icmp",
        Protocol::Other(_) => "unknown_transport",
        known => known.name().unwrap_or("unknown_transport"),
    });
    sheet.put("\t-\t");
    let duration = connection.duration().as_nanos();
    if duration == 0 {
        sheet.put("-\t-\t-");
    } else {
        seconds(sheet, i128::try_from(duration).unwrap_or(i128::MAX));
        for bytes in data(connection) {
            sheet.put("\t");
            sheet.dec(bytes);
        }
    }
    sheet.put("\t");
    sheet.put(state(connection));
    for end in [connection.client(), connection.server()] {
        sheet.put(if private(end.address) { "\tT" } else { "\tF" });
    }
    sheet.put("\t");
    sheet.dec(missed(connection));
    sheet.put("\t");
    let history = history(connection);
    sheet.escaped(if history.is_empty() { "-" } else { &history }.as_bytes());
    for count in [sent.packets, sent.ip_bytes, received.packets, received.ip_bytes] {
        sheet.put("\t");
        sheet.dec(count);
    }
    sheet.put("\t");
    tunnels(sheet, paths.steps(connection.path()));
    sheet.put("\t");
    sheet.dec(number);
    sheet.put("\t");
    community::put(sheet, connection);
    sheet.put("\n");
}

/// Seconds with six digits behind the point.
fn seconds(sheet: &mut Sheet, nanos: i128) {
    let micros = nanos.div_euclid(1000);
    if micros < 0 {
        sheet.put("-");
    }
    let micros = u64::try_from(micros.unsigned_abs()).unwrap_or(u64::MAX);
    sheet.dec(micros / 1_000_000);
    sheet.put(".");
    sheet.dec_padded(micros % 1_000_000, 6);
}

/// Ports; of ICMP type and code of the first message.
pub(super) fn ports(connection: &Connection) -> (u16, u16) {
    match connection.message() {
        Some(message) => (message.kind.into(), message.code.into()),
        None => (connection.client().port, connection.server().port),
    }
}

/// Bytes of data of both sides, each once.
fn data(connection: &Connection) -> [u64; 2] {
    let sides = [connection.client, connection.client.other()];
    sides.map(|side| {
        let again = connection.troubles.of(side).map_or(0, |trouble| trouble.retransmitted_bytes);
        connection.traffic.of(side).payload_bytes.saturating_sub(again)
    })
}

/// Bytes that were acknowledged and never captured.
fn missed(connection: &Connection) -> u64 {
    let sides = [connection.client, connection.client.other()];
    sides.iter().filter_map(|side| connection.troubles.of(*side)).map(|trouble| trouble.unseen_bytes).sum()
}

/// What the packets that enclose it go between, which Zeek has as connections.
fn tunnels(sheet: &mut Sheet, steps: &[Step]) {
    let is_tunnel = |step: &&Step| !matches!(step, Step::Vlan(_));
    // Their names in this log are not known.
    sheet.put(if steps.iter().any(|step| is_tunnel(&step)) { "(empty)" } else { "-" });
}

fn history(connection: &Connection) -> String {
    match &connection.transport {
        Transport::Tcp(tcp) => {
            let letters = tcp.history.letters(connection.client).collect::<String>();
            // The server's came first, and the roles were turned round.
            if tcp.sides.of(connection.client).syn.is_none() && tcp.sides.of(connection.client.other()).syn.is_some() {
                format!("^{letters}")
            } else {
                letters
            }
        }
        _ => {
            let said = [(connection.sent().packets, 'D'), (connection.received().packets, 'd')];
            said.iter().filter(|(packets, _)| *packets > 0).map(|(_, letter)| *letter).collect()
        }
    }
}

/// Zeek's word for what became of a connection.
fn state(connection: &Connection) -> &'static str {
    let has_answered = connection.received().packets > 0;
    match (&connection.transport, connection.protocol()) {
        (Transport::Tcp(tcp), _) => tcp_state(connection, tcp),
        (_, Protocol::Udp) => match (connection.sent().packets > 0, has_answered) {
            (true, true) => "SF",
            (true, false) => "S0",
            (false, true) => "SHR",
            (false, false) => "OTH",
        },
        _ => "OTH",
    }
}

fn tcp_state(connection: &Connection, tcp: &Tcp) -> &'static str {
    let (client, server) = (connection.client, connection.client.other());
    let Pair { lower: by_client, higher: by_server } =
        Pair { lower: tcp.sides.of(client), higher: tcp.sides.of(server) };
    let has_called = by_client.syn.is_some();
    let has_accepted = by_server.syn.is_some();
    let is_established = tcp.is_established();
    if let Some(reset) = tcp.reset() {
        return match (reset.by == client, has_called, has_accepted) {
            (false, true, false) if connection.received().payload_bytes == 0 => "REJ",
            (false, false, true) => "RSTRH",
            (true, true, false) if connection.received().packets == 0 => "RSTOS0",
            (false, _, _) if is_established || has_accepted => "RSTR",
            (true, _, _) if is_established || has_accepted => "RSTO",
            _ => "OTH",
        };
    }
    match (has_called, has_accepted, by_client.fin.is_some(), by_server.fin.is_some()) {
        (true, true, true, true) => "SF",
        (true, true, true, false) => "S2",
        (true, true, false, true) => "S3",
        (true, true, false, false) => "S1",
        (true, false, true, _) => "SH",
        (true, false, false, _) if connection.received().packets == 0 => "S0",
        (false, true, _, true) => "SHR",
        _ => "OTH",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::tcp::{ACK, FIN, RST, SYN};
    use crate::flow::testing::{Lab, Segment, udp};

    /// State and history of what these segments make: `c` or `s`, and their flags.
    fn told(story: &[(char, u16)]) -> (String, String) {
        let mut lab = Lab::new();
        let (mut ours, mut theirs) = (100u32, 500u32);
        for (who, flags) in story {
            let len = u32::from(flags & (SYN | FIN) != 0);
            let segment = if *who == 'c' {
                ours += len;
                Segment::client(*flags, ours - len, if flags & ACK != 0 { theirs } else { 0 }, 0)
            } else {
                theirs += len;
                Segment::server(*flags, theirs - len, if flags & ACK != 0 { ours } else { 0 }, 0)
            };
            lab.segment(1000, segment);
        }
        let connection = lab.only();
        (state(&connection).to_owned(), history(&connection))
    }

    #[test]
    fn states_are_as_zeek_defines_them() {
        let shake = [('c', SYN), ('s', SYN | ACK), ('c', ACK)];
        let after = |rest: &[(char, u16)]| [&shake[..], rest].concat();
        let fin = FIN | ACK;
        let stories = [
            (vec![('c', SYN)], "S0", "S"),
            (vec![('c', SYN), ('s', RST | ACK)], "REJ", "Sr"),
            (after(&[]), "S1", "ShA"),
            (after(&[('c', fin), ('s', fin), ('c', ACK)]), "SF", "ShAFf"),
            (after(&[('c', fin), ('s', ACK)]), "S2", "ShAFa"),
            (after(&[('s', fin), ('c', ACK)]), "S3", "ShAf"),
            (after(&[('c', RST | ACK)]), "RSTO", "ShAR"),
            (after(&[('s', RST | ACK)]), "RSTR", "ShAr"),
            (vec![('c', SYN), ('c', RST)], "RSTOS0", "SR"),
            (vec![('s', SYN | ACK), ('s', RST)], "RSTRH", "^hr"),
            (vec![('c', SYN), ('c', fin)], "SH", "SF"),
            (vec![('s', SYN | ACK), ('s', fin)], "SHR", "^hf"),
            (vec![('c', ACK), ('s', ACK)], "OTH", "Aa"),
        ];
        for (story, expected, letters) in stories {
            assert_eq!(told(&story), (expected.to_owned(), letters.to_owned()), "{story:?}");
        }
    }

    #[test]
    fn a_line_has_all_columns() {
        let mut lab = Lab::new();
        let (client, server) = (([10, 0, 0, 1], 40000), ([192, 0, 2, 1], 53));
        lab.packet(&udp(client, server, b"ask"));
        lab.clock += 1500;
        lab.packet(&udp(server, client, b"answer"));
        let paths = Paths::default();
        let mut sheet = Sheet::new();
        head(&mut sheet, Timestamp::new(0, 0));
        line(&mut sheet, &lab.only(), &paths);
        let text = String::from_utf8(sheet.as_bytes().to_vec()).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        let [.., names, types, values] = &lines[..] else { panic!() };
        assert_eq!((names.len() - 1, types.len() - 1), (values.len(), values.len()));
        let value = |name: &str| values[names.iter().position(|known| *known == name).unwrap() - 1];
        let told = [
            "ts",
            "proto",
            "duration",
            "orig_bytes",
            "resp_bytes",
            "conn_state",
            "history",
            "local_orig",
            "local_resp",
        ];
        let expected = ["1000.000000", "udp", "0.001500", "3", "6", "SF", "Dd", "T", "F"];
        assert_eq!(told.map(value), expected);
        assert!(value("uid").len() == 18 && value("uid").starts_with('C'));
        assert_eq!(value("community_id"), "1:4HuNgRHzbooP1HoSfZFkpMqimdk=");
    }
}
