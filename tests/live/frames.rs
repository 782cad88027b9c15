//! The frames themselves: bytes, lengths, times, directions, tags, cuts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::SystemTime;

use sabueso::frame::{Direction, FrameFlags, LinkType, Timestamp};
use sabueso::live::CaptureOptions;

use crate::harness::Rights::Namespace;
use crate::harness::*;

const IP: &[u8] = &[8, 0];

live_test!(datagrams_are_captured_as_they_were_sent, Namespace, {
    let peer = pair();
    let mut capture = open("here");
    let socket = udp_from(&peer, 9);
    let now = || {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Timestamp::new(since.as_secs() as i64, u64::from(since.subsec_nanos()))
    };
    let before = now();
    let sent: Vec<Vec<u8>> = (0..100u8).map(|n| vec![n; 18 + usize::from(n) * 14]).collect();
    for data in &sent {
        send(&socket, data);
    }
    // The answers of this side, that nobody listens, are frames too.
    let mut captured = frames(&mut capture, 100);
    captured.extend(rest(&mut capture));
    let inbound: Vec<&Captured> = captured.iter().filter(|f| f.data[23] == 17).collect();
    assert_eq!(inbound.iter().map(|f| f.data[42..].to_vec()).collect::<Vec<_>>(), sent);
    let mut last = before;
    for frame in inbound {
        assert_eq!(frame.data[..14], [&MAC_HERE[..], &MAC_THERE, IP].concat());
        assert_eq!(frame.wire_len as usize, frame.data.len());
        assert_eq!((frame.link_type, frame.interface.as_str()), (LinkType::EN10MB, "here"));
        assert_eq!(frame.flags.0 & 0b11111, 1 | 1 << 2, "inbound, unicast");
        assert!(last <= frame.time && frame.time <= now());
        last = frame.time;
    }
    let answers = captured.iter().filter(|f| f.data[23] == 1);
    assert!(answers.clone().count() > 0);
    assert!(answers.map(|f| f.flags.direction()).all(|d| d == Direction::Outbound));
});

live_test!(a_connection_is_captured_whole, Namespace, {
    let peer = pair();
    let mut capture = open("here");
    let sent: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    let listener = TcpListener::bind((HERE, 80)).unwrap();
    let sending = sent.clone();
    let sender = peer.run(move || {
        thread::spawn(move || {
            let mut stream = TcpStream::connect((HERE, 80)).unwrap();
            stream.write_all(&sending).unwrap();
        })
    });
    let mut received = Vec::new();
    listener.accept().unwrap().0.read_to_end(&mut received).unwrap();
    sender.join().unwrap();
    assert!(received == sent);

    let mut stream = vec![None; sent.len()];
    let mut first = None;
    for frame in rest(&mut capture).iter().filter(|f| f.flags.direction() == Direction::Inbound) {
        let tcp = &frame.data[34..];
        let sequence = u32::from_be_bytes(tcp[4..8].try_into().unwrap());
        let first = *first.get_or_insert(sequence.wrapping_add(1));
        let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
        for (at, byte) in payload.iter().enumerate() {
            stream[sequence.wrapping_sub(first) as usize + at] = Some(*byte);
        }
    }
    assert!(stream.into_iter().map(Option::unwrap).eq(sent));
});

live_test!(an_unfinished_checksum_is_marked, Namespace, {
    let peer = pair();
    let mut capture = open("here");
    let socket = udp_from(&peer, 9);
    send(&socket, b"veth leaves the checksum to a card that isn't there");
    let captured = frames(&mut capture, 1);
    assert!(captured[0].flags.has(FrameFlags::CHECKSUM_NOT_READY));
});

live_test!(tags_come_back_where_they_were, Namespace, {
    let peer = pair();
    let mut capture = open("here");
    let broadcast = [255; 6];
    let sent = vec![
        frame(MAC_HERE, &[0x81, 0, 0x60, 0x64, 8, 0], &[1; 60]),
        frame(MAC_HERE, &[0x88, 0xa8, 0, 100, 0x81, 0, 0xe0, 200, 8, 0], &[2; 60]),
        frame(broadcast, &[0x81, 0, 0, 0, 8, 6], &[3; 60]),
        frame(MAC_HERE, IP, &[4; 60]),
    ];
    let sending = sent.clone();
    peer.run(move || send_frames("there", &sending));
    let captured = frames(&mut capture, 4);
    assert_eq!(captured.iter().map(|f| f.data.clone()).collect::<Vec<_>>(), sent);
    assert_eq!(
        captured.iter().map(|f| f.wire_len as usize).collect::<Vec<_>>(),
        sent.iter().map(Vec::len).collect::<Vec<_>>()
    );
    assert_eq!(captured[2].flags.0 & 0b11111, 1 | 3 << 2, "inbound, broadcast");
});

live_test!(tags_are_kept_in_cooked_frames, Namespace, {
    let peer = pair();
    let mut capture = open_with("any", &CaptureOptions { cooked: true, ..Default::default() });
    peer.run(|| send_frames("there", &[frame(MAC_HERE, &[0x88, 0xa8, 0, 100, 0x81, 0, 0xe0, 200, 8, 0], &[7; 60])]));
    let captured = frames(&mut capture, 1);
    assert_eq!(captured[0].data[..2], [0x88, 0xa8]);
    assert_eq!(captured[0].data[20..], [&[0, 100, 0x81, 0, 0xe0, 200, 8, 0][..], &[7; 60]].concat());
    assert_eq!(captured[0].wire_len as usize, captured[0].data.len());
});

live_test!(frames_are_cut_at_the_snap_length, Namespace, {
    let peer = pair();
    let mut capture = open_with("here", &CaptureOptions { snap_len: 60, ..Default::default() });
    assert_eq!(capture.section().interfaces[0].snap_len, 60);
    let sent = vec![frame(MAC_HERE, IP, &[1; 400]), frame(MAC_HERE, &[0x81, 0, 0, 1, 8, 0], &[2; 400])];
    let sending = sent.clone();
    peer.run(move || send_frames("there", &sending));
    for (captured, sent) in frames(&mut capture, 2).iter().zip(sent) {
        assert_eq!(captured.data, sent[..60]);
        assert_eq!(captured.wire_len as usize, sent.len());
    }
});
