//! The other way round: frames that are sent as they are, and what becomes of those that can't be.

use sabueso::live::{CaptureOptions, Direction, Error, Sender, Sent};

use crate::harness::Rights::Namespace;
use crate::harness::*;

const EXPERIMENTAL: &[u8] = &[0x88, 0xb5];

/// A frame of this many bytes that begins its payload with a number.
fn numbered(number: u32, len: usize) -> Vec<u8> {
    let mut payload = number.to_be_bytes().to_vec();
    payload.resize(len - 14, number as u8);
    frame(MAC_HERE, EXPERIMENTAL, &payload)
}

/// Gives the kernel all that is queued.
fn flush(sender: &mut Sender) {
    until("all is taken", || sender.flush().unwrap().then_some(()));
}

fn received(capture: &mut sabueso::live::Capture) -> Vec<Vec<u8>> {
    rest(capture).into_iter().map(|f| f.data).collect()
}

fn inbound() -> CaptureOptions {
    CaptureOptions { direction: Direction::In, ..Default::default() }
}

live_test!(frames_arrive_as_they_were_sent_and_in_order, Namespace, {
    let peer = pair();
    let mut capture = open_with("here", &inbound());
    // More than twice as many as the ring has slots.
    let frames: Vec<Vec<u8>> = (0..2500).map(|n| numbered(n, 60 + n as usize % 1455)).collect();
    let sending = frames.clone();
    let sent = peer.run(move || {
        let mut sender = Sender::open("there", false).unwrap();
        for (n, frame) in sending.iter().enumerate() {
            while !sender.queue(frame) {
                flush(&mut sender);
            }
            if n % 50 == 0 {
                flush(&mut sender);
            }
        }
        flush(&mut sender);
        sender.sent()
    });
    let bytes = frames.iter().map(|f| f.len() as u64).sum();
    assert_eq!(sent, Sent { frames: 2500, bytes, ..Sent::default() });
    assert!(received(&mut capture) == frames, "other bytes, or another order");
});

live_test!(the_queueing_discipline_can_be_passed_by, Namespace, {
    let peer = pair();
    let mut capture = open_with("here", &inbound());
    peer.run(|| {
        let mut sender = Sender::open("there", true).unwrap();
        assert!(sender.queue(&numbered(7, 100)));
        flush(&mut sender);
    });
    assert_eq!(received(&mut capture), [numbered(7, 100)]);
});

live_test!(frames_above_the_mtu_are_counted_and_not_sent, Namespace, {
    let peer = pair();
    let mut capture = open_with("here", &inbound());
    let sent = peer.run(|| {
        let mut sender = Sender::open("there", false).unwrap();
        assert_eq!(sender.mtu(), 1500);
        for frame in [numbered(0, 1515), numbered(1, 1514), numbered(2, 100_000)] {
            assert!(sender.queue(&frame));
        }
        flush(&mut sender);
        sender.sent()
    });
    assert_eq!(sent, Sent { frames: 1, bytes: 1514, too_long: 2, refused: 0 });
    assert_eq!(received(&mut capture), [numbered(1, 1514)]);
});

live_test!(what_the_kernel_refuses_holds_up_nothing, Namespace, {
    let peer = pair();
    let mut capture = open_with("here", &inbound());
    let sent = peer.run(|| {
        let mut sender = Sender::open("there", false).unwrap();
        ip("link set there mtu 1000");
        // Too long for the interface as it is now, and too short for a header.
        let frames =
            [numbered(0, 1500), numbered(1, 60), vec![1; 13], numbered(2, 1500), numbered(3, 1014), vec![1; 5]];
        for frame in frames {
            assert!(sender.queue(&frame));
        }
        flush(&mut sender);
        assert!(sender.queue(&numbered(4, 70)));
        flush(&mut sender);
        sender.sent()
    });
    assert_eq!(sent, Sent { frames: 3, bytes: 60 + 1014 + 70, too_long: 2, refused: 2 });
    assert_eq!(received(&mut capture), [numbered(1, 60), numbered(3, 1014), numbered(4, 70)]);
});

live_test!(an_interface_that_is_down_or_gone_is_told, Namespace, {
    let _peer = pair();
    let mut sender = Sender::open("here", false).unwrap();
    ip("link set here down");
    assert!(sender.queue(&numbered(1, 60)));
    assert!(matches!(sender.flush(), Err(Error::Down { interface }) if interface == "here"));
    assert_eq!((sender.queued(), sender.sent()), (1, Sent::default()));
    assert!(matches!(Sender::open("here", false), Err(Error::Down { .. })));
    ip("link delete here");
    assert!(matches!(sender.flush(), Err(Error::Gone { interface }) if interface == "here"));
    assert!(matches!(Sender::open("here", false), Err(Error::NoInterface(_))));
    assert!(matches!(Sender::open("any", false), Err(Error::SendOnAny)));
});
