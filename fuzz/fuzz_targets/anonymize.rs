//! Any bytes as a frame of any link type: its copy is no longer than it is, nothing fails, and the copy that is cut is the
//! head of the one that is filled with zeros.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::anonymize::{Anonymizer, Key, Options, Payload};
use sabueso::frame::{Block, ByteOrder, FrameFlags, Interface, LinkType, Record, Resolution, Section, Timestamp};

const LINK_TYPES: [LinkType; 10] = [
    LinkType::EN10MB,
    LinkType::RAW,
    LinkType::NULL,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::LINUX_SLL2,
    LinkType::PPP,
    LinkType::PPP_SERIAL,
    LinkType::C_HDLC,
    LinkType::PPP_ETHER,
];

fn copy(link_type: LinkType, data: &[u8], wire_len: u32, payload: Payload) -> Vec<u8> {
    let interface = Interface::new(link_type, 0, Resolution::MICRO);
    let section =
        Section { number: 0, byte_order: ByteOrder::Little, options: Vec::new(), interfaces: vec![interface] };
    let record = Record {
        time: Timestamp::default(),
        offset: 0,
        cap_len: data.len() as u32,
        wire_len,
        interface: 0,
        flags: FrameFlags::default(),
        options: (0, 0),
    };
    let mut anonymizer = Anonymizer::new(&Key::new([7; 32]), Options { payload, ..Options::default() });
    let block = anonymizer.block(&Block { section: &section, bytes: data, records: &[record], notes: &[] });
    let copy = block.frame(&block.records[0]).data.to_vec();
    assert_eq!(anonymizer.counts().failures, 0);
    copy
}

fuzz_target!(|bytes: &[u8]| {
    let [kind, more, data @ ..] = bytes else { return };
    let link_type = LINK_TYPES[usize::from(*kind) % LINK_TYPES.len()];
    let wire_len = data.len() as u32 + u32::from(*more);
    let cut = copy(link_type, data, wire_len, Payload::Cut);
    let zero = copy(link_type, data, wire_len, Payload::Zero);
    assert_eq!(zero.len(), data.len());
    assert!(cut.len() <= zero.len() && cut == zero[..cut.len()]);
    assert!(zero[cut.len()..].iter().all(|byte| *byte == 0));
    assert!(copy(link_type, &cut, wire_len, Payload::Cut).len() <= cut.len());
});
