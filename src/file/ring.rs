//! Which of the files of a capture are kept: so many, and so many bytes.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::names::Names;
use super::{Error, Folder};

/// What files may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Keep {
    /// The most files, with the one under way.
    pub files: Option<u64>,
    /// The most bytes of them together.
    pub bytes: Option<u64>,
}

/// Finished files, oldest first.
#[derive(Debug)]
pub(super) struct Ring {
    keep: Keep,
    kept: VecDeque<(PathBuf, u64)>,
}

impl Ring {
    pub fn new(keep: Keep) -> Self {
        Ring { keep, kept: VecDeque::new() }
    }

    /// Counts files that are there already and have such a name, by the time they were last written to. It reads a
    /// folder, so it must come before anything is given up.
    ///
    /// # Errors
    /// Where the folder can't be read; where names such as these can't be told from others.
    pub fn count_old(&mut self, names: &Names) -> Result<(), Error> {
        let Some(folder) = names.folder() else {
            let why = "files of such names can't be told from others, so none could be removed".to_owned();
            return Err(Error::Name { pattern: names.pattern(), why });
        };
        let mut found =
            old_files(names, &folder).map_err(|source| Error::Open { file: folder.display().to_string(), source })?;
        found.sort();
        self.kept.extend(found.into_iter().map(|(_, path, len)| (path, len)));
        Ok(())
    }

    /// A file is finished.
    pub fn add(&mut self, path: PathBuf, len: u64) {
        self.kept.push_back((path, len));
    }

    /// Another file is about to be made: removes those that are too many then.
    ///
    /// # Errors
    /// Where one can't be removed.
    pub fn make_place(&mut self, path: &Path, folder: &mut dyn Folder) -> Result<(), Error> {
        self.kept.retain(|(kept, _)| kept != path);
        let most = self.keep.files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
        while (self.kept.len() >= most || self.room() == 0) && self.remove_oldest(folder)? {}
        Ok(())
    }

    /// Removes the oldest file, where there is one.
    ///
    /// # Errors
    /// Where it can't be removed. It may be gone already: what runs after rotation may have renamed it.
    pub fn remove_oldest(&mut self, folder: &mut dyn Folder) -> Result<bool, Error> {
        let Some((path, _)) = self.kept.pop_front() else { return Ok(false) };
        match folder.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::Remove { file: path.display().to_string(), source: error })
            }
            _ => Ok(true),
        }
    }

    /// How many bytes the file under way may have.
    pub fn room(&self) -> u64 {
        let others = self.kept.iter().map(|(_, len)| *len).fold(0, u64::saturating_add);
        self.keep.bytes.map_or(u64::MAX, |bytes| bytes.saturating_sub(others))
    }
}

fn old_files(names: &Names, folder: &Path) -> io::Result<Vec<(SystemTime, PathBuf, u64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if names.is_one(&entry.file_name()) && entry.file_type()?.is_file() {
            let about = entry.metadata()?;
            let path = if folder == Path::new(".") { entry.file_name().into() } else { entry.path() };
            found.push((about.modified()?, path, about.len()));
        }
    }
    Ok(found)
}
