//! Where a capture file is written to, in large pieces, and kept whole: where the system takes only a part
//! of a piece, a regular file is cut back to the last whole record.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::path::Path;

use super::Error;
use super::folder::{CreateOptions, Folder};

/// What a writer writes to.
pub struct Output {
    name: String,
    stream: Stream,
}

enum Stream {
    /// A regular file, and its length as far as it is written.
    Regular(File, u64),
    Other(Box<dyn Write + Send>),
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
            file.map(|file| Self::stream(Box::new(file), &name))
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
            _ => Stream::Other(Box::new(file)),
        };
        Output { name: name.to_owned(), stream }
    }

    /// Anything else; the name is for messages.
    pub fn stream(stream: Box<dyn Write + Send>, name: &str) -> Self {
        Output { name: name.to_owned(), stream: Stream::Other(stream) }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Writes it all, and passes it on to the reader at the other end.
    ///
    /// # Errors
    /// With how many bytes were taken before.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
        let stream: &mut dyn Write = match &mut self.stream {
            Stream::Regular(file, _) => file,
            Stream::Other(stream) => stream,
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

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("name", &self.name).finish_non_exhaustive()
    }
}
