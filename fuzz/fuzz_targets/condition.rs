//! The first line as a condition, what follows as a packet that is asked whether it fulfils it, and told as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sabueso::condition::Condition;
use sabueso::fields::Packet;
use sabueso::frame::{ByteOrder, Frame, FrameFlags, Interface, LinkType, Resolution, Section, Timestamp};
use sabueso::output::{Sheet, json, tree};

fuzz_target!(|bytes: &[u8]| {
    let Some((link, bytes)) = bytes.split_first() else { return };
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (text, data) = bytes.split_at(end);
    let link_type = LinkType::NAMED[usize::from(*link) % LinkType::NAMED.len()].0;
    let interfaces = vec![Interface::new(link_type, 0, Resolution::NANO)];
    let section = Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces };
    let (time, flags, wire_len) = (Timestamp::default(), FrameFlags::default(), data.len() as u32);
    let frame = Frame { time, data, wire_len, interface: 0, link_type, flags, options: &[] };
    let packet = Packet { number: 1, section: &section, frame, said: None };

    if let Ok(mut condition) = Condition::new(&String::from_utf8_lossy(text)) {
        condition.accepts(&packet);
        assert_eq!(condition.failures(), 0);
    }
    let mut sheet = Sheet::new();
    let mut writer = json::Writer::new(true);
    writer.packet(&mut sheet, &packet);
    assert_eq!(writer.failures(), 0);
    let value: serde_json::Value = serde_json::from_slice(sheet.as_bytes()).expect("valid JSON");
    assert!(value.is_object());
    tree::Writer::default().packet(&mut sheet, &packet);
});
