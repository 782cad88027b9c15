//! Any segments, in any order, of two sides: what is told of a stream is told once and in order, what waits stays within the
//! budget, and bodies decoded from it stay within their bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::budget::Budget;
use sabueso::frame::{Frame, FrameFlags, LinkType, Timestamp};
use sabueso::streams::conversations::{Conversation, Side};
use sabueso::streams::half::Part;
use sabueso::streams::http::Dialogues;
use sabueso::streams::{Event, Reader, Streams, What};

const BUDGET: usize = 1 << 20;

/// Where each side is, and what becomes of its messages.
struct Listener {
    places: std::collections::HashMap<u64, [usize; 2]>,
    dialogues: Dialogues,
}

impl Reader for Listener {
    fn wants(&mut self, _: &Conversation) -> bool {
        true
    }

    fn read(&mut self, event: &Event<'_>) {
        let number = event.conversation.number;
        match event.what {
            What::Sent(side, offset, part) => {
                let place = &mut self.places.entry(number).or_default()[usize::from(side == Side::Server)];
                assert_eq!(*place, offset, "in order, each byte once");
                *place += match part {
                    Part::Bytes(bytes) => bytes.len(),
                    Part::Missing(count) => count,
                };
                self.dialogues.take(number, side, part, &mut |_, _| {});
            }
            What::Ended(_) => {}
            What::Over => {
                self.places.remove(&number);
                self.dialogues.finish(number, |_, _, _| {});
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let budget = Budget::new(BUDGET);
    let mut streams = Streams::new(&budget);
    let mut listener = Listener { places: Default::default(), dialogues: Dialogues::new(&budget) };
    let mut rest = bytes;
    while let [flags, sequence, acknowledged, length, behind @ ..] = rest {
        let (payload, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        rest = behind;
        let back = flags & 0x80 != 0;
        let (hosts, ports) = if back { ([2, 1], [0, 80, 0, 9]) } else { ([1, 2], [0, 9, 0, 80]) };
        // Sequence numbers near the place where they begin anew.
        let number = |value: u8| u32::MAX.wrapping_sub(400).wrapping_add(u32::from(value) * 4).to_be_bytes();
        let segment = [&ports[..], &number(*sequence), &number(*acknowledged), &[0x50, flags & 0x37, 1, 0, 0, 0, 0, 0], payload];
        let segment = segment.concat();
        let wire = (20 + segment.len() as u16 + u16::from(flags >> 3 & 1) * 9).to_be_bytes();
        let head = [0x45, 0, wire[0], wire[1], 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, hosts[0], 10, 0, 0, hosts[1]];
        let data = [&head[..], &segment].concat();
        let frame = Frame {
            time: Timestamp::new(0, 0),
            data: &data,
            wire_len: u32::from(u16::from_be_bytes(wire)),
            interface: 0,
            link_type: LinkType::RAW,
            flags: FrameFlags::default(),
            options: &[],
        };
        streams.frame(&frame, &mut listener);
    }
    streams.finish(&mut listener);
    drop((streams, listener));
    assert_eq!(budget.left(), BUDGET, "all is given back");
});
