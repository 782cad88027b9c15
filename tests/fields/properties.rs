//! What holds for any bytes: whatever a packet is, it is told in valid JSON, in as many columns as were asked for, and a
//! condition has an answer. And for any text: a condition is read or refused, and the place that is marked is in it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sabueso::condition::Condition;
use sabueso::fields;
use sabueso::frame::LinkType;
use sabueso::output::marks::Marks;
use sabueso::output::text::Dump;
use sabueso::output::{Sheet, columns, tree};

use crate::packets::{self, capture, each, json, with};

/// Frames to change: some of each kind of packet.
fn frames() -> Vec<(LinkType, Vec<u8>)> {
    let mut frames: Vec<_> = packets::frames().into_iter().map(|frame| (LinkType::EN10MB, frame)).collect();
    for name in [
        "dns.pcap",
        "dns-records.pcap",
        "multicast-dns.pcap",
        "netbios-names.pcap",
        "dhcp.pcap",
        "dhcpv6.pcap",
        "ntp.pcap",
        "snmp.pcap",
        "radius.pcap",
        "tftp.pcap",
        "syslog.pcap",
        "rip.pcap",
        "icmp-types.pcap",
        "icmp6-types.pcap",
        "llc-and-snap.pcap",
        "tcp-options.pcap",
    ] {
        each(&capture(name), |packet| frames.push((packet.frame.link_type, packet.frame.data.to_vec())));
    }
    frames.retain(|(_, data)| !data.is_empty());
    frames
}

/// A frame of a capture, cut and with some of its bytes changed.
fn changed() -> impl Strategy<Value = (LinkType, Vec<u8>)> {
    let changes = vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (select(frames()), changes, any::<prop::sample::Index>()).prop_map(|((link_type, mut data), changes, cut)| {
        for (at, byte) in changes {
            let at = at.index(data.len());
            data[at] = byte;
        }
        data.truncate(data.len() - cut.index(data.len()) / 2);
        (link_type, data)
    })
}

/// Words and signs of the language, in any order, and now and then anything.
fn text() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "tcp.dst",
        "dns.qname",
        "ip.src",
        "eth.src",
        "frame.time",
        "frame.bytes",
        "tcp.flags.syn",
        "vxlan",
        "and",
        "or",
        "not",
        "in",
        "contains",
        "exists",
        "==",
        "!=",
        "<",
        ">=",
        "~",
        "(",
        ")",
        "{",
        "}",
        ",",
        "..",
        "!",
        "&&",
        "||",
        "443",
        "-1",
        "0x1f",
        "10.0.0.0/8",
        "10.0.0.1",
        "::1",
        "02:00:00:00:00:01",
        "true",
        "1.5",
        "2026-01-01T00:00:00Z",
        "\"a\"",
        "'['",
        "\"",
        "é",
        "\u{1b}",
        "10.0.0.1..10.0.0.9",
        "99999999999999999999999999999999999999999",
    ];
    let word = prop_oneof![9 => select(PARTS).prop_map(str::to_owned), 1 => any::<String>()];
    vec(word, 0..12).prop_map(|words| words.join(" "))
}

const CONDITIONS: [&str; 4] = [
    "dns.qname ~ '.' or dns.record.text contains a or dhcp.hostname == x",
    "tcp.dst > 5 and not ip.src in {10.0.0.0/8, 1.1.1.1..1.1.1.9} or ip6.src == ::/0",
    "icmp6.group or exists(stp.root.cost) or eth.src != 02:00:00:00:00:01 or frame.time < 5",
    "frame.bytes contains 00:00 and (tcp.options.mss == 1460 or dns.edns.do or stop)",
];

proptest! {
    #[test]
    fn any_packet_is_told((link_type, data) in changed()) {
        let names: Vec<_> = fields::all().map(|field| field.name).collect();
        let mut writer = columns::Writer::new(&names.join(","), b'\t').unwrap();
        let marks = Some(Marks::new("eth,ip,dns,tcp.options.sack,dhcp.options,icmp6.mtu").unwrap());
        let options = tree::Options { width: Some(50), offsets: true, dump: Dump::HexAscii, marks };
        let mut tree = tree::Writer::new(options);
        with(link_type, &data, |packet| {
            for payloads in [false, true] {
                let (line, _) = json(packet, payloads);
                prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
            }
            let mut sheet = Sheet::new();
            writer.packet(&mut sheet, packet);
            let line = String::from_utf8(sheet.as_bytes().to_vec()).unwrap();
            prop_assert_eq!(line.matches('\t').count(), names.len() - 1);
            prop_assert_eq!(line.matches(|c: char| c.is_control() && c != '\t').count(), 1);
            sheet.clear();
            tree.packet(&mut sheet, packet);
            let text = String::from_utf8(sheet.as_bytes().to_vec()).unwrap();
            prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{:?}", text);
            prop_assert_eq!(tree.failures(), 0);
            for condition in CONDITIONS {
                let mut condition = Condition::new(condition).unwrap();
                condition.accepts(packet);
                prop_assert_eq!(condition.failures(), 0);
            }
            prop_assert_eq!(writer.failures(), 0);
            Ok(())
        })?;
    }

    #[test]
    fn any_text_is_a_condition_or_is_refused(text in text()) {
        match Condition::new(&text) {
            Ok(mut condition) => {
                with(LinkType::RAW, &[0x45, 0, 0, 20], |packet| condition.accepts(packet));
            }
            Err(error) => {
                prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len());
                prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
                prop_assert!(!error.render(&text).contains(|c: char| c.is_control() && c != '\n'));
            }
        }
    }
}
