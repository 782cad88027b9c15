//! The answer to "whose is this connection", put together from all that can be known, within a share of a processor.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use caps::{CapSet, Capability};
use nix::errno::Errno;

use super::addresses::Addresses;
use super::diag::{self, SocketInfo};
use super::events::{Graves, Processes};
use super::holders::{Holder, Holders};
use super::listeners::Listeners;
use super::netlink::Socket;
use super::procfs;
use super::recent::{Known, Recent};
use super::services::Services;
use super::{Connection, Protocol, Users};
use crate::owner::{Certainty, End, Owner};

/// A process that ended before its socket was looked for ended at most so long before: what a packet waits in the ring and
/// for its answer, and some.
const JUST_NOW: Duration = Duration::from_millis(200);
/// How many connections are remembered that were closed.
const GRAVES: usize = 4096;

/// How much of a processor the finder may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In the long run, in thousandths.
    pub share: u32,
    /// At once, after a pause.
    pub burst: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { share: 6, burst: Duration::from_millis(250) }
    }
}

/// What can't be seen from here, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Missing {
    /// The processes of other users.
    Others,
    /// Processes that begin and end.
    Events,
    /// Sockets that are closed.
    Graves(Errno),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Others => f.write_str(
                "the processes of other users can't be seen without CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH: of theirs only the user is known",
            ),
            Missing::Events => f.write_str(
                "the kernel does not tell of processes that begin and end (it needs CAP_NET_ADMIN, outside of containers): those that are gone at once stay unknown",
            ),
            Missing::Graves(errno) => write!(f, "the kernel does not tell of sockets that are closed: {}", errno.desc()),
        }
    }
}

/// The processes that are asked for, where not all are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tree {
    /// The process that all of them come from.
    pub root: u32,
    /// The control group that they were started in.
    pub cgroup: Option<u64>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub owner: Owner,
    /// Whether it is of the processes that are asked for.
    pub wanted: bool,
}

/// Finds the owners of connections of this network namespace.
#[derive(Debug)]
pub struct Finder {
    diag: Socket,
    addresses: Addresses,
    processes: Option<Processes>,
    graves: Option<Graves>,
    recent: Recent,
    /// Connections that were closed, and the control group of their socket.
    closed: HashMap<Connection, Option<u64>>,
    holders: Holders,
    listeners: Listeners,
    services: Services,
    users: Users,
    credit: Credit,
    tree: Option<Tree>,
}

impl Finder {
    /// Opens all that is needed. Whoever gives up rights afterwards must keep those that [`RIGHTS`](Self::RIGHTS) names.
    ///
    /// # Errors
    /// Where the kernel does not tell of sockets.
    pub fn new(limits: Limits) -> Result<(Finder, Vec<Missing>), Errno> {
        let mut missing = Vec::new();
        let held = |right: &Capability| caps::has_cap(None, CapSet::Effective, *right).unwrap_or(false);
        if !Self::RIGHTS.iter().all(held) {
            missing.push(Missing::Others);
        }
        let processes = Processes::listen()?;
        if processes.is_none() {
            missing.push(Missing::Events);
        }
        let graves = Graves::listen().map_err(|errno| missing.push(Missing::Graves(errno))).ok();
        let finder = Finder {
            diag: Socket::open(libc::NETLINK_SOCK_DIAG, 0)?,
            addresses: Addresses::new()?,
            processes,
            graves,
            recent: Recent::default(),
            closed: HashMap::new(),
            holders: Holders::default(),
            listeners: Listeners::default(),
            services: Services::default(),
            users: Users::sealed(),
            credit: Credit::new(limits),
            tree: None,
        };
        Ok((finder, missing))
    }

    /// From now on answers say which connections are of these processes.
    pub fn name_tree(&mut self, tree: Tree) {
        self.tree = Some(tree);
        // What is not found out would be left out: it may take the time that it takes.
        self.credit = Credit::new(Limits { share: 1000, burst: Duration::from_secs(10) });
    }

    /// What it takes to see the open files of other users' processes: their folders are closed to others
    /// (CAP_DAC_READ_SEARCH), and so is where the links in them lead (CAP_SYS_PTRACE).
    pub const RIGHTS: [Capability; 2] = [Capability::CAP_SYS_PTRACE, Capability::CAP_DAC_READ_SEARCH];

    /// What news come on: to be taken in by [`refresh`](Self::refresh).
    pub fn sources(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.processes.iter().map(AsFd::as_fd)
    }

    /// Takes in what has happened since.
    pub fn refresh(&mut self) {
        let now = Instant::now();
        let Finder { processes, recent, .. } = self;
        if let Some(processes) = processes {
            processes.take(|event| recent.note(&event, now));
        }
        self.credit.charge(now.elapsed());
    }

    /// The owners of some connections, in their order. Whichever end is on this machine is the owner's; if both are, the source.
    pub fn find(&mut self, connections: &[Connection]) -> Vec<Answer> {
        self.refresh();
        let begun = Instant::now();
        let credit = self.credit.left(begun);
        let answers = match credit {
            // What was learnt must do.
            Left::Nothing => connections.iter().map(|connection| self.by_service(connection)).collect(),
            left => self.look_up(connections, left == Left::Plenty),
        };
        self.credit.charge(begun.elapsed());
        answers
    }

    fn look_up(&mut self, connections: &[Connection], everywhere: bool) -> Vec<Answer> {
        self.addresses.refresh();
        self.take_closed();
        let mut sockets = vec![None; connections.len()];
        self.ask(connections, |connection| connection, &mut sockets);
        let elsewhere = self.elsewhere(connections, &sockets);
        self.find_listeners(connections, &mut sockets);
        let of_senders: Vec<bool> = sockets.iter().map(Option::is_some).collect();
        self.ask(connections, Connection::reversed, &mut sockets);
        // What others say to the processes that are asked for is asked for too.
        let mut receivers = vec![None; connections.len()];
        if self.tree.is_some() {
            self.ask(connections, Connection::reversed, &mut receivers);
        }
        let found = sockets.iter().chain(&elsewhere).chain(&receivers).flatten();
        let inodes: HashSet<u32> = found.map(|socket| socket.inode).filter(|inode| *inode != 0).collect();
        let holders = self.holders.find(&inodes, self.recent.running().take(16), everywhere);
        let mut answers = Vec::new();
        for ((((connection, socket), is_sender), listener), receiver) in
            connections.iter().zip(&sockets).zip(of_senders).zip(elsewhere).zip(receivers)
        {
            let mut answer = match socket {
                Some(socket) => {
                    let mut answer = self.answer(socket, holders.get(&socket.inode));
                    answer.owner.end = Some(if is_sender { End::Sender } else { End::Receiver });
                    if answer.owner.certainty == Certainty::Exact {
                        self.services.learn(socket, &answer);
                    }
                    answer
                }
                None => self.by_end(connection),
            };
            answer.owner.elsewhere = listener.map(|socket| match holders.get(&socket.inode) {
                Some(Holder { process, .. }) => {
                    format!("{} {} at {}", String::from_utf8_lossy(&process.name), process.pid, socket.local)
                }
                None => format!("somebody at {}", socket.local),
            });
            answer.wanted |= receiver.is_some_and(|socket: SocketInfo| {
                let pid = holders.get(&socket.inode).map_or(0, |holder| holder.process.pid);
                self.wants(pid, socket.cgroup)
            });
            answers.push(answer);
        }
        answers
    }

    /// Who listens on the source's port at another address, for connections of TCP whose source is here and has no socket.
    fn elsewhere(&mut self, connections: &[Connection], sockets: &[Option<SocketInfo>]) -> Vec<Option<SocketInfo>> {
        let now = Instant::now();
        let pairs = connections.iter().zip(sockets);
        let listeners = pairs.map(|(Connection { protocol, source, .. }, socket)| {
            let is_asked = *protocol == Protocol::Tcp && socket.is_none() && self.addresses.has(source.ip());
            if is_asked { self.listeners.elsewhere(&mut self.diag, *source, now) } else { None }
        });
        listeners.collect()
    }

    /// Where all that is left of a socket is that nobody holds it, the one that still listens on its port is rather who it was.
    fn find_listeners(&mut self, connections: &[Connection], found: &mut [Option<SocketInfo>]) {
        let is_left = |socket: &Option<SocketInfo>| socket.is_some_and(|socket| socket.inode == 0);
        let places: Vec<usize> =
            found.iter().zip(0..).filter(|(socket, _)| is_left(socket)).map(|(_, place)| place).collect();
        let asked: Vec<Connection> = places.iter().filter_map(|place| connections.get(*place)).copied().collect();
        // No socket has a peer of port 0, so what is found listens.
        let to_nobody = |connection: Connection| Connection {
            destination: SocketAddr::new(connection.destination.ip(), 0),
            ..connection
        };
        let mut listeners = vec![None; asked.len()];
        self.ask(&asked, to_nobody, &mut listeners);
        for (place, listener) in places.into_iter().zip(listeners) {
            if let (Some(to), Some(listener)) = (found.get_mut(place), listener.filter(SocketInfo::is_listening)) {
                *to = Some(listener);
            }
        }
    }

    /// Asks for the sockets on one side of the connections that have none yet.
    fn ask(
        &mut self,
        connections: &[Connection],
        from_here: impl Fn(Connection) -> Connection,
        found: &mut [Option<SocketInfo>],
    ) {
        let open = connections.iter().zip(0..).filter(|(_, place)| found.get(*place).is_some_and(Option::is_none));
        let (asked, places): (Vec<Connection>, Vec<usize>) = open
            .map(|(connection, place)| (from_here(*connection), place))
            .filter(|(connection, _)| self.addresses.has(connection.source.ip()))
            .unzip();
        for (asked, places) in asked.chunks(AT_ONCE).zip(places.chunks(AT_ONCE)) {
            // Where the kernel can't be asked, nothing is known.
            let answers = diag::find(&mut self.diag, asked).unwrap_or_default();
            for ((place, socket), connection) in places.iter().zip(answers).zip(asked) {
                let socket = socket.filter(|socket| fits(socket, connection));
                if let Some(to) = found.get_mut(*place) {
                    *to = socket;
                }
            }
        }
    }

    /// The owner of a socket, given who holds it.
    fn answer(&mut self, socket: &SocketInfo, holder: Option<&Holder>) -> Answer {
        let Some(Holder { process, shared }) = holder else {
            // Of a socket that nobody holds any more the kernel has forgotten whose it was.
            if socket.inode == 0 {
                let uid = Some(socket.uid).filter(|uid| *uid != 0);
                let ended = self.recent.ended_within(JUST_NOW, uid).cloned();
                return match ended {
                    Some(known) => self.ended(&known, socket.cgroup),
                    None => self.unknown(socket),
                };
            }
            return self.unknown(socket);
        };
        let exact = !shared && !socket.is_listening();
        Answer {
            owner: Owner {
                pid: process.pid,
                name: process.name.clone(),
                uid: Some(process.uid),
                user: self.users.name(process.uid).map(str::to_owned),
                container: procfs::container(process.pid),
                certainty: if exact { Certainty::Exact } else { Certainty::Inferred },
                ..Owner::default()
            },
            wanted: self.wants(process.pid, socket.cgroup),
        }
    }

    /// Only the user is known.
    fn unknown(&mut self, socket: &SocketInfo) -> Answer {
        let uid = Some(socket.uid).filter(|_| socket.inode != 0);
        let user = uid.and_then(|uid| self.users.name(uid)).map(str::to_owned);
        let wanted = if socket.inode == 0 { self.may_want(socket.cgroup) } else { self.wants(0, socket.cgroup) };
        Answer { owner: Owner { uid, user, ..Owner::default() }, wanted }
    }

    /// The owner of a connection that has no socket: a process that has just ended, if there is only one.
    fn by_end(&mut self, connection: &Connection) -> Answer {
        let ends = [(*connection, End::Sender), (connection.reversed(), End::Receiver)];
        let closed = ends.iter().find_map(|(connection, end)| Some((*self.closed.get(connection)?, *end)));
        let Some((cgroup, end)) = closed else { return self.nobody() };
        let Some(known) = self.recent.ended_within(JUST_NOW, None).cloned() else {
            return Answer { wanted: self.may_want(cgroup), owner: Owner::default() };
        };
        let answer = self.ended(&known, cgroup);
        Answer { owner: Owner { end: Some(end), ..answer.owner }, ..answer }
    }

    fn ended(&mut self, Known { process, container, .. }: &Known, cgroup: Option<u64>) -> Answer {
        Answer {
            owner: Owner {
                pid: process.pid,
                name: process.name.clone(),
                uid: Some(process.uid),
                user: self.users.name(process.uid).map(str::to_owned),
                container: container.clone(),
                certainty: Certainty::Inferred,
                ..Owner::default()
            },
            wanted: self.wants(process.pid, cgroup),
        }
    }

    /// The owner of a connection to a service whose last user is known.
    fn by_service(&self, connection: &Connection) -> Answer {
        self.services.get(connection).unwrap_or_else(|| self.nobody())
    }

    fn nobody(&self) -> Answer {
        Answer { owner: Owner::default(), wanted: self.tree.is_none() }
    }

    /// Whether a process, or a socket made in a control group, is of those that are asked for.
    fn wants(&self, pid: u32, cgroup: Option<u64>) -> bool {
        let Some(tree) = self.tree else { return true };
        if cgroup.is_some() && cgroup == tree.cgroup {
            return true;
        }
        // A process has a finite number of ancestors; those that are gone are known from when they began.
        let parent = |pid: &u32| {
            let known = self.recent.get(*pid).map(|known| known.process.parent);
            known.or_else(|| Some(procfs::Process::of(*pid)?.parent)).filter(|parent| *parent > 0)
        };
        std::iter::successors(Some(pid), parent).take(DEEPEST).any(|pid| pid == tree.root)
    }

    /// The same of a socket that nobody holds any more: one of those that have just ended may have.
    fn may_want(&self, cgroup: Option<u64>) -> bool {
        let mut ended = self.recent.all_ended_within(JUST_NOW);
        self.wants(0, cgroup) || ended.any(|known| self.wants(known.process.pid, cgroup))
    }

    /// Takes in which connections were closed.
    fn take_closed(&mut self) {
        let Finder { graves: Some(graves), closed, .. } = self else { return };
        if closed.len() > GRAVES {
            closed.clear();
        }
        graves.take(|socket| {
            let connection = Connection { protocol: socket.protocol, source: socket.local, destination: socket.remote };
            closed.insert(connection, socket.cgroup);
        });
    }
}

/// Sockets that are asked for at once: more answers would not fit where they wait.
const AT_ONCE: usize = 64;
/// Generations of processes that are gone back.
const DEEPEST: usize = 64;

/// Whether a socket that was found for a connection is what it was asked for.
fn fits(socket: &SocketInfo, connection: &Connection) -> bool {
    match connection.protocol {
        Protocol::Tcp => true,
        // One with another peer does not hear this one.
        Protocol::Udp => !socket.is_connected() || socket.remote == connection.destination,
    }
}

/// Time that may be spent.
#[derive(Debug)]
struct Credit {
    limits: Limits,
    /// In nanoseconds; below 0 where more was spent.
    left: i64,
    at: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Left {
    Nothing,
    /// For what costs little.
    Little,
    Plenty,
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

impl Credit {
    fn new(limits: Limits) -> Self {
        Credit { limits, left: nanos(limits.burst), at: Instant::now() }
    }

    fn left(&mut self, now: Instant) -> Left {
        let most = nanos(self.limits.burst);
        let passed = nanos(now.saturating_duration_since(self.at));
        self.at = now;
        let gained = (passed / 1000).saturating_mul(self.limits.share.into());
        self.left = self.left.saturating_add(gained).min(most);
        match self.left {
            ..=0 => Left::Nothing,
            left if left < most / 4 => Left::Little,
            _ => Left::Plenty,
        }
    }

    fn charge(&mut self, spent: Duration) {
        self.left = self.left.saturating_sub(nanos(spent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::net::{TcpListener, TcpStream, UdpSocket};

    fn found(finder: &mut Finder, protocol: Protocol, ends: [std::net::SocketAddr; 2]) -> Owner {
        let [source, destination] = ends;
        finder.find(&[Connection { protocol, source, destination }]).remove(0).owner
    }

    #[test]
    fn this_process_is_found_from_either_end() {
        let (mut finder, _) = Finder::new(Limits::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let stream = TcpStream::connect(server).unwrap();
        let _accepted = listener.accept().unwrap().0;
        let client = stream.local_addr().unwrap();
        let bound = UdpSocket::bind("0.0.0.0:0").unwrap();
        let here = ([127, 0, 0, 1], bound.local_addr().unwrap().port()).into();
        let strange = ([192, 0, 2, 1], 53).into();
        let all = [
            (Protocol::Tcp, [client, server]),
            (Protocol::Tcp, [server, client]),
            (Protocol::Udp, [here, strange]),
            (Protocol::Udp, [strange, here]),
        ];
        for (protocol, ends) in all {
            let owner = found(&mut finder, protocol, ends);
            assert_eq!((owner.pid, owner.certainty), (std::process::id(), Certainty::Exact), "{ends:?}");
            assert_eq!(owner.uid, Some(nix::unistd::geteuid().as_raw()));
            assert_eq!(owner.end, Some(if ends[0] == strange { End::Receiver } else { End::Sender }));
        }
        let asked = found(&mut finder, Protocol::Tcp, [strange, server]);
        assert_eq!((asked.pid, asked.certainty), (std::process::id(), Certainty::Inferred), "it listens");
        let nobody = found(&mut finder, Protocol::Tcp, [strange, ([198, 51, 100, 1], 80).into()]);
        assert_eq!(nobody, Owner::default());
    }

    #[test]
    fn who_is_refused_is_told_who_listens_at_another_address() {
        let (mut finder, _) = Finder::new(Limits::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let refusing = SocketAddr::new([127, 0, 0, 2].into(), server.port());
        let strange = ([192, 0, 2, 1], 40000).into();
        let name = procfs::Process::of(std::process::id()).unwrap().name;
        let expected = format!("{} {} at {server}", String::from_utf8_lossy(&name), std::process::id());
        let told = found(&mut finder, Protocol::Tcp, [refusing, strange]);
        assert_eq!((told.pid, told.elsewhere), (0, Some(expected)));
        for (protocol, end) in [(Protocol::Udp, refusing), (Protocol::Tcp, server)] {
            assert_eq!(found(&mut finder, protocol, [end, strange]).elsewhere, None);
        }
        // One that listens at all addresses would not refuse.
        let everywhere = TcpListener::bind("0.0.0.0:0").unwrap();
        let end = SocketAddr::new([127, 0, 0, 2].into(), everywhere.local_addr().unwrap().port());
        finder.listeners = Listeners::default();
        assert_eq!(found(&mut finder, Protocol::Tcp, [end, strange]).elsewhere, None);
    }

    #[test]
    fn without_credit_what_was_learnt_is_told_as_such() {
        let limits = Limits { share: 0, burst: Duration::from_secs(60) };
        let (mut finder, _) = Finder::new(limits).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let streams = [TcpStream::connect(server).unwrap(), TcpStream::connect(server).unwrap()];
        let [first, second] = streams.each_ref().map(|stream| [stream.local_addr().unwrap(), server]);
        assert_eq!(found(&mut finder, Protocol::Tcp, first).certainty, Certainty::Exact);
        finder.credit.left = 0;
        let learnt = found(&mut finder, Protocol::Tcp, second);
        let expected = if server.port() < second[0].port() { std::process::id() } else { 0 };
        assert_eq!(learnt.pid, expected);
        assert_ne!(learnt.certainty, Certainty::Exact);
    }

    #[test]
    fn credit_is_spent_and_comes_back_at_its_rate() {
        let mut credit = Credit::new(Limits { share: 10, burst: Duration::from_millis(100) });
        let begin = credit.at;
        assert_eq!(credit.left(begin), Left::Plenty);
        credit.charge(Duration::from_millis(90));
        assert_eq!(credit.left(begin), Left::Little);
        credit.charge(Duration::from_millis(20));
        assert_eq!(credit.left(begin), Left::Nothing);
        assert_eq!(credit.left(begin + Duration::from_millis(900)), Left::Nothing);
        assert_eq!(credit.left(begin + Duration::from_millis(1200)), Left::Little);
        assert_eq!(credit.left(begin + Duration::from_secs(3600)), Left::Plenty);
        assert_eq!(credit.left, 100_000_000, "not more than the burst");
    }
}
