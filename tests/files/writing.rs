//! Writing pcap and pcapng.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};

use sabueso::file::{Error, Output, Unwritable, WriteFormat, Writer, section_options};
use sabueso::frame::{
    Block, ByteOrder, Direction, FrameFlags, Interface, LinkType, Record, Resolution, Section, Timestamp,
};

use crate::build::*;
use crate::follow::Scratch;

/// A section as a live capture has it: nanoseconds, a name, a filter.
fn live() -> Section {
    let mut interface = Interface::new(LinkType::EN10MB, 0, Resolution::NANO);
    interface.options = vec![raw(2, b"eth0"), raw(3, b"uplink"), raw(11, b"\0tcp port 80")];
    let interfaces = vec![interface];
    Section { number: 0, byte_order: ByteOrder::NATIVE, options: section_options(), interfaces }
}

fn frame(at: u32, len: u32, time: Timestamp) -> Record {
    Record {
        time,
        offset: at,
        cap_len: len,
        wire_len: len,
        interface: 0,
        flags: FrameFlags::default(),
        options: (0, 0),
    }
}

fn write(format: WriteFormat, blocks: &[Block<'_>]) -> Result<Vec<u8>, Error> {
    let shared = Shared::default();
    let mut writer = Writer::new(Output::stream(Box::new(shared.clone()), "out"), format);
    blocks.iter().try_for_each(|block| writer.write_block(block))?;
    writer.finish()?;
    let bytes = shared.0.lock().unwrap().clone();
    Ok(bytes)
}

#[test]
fn pcap_byte_for_byte() {
    let records = [frame(1, 3, Timestamp::new(7, 1_999))];
    let block = Block { section: &live(), bytes: b"xabc", records: &records, notes: &[] };
    for (format, magic, fraction) in [(WriteFormat::PcapMicro, MICRO, 1), (WriteFormat::PcapNano, NANO, 1_999)] {
        let order = ByteOrder::NATIVE;
        let expected = [pcap_header(order, magic, 262_144, 1), record(order, 7, fraction, b"abc", 3)].concat();
        assert_eq!(write(format, &[block]).unwrap(), expected);
    }
}

#[test]
fn pcapng_tells_all_that_is_known_of_a_live_interface() {
    let mut record = frame(0, 3, Timestamp::new(7, 1_999));
    record.flags = FrameFlags(FrameFlags::CHECKSUM_NOT_READY).with_direction(Direction::Outbound);
    let section = live();
    let block = Block { section: &section, bytes: b"abc", records: &[record], notes: &[] };
    let seen = read(&write(WriteFormat::PcapNg, &[block, block]).unwrap());
    assert_eq!(seen.sections, [section]);
    assert_eq!(seen.frames.len(), 2);
    assert_eq!((seen.frames[1].time, seen.frames[1].flags), (record.time, record.flags));
    let application = concat!("sabueso ", env!("CARGO_PKG_VERSION")).as_bytes();
    assert!(seen.sections[0].options.iter().any(|option| option.code == 4 && option.value == application));
}

#[test]
fn every_pcap_survives_a_round_trip() {
    for order in [Little, Big] {
        for magic in [MICRO, NANO] {
            let file = [
                pcap_header(order, magic, 64, 113),
                record(order, 1, 999_999, b"abc", 1500),
                record(order, u32::MAX, 0, b"", 0),
            ];
            let seen = read(&file.concat());
            for format in [WriteFormat::PcapNano, WriteFormat::PcapNg] {
                assert_eq!(read(&rewrite(&file.concat(), format).unwrap()).frames, seen.frames);
            }
        }
    }
}

#[test]
fn a_file_without_frames_has_a_header() {
    let block = Block { section: &live(), bytes: &[], records: &[], notes: &[] };
    for format in [WriteFormat::PcapMicro, WriteFormat::PcapNg] {
        for blocks in [&[][..], &[block]] {
            assert_eq!(read(&write(format, blocks).unwrap()).frames, []);
        }
    }
    let mut section = live();
    section.interfaces[0].link_type = LinkType::LINUX_SLL2;
    let block = Block { section: &section, ..block };
    assert_eq!(write(WriteFormat::PcapMicro, &[block]).unwrap()[20..24], 276u32.to_ne_bytes());
}

#[test]
fn start_puts_the_header_down_at_once() {
    for (format, len) in [(WriteFormat::PcapMicro, 24), (WriteFormat::PcapNg, 28)] {
        let shared = Shared::default();
        let mut writer = Writer::new(Output::stream(Box::new(shared.clone()), "out"), format);
        writer.start(&live());
        writer.flush().unwrap();
        let header = shared.0.lock().unwrap().len();
        assert!(header >= len);
        let block = Block { section: &live(), bytes: &[], records: &[], notes: &[] };
        writer.write_block(&block).unwrap();
        writer.finish().unwrap();
        assert_eq!(shared.0.lock().unwrap().len(), header);
    }
}

#[test]
fn pcap_holds_one_link_type() {
    let file = [
        section(Little, &[]),
        interface(Little, 1, 0, &[]),
        interface(Little, 101, 0, &[]),
        packet(Little, 0, 1, b"a", 1, &[]),
        packet(Little, 1, 1, b"b", 1, &[]),
    ];
    let error = rewrite(&file.concat(), WriteFormat::PcapMicro).unwrap_err();
    assert_eq!(
        error.to_string(),
        "copy: can't write frame 2: its link type is RAW (Raw IP), the file's is EN10MB (Ethernet), and pcap \
         holds only one: write pcapng"
    );
}

#[test]
fn a_time_that_does_not_fit_is_refused() {
    let section = live();
    for (format, secs) in
        [(WriteFormat::PcapMicro, -1), (WriteFormat::PcapNano, 1 << 32), (WriteFormat::PcapNg, i64::MAX)]
    {
        let records = [frame(0, 1, Timestamp::new(secs, 5))];
        let block = Block { section: &section, bytes: b"a", records: &records, notes: &[] };
        match write(format, &[block]) {
            Err(Error::Unwritable { frame: 1, why: Unwritable::Time(time), .. }) => assert_eq!(time.secs(), secs),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn files_read_after_each_other_are_kept_apart_where_they_differ() {
    let (one, mut two) = (live(), live());
    two.interfaces[0].link_type = LinkType::RAW;
    let records = [frame(0, 1, Timestamp::new(1, 0))];
    let block = |section| Block { section, bytes: b"a", records: &records, notes: &[] };
    let seen = read(&write(WriteFormat::PcapNg, &[block(&one), block(&one), block(&two)]).unwrap());
    assert_eq!(seen.sections.len(), 2);
    assert_eq!(seen.frames.iter().map(|f| f.link.0).collect::<Vec<_>>(), [1, 1, 101]);
}

/// A stream that takes so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_write_says_how_many_frames_are_whole() {
    let section = live();
    let records = [frame(0, 10, Timestamp::new(1, 0)); 10];
    let block = Block { section: &section, bytes: &[7; 10], records: &records, notes: &[] };
    for (room, frames, is_torn) in [(0, 0, false), (23, 0, true), (24, 0, false), (50, 1, false), (75, 1, true)] {
        let mut writer = Writer::new(Output::stream(Box::new(Full(room)), "out"), WriteFormat::PcapNano);
        writer.write_block(&block).unwrap();
        match writer.flush() {
            Err(Error::Write { whole, torn, .. }) => assert_eq!((whole, torn), (frames, is_torn), "{room}"),
            other => panic!("{other:?}"),
        }
        assert!(matches!(writer.finish(), Err(Error::Write { .. })));
    }
}

#[test]
fn a_full_disk_leaves_whole_records_only() {
    // Sizes are limited for a shell that runs this very test again, so that the limit holds for it alone.
    let path = Scratch::new("full");
    if let Some(to) = std::env::var_os("SABUESO_TEST_FULL") {
        let section = live();
        let records = [frame(0, 1_000, Timestamp::new(1, 0)); 4_000];
        let block = Block { section: &section, bytes: &[7; 1_000], records: &records, notes: &[] };
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(to).unwrap();
        let mut writer = Writer::new(Output::file(file, "out"), WriteFormat::PcapNano);
        match writer.write_block(&block).and_then(|()| writer.finish()) {
            Err(Error::Write { whole, torn: false, .. }) => println!("whole={whole}"),
            other => panic!("{other:?}"),
        }
        return;
    }
    let this = std::env::current_exe().unwrap();
    let script = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" --exact --nocapture \
                  writing::a_full_disk_leaves_whole_records_only";
    let mut shell = std::process::Command::new("sh");
    let output = shell.arg("-c").arg(script).arg(this).env("SABUESO_TEST_FULL", &path.0).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let whole: usize = said.split("whole=").nth(1).expect(&said).lines().next().unwrap().parse().unwrap();
    let bytes = fs::read(&path.0).unwrap();
    assert_eq!(bytes.len(), 24 + whole * 1_016);
    assert!(whole > 500 && read(&bytes).frames.len() == whole);
}
