//! How captures end, what is lost on the way, and what is told of it.

use nix::sys::signal::{Signal, raise};
use sabueso::frame::Source;
use sabueso::live::signals::{Request, Signals};
use sabueso::live::{CaptureOptions, Change, Error};

use crate::harness::Rights::Namespace;
use crate::harness::*;

live_test!(a_stop_right_after_the_last_packet_loses_nothing, Namespace, {
    let peer = pair();
    let socket = udp_from(&peer, 9);
    for round in 0..10u32 {
        let mut capture = open("here");
        for n in 0..500u32 {
            send(&socket, &(round * 1000 + n).to_be_bytes());
        }
        let captured = rest(&mut capture);
        let numbers: Vec<u32> = captured
            .iter()
            .filter(|f| f.data[23] == 17)
            .map(|f| u32::from_be_bytes(f.data[42..46].try_into().unwrap()))
            .collect();
        assert!(numbers.into_iter().eq(round * 1000..round * 1000 + 500));
        let count = &capture.statistics().unwrap()[0];
        assert_eq!((count.received, count.dropped), (captured.len() as u64, 0));
        assert!(capture.next_block().unwrap().is_none(), "an end lasts");
    }
});

live_test!(captured_and_dropped_are_what_was_sent, Namespace, {
    let peer = pair();
    let smallest = CaptureOptions { buffer_size: 0, direction: sabueso::live::Direction::In, ..Default::default() };
    let mut capture = open_with("here", &smallest);
    let socket = udp_from(&peer, 9);
    let mut captured = Vec::new();
    // The ring holds some 1,500 of these: most of each thousand is lost while nobody reads.
    for _ in 0..5 {
        for n in 0..4000u32 {
            send(&socket, &n.to_be_bytes());
        }
        take(&mut capture, &mut captured);
    }
    captured.extend(rest(&mut capture));
    let count = &capture.statistics().unwrap()[0];
    assert_eq!(count.captured, captured.len() as u64);
    assert_eq!(count.received, 20_000);
    assert_eq!(count.captured + count.dropped, 20_000);
    assert!(count.dropped > 0 && count.freezes > 0);
});

live_test!(down_and_up_are_told_and_survived, Namespace, {
    let peer = pair();
    let mut capture = open("here");
    let mut changes = Vec::new();
    let mut told = |capture: &mut sabueso::live::Capture, wanted| {
        until("the change", || {
            capture.next_block().unwrap();
            changes.extend(capture.take_events());
            changes.iter().any(|event| event.change == wanted).then_some(())
        });
        let event = changes.pop().unwrap();
        assert_eq!((event.interface.as_str(), event.change), ("here", wanted));
        assert!(changes.is_empty());
        event.time
    };
    ip("link set here down");
    let down = told(&mut capture, Change::Down);
    ip("link set here up");
    let up = told(&mut capture, Change::Up);
    assert!(down <= up);
    // What is routed here went with the address of the peer's neighbour; a broadcast needs none.
    peer.run(|| send_frames("there", &[frame([255; 6], &[8, 0], &[5; 60])]));
    let captured = frames(&mut capture, 1);
    assert!(captured.iter().any(|f| f.data[14..] == [5; 60]));
});

live_test!(an_interface_that_goes_ends_the_capture_after_all_was_read, Namespace, {
    let peer = pair();
    let mut capture = open("here");
    peer.run(|| send_frames("there", &vec![frame(MAC_HERE, &[8, 0], &[5; 60]); 50]));
    ip("link delete here");
    let mut count = 0;
    let error = until("the end", || match capture.next_block() {
        Ok(Some(block)) => {
            count += block.records.len();
            None
        }
        Ok(None) => panic!("ended without a word"),
        Err(error) => Some(error),
    });
    assert!(matches!(error, Error::Gone { interface } if interface == "here"));
    assert_eq!(count, 50);
    assert_eq!(capture.take_events().last().map(|event| event.change), Some(Change::Gone));
    assert!(capture.next_block().unwrap().is_none());
    assert_eq!(capture.statistics().unwrap()[0].received, 50);
});

live_test!(one_interface_that_goes_leaves_the_others, Namespace, {
    let peer = pair();
    let mut capture = sabueso::live::Capture::open(&["here", "lo"], &CaptureOptions::default()).unwrap();
    ip("link delete here");
    drop(peer);
    until("the news", || {
        capture.next_block().unwrap();
        capture.take_events().iter().any(|event| event.change == Change::Gone).then_some(())
    });
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(b"still here", socket.local_addr().unwrap()).unwrap();
    assert_eq!(&frames(&mut capture, 1)[0].data[42..], b"still here");
    capture.stop().unwrap();
    let error = until("the end", || capture.next_block().err());
    assert!(matches!(error, Error::Gone { interface } if interface == "here"));
});

live_test!(a_capture_on_all_outlives_each, Namespace, {
    let peer = pair();
    let mut capture = open("any");
    peer.run(|| send_frames("there", &[frame(MAC_HERE, &[8, 0], &[5; 60])]));
    assert_eq!(frames(&mut capture, 1)[0].interface, "here");
    ip("link delete here");
    until("the news", || {
        capture.next_block().unwrap();
        capture.take_events().iter().any(|event| event.change == Change::Gone).then_some(())
    });
    let _again = pair();
    _again.run(|| send_frames("there", &[frame(MAC_HERE, &[8, 0], &[6; 60])]));
    assert_eq!(frames(&mut capture, 1)[0].interface, "here");
    assert_eq!(capture.section().interfaces.len(), 2, "another interface of the same name");
});

live_test!(a_signal_wakes_a_capture_that_waits, Namespace, {
    ip("link set lo up");
    let signals = Signals::take_over().unwrap();
    let mut capture = open("lo");
    capture.wake_on(signals.waker().unwrap());
    raise(Signal::SIGTERM).unwrap();
    let hours = std::time::Duration::from_secs(3600);
    let block = capture.next_block_within(hours).unwrap().unwrap();
    assert!(block.records.is_empty());
    assert_eq!(signals.next(), Ok(Some(Request::Stop(Signal::SIGTERM))));
    assert!(rest(&mut capture).is_empty());
});
