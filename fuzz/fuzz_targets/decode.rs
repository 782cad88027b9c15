//! Any bytes as a packet, entered at the layer that the first byte picks. Every layer lies within the bytes
//! and uses some of them up. The same bytes then as what TCP and UDP carry.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::decode::application::{self, Found, Known, Message, Place};
use sabueso::decode::quic::{self, Frames, Packets, initial};
use sabueso::decode::tls;
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
    stream(packet, Known { is_dns: *extra == 53, is_start: entry & 1 == 0 });
    datagram(packet);
});

fn stream(bytes: &[u8], known: Known) {
    let (mut rest, mut place) = (bytes, Place::Begin);
    while !rest.is_empty() {
        let Found::Message(message, used) = application::next(rest, &mut place, known) else { return };
        let _ = format!("{message:?}");
        if let Message::Tls(tls::Message::Hello { body, .. }) = &message {
            hello(body);
        }
        assert!(used > 0);
        rest = &rest[used..];
    }
}

fn hello(body: &[u8]) {
    if let Some(hello) = tls::ClientHello::parse(body) {
        let _ = (hello.server_name(), hello.alpn().count(), hello.resumption(), hello.version());
        assert!(tls::Ja4::of(&hello, tls::Transport::Tcp).to_string().is_ascii());
    }
    if let Some(hello) = tls::ServerHello::parse(body) {
        let _ = (hello.version(), hello.alpn(), hello.is_retry_request());
    }
}

fn datagram(bytes: &[u8]) {
    hello(bytes);
    assert!(Frames::new(bytes).count() <= bytes.len());
    for packet in Packets::new(bytes) {
        if let quic::Packet::Long(packet) = packet {
            let _ = (packet.versions().count(), initial::open(&packet, packet.destination_id(), initial::Side::Client));
        }
    }
}
