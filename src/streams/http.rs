//! HTTP/1 in both directions of connections, the bodies of its messages decoded: chunks joined, compression undone
//! (RFC 9112; RFC 9110, section 8.4). Heads stay as they are, and so does all that is no HTTP.
//!
//! Of a head no more than [`LONGEST_HEAD`] is kept until it is whole; of a body the window of its compression is, within a
//! budget.

mod coding;
mod head;
mod reader;

use std::collections::{HashMap, VecDeque};

use foldhash::quality::RandomState;

use self::head::Method;
use self::reader::Reader;
use super::conversations::Side;
use super::half::Part;
use crate::budget::Budget;

/// A head that is longer, in bytes, is taken for something else.
pub const LONGEST_HEAD: usize = 64 << 10;
/// So much of a body is shown decoded at most, in bytes.
pub const LONGEST_BODY: u64 = 8 << 20;
/// And no more than so many times the length that it came in, beside the first [`ANY_RATIO`].
pub const LARGEST_RATIO: u64 = 100;
/// So many bytes are decoded whatever length they came in.
pub const ANY_RATIO: u64 = 64 << 10;

/// What is shown of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown<'a> {
    Part(Part<'a>),
    /// Why what comes is not what it should be.
    Note(&'static str),
}

/// What is told with something shown: its offset in what was shown of its side, in bytes.
type Show<'s> = &'s mut dyn FnMut(usize, Shown<'_>);

/// Many connections, by the numbers of their conversations.
#[derive(Debug)]
pub struct Dialogues {
    by_number: HashMap<u64, Dialogue, RandomState>,
    budget: Budget,
}

/// Both directions of a connection.
#[derive(Debug, Default)]
struct Dialogue {
    client: Reader,
    server: Reader,
    /// What was asked and not answered yet.
    asked: Asked,
}

/// What a response needs to know of requests.
#[derive(Debug, Default)]
struct Asked {
    /// Not answered yet, in order.
    methods: VecDeque<Method>,
    /// Both sides have agreed to speak something else.
    switched: bool,
}

impl Asked {
    /// How many requests may wait for their answers; of others it is forgotten what they asked.
    const MOST: usize = 1024;

    fn push(&mut self, method: Method) {
        if self.methods.len() < Self::MOST {
            self.methods.push_back(method);
        }
    }
}

impl Dialogues {
    /// Decoders that take their memory from a budget.
    pub fn new(budget: &Budget) -> Self {
        Dialogues { by_number: HashMap::default(), budget: budget.clone() }
    }

    /// Takes what is next of what a side sent, and shows what is next with it.
    pub fn take(&mut self, number: u64, side: Side, part: Part<'_>, show: Show<'_>) {
        let dialogue = self.by_number.entry(number).or_default();
        let (reader, asked) = dialogue.side(side);
        if asked.switched {
            reader.give_up(show);
        }
        match part {
            Part::Missing(count) => {
                asked.methods.clear();
                reader.miss(count, show);
            }
            Part::Bytes(bytes) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    rest = reader.read(side, rest, asked, &self.budget, show);
                }
            }
        }
    }

    /// Nothing more comes: shows what was not whole.
    pub fn finish(&mut self, number: u64, mut show: impl FnMut(Side, usize, Shown<'_>)) {
        let Some(mut dialogue) = self.by_number.remove(&number) else { return };
        for side in [Side::Client, Side::Server] {
            dialogue.side(side).0.give_up(&mut |offset, shown| show(side, offset, shown));
        }
    }
}

impl Dialogue {
    fn side(&mut self, side: Side) -> (&mut Reader, &mut Asked) {
        let reader = match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        (reader, &mut self.asked)
    }
}

#[cfg(test)]
mod tests;
