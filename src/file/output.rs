//! Where a capture file is written to, in large pieces, and kept whole: where the system takes only a part
//! of a piece, a regular file is cut back to the last whole record.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::mem;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};

use super::Error;
use super::folder::{CreateOptions, Folder};

/// What a writer writes to.
pub struct Output {
    name: String,
    stream: Stream,
    /// Bytes that it may grow to.
    room: u64,
}

enum Stream {
    /// A regular file, and its length as far as it is written.
    Regular(File, u64),
    /// A pipe or FIFO whose reader may stall.
    Pipe(File),
    Other(Box<dyn Write + Send>),
    /// How long it became.
    Closed(u64),
}

impl Output {
    /// Makes a file that its owner alone may read, or writes over the one that is there (which keeps its owner
    /// and mode); `-` is standard output; devices and FIFOs are opened as they are.
    ///
    /// # Errors
    /// Where the system refuses it; where there is a file, if none is to be written over; where the name is that
    /// of a link, in a folder that others can write to.
    pub fn create(path: &Path, options: &CreateOptions, folder: &mut dyn Folder) -> Result<Self, Error> {
        let name = path.display().to_string();
        let opened = if path.as_os_str() == "-" {
            // Whoever gave us this file may have it open for appending: it is not ours to cut.
            let file = io::stdout().as_fd().try_clone_to_owned().map(File::from);
            file.map(|file| Self::other(file, &name))
        } else {
            folder.create(path, options).map(|file| Self::file(file, &name))
        };
        opened.map_err(|source| Error::Open { file: name, source })
    }

    /// An open file, written from where it stands (not one opened for appending); the name is for messages.
    pub fn file(mut file: File, name: &str) -> Self {
        let regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let stream = match file.stream_position() {
            Ok(position) if regular => Stream::Regular(file, position),
            _ => return Self::other(file, name),
        };
        Output { name: name.to_owned(), stream, room: u64::MAX }
    }

    /// What is no regular file, or not ours to cut.
    fn other(file: File, name: &str) -> Self {
        let stream = match without_blocking(&file) {
            Some(pipe) => Stream::Pipe(pipe),
            None => Stream::Other(Box::new(file)),
        };
        Output { name: name.to_owned(), stream, room: u64::MAX }
    }

    /// Anything else; the name is for messages.
    pub fn stream(stream: Box<dyn Write + Send>, name: &str) -> Self {
        Output { name: name.to_owned(), stream: Stream::Other(stream), room: u64::MAX }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Bytes in it; of what is no regular file nothing is known.
    pub(super) fn len(&self) -> u64 {
        match self.stream {
            Stream::Regular(_, len) | Stream::Closed(len) => len,
            Stream::Pipe(_) | Stream::Other(_) => 0,
        }
    }

    /// Bytes that a regular file may grow to: a write that would take it further is refused as a whole.
    pub(super) fn set_room(&mut self, room: u64) {
        self.room = room;
    }

    /// Closes it; `sync` sees to it that a regular file is on its disk.
    ///
    /// # Errors
    /// Where the system could not write it after all. It is closed nevertheless.
    pub(super) fn close(&mut self, sync: bool) -> io::Result<()> {
        let len = self.len();
        let Stream::Regular(file, _) = mem::replace(&mut self.stream, Stream::Closed(len)) else {
            return Ok(());
        };
        let synced = if sync { file.sync_all() } else { Ok(()) };
        synced.and(nix::unistd::close(file).map_err(Into::into))
    }

    /// Writes it all, and passes it on to the reader at the other end. If that does not read, the error is
    /// [`io::ErrorKind::WouldBlock`], after [`PATIENCE`] milliseconds.
    ///
    /// # Errors
    /// With how many bytes were taken before.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
        let stream: &mut dyn Write = match &mut self.stream {
            Stream::Regular(_, len) if len.saturating_add(bytes.len() as u64) > self.room => {
                return Err((0, io::ErrorKind::QuotaExceeded.into()));
            }
            Stream::Regular(file, _) => file,
            Stream::Pipe(pipe) => return write_pipe(pipe, bytes),
            Stream::Other(stream) => stream,
            Stream::Closed(_) => return Err((0, io::Error::other("it is closed"))),
        };
        let mut rest = bytes;
        let result = loop {
            if rest.is_empty() {
                break stream.flush();
            }
            match stream.write(rest) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => rest = rest.get(count..).unwrap_or(&[]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        let taken = bytes.len().saturating_sub(rest.len());
        if let Stream::Regular(_, len) = &mut self.stream {
            *len = len.saturating_add(taken as u64);
        }
        result.map_err(|error| (taken, error))
    }

    /// Takes the last `count` bytes back; whether that worked.
    pub(super) fn take_back(&mut self, count: usize) -> bool {
        let Stream::Regular(file, len) = &mut self.stream else { return count == 0 };
        *len = len.saturating_sub(count as u64);
        file.set_len(*len).and_then(|()| file.seek(SeekFrom::Start(*len))).is_ok()
    }
}

/// How long a reader may stall before others are attended to, in milliseconds.
const PATIENCE: u8 = 100;

/// Another handle for a pipe, that does not block; the one that we were given may be another program's too. None
/// where it is no pipe, or there is no /proc.
fn without_blocking(file: &File) -> Option<File> {
    if !file.metadata().ok()?.file_type().is_fifo() {
        return None;
    }
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    OpenOptions::new().write(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path).ok()
}

fn write_pipe(pipe: &mut File, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut taken = 0usize;
    while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
        match pipe.write(rest) {
            Ok(count) => taken = taken.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let ready = poll(&mut [PollFd::new(pipe.as_fd(), PollFlags::POLLOUT)], PATIENCE);
                match ready {
                    Ok(0) => return Err((taken, error)),
                    Ok(_) | Err(Errno::EINTR) => {}
                    Err(error) => return Err((taken, error.into())),
                }
            }
            Err(error) => return Err((taken, error)),
        }
    }
    Ok(())
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("name", &self.name).finish_non_exhaustive()
    }
}
