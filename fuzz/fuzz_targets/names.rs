//! Any bytes as messages that tell names, between a client and a server: nothing panics, each question is told once, and what is told of it
//! holds no control byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::budget::Budget;
use sabueso::frame::{Frame, FrameFlags, LinkType, Timestamp};
use sabueso::names::Names;
use sabueso::output::{Sheet, questions};

const PORTS: [u16; 8] = [53, 53, 53, 53, 137, 5353, 5355, 67];

/// A datagram between the client's port and one of those above, in IPv4.
fn datagram(kind: u8, payload: &[u8]) -> Vec<u8> {
    let server = PORTS[usize::from(kind & 7)];
    let client: u16 = if server == 67 { 68 } else { 40_000 + u16::from(kind >> 6) };
    let (from, to) = if kind & 8 == 0 { (client, server) } else { (server, client) };
    let (a, b) = if kind & 8 == 0 { (1, 2) } else { (2, 1) };
    let length = 28 + payload.len() as u16;
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, a, 10, 0, 0, b]);
    for word in [from, to, length - 20, 0] {
        packet.extend(word.to_be_bytes());
    }
    packet.extend(payload);
    packet
}

fuzz_target!(|bytes: &[u8]| {
    let mut names = Names::new(&Budget::new(1 << 20));
    let mut sheet = Sheet::new();
    let mut tell = |exchange| {
        questions::line(&mut sheet, &exchange);
        questions::json(&mut sheet, &exchange);
    };
    let (mut rest, mut number, mut seconds) = (bytes, 0, 0i64);
    while let [kind, pause, length, behind @ ..] = rest {
        let (payload, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        rest = behind;
        number += 1;
        seconds += i64::from(pause >> 2);
        let data = datagram(*kind, payload);
        let frame = Frame {
            time: Timestamp::new(seconds, 0),
            data: &data,
            wire_len: data.len() as u32,
            interface: 0,
            link_type: LinkType::RAW,
            flags: FrameFlags::default(),
            options: &[],
        };
        names.hear(&frame, number, &mut tell);
        names.of([10, 0, 0, 2].into(), Some([10, 0, 0, 1].into()), frame.time);
    }
    names.finish(&mut tell);
    assert!(sheet.as_bytes().iter().all(|byte| *byte == b'\n' || *byte >= b' ' && *byte != 0x7f), "a control byte");
});
