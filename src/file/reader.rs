//! Reading a capture file: one source of blocks over both formats, what to do where a walk stops, and the
//! way past damage.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::mem;
use std::path::Path;
use std::sync::Arc;

use super::input::{BUFFER, Filled, Input};
use super::walk::{Batch, Scan, Stop};
use super::{Cause, Error, Format, MAX_BLOCK, Method, Notice, Place, pcap, pcapng};
use crate::frame::{Block, ByteOrder, LinkType, Resolution, Section, Source};

/// Notices kept; what is left out beyond is added to the last.
const MAX_NOTICES: usize = 1000;

/// How to read a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReadOptions {
    /// Go on behind damage, at the next place where a record or block is plausible, and give a [`Notice`].
    pub resync: bool,
    /// Wait for more at the end of a regular file, instead of ending there.
    pub follow: bool,
}

/// A capture file as a source of blocks, each some 256 KiB of it.
pub struct Reader {
    name: String,
    options: ReadOptions,
    input: Input,
    compression: Option<Method>,
    walk: Walk,
    batch: Batch,
    next: Next,
    /// Link type, snapshot length and resolution of the first interface.
    first: Option<(LinkType, u32, Resolution)>,
    /// How many of the input's bytes are lent out.
    lent: usize,
    notices: Vec<Notice>,
}

enum Walk {
    Pcap(pcap::Walk),
    PcapNg(pcapng::Walk),
}

impl Walk {
    fn walk(&mut self, bytes: &[u8], batch: &mut Batch) -> (usize, Stop) {
        match self {
            Walk::Pcap(walk) => walk.walk(bytes, batch),
            Walk::PcapNg(walk) => walk.walk(bytes, batch),
        }
    }

    fn scan(&self, bytes: &[u8], ended: bool, batch: &Batch) -> Scan {
        match self {
            Walk::Pcap(walk) => walk.scan(bytes, ended),
            Walk::PcapNg(walk) => walk.scan(bytes, ended, batch),
        }
    }
}

/// What to do when the next block is asked for.
enum Next {
    Walk,
    Stop(Stop),
    /// Drop a block of `needed` bytes that is too long to hold; so many are left.
    Skip {
        place: Place,
        needed: u64,
        left: u64,
    },
    /// Look for the next plausible record or block.
    Scan {
        place: Place,
        cause: Cause,
    },
    End,
}

impl Reader {
    /// Opens a file; `-` is standard input. FIFOs and devices are read as they are, what is compressed with gzip, zstd or
    /// lz4 as what it holds. Of a file that is followed, the header is waited for.
    ///
    /// # Errors
    /// Where the file can't be opened or read, is empty, compressed otherwise, no capture file, or ends in its header.
    pub fn open(path: &Path, options: ReadOptions) -> Result<Reader, Error> {
        Self::over(Input::open(path, options.follow)?, path.display().to_string(), options)
    }

    /// As [`open`](Self::open), with a buffer of so many bytes, where many files are open at once; it grows where a record is
    /// longer.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_small(path: &Path, options: ReadOptions, buffer: usize) -> Result<Reader, Error> {
        let input = Input::open(path, options.follow)?.with_buffer(buffer);
        Self::over(input, path.display().to_string(), options)
    }

    /// Reads from anything; the name is for messages. It is not followed: its end is the end.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn new(input: Box<dyn Read + Send>, name: &str, options: ReadOptions) -> Result<Reader, Error> {
        Self::over(Input::new(input), name.to_owned(), options)
    }

    fn over(input: Input, name: String, options: ReadOptions) -> Result<Reader, Error> {
        let batch = Batch::new(Section {
            number: 0,
            byte_order: ByteOrder::NATIVE,
            options: Vec::new(),
            interfaces: Vec::new(),
        });
        let walk = Walk::PcapNg(pcapng::Walk::new());
        let (next, first, lent, notices) = (Next::Walk, None, 0, Vec::new());
        let compression = None;
        let mut reader = Reader { name, options, input, compression, walk, batch, next, first, lent, notices };
        reader.begin()?;
        reader.first = reader.first_interface()?;
        Ok(reader)
    }

    /// Finds out the format, and takes a pcap file's header.
    fn begin(&mut self) -> Result<(), Error> {
        if !self.has(1)? {
            return Err(Error::Empty { file: self.name.clone() });
        }
        self.has(4)?;
        if let Some(method) = Method::of_bytes(self.input.bytes()) {
            if self.options.follow {
                return Err(Error::Compressed { file: self.name.clone(), method: method.name() });
            }
            self.compression = Some(method);
            self.input.decompress(method).map_err(|source| Error::Read { place: self.place(), source })?;
            if !self.has(4)? && self.input.bytes().is_empty() {
                return Err(Error::Empty { file: self.name.clone() });
            }
        }
        let Some(&magic) = self.input.bytes().first_chunk::<4>() else { return Err(self.unknown()) };
        if magic == pcapng::kind::SECTION.to_be_bytes() {
            return Ok(());
        }
        if pcap::detect(magic).is_none() {
            return Err(self.unknown());
        }
        let whole = self.has(pcap::FILE_HEADER)?;
        let begun = self.input.bytes().first_chunk().and_then(pcap::Walk::new);
        let Some((walk, header, section)) = begun.filter(|_| whole) else {
            let (needed, available) = (pcap::FILE_HEADER as u64, self.input.bytes().len() as u64);
            return Err(Error::Cut { place: Place { record: 0, ..self.place() }, needed, available });
        };
        let (major, minor) = (header.version_major, header.version_minor);
        if major != 2 {
            let place = Place { record: 0, ..self.place() };
            return Err(Error::Version { place, format: Format::Pcap, major, minor });
        }
        self.walk = Walk::Pcap(walk);
        self.batch.section = section;
        self.input.consume(pcap::FILE_HEADER);
        Ok(())
    }

    /// Whether so many bytes are at hand, or come.
    fn has(&mut self, needed: usize) -> Result<bool, Error> {
        while self.input.bytes().len() < needed {
            if self.fill(needed)? == Filled::End {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What to say of a file that is neither pcap nor pcapng.
    fn unknown(&self) -> Error {
        const COMPRESSED: [(&[u8], &str); 2] = [(b"\xfd7zX", "xz"), (b"BZh", "bzip2")];
        let (file, bytes) = (self.name.clone(), self.input.bytes());
        match COMPRESSED.into_iter().find(|(magic, _)| bytes.starts_with(magic)) {
            Some((_, method)) => Error::Compressed { file, method },
            None => Error::Unknown { file, magic: bytes.iter().take(4).copied().collect() },
        }
    }

    /// Looks ahead for the first interface, where the file begins with one.
    fn first_interface(&mut self) -> Result<Option<(LinkType, u32, Resolution)>, Error> {
        let stated = |section: &Section| {
            section.interfaces.first().map(|first| (first.link_type, first.snap_len, first.resolution))
        };
        if let Walk::Pcap(_) = self.walk {
            return Ok(stated(&self.batch.section));
        }
        loop {
            let mut ahead = Batch::new(self.batch.section.clone());
            let (used, stop) = pcapng::Walk::new().walk(self.input.bytes(), &mut ahead);
            let first = stated(&ahead.section);
            match stop {
                Stop::More(needed) if first.is_none() && ahead.records.is_empty() && ahead.notes.is_empty() => {
                    if self.fill(used.saturating_add(needed))? == Filled::End {
                        return Ok(None);
                    }
                }
                _ => return Ok(first),
            }
        }
    }

    /// The file's format.
    pub fn format(&self) -> Format {
        match self.walk {
            Walk::Pcap(_) => Format::Pcap,
            Walk::PcapNg(_) => Format::PcapNg,
        }
    }

    /// The file itself, where it is a regular one: its place in it is not to be changed.
    pub fn file(&self) -> Option<&Arc<File>> {
        self.input.file()
    }

    /// How the file is compressed, if it is.
    pub fn compression(&self) -> Option<Method> {
        self.compression
    }

    /// The link type of the first interface, where the file begins with one.
    pub fn link_type(&self) -> Option<LinkType> {
        self.first.map(|(link_type, ..)| link_type)
    }

    /// The byte order in which the file keeps its numbers so far.
    pub fn byte_order(&self) -> ByteOrder {
        self.batch.section.byte_order
    }

    /// How finely that interface keeps time.
    pub fn resolution(&self) -> Option<Resolution> {
        self.first.map(|(.., resolution)| resolution)
    }

    /// The snapshot length of that interface, in bytes; 0 means no limit.
    pub fn snap_len(&self) -> Option<u32> {
        self.first.map(|(_, snap_len, _)| snap_len)
    }

    /// The block that was handed over last, once more; one without frames before the first.
    pub fn current(&self) -> Block<'_> {
        Block {
            section: &self.batch.section,
            bytes: self.input.bytes().get(..self.lent).unwrap_or(&[]),
            records: &self.batch.records,
            notes: &self.batch.notes,
        }
    }

    /// What was left out since this was last asked.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        mem::take(&mut self.notices)
    }

    /// The first record that is neither handed over nor left out.
    fn place(&self) -> Place {
        Place { file: self.name.clone(), record: self.batch.count.saturating_add(1), offset: self.input.offset() }
    }

    fn fill(&mut self, needed: usize) -> Result<Filled, Error> {
        let filled = self.input.fill(needed).map_err(|source| Error::Read { place: self.place(), source })?;
        if filled == Filled::Waiting && self.input.shrunk().unwrap_or(false) {
            return Err(Error::Shrunk { place: self.place() });
        }
        Ok(filled)
    }

    /// Goes on until there are bytes to lend (none while waiting for more), or the end.
    fn advance(&mut self) -> Result<Option<usize>, Error> {
        loop {
            // Where this fails, the next call finds the end.
            self.next = match mem::replace(&mut self.next, Next::End) {
                Next::Walk => {
                    let (used, stop) = self.walk.walk(self.input.bytes(), &mut self.batch);
                    self.next = Next::Stop(stop);
                    match used {
                        0 => continue,
                        _ => return Ok(Some(used)),
                    }
                }
                Next::Stop(Stop::Full) => Next::Walk,
                Next::Stop(stop @ Stop::More(needed)) => match self.fill(needed)? {
                    Filled::Some => Next::Walk,
                    Filled::End if self.input.bytes().is_empty() => return Ok(None),
                    Filled::End => self.fault(stop)?,
                    Filled::Waiting => {
                        self.next = Next::Stop(stop);
                        return Ok(Some(0));
                    }
                },
                Next::Stop(stop) => self.fault(stop)?,
                Next::Skip { place, needed, left } => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(self.input.bytes().len());
                    self.input.consume(here);
                    let left = left.saturating_sub(here as u64);
                    if left == 0 {
                        self.batch.count = self.batch.count.saturating_add(1);
                        self.note(place, Cause::TooLarge);
                        Next::Walk
                    } else {
                        match self.fill(BUFFER)? {
                            Filled::Some => Next::Skip { place, needed, left },
                            Filled::End => {
                                return Err(Error::Cut { place, needed, available: needed.saturating_sub(left) });
                            }
                            Filled::Waiting => {
                                self.next = Next::Skip { place, needed, left };
                                return Ok(Some(0));
                            }
                        }
                    }
                }
                Next::Scan { place, cause } => {
                    let (bytes, ended) = (self.input.bytes(), self.input.ended());
                    let (skipped, needed) = match self.walk.scan(bytes, ended, &self.batch) {
                        Scan::Found(at) => (at, None),
                        Scan::Perhaps(at, needed) => (at, Some(needed)),
                        Scan::Nothing => (bytes.len(), Some(1)),
                    };
                    self.input.consume(skipped);
                    match needed {
                        None => {
                            self.note(place, cause);
                            Next::Walk
                        }
                        Some(_) if ended => {
                            self.note(place, cause);
                            return Ok(None);
                        }
                        // More than needed, so that no search asks again for every byte it moves on.
                        Some(needed) => match self.fill(needed.saturating_add(BUFFER))? {
                            Filled::Some | Filled::End => Next::Scan { place, cause },
                            Filled::Waiting => {
                                self.next = Next::Scan { place, cause };
                                return Ok(Some(0));
                            }
                        },
                    }
                }
                Next::End => return Ok(None),
            };
        }
    }

    /// What to do about something that can't be taken in: pass over it, or fail.
    fn fault(&mut self, stop: Stop) -> Result<Next, Error> {
        let place = self.place();
        let (error, cause, len) = match stop {
            Stop::Full => return Ok(Next::Walk),
            Stop::Oversize(needed) if !self.options.resync => return Ok(Next::Skip { place, needed, left: needed }),
            Stop::Version { major, minor } => {
                return Err(Error::Version { place, format: self.format(), major, minor });
            }
            Stop::More(needed) => {
                let available = self.input.bytes().len() as u64;
                (Error::Cut { place: place.clone(), needed: needed as u64, available }, Cause::Cut, 1)
            }
            Stop::Oversize(needed) => {
                let what = "bytes of a block";
                let limit = MAX_BLOCK as u64;
                (Error::TooLarge { place: place.clone(), what, needed, limit }, Cause::TooLarge, 1)
            }
            Stop::TooLarge { what, needed, limit } => {
                let limit = limit as u64;
                (Error::TooLarge { place: place.clone(), what, needed, limit }, Cause::TooLarge, 1)
            }
            Stop::Bad(fault) => {
                let (damage, needed, available) = (fault.damage, fault.needed as u64, fault.available as u64);
                let error = Error::Damaged { place: place.clone(), damage, needed, available };
                (error, Cause::Damaged(damage), fault.len)
            }
        };
        if !self.options.resync {
            return Err(error);
        }
        self.input.consume(len);
        Ok(Next::Scan { place, cause })
    }

    /// Notes that everything since that place was left out. What follows on something left out adds to it,
    /// so there are never more notices than records.
    fn note(&mut self, place: Place, cause: Cause) {
        let bytes = self.input.offset().saturating_sub(place.offset);
        let full = self.notices.len() >= MAX_NOTICES;
        match self.notices.last_mut() {
            // Neighbours are one; so are all beyond a number that anybody reads.
            Some(last) if full || last.place.offset.saturating_add(last.bytes) == place.offset => {
                last.bytes = last.bytes.saturating_add(bytes);
            }
            _ => self.notices.push(Notice { place, bytes, cause }),
        }
    }
}

impl Source for Reader {
    type Error = Error;

    fn next_block(&mut self) -> Result<Option<Block<'_>>, Error> {
        self.input.consume(mem::take(&mut self.lent));
        self.batch.clear();
        let Some(lent) = self.advance()? else { return Ok(None) };
        self.lent = lent;
        Ok(Some(self.current()))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("name", &self.name).field("options", &self.options).finish_non_exhaustive()
    }
}
