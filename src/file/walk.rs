//! What the walks over pcap and pcapng have in common: what they fill, and how they stop.

use super::Damage;
use crate::frame::{Note, Record, Section};

/// The frames found in a run of bytes, and the section they belong to.
#[derive(Debug)]
pub(super) struct Batch {
    pub section: Section,
    pub records: Vec<Record>,
    pub notes: Vec<Note>,
    /// Records or blocks since the start of the file.
    pub count: u64,
}

impl Batch {
    pub fn new(section: Section) -> Self {
        Batch { section, records: Vec::new(), notes: Vec::new(), count: 0 }
    }

    /// Forgets the frames, not the section.
    pub fn clear(&mut self) {
        self.records.clear();
        self.notes.clear();
    }
}

/// Why a walk went no further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// It is enough for one block, or a new section is next.
    Full,
    /// What stands next is this long, more than is at hand.
    More(usize),
    /// What stands next holds no frame, is this long, and too long to be held in memory.
    Oversize(u64),
    Bad(Fault),
    TooLarge {
        what: &'static str,
        needed: u64,
        limit: usize,
    },
    Version {
        major: u16,
        minor: u16,
    },
}

/// Something that can't be a record or block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub damage: Damage,
    pub needed: usize,
    pub available: usize,
    /// How many bytes certainly belong to it.
    pub len: usize,
}

impl Fault {
    /// A fault in something of which not even the length can be believed.
    pub fn new(damage: Damage, needed: usize, available: usize) -> Self {
        Fault { damage, needed, available, len: 1 }
    }
}

/// What a search for the next plausible record or block came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scan {
    /// There is one, this far on.
    Found(usize),
    /// There may be one this far on; telling takes so many bytes from there.
    Perhaps(usize, usize),
    /// There is none in these bytes.
    Nothing,
}

/// Whether a plausible record or block stands at the front of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Guess {
    Yes,
    No,
    /// Telling takes this many bytes.
    Perhaps(usize),
}

/// Goes over the bytes until a guess is not "no".
pub(super) fn scan<'a>(bytes: &'a [u8], guess: impl Fn(&'a [u8]) -> Guess) -> Scan {
    for at in 0..bytes.len() {
        match guess(bytes.get(at..).unwrap_or(&[])) {
            Guess::Yes => return Scan::Found(at),
            Guess::No => {}
            Guess::Perhaps(needed) => return Scan::Perhaps(at, needed),
        }
    }
    Scan::Nothing
}

/// A length or place inside the buffer, which is far below 4 GiB.
pub(super) fn place(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
