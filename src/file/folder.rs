//! Where files are made and removed: by ourselves, or by whoever may do it for us once this process may not.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

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

/// What makes, renames and removes the files of a run.
pub trait Folder: Send {
    /// Makes a file that its owner alone may read, or writes over the one that is there (which keeps its owner and
    /// mode); devices and FIFOs are opened as they are.
    ///
    /// # Errors
    /// Where the system refuses it; where there is a file, if none is to be written over; where the name is that
    /// of a link, in a folder that others can write to.
    fn create(&mut self, path: &Path, options: &CreateOptions) -> io::Result<File>;

    /// Opens a file that was made before, to be gone on with where its place is set.
    ///
    /// # Errors
    /// Where the system refuses it, or there is none; where a link has taken its place.
    fn reopen(&mut self, path: &Path) -> io::Result<File>;

    /// Gives a file another name, over whatever has that name.
    ///
    /// # Errors
    /// Where the system refuses it.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// Where the system refuses it.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
}

/// By this process itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

impl Folder for Direct {
    fn create(&mut self, path: &Path, options: &CreateOptions) -> io::Result<File> {
        create(path, options)
    }

    fn reopen(&mut self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits()).open(path)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

fn create(path: &Path, options: &CreateOptions) -> io::Result<File> {
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
        let why = "it is there already, and --no-clobber forbids to write over it";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
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
