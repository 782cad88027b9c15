//! Who is at the ends of connections, beside what their packets say: names of hosts as they were heard, and the processes that frames
//! of a live capture, or of a file of one, tell of.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::budget::{Budget, Share};
use crate::flow::{Connection, Pushed, Side};
use crate::frame::{Block, ByteOrder, Direction, Frame};
use crate::guard::guarded;
use crate::names::{Entry, Lookup, Names, Origin};
use crate::owner::{self, Certainty, View};

/// The block of pcapng that tells names (draft-ietf-opsawg-pcapng, 4.5).
const NAME_RESOLUTION: u32 = 4;

/// A name, and who said it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    pub text: Box<[u8]>,
    /// `asked` (the client asked the server for it by this name), else the word of an [`Origin`].
    pub said_by: &'static str,
    /// How the client found the address, where that was heard before it connected.
    pub lookup: Option<Box<Lookup>>,
}

/// A process at an end of a connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Process {
    /// 0 if it is not known.
    pub pid: u32,
    pub name: Option<Vec<u8>>,
    pub uid: Option<u32>,
    pub user: Option<Vec<u8>>,
    pub container: Option<Vec<u8>>,
    /// None where another program wrote the file.
    pub certainty: Option<Certainty>,
}

impl Process {
    fn of(view: &View<'_>) -> Self {
        let text = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        let (name, user, container) = (text(view.name), text(view.user), text(view.container));
        Process { pid: view.pid, name, uid: view.uid, user, container, certainty: view.certainty }
    }
}

/// What is known of an end.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct End {
    pub name: Option<Name>,
    pub process: Option<Arc<Process>>,
    /// Who listens on its port at another address, where nobody does at this one.
    pub elsewhere: Option<Box<[u8]>>,
}

/// What is known of both.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Ends {
    pub client: End,
    pub server: End,
}

/// What packets told of the processes at the ends of a connection.
#[derive(Clone, Default, Debug)]
struct Owners {
    lower: Option<Arc<Process>>,
    higher: Option<Arc<Process>>,
    /// Of the end at a side.
    elsewhere: Option<(Side, Box<[u8]>)>,
}

impl Owners {
    fn of(&mut self, side: Side) -> &mut Option<Arc<Process>> {
        if side == Side::Lower { &mut self.lower } else { &mut self.higher }
    }
}

/// Hears what frames tell of the ends of connections.
#[derive(Debug)]
pub struct Roster {
    names: Names,
    /// By the first frame of a connection.
    processes: HashMap<u64, Owners, RandomState>,
    known: HashSet<Arc<Process>, RandomState>,
    /// How many connections may have processes.
    room: usize,
    _share: Option<Share>,
}

impl Roster {
    /// One that takes what the budget has left: a quarter of it for processes.
    pub fn new(budget: &Budget) -> Self {
        /// With the process itself, which most connections share with others.
        const ENTRY: usize = 4 * size_of::<(u64, Owners)>();
        let share = budget.take(budget.left() / 4);
        let room = share.as_ref().map_or(0, Share::bytes) / ENTRY;
        Roster {
            names: Names::new(budget),
            processes: HashMap::default(),
            known: HashSet::default(),
            room,
            _share: share,
        }
    }

    /// Learns the names of a hosts file (hosts(5)).
    pub fn hosts_file(&mut self, text: &[u8]) {
        self.names.hosts_file(text);
    }

    /// Learns the names that a block of a capture file tells beside its frames.
    pub fn block(&mut self, block: &Block<'_>) {
        for note in block.notes.iter().filter(|note| note.kind == NAME_RESOLUTION) {
            let (from, len) = note.body;
            let body = block.bytes.get(from as usize..).and_then(|rest| rest.get(..len as usize));
            self.names.capture_block(body.unwrap_or(&[]), block.section.byte_order);
        }
    }

    /// Hears a frame of a connection.
    pub fn frame(&mut self, frame: &Frame<'_>, number: u64, order: ByteOrder, pushed: Pushed) {
        if pushed.may_name {
            guarded(|| self.names.hear(frame, number, &mut |_| {}));
        }
        if let Some(owner) = View::of(frame, order) {
            self.owner(&owner, frame.flags.direction(), pushed);
        }
    }

    fn owner(&mut self, owner: &View<'_>, direction: Direction, pushed: Pushed) {
        if self.processes.len() >= self.room && !self.processes.contains_key(&pushed.first_frame) {
            return;
        }
        let owners = self.processes.entry(pushed.first_frame).or_default();
        if let Some(elsewhere) = owner.elsewhere {
            owners.elsewhere = Some((pushed.side, elsewhere.into()));
        }
        // Who wrote files in other ways had the machine's own frames in mind.
        let is_receiver = owner.end.map_or(direction == Direction::Inbound, |end| end == owner::End::Receiver);
        let side = owners.of(if is_receiver { pushed.side.other() } else { pushed.side });
        // The first that was sure stays.
        let rank = |certainty: Option<Certainty>| match certainty {
            None | Some(Certainty::Exact) => 2,
            Some(Certainty::Inferred) => 1,
            Some(Certainty::Unknown) => 0,
        };
        if side.as_ref().is_some_and(|known| rank(known.certainty) >= rank(owner.certainty)) {
            return;
        }
        if self.known.len() > self.room {
            self.known.clear();
        }
        let process = Process::of(owner);
        let shared = self.known.get(&process).cloned();
        *side = Some(shared.unwrap_or_else(|| {
            let process = Arc::new(process);
            self.known.insert(process.clone());
            process
        }));
    }

    /// What is known of the ends of a connection.
    pub fn ends(&mut self, connection: &Connection) -> Ends {
        let (client, server) = (connection.client(), connection.server());
        let at = connection.start();
        let [of_client, of_server] = [client, server].map(|end| (end.address, end.port));
        let asked = self.names.server_name(of_client, of_server, at);
        let asked = asked.map(|text| Name { text: text.into(), said_by: "asked", lookup: None });
        let mut name = |address: IpAddr, told: Option<IpAddr>| {
            // Nobody connected to what a name server said later.
            let is_early =
                |entry: &&Entry| entry.origin != Origin::Dns || entry.heard.is_some_and(|(first, _)| first <= at);
            let entry = self.names.of(address, told, at).filter(is_early)?;
            let lookup = entry.lookup.as_ref();
            let lookup = lookup.filter(|found| told.is_some() && found.frame < connection.first_frame()).cloned();
            Some(Name { text: entry.name.as_bytes().into(), said_by: entry.origin.word(), lookup })
        };
        let found = name(server.address, Some(client.address));
        let client_name = name(client.address, None);
        let server_name = match (asked, found) {
            // Both say the same: the one that tells more.
            (Some(asked), Some(found)) if !asked.text.eq_ignore_ascii_case(&found.text) => Some(asked),
            (asked, found) => found.or(asked),
        };
        let mut owners = self.processes.get(&connection.first_frame()).cloned().unwrap_or_default();
        let server = connection.client.other();
        let elsewhere = owners.elsewhere.take().filter(|(side, _)| *side == server).map(|(_, text)| text);
        Ends {
            client: End { name: client_name, process: owners.of(connection.client).take(), elsewhere: None },
            server: End { name: server_name, process: owners.of(server).take(), elsewhere },
        }
    }

    /// The same of one that is over; then it is forgotten.
    pub fn over(&mut self, connection: &Connection) -> Ends {
        let ends = self.ends(connection);
        self.processes.remove(&connection.first_frame());
        ends
    }
}
