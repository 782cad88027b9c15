//! Any bytes as what the kernel says of sockets, and as the options of a frame that tell of its process: every walk comes to an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::frame::{ByteOrder, Frame, FrameFlags, LinkType, Timestamp};
use sabueso::owner::View;
use sabueso::process::diag::SocketInfo;
use sabueso::process::netlink::{Attributes, Messages};

fuzz_target!(|bytes: &[u8]| {
    let mut walked = 0;
    for message in Messages::new(bytes) {
        walked += message.body.len();
        let _ = SocketInfo::parse(&message, None);
        assert!(Attributes::new(message.body).count() <= message.body.len());
    }
    assert!(walked <= bytes.len());
    let frame = Frame {
        time: Timestamp::new(0, 0),
        data: &[],
        wire_len: 0,
        interface: 0,
        link_type: LinkType::EN10MB,
        flags: FrameFlags::default(),
        options: bytes,
    };
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let _ = View::of(&frame, order);
    }
});
