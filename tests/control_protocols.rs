//! Lines of protocols, against those that tcpdump printed for the same frames: `control-protocols.txt` (ARP, LLC,
//! STP, ICMP, ICMPv6, IGMP), `link-protocols.txt` (LLDP, CDP and the like, PPP, LACP, EAPOL, all of STP, GRE, IPX),
//! `application-protocols.txt` (DNS, DHCP, NTP, HTTP and the like, tunnels, VRRP) and `network-protocols.txt` (IPsec, SCTP,
//! OSPF, PIM, RIP, DHCPv6, SNMP, RADIUS, TFTP, Telnet) have a block for each frame.

use std::fmt::Write;

use sabueso::budget::Budget;
use sabueso::frame::{ByteOrder, Frame, FrameFlags, Interface, LinkType, Resolution, Section, Timestamp};
use sabueso::output::Sheet;
use sabueso::output::text::{Options, Printer, TimeStyle};

#[test]
fn lines_of_control_protocols_are_those_of_tcpdump() {
    check(include_str!("control-protocols.txt"));
}

#[test]
fn lines_of_application_protocols_are_those_of_tcpdump() {
    check(include_str!("application-protocols.txt"));
}

#[test]
fn lines_of_link_protocols_are_those_of_tcpdump() {
    check(include_str!("link-protocols.txt"));
}

#[test]
fn lines_of_network_protocols_are_those_of_tcpdump() {
    check(include_str!("network-protocols.txt"));
}

#[test]
fn the_text_of_a_frame_has_a_limit() {
    // Thousands of records, each of a name of 255 bytes that a pointer stands for.
    let mut message = vec![0, 1, 0x84, 0, 0, 1, 0x10, 0, 0, 0, 0, 0];
    message.extend([b"\x3e".as_slice(), &[b'a'; 62]].concat().repeat(4));
    message.extend([0, 0, 1, 0, 1]);
    message.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\0\0\x02\xc0\x0c".repeat(4096));
    let length = |header: u16| (message.len() as u16 + header).to_be_bytes();
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0];
    frame.extend(length(28));
    frame.extend([0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 4, 0]);
    frame.extend(length(8));
    frame.extend([0, 0]);
    frame.extend(message);
    for flags in ["", "-v", "-vv"] {
        let text = print(flags, &frame, frame.len() as u32);
        assert!(text.ends_with(" [text cut]\n"), "{}", &text[..100]);
        assert!(text.len() < 1 << 17, "{} bytes of text", text.len());
    }
}

fn check(cases: &str) {
    let mut wrong = String::new();
    let mut count = 0;
    for block in cases.split("\n\n") {
        let mut parts = block.trim_end_matches('\n').split("\n$");
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
