//! A capture file that a subcommand makes of others: written beside under another name, and given its own when it is whole.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{env, io, process};

use anyhow::{Result, bail};

use super::sinks::Opening;
use crate::file::{self, CreateOptions, Folder, Method, Output, WriteFormat, Writer};
use crate::frame::Block;
use crate::output::terminal::complain;
use crate::pipeline::SinkError;

/// What the name of a file ends with until it is whole.
const UNFINISHED: &str = ".part";

/// A file under way. Until [`finish`](Self::finish) it has another name, unless it is no regular file.
pub struct Product {
    /// None once something has failed, or all is done.
    writer: Option<Writer>,
    folder: Box<dyn Folder>,
    /// Its names, now and then.
    names: Option<(PathBuf, PathBuf)>,
}

/// The folder that a file is made in; none for standard output.
pub fn folder_of(path: &Path) -> Option<&Path> {
    let parent = path.parent().filter(|_| path.as_os_str() != "-")?;
    Some(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// Refuses to write over what is read.
///
/// # Errors
/// Where one of the files is the one that is to be made.
pub fn spare(inputs: &[PathBuf], path: &Path) -> Result<()> {
    let identity = |path: &Path| path.metadata().ok().filter(Metadata::is_file).map(|file| (file.dev(), file.ino()));
    let Some(made) = identity(path) else { return Ok(()) };
    match inputs.iter().find(|input| identity(input) == Some(made)) {
        Some(input) => bail!("{} would be written over while it is read: give another name", input.display()),
        None => Ok(()),
    }
}

/// A file without a name, where a product is made (else among temporary files), to be written and read; it is gone when it is
/// closed.
///
/// # Errors
/// Where the system refuses it.
pub fn scratch(path: &Path) -> io::Result<File> {
    let temporary = env::temp_dir();
    match folder_of(path).map(nameless) {
        Some(Ok(file)) => Ok(file),
        _ => nameless(&temporary),
    }
}

fn nameless(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options.clone().custom_flags(nix::fcntl::OFlag::O_TMPFILE.bits()).open(folder).or_else(|_| {
        // Not every file system can make one without a name.
        let named = folder.join(format!(".sabueso-{}{UNFINISHED}", process::id()));
        let file = options.create_new(true).open(&named)?;
        fs::remove_file(&named).map(|()| file)
    })
}

impl Product {
    /// Makes the file, compressed where its name says so; `-` is standard output.
    ///
    /// # Errors
    /// Where it can't be made.
    pub fn open(path: &Path, format: WriteFormat, opening: Opening<'_>) -> Result<Self> {
        let Opening { owner, mut folder, .. } = opening;
        let owner = owner.map(|identity| (identity.uid.as_raw(), identity.gid.as_raw()));
        // A device or FIFO is no file that could be replaced by another.
        let replaces = path.metadata().map_or(true, |there| there.is_file());
        let names = folder_of(path).zip(path.file_name()).filter(|_| replaces).map(|(folder, name)| {
            let unfinished: OsString = [name, UNFINISHED.as_ref()].into_iter().collect();
            (folder.join(unfinished), folder.join(name))
        });
        let now = names.as_ref().map_or(path, |(now, _)| now);
        let output = Output::create(now, &CreateOptions { clobber: true, owner }, folder.as_mut())?;
        let writer = Writer::compressed(output, format, Method::of_name(path));
        Ok(Product { writer: Some(writer), folder, names })
    }

    /// Writes a block.
    ///
    /// # Errors
    /// Where that fails; then the file is gone.
    pub fn write(&mut self, block: &Block<'_>) -> Result<(), SinkError> {
        let written = self.writer.as_mut().map_or(Ok(()), |writer| writer.write_block(block));
        self.checked(written)
    }

    /// Hands on what is written, where somebody waits for it.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn flush(&mut self) -> Result<(), SinkError> {
        let flushed = self.writer.as_mut().map_or(Ok(()), Writer::flush);
        self.checked(flushed)
    }

    /// The file is whole, and gets its name; nothing where it failed before.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn finish(&mut self) -> Result<(), SinkError> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        self.checked(writer.finish())?;
        let Some((now, then)) = self.names.take() else { return Ok(()) };
        let file = then.display().to_string();
        self.folder.rename(&now, &then).map_err(|source| file::Error::Open { file, source })?;
        Ok(())
    }

    /// Removes the file where something failed.
    fn checked(&mut self, done: Result<(), file::Error>) -> Result<(), SinkError> {
        if done.is_err() {
            self.abandon();
        }
        Ok(done?)
    }

    /// Removes the file: it can't become whole.
    pub fn abandon(&mut self) {
        self.writer = None;
        if let Some((now, _)) = self.names.take()
            && let Err(error) = self.folder.remove(&now)
        {
            complain(format_args!("{} is left behind: {error}", now.display()));
        }
    }
}
