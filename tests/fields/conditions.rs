//! Conditions: what they select, and what is told of a wrong one.

use std::collections::BTreeSet;

use sabueso::condition::Condition;
use sabueso::fields::{self, Kind};
use sabueso::output::Sheet;
use sabueso::output::columns::Writer;

use crate::packets::{all, capture, each};

/// How many packets of a capture fulfil a condition.
fn count(name: &str, condition: &str) -> usize {
    let mut condition = Condition::new(condition).unwrap_or_else(|error| panic!("{}", error.render(condition)));
    let mut count = 0;
    each(&capture(name), |packet| count += usize::from(condition.accepts(packet)));
    count
}

/// Each line: a capture, a condition, and another that selects just as many packets, but neither all nor none.
const ALIKE: &[[&str; 3]] = &[
    ["web-http.pcap", "tcp.flags.syn and not tcp.flags.ack", "tcp.flags.bits == 0x02"],
    ["web-http.pcap", "tcp.flags.syn", "tcp.flags.syn == true"],
    ["web-http.pcap", "tcp and not tcp.flags.syn", "tcp.flags.syn == 0"],
    ["web-http.pcap", "tcp.dst == 80", "tcp.dst in {80}"],
    ["web-http.pcap", "tcp.dst == 80", "tcp.dst in {1..80, 90..0x100}"],
    ["web-http.pcap", "tcp.dst == 80", "tcp.dst < 81 && tcp.dst > 79"],
    ["web-http.pcap", "tcp.dst != 80", "tcp && !(tcp.dst == 80)"],
    ["web-http.pcap", "tcp.dstport == 80", "tcp.dst <= 80"],
    ["web-http.pcap", "tcp.payload contains \"GET\"", "tcp.payload ~ '^GET '"],
    ["web-http.pcap", "frame.bytes contains 47:45:54", "frame.bytes contains 474554"],
    ["web-http.pcap", "tcp.payload_len > 0", "exists(tcp.payload)"],
    ["web-http.pcap", "exists(tcp.options.mss)", "tcp.options.mss"],
    ["path-mtu.pcap", "icmp", "exists(icmp.type)"],
    ["path-mtu.pcap", "icmp.mtu", "ip.src == 192.0.2.254"],
    ["path-mtu.pcap", "ip.src in 192.0.2.254/32", "host in {192.0.2.254, 2001:db8::ffff}"],
    ["path-mtu.pcap", "ip.src in 192.0.2.250..192.0.2.254", "src == 192.0.2.254 or src == 1.2.3.4"],
    ["dns.pcap", "dns.qname ~ '(?i)EXAMPLE'", "dns.qname contains example"],
    ["dns.pcap", "dns.record.address in 0.0.0.0/0", "dns.record.type == 1"],
    ["dns.pcap", "dns.response and dns.rcode == 0", "dns and not (dns.response == false or dns.rcode > 0)"],
    ["dhcp.pcap", "dhcp.client_mac == 02:00:00:00:00:01", "dhcp.client_mac == 02-00-00-00-00-01"],
    ["ipv4-fragments.pcap", "datagram and udp.len == 520", "datagram.len == 520 and udp.dst == 9"],
    ["ipv6-fragments.pcap", "datagram and udp", "datagram.fragments >= 2 and udp.src"],
    ["vlan-stacked.pcap", "vlan.id == 100", "vlan.id in {100}"],
];

#[test]
fn conditions_select_what_they_say() {
    for [name, one, other] in ALIKE {
        let mut total = 0;
        each(&capture(name), |_| total += 1);
        let found = count(name, one);
        assert_eq!(found, count(name, other), "{name}: {one} is not {other}");
        assert!(found > 0, "{name}: {one} selects nothing");
        assert!(found < total || one.starts_with("dhcp") || one.starts_with("vlan"), "{name}: {one} selects all");
    }
}

#[test]
fn times_compare_as_text_and_as_seconds() {
    let mut first = None;
    each(&capture("ping.pcap"), |packet| first = first.or(Some(packet.frame.time)));
    let first = first.unwrap();
    let seconds = format!("{}.{:09}", first.secs(), first.nanos());
    assert_eq!(count("ping.pcap", &format!("frame.time == {seconds}")), 1);
    assert_eq!(count("ping.pcap", &format!("frame.time <= {seconds}")), 1);
    assert_eq!(count("ping.pcap", "frame.time < 2001-01-01T00:00:00Z"), 0);
}

/// Every value that columns show is equal to itself, and a field that is there exists.
#[test]
fn every_value_of_every_field_is_equal_to_itself() {
    let ordered = |kind| matches!(kind, Kind::Number | Kind::Bool | Kind::Ip | Kind::Mac | Kind::Time | Kind::Bytes);
    let chosen: Vec<_> = fields::all().filter(|f| ordered(f.kind) && f.name != "frame.number").collect();
    let names: Vec<_> = chosen.iter().map(|field| field.name).collect();
    let mut writer = Writer::new(&names.join(","), b'\t').unwrap();
    let mut done = BTreeSet::new();
    all(|packet| {
        let mut sheet = Sheet::new();
        writer.packet(&mut sheet, packet);
        let line = String::from_utf8(sheet.as_bytes().to_vec()).unwrap();
        for (field, cell) in chosen.iter().zip(line.trim_end_matches('\n').split('\t')) {
            // Many are alike: a few of each field will do.
            if cell.is_empty() || cell.len() > 100 || !done.insert((field.name, cell.len())) {
                continue;
            }
            for value in cell.split(',').filter(|value| !value.is_empty()) {
                let test = format!("{} == {value}", field.name);
                let mut condition = Condition::new(&test).unwrap_or_else(|e| panic!("{}", e.render(&test)));
                assert!(condition.accepts(packet), "{test}: {line}");
                let test = format!("not exists({}) or {} != {value}", field.name, field.name);
                assert!(!Condition::new(&test).unwrap().accepts(packet), "{test}: {line}");
            }
        }
    });
    assert!(done.len() > 100);
}

/// Each block: a condition, the place that is marked, and a part of what is said.
const WRONG: &[[&str; 3]] = &[
    ["", "^", "expected the name of a field, not the end"],
    ["tcp.scr == 3", "^^^^^^^", "did you mean 'tcp.src'?"],
    ["tcp.dst == http", "           ^^^^", "tcp.dst takes a number such as 443 or 0x1bb, not 'http'"],
    ["ip.src == 10.0.0", "          ^^^^^^", "an address such as"],
    ["ip.src == 10.0.0.0/33", "          ^^^^^^^^^^^", "an address such as"],
    ["tcp in {1}", "^^^", "'tcp' is a protocol"],
    ["tcp.dst ~ 'x'", "        ^", "is of the kind 'number'"],
    ["dns.qname < 'x'", "          ^", "only numbers and times"],
    ["dns.qname ~ 'a('", "            ^^^^", "this is no pattern: unclosed group"],
    ["dns.qname ~ '(a{999}){999}'", "            ^^^^^^^^^^^^^^^", "this is no pattern"],
    ["dns.qname == \"x", "             ^", "never closed"],
    ["tcp.dst in {1, 2", "                ^", "expected ',' or '}', not the end"],
    ["tcp.dst in {9..1}", "            ^^^^", "nothing in it"],
    ["ip.src in 1.1.1.1..::1", "          ^^^^^^^^^^^^", "nothing in it"],
    ["dns.qname in {a..b}", "               ^^", "expected ',' or '}', not '..'"],
    ["tcp.flags.syn in {true}", "              ^^", "'in' looks for one of many values"],
    ["tcp.flags.syn == yes", "                 ^^^", "true or false"],
    ["frame.number < 9", "^^^^^^^^^^^^", "--skip and -c"],
    ["(tcp", "    ^", "expected ')', not the end"],
    ["tcp udp", "    ^^^", "expected 'and', 'or' or the end, not 'udp'"],
    ["tcp and", "       ^", "expected the name of a field"],
    ["exists tcp", "       ^^^", "expected '(', not 'tcp'"],
    ["tcp & udp", "    ^", "'&' has no meaning here"],
    ["udp.payload contains xyz", "                     ^^^", "bytes such as de:ad:be:ef"],
    ["not in", "    ^^", "expected the name of a field, not 'in'"],
];

#[test]
fn what_is_wrong_is_marked() {
    for [text, marks, said] in WRONG {
        let error = Condition::new(text).expect_err(text);
        let told = error.render(text);
        let marked = told.lines().nth(2).and_then(|line| line.get(4..));
        assert_eq!(marked, Some(*marks), "{told}");
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn a_condition_is_bounded() {
    assert!(Condition::new(&format!("{}tcp{}", "(".repeat(60), ")".repeat(60))).is_ok());
    for text in [
        format!("{}tcp", "not ".repeat(10_000)),
        "(".repeat(10_000),
        format!("tcp{}", " or tcp".repeat(2_000)),
        format!("dns.qname == '{}'", "x".repeat(1 << 16)),
    ] {
        assert!(Condition::new(&text).is_err(), "{}", &text[..20]);
    }
}
