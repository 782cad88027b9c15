//! Lines of ARP, LLC, STP, ICMP, ICMPv6 and IGMP, against those that tcpdump printed for the same frames:
//! `control-protocols.txt` has a block for each frame.

use std::fmt::Write;

use sabueso::budget::Budget;
use sabueso::frame::{ByteOrder, Frame, FrameFlags, Interface, LinkType, Resolution, Section, Timestamp};
use sabueso::output::Sheet;
use sabueso::output::text::{Options, Printer, TimeStyle};

#[test]
fn lines_are_those_of_tcpdump() {
    let cases = include_str!("control-protocols.txt");
    let mut wrong = String::new();
    let mut count = 0;
    for block in cases.split("\n\n") {
        let mut parts = block.trim_end().split("\n$");
        let head: Vec<_> = parts.next().unwrap().lines().filter(|line| !line.starts_with('#')).collect();
        let Some((title, hex)) = head.split_first() else { continue };
        let (name, wire_len) = title.rsplit_once(", ").unwrap();
        let data = bytes(&hex.concat());
        for part in parts {
            let (flags, expected) = part.split_once('\n').unwrap();
            let printed = print(flags, &data, wire_len.parse().unwrap());
            count += 1;
            if printed.trim_end_matches('\n') != expected {
                write!(wrong, "\n{name}:{flags}\n{expected}\nbut printed\n{printed}").unwrap();
            }
        }
    }
    assert!(count > 100, "only {count} cases were found");
    assert!(wrong.is_empty(), "{wrong}");
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

/// The lines of an Ethernet frame under flags such as `-ev`.
fn print(flags: &str, data: &[u8], wire_len: u32) -> String {
    let options = Options {
        verbose: flags.matches('v').count() as u8,
        quiet: flags.contains('q'),
        link_header: flags.contains('e'),
        time: TimeStyle::None,
        ..Options::default()
    };
    let interface = Interface::new(LinkType::EN10MB, 0, Resolution::MICRO);
    let section =
        Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces: vec![interface] };
    let frame = Frame {
        time: Timestamp::default(),
        data,
        wire_len,
        interface: 0,
        link_type: LinkType::EN10MB,
        flags: FrameFlags::default(),
        options: &[],
    };
    let mut sheet = Sheet::new();
    Printer::new(options, &Budget::new(1 << 20)).frame(&mut sheet, &section, &frame, 1);
    String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
}
