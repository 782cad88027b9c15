//! Any bytes as a capture file: they are read to an end, and told of as a whole, with and without resync; what was read is written as
//! pcapng, and reading that gives the same frames and notes.
#![no_main]

use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};

use libfuzzer_sys::fuzz_target;
use sabueso::file::{Output, ReadOptions, Reader, WriteFormat, Writer};
use sabueso::frame::{Frame, Source};
use sabueso::info::Info;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    for resync in [false, true] {
        let copy = Shared::default();
        let mut writer = Writer::new(Output::stream(Box::new(copy.clone()), "copy"), WriteFormat::PcapNg);
        let Some(first) = read(bytes.to_vec(), resync, Some(&mut writer)) else { return };
        writer.finish().unwrap();
        let copy = copy.0.lock().unwrap().clone();
        assert_eq!(read(copy, false, None), Some(first));
    }
});

/// All frames and notes in a file, in order, as text; written too where there is a writer. A copy must have no fault.
fn read(bytes: Vec<u8>, resync: bool, mut writer: Option<&mut Writer>) -> Option<Vec<String>> {
    let options = ReadOptions { resync, follow: false };
    let mut reader = Reader::new(Box::new(Cursor::new(bytes)), "fuzz", options).ok()?;
    let (mut seen, mut info) = (Vec::new(), Info::default());
    // Sections are told apart, not numbered: a damaged one that was left out has a number too.
    let (mut number, mut sections) = (None, 0);
    loop {
        match reader.next_block() {
            Ok(Some(block)) => {
                if let Some(writer) = &mut writer {
                    writer.write_block(&block).unwrap();
                }
                info.block(&block, info.packets + 1);
                if number.replace(block.section.number) != Some(block.section.number) {
                    sections += 1;
                }
                let mut notes = block.notes.iter().map(|note| format!("{} {:?}", note.kind, block.note(note)));
                let mut places = block.notes.iter().map(|note| note.body.0).peekable();
                for record in block.records {
                    while places.next_if(|place| *place < record.offset).is_some() {
                        seen.extend(notes.next());
                    }
                    let Frame { time, data, wire_len, interface, link_type, flags, options } = block.frame(record);
                    seen.push(format!(
                        "{sections} {time:?} {data:?} {wire_len} {interface} {link_type:?} {flags:?} {options:?}"
                    ));
                }
                seen.extend(notes);
            }
            Ok(None) => return Some(seen),
            Err(error) => {
                assert!(writer.is_some(), "a fault in what was written: {error}");
                assert!(matches!(reader.next_block(), Ok(None)));
                return Some(seen);
            }
        }
    }
}
