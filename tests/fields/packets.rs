//! Packets to look at: those of the captures, and some made by hand.

use std::fs;
use std::path::{Path, PathBuf};

use sabueso::budget::Budget;
use sabueso::fields::{Listener, Packet};
use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::{ByteOrder, Frame, FrameFlags, Interface, LinkType, Resolution, Section, Source, Timestamp};
use sabueso::output::Sheet;
use sabueso::output::json::Writer;
use serde_json::Value;

/// The captures of the project, damaged ones too.
pub fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "pcap" || ending == "pcapng"));
    found.sort();
    assert!(found.len() > 50);
    found
}

/// The path of one capture.
pub fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

/// Looks at every packet of a capture, as far as that can be read.
pub fn each(path: &Path, mut look: impl FnMut(&Packet<'_>)) {
    let Ok(mut reader) = Reader::open(path, ReadOptions { resync: true, follow: false }) else { return };
    let mut listener = Listener::new(&Budget::new(1 << 20));
    let mut number = 0;
    while let Ok(Some(block)) = reader.next_block() {
        for frame in block.frames() {
            number += 1;
            let said = listener.hear(&frame);
            look(&Packet { number, section: block.section, frame, said: Some(&said) });
        }
    }
}

/// Looks at every packet of a capture of the project, and at the frames whose lines `control_protocols` checks.
pub fn all(mut look: impl FnMut(&Packet<'_>)) {
    for path in captures() {
        each(&path, &mut look);
    }
    for frame in frames() {
        with(LinkType::EN10MB, &frame, &mut look);
    }
}

/// The frames whose lines `control_protocols` checks: behind the title of each, its bytes in hexadecimal.
pub fn frames() -> Vec<Vec<u8>> {
    let texts = [
        include_str!("../control-protocols.txt"),
        include_str!("../application-protocols.txt"),
        include_str!("../network-protocols.txt"),
    ];
    let blocks = texts.into_iter().flat_map(|text| text.split("\n\n"));
    let hex = |block: &str| -> String {
        let lines = block.lines().filter(|line| !line.starts_with('#')).skip(1);
        lines.take_while(|line| !line.starts_with('$')).flat_map(|line| line.split_whitespace()).collect()
    };
    let bytes = |hex: String| hex.as_bytes().chunks(2).map(pair).collect();
    let frames: Vec<_> = blocks.map(|block| bytes(hex(block))).collect();
    assert!(frames.len() > 50);
    frames
}

fn pair(digits: &[u8]) -> u8 {
    u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()
}

/// Looks at a packet of these bytes.
pub fn with<T>(link_type: LinkType, data: &[u8], look: impl FnOnce(&Packet<'_>) -> T) -> T {
    let interfaces = vec![Interface::new(link_type, 0, Resolution::NANO)];
    let section = Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces };
    let (time, flags, wire_len) = (Timestamp::new(1, 5), FrameFlags::default(), data.len() as u32);
    let frame = Frame { time, data, wire_len, interface: 0, link_type, flags, options: &[] };
    look(&Packet { number: 1, section: &section, frame, said: None })
}

/// A packet's line of JSON, and what serde_json makes of it.
pub fn json(packet: &Packet<'_>, payloads: bool) -> (String, Value) {
    let mut sheet = Sheet::new();
    Writer::new(payloads).packet(&mut sheet, packet);
    let line = String::from_utf8(sheet.as_bytes().to_vec()).unwrap();
    let value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (line, value)
}

/// Calls `tell` with the name and value of each field in a packet's JSON.
pub fn leaves<'v>(value: &'v Value, name: &str, tell: &mut impl FnMut(&str, &'v Value)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let inside = match (name, key.as_str()) {
                    (_, "inner") => String::new(),
                    ("", key) => key.to_owned(),
                    (name, key) => format!("{name}.{key}"),
                };
                leaves(value, &inside, tell);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| leaves(value, name, tell)),
        value => tell(name, value),
    }
}
