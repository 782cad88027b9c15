//! What the kernel lets through: filters of every kind of interface, directions.

use std::net::UdpSocket;

use sabueso::bpf::{Instruction, Program};
use sabueso::frame::LinkType;
use sabueso::live::{CaptureOptions, Direction, Filter};

use crate::harness::Rights::Namespace;
use crate::harness::*;

/// UDP over IPv4 to a port, as the filter language's compiler would have it for a link type.
fn udp_to(port: u16) -> Filter {
    Filter::new(format!("udp dst port {port}"), move |link_type| {
        let (kind, network) = match link_type {
            LinkType::EN10MB => (12, 14),
            LinkType::LINUX_SLL2 => (0, 20),
            LinkType::RAW => return Ok(program(vec![], 0, port)),
            other => return Err(format!("no program for {other}").into()),
        };
        // Load the EtherType; IPv4, or to the end (the last of the 6 that follow).
        Ok(program(vec![(0x28, 0, 0, kind), (0x15, 0, 6, 0x0800)], network, port))
    })
}

fn program(mut code: Vec<(u16, u8, u8, u32)>, network: u32, port: u16) -> Program {
    code.extend([
        (0x30, 0, 0, network + 9),
        (0x15, 0, 4, 17),
        (0xb1, 0, 0, network),
        (0x48, 0, 0, network + 2),
        (0x15, 0, 1, u32::from(port)),
        (0x06, 0, 0, 262_144),
        (0x06, 0, 0, 0),
    ]);
    Program { instructions: code.into_iter().map(|(code, jt, jf, k)| Instruction { code, jt, jf, k }).collect() }
}

fn filtered(cooked: bool) -> CaptureOptions {
    CaptureOptions { cooked, filter: Some(udp_to(7)), ..Default::default() }
}

fn payloads(captured: &[Captured], header: usize) -> Vec<String> {
    captured.iter().map(|f| String::from_utf8_lossy(&f.data[header..]).into_owned()).collect()
}

live_test!(only_what_the_filter_wants_is_received, Namespace, {
    let peer = pair();
    let mut capture = open_with("here", &filtered(false));
    let (wanted, other) = (udp_from(&peer, 7), udp_from(&peer, 8));
    for n in 0..50 {
        send(&wanted, format!("wanted {n}").as_bytes());
        send(&other, b"other");
    }
    let captured = rest(&mut capture);
    assert_eq!(payloads(&captured, 42), (0..50).map(|n| format!("wanted {n}")).collect::<Vec<_>>());
    assert_eq!(capture.statistics().unwrap()[0].received, 50);
    let filter = capture.section().interfaces[0].option(11).unwrap();
    assert_eq!(filter, b"\0udp dst port 7");
});

/// Sends a wanted and an unwanted datagram over loopback, Ethernet and TUN.
fn say_everywhere(peer: &Peer) {
    let here = UdpSocket::bind("0.0.0.0:0").unwrap();
    let there = [udp_from(peer, 7), udp_from(peer, 8)];
    for (at, port) in [7, 8].into_iter().enumerate() {
        here.send_to(b"lo", ("127.0.0.1", port)).unwrap();
        send(&there[at], b"here");
        here.send_to(b"tun", ("10.8.0.2", port)).unwrap();
    }
}

live_test!(one_filter_serves_all_kinds_of_interface, Namespace, {
    let peer = pair();
    let _tun = tun("tun");
    ip("address add 10.8.0.1/24 dev tun");
    let mut whole = open_with("any", &filtered(false));
    let mut cooked = open_with("any", &filtered(true));
    say_everywhere(&peer);

    let whole = rest(&mut whole);
    let seen: Vec<_> = whole.iter().map(|f| (f.interface.as_str(), f.link_type)).collect();
    assert_eq!(seen, [("lo", LinkType::EN10MB), ("here", LinkType::EN10MB), ("tun", LinkType::RAW)]);
    let headers = [42, 42, 28];
    let told: Vec<_> = whole.iter().zip(headers).map(|(f, h)| &f.data[h..]).collect();
    assert_eq!(told, [&b"lo"[..], b"here", b"tun"]);

    let cooked = rest(&mut cooked);
    assert_eq!(payloads(&cooked, 48), ["lo", "here", "tun"]);
    assert!(cooked.iter().all(|f| f.link_type == LinkType::LINUX_SLL2));
});

live_test!(interfaces_without_a_useful_header_are_cooked, Namespace, {
    ip("link set lo up");
    let _ppp = tun_of("ppp", libc::ARPHRD_PPP);
    ip("address add 10.7.0.1/24 dev ppp");
    let mut captures = [open_with("ppp", &filtered(false)), open_with("any", &filtered(false))];
    let here = UdpSocket::bind("0.0.0.0:0").unwrap();
    for port in [6, 7, 8] {
        here.send_to(format!("to {port}").as_bytes(), ("10.7.0.2", port)).unwrap();
    }
    for capture in &mut captures {
        let captured = rest(capture);
        assert_eq!(payloads(&captured, 48), ["to 7"]);
        assert_eq!((captured[0].link_type, captured[0].interface.as_str()), (LinkType::LINUX_SLL2, "ppp"));
        assert_eq!(captured[0].data[..2], [8, 0]);
        assert_eq!(captured[0].data[8..11], [2, 0, 4], "PPP, outgoing");
    }
});

live_test!(directions_are_told_apart_in_the_kernel, Namespace, {
    let peer = pair();
    let captures = [Direction::In, Direction::Out, Direction::Both]
        .map(|direction| open_with("here", &CaptureOptions { direction, ..Default::default() }));
    let here = UdpSocket::bind((HERE, 0)).unwrap();
    send(&udp_from(&peer, here.local_addr().unwrap().port()), b"in");
    here.send_to(b"out", (THERE, 9)).unwrap();
    let told = captures.map(|mut capture| {
        let udp: Vec<Captured> = rest(&mut capture).into_iter().filter(|f| f.data[23] == 17).collect();
        payloads(&udp, 42)
    });
    assert_eq!(told[0], ["in"]);
    assert_eq!(told[1], ["out"]);
    assert_eq!(told[2], ["in", "out"]);
});
