//! Every line of JSON is valid, no key comes twice, and each value stands where its field's name says and is of its
//! kind.

use std::collections::BTreeSet;

use sabueso::fields::{self, Kind, Meaning, meaning};
use sabueso::frame::LinkType;
use serde_json::{Value, json as of};

use crate::packets::{all, json, leaves, with};

/// How many keys an object has, those of the objects in it included.
fn keys(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(|member| 1 + keys(member)).sum(),
        Value::Array(values) => values.iter().map(keys).sum(),
        _ => 0,
    }
}

/// How many keys are written: strings with a colon behind them.
fn written_keys(line: &str) -> usize {
    let mut count = 0;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '"' {
            continue;
        }
        while let Some(c) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '"' => break,
                _ => {}
            }
        }
        count += usize::from(chars.peek() == Some(&':'));
    }
    count
}

/// Whether a value in JSON is of a kind.
fn is(kind: Kind, value: &Value) -> bool {
    let text = value.as_str();
    match kind {
        Kind::Number => value.is_i64() || value.is_u64(),
        Kind::Bool => value.is_boolean(),
        Kind::Text => text.is_some(),
        Kind::Bytes | Kind::Payload => text.is_some_and(|text| text.bytes().all(|c| c.is_ascii_hexdigit())),
        Kind::Ip => text.is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok()),
        Kind::Mac => text.is_some_and(|text| text.len() == 17),
        Kind::Time => text.is_some_and(|text| text.ends_with('Z') || text.contains('.')),
    }
}

#[test]
fn every_packet_of_every_capture_is_valid_and_typed() {
    let mut seen = BTreeSet::new();
    all(|packet| {
        for payloads in [false, true] {
            let (line, value) = json(packet, payloads);
            assert_eq!(written_keys(&line), keys(&value), "a key comes twice: {line}");
            assert!(!line.trim_end().contains(char::is_control), "{line}");
            assert_eq!(value["schema"], 1);
            leaves(&value, "", &mut |name, value| {
                if name == "schema" {
                    return;
                }
                let Some(Meaning::Fields(fields)) = meaning(name) else { panic!("{name}: {line}") };
                assert!(is(fields[0].kind, value), "{name} is {value}: {line}");
                assert!(payloads || fields[0].kind != Kind::Payload, "{name}");
                seen.insert(fields[0].name);
            });
        }
    });
    // Services stand in `dns_records_hold_what_their_types_say`.
    seen.insert("dns.record.port");
    let unseen: Vec<_> = fields::all().map(|field| field.name).filter(|name| !seen.contains(name)).collect();
    assert!(unseen.is_empty(), "no packet here shows {unseen:?}");
}

#[test]
fn text_that_is_no_text_is_valid_json_all_the_same() {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    let mut message = vec![1, 1, 6, 0, 0, 0, 0, 7];
    message.resize(236, 0);
    message.extend([0x63, 0x82, 0x53, 0x63, 12, 9, b'a', b'"', b'\\', 0, 0x1b, 0xff, 0xc3, 0xa9, b'\n', 255]);
    let length = |header: usize| (message.len() + header) as u16;
    frame.extend([0x45, 0]);
    frame.extend(length(28).to_be_bytes());
    frame.extend([0, 1, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 68, 0, 67]);
    frame.extend(length(8).to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(&message);
    let (line, value) = with(LinkType::EN10MB, &frame, |packet| json(packet, false));
    assert_eq!(value["dhcp"]["hostname"], "a\"\\\0\u{1b}\u{fffd}é\n");
    assert!(line.contains(r#""hostname":"a\"\\\u0000\u001b"#), "{line}");
}

#[test]
fn dns_records_hold_what_their_types_say() {
    let mut message = b"\0\x01\x84\0\0\x01\0\x04\0\0\0\x01\x01a\0\0\xff\0\x01".to_vec();
    let mut record = |kind: u8, data: &[u8]| {
        message.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
        message.extend(data);
    };
    record(33, b"\0\x05\0\x06\x1f\x90\x02sv\xc0\x0c");
    record(15, b"\0\x0a\xc0\x0c");
    record(16, b"\x02hi\x03you");
    record(99, b"\xde\xad");
    message.extend(b"\0\0\x29\x04\xd0\0\0\x80\0\0\0");
    let mut packet = vec![0x45, 0, 0, message.len() as u8 + 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    packet.extend([0, 53, 4, 0, 0, message.len() as u8 + 8, 0, 0]);
    packet.extend(&message);
    let (line, value) = with(LinkType::RAW, &packet, |packet| json(packet, false));
    let head = |kind: u16| of!({"section": "answer", "name": "a", "type": kind, "class": 1, "ttl": 60});
    let with = |kind, more: Value| {
        let mut all = head(kind);
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let expected = [
        with(33, of!({"preference": 5, "port": 8080, "target": "sv.a"})),
        with(15, of!({"preference": 10, "target": "a"})),
        with(16, of!({"text": ["hi", "you"]})),
        with(99, of!({"data": "dead"})),
    ];
    assert_eq!(value["dns"]["record"], Value::from(expected.to_vec()), "{line}");
    assert_eq!(value["dns"]["edns"], of!({"udp_size": 1232, "version": 0, "do": true}), "{line}");
    assert_eq!((&value["dns"]["qname"], &value["dns"]["qtype"]), (&of!(["a"]), &of!([255])));
    assert_eq!(value["stop"], Value::Null, "{line}");
}

#[test]
fn a_packet_within_a_packet_is_inner() {
    let header = |protocol: u8, length: u8, last: u8| {
        vec![0x45, 0, 0, length, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, last]
    };
    let udp = vec![0, 9, 0, 9, 0, 8, 0, 0];
    let packet = [header(4, 68, 1), header(4, 48, 2), header(17, 28, 3), udp].concat();
    let (_, value) = with(LinkType::RAW, &packet, |packet| json(packet, false));
    assert_eq!(value["ip"]["dst"], "10.0.0.1");
    assert_eq!(value["inner"]["ip"]["dst"], "10.0.0.2");
    assert_eq!(value["inner"]["inner"]["ip"]["dst"], "10.0.0.3");
    assert_eq!(value["inner"]["inner"]["udp"]["src"], 9);
}

#[test]
fn tags_are_an_array_however_many_there_are() {
    let tagged = |tags: &[u8]| {
        let frame = [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1][..], tags, &[0x88, 0xb5, 0]].concat();
        with(LinkType::EN10MB, &frame, |packet| json(packet, false).1)
    };
    assert_eq!(tagged(&[0x81, 0, 0, 7])["vlan"][0]["id"], 7);
    let stacked = tagged(&[0x88, 0xa8, 0, 7, 0x81, 0, 0, 8]);
    assert_eq!((&stacked["vlan"][0]["id"], &stacked["vlan"][1]["id"]), (&7.into(), &8.into()));
    assert_eq!(tagged(&[])["vlan"], Value::Null);
}

#[test]
fn the_text_of_a_packet_has_a_limit() {
    // Thousands of records, each of a name of 255 bytes that a pointer stands for.
    let mut message = vec![0, 1, 0x84, 0, 0, 1, 0x10, 0, 0, 0, 0, 0];
    message.extend([b"\x3e".as_slice(), &[7; 62]].concat().repeat(4));
    message.extend([0, 0, 1, 0, 1]);
    message.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\0\0\x02\xc0\x0c".repeat(4096));
    let length = |header: u16| (message.len() as u16 + header).to_be_bytes();
    let mut frame = vec![0x45, 0];
    frame.extend(length(28));
    frame.extend([0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 4, 0]);
    frame.extend(length(8));
    frame.extend([0, 0]);
    frame.extend(message);
    let (line, value) = with(LinkType::RAW, &frame, |packet| json(packet, false));
    assert_eq!(value["cut"], true);
    assert!(line.len() < 5 << 18, "{} bytes of text", line.len());
}
