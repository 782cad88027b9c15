//! Writing a capture file: blocks of frames into a buffer, the buffer into the file, whole records only.

use std::fmt;
use std::fs;
use std::io;
use std::mem;

use pcap_file::pcap::PcapTsResolution;

use super::compress::{Method, Packer, Piece};
use super::options::code;
use super::walk::place;
use super::{Error, Output, Unwritable, encode_pcap, encode_pcapng};
use crate::frame::{Block, LinkType, Note, RawOption, Section, Timestamp};

/// How many bytes are gathered before they are written: what the second-level cache still holds when the system
/// copies it (1 MiB cost 7 % more a packet at 1514-byte frames on a busy machine).
const BUFFER: usize = 256 << 10;

/// How much is encoded at most while the system takes nothing, in bytes.
const HELD: usize = 1 << 20;

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

/// Where a file is to end: before a frame that comes when one of these is reached. Every file takes one frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Limit {
    /// More bytes than these, before compression.
    pub bytes: u64,
    /// Frames.
    pub frames: u64,
    /// The frame's time.
    pub until: Option<Timestamp>,
}

impl Limit {
    pub const NONE: Limit = Limit { bytes: u64::MAX, frames: u64::MAX, until: None };
}

/// A capture file under way. Call [`finish`](Self::finish): what is not flushed when it is dropped is lost.
pub struct Writer {
    out: Output,
    format: WriteFormat,
    encoder: Encoder,
    /// What is encoded, and of it not written or handed on to be compressed.
    buffer: Vec<u8>,
    /// Where the records in the buffer end.
    marks: Vec<Mark>,
    packer: Option<Packer>,
    /// Bytes of the file, before compression, that are not in the buffer any more, and the frames in them.
    passed: u64,
    passed_frames: u64,
    /// Frames that are whole in the file.
    whole: u64,
    failure: Option<Failure>,
    /// Whether the compressed stream has been ended.
    ended: bool,
}

/// What an earlier write came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Failure {
    /// What could not be written can be tried again.
    Clean,
    Torn,
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

impl Encoder {
    fn new(format: WriteFormat) -> Self {
        match format {
            WriteFormat::PcapMicro => Encoder::Pcap(encode_pcap::Encoder::new(PcapTsResolution::MicroSecond)),
            WriteFormat::PcapNano => Encoder::Pcap(encode_pcap::Encoder::new(PcapTsResolution::NanoSecond)),
            WriteFormat::PcapNg => Encoder::PcapNg(encode_pcapng::Encoder::new()),
        }
    }
}

impl Writer {
    pub fn new(out: Output, format: WriteFormat) -> Writer {
        Self::compressed(out, format, None)
    }

    /// A file that is compressed as it is written.
    pub fn compressed(out: Output, format: WriteFormat, method: Option<Method>) -> Writer {
        Writer {
            out,
            format,
            encoder: Encoder::new(format),
            buffer: Vec::new(),
            marks: Vec::new(),
            packer: method.map(Packer::new),
            passed: 0,
            passed_frames: 0,
            whole: 0,
            failure: None,
            ended: false,
        }
    }

    /// After its [`end`](Self::end): goes on in another file.
    pub(super) fn go_on(&mut self, out: Output) {
        self.out = out;
        self.encoder = Encoder::new(self.format);
        (self.passed, self.passed_frames, self.whole) = (0, 0, 0);
        (self.failure, self.ended) = (None, false);
    }

    /// What was written of a pcap file that goes on after its last record: its header, which told of this link type.
    pub(super) fn is_begun(&mut self, link_type: LinkType) {
        if let Encoder::Pcap(encoder) = &mut self.encoder {
            encoder.is_begun(link_type);
        }
    }

    /// Frames taken so far, written or in the buffer.
    pub(super) fn taken(&self) -> u64 {
        self.passed_frames.saturating_add(frames(&self.marks))
    }

    /// Frames that are whole in the file.
    pub(super) fn whole(&self) -> u64 {
        self.whole
    }

    pub(super) fn output(&mut self) -> &mut Output {
        &mut self.out
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
        self.write_until(block, &mut 0, &Limit::NONE)
    }

    /// Takes a block's frames from that place on, until one comes for which the file has no room by its limit. The place
    /// moves on with each frame taken, even if it ends with an error.
    ///
    /// # Errors
    /// As [`write_block`](Self::write_block).
    // It runs for every packet: as part of a larger function it would have too few registers.
    #[inline(never)]
    pub(super) fn write_until(&mut self, block: &Block<'_>, from: &mut usize, limit: &Limit) -> Result<(), Error> {
        let rest = block.records.get(*from..).unwrap_or(&[]);
        match &mut self.encoder {
            Encoder::Pcap(encoder) => match rest.first() {
                None => encoder.expect(block.section),
                Some(first) => {
                    encoder.begin(&mut self.buffer, block.section.interfaces.get(first.interface as usize));
                }
            },
            Encoder::PcapNg(encoder) => encoder.begin(&mut self.buffer, block.section),
        }
        self.mark(false);
        // Notes before the frame that was last taken are taken too.
        let last = from.checked_sub(1).and_then(|last| block.records.get(last)).map_or(0, |record| record.offset);
        let mut notes = block.notes.iter().skip_while(|note| note.body.0 < last).peekable();
        let mut next_note = notes.peek().map_or(u32::MAX, |note| note.body.0);
        let (limited, mut taken) = if *limit == Limit::NONE { (false, 0) } else { (true, self.taken()) };
        for record in rest {
            if limited {
                if self.is_full(limit, taken, record.time) {
                    return Ok(());
                }
                taken = taken.saturating_add(1);
            }
            while next_note < record.offset {
                if let Some(note) = notes.next() {
                    self.note(block, note)?;
                }
                next_note = notes.peek().map_or(u32::MAX, |note| note.body.0);
            }
            let frame = block.frame(record);
            let encoded = match &mut self.encoder {
                Encoder::Pcap(encoder) => encoder.frame(&mut self.buffer, &frame),
                Encoder::PcapNg(encoder) => encoder.frame(&mut self.buffer, block.section.byte_order, &frame),
            };
            encoded.map_err(|why| self.unwritable(why))?;
            *from = from.wrapping_add(1);
            self.mark(true);
            if self.buffer.len() >= BUFFER {
                self.flush_when_full()?;
            }
        }
        notes.try_for_each(|note| self.note(block, note))
    }

    /// Whether a file that took so many frames is to end before the next, which came at that time.
    fn is_full(&self, limit: &Limit, taken: u64, time: Timestamp) -> bool {
        let len = self.passed.saturating_add(self.buffer.len() as u64);
        limit.until.is_some_and(|until| time >= until) || taken > 0 && (taken >= limit.frames || len > limit.bytes)
    }

    fn note(&mut self, block: &Block<'_>, note: &Note) -> Result<(), Error> {
        if let Encoder::PcapNg(encoder) = &mut self.encoder {
            encoder.note(&mut self.buffer, block.section.byte_order, note.kind, block.note(note));
            self.mark(false);
            self.flush_when_full()?;
        }
        Ok(())
    }

    fn unwritable(&mut self, why: Unwritable) -> Error {
        self.buffer.truncate(self.marks.last().map_or(0, |mark| mark.end()));
        Error::Unwritable { file: self.out.name().to_owned(), frame: self.taken().saturating_add(1), why }
    }

    fn mark(&mut self, frame: bool) {
        self.marks.push(Mark::new(self.buffer.len(), frame));
    }

    fn flush_when_full(&mut self) -> Result<(), Error> {
        if self.buffer.len() < BUFFER || self.buffer.len() < HELD && self.failure == Some(Failure::Clean) {
            return Ok(());
        }
        self.flush()
    }

    /// Writes out all that was taken; what is to be compressed comes later, with this call or another.
    ///
    /// # Errors
    /// Where the system does not take it all, or the reader of a pipe does not read. Then a regular file is cut back
    /// to the last whole record, and every later call fails too, but for [`retry`](Self::retry).
    pub fn flush(&mut self) -> Result<(), Error> {
        match self.failure {
            Some(_) => Err(self.error(io::Error::other("an earlier write failed"))),
            None if self.packer.is_some() => self.pack().and_then(|()| self.write_packed(false)),
            None => self.write_plain(),
        }
    }

    /// Writes out what the system refused before, as a full disk may have room again.
    ///
    /// # Errors
    /// As [`flush`](Self::flush). Where the end of the file is torn there is no second time.
    pub fn retry(&mut self) -> Result<(), Error> {
        if self.failure == Some(Failure::Clean) {
            self.failure = None;
        }
        self.flush()
    }

    fn write_plain(&mut self) -> Result<(), Error> {
        let Err((taken, source)) = self.out.write(&self.buffer) else {
            self.pass(self.buffer.len(), frames(&self.marks));
            self.whole = self.passed_frames;
            self.buffer.clear();
            self.marks.clear();
            return Ok(());
        };
        let whole = self.marks.iter().take_while(|mark| mark.end() <= taken).count();
        let end = whole.checked_sub(1).and_then(|last| self.marks.get(last)).map_or(0, |mark| mark.end());
        let held = frames(self.marks.get(..whole).unwrap_or(&[]));
        self.whole = self.passed_frames.saturating_add(held);
        let (gone, error) = self.failed(taken, taken.saturating_sub(end), source);
        self.pass(gone, held);
        self.buffer.drain(..gone);
        self.marks.drain(..whole);
        self.marks.iter_mut().for_each(|mark| *mark = Mark::new(mark.end().saturating_sub(gone), mark.is_frame()));
        Err(error)
    }

    /// So many bytes with so many frames have left the buffer.
    fn pass(&mut self, bytes: usize, frames: u64) {
        self.passed = self.passed.saturating_add(bytes as u64);
        self.passed_frames = self.passed_frames.saturating_add(frames);
    }

    /// Has what is in the buffer compressed.
    fn pack(&mut self) -> Result<(), Error> {
        let Some(packer) = self.packer.as_mut().filter(|_| !self.buffer.is_empty()) else { return Ok(()) };
        let piece = Piece { bytes: mem::take(&mut self.buffer), frames: frames(&self.marks) };
        self.marks.clear();
        self.passed = self.passed.saturating_add(piece.bytes.len() as u64);
        self.passed_frames = self.passed_frames.saturating_add(piece.frames);
        packer.put(piece).map_err(|source| self.failed(0, 0, source).1)
    }

    /// Writes what is compressed, each piece whole or not at all.
    fn write_packed(&mut self, wait: bool) -> Result<(), Error> {
        loop {
            let Some(packer) = &mut self.packer else { return Ok(()) };
            let result = match packer.next(wait) {
                Ok(Some(piece)) => self.out.write(&piece.bytes),
                Ok(None) => return Ok(()),
                Err(source) => Err((0, source)),
            };
            match result {
                Ok(()) => self.whole = self.whole.saturating_add(packer.advance().map_or(0, |piece| piece.frames)),
                Err((taken, source)) => {
                    let (gone, error) = self.failed(taken, taken, source);
                    if let Some(packer) = &mut self.packer {
                        packer.shorten(gone);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Of the `taken` bytes last written the last `torn` are no whole record: takes them back. Tells how many of those bytes
    /// need not be written again; a pipe keeps what it was given, and goes on where it stopped.
    fn failed(&mut self, taken: usize, torn: usize, source: io::Error) -> (usize, Error) {
        let (gone, failure) = if self.out.take_back(torn) {
            (taken.saturating_sub(torn), Failure::Clean)
        } else if source.kind() == io::ErrorKind::WouldBlock {
            (taken, Failure::Clean)
        } else {
            (taken, Failure::Torn)
        };
        self.failure = Some(failure);
        (gone, self.error(source))
    }

    fn error(&self, source: io::Error) -> Error {
        let torn = self.failure == Some(Failure::Torn);
        Error::Write { file: self.out.name().to_owned(), whole: self.whole, torn, source }
    }

    /// Ends the file: writes out the rest, and where nothing was written, the header of a file without frames, and
    /// closes it. Can be called again after it failed.
    ///
    /// # Errors
    /// As [`flush`](Self::flush); and where the system can't close it, or `sync` it with its disk.
    pub(super) fn end(&mut self, sync: bool) -> Result<(), Error> {
        match &mut self.encoder {
            Encoder::Pcap(encoder) => encoder.begin(&mut self.buffer, None),
            Encoder::PcapNg(encoder) => encoder.begin_empty(&mut self.buffer),
        }
        self.mark(false);
        self.flush()?;
        if let Some(packer) = self.packer.as_mut().filter(|_| !self.ended) {
            packer.end().map_err(|source| self.failed(0, 0, source).1)?;
            self.ended = true;
        }
        self.write_packed(true)?;
        self.out.close(sync).map_err(|source| {
            // Nobody knows what of it is on the disk.
            self.failure = Some(Failure::Torn);
            self.error(source)
        })
    }

    /// Writes out the rest, and where nothing was written, the header of a file without frames.
    ///
    /// # Errors
    /// As [`flush`](Self::flush), and where the system can't close it.
    pub fn finish(mut self) -> Result<(), Error> {
        self.end(false)
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
