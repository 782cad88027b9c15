//! What can be asked of a capture in several files, and what is told of it.

use std::fmt;

use super::ring::Keep;
use super::{CreateOptions, Method, Names, WriteFormat};
use crate::frame::Timestamp;

/// When a file ends and the next begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rotation {
    /// When it has more bytes than these, before compression.
    pub bytes: Option<u64>,
    /// When it has so many frames.
    pub frames: Option<u64>,
    /// When it is so many seconds old.
    pub seconds: Option<u32>,
    /// The seconds are counted from local midnight, so that files begin with the hour or the minute.
    pub aligned: bool,
    /// Numbers in names go round: below this.
    pub numbers: Option<u64>,
    /// How many files there may be at a time.
    pub keep: Keep,
    /// No frame is taken beyond so many files.
    pub stop: Option<u64>,
}

impl Rotation {
    /// Whether there is more than one file.
    pub fn is_any(&self) -> bool {
        self.bytes.is_some() || self.frames.is_some() || self.seconds.is_some()
    }
}

/// What to do about a full disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnFull {
    /// End with an error.
    #[default]
    Stop,
    /// Go on when there is room again. Of a live capture what comes meanwhile is lost, and counted.
    Wait,
    /// Remove the oldest file of the series.
    Ring,
}

/// How to write a series of files.
#[derive(Clone, Debug)]
pub struct SeriesOptions {
    /// What the files are called.
    pub names: Names,
    pub format: WriteFormat,
    pub create: CreateOptions,
    pub rotation: Rotation,
    pub method: Option<Method>,
    pub on_full: OnFull,
    /// Have each file on its disk before it is closed.
    pub sync: bool,
    /// Go on behind the last record of the file that is there.
    pub append: bool,
    /// When a live capture begins; nothing where the time of frames is what counts.
    pub live_since: Option<Timestamp>,
}

/// Something that a user should know of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SeriesEvent {
    /// A file that is appended to ended in a record that was not whole: so many bytes were cut off.
    Repaired { file: String, bytes: u64 },
    /// The disk is full; there is a wait for room.
    Waiting { file: String },
    /// There is room again; so many frames came meanwhile and are lost.
    Resumed { file: String, lost: u64 },
    /// The names do not differ: each file takes the place of the one before.
    Replaced { file: String },
    /// The last of the files that were asked for is complete.
    Complete { files: u64 },
}

impl fmt::Display for SeriesEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SeriesEvent::Repaired { file, bytes } => write!(f, "{file}: its end was torn: {bytes} bytes were cut off"),
            SeriesEvent::Waiting { file } => write!(f, "{file}: the disk is full: waiting for room"),
            SeriesEvent::Resumed { file, lost } => {
                write!(f, "{file}: going on; packets lost meanwhile: {lost}")
            }
            SeriesEvent::Replaced { file } => {
                write!(f, "{file}: each file replaces the one before: put a time such as %H%M%S into the name")
            }
            SeriesEvent::Complete { files } => write!(f, "Maximum file limit reached: {files}"),
        }
    }
}
