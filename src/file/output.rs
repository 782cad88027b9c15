//! Where a capture file is written to, in large pieces, and kept whole: where the system takes only a part
//! of a piece, a regular file is cut back to the last whole record.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

use super::Error;

/// How to make a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CreateOptions {
    /// Whether a file that is there may be written over.
    pub clobber: bool,
    /// User and group that a new file is given to.
    pub owner: Option<(u32, u32)>,
}

impl Default for CreateOptions {
    /// Writes over what is there; a new file is ours.
    fn default() -> Self {
        CreateOptions { clobber: true, owner: None }
    }
}

fn open(path: &Path, options: &CreateOptions) -> io::Result<File> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(file) => {
            if let Some((user, group)) = options.owner
                && let Err(error) = fchown(&file, Some(user), Some(group))
            {
                // Empty, and of no use to anybody: that it may stay is the lesser fault.
                let _ = fs::remove_file(path);
                return Err(io::Error::new(error.kind(), format!("it can't be given to user {user}: {error}")));
            }
            return Ok(file);
        }
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => {}
    }
    if !options.clobber && path.metadata().is_ok_and(|there| there.is_file()) {
        return Err(io::Error::other("it is there already, and --no-clobber forbids to write over it"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut over = OpenOptions::new();
    over.write(true).create(true).truncate(true).mode(0o600);
    let folder = folder.metadata()?;
    let ours = [0, nix::unistd::geteuid().as_raw()].contains(&folder.uid());
    if folder.mode() & OTHERS_WRITE != 0 || !ours {
        if path.symlink_metadata().is_ok_and(|there| there.is_symlink()) {
            return Err(io::Error::other(
                "it is a link in a folder that others can write to, who may have put it there",
            ));
        }
        // Nor one that is put there just now.
        over.custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits());
    }
    over.open(path)
}

/// The mode bits of a folder in which others than its owner may make files.
const OTHERS_WRITE: u32 = 0o022;

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
    pub fn create(path: &Path, options: &CreateOptions) -> Result<Self, Error> {
        let name = path.display().to_string();
        let opened = if path.as_os_str() == "-" {
            // Whoever gave us this file may have it open for appending: it is not ours to cut.
            let file = io::stdout().as_fd().try_clone_to_owned().map(File::from);
            file.map(|file| Self::stream(Box::new(file), &name))
        } else {
            open(path, options).map(|file| Self::file(file, &name))
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
