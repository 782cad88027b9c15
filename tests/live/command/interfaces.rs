//! All interfaces, several, one way only, and what is asked of an interface while it is captured on.

use nix::sys::signal::Signal;
use sabueso::frame::{Direction, LinkType};

use super::*;
use crate::harness::Rights::{Namespace, Root};

/// Says numbers 0 to 9 both ways on Ethernet, loopback and a TUN interface that is returned.
fn say_everywhere(talk: &Talk, tun: &UdpSocket) {
    let lo = UdpSocket::bind("127.0.0.1:0").unwrap();
    lo.connect(lo.local_addr().unwrap()).unwrap();
    for n in 0..10 {
        match n % 4 {
            0 => talk.send(n..n + 1),
            1 => talk.answer(n..n + 1),
            2 => say(&lo, &lo, n..n + 1),
            _ => assert_eq!(tun.send(&n.to_be_bytes()).unwrap(), 4),
        }
    }
}

/// The other side of a TUN interface, for as long as the file is open.
fn through_tun() -> (std::fs::File, UdpSocket) {
    let file = tun("tun");
    ip("address add 10.8.0.1/24 dev tun");
    let socket = UdpSocket::bind("10.8.0.1:0").unwrap();
    socket.connect("10.8.0.2:9").unwrap();
    (file, socket)
}

/// What a program says of a capture; nothing where it isn't installed.
fn said_by(program: &str, words: &str) -> Option<String> {
    let Ok(output) = Command::new(program).args(words.split_whitespace()).output() else {
        skip(program, "not installed");
        return None;
    };
    assert!(output.status.success(), "{program} {words}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A line without its word at this place.
fn without_word(line: &str, at: usize) -> String {
    let words: Vec<&str> = line.split(' ').enumerate().filter(|(n, _)| *n != at).map(|(_, word)| word).collect();
    words.join(" ")
}

live_test!(all_interfaces_in_a_pcap_file_are_of_one_kind, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let (_file, tun) = through_tun();
    let run = capture(&format!("-i any -w {PCAP}"));
    say_everywhere(&talk, &tun);
    run.interrupt().succeeded_with(10);
    let frames = read(PCAP);
    assert!(frames.iter().map(number).eq(0..10));
    assert!(frames.iter().all(|f| f.link_type == LinkType::LINUX_SLL2));
    // The packet type of the cooked header: to us, from us.
    assert!(frames.iter().map(|f| f.data[10]).eq([0, 4].into_iter().cycle().take(10)));
});

// In a user namespace tcpdump fails to become its own user.
live_test!(tcpdump_reads_all_interfaces_from_a_pcap_file, Root, {
    folder("1m", "755");
    let talk = Talk::new();
    let (_file, tun) = through_tun();
    let run = capture(&format!("-i any -w {PCAP}"));
    say_everywhere(&talk, &tun);
    run.interrupt().succeeded_with(10);
    if let Some(text) = said_by("tcpdump", &format!("-nn -t -r {PCAP}")) {
        let said: Vec<(&str, &str)> = text.lines().map(|line| line.trim_start().split_once(' ').unwrap()).collect();
        let ways = said.iter().map(|(_, line)| line.split_whitespace().next().unwrap());
        assert!(ways.eq(["In", "Out"].into_iter().cycle().take(10)), "{text}");
        assert!(said.iter().all(|(_, line)| line.ends_with("UDP, length 4")), "{text}");
    }
});

live_test!(all_interfaces_in_a_pcapng_file_are_kept_apart, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let (_file, tun) = through_tun();
    let shown = "-nn -e -tt --nano";
    let run = capture(&format!("-i any -w {PCAPNG} --print {shown}"));
    say_everywhere(&talk, &tun);
    let ended = run.interrupt();
    ended.succeeded_with(10);
    let named: Vec<&str> = ended.text().lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert!(named.into_iter().eq(["here", "here", "lo", "tun"].into_iter().cycle().take(10)), "{ended:?}");
    // A file's lines have no interface, as with tcpdump.
    let without: String = ended.text().lines().map(|line| without_word(line, 1) + "\n").collect();
    let again = Run::spawn(command(&format!("sabueso -r {PCAPNG} {shown}"))).end();
    assert_eq!(again.text(), without, "read again, a capture shows what it showed");

    let frames = read(PCAPNG);
    assert!(frames.iter().map(number).eq(0..10));
    let kinds: Vec<_> = frames.iter().map(|f| (f.interface.as_str(), f.link_type, f.flags.direction())).collect();
    let expected = [
        ("here", LinkType::EN10MB, Direction::Inbound),
        ("here", LinkType::EN10MB, Direction::Outbound),
        ("lo", LinkType::EN10MB, Direction::Inbound),
        ("tun", LinkType::RAW, Direction::Outbound),
    ];
    assert!(kinds.into_iter().eq(expected.into_iter().cycle().take(10)));

    if let Some(text) = said_by("capinfos", &format!("-M -c -I {PCAPNG}")) {
        for part in
            ["Number of packets:   10", "Number of interfaces in file: 3", "Name = here", "Name = lo", "Name = tun"]
        {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }
    let fields = "-T fields -e frame.interface_name -e frame.packet_flags_direction";
    if let Some(text) = said_by("tshark", &format!("-r {PCAPNG} {fields}")) {
        let each = ["here\t0x00000001", "here\t0x00000002", "lo\t0x00000001", "tun\t0x00000002"];
        assert!(text.lines().eq(each.into_iter().cycle().take(10)), "{text}");
    }
});

live_test!(several_interfaces_go_into_one_file, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let (_file, tun) = through_tun();
    let run = capture(&format!("-i lo -i here -w {PCAPNG}"));
    say_everywhere(&talk, &tun);
    run.interrupt().succeeded_with(8);
    let frames = read(PCAPNG);
    let seen: Vec<_> = frames.iter().map(|f| (number(f), f.interface.as_str())).collect();
    let of = |n: u32| if n % 4 == 2 { "lo" } else { "here" };
    assert!(seen.into_iter().eq((0..10).filter(|n| n % 4 != 3).map(|n| (n, of(n)))));
});

live_test!(one_way_can_be_asked_for, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    for (direction, expected) in [("in", 0..10), ("out", 10..20), ("inout", 0..20)] {
        let run = capture(&format!("-i here -Q {direction} -w {PCAP}"));
        talk.send(0..10);
        talk.answer(10..20);
        run.interrupt().succeeded_with(expected.len() as u64);
        assert!(numbers(PCAP).into_iter().eq(expected), "{direction}");
    }
});

live_test!(long_frames_are_cut_in_the_file_as_asked, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here -s 20 -w {PCAP}"));
    talk.send(0..3);
    run.interrupt().succeeded_with(3);
    assert!(read(PCAP).iter().all(|f| (f.data.len(), f.wire_len) == (20, 46)));
});

live_test!(promiscuous_mode_ends_however_the_command_ends, Namespace, {
    let talk = Talk::new();
    assert_eq!(promiscuity("here"), 0);
    let counted = capture("-i here --count -c 1");
    assert_eq!(promiscuity("here"), 1);
    let interrupted = capture("-i here --count");
    assert_eq!(promiscuity("here"), 2);
    talk.send(0..1);
    assert_eq!(counted.end().code, Some(0));
    assert_eq!(promiscuity("here"), 1);
    interrupted.interrupt().succeeded_with(1);
    assert_eq!(promiscuity("here"), 0);
    let killed = capture("-i here --count");
    assert_eq!(promiscuity("here"), 1);
    killed.signal(Signal::SIGKILL);
    assert_eq!(killed.end().code, None);
    assert_eq!(promiscuity("here"), 0);
    let modest = capture("-i here -p --count");
    assert_eq!(promiscuity("here"), 0);
    modest.interrupt().succeeded_with(0);
});
