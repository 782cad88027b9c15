//! Compression of what is written, in a thread of its own, and decompression of what is read.
//!
//! A piece that is put in comes out as bytes that end where a reader can stop: a file that is broken off between
//! two pieces gives back all before. All pieces of a file make one stream.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};
use std::mem;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use lz4_flex::frame::{FrameDecoder, FrameEncoder, FrameInfo};

/// A way to compress a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The LZ4 frame format 1.6.
    Lz4,
}

/// Pieces on their way through the thread, before another one has to wait.
const IN_FLIGHT: usize = 8;

/// The largest window of a zstd stream that is read, as the logarithm of bytes: 8 MiB (RFC 8878, section 3.1.1.1.2).
const WINDOW: u32 = 23;

impl Method {
    const ALL: [Method; 3] = [Method::Gzip, Method::Zstd, Method::Lz4];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Gzip => "gzip",
            Method::Zstd => "zstd",
            Method::Lz4 => "lz4",
        }
    }

    /// What the name of such a file ends with.
    pub fn ending(self) -> &'static str {
        match self {
            Method::Gzip => ".gz",
            Method::Zstd => ".zst",
            Method::Lz4 => ".lz4",
        }
    }

    /// What the name of a file says of its compression.
    pub fn of_name(path: &Path) -> Option<Method> {
        let name = path.as_os_str().as_encoded_bytes();
        Method::ALL.into_iter().find(|method| name.ends_with(method.ending().as_bytes()))
    }

    /// What the first bytes of a file say of its compression.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Method> {
        Method::ALL.into_iter().find(|method| {
            bytes.starts_with(match method {
                Method::Gzip => b"\x1f\x8b",
                Method::Zstd => b"\x28\xb5\x2f\xfd",
                Method::Lz4 => b"\x04\x22\x4d\x18",
            })
        })
    }

    /// What a compressed stream holds, streams that follow each other as one. It needs no more memory than the
    /// window of the method: 8 MiB at most.
    ///
    /// # Errors
    /// Where the system refuses memory.
    pub(super) fn decompressed(self, stream: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
        let decoder: Box<dyn Read + Send> = match self {
            Method::Gzip => Box::new(MultiGzDecoder::new(stream)),
            Method::Zstd => {
                let mut decoder = zstd::Decoder::new(stream)?;
                decoder.window_log_max(WINDOW)?;
                Box::new(decoder)
            }
            Method::Lz4 => Box::new(FrameDecoder::new(stream)),
        };
        Ok(Box::new(Decompressed { method: self, decoder }))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A stream that says what is wrong with it.
struct Decompressed {
    method: Method,
    decoder: Box<dyn Read + Send>,
}

impl Read for Decompressed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = match self.decoder.read(bytes) {
            // That of LZ4 stops at the end of a frame once, and goes on with the next where there is one.
            Ok(0) => self.decoder.read(bytes),
            read => read,
        };
        read.map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            io::ErrorKind::UnexpectedEof => io::Error::other(format!("the {} stream in it is cut", self.method)),
            kind => io::Error::new(kind, format!("the {} stream in it is damaged: {error}", self.method)),
        })
    }
}

/// Some bytes of a file, and how many frames end in them.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub bytes: Vec<u8>,
    pub frames: u64,
}

/// What goes to the thread, and what comes back.
enum Job {
    Piece(Piece),
    /// The stream ends.
    End,
}

/// Compresses pieces in order.
pub(super) struct Packer {
    method: Method,
    /// Started with the first piece: a thread must come after signals are taken over and privileges given up.
    thread: Option<(Sender<Job>, Receiver<io::Result<Piece>>)>,
    in_flight: usize,
    ready: VecDeque<Piece>,
}

impl Packer {
    pub fn new(method: Method) -> Self {
        Packer { method, thread: None, in_flight: 0, ready: VecDeque::new() }
    }

    /// Puts a piece in; waits where too many are on the way.
    ///
    /// # Errors
    /// Where there can be no thread, or it failed.
    pub fn put(&mut self, piece: Piece) -> io::Result<()> {
        self.send(Job::Piece(piece))
    }

    /// Ends the stream, which makes a last piece. The next one begins another stream.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn end(&mut self) -> io::Result<()> {
        self.send(Job::End)
    }

    fn send(&mut self, job: Job) -> io::Result<()> {
        while self.in_flight >= IN_FLIGHT {
            self.receive(true)?;
        }
        if self.thread.is_none() {
            let (jobs, to_do) = mpsc::channel();
            let (done, results) = mpsc::channel();
            let method = self.method;
            let work = move || {
                // It ends when nobody listens or sends any more.
                let _ = to_do.iter().try_for_each(work(method, done));
            };
            thread::Builder::new().name("compress".to_owned()).spawn(work)?;
            self.thread = Some((jobs, results));
        }
        let sent = self.thread.as_ref().is_some_and(|(jobs, _)| jobs.send(job).is_ok());
        self.in_flight = self.in_flight.saturating_add(1);
        if sent { Ok(()) } else { Err(gone()) }
    }

    fn receive(&mut self, wait: bool) -> io::Result<bool> {
        let Some((_, results)) = &self.thread else { return Ok(false) };
        let result = match wait {
            true => results.recv().map_err(|_| gone())?,
            false => match results.try_recv() {
                Ok(result) => result,
                Err(mpsc::TryRecvError::Empty) => return Ok(false),
                Err(mpsc::TryRecvError::Disconnected) => return Err(gone()),
            },
        };
        self.in_flight = self.in_flight.saturating_sub(1);
        self.ready.push_back(result?);
        Ok(true)
    }

    /// The next piece that is compressed; `wait` for it as long as one is on the way.
    ///
    /// # Errors
    /// Where compressing failed.
    pub fn next(&mut self, wait: bool) -> io::Result<Option<&Piece>> {
        if self.ready.is_empty() && self.in_flight > 0 {
            self.receive(wait)?;
        }
        Ok(self.ready.front())
    }

    /// Takes so many bytes away from the front of what [`next`](Self::next) gives.
    pub fn shorten(&mut self, count: usize) {
        if let Some(piece) = self.ready.front_mut() {
            piece.bytes.drain(..count.min(piece.bytes.len()));
        }
    }

    /// Takes away what [`next`](Self::next) gave.
    pub fn advance(&mut self) -> Option<Piece> {
        self.ready.pop_front()
    }
}

fn gone() -> io::Error {
    io::Error::other("the compressing thread has ended")
}

/// One job after the other.
fn work(method: Method, done: Sender<io::Result<Piece>>) -> impl FnMut(Job) -> Option<()> {
    let mut stream = None;
    move |job| {
        let result = match job {
            Job::Piece(Piece { bytes, frames }) => {
                pack(method, &mut stream, &bytes).map(|bytes| Piece { bytes, frames })
            }
            Job::End => stream.take().map_or(Ok(Vec::new()), Stream::finish).map(|bytes| Piece { bytes, frames: 0 }),
        };
        done.send(result).ok()
    }
}

fn pack(method: Method, stream: &mut Option<Stream>, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let stream = match stream {
        Some(stream) => stream,
        None => stream.insert(Stream::new(method)?),
    };
    let packed = stream.writer();
    packed.write_all(bytes)?;
    packed.flush()?;
    Ok(mem::take(stream.packed()))
}

/// A compressed stream under way, and what came out of it.
enum Stream {
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::Encoder<'static, Vec<u8>>),
    Lz4(Box<FrameEncoder<Vec<u8>>>),
}

impl Stream {
    /// Fast levels: a capture must keep up.
    fn new(method: Method) -> io::Result<Stream> {
        Ok(match method {
            Method::Gzip => Stream::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::fast())),
            Method::Zstd => Stream::Zstd(zstd::Encoder::new(Vec::new(), 1)?),
            Method::Lz4 => {
                let info = FrameInfo::new().content_checksum(true);
                Stream::Lz4(Box::new(FrameEncoder::with_frame_info(info, Vec::new())))
            }
        })
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Stream::Gzip(encoder) => encoder,
            Stream::Zstd(encoder) => encoder,
            Stream::Lz4(encoder) => encoder,
        }
    }

    fn packed(&mut self) -> &mut Vec<u8> {
        match self {
            Stream::Gzip(encoder) => encoder.get_mut(),
            Stream::Zstd(encoder) => encoder.get_mut(),
            Stream::Lz4(encoder) => encoder.get_mut(),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Stream::Gzip(encoder) => encoder.finish(),
            Stream::Zstd(encoder) => encoder.finish(),
            Stream::Lz4(encoder) => encoder.finish().map_err(io::Error::other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All pieces, compressed as one stream: what each came to.
    fn packed(method: Method, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut packer = Packer::new(method);
        let mut out = Vec::new();
        for piece in pieces {
            packer.put(Piece { bytes: piece.to_vec(), frames: 1 }).unwrap();
        }
        packer.end().unwrap();
        while packer.next(true).unwrap().is_some() {
            out.push(packer.advance().unwrap().bytes);
        }
        out
    }

    #[test]
    fn every_piece_can_be_read_as_soon_as_it_is_out_and_the_whole_is_one_stream() {
        let pieces: Vec<Vec<u8>> = (1..40u8).map(|n| vec![n; usize::from(n) * 1000]).collect();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        for method in Method::ALL {
            let out = packed(method, &pieces);
            assert_eq!(out.len(), pieces.len() + 1);
            assert_eq!(Method::of_bytes(&out[0]), Some(method));
            for end in [1, 7, pieces.len()] {
                let mut read = Vec::new();
                let stream = io::Cursor::new(out[..end].concat());
                let mut stream = method.decompressed(Box::new(stream)).unwrap();
                // Between two of its blocks an LZ4 frame may just as well end.
                assert!(stream.read_to_end(&mut read).is_err() || method == Method::Lz4, "{method}: it has no end");
                assert!(read == pieces[..end].concat(), "{method} cut after {end}");
            }
            let mut read = Vec::new();
            let twice = [out.concat(), out.concat()].concat();
            method.decompressed(Box::new(io::Cursor::new(twice))).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == [pieces.concat(), pieces.concat()].concat(), "{method}: streams after each other are one");
        }
    }

    #[test]
    fn a_stream_follows_another() {
        let mut packer = Packer::new(Method::Zstd);
        for _ in 0..2 {
            packer.put(Piece { bytes: b"frames".to_vec(), frames: 3 }).unwrap();
            packer.end().unwrap();
            assert_eq!(packer.next(true).unwrap().unwrap().frames, 3);
            let begin = packer.advance().unwrap().bytes;
            assert_eq!(Method::of_bytes(&begin), Some(Method::Zstd));
            assert!(packer.next(true).unwrap().is_some());
            packer.advance();
            assert!(packer.next(true).unwrap().is_none());
        }
    }
}
