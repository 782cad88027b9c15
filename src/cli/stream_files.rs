//! A file for each side of a conversation (`--out`): any number of them, of which a bounded number are open and a bounded
//! number of bytes are held back.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::file::{CreateOptions, Folder};
use crate::flow::Endpoint;
use crate::pipeline::SinkError;
use crate::streams::conversations::{Conversation, Side, Transport};

/// A file is written when it has so many bytes.
const BUFFER: usize = 64 << 10;
/// All are written when they have so many together.
const MOST_HELD: usize = 64 << 20;
/// How many are open at most.
const MOST_OPEN: usize = 128;

/// The number of a conversation, and who sent what the file holds.
type Key = (u64, Side);

/// The files.
pub struct StreamFiles {
    directory: PathBuf,
    folder: Box<dyn Folder>,
    options: CreateOptions,
    files: HashMap<Key, StreamFile>,
    /// Those that are open, in the order that they were opened.
    open: VecDeque<Key>,
    held: usize,
    made: u64,
}

struct StreamFile {
    path: PathBuf,
    made: bool,
    open: Option<File>,
    buffer: Vec<u8>,
    /// Where in the file the buffer is to stand.
    place: u64,
}

impl StreamFiles {
    pub fn new(directory: &Path, folder: Box<dyn Folder>, owner: Option<(u32, u32)>) -> Self {
        StreamFiles {
            directory: directory.to_owned(),
            folder,
            options: CreateOptions { clobber: true, owner },
            files: HashMap::new(),
            open: VecDeque::new(),
            held: 0,
            made: 0,
        }
    }

    /// How many were made.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// Puts bytes behind what a side sent so far.
    pub fn write(&mut self, conversation: &Conversation, side: Side, bytes: &[u8]) -> Result<(), SinkError> {
        let key = (conversation.number, side);
        let directory = &self.directory;
        let file = self.files.entry(key).or_insert_with(|| StreamFile {
            path: directory.join(name(conversation, side)),
            made: false,
            open: None,
            buffer: Vec::new(),
            place: 0,
        });
        file.buffer.extend_from_slice(bytes);
        self.held = self.held.saturating_add(bytes.len());
        if file.buffer.len() >= BUFFER {
            self.write_out(key, true)?;
        } else if self.held > MOST_HELD {
            self.write_all()?;
        }
        Ok(())
    }

    /// Leaves a hole of so many bytes: they read as zeros.
    pub fn skip(&mut self, conversation: &Conversation, side: Side, count: usize) -> Result<(), SinkError> {
        self.write(conversation, side, &[])?;
        let key = (conversation.number, side);
        self.write_out(key, false)?;
        if let Some(file) = self.files.get_mut(&key) {
            file.place = file.place.saturating_add(count as u64);
        }
        Ok(())
    }

    /// Nothing more comes of a conversation.
    pub fn close(&mut self, conversation: &Conversation) -> Result<(), SinkError> {
        for side in [Side::Client, Side::Server] {
            let key = (conversation.number, side);
            self.write_out(key, false)?;
            self.files.remove(&key);
        }
        Ok(())
    }

    /// Writes all that is held back.
    pub fn write_all(&mut self) -> Result<(), SinkError> {
        let mut keys: Vec<Key> =
            self.files.iter().filter(|(_, file)| !file.buffer.is_empty()).map(|(key, _)| *key).collect();
        keys.sort_unstable_by_key(|(number, side)| (*number, *side == Side::Server));
        keys.into_iter().try_for_each(|key| self.write_out(key, false))
    }

    /// Writes what is held back for a file. It stays open where more is likely to come soon, unless others take its place.
    fn write_out(&mut self, key: Key, stay_open: bool) -> Result<(), SinkError> {
        let Some(file) = self.files.get_mut(&key).filter(|file| !file.buffer.is_empty()) else { return Ok(()) };
        self.held = self.held.saturating_sub(file.buffer.len());
        let first = !file.made;
        let was_open = file.open.is_some();
        let written = file.write(&mut *self.folder, &self.options);
        written.map_err(|source| SinkError::Other { file: file.path.display().to_string(), source })?;
        self.made = self.made.saturating_add(first.into());
        if !stay_open {
            file.open = None;
            file.buffer = Vec::new();
        } else if !was_open {
            self.open.push_back(key);
            if self.open.len() > MOST_OPEN
                && let Some(oldest) = self.open.pop_front()
                && let Some(file) = self.files.get_mut(&oldest)
            {
                file.open = None;
            }
        }
        Ok(())
    }
}

impl StreamFile {
    fn write(&mut self, folder: &mut dyn Folder, options: &CreateOptions) -> io::Result<()> {
        let file = match &mut self.open {
            Some(file) => file,
            none => {
                none.insert(if self.made { folder.reopen(&self.path)? } else { folder.create(&self.path, options)? })
            }
        };
        self.made = true;
        file.write_all_at(&self.buffer, self.place)?;
        self.place = self.place.saturating_add(self.buffer.len() as u64);
        self.buffer.clear();
        Ok(())
    }
}

/// The name of a file: number and transport of the conversation, its client and server, and who of them sent what is in it.
fn name(conversation: &Conversation, side: Side) -> String {
    let Conversation { number, transport, client, server } = conversation;
    let transport = match transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
    };
    let sender = match side {
        Side::Client => "client",
        Side::Server => "server",
    };
    format!("{number}_{transport}_{}_{}.{sender}", end(*client), end(*server))
}

/// Address and port. There is no colon in it, which some file systems and programs take to mean something.
fn end(end: Endpoint) -> String {
    match end.address {
        IpAddr::V4(address) => format!("{address}_{}", end.port),
        IpAddr::V6(address) => format!("{}_{}", address.to_string().replace(':', "-"), end.port),
    }
}
