//! Who makes the files of `-w`: this process, while it may; the broker, where more of them come later.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::flags::Flags;
use crate::file::{Direct, Folder};
use crate::helper::{Broker, OURSELVES};
use crate::live::privileges::Identity;
use crate::live::sandbox::Level;
use crate::output::terminal::complain;

/// What makes the files.
pub struct Maker {
    pub folder: Box<dyn Folder>,
    /// Where this process must be able to make files itself, though it is confined.
    pub open: Option<PathBuf>,
}

impl Maker {
    /// Starts the broker if it will be needed. The files are the identity's, else ours.
    pub fn choose(flags: &Flags, identity: Option<&Identity>) -> Result<Maker> {
        if let Some(folder) = flags.folder.as_ref().filter(|_| flags.interface.is_empty()) {
            // Who reads files stays the user it was: a broker could do no less than this process, and takes twice the time.
            return Ok(Maker { folder: Box::new(Direct), open: Some(folder.clone()) });
        }
        let write = flags.write.as_ref().filter(|_| flags.makes_files_later());
        let Some(path) = flags.folder.as_ref().map(|folder| folder.join("%")).or(write.cloned()) else {
            return Ok(Maker { folder: Box::new(Direct), open: None });
        };
        match Broker::start(OURSELVES.as_ref(), &stem(&path), identity, flags.sandbox) {
            Ok(broker) => Ok(Maker { folder: Box::new(broker), open: None }),
            Err(error) if flags.sandbox == Level::Require => {
                Err(error).with_context(|| format!("{}: the process to make files can't be started", path.display()))
            }
            Err(error) => {
                complain(format_args!("no process of its own makes the files, this one does: {error}"));
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                Ok(Maker { folder: Box::new(Direct), open: Some(folder.unwrap_or(Path::new(".")).to_owned()) })
            }
        }
    }
}

/// What the names of all the files begin with: there is a time or a number behind it.
fn stem(path: &Path) -> PathBuf {
    let bytes = path.as_os_str().as_bytes();
    match bytes.split(|byte| *byte == b'%').next() {
        Some(before) if before.len() < bytes.len() => OsStr::from_bytes(before).into(),
        _ => path.with_extension(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_ends_where_names_differ() {
        for (path, begins) in [
            ("/d/out.pcap", "/d/out"),
            ("out.pcap.gz", "out.pcap"),
            ("out", "out"),
            ("/d.d/%H.pcap", "/d.d/"),
            ("/d/%Y/out%i", "/d/"),
            ("%i", ""),
        ] {
            assert_eq!(stem(Path::new(path)), Path::new(begins), "{path}");
        }
    }
}
