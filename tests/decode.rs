//! What must hold for any bytes: decoding ends, within its limits, and tells of a cut frame just what it told of
//! the whole one before the cut; the key says what the layers say.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sabueso::decode::key::Key;
use sabueso::decode::{Cause, IpVersion, Layer, Layers, MAX_LAYERS, Next, Span};
use sabueso::frame::LinkType;

const LINK_TYPES: [LinkType; 9] = [
    LinkType::EN10MB,
    LinkType::RAW,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::NULL,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::LINUX_SLL2,
    LinkType(999),
];

/// Headers that lead from one to the next: any of the first list may stand before any of the second.
const LINKS: [(LinkType, &[u8]); 6] = [
    (LinkType::EN10MB, &[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]),
    (LinkType::EN10MB, &[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0x20, 7]),
    (LinkType::EN10MB, &[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xa8, 0, 7, 0x81, 0, 0, 8]),
    (LinkType::EN10MB, &[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 200, 0xaa, 0xaa, 3, 0, 0, 0]),
    (LinkType::LINUX_SLL, &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]),
    (LinkType::LINUX_SLL, &[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 7]),
];

const IPV4: [u8; 20] = [0x45, 0, 0, 120, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
const IPV6: [u8; 8] = [0x60, 0, 0, 0, 0, 100, 6, 64];

const TCP: [u8; 20] = [1, 187, 0xc3, 0x50, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 1, 0, 0, 0, 0, 0];

/// What may stand behind the headers, before bytes of any kind.
const TAILS: &[&[u8]] = &[&[], &TCP];

/// Protocols that have decoders, extension headers among them.
const PROTOCOLS: [u8; 19] = [1, 2, 4, 6, 17, 41, 47, 50, 58, 89, 103, 108, 112, 132, 0, 43, 44, 51, 60];

/// A frame with headers that fit, and behind them anything; now and then some of its bytes are others.
fn frame() -> impl Strategy<Value = (LinkType, Vec<u8>)> {
    let tail = (select(TAILS), vec(any::<u8>(), 0..120)).prop_map(|(head, tail)| [head, &tail].concat());
    let packet = (any::<bool>(), vec(select(&PROTOCOLS[..]), 1..6), tail);
    let changes = vec((any::<Index>(), any::<u8>()), 0..3);
    (select(&LINKS[..]), packet, changes).prop_map(|((link_type, link), (is_v4, protocols, tail), changes)| {
        let mut frame = link.to_vec();
        frame.extend(if is_v4 { [8, 0] } else { [0x86, 0xdd] });
        let mut header = if is_v4 { IPV4.to_vec() } else { [&IPV6[..], &[1; 16], &[2; 16]].concat() };
        header[if is_v4 { 9 } else { 6 }] = protocols[0];
        frame.extend(header);
        // What a protocol's number stands for in the first byte of an extension header, or is just bytes.
        for protocol in &protocols[1..] {
            frame.extend([*protocol, 0, 0, 0, 0, 0, 0, 1]);
        }
        frame.extend(tail);
        for (at, byte) in changes {
            let at = at.index(frame.len());
            frame[at] = byte;
        }
        (link_type, frame)
    })
}

/// Any bytes as any kind of frame.
fn noise() -> impl Strategy<Value = (LinkType, Vec<u8>)> {
    (select(&LINK_TYPES[..]), vec(any::<u8>(), 0..200))
}

/// Everything that a walk tells, in words: layers hold references and do not compare.
fn told(mut layers: Layers<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(layer) = layers.next() {
        lines.push(format!("{:?} at {}", std::mem::discriminant(&layer), layers.rest().offset()));
    }
    lines
}

/// Where anything may stand next.
fn entry() -> impl Strategy<Value = Next> {
    let version = select(&[IpVersion::V4, IpVersion::V6][..]);
    prop_oneof![
        select(&LINK_TYPES[..]).prop_map(Next::Link),
        select(&[0x0800, 0x0806, 0x8035, 0x8100, 0x86dd, 0x8847, 0x88a8, 0x9999][..]).prop_map(Next::EtherType),
        select(&[Next::Vxlan, Next::Geneve][..]),
        Just(Next::Llc),
        Just(Next::Ip),
        (any::<u8>(), version).prop_map(|(protocol, version)| Next::Protocol(protocol, version)),
        (select(&PROTOCOLS[..]), Just(IpVersion::V6)).prop_map(|(protocol, version)| Next::Protocol(protocol, version)),
        any::<u8>().prop_map(Next::Fragment),
        Just(Next::Payload),
    ]
}

/// The key as a walk over the layers finds it; none where the walk gave up at its limit.
fn key_by_layers(link_type: LinkType, data: &[u8], wire: usize) -> Option<Option<Key>> {
    let mut layers = Layers::new(link_type, data, wire);
    let (source, destination, fragment) = loop {
        match layers.next() {
            Some(Layer::Ipv4(ip)) => break (ip.source().into(), ip.destination().into(), ip.is_fragment()),
            Some(Layer::Ipv6(ip)) => break (ip.source().into(), ip.destination().into(), false),
            Some(Layer::Arp(_)) | None => return Some(None),
            Some(_) => {}
        }
    };
    let mut key = Key {
        source,
        destination,
        protocol: 0,
        is_fragment: fragment,
        ports: None,
        tcp_flags: None,
        payload_offset: 0,
        payload_len: 0,
    };
    while let Next::Protocol(protocol, _) | Next::Fragment(protocol) = layers.next_header() {
        key.protocol = protocol;
        let here = layers;
        if let Next::Protocol(6 | 17, _) = here.next_header() {
            key.ports = here.rest().u16_at(0).zip(here.rest().u16_at(2));
        }
        match layers.next() {
            Some(Layer::Ipv6Extension(header)) => {
                key.is_fragment |= header.fragment().is_some();
                continue;
            }
            Some(Layer::Authentication(_)) => continue,
            Some(Layer::Tcp(segment)) => key.tcp_flags = Some(segment.flags()),
            Some(Layer::Udp(_)) => {}
            None if layers.stop().is_some_and(|stop| stop.short.cause == Cause::Depth) => return None,
            _ => layers = here,
        }
        break;
    }
    key.payload_offset = layers.rest().offset() as u32;
    key.payload_len = layers.rest().wire() as u32;
    Some(Some(key))
}

proptest! {
    #[test]
    fn any_bytes_at_any_entry_end_within_the_limits(next in entry(), bytes in vec(any::<u8>(), 0..300), more in 0usize..100) {
        let mut layers = Layers::at(next, Span::new(&bytes, bytes.len() + more));
        let mut count = 0;
        while layers.next().is_some() {
            count += 1;
            prop_assert!(count <= MAX_LAYERS);
            // An error's quoted packet may claim to have been longer, but no byte is made up.
            let rest = layers.rest();
            prop_assert!(rest.bytes().is_empty() || rest.offset() + rest.bytes().len() <= bytes.len());
        }
        prop_assert!(layers.next().is_none());
    }

    #[test]
    fn a_cut_changes_nothing_that_was_told_before_it(
        (link_type, bytes) in prop_oneof![frame(), noise()],
        cut in any::<Index>(),
    ) {
        let whole = told(Layers::new(link_type, &bytes, bytes.len()));
        let cut = cut.index(bytes.len() + 1);
        let part = told(Layers::new(link_type, &bytes[..cut], bytes.len()));
        prop_assert!(whole.starts_with(&part), "{part:?} of {whole:?}");
    }

    #[test]
    fn the_key_says_what_the_layers_say(
        (link_type, bytes) in prop_oneof![4 => frame(), 1 => noise()],
        cut in any::<Index>(),
    ) {
        for data in [&bytes[..], &bytes[..cut.index(bytes.len() + 1)]] {
            if let Some(expected) = key_by_layers(link_type, data, bytes.len()) {
                let key = Key::of(link_type, data, bytes.len());
                prop_assert_eq!(key, expected);
                if let Some(key) = key {
                    prop_assert!(key.payload(data).len() <= key.payload_len as usize);
                }
            }
        }
    }
}

/// IP in IP, without end: the walk gives up at its limit and says so.
#[test]
fn nesting_ends_at_the_stated_limit() {
    let mut packet = Vec::new();
    for level in 0..60u16 {
        let total = ((60 - level) * 20).to_be_bytes();
        packet.extend([0x45, 0, total[0], total[1], 0, 1, 0, 0, 64, 4, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    }
    let mut layers = Layers::new(LinkType::RAW, &packet, packet.len());
    assert_eq!(layers.by_ref().count(), usize::from(MAX_LAYERS));
    assert_eq!(layers.stop().map(|stop| stop.short.cause), Some(Cause::Depth));
}

/// ICMP errors that quote one another count as layers too.
#[test]
fn quotes_of_quotes_end_at_the_stated_limit() {
    let mut packet = Vec::new();
    for level in 0..60u16 {
        let total = ((60 - level) * 28).to_be_bytes();
        packet.extend([0x45, 0, total[0], total[1], 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend([3, 1, 0, 0, 0, 0, 0, 0]);
    }
    let mut layers = Layers::new(LinkType::RAW, &packet, packet.len());
    assert_eq!(layers.by_ref().count(), usize::from(MAX_LAYERS));
    assert_eq!(layers.stop().map(|stop| stop.short.cause), Some(Cause::Depth));
}
