//! A refill buffer over whatever bytes come from: a file, a pipe, memory.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::mem;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::{Error, Method};

/// The size of the buffer, in bytes, as long as no record is longer.
pub(super) const BUFFER: usize = 256 << 10;
/// How long to wait at the end of a growing file before looking again.
const WAIT: Duration = Duration::from_millis(50);

/// What came of asking for more bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Filled {
    Some,
    /// None now: a growing file, waited for a moment.
    Waiting,
    /// None ever.
    End,
}

enum Stream {
    File(Arc<File>),
    Other(Box<dyn Read + Send>),
}

/// Bytes of a stream from a place in it on.
pub(super) struct Input {
    stream: Stream,
    /// What is read, where it is a regular file.
    file: Option<Arc<File>>,
    follow: bool,
    ended: bool,
    buffer: Vec<u8>,
    /// How large the buffer is, as long as no record is longer.
    size: usize,
    /// The part of the buffer that holds bytes not consumed.
    start: usize,
    end: usize,
    /// Bytes from the start of the stream to the first that is not consumed.
    offset: u64,
}

impl Input {
    /// Opens a file; `-` is standard input. Only a regular file is followed.
    pub fn open(path: &Path, follow: bool) -> Result<Self, Error> {
        let open = || {
            if path.as_os_str() == "-" {
                return io::stdin().as_fd().try_clone_to_owned().map(File::from);
            }
            File::open(path)
        };
        let failed = |source| Error::Open { file: path.display().to_string(), source };
        let file = Arc::new(open().map_err(failed)?);
        let regular = file.metadata().map_err(failed)?.is_file();
        let kept = regular.then(|| Arc::clone(&file));
        Ok(Input { file: kept, ..Self::over(Stream::File(file), follow && regular) })
    }

    pub fn new(stream: Box<dyn Read + Send>) -> Self {
        Self::over(Stream::Other(stream), false)
    }

    fn over(stream: Stream, follow: bool) -> Self {
        let buffer = vec![0; BUFFER];
        Input { stream, file: None, follow, ended: false, buffer, size: BUFFER, start: 0, end: 0, offset: 0 }
    }

    /// With another buffer, before anything is read.
    pub fn with_buffer(self, size: usize) -> Self {
        Input { buffer: vec![0; size], size, ..self }
    }

    /// Takes what is at hand and all that follows to be compressed: from here on it gives what that holds.
    pub fn decompress(&mut self, method: Method) -> io::Result<()> {
        let begin = io::Cursor::new(self.bytes().to_vec());
        let stream: Box<dyn Read + Send> = match mem::replace(&mut self.stream, Stream::Other(Box::new(io::empty()))) {
            Stream::File(file) => Box::new(begin.chain(file)),
            Stream::Other(stream) => Box::new(begin.chain(stream)),
        };
        self.stream = Stream::Other(method.decompressed(stream)?);
        (self.start, self.end, self.offset) = (0, 0, 0);
        (self.follow, self.ended) = (false, false);
        Ok(())
    }

    /// The regular file that is read, compressed or not; none where it is something else.
    pub fn file(&self) -> Option<&Arc<File>> {
        self.file.as_ref()
    }

    /// The bytes at hand.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or(&[])
    }

    /// Bytes from the start of the stream to the first of those at hand.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the stream has no bytes beyond those at hand.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Drops the first `count` bytes at hand.
    pub fn consume(&mut self, count: usize) {
        let count = count.min(self.bytes().len());
        self.start = self.start.saturating_add(count);
        self.offset = self.offset.saturating_add(count as u64);
    }

    /// Reads once, to get nearer to having `needed` bytes at hand. The buffer grows only where it is full of
    /// bytes that came, so a length that lies costs no memory.
    pub fn fill(&mut self, needed: usize) -> io::Result<Filled> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end = self.bytes().len();
        self.start = 0;
        let wanted = needed.max(self.size);
        if self.end == self.buffer.len() {
            self.buffer.resize(wanted.min(self.end.saturating_mul(2)), 0);
        } else if self.buffer.len() > wanted && self.end < wanted {
            self.buffer.truncate(wanted);
            self.buffer.shrink_to_fit();
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or(&mut []);
        let count = loop {
            let read = match &mut self.stream {
                Stream::File(file) => file.read(room),
                Stream::Other(stream) => stream.read(room),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end = self.end.saturating_add(count).min(self.buffer.len());
        if count > 0 {
            return Ok(Filled::Some);
        }
        if self.follow {
            thread::sleep(WAIT);
            return Ok(Filled::Waiting);
        }
        self.ended = true;
        Ok(Filled::End)
    }

    /// Whether a file that is followed has lost bytes that were read from it.
    pub fn shrunk(&mut self) -> io::Result<bool> {
        match &mut self.stream {
            Stream::File(file) => Ok(file.metadata()?.len() < file.stream_position()?),
            Stream::Other(_) => Ok(false),
        }
    }
}
