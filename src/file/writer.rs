//! Writing a capture file: blocks of frames into a buffer, the buffer into the file, whole records only.

use std::fmt;
use std::fs;
use std::io;

use pcap_file::pcap::PcapTsResolution;

use super::options::code;
use super::walk::place;
use super::{Error, Output, Unwritable, encode_pcap, encode_pcapng};
use crate::frame::{Block, Note, RawOption, Section};

/// How many bytes are gathered before they are written: what the second-level cache still holds when the system
/// copies it (1 MiB cost 7 % more a packet at 1514-byte frames on a busy machine).
const BUFFER: usize = 256 << 10;

/// The format to write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WriteFormat {
    /// pcap, times cut to the microsecond.
    PcapMicro,
    /// pcap, times to the nanosecond.
    PcapNano,
    /// pcapng, times as finely as the source keeps them, with all that is known of frames and interfaces.
    PcapNg,
}

/// A capture file under way. Call [`finish`](Self::finish): what is not flushed when it is dropped is lost.
pub struct Writer {
    out: Output,
    encoder: Encoder,
    buffer: Vec<u8>,
    /// Where the records in the buffer end.
    marks: Vec<Mark>,
    /// Frames that are whole in the file.
    whole: u64,
    failed: bool,
}

/// The end of a record or block in the buffer, and in the lowest bit whether it holds a frame: one for every
/// frame, so as small as can be.
#[derive(Clone, Copy)]
struct Mark(u32);

impl Mark {
    fn new(end: usize, frame: bool) -> Self {
        Mark(place(end) << 1 | u32::from(frame))
    }

    fn end(self) -> usize {
        (self.0 >> 1) as usize
    }

    fn is_frame(self) -> bool {
        self.0 & 1 != 0
    }
}

enum Encoder {
    Pcap(encode_pcap::Encoder),
    PcapNg(encode_pcapng::Encoder),
}

impl Writer {
    pub fn new(out: Output, format: WriteFormat) -> Writer {
        let encoder = match format {
            WriteFormat::PcapMicro => Encoder::Pcap(encode_pcap::Encoder::new(PcapTsResolution::MicroSecond)),
            WriteFormat::PcapNano => Encoder::Pcap(encode_pcap::Encoder::new(PcapTsResolution::NanoSecond)),
            WriteFormat::PcapNg => Encoder::PcapNg(encode_pcapng::Encoder::new()),
        };
        Writer { out, encoder, buffer: Vec::new(), marks: Vec::new(), whole: 0, failed: false }
    }

    /// Puts the file's header down before the first frame: that of a pcap file says what the section's first
    /// interface is. Without this call it comes with the first frame, or at the end.
    pub fn start(&mut self, section: &Section) {
        match &mut self.encoder {
            Encoder::Pcap(encoder) => {
                encoder.begin(&mut self.buffer, section.interfaces.first());
            }
            Encoder::PcapNg(encoder) => encoder.begin(&mut self.buffer, section),
        }
        self.mark(false);
    }

    /// Takes a block's frames; into pcapng also its notes, and whatever of its section is new.
    ///
    /// # Errors
    /// Where the format can't hold a frame (those before it are taken), or the file can't be written.
    pub fn write_block(&mut self, block: &Block<'_>) -> Result<(), Error> {
        match &mut self.encoder {
            Encoder::Pcap(encoder) => match block.records.first() {
                None => encoder.expect(block.section),
                Some(first) => {
                    encoder.begin(&mut self.buffer, block.section.interfaces.get(first.interface as usize));
                }
            },
            Encoder::PcapNg(encoder) => encoder.begin(&mut self.buffer, block.section),
        }
        self.mark(false);
        let mut notes = block.notes.iter().peekable();
        for record in block.records {
            while let Some(note) = notes.next_if(|note| note.body.0 < record.offset) {
                self.note(block, note)?;
            }
            let frame = block.frame(record);
            let encoded = match &mut self.encoder {
                Encoder::Pcap(encoder) => encoder.frame(&mut self.buffer, &frame),
                Encoder::PcapNg(encoder) => encoder.frame(&mut self.buffer, block.section.byte_order, &frame),
            };
            encoded.map_err(|why| self.unwritable(why))?;
            self.mark(true);
            self.flush_when_full()?;
        }
        notes.try_for_each(|note| self.note(block, note))
    }

    fn note(&mut self, block: &Block<'_>, note: &Note) -> Result<(), Error> {
        if let Encoder::PcapNg(encoder) = &mut self.encoder {
            encoder.note(&mut self.buffer, block.section.byte_order, note.kind, block.note(note));
            self.mark(false);
            self.flush_when_full()?;
        }
        Ok(())
    }

    /// Frames taken so far, written or in the buffer.
    fn taken(&self) -> u64 {
        self.whole.saturating_add(frames(&self.marks))
    }

    fn unwritable(&mut self, why: Unwritable) -> Error {
        self.buffer.truncate(self.marks.last().map_or(0, |mark| mark.end()));
        Error::Unwritable { file: self.out.name().to_owned(), frame: self.taken().saturating_add(1), why }
    }

    fn mark(&mut self, frame: bool) {
        self.marks.push(Mark::new(self.buffer.len(), frame));
    }

    fn flush_when_full(&mut self) -> Result<(), Error> {
        if self.buffer.len() < BUFFER {
            return Ok(());
        }
        self.flush()
    }

    /// Writes out all that was taken.
    ///
    /// # Errors
    /// Where the system does not take it all. Then a regular file is cut back to the last whole record, and
    /// every later call fails too.
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.failed {
            return Err(self.failure(false, io::Error::other("an earlier write failed")));
        }
        let result = self.out.write(&self.buffer);
        self.buffer.clear();
        let mut marks = std::mem::take(&mut self.marks);
        let result = result.map_err(|(taken, source)| {
            self.failed = true;
            marks.retain(|mark| mark.end() <= taken);
            let end = marks.last().map_or(0, |mark| mark.end());
            (!self.out.take_back(taken.saturating_sub(end)), source)
        });
        self.whole = self.whole.saturating_add(frames(&marks));
        marks.clear();
        self.marks = marks;
        result.map_err(|(torn, source)| self.failure(torn, source))
    }

    fn failure(&self, torn: bool, source: io::Error) -> Error {
        Error::Write { file: self.out.name().to_owned(), whole: self.whole, torn, source }
    }

    /// Writes out the rest, and where nothing was written, the header of a file without frames.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn finish(mut self) -> Result<(), Error> {
        match &mut self.encoder {
            Encoder::Pcap(encoder) => encoder.begin(&mut self.buffer, None),
            Encoder::PcapNg(encoder) => encoder.begin_empty(&mut self.buffer),
        }
        self.mark(false);
        self.flush()
    }
}

fn frames(marks: &[Mark]) -> u64 {
    marks.iter().filter(|mark| mark.is_frame()).count() as u64
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("out", &self.out).field("whole", &self.whole).finish_non_exhaustive()
    }
}

/// The options of a section that begins on this machine: hardware, operating system, application.
pub fn section_options() -> Vec<RawOption> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let hardware = model.map_or(std::env::consts::ARCH, |(_, name)| name);
    let system = format!("{} {}", read("/proc/sys/kernel/ostype").trim(), read("/proc/sys/kernel/osrelease").trim());
    let application = concat!("sabueso ", env!("CARGO_PKG_VERSION"));
    [(code::SHB_HARDWARE, hardware), (code::SHB_OS, system.trim()), (code::SHB_APPLICATION, application)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(code, text)| RawOption { code, value: text.as_bytes().to_vec() })
        .collect()
}
