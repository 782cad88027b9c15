//! What can go wrong with a capture file, and what was skipped to get past it.

use std::{fmt, io};

use crate::frame::{LinkType, Timestamp};

/// Where in a file something is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file, as the user named it.
    pub file: String,
    /// Records (pcap) or blocks (pcapng), counted from 1.
    pub record: u64,
    /// Bytes from the start of the file to the start of that record or block.
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: record {} at byte {}", self.file, self.record, self.offset)
    }
}

/// Why a capture file could not be read or written (further).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("{file}: can't open: {source}")]
    Open { file: String, source: io::Error },
    /// The file may be whole, but the system would not give it.
    #[error("{place}: can't read: {source}")]
    Read { place: Place, source: io::Error },
    /// The file ends inside a record or block: a copy or capture that was broken off.
    #[error("{place}: the file is cut: needed {needed} bytes, available {available}")]
    Cut { place: Place, needed: u64, available: u64 },
    /// What stands there can't be a record or block.
    #[error("{place}: damaged: {damage}: needed {needed}, available {available}")]
    Damaged { place: Place, damage: Damage, needed: u64, available: u64 },
    /// A well-formed block with a frame, or one that describes the file, that is over a [limit](super).
    #[error("{place}: too large: {what}: needed {needed}, the limit is {limit}")]
    TooLarge { place: Place, what: &'static str, needed: u64, limit: u64 },
    /// A file that is being followed lost bytes that had been read.
    #[error("{place}: the file became shorter while it was read")]
    Shrunk { place: Place },
    #[error("{file}: the file is empty")]
    Empty { file: String },
    #[error("{file}: not a capture file: it begins with {}", hex(.magic))]
    Unknown { file: String, magic: Vec<u8> },
    #[error("{file}: compressed with {method}: decompress it first")]
    Compressed { file: String, method: &'static str },
    #[error("{place}: {format} version {major}.{minor} is not supported")]
    Version { place: Place, format: super::Format, major: u16, minor: u16 },
    /// A frame that the format can't hold.
    #[error("{file}: can't write frame {frame}: {why}")]
    Unwritable { file: String, frame: u64, why: Unwritable },
    /// The pattern of a name that can't be one.
    #[error("{pattern}: can't be the name of a file: {why}")]
    Name { pattern: String, why: String },
    #[error("{file}: can't remove it to make room: {source}")]
    Remove { file: String, source: io::Error },
    /// `whole` frames are whole in the file.
    #[error("{file}: can't write: {source}; {whole} frames are whole in it{}", if *.torn { ", its end may be torn" } else { "" })]
    Write { file: String, whole: u64, torn: bool, source: io::Error },
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// What is wrong with a record or block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Damage {
    #[error("more bytes captured than a record may hold")]
    RecordLength,
    #[error("a block length that is too small or not a multiple of 4")]
    BlockLength,
    #[error("the two lengths of a block differ")]
    Trailer,
    #[error("a section header without a byte order")]
    ByteOrder,
    #[error("a block too short for its fields")]
    Body,
    #[error("a packet longer than its block")]
    CaptureLength,
    #[error("a packet on an interface that was not described")]
    Interface,
    #[error("an option longer than its block")]
    Options,
}

/// Why a frame can't be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unwritable {
    #[error("its link type is {frame}, the file's is {file}, and pcap holds only one: write pcapng")]
    LinkType { file: LinkType, frame: LinkType },
    #[error("its time, {}.{:09} s, does not fit the format", .0.secs(), .0.nanos())]
    Time(Timestamp),
    #[error("it is longer than {} bytes, or with its options than {}", super::MAX_RECORD, super::MAX_BLOCK)]
    Length,
    #[error("its interface is not described")]
    Interface,
}

/// Something that was left out so that reading could go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Where it began.
    pub place: Place,
    /// How much was left out.
    pub bytes: u64,
    pub cause: Cause,
}

/// Why bytes were left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Cause {
    #[error("{0}")]
    Damaged(Damage),
    #[error("the file ends inside it")]
    Cut,
    #[error("over the limit")]
    TooLarge,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: skipped {} bytes: {}", self.place, self.bytes, self.cause)
    }
}
