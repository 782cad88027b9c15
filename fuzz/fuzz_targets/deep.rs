//! Any bytes as fragments, segments and datagrams that belong together, printed with the further lines of `--deep`: nothing
//! panics, and what is kept for later stays within the budget.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::budget::Budget;
use sabueso::frame::{ByteOrder, Frame, FrameFlags, Interface, LinkType, Resolution, Section, Timestamp};
use sabueso::output::Sheet;
use sabueso::output::text::{Options, Printer};

const BUDGET: usize = 1 << 16;

/// Ports that tell what is carried.
const PORTS: [u16; 22] = [
    443, 53, 5353, 67, 69, 80, 123, 161, 514, 520, 521, 546, 554, 1812, 1985, 4500, 5060, 6379, 21, 22, 23, 25,
];

/// An IPv4 packet around some bytes: `offset` counts from the start of a datagram, its lowest bit says that more follows.
fn packet(protocol: u8, offset: u16, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let fragment = ((offset & 1) << 13 | offset >> 3).to_be_bytes();
    let head = [0x45, 0, length[0], length[1], 0, 1, fragment[0], fragment[1], 64, protocol, 0, 0];
    [&head[..], &[10, 0, 0, 1], &[10, 0, 0, 2], payload].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let interface = Interface::new(LinkType::RAW, 0, Resolution::MICRO);
    let section = Section { number: 0, byte_order: ByteOrder::Little, options: vec![], interfaces: vec![interface] };
    let budget = Budget::new(BUDGET);
    let options = Options { deep: true, owners: true, verbose: 3, ..Options::default() };
    let mut printer = Printer::new(options, &budget);
    let mut sheet = Sheet::new();
    let mut rest = bytes;
    let mut number = 0;
    while let [kind, a, b, length, behind @ ..] = rest {
        let length = (usize::from(*length) * 8).min(behind.len());
        let (payload, behind) = behind.split_at(length);
        rest = behind;
        let place = u16::from_be_bytes([*a, *b]);
        let port = PORTS[usize::from(kind >> 2) % PORTS.len()].to_be_bytes();
        let data = match kind & 3 {
            0 => packet(17, place, payload),
            1 => packet(*a, u16::from(*b), payload),
            2 => {
                let length = (8 + payload.len() as u16).to_be_bytes();
                packet(17, 0, &[&[156, 64, port[0], port[1], length[0], length[1], 0, 0], payload].concat())
            }
            _ => {
                let flags = kind >> 4;
                let head = [156, 64, port[0], port[1], 0, 0, *a, *b, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0];
                packet(6, 0, &[&head, payload].concat())
            }
        };
        number += 1;
        let frame = Frame {
            time: Timestamp::new(i64::from(kind >> 2) * 3, 0),
            data: &data,
            wire_len: data.len() as u32,
            interface: 0,
            link_type: LinkType::RAW,
            flags: FrameFlags::default(),
            options: &[],
        };
        printer.frame(&mut sheet, &section, &frame, number);
        assert_eq!(printer.failures(), 0, "a decoder panicked");
        sheet.clear();
    }
    drop(printer);
    assert_eq!(budget.left(), BUDGET, "all is given back");
});
