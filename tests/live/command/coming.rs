//! Interfaces that come late, go and come back; those of another namespace; filters for one of several.

use sabueso::frame::LinkType;

use super::*;
use crate::harness::Rights::{Namespace, Root};

const KIND: &[u8] = &[0x88, 0xb5];

/// Frames that end in these numbers.
fn numbered(numbers: Range<u32>) -> Vec<Vec<u8>> {
    numbers.map(|n| frame([255; 6], KIND, &[&[0; 46][..], &n.to_be_bytes()].concat())).collect()
}

/// A veth pair of this name whose other end is `far`, with a carrier.
fn make(name: &str) {
    ip(&format!("link add {name} type veth peer name far"));
    for end in [name, "far"] {
        ip(&format!("link set {end} addrgenmode none"));
        ip(&format!("link set {end} up"));
    }
    let running = |name: &str| sabueso::live::interfaces::find(name).unwrap().running;
    until("both ends have a carrier", || (running(name) && running("far")).then_some(()));
}

/// A capture that waits for an interface.
fn waiting(words: &str) -> Run {
    let mut run = Run::spawn(command(words));
    run.told("waiting for late, which is not there yet");
    run
}

live_test!(an_interface_that_comes_late_is_captured_from_its_first_frame, Namespace, {
    folder("1m", "755");
    let mut run = waiting(&format!("sabueso -Z root -i late --wait -Q in -w {PCAP}"));
    make("late");
    send_frames("far", &numbered(0..20));
    run.told("late is there since");
    run.interrupt().succeeded_with(20);
    assert!(numbers(PCAP).into_iter().eq(0..20));
});

live_test!(without_any_privilege_an_interface_is_captured_again, Root, {
    folder("1m", "777");
    make("late");
    let mut run = Run::start(command(&format!("sabueso -i late --wait -Q in -w {PCAP}")));
    assert_ne!(status(&run.id(), "Uid")[0], "0");
    for round in 0..3 {
        send_frames("far", &numbered(round * 10..round * 10 + 10));
        ip("link delete late");
        run.told("late is gone since");
        make("late");
        run.told("late is there since");
        assert_eq!(promiscuity("late"), 1);
    }
    send_frames("far", &numbered(30..40));
    run.interrupt().succeeded_with(40);
    assert!(numbers(PCAP).into_iter().eq(0..40));
});

live_test!(an_interface_that_stays_away_is_a_failure_at_the_end, Namespace, {
    folder("1m", "755");
    ip("link set lo up");
    make("late");
    let mut run = capture(&format!("-i late -i lo --wait -Q in -w {PCAP}"));
    send_frames("far", &numbered(0..5));
    ip("link delete late");
    run.told("late is gone since");
    let lo = UdpSocket::bind("127.0.0.1:0").unwrap();
    lo.connect(lo.local_addr().unwrap()).unwrap();
    say(&lo, &lo, 5..10);
    let ended = run.interrupt();
    assert_eq!((ended.code, ended.captured(), ended.received()), (Some(1), 10, 10), "{ended:?}");
    ended.says("sabueso: late is gone");
    assert!(numbers(PCAP).into_iter().eq(0..10));
});

live_test!(an_interface_may_come_back_as_another_kind, Namespace, {
    folder("1m", "755");
    make("late");
    let mut run = capture(&format!("-i late --wait -w {PCAPNG} udp or ether proto 0x88b5"));
    send_frames("far", &numbered(0..1));
    ip("link delete late");
    run.told("late is gone since");
    let _file = tun("late");
    run.told("late is there since");
    ip("address add 10.8.0.1/24 dev late");
    let socket = UdpSocket::bind("10.8.0.1:0").unwrap();
    socket.connect("10.8.0.2:9").unwrap();
    socket.send(&1u32.to_be_bytes()).unwrap();
    run.interrupt().succeeded_with(2);
    let seen: Vec<_> = read(PCAPNG).iter().map(|f| (number(f), f.link_type, f.interface.clone())).collect();
    assert_eq!(seen, [(0, LinkType::EN10MB, "late".to_owned()), (1, LinkType::RAW, "late".to_owned())]);
});

live_test!(one_that_is_down_is_waited_for, Namespace, {
    folder("1m", "755");
    make("late");
    ip("link set late down");
    let said = refused("sabueso -Z root -i late --count");
    assert!(said.contains("late is not up"), "{said}");
    let mut run = capture(&format!("-i late --wait -Q in -w {PCAP}"));
    ip("link set late up");
    run.told("late is up since");
    let carrier = || sabueso::live::interfaces::find("far").unwrap().running;
    until("a carrier", || carrier().then_some(()));
    send_frames("far", &numbered(0..5));
    run.interrupt().succeeded_with(5);
});

live_test!(on_all_interfaces_a_late_one_goes_by_its_name, Namespace, {
    let mut run = capture("-i any -Q in -nn -t -l");
    let lines = run.lines();
    make("late");
    run.told("late is there since");
    send_frames("far", &numbered(0..1));
    let line = || lines.iter().find(|line| !line.starts_with('\t')).unwrap();
    assert!(line().starts_with("late "));
    ip("link set late name other");
    run.told("other is there since");
    send_frames("far", &numbered(1..2));
    assert!(line().starts_with("other "));
    run.interrupt().succeeded_with(2);
});

live_test!(an_interface_may_have_a_filter_of_its_own, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let lo = UdpSocket::bind("127.0.0.1:0").unwrap();
    lo.connect(lo.local_addr().unwrap()).unwrap();
    for (filters, seen) in [
        ("--filter-on lo:tcp", [true, false]),
        ("--filter-on lo:udp tcp", [false, true]),
        ("--filter-on lo:udp --filter-on here:icmp arp", [false, true]),
        ("--filter-on here:udp --filter-on lo:udp arp", [true, true]),
    ] {
        let run = capture(&format!("-i here -i lo -w {PCAPNG} {filters}"));
        talk.send(0..3);
        say(&lo, &lo, 0..3);
        talk.send(3..6);
        let ended = run.interrupt();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let frames = read(PCAPNG);
        let count = |name: &str| frames.iter().filter(|f| f.interface == name).count();
        assert_eq!([count("here") == 6, count("lo") == 3], seen, "{filters}");
        assert_eq!(frames.len(), if seen[0] { 6 } else { 0 } + if seen[1] { 3 } else { 0 }, "{filters}");
        assert!(frames.is_sorted_by_key(|f| f.time), "{filters}");
    }
    for (wrong, words) in [
        ("lo", "give an interface and a filter"),
        ("tun:udp", "tun is not captured on"),
        ("lo:any{tcp}", "no kernel can decide this"),
    ] {
        let said = refused(&format!("sabueso -Z root -i lo -i here --filter-on {wrong}"));
        assert!(said.contains(words), "{said}");
    }
});

live_test!(interfaces_of_another_namespace_are_listed_and_captured, Namespace, {
    folder("1m", "755");
    let peer = pair();
    let thread = peer.id();
    let listed = Run::spawn(command(&format!("sabueso -D --netns {thread}"))).end();
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.text().contains("there [Up") && !listed.text().contains(".here "), "{listed:?}");
    let run = capture(&format!("-i there --netns {thread} -Q in -w {PCAP}"));
    send_frames("here", &numbered(0..5));
    run.interrupt().succeeded_with(5);
    assert!(numbers(PCAP).into_iter().eq(0..5));
    let run = capture(&format!("-i here -Q in -w {PCAPNG}"));
    let words = format!("sabueso replay -Z root {PCAP} -i there --netns /proc/{thread}/ns/net");
    assert_eq!(Run::spawn(command(&words)).end().count("sent, "), 5);
    run.interrupt().succeeded_with(5);
    assert!(numbers(PCAPNG).into_iter().eq(0..5));
    let said = refused("sabueso -D --netns no-such-one");
    assert!(said.contains("there is no network namespace no-such-one, no /run/netns/no-such-one"), "{said}");
});
