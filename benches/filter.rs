//! What a filter costs: a verdict on headers in cache, and compiling a long list.

use divan::Bencher;
use divan::counter::ItemsCount;
use sabueso::filter::{Executor, Options, compile};
use sabueso::frame::LinkType;

fn main() {
    divan::main();
}

/// Headers of TCP and UDP over IPv4 and IPv6 and of ARP, to many ports.
fn frames() -> Vec<Vec<u8>> {
    (0..1000u16)
        .map(|n| {
            let port = n.wrapping_mul(61).wrapping_add(1).to_be_bytes();
            let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
            match n % 8 {
                0 => frame.extend([8, 6, 0, 1, 8, 0, 6, 4, 0, 1]),
                1 | 2 => {
                    frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, if n % 3 == 0 { 17 } else { 6 }, 64]);
                    frame.extend([0x20; 32]);
                    frame.extend([port, [0, 80]].concat());
                }
                _ => {
                    frame.extend([8, 0, 0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, if n % 3 == 0 { 17 } else { 6 }, 0, 0]);
                    frame.extend([10, 0, 0, 1, 10, 0, 0, 2]);
                    frame.extend([port, (n % 100).to_be_bytes()].concat());
                }
            }
            frame.resize(96, 0);
            frame
        })
        .collect()
}

fn list(word: &str, names: impl Iterator<Item = String>) -> String {
    format!("{word} {}", names.collect::<Vec<_>>().join(" or "))
}

fn expression(name: &str) -> String {
    match name {
        "60 ports" => list("port", (7000..7060).map(|n| n.to_string())),
        "1000 hosts" => list("host", (0..1000).map(|n| format!("10.{}.{}.{}", n % 7, n / 250, n % 250))),
        name => name.to_owned(),
    }
}

#[divan::bench(args = ["tcp port 80", "port 7000", "60 ports", "host 10.0.0.2", "1000 hosts"])]
fn verdicts(bencher: Bencher<'_, '_>, name: &str) {
    let program = compile(&expression(name), LinkType::EN10MB, &Options::default()).unwrap();
    let executor = Executor::new(&program).unwrap();
    let frames = frames();
    bencher
        .counter(ItemsCount::new(frames.len()))
        .bench(|| frames.iter().filter(|frame| executor.run(divan::black_box(frame), 96) > 0).count());
}

#[divan::bench(args = ["tcp port 80", "60 ports", "1000 hosts"])]
fn compiling(name: &str) -> usize {
    let program = compile(&expression(name), LinkType::EN10MB, &Options::default()).unwrap();
    program.instructions.len()
}
