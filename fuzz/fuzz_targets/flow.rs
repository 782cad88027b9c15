//! Any bytes as the segments, datagrams and errors of a few endpoints: nothing panics, what is kept stays within the budget, and
//! every frame is a packet of a connection or counted as none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::budget::Budget;
use sabueso::flow::{Connection, Tracker};
use sabueso::frame::{Frame, FrameFlags, LinkType, Timestamp};

const BUDGET: usize = 1 << 20;

/// An IPv4 packet between two of four hosts.
fn packet(hosts: u8, protocol: u8, fragment: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let head = [0x45, 0, length[0], length[1], 0, 1, (fragment & 1) << 5, fragment >> 4, 64, protocol, 0, 0];
    [&head[..], &[10, 0, 0, hosts & 3], &[10, 0, 0, hosts >> 2 & 3], payload].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let budget = Budget::new(BUDGET);
    let mut tracker = Tracker::new(&budget);
    let mut packets = 0;
    let mut count = |connection: Connection| {
        packets += connection.sent().packets + connection.received().packets;
        let errors = connection.troubles.errors();
        packets += errors.map_or(0, |errors| {
            errors.all().iter().map(|error| u64::from(error.count)).sum::<u64>() + u64::from(errors.more())
        });
    };
    let (mut rest, mut number, mut seconds) = (bytes, 0, 0i64);
    while let [kind, hosts, more, length, behind @ ..] = rest {
        let (payload, behind) = behind.split_at((usize::from(*length)).min(behind.len()));
        rest = behind;
        let (link_type, data) = match kind & 7 {
            0 => (LinkType::EN10MB, payload.to_vec()),
            1 => (LinkType::IPV6, payload.to_vec()),
            2 => (LinkType::RAW, packet(*hosts, 1, *more, payload)),
            3 => (LinkType::RAW, packet(*hosts, 17, *more, payload)),
            4 => (LinkType::RAW, packet(*hosts, 132, *more, payload)),
            5 => (LinkType::RAW, packet(*hosts, *more, 0, payload)),
            _ => {
                let ports = if hosts & 1 == 0 { [0, 80, 156, 64] } else { [156, 64, 0, 80] };
                let segment =
                    [&ports[..], &[0, 0, 0, *more, 0, 0, 0, *length], &[0x50, kind >> 3, 1, 0, 0, 0, 0, 0], payload];
                (LinkType::RAW, packet(hosts & 1 | (hosts & 1 ^ 1) << 2, 6, 0, &segment.concat()))
            }
        };
        number += 1;
        seconds += i64::from(hosts >> 6) * 50;
        let frame = Frame {
            time: Timestamp::new(seconds, 0),
            data: &data,
            wire_len: data.len() as u32,
            interface: 0,
            link_type,
            flags: FrameFlags::default(),
            options: &[],
        };
        tracker.push(&frame, number, &mut count);
        assert!(tracker.memory() <= BUDGET);
    }
    tracker.finish(&mut count);
    let counts = tracker.counts();
    assert_eq!(counts.failures, 0, "a decoder panicked");
    assert_eq!(packets + counts.without_ip + counts.orphans, counts.frames);
    drop(tracker);
    assert_eq!(budget.left(), BUDGET, "all is given back");
});
