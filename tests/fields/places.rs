//! Where fields stand: the bytes that are told hold the value.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sabueso::fields::{Field, Part, Places, Value, Visitor, visit};

use crate::packets;

/// Numbers of some bits of their bytes, in units of their own, or with bits from elsewhere.
const PARTS: &[&str] = &[
    "ah.len",
    "dns.opcode",
    "dns.qclass",
    "dns.rcode",
    "dns.record.class",
    "erspan.cos",
    "erspan.session",
    "erspan.version",
    "erspan.vlan",
    "geneve.options_len",
    "gre.version",
    "ip.dscp",
    "ip.ecn",
    "ip.frag_offset",
    "ip.header_len",
    "ip6.dscp",
    "ip6.ecn",
    "ip6.flow_label",
    "ip6_ext.frag_offset",
    "ip6_ext.len",
    "llc.control",
    "llc.dsap",
    "llc.ssap",
    "loop.skip_count",
    "loopback.family",
    "mpls.entry.label",
    "mpls.entry.traffic_class",
    "ntp.leap",
    "ntp.mode",
    "ntp.version",
    "pim.type",
    "pim.version",
    "stp.bridge.priority",
    "stp.bridge.tree",
    "stp.root.priority",
    "stp.root.tree",
    "tcp.flags.bits",
    "tcp.header_len",
    "udld.opcode",
    "udld.version",
    "vlan.id",
    "vlan.priority",
    "vrrp.interval",
    "vrrp.type",
    "vrrp.version",
];

/// Compares each value with the bytes that are told to hold it.
struct Check<'a, 'c> {
    frame: &'a [u8],
    places: Places<'a>,
    /// In a list all values have the place of the whole.
    in_list: bool,
    layers: Vec<Option<Range<usize>>>,
    /// How often each field had a place.
    placed: &'c mut BTreeMap<&'static str, usize>,
    wrong: &'c mut BTreeSet<String>,
}

impl<'a> Visitor<'a> for Check<'a, '_> {
    fn stands_in(&mut self, bytes: &'a [u8]) {
        self.places.stands_in(bytes);
    }

    fn begin(&mut self, part: Part) {
        let place = self.places.begin(part);
        match part {
            Part::List(field) => {
                self.in_list = true;
                *self.placed.entry(field.name).or_default() += usize::from(place.is_some());
            }
            Part::Layer(_) => self.layers.push(place),
            Part::Item => {
                if let (Some(Some(layer)), Some(item)) = (self.layers.last(), place) {
                    assert!(layer.start <= item.start && item.end <= layer.end, "{item:?} is not in {layer:?}");
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, part: Part) {
        self.places.end(part);
        self.in_list = false;
        if matches!(part, Part::Layer(_)) {
            self.layers.pop();
        }
    }

    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        let Some(place) = self.places.value(field, &value) else { return };
        let bytes = &self.frame[place.clone()];
        *self.placed.entry(field.name).or_default() += 1;
        if let Some(Some(layer)) = self.layers.last() {
            let payload = field.key == "payload" || field.name == "frame.bytes";
            assert!(payload || layer.start <= place.start && place.end <= layer.end, "{}: {place:?}", field.name);
        }
        let number = bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        let holds = match value {
            _ if self.in_list || PARTS.contains(&field.name) => true,
            Value::Unsigned(told) => number == told.into(),
            Value::Signed(told) => bytes == [told as u8],
            Value::Ipv4(address) => bytes == address,
            Value::Ipv6(address) => bytes == address,
            Value::Mac(address) => bytes == address,
            Value::Text(told) | Value::Bytes(told) => bytes == told,
            Value::Bool(_)
            | Value::Word(_)
            | Value::Domain(_)
            | Value::ObjectIdentifier(_)
            | Value::Netbios(_)
            | Value::Time(_) => true,
        };
        if !holds {
            self.wrong.insert(format!("{}: {value:?} is not {bytes:?}", field.name));
        }
    }
}

#[test]
fn the_bytes_told_hold_the_value() {
    let (mut placed, mut wrong) = (BTreeMap::new(), BTreeSet::new());
    packets::all(|packet| {
        let frame = packet.frame.data;
        let (places, layers) = (Places::new(frame), Vec::new());
        let (placed, wrong) = (&mut placed, &mut wrong);
        visit(packet, &mut Check { frame, places, in_list: false, layers, placed, wrong });
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    let missing: Vec<_> = sabueso::fields::all()
        .filter(|field| field.bytes.is_some() && !placed.contains_key(field.name))
        .map(|field| field.name)
        .collect();
    assert!(missing.is_empty(), "no packet has these where they always are: {missing:?}");
}
