//! What the fields of a copy tell, beside those of its original: numbers that stay, and one pseudonym for each address
//! and name, wherever it stands.

use std::collections::BTreeMap;
use std::io::Cursor;

use sabueso::anonymize::Options;
use sabueso::fields::{Field, Packet, Value, Visitor, visit};
use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::Source;

use super::{KEY, captures, copy};

/// Fields whose values stay where there is anything left of their layer.
const STAY: [&str; 40] = [
    "eth.type",
    "vlan.id",
    "mpls.entry.label",
    "arp.op",
    "ip.protocol",
    "ip.ttl",
    "ip.len",
    "ip.id",
    "ip.dscp",
    "ip.frag_offset",
    "ip.flags.df",
    "ip6.next_header",
    "ip6.hop_limit",
    "ip6.payload_len",
    "ip6.flow_label",
    "tcp.src",
    "tcp.dst",
    "tcp.seq",
    "tcp.ack",
    "tcp.header_len",
    "tcp.flags.bits",
    "tcp.window",
    "tcp.urgent",
    "tcp.options.mss",
    "tcp.options.window_shift",
    "tcp.options.sack",
    "tcp.options.ts_value",
    "tcp.payload_len",
    "udp.src",
    "udp.dst",
    "udp.len",
    "icmp.type",
    "icmp.code",
    "gre.key",
    "vxlan.vni",
    "dns.id",
    "dns.rcode",
    "dns.qtype",
    "dns.record.type",
    "dns.record.ttl",
];

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Told {
    V4([u8; 4]),
    V6([u8; 16]),
    Station([u8; 6]),
    Name(Vec<u8>),
    Number(u64),
    Bool(bool),
}

/// A packet's values by their fields, in order.
#[derive(Default)]
struct Values(BTreeMap<&'static str, Vec<Told>>);

impl<'a> Visitor<'a> for Values {
    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        let mut scratch = Vec::new();
        let told = match value {
            Value::Ipv4(address) => Told::V4(address),
            Value::Ipv6(address) => Told::V6(address),
            Value::Mac(station) => Told::Station(station),
            Value::Domain(_) => Told::Name(value.bytes(&mut scratch).unwrap().to_ascii_lowercase()),
            Value::Unsigned(number) => Told::Number(number),
            Value::Bool(bool) => Told::Bool(bool),
            _ => return,
        };
        self.0.entry(field.name).or_default().push(told);
    }
}

fn values(mut reader: Reader) -> Vec<Values> {
    let mut all = Vec::new();
    while let Ok(Some(block)) = reader.next_block() {
        for frame in block.frames() {
            let mut values = Values::default();
            visit(&Packet { number: 1, section: block.section, frame, said: None }, &mut values);
            all.push(values);
        }
    }
    all
}

#[test]
fn numbers_stay_and_an_original_has_one_pseudonym_wherever_it_stands() {
    let (mut pseudonyms, mut stayed) = (BTreeMap::new(), 0);
    let mut fields_with_pseudonyms = BTreeMap::new();
    for path in captures() {
        let Ok(original) = Reader::open(&path, ReadOptions::default()) else { continue };
        let (bytes, _) = copy(&path, KEY, Options::default());
        let anonymous = Reader::new(Box::new(Cursor::new(bytes)), "copy", ReadOptions::default()).unwrap();
        for (number, (original, copy)) in values(original).iter().zip(&values(anonymous)).enumerate() {
            for (field, copies) in &copy.0 {
                let place = format!("{}, packet {}: {field}", path.display(), number + 1);
                // What is cut is told as that, and options become others.
                let Some(originals) = original.0.get(field) else { continue };
                for (original, copy) in originals.iter().zip(copies) {
                    match original {
                        Told::Number(_) | Told::Bool(_) => {
                            if STAY.contains(field) {
                                assert_eq!(copy, original, "{place}");
                                stayed += 1;
                            }
                        }
                        _ if is_zero(copy) => {}
                        _ => {
                            let known = pseudonyms.entry(original.clone()).or_insert_with(|| copy.clone());
                            assert_eq!(known, copy, "{place}, {original:?}");
                            *fields_with_pseudonyms.entry(*field).or_insert(0) += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(stayed > 10_000, "{stayed}");
    for field in ["eth.src", "arp.sender_ip", "arp.target_mac", "ip.src", "ip6.dst", "icmp.gateway", "dns.qname"] {
        assert!(fields_with_pseudonyms.contains_key(field), "{field}: {fields_with_pseudonyms:?}");
    }
    for field in ["dns.record.name", "dns.record.target", "dns.record.address", "dhcp.your_ip"] {
        assert!(fields_with_pseudonyms.contains_key(field), "{field}: {fields_with_pseudonyms:?}");
    }
}

/// What is cut within something that is known.
fn is_zero(told: &Told) -> bool {
    match told {
        Told::V4(bytes) => *bytes == [0; 4],
        Told::V6(bytes) => *bytes == [0; 16],
        Told::Station(bytes) => *bytes == [0; 6],
        Told::Name(name) => name == b".",
        _ => false,
    }
}
