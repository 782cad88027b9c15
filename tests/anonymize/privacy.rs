//! What an original tells of people and places is nowhere in its copy.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use proptest::prelude::*;
use sabueso::anonymize::{Anonymizer, Key, Options, Payload};
use sabueso::decode::{Layer, Layers};
use sabueso::fields::{Field, Packet, Value, Visitor, visit};
use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::{
    Block, ByteOrder, FrameFlags, Interface, LinkType, Record, Resolution, Section, Source, Timestamp,
};

use super::{KEY, captures, copy};

/// What must not be found.
#[derive(Default)]
struct Secrets(BTreeSet<Vec<u8>>);

impl Secrets {
    /// Both as bytes and as people write it. So few bytes that are nearly all zeros are found anywhere.
    fn address(&mut self, bytes: &[u8], texts: &[String]) {
        let telling = bytes.iter().filter(|byte| **byte != 0).collect::<BTreeSet<_>>().len();
        if telling >= 3 {
            self.0.insert(bytes.to_vec());
        }
        self.0.extend(texts.iter().map(|text| text.clone().into_bytes()));
    }

    fn name(&mut self, name: &[u8]) {
        for label in name.split(|byte| *byte == b'.').filter(|label| label.len() > 3) {
            self.0.insert(label.to_vec());
        }
    }

    fn found_in(&self, bytes: &[u8]) -> Option<String> {
        // By their first two bytes, as there are many.
        let mut by_start: std::collections::HashMap<[u8; 2], Vec<&[u8]>> = std::collections::HashMap::new();
        for secret in &self.0 {
            by_start.entry([secret[0], secret[1]]).or_default().push(secret);
        }
        (0..bytes.len().saturating_sub(1)).find_map(|at| {
            let secrets = by_start.get(&[bytes[at], bytes[at + 1]])?;
            let secret = secrets.iter().find(|secret| bytes[at..].starts_with(secret))?;
            Some(format!("{:02x?} ({}) at {at}", secret, String::from_utf8_lossy(secret)))
        })
    }
}

impl<'a> Visitor<'a> for Secrets {
    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        match value {
            Value::Ipv4(bytes) => {
                let address = Ipv4Addr::from(bytes);
                let special = address.is_loopback() || address.is_multicast() || address.is_broadcast();
                // A mask or the number of an area looks like one.
                let is_address = !field.name.contains("mask") && !field.name.contains("area");
                if !special && !address.is_unspecified() && is_address {
                    self.address(&bytes, &[address.to_string()]);
                }
            }
            Value::Ipv6(bytes) => {
                let address = Ipv6Addr::from(bytes);
                if !address.is_loopback() && !address.is_multicast() && !address.is_unspecified() {
                    self.address(&bytes, &[address.to_string()]);
                }
            }
            Value::Mac(bytes) if bytes[0] & 1 == 0 && bytes != [0; 6] => {
                let text = |separator: &str| bytes.map(|byte| format!("{byte:02x}")).join(separator);
                self.address(&bytes, &[text(":"), text("-")]);
            }
            Value::Domain(_) => {
                let mut scratch = Vec::new();
                self.name(value.bytes(&mut scratch).unwrap());
            }
            Value::Text(name) if ["sni", "host", "name"].iter().any(|part| field.name.contains(part)) => {
                self.name(name)
            }
            _ => {}
        }
    }
}

/// A copy without the comments that this program puts there, which have words that are names elsewhere.
fn without_comments(mut bytes: Vec<u8>) -> Vec<u8> {
    let found = |bytes: &[u8]| bytes.windows(11).position(|window| window == b"Anonymized:");
    while let Some(at) = found(&bytes) {
        let length = bytes[at..].iter().position(|byte| *byte == 0).unwrap_or(bytes.len() - at);
        bytes[at..at + length].fill(0);
    }
    bytes
}

/// All that the frames of a capture tell, as far as this program knows.
fn secrets(path: &Path) -> Secrets {
    let mut secrets = Secrets::default();
    let Ok(mut reader) = Reader::open(path, ReadOptions::default()) else { return secrets };
    while let Ok(Some(block)) = reader.next_block() {
        for frame in block.frames() {
            visit(&Packet { number: 1, section: block.section, frame, said: None }, &mut secrets);
        }
    }
    secrets
}

#[test]
fn no_address_and_no_name_is_left() {
    let mut looked_for = 0;
    for path in captures() {
        let secrets = secrets(&path);
        looked_for += secrets.0.len();
        for payload in [Payload::Cut, Payload::Zero] {
            let (bytes, counts) = copy(&path, KEY, Options { payload, ..Options::default() });
            assert_eq!(secrets.found_in(&without_comments(bytes)), None, "{} {payload:?}", path.display());
            assert_eq!(counts.failures, 0, "{}", path.display());
        }
    }
    assert!(looked_for > 500, "{looked_for}");
}

/// A frame's copy.
fn frame_copy(link_type: LinkType, data: &[u8], wire_len: usize, payload: Payload) -> Vec<u8> {
    let interface = Interface::new(link_type, 0, Resolution::MICRO);
    let section =
        Section { number: 0, byte_order: ByteOrder::Little, options: Vec::new(), interfaces: vec![interface] };
    let record = Record {
        time: Timestamp::default(),
        offset: 0,
        cap_len: data.len() as u32,
        wire_len: wire_len as u32,
        interface: 0,
        flags: FrameFlags::default(),
        options: (0, 0),
    };
    let mut anonymizer = Anonymizer::new(&Key::new(KEY), Options { payload, ..Options::default() });
    let block = anonymizer.block(&Block { section: &section, bytes: data, records: &[record], notes: &[] });
    let copy = block.frame(&block.records[0]).data.to_vec();
    assert_eq!(anonymizer.counts().failures, 0);
    copy
}

#[test]
fn nothing_is_left_wherever_a_capture_ends() {
    for path in captures() {
        let Ok(mut reader) = Reader::open(&path, ReadOptions::default()) else { continue };
        let Ok(Some(block)) = reader.next_block() else { continue };
        for frame in block.frames().take(6) {
            let mut secrets = Secrets::default();
            visit(&Packet { number: 1, section: block.section, frame, said: None }, &mut secrets);
            for end in 0..frame.data.len().min(160) {
                let copy = frame_copy(frame.link_type, &frame.data[..end], frame.wire_len as usize, Payload::Cut);
                assert!(copy.len() <= end);
                assert_eq!(secrets.found_in(&copy), None, "{} cut at {end}", path.display());
            }
        }
    }
}

/// What a frame may begin with before something that nobody knows: the link type, and the bytes.
fn beginnings() -> Vec<(LinkType, Vec<u8>)> {
    let ethernet = |kind: u16| [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &kind.to_be_bytes()].concat();
    let ip = |protocol: u8| {
        let mut packet = vec![0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2];
        packet.extend(match protocol {
            6 => [[0x9c, 0x40, 0, 80], [0, 0, 0, 1], [0, 0, 0, 1], [0x50, 0x18, 0, 1], [0; 4]].concat(),
            17 => vec![0x9c, 0x40, 0, 9, 1, 0, 0, 0],
            1 => vec![8, 0, 0, 0, 0, 7, 0, 1],
            _ => Vec::new(),
        });
        packet
    };
    let kinds = [0x88cc, 0x88b5, 0x8809, 0x888e, 0x9000, 0x8863];
    let protocols = [1, 6, 17, 88, 89, 103, 112, 254];
    let on_ethernet = kinds.into_iter().map(|kind| (LinkType::EN10MB, ethernet(kind)));
    let on_ip = protocols.into_iter().map(|protocol| (LinkType::RAW, ip(protocol)));
    on_ethernet.chain(on_ip).chain([(LinkType::IEEE802_11, Vec::new()), (LinkType(147), Vec::new())]).collect()
}

proptest! {
    #[test]
    fn of_what_nobody_knows_nothing_is_left(
        (link_type, head) in prop::sample::select(beginnings()),
        // No length that a header could be taken to say, nor zeros.
        unknown in prop::collection::vec(0x80u8..0xc0, 16..200),
        zero in any::<bool>(),
    ) {
        let data = [&head[..], &unknown].concat();
        let copy = frame_copy(link_type, &data, data.len(), if zero { Payload::Zero } else { Payload::Cut });
        for part in unknown.windows(5) {
            prop_assert!(!copy.windows(5).any(|window| window == part), "{:02x?} in {:02x?}", part, copy);
        }
        prop_assert_eq!(copy.len() == data.len(), zero);
    }

    #[test]
    fn any_bytes_have_a_copy_that_is_no_longer(
        link_type in prop::sample::select(vec![0u16, 1, 9, 50, 51, 101, 104, 105, 108, 113, 228, 229, 276]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        kind in prop::sample::select(vec![0x0800u16, 0x0806, 0x86dd, 0x8100, 0x8847, 0x8864, 0x0026]),
        known in any::<bool>(),
    ) {
        let mut data = bytes;
        if known && data.len() > 34 {
            data[12..14].copy_from_slice(&kind.to_be_bytes());
            data[14] = if kind == 0x86dd { 0x60 } else { 0x45 };
        }
        let wire_len = data.len() + 7;
        let cut = frame_copy(LinkType(link_type), &data, wire_len, Payload::Cut);
        let zero = frame_copy(LinkType(link_type), &data, wire_len, Payload::Zero);
        prop_assert_eq!(zero.len(), data.len());
        prop_assert!(cut.len() <= zero.len());
        prop_assert_eq!(&cut[..], &zero[..cut.len()]);
        prop_assert!(zero[cut.len()..].iter().all(|byte| *byte == 0));
    }
}

/// The addresses of outer headers, in order.
#[derive(Default)]
struct Ends {
    v4: Vec<u32>,
    v6: Vec<u128>,
    stations: Vec<[u8; 6]>,
}

impl Ends {
    fn of(path: &Path, mut reader: Reader) -> Ends {
        let mut ends = Ends::default();
        while let Ok(Some(block)) = reader.next_block() {
            for frame in block.frames() {
                for layer in Layers::new(frame.link_type, frame.data, frame.wire_len as usize) {
                    match layer {
                        Layer::Ethernet(header) => ends.stations.extend([header.source(), header.destination()]),
                        Layer::Ipv4(header) => {
                            ends.v4.extend([header.source(), header.destination()].map(u32::from_be_bytes));
                            break;
                        }
                        Layer::Ipv6(header) => {
                            ends.v6.extend([header.source(), header.destination()].map(u128::from_be_bytes));
                            break;
                        }
                        _ => {}
                    }
                }
            }
        }
        assert!(reader.take_notices().is_empty(), "{}", path.display());
        ends
    }
}

/// One pseudonym for each original, over all pairs.
fn relation<T: Ord + Copy + std::fmt::Debug>(originals: &[T], pseudonyms: &[T], known: &mut BTreeMap<T, T>) {
    assert_eq!(originals.len(), pseudonyms.len());
    for (original, pseudonym) in originals.iter().zip(pseudonyms) {
        assert_eq!(known.entry(*original).or_insert(*pseudonym), pseudonym, "{original:?}");
    }
}

#[test]
fn originals_have_one_pseudonym_in_all_captures_and_prefixes_are_kept() {
    let (mut v4, mut v6, mut stations) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for path in captures() {
        // Those that can't be read to their end have other tests.
        if path.to_string_lossy().contains("damaged") {
            continue;
        }
        let original = Ends::of(&path, Reader::open(&path, ReadOptions::default()).unwrap());
        let (bytes, _) = copy(&path, KEY, Options::default());
        let copy = Reader::new(Box::new(Cursor::new(bytes)), "copy", ReadOptions::default()).unwrap();
        let copy = Ends::of(&path, copy);
        relation(&original.v4, &copy.v4, &mut v4);
        relation(&original.v6, &copy.v6, &mut v6);
        relation(&original.stations, &copy.stations, &mut stations);
    }
    assert!(v4.len() > 20 && v6.len() > 20 && stations.len() > 20, "{} {} {}", v4.len(), v6.len(), stations.len());
    assert_eq!(stations.values().collect::<BTreeSet<_>>().len(), stations.len());
    for (a, x) in &v4 {
        for (b, y) in &v4 {
            assert_eq!((a ^ b).leading_zeros(), (x ^ y).leading_zeros(), "{a:x} {b:x}");
        }
    }
    for (a, x) in &v6 {
        for (b, y) in &v6 {
            assert_eq!((a ^ b).leading_zeros(), (x ^ y).leading_zeros(), "{a:x} {b:x}");
        }
    }
}
