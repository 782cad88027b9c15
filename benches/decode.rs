//! What a packet's key costs, and a walk over all its layers.

use divan::{Bencher, black_box};
use sabueso::decode::Layers;
use sabueso::decode::key::Key;
use sabueso::frame::LinkType;

fn main() {
    divan::main();
}

const ETHERNET: [u8; 12] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
const IPV4_TCP: [u8; 20] = [0x45, 0, 5, 220, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
const TCP: [u8; 32] =
    [1, 187, 0xc3, 0x50, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x10, 1, 0, 0, 0, 0, 0, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];

/// A kind of frame, by name.
const KINDS: [&str; 4] = ["tcp", "vlan-tcp", "ipv6-udp", "icmp-error"];

fn frame(kind: &str) -> Vec<u8> {
    let mut frame = ETHERNET.to_vec();
    match kind {
        "vlan-tcp" => frame.extend([0x81, 0, 0, 7, 8, 0]),
        "ipv6-udp" => frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 5, 0, 17, 64]),
        _ => frame.extend([8, 0]),
    }
    match kind {
        "ipv6-udp" => {
            frame.extend([[1; 16], [2; 16]].as_flattened());
            frame.extend([0, 53, 0xc3, 0x50, 5, 0, 0, 0]);
        }
        "icmp-error" => {
            frame.extend([0x45, 0, 0, 80, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0]);
            frame.extend(IPV4_TCP);
            frame.extend(TCP);
        }
        _ => {
            frame.extend(IPV4_TCP);
            frame.extend(TCP);
        }
    }
    frame
}

#[divan::bench(args = KINDS)]
fn key(bencher: Bencher<'_, '_>, kind: &str) {
    let frame = frame(kind);
    bencher.bench_local(|| Key::of(LinkType::EN10MB, black_box(&frame), 1514));
}

#[divan::bench(args = KINDS)]
fn layers(bencher: Bencher<'_, '_>, kind: &str) {
    let frame = frame(kind);
    bencher.bench_local(|| {
        for layer in Layers::new(LinkType::EN10MB, black_box(&frame), 1514) {
            black_box(layer);
        }
    });
}
