//! Several interfaces, all of them, and those that see what is meant for others.

use std::net::UdpSocket;

use sabueso::frame::{Direction, LinkType};
use sabueso::live::{Capture, CaptureOptions, interfaces};

use crate::harness::Rights::Namespace;
use crate::harness::*;

live_test!(every_interface_keeps_its_own_link_type, Namespace, {
    let peer = pair();
    let _tun = tun("tun");
    ip("address add 10.8.0.1/24 dev tun");
    let mut capture = open("any");
    assert!(capture.section().interfaces.is_empty(), "none has shown up yet");
    let here = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = here.local_addr().unwrap().port();
    here.send_to(b"over tun", ("10.8.0.2", 9)).unwrap();
    here.send_to(b"over lo", ("127.0.0.1", port)).unwrap();
    send(&udp_from(&peer, port), b"over here");

    let told = rest(&mut capture);
    let told: Vec<_> =
        told.iter().map(|f| (f.interface.as_str(), f.link_type, f.data.len(), f.flags.direction())).collect();
    assert_eq!(
        told,
        [
            ("tun", LinkType::RAW, 20 + 8 + 8, Direction::Outbound),
            // Once, though it is sent and received.
            ("lo", LinkType::EN10MB, 14 + 20 + 8 + 7, Direction::Inbound),
            ("here", LinkType::EN10MB, 14 + 20 + 8 + 9, Direction::Inbound),
        ]
    );
});

live_test!(cooked_frames_are_of_one_kind, Namespace, {
    let peer = pair();
    let _tun = tun("tun");
    ip("address add 10.8.0.1/24 dev tun");
    let mut capture = open_with("any", &CaptureOptions { cooked: true, ..Default::default() });
    let here = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = here.local_addr().unwrap().port();
    here.send_to(b"over tun", ("10.8.0.2", 9)).unwrap();
    here.send_to(b"over lo", ("127.0.0.1", port)).unwrap();
    send(&udp_from(&peer, port), b"over here");

    let told = rest(&mut capture);
    let index = |name: &str| interfaces::find(name).unwrap().index.to_be_bytes();
    let header = |name, hardware: u16, kind: u8, mac: &[u8]| {
        let mut header =
            [&[8, 0, 0, 0][..], &index(name), &hardware.to_be_bytes(), &[kind, mac.len() as u8], mac].concat();
        header.resize(20, 0);
        header
    };
    let headers: Vec<_> = told.iter().map(|f| f.data[..20].to_vec()).collect();
    assert_eq!(
        headers,
        [header("tun", 0xfffe, 4, &[]), header("lo", 772, 0, &[0; 6]), header("here", 1, 0, &MAC_THERE)]
    );
    assert!(told.iter().all(|f| f.interface == "any" && f.wire_len as usize == f.data.len()));
    assert_eq!(&told[2].data[48..], b"over here");
});

live_test!(several_interfaces_are_captured_at_once, Namespace, {
    let peer = pair();
    let mut capture = Capture::open(&["lo", "here"], &CaptureOptions::default()).unwrap();
    let names: Vec<_> = capture.section().interfaces.iter().map(|i| i.name().unwrap().to_vec()).collect();
    assert_eq!(names, [b"lo".to_vec(), b"here".to_vec()]);
    let here = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = here.local_addr().unwrap().port();
    let socket = udp_from(&peer, port);
    for _ in 0..20 {
        here.send_to(b"lo", ("127.0.0.1", port)).unwrap();
        send(&socket, b"here");
    }
    let told = rest(&mut capture);
    for name in ["lo", "here"] {
        let of: Vec<_> = told.iter().filter(|f| f.interface == name).collect();
        assert_eq!(of.len(), 20);
        assert!(of.iter().all(|f| f.data[42..] == *name.as_bytes()));
    }
    for count in capture.statistics().unwrap() {
        assert_eq!((count.received, count.captured, count.dropped), (20, 20, 0), "{}", count.interface);
    }
});

live_test!(promiscuous_mode_ends_with_the_capture, Namespace, {
    let _peer = pair();
    assert_eq!(promiscuity("here"), 0);
    let first = open("here");
    assert_eq!(promiscuity("here"), 1);
    let mut second = open("here");
    assert_eq!(promiscuity("here"), 2);
    drop(first);
    assert_eq!(promiscuity("here"), 1);
    rest(&mut second);
    drop(second);
    assert_eq!(promiscuity("here"), 0);
    let _modest = open_with("here", &CaptureOptions { promiscuous: false, ..Default::default() });
    assert_eq!(promiscuity("here"), 0);
});

live_test!(frames_for_others_pass_a_bridge_only_if_wanted, Namespace, {
    let peer = pair();
    ip("link add bridge type bridge");
    ip("link set bridge addrgenmode none");
    ip("address flush dev here");
    ip("link add port type veth peer name far");
    for port in ["here", "port"] {
        ip(&format!("link set {port} addrgenmode none"));
        ip(&format!("link set {port} master bridge"));
        ip(&format!("link set {port} up"));
    }
    ip("link set far addrgenmode none");
    ip("link set far up");
    ip("link set bridge up");
    for port in ["here", "port"] {
        until("the ports forward", || described(port).contains("state forwarding").then_some(()));
    }
    let stranger = [2, 0, 0, 0, 0, 99];
    let modest = CaptureOptions { promiscuous: false, ..Default::default() };
    for (options, expected) in [(modest, 0), (CaptureOptions::default(), 1)] {
        let mut capture = open_with("bridge", &options);
        // For experiments: IP would have to be valid to pass a bridge with netfilter.
        let to_stranger = frame(stranger, &[0x88, 0xb5], &[9; 60]);
        let to_all = frame([255; 6], &[0x88, 0xb5], &[8; 60]);
        peer.run(move || send_frames("there", &[to_stranger, to_all]));
        let mut captured = Vec::new();
        until("the last frame", || {
            take(&mut capture, &mut captured);
            captured.iter().any(|f| f.data[..6] == [255; 6]).then_some(())
        });
        let for_stranger: Vec<_> = captured.iter().filter(|f| f.data[..6] == stranger).collect();
        assert_eq!(for_stranger.len(), expected);
        assert!(for_stranger.iter().all(|f| f.flags.0 & 0b11111 == 1 | 4 << 2), "inbound, promiscuous");
    }
});

live_test!(interfaces_are_listed_with_what_is_known_of_them, Namespace, {
    let _peer = pair();
    let _tun = tun("tun");
    ip("link add idle type veth peer name idler");
    let here = interfaces::find("here").unwrap();
    assert!(here.up && here.running && !here.loopback);
    assert_eq!((here.mac, here.link_type), (Some(MAC_HERE), LinkType::EN10MB));
    assert_eq!(here.addresses, [HERE.parse::<std::net::IpAddr>().unwrap()]);
    let lo = interfaces::find("lo").unwrap();
    assert!(lo.up && lo.loopback && lo.mac.is_none());
    assert_eq!(interfaces::find("tun").unwrap().link_type, LinkType::RAW);
    let idle = interfaces::find("idle").unwrap();
    assert!(!idle.up && !idle.running);
    let list = interfaces::list().unwrap();
    let at = |name: &str| list.iter().position(|i| i.name == name).unwrap();
    assert!(at("here") < at("any") && at("any") < at("lo") && at("lo") < at("idle"));
    assert_eq!(interfaces::find(&(at("tun") + 1).to_string()).unwrap().name, "tun");
});
