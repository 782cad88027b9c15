//! The owner of each frame of a live capture: asked for once a connection, and put among the frame's options.
//!
//! All new connections of a block are asked for at once; the block waits until they are answered, or [`PATIENCE`] has
//! passed. Meanwhile the kernel's ring is the queue. An answer that comes later serves the packets that follow.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;

use crate::decode::{key::Key, tcp};
use crate::frame::{Block, ByteOrder, Frame, Record, Timestamp};
use crate::helper::Asker;
use crate::owner::{Certainty, Owner};
use crate::process::{Answer, Connection, Protocol};

/// How long a packet waits for its answer at most.
pub const PATIENCE: Duration = Duration::from_millis(50);
/// The same where frames of others are left out, and those without an answer too.
const LAST_PATIENCE: Duration = Duration::from_secs(1);
/// Connections that are remembered, in each of two halves.
const HALF: usize = 1 << 16;
/// Different owners that are remembered.
const OWNERS: usize = 1 << 14;
/// After so many seconds an answer is asked for again that was not sure, or is of datagrams, whose ports change hands.
const DOUBTFUL_AFTER: i64 = 1;
const DATAGRAMS_AFTER: i64 = 10;

/// What is known of a connection.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Its owner's place in the list; none until the first answer.
    owner: Option<usize>,
    /// When it was asked for last, in seconds.
    asked: i64,
}

/// An owner, ready to be put down.
#[derive(Debug)]
struct Label {
    options: Vec<u8>,
    certainty: Certainty,
    wanted: bool,
}

/// Puts owners to frames.
#[derive(Debug)]
pub struct Attribution {
    asker: Asker,
    /// Take only what is of the processes that are asked for.
    only_wanted: bool,
    known: Halves,
    labels: Vec<Label>,
    places: HashMap<(Owner, bool), usize, RandomState>,
    /// Questions that are not answered yet, by number.
    open: HashMap<u32, Connection, RandomState>,
    number: u32,
    /// The question whose answer was waited for in vain: until it comes there is no more waiting.
    overdue: Option<u32>,
    gone: Option<io::Error>,
    /// Frames that were left out although nobody knows whose they are.
    unknown: u64,
    bytes: Vec<u8>,
    records: Vec<Record>,
    /// What each frame of the block is of.
    of: Vec<Of>,
}

/// What a frame is of.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// No connection that has a socket.
    Nothing,
    /// A connection whose owner has this place in the list.
    Known(usize),
    /// One whose owner was forgotten.
    Unknown,
    /// One that is asked for.
    Open(Connection),
}

impl Attribution {
    /// Owners as a helper finds them; if `only_wanted`, frames of others are left out.
    pub fn new(asker: Asker, only_wanted: bool) -> Self {
        Attribution {
            asker,
            only_wanted,
            known: Halves::default(),
            labels: Vec::new(),
            places: HashMap::default(),
            open: HashMap::default(),
            number: 0,
            overdue: None,
            gone: None,
            unknown: 0,
            bytes: Vec::new(),
            records: Vec::new(),
            of: Vec::new(),
        }
    }

    /// Why there are no more answers, if there are none: once.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.gone.take()
    }

    /// How many frames were left out although nobody knows whose they are: their sockets had gone before they could be looked for.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// The frames of a captured block, each with its owner among its options.
    pub fn attribute<'a>(&'a mut self, block: Block<'a>) -> Block<'a> {
        if block.records.is_empty() {
            return block;
        }
        self.ask_for(&block);
        self.put_down(&block);
        Block { bytes: &self.bytes, records: &self.records, notes: &[], ..block }
    }

    /// Asks for the connections of a block that are new, and waits for the answers.
    fn ask_for(&mut self, block: &Block<'_>) {
        self.of.clear();
        let mut questions = Vec::new();
        for frame in block.frames() {
            let Some((connection, is_first)) = connection(&frame) else {
                self.of.push(Of::Nothing);
                continue;
            };
            let known = self.known.get(&connection);
            let owner = known.and_then(|known| known.owner);
            let is_asked = self.is_to_ask(&connection, known, is_first, frame.time);
            if is_asked {
                self.number = self.number.wrapping_add(1);
                questions.push((self.number, connection));
            }
            self.of.push(match owner {
                Some(owner) if !is_asked => Of::Known(owner),
                _ => Of::Open(connection),
            });
        }
        if !questions.is_empty() {
            self.open.extend(questions.iter().copied());
            match self.asker.ask(&questions) {
                Ok(true) => {}
                // There is no room: it is far behind.
                Ok(false) => self.overdue = Some(self.number),
                Err(error) => self.fail(error),
            }
        }
        self.wait_for(&questions);
        if self.open.len() > HALF {
            self.open.clear();
        }
    }

    /// Whether a connection is to be asked for, which is noted then.
    fn is_to_ask(&mut self, connection: &Connection, known: Option<Known>, is_first: bool, time: Timestamp) -> bool {
        let age = known.map(|known| time.secs().saturating_sub(known.asked));
        let label = known.and_then(|known| self.labels.get(known.owner?));
        let is_due = match (age, label.map(|label| label.certainty)) {
            (None, _) => true,
            (Some(age), Some(Certainty::Exact)) => {
                is_first || connection.protocol == Protocol::Udp && age >= DATAGRAMS_AFTER
            }
            (Some(age), _) => is_first || age >= DOUBTFUL_AFTER,
        };
        if is_due {
            // What was known of the ports before is not known of a new connection.
            let owner = known.filter(|_| !is_first).and_then(|known| known.owner);
            self.known.put(*connection, Known { owner, asked: time.secs() });
        }
        is_due
    }

    fn wait_for(&mut self, questions: &[(u32, Connection)]) {
        let begun = Instant::now();
        loop {
            let is_open = questions.iter().any(|(number, _)| self.open.contains_key(number));
            let patience = if self.only_wanted { LAST_PATIENCE } else { PATIENCE };
            let left = patience.saturating_sub(begun.elapsed());
            if is_open && left.is_zero() {
                self.overdue = questions.last().map(|(number, _)| *number);
            }
            let wait = if is_open && self.overdue.is_none() { left } else { Duration::ZERO };
            match self.asker.answers(wait) {
                Ok(answers) => answers.into_iter().for_each(|(number, answer)| self.take(number, answer)),
                Err(error) => return self.fail(error),
            }
            if wait.is_zero() {
                return;
            }
        }
    }

    fn take(&mut self, number: u32, answer: Answer) {
        if self.overdue == Some(number) {
            self.overdue = None;
        }
        let Some(connection) = self.open.remove(&number) else { return };
        let owner = self.place_of(answer);
        if let Some(known) = self.known.get(&connection) {
            self.known.put(connection, Known { owner: Some(owner), ..known });
        }
    }

    /// The place of an owner in the list, to which it is added if it is new.
    fn place_of(&mut self, Answer { owner, wanted }: Answer) -> usize {
        if let Some(place) = self.places.get(&(owner.clone(), wanted)) {
            return *place;
        }
        if self.labels.len() >= OWNERS {
            // What is known of connections points into the list.
            self.known = Halves::default();
            self.labels.clear();
            self.places.clear();
            self.of.iter_mut().filter(|of| matches!(of, Of::Known(_))).for_each(|of| *of = Of::Unknown);
        }
        let place = self.labels.len();
        let options = owner.options(ByteOrder::NATIVE);
        self.labels.push(Label { options, certainty: owner.certainty, wanted });
        self.places.insert((owner, wanted), place);
        place
    }

    /// Makes the block anew, with the owners in it.
    fn put_down(&mut self, block: &Block<'_>) {
        let unknown = Owner::default().options(ByteOrder::NATIVE);
        self.bytes.clear();
        self.records.clear();
        for (record, of) in block.records.iter().zip(&self.of) {
            let owner = match of {
                Of::Nothing | Of::Unknown => None,
                Of::Known(owner) => Some(*owner),
                Of::Open(connection) => self.known.get(connection).and_then(|known| known.owner),
            };
            let label = owner.and_then(|owner| self.labels.get(owner));
            if self.only_wanted && !label.is_some_and(|label| label.wanted) {
                let is_known = label.is_some_and(|label| label.certainty != Certainty::Unknown);
                let is_unknown = !is_known && !matches!(of, Of::Nothing);
                self.unknown = self.unknown.saturating_add(is_unknown.into());
                continue;
            }
            let options = match (of, label) {
                (Of::Nothing, _) => &[][..],
                (_, None) => &unknown,
                (_, Some(label)) => &label.options,
            };
            let frame = block.frame(record);
            let place = |bytes: &Vec<u8>| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let offset = place(&self.bytes);
            self.bytes.extend_from_slice(frame.data);
            let begin = place(&self.bytes);
            self.bytes.extend_from_slice(options);
            match frame.options {
                // The mark of the list's end.
                [] if !options.is_empty() => self.bytes.extend_from_slice(&[0; 4]),
                before => self.bytes.extend_from_slice(before),
            }
            let len = place(&self.bytes).saturating_sub(begin);
            self.records.push(Record { offset, options: (begin, len), ..*record });
        }
    }

    fn fail(&mut self, error: io::Error) {
        if self.overdue != Some(0) {
            self.gone = Some(error);
            // No question has this number: there is no more waiting.
            self.overdue = Some(0);
        }
    }
}

/// The connection that a frame is of, and whether it is the first of it.
fn connection(frame: &Frame<'_>) -> Option<(Connection, bool)> {
    let key = Key::of(frame.link_type, frame.data, frame.wire_len as usize)?;
    let (from, to) = key.ports?;
    let protocol = Protocol::of_number(key.protocol)?;
    let (source, destination) = (SocketAddr::new(key.source, from), SocketAddr::new(key.destination, to));
    let is_first = key.tcp_flags.is_some_and(|flags| flags & (tcp::SYN | tcp::ACK) == tcp::SYN);
    Some((Connection { protocol, source, destination }, is_first))
}

/// A table in two halves: when one is full a new one is begun, and the one before is kept to look things up in.
#[derive(Debug, Default)]
struct Halves {
    new: HashMap<Connection, Known, RandomState>,
    old: HashMap<Connection, Known, RandomState>,
}

impl Halves {
    fn get(&self, connection: &Connection) -> Option<Known> {
        self.new.get(connection).or_else(|| self.old.get(connection)).copied()
    }

    fn put(&mut self, connection: Connection, known: Known) {
        if self.new.len() >= HALF {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(connection, known);
    }
}
