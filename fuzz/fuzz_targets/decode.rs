//! Any bytes as a packet, entered at the layer that the first byte picks. Every layer lies within the bytes
//! and uses some of them up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::decode::{IpVersion, Layers, MAX_LAYERS, Next, Span};
use sabueso::frame::LinkType;

fuzz_target!(|bytes: &[u8]| {
    let [entry, extra, packet @ ..] = bytes else { return };
    let link = |index: u8| LinkType::NAMED[usize::from(index) % LinkType::NAMED.len()].0;
    let version = if entry & 0x80 == 0 { IpVersion::V4 } else { IpVersion::V6 };
    let next = match entry & 7 {
        0 => Next::Link(link(entry >> 3)),
        1 => Next::Ip,
        2 => Next::Llc,
        3 => Next::Protocol(*extra, version),
        4 => Next::Fragment(*extra),
        5 => Next::EtherType(u16::from_be_bytes([0x88, *extra])),
        6 => Next::EtherType(u16::from_be_bytes([0x08, *extra])),
        _ => Next::EtherType(u16::from_be_bytes([0x86, *extra])),
    };
    // The wire may have had more than was captured.
    let mut layers = Layers::at(next, Span::new(packet, packet.len() + usize::from(*extra)));
    let mut count = 0;
    while let Some(layer) = layers.next() {
        let _ = format!("{layer:?}");
        count += 1;
        assert!(layers.rest().bytes().len() <= packet.len());
    }
    assert!(count <= usize::from(MAX_LAYERS));
});
