//! `sabueso replay`: what is sent on one end of a veth is captured bit for bit on the other.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use nix::sys::signal::Signal;
use sabueso::file::{CreateOptions, Direct, Output, WriteFormat, Writer};
use sabueso::frame::{Block, ByteOrder, FrameFlags, Interface, LinkType, Record, Resolution, Section, Timestamp};

use super::*;
use crate::harness::Rights::{Namespace, Root};

const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/web-http.pcap");
const DNS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/dns.pcap");
const RAW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/raw-ipv4.pcap");

/// Replays on the peer's side.
fn replay(peer: &Peer, words: &str) -> Ended {
    let words = format!("sabueso replay -Z root {words}");
    peer.run(move || Run::spawn(command(&words))).end()
}

/// The frames of a file, none where it is damaged.
fn frames_of(path: &Path) -> Option<Vec<Captured>> {
    let mut reader = Reader::open(path, ReadOptions::default()).ok()?;
    let mut frames = Vec::new();
    while let Some(block) = sabueso::frame::Source::next_block(&mut reader).ok()? {
        frames.extend(block.frames().map(|f| captured(&f)));
    }
    Some(frames)
}

fn captured(frame: &sabueso::frame::Frame<'_>) -> Captured {
    Captured {
        data: frame.data.to_vec(),
        wire_len: frame.wire_len,
        time: frame.time,
        flags: frame.flags,
        link_type: frame.link_type,
        interface: String::new(),
    }
}

fn bytes(frames: &[Captured]) -> Vec<&[u8]> {
    frames.iter().map(|f| f.data.as_slice()).collect()
}

live_test!(every_ethernet_capture_arrives_bit_for_bit, Namespace, {
    folder("16m", "755");
    let peer = pair();
    let mut names: Vec<PathBuf> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/captures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "pcap" || ending == "pcapng"))
        .collect();
    names.sort();
    let (names, sent): (Vec<PathBuf>, Vec<Vec<Captured>>) = names
        .into_iter()
        .filter_map(|path| {
            frames_of(&path).filter(|f| !f.is_empty() && f.iter().all(passes)).map(|frames| (path, frames))
        })
        .unzip();
    assert!(names.len() > 30, "{names:?}");
    let run = capture(&format!("-i here -Q in -w {PCAP}"));
    let listed: String = names.iter().map(|name| format!("{} ", name.display())).collect();
    let ended = replay(&peer, &format!("-i there --speed 20000 {listed}"));
    let count = sent.iter().map(Vec::len).sum::<usize>();
    assert_eq!((ended.code, ended.count("sent, ")), (Some(0), count as u64), "{ended:?}");
    run.interrupt();
    let arrived = read(PCAP);
    let mut arrived = arrived.iter().map(|f| f.data.as_slice());
    for (name, sent) in names.iter().zip(sent) {
        let got: Vec<&[u8]> = arrived.by_ref().take(sent.len()).collect();
        assert!(got == bytes(&sent), "{}", name.display());
    }
    assert!(arrived.next().is_none());
});

/// Whether a frame fits Ethernet, and the receiving kernel shows it to sockets: not where it is cut in its tag.
fn passes(frame: &Captured) -> bool {
    let tagged = [[0x81, 0], [0x88, 0xa8]].iter().any(|kind| frame.data.get(12..14) == Some(kind));
    let least = if tagged { 20 } else { 14 };
    frame.link_type == LinkType::EN10MB && (least..=1514).contains(&frame.data.len())
}

live_test!(several_files_are_sent_several_times, Namespace, {
    folder("1m", "755");
    let peer = pair();
    let run = capture(&format!("-i here -Q in -w {PCAP}"));
    let ended = replay(&peer, &format!("{WEB} {DNS} -i there --speed max --loop 2"));
    let [web, dns] = [WEB, DNS].map(|path| frames_of(Path::new(path)).unwrap());
    let once = [bytes(&web), bytes(&dns)].concat();
    let twice = [once.clone(), once].concat();
    assert_eq!((ended.code, ended.count("sent, ")), (Some(0), twice.len() as u64), "{ended:?}");
    run.interrupt().succeeded_with(twice.len() as u64);
    assert!(bytes(&read(PCAP)) == twice);
});

live_test!(only_what_is_asked_for_is_sent, Namespace, {
    folder("1m", "755");
    let peer = pair();
    let run = capture(&format!("-i here -Q in -w {PCAP}"));
    let ended = replay(&peer, &format!("{WEB} -i there --speed max --loop forever -c 7 -- src port 80"));
    assert_eq!((ended.code, ended.count("sent, ")), (Some(0), 7), "{ended:?}");
    run.interrupt().succeeded_with(7);
    let web = frames_of(Path::new(WEB)).unwrap();
    let from_80: Vec<&[u8]> = bytes(&web).into_iter().filter(|data| data[34..36] == [0, 80]).collect();
    let expected: Vec<&[u8]> = from_80.into_iter().cycle().take(7).collect();
    assert!(bytes(&read(PCAP)) == expected);
});

live_test!(a_carrier_is_waited_for, Namespace, {
    folder("1m", "755");
    let peer = pair();
    let run = capture(&format!("-i here -Q in -w {PCAP}"));
    ip("link set here down");
    peer.run(|| {
        let running = || sabueso::live::interfaces::find("there").unwrap().running;
        until("the carrier is away", || (!running()).then_some(()));
    });
    let words = format!("sabueso replay -Z root {WEB} -i there --speed max");
    let mut replay = peer.run(move || Run::spawn(command(&words)));
    replay.told("there has no carrier yet: waiting for one");
    ip("link set here up");
    let ended = replay.end();
    let web = frames_of(Path::new(WEB)).unwrap();
    assert_eq!((ended.code, ended.count("sent, ")), (Some(0), web.len() as u64), "{ended:?}");
    run.interrupt().succeeded_with(web.len() as u64);
    assert!(bytes(&read(PCAP)) == bytes(&web));
});

live_test!(a_file_for_root_alone_is_sent_again_without_any_privilege, Root, {
    folder("1m", "755");
    let peer = pair();
    fs::copy(DNS, "/mnt/dns.pcap").unwrap();
    fs::set_permissions("/mnt/dns.pcap", fs::Permissions::from_mode(0o600)).unwrap();
    let mut replay =
        peer.run(|| Run::spawn(command("sabueso replay /mnt/dns.pcap -i there --speed 1000 --loop forever")));
    replay.told("sending on there");
    assert_ne!(status(&replay.id(), "Uid")[0], "0");
    assert_eq!(status(&replay.id(), "CapPrm"), ["0000000000000000"]);
    let frames = frames_of(Path::new(DNS)).unwrap().len() as u64;
    until("it sends it again", || {
        replay.signal(Signal::SIGUSR1);
        let line = replay.told(" sent, ");
        (line.split_once(' ').unwrap().0.parse::<u64>().unwrap() > frames).then_some(())
    });
    assert_eq!(replay.interrupt().code, Some(0));
});

live_test!(a_signal_ends_it_with_the_counts, Namespace, {
    folder("16m", "755");
    let peer = pair();
    let run = capture(&format!("-i here -Q in -w {PCAP}"));
    let words = format!("sabueso replay -Z root {DNS} -i there --speed 500 --loop forever");
    let replay = peer.run(move || Run::spawn(command(&words)));
    until("it sends", || (fs::metadata(PCAP).unwrap().len() > 2000).then_some(()));
    let ended = replay.interrupt();
    assert_eq!(ended.code, Some(0));
    run.interrupt().succeeded_with(ended.count("sent, "));
    // One that waits for hours ends as well, and says how far it is.
    let frames = [(0, LinkType::EN10MB, 60, 60), (1_000_000, LinkType::EN10MB, 60, 60)];
    write("/mnt/slow.pcap", WriteFormat::PcapMicro, &frames);
    let mut slow = peer.run(|| Run::spawn(command("sabueso replay -Z root /mnt/slow.pcap -i there")));
    slow.told("sending");
    until("it sends", || {
        slow.signal(Signal::SIGUSR1);
        slow.told(" sent, ").starts_with("1 packet sent, 60 bytes").then_some(())
    });
    assert_eq!(slow.interrupt().count("sent, "), 1);
});

/// Writes a file of frames with these times in seconds, link types, lengths captured and lengths on the wire.
fn write(path: &str, format: WriteFormat, frames: &[(i64, LinkType, u32, u32)]) {
    let bytes = vec![5; 4096];
    let mut interfaces = Vec::new();
    let records: Vec<Record> = frames
        .iter()
        .map(|(secs, link_type, cap_len, wire_len)| {
            let known = interfaces.iter().position(|i: &Interface| i.link_type == *link_type);
            let interface = known.unwrap_or_else(|| {
                interfaces.push(Interface::new(*link_type, 0, Resolution::MICRO));
                interfaces.len() - 1
            });
            Record {
                time: Timestamp::new(*secs, 0),
                offset: 0,
                cap_len: *cap_len,
                wire_len: *wire_len,
                interface: interface as u32,
                flags: FrameFlags(0),
                options: (0, 0),
            }
        })
        .collect();
    let section = Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces };
    let output = Output::create(Path::new(path), &CreateOptions::default(), &mut Direct).unwrap();
    let mut writer = Writer::new(output, format);
    writer.write_block(&Block { section: &section, bytes: &bytes, records: &records, notes: &[] }).unwrap();
    writer.finish().unwrap();
}

live_test!(what_is_not_sent_is_told_with_its_reason, Namespace, {
    folder("1m", "755");
    let peer = pair();
    let (ethernet, raw) = (LinkType::EN10MB, LinkType::RAW);
    let frames = [
        (0, ethernet, 1514, 1514),
        (0, ethernet, 1515, 1515),
        (0, raw, 100, 100),
        (0, ethernet, 60, 600),
        (0, ethernet, 13, 13),
        (0, ethernet, 3000, 3000),
    ];
    write("/mnt/mixed.pcapng", WriteFormat::PcapNg, &frames);
    for (strict, code) in [("", 0), ("--strict", 3)] {
        let ended = replay(&peer, &format!("/mnt/mixed.pcapng -i there {strict}"));
        assert_eq!((ended.code, ended.count("sent, ")), (Some(code), 2), "{ended:?}");
        ended.says("2 packets not sent: too long for there, whose MTU is 1500");
        ended.says("1 packet not sent: refused by the kernel");
        ended.says("1 packet not sent: of another link type than there");
        ended.says("1 packet cut in the capture, and sent as short as that");
    }
});

live_test!(a_capture_of_another_kind_is_refused_before_anything_is_sent, Namespace, {
    folder("1m", "755");
    let peer = pair();
    let run = capture(&format!("-i here -Q in -w {PCAP}"));
    let words = format!("sabueso replay -Z root -i there {WEB} {RAW}");
    let said = peer.run(move || refused(&words));
    for part in ["raw-ipv4.pcap", "IPV4 (Raw IPv4) can't be sent on there", "EN10MB (Ethernet)"] {
        assert!(said.contains(part), "{said}");
    }
    write("/mnt/raw.pcapng", WriteFormat::PcapNg, &[(0, LinkType::RAW, 100, 100)]);
    let said = peer.run(|| refused("sabueso replay -Z root -i there /mnt/raw.pcapng"));
    assert!(said.contains("no frame is of a link type that can be sent on there"), "{said}");
    let said = peer.run(|| refused("sabueso replay -Z root -i there --loop 2 -"));
    assert!(said.contains("can't be sent again"), "{said}");
    run.interrupt().succeeded_with(0);
});

live_test!(raw_packets_go_out_of_tun, Namespace, {
    let mut tun = tun("tun");
    let ended = Run::spawn(command(&format!("sabueso replay -Z root -i tun --speed max {RAW}"))).end();
    let sent = frames_of(Path::new(RAW)).unwrap();
    assert_eq!((ended.code, ended.count("sent, ")), (Some(0), sent.len() as u64), "{ended:?}");
    let mut buffer = [0; 2000];
    for frame in sent {
        let len = tun.read(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], frame.data);
    }
});
