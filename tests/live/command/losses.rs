//! What is lost: each packet counted once, and told where it is missing.

use std::fs;
use std::io::Write;

use sabueso::frame::Source;
use sabueso::gap;

use super::*;
use crate::harness::Rights::Namespace;

/// The number in each frame of a file, and how many packets the file says were lost before it.
fn numbers_and_gaps(path: &str) -> Vec<(u32, u64)> {
    let mut reader = Reader::open(Path::new(path), ReadOptions::default()).unwrap();
    let mut frames = Vec::new();
    while let Some(block) = reader.next_block().unwrap() {
        let order = block.section.byte_order;
        frames.extend(
            block.frames().map(|f| (u32::from_be_bytes(*f.data.last_chunk().unwrap()), gap::before(&f, order))),
        );
    }
    frames
}

/// Sends these numbers from there to here, each in a frame of that length, faster than anybody could answer.
fn flood(talk: &Talk, numbers: Range<u32>, frame_len: usize) {
    const HEADERS: usize = 14 + 20 + 8;
    let mut payload = vec![0; frame_len - HEADERS];
    for n in numbers {
        *payload.last_chunk_mut().unwrap() = n.to_be_bytes();
        send(&talk.there, &payload);
    }
}

/// Takes what a flood left in a socket that nobody reads.
fn empty(talk: &Talk) {
    talk.here.set_nonblocking(true).unwrap();
    while talk.here.recv(&mut [0; 2048]).is_ok() {}
    talk.here.set_nonblocking(false).unwrap();
}

live_test!(a_gap_is_as_long_as_told_and_where_it_is_told, Namespace, {
    folder("64m", "755");
    let talk = Talk::new();
    for (frame_len, count) in [(64, 12_000), (512, 4_000), (1514, 2_000)] {
        for interface in ["here", "any", "lo -i here"] {
            let mut run = capture(&format!("-i {interface} -B 1 -w {PCAPNG} udp dst port 9"));
            let mut sent = 0;
            for _ in 0..3 {
                run.while_stopped(|| flood(&talk, sent..sent + count, frame_len));
                sent += count;
                run.told("the kernel dropped");
                empty(&talk);
                talk.send(sent..sent + 10);
                sent += 10;
            }
            let ended = run.interrupt();
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert_eq!(ended.received(), u64::from(sent), "{ended:?}");
            assert_eq!(ended.captured() + ended.dropped(), u64::from(sent), "{ended:?}");

            let frames = numbers_and_gaps(PCAPNG);
            assert_eq!(frames.len() as u64, ended.captured());
            let mut next = 0;
            for (number, lost) in &frames {
                assert_eq!(u64::from(number - next), *lost, "before {number}, {frame_len} on {interface}");
                next = number + 1;
            }
            assert_eq!(next, sent);
            assert_eq!(frames.iter().map(|(_, lost)| lost).sum::<u64>(), ended.dropped());
            assert!(frames.iter().filter(|(_, lost)| *lost > 0).count() >= 3);
            ended.says("would have held the rest");
        }
    }
});

live_test!(a_gap_is_told_between_lines_and_never_in_them, Namespace, {
    let talk = Talk::new();
    for (flags, begin) in [("-t -q", "IP 10.9.0.2."), ("--fields ip.src --no-header", "10.9.0.2")] {
        let mut run = capture(&format!("-i here -B 1 {flags} --strict udp dst port 9"));
        let lines = run.lines();
        run.while_stopped(|| flood(&talk, 0..12_000, 64));
        run.told("the kernel dropped");
        empty(&talk);
        talk.send(12_000..12_001);
        let place = run.told("lost here");
        run.signal(Signal::SIGINT);
        let shown: Vec<String> = lines.iter().collect();
        let ended = run.end();
        assert_eq!(ended.code, Some(3), "{ended:?}");
        assert_eq!(shown.len() as u64, ended.captured());
        assert!(shown.iter().all(|line| line.starts_with(begin)));
        assert!(
            place.contains(&format!("{} packets lost here, before packet {}", ended.dropped(), shown.len())),
            "{place}"
        );
    }
});

live_test!(gaps_of_workers_add_up, Namespace, {
    folder("64m", "755");
    let talk = Talk::new();
    for files in [vec![PCAPNG.to_owned()], (0..2).map(|n| format!("{PCAPNG}.{n}")).collect()] {
        let flag = if files.len() > 1 { "--worker-files" } else { "" };
        let flags = format!("--workers 2 --fanout lb {flag} --strict -i here -B 1 -w {PCAPNG} udp dst port 9");
        let mut run = capture(&flags);
        run.while_stopped(|| flood(&talk, 0..24_000, 64));
        run.told("the kernel dropped");
        empty(&talk);
        // In turn: some for each.
        talk.send(24_000..24_010);
        let ended = run.interrupt();
        assert_eq!((ended.code, ended.received()), (Some(3), 24_010), "{ended:?}");
        assert_eq!(ended.captured() + ended.dropped(), 24_010, "{ended:?}");
        let gaps: Vec<Vec<(u32, u64)>> = files.iter().map(|file| numbers_and_gaps(file)).collect();
        let frames = gaps.concat();
        assert_eq!(frames.len() as u64, ended.captured(), "{flags}");
        assert_eq!(frames.iter().map(|(_, lost)| lost).sum::<u64>(), ended.dropped(), "{flags}");
        let large = frames.iter().filter(|(_, lost)| *lost > 1_000).count();
        assert!(large >= 2, "{flags}: one for each worker");
    }
});

live_test!(what_is_lost_while_a_disk_is_full_is_told, Namespace, {
    folder("256k", "755");
    let talk = Talk::new();
    let mut run = capture(&format!("-i here -B 1 -w {PCAP} --on-full wait udp dst port 9"));
    talk.send(0..20_000);
    run.told("the disk is full: waiting for room");
    flood(&talk, 20_000..60_000, 64);
    run.told("the kernel dropped");
    let ended = run.interrupt();
    assert_eq!(ended.captured() + ended.count("dropped by sabueso") + ended.dropped(), 60_000, "{ended:?}");
});

live_test!(what_an_interface_loses_is_told_though_no_socket_saw_it, Namespace, {
    folder("1m", "755");
    let mut tun = tun("tun9");
    let packet = |version: u8| {
        let mut packet = b"E\0\0\x14\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02".to_vec();
        packet[0] = version << 4 | 5;
        packet
    };
    // Before the capture: none of its losses.
    tun.write(&packet(1)).unwrap_err();
    for file in [PCAP, PCAPNG] {
        let mut run = capture(&format!("-i tun9 --strict -w {file}"));
        for version in [4, 1, 1, 4, 1] {
            // The kernel takes nothing but the two versions of IP that there are, and counts the rest as dropped.
            assert_eq!(tun.write(&packet(version)).is_ok(), version == 4);
        }
        assert!(run.told("by the interface").contains("3 packets lost"));
        let ended = run.interrupt();
        assert_eq!(ended.code, Some(3), "{ended:?}");
        assert_eq!((ended.captured(), ended.received(), ended.dropped()), (2, 2, 0), "{ended:?}");
        assert_eq!(ended.count("dropped by interface"), 3, "{ended:?}");
        ended.says("netdev_max_backlog");
    }
    // isb_ifdrop: pcapng, section 4.6.
    let counter = [&5u16.to_ne_bytes()[..], &8u16.to_ne_bytes(), &3u64.to_ne_bytes()].concat();
    assert!(fs::read(PCAPNG).unwrap().windows(counter.len()).any(|bytes| bytes == counter));
});

live_test!(what_an_interface_lost_before_it_came_back_is_counted, Namespace, {
    folder("1m", "755");
    let lose = |tun: &mut fs::File, count| {
        for _ in 0..count {
            tun.write(&[0x15; 20]).unwrap_err();
        }
    };
    let mut first = tun("tun9");
    let mut run = capture(&format!("-i tun9 --wait -w {PCAPNG}"));
    lose(&mut first, 3);
    assert!(run.told("by the interface").contains("3 packets lost"));
    drop(first);
    run.told("tun9 is gone");
    let mut second = tun("tun9");
    run.told("tun9 is there");
    lose(&mut second, 2);
    assert!(run.told("by the interface").contains("2 packets lost"));
    let ended = run.interrupt();
    assert_eq!((ended.code, ended.count("dropped by interface")), (Some(0), 5), "{ended:?}");
});

live_test!(a_recorder_writes_when_a_packet_or_a_signal_says_so, Namespace, {
    folder("64m", "755");
    let talk = Talk::new();
    let mut run = capture(&format!("-i here -w {PCAP} --recorder 100kB --after 1s --trigger udp[8:4]=20"));
    talk.send(0..10);
    run.signal(Signal::SIGUSR2);
    run.told("triggered");
    until_saved(10);
    // Time passes without packets too: the file is ended, and the next event has one of its own.
    let second = "/mnt/out.pcap1";
    let mut sent = 10;
    until("the second file", || {
        if sent < 20 {
            talk.send(sent..sent + 1);
            sent += 1;
        } else if !fs::exists(second).unwrap() {
            talk.send(20..21);
        }
        fs::metadata(second).ok().filter(|file| file.len() > pcap_len(0))
    });
    let ended = run.interrupt();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let (first, second) = (numbers(PCAP), numbers(second));
    assert!(first.iter().copied().take(10).eq(0..10), "{first:?}");
    assert!(second.ends_with(&[20]), "{second:?}");
    assert_eq!(ended.count("recorded in 2 files"), (first.len() + second.len()) as u64, "{ended:?}");
});

live_test!(a_packet_that_is_waited_for_ends_it, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here -w {PCAP} --stop-when udp[8:4]=30"));
    run.while_stopped(|| talk.send(0..50));
    let ended = run.end();
    assert_eq!((ended.code, ended.captured(), ended.received()), (Some(0), 31, 50), "{ended:?}");
    assert!(numbers(PCAP).into_iter().eq(0..=30));
    assert_eq!(ended.count("passed over"), 19, "{ended:?}");
});
