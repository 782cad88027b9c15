//! A process that makes, renames and removes files for one that may open none, and passes it what it opened.
//!
//! It is the same user, with at most one capability more: to pass over file permissions (CAP_DAC_OVERRIDE), if the user may
//! not make files in the folder. It is confined to the folder, and obeys for paths with one beginning alone.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use caps::{CapSet, Capability};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use nix::unistd::{AccessFlags, eaccess};

use super::{LONGEST, heed_no_signal, start};
use crate::file::{CreateOptions, Direct, Folder};
use crate::live::privileges::{self, Identity};
use crate::live::sandbox::{self, Allowed, Level};
use crate::live::sys;

/// Our end of the broker.
#[derive(Debug)]
pub struct Broker(OwnedFd);

impl Broker {
    /// Starts `program` as the broker for all files whose path begins with `stem`, and waits until it has given up what it
    /// does not need. It becomes the user, whose the files will be.
    ///
    /// # Errors
    /// Where it can't be started, or can't give up what it must.
    pub fn start(program: &Path, stem: &Path, identity: Option<&Identity>, level: Level) -> io::Result<Broker> {
        let mut args = vec![OsString::from("broker"), "--".into(), stem.into(), level.to_string().into()];
        args.extend(identity.map(|identity| identity.to_string().into()));
        let broker = Broker(start(program, args)?);
        broker.answer().map(|_| broker)
    }

    fn ask(&self, request: &Request) -> io::Result<Option<OwnedFd>> {
        send(&self.0, &request.encode(), None)?;
        self.answer()
    }

    fn ask_for_file(&self, request: &Request) -> io::Result<File> {
        let file = self.ask(request)?.map(File::from);
        file.ok_or_else(|| io::Error::other("the process that makes files sent none"))
    }

    fn answer(&self) -> io::Result<Option<OwnedFd>> {
        let mut buffer = vec![0; LONGEST];
        let (len, descriptor) = sys::receive(self.0.as_fd(), &mut buffer)?;
        match buffer.get(..len).and_then(|answer| answer.split_first_chunk()) {
            Some((&Answer::DONE, [])) => Ok(descriptor),
            Some((code, [])) => Err(io::Error::from_raw_os_error(i32::from_ne_bytes(*code))),
            Some((&Answer::DONE, text)) => Err(io::Error::other(String::from_utf8_lossy(text))),
            Some((code, text)) => {
                let kind = io::Error::from_raw_os_error(i32::from_ne_bytes(*code)).kind();
                Err(io::Error::new(kind, String::from_utf8_lossy(text)))
            }
            None => Err(io::Error::other("the process that makes files has gone")),
        }
    }
}

impl Folder for Broker {
    /// The file is the broker's user's; no other owner can be asked for.
    fn create(&mut self, path: &Path, options: &CreateOptions) -> io::Result<File> {
        self.ask_for_file(&Request::Create { path: path.to_owned(), clobber: options.clobber })
    }

    fn reopen(&mut self, path: &Path) -> io::Result<File> {
        self.ask_for_file(&Request::Reopen { path: path.to_owned() })
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.ask(&Request::Rename { from: from.to_owned(), to: to.to_owned() }).map(drop)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.ask(&Request::Remove { path: path.to_owned() }).map(drop)
    }
}

/// What a broker is asked for: a letter, then paths with a zero byte between them.
#[derive(PartialEq, Eq, Debug)]
enum Request {
    Create { path: PathBuf, clobber: bool },
    Reopen { path: PathBuf },
    Rename { from: PathBuf, to: PathBuf },
    Remove { path: PathBuf },
}

impl Request {
    fn encode(&self) -> Vec<u8> {
        let bytes = |path: &PathBuf| path.as_os_str().as_bytes().to_vec();
        match self {
            Request::Create { path, clobber: true } => [b"c".to_vec(), bytes(path)].concat(),
            Request::Create { path, clobber: false } => [b"n".to_vec(), bytes(path)].concat(),
            Request::Reopen { path } => [b"o".to_vec(), bytes(path)].concat(),
            Request::Rename { from, to } => [b"m".to_vec(), bytes(from), vec![0], bytes(to)].concat(),
            Request::Remove { path } => [b"r".to_vec(), bytes(path)].concat(),
        }
    }

    fn decode(message: &[u8]) -> Option<Request> {
        let (letter, paths) = message.split_first()?;
        let path = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
        let mut paths = paths.split(|byte| *byte == 0).map(path);
        let request = match letter {
            b'c' | b'n' => Request::Create { path: paths.next()?, clobber: *letter == b'c' },
            b'o' => Request::Reopen { path: paths.next()? },
            b'm' => Request::Rename { from: paths.next()?, to: paths.next()? },
            b'r' => Request::Remove { path: paths.next()? },
            _ => return None,
        };
        paths.next().is_none().then_some(request)
    }

    fn paths(&self) -> Vec<&Path> {
        match self {
            Request::Create { path, .. } | Request::Reopen { path } | Request::Remove { path } => vec![path],
            Request::Rename { from, to } => vec![from, to],
        }
    }

    fn carry_out(&self) -> io::Result<Option<File>> {
        match self {
            Request::Create { path, clobber } => {
                Direct.create(path, &CreateOptions { clobber: *clobber, owner: None }).map(Some)
            }
            Request::Reopen { path } => Direct.reopen(path).map(Some),
            Request::Rename { from, to } => Direct.rename(from, to).map(|()| None),
            Request::Remove { path } => Direct.remove(path).map(|()| None),
        }
    }
}

/// What a broker answers: an error number, and a text where that says more.
struct Answer;

impl Answer {
    const DONE: [u8; 4] = [0; 4];

    fn to(result: &io::Result<Option<File>>) -> Vec<u8> {
        match result {
            Ok(_) => Self::DONE.to_vec(),
            Err(error) => match error.raw_os_error() {
                Some(code) => code.to_ne_bytes().to_vec(),
                None => {
                    let there = error.kind() == io::ErrorKind::AlreadyExists;
                    let code = if there { libc::EEXIST.to_ne_bytes() } else { Self::DONE };
                    [&code, error.to_string().as_bytes()].concat()
                }
            },
        }
    }
}

fn send(socket: &OwnedFd, message: &[u8], file: Option<&File>) -> io::Result<()> {
    let descriptor: Vec<RawFd> = file.map(AsRawFd::as_raw_fd).into_iter().collect();
    let rights = [ControlMessage::ScmRights(&descriptor)];
    let rights = if descriptor.is_empty() { &[][..] } else { &rights };
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(message)], rights, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// The broker's side: gives up what is not needed, then does what is asked until the other end is closed.
///
/// # Errors
/// Where something can't be given up (which the other end is told too), or the socket fails.
pub fn serve(socket: &OwnedFd, stem: &Path, identity: Option<Identity>, level: Level) -> io::Result<()> {
    heed_no_signal()?;
    let confined = confine(stem, identity, level).map(|()| None);
    send(socket, &Answer::to(&confined), None)?;
    confined?;
    let mut buffer = vec![0; LONGEST];
    loop {
        let (len, _) = sys::receive(socket.as_fd(), &mut buffer)?;
        let Some(message) = buffer.get(..len).filter(|message| !message.is_empty()) else { return Ok(()) };
        let result = match Request::decode(message) {
            Some(request) if request.paths().iter().all(|path| is_of(path, stem)) => request.carry_out(),
            _ => Err(io::Error::other(format!("only files whose names begin with {} are made", stem.display()))),
        };
        send(socket, &Answer::to(&result), result.as_ref().ok().and_then(Option::as_ref))?;
        sandbox::check().map_err(io::Error::other)?;
    }
}

fn confine(stem: &Path, identity: Option<Identity>, level: Level) -> io::Result<()> {
    let folder = folder_of(stem);
    folder.metadata()?;
    privileges::drop_all_but(Some(Capability::CAP_DAC_OVERRIDE), identity).map_err(io::Error::other)?;
    // Whether it is needed shows without it.
    if caps::has_cap(None, CapSet::Permitted, Capability::CAP_DAC_OVERRIDE).map_err(io::Error::other)? {
        caps::clear(None, CapSet::Effective).map_err(io::Error::other)?;
        if eaccess(folder, AccessFlags::W_OK | AccessFlags::X_OK).is_ok() {
            privileges::drop_the_rest().map_err(io::Error::other)?;
        } else {
            caps::raise(None, CapSet::Effective, Capability::CAP_DAC_OVERRIDE).map_err(io::Error::other)?;
        }
    }
    sandbox::confine(Allowed { folder: Some(folder), ..Allowed::default() }, level).map_err(io::Error::other)?;
    Ok(())
}

/// The folder that all paths with this beginning are in.
fn folder_of(stem: &Path) -> &Path {
    let bytes = stem.as_os_str().as_bytes();
    let len = bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash.saturating_add(1));
    match bytes.get(..len) {
        Some(folder @ [_, ..]) => Path::new(OsStr::from_bytes(folder)),
        _ => Path::new("."),
    }
}

/// Whether a path begins with the stem and stays in its folder.
fn is_of(path: &Path, stem: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    let folder = folder_of(stem).as_os_str().as_bytes();
    let within = bytes.strip_prefix(folder).unwrap_or(bytes);
    bytes.starts_with(stem.as_os_str().as_bytes())
        && path.is_absolute() == stem.is_absolute()
        && within.split(|byte| *byte == b'/').all(|part| part != b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_were_made() {
        for request in [
            Request::Create { path: "a/b".into(), clobber: true },
            Request::Create { path: OsString::from_vec(vec![0xff, b'\n']).into(), clobber: false },
            Request::Reopen { path: "a".into() },
            Request::Rename { from: "a".into(), to: "b".into() },
            Request::Remove { path: "a".into() },
        ] {
            assert_eq!(Request::decode(&request.encode()), Some(request));
        }
        for message in [&b""[..], b"x", b"ma", b"ra\0b", b"ma\0b\0c"] {
            assert_eq!(Request::decode(message), None, "{message:?}");
        }
    }

    #[test]
    fn a_path_is_of_a_stem_that_it_begins_with_and_whose_folder_it_stays_in() {
        for (path, stem, is) in [
            ("/d/out.pcap1", "/d/out", true),
            ("/d/out/x", "/d/out", true),
            ("/d/other", "/d/out", false),
            ("/d/out/../../etc/passwd", "/d/out", false),
            ("/d/..", "/d/.", false),
            ("../out1", "../out", true),
            ("../out/../../x", "../out", false),
            ("out1", "out", true),
            ("/etc/passwd", "", false),
            ("12.pcap", "", true),
            ("/d/12.pcap", "/d/", true),
        ] {
            assert_eq!(is_of(Path::new(path), Path::new(stem)), is, "{path} of {stem}");
        }
        assert_eq!(folder_of(Path::new("/d/out")), Path::new("/d/"));
        assert_eq!(folder_of(Path::new("out")), Path::new("."));
        assert_eq!(folder_of(Path::new("/out")), Path::new("/"));
    }
}
