//! Capture files byte by byte, and what a reader makes of them.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use sabueso::file::{Error, Notice, Output, ReadOptions, Reader, WriteFormat, Writer};
use sabueso::frame::{ByteOrder, Direction, FrameFlags, LinkType, RawOption, Section, Source, Timestamp};

pub use sabueso::frame::ByteOrder::{Big, Little};

pub fn u16(order: ByteOrder, value: u16) -> [u8; 2] {
    if order == Big { value.to_be_bytes() } else { value.to_le_bytes() }
}

pub fn u32(order: ByteOrder, value: u32) -> [u8; 4] {
    if order == Big { value.to_be_bytes() } else { value.to_le_bytes() }
}

pub const MICRO: u32 = 0xa1b2c3d4;
pub const NANO: u32 = 0xa1b23c4d;
pub const MODIFIED: u32 = 0xa1b2cd34;

/// A pcap file's header.
pub fn pcap_header(order: ByteOrder, magic: u32, snap_len: u32, link: u32) -> Vec<u8> {
    let (major, minor) = (u16(order, 2), u16(order, 4));
    [&u32(order, magic)[..], &major, &minor, &[0; 8], &u32(order, snap_len), &u32(order, link)].concat()
}

/// A pcap record.
pub fn record(order: ByteOrder, secs: u32, fraction: u32, data: &[u8], wire: u32) -> Vec<u8> {
    let fields = [secs, fraction, data.len() as u32, wire].map(|field| u32(order, field)).concat();
    [&fields, data].concat()
}

/// A pcapng block.
pub fn block(order: ByteOrder, kind: u32, body: &[u8]) -> Vec<u8> {
    assert!(body.len().is_multiple_of(4), "a body of {} bytes", body.len());
    let len = u32(order, body.len() as u32 + 12);
    [&u32(order, kind)[..], &len, body, &len].concat()
}

/// A pcapng option.
pub fn option(order: ByteOrder, code: u16, value: &[u8]) -> Vec<u8> {
    [&u16(order, code)[..], &u16(order, value.len() as u16), &padded(value)].concat()
}

pub fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(4), 0);
    padded
}

/// A section header block, version 1.0.
pub fn section(order: ByteOrder, options: &[u8]) -> Vec<u8> {
    let (major, minor) = (u16(order, 1), u16(order, 0));
    block(order, 0x0a0d0d0a, &[&u32(order, 0x1a2b3c4d)[..], &major, &minor, &[0xff; 8], options].concat())
}

/// An interface description block.
pub fn interface(order: ByteOrder, link: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
    block(order, 1, &[&u16(order, link)[..], &[0, 0], &u32(order, snap_len), options].concat())
}

/// An enhanced packet block.
pub fn packet(order: ByteOrder, interface: u32, ticks: u64, data: &[u8], wire: u32, options: &[u8]) -> Vec<u8> {
    let fields = [interface, (ticks >> 32) as u32, ticks as u32, data.len() as u32, wire];
    let fields = fields.map(|field| u32(order, field)).concat();
    block(order, 6, &[&fields[..], &padded(data), options].concat())
}

/// A frame and all that is known of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    pub section: u64,
    pub time: Timestamp,
    pub data: Vec<u8>,
    pub wire: u32,
    pub interface: u32,
    pub link: LinkType,
    pub flags: FrameFlags,
    pub options: Vec<u8>,
}

impl Seen {
    pub fn direction(&self) -> Direction {
        self.flags.direction()
    }
}

/// All that a reader told of a file.
#[derive(Debug, Default)]
pub struct Report {
    pub frames: Vec<Seen>,
    /// Each section as it was at its end.
    pub sections: Vec<Section>,
    /// Kind and body of each note, and how many frames of the file came before it.
    pub notes: Vec<(u32, Vec<u8>, usize)>,
    pub notices: Vec<Notice>,
    pub error: Option<Error>,
}

impl Report {
    pub fn times(&self) -> Vec<(i64, u32)> {
        self.frames.iter().map(|frame| (frame.time.secs(), frame.time.nanos())).collect()
    }

    pub fn data(&self) -> Vec<&[u8]> {
        self.frames.iter().map(|frame| frame.data.as_slice()).collect()
    }
}

pub const PLAIN: ReadOptions = ReadOptions { resync: false, follow: false };
pub const RESYNC: ReadOptions = ReadOptions { resync: true, follow: false };

/// Reads a file that must open and have no fault.
pub fn read(bytes: &[u8]) -> Report {
    let read = read_with(io::Cursor::new(bytes.to_vec()), PLAIN);
    assert!(read.error.is_none(), "{}", read.error.unwrap());
    read
}

/// Reads whatever can be read.
pub fn read_with(input: impl Read + Send + 'static, options: ReadOptions) -> Report {
    let mut read = Report::default();
    match Reader::new(Box::new(input), "test", options) {
        Ok(reader) => drain(reader, &mut read),
        Err(error) => read.error = Some(error),
    }
    read
}

fn drain(mut reader: Reader, read: &mut Report) {
    loop {
        match reader.next_block() {
            Ok(Some(block)) => {
                if read.sections.last().is_some_and(|last| last.number == block.section.number) {
                    read.sections.pop();
                }
                read.sections.push(block.section.clone());
                for note in block.notes {
                    let before = block.records.iter().filter(|record| record.offset < note.body.0).count();
                    read.notes.push((note.kind, block.note(note).to_vec(), read.frames.len() + before));
                }
                read.frames.extend(block.frames().map(|frame| Seen {
                    section: block.section.number,
                    time: frame.time,
                    data: frame.data.to_vec(),
                    wire: frame.wire_len,
                    interface: frame.interface,
                    link: frame.link_type,
                    flags: frame.flags,
                    options: frame.options.to_vec(),
                }));
            }
            Ok(None) => break,
            Err(error) => {
                read.error = Some(error);
                assert!(matches!(reader.next_block(), Ok(None)), "a fault is told once, and then the end");
                break;
            }
        }
    }
    read.notices = reader.take_notices();
}

/// A writer's other end.
#[derive(Clone, Default)]
pub struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes all that a file holds into another.
pub fn rewrite(bytes: &[u8], format: WriteFormat) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::new(Box::new(io::Cursor::new(bytes.to_vec())), "test", PLAIN)?;
    let shared = Shared::default();
    let mut writer = Writer::new(Output::stream(Box::new(shared.clone()), "copy"), format);
    let result = loop {
        match reader.next_block() {
            Ok(Some(block)) => writer.write_block(&block)?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    writer.finish()?;
    result?;
    let copy = shared.0.lock().unwrap().clone();
    Ok(copy)
}

pub fn raw(code: u16, value: &[u8]) -> RawOption {
    RawOption { code, value: value.to_vec() }
}

/// A stream that gives a few bytes at a time, is interrupted before each, and remembers the most it was asked for.
pub struct Drip {
    bytes: io::Cursor<Vec<u8>>,
    step: usize,
    interrupted: bool,
    pub asked: Arc<Mutex<usize>>,
}

impl Drip {
    pub fn new(bytes: Vec<u8>, step: usize) -> Self {
        Drip { bytes: io::Cursor::new(bytes), step, interrupted: false, asked: Arc::default() }
    }
}

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let mut asked = self.asked.lock().unwrap();
        *asked = buffer.len().max(*asked);
        let step = self.step.min(buffer.len());
        self.bytes.read(&mut buffer[..step])
    }
}
