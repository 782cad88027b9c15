//! All sockets of this network namespace that can be spoken to or that listen, with the processes that hold them.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::diag;
use super::netlink::Socket;
use super::procfs::{self, Process};
use super::{Protocol, Users};

/// What a socket is bound to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    Tcp(SocketAddr),
    Udp(SocketAddr),
    /// A raw socket for a protocol number of IP (raw(7)).
    Raw(IpAddr, u8),
    /// A packet socket for an Ethernet type, on the interface of this index (0: on all; packet(7)).
    Packet(u32, u16),
}

impl Place {
    /// The kind of socket, in small letters.
    pub fn kind(&self) -> &'static str {
        match self {
            Place::Tcp(_) => "tcp",
            Place::Udp(_) => "udp",
            Place::Raw(..) => "raw",
            Place::Packet(..) => "packet",
        }
    }
}

/// A process that holds a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    pub process: Process,
    /// The command it was started with; empty where that can't be seen.
    pub command: Vec<Vec<u8>>,
    pub container: Option<String>,
}

/// A socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub place: Place,
    pub state: &'static str,
    /// Its peer, where it has one.
    pub remote: Option<SocketAddr>,
    /// The index of the interface that it is bound to; 0 for all.
    pub interface: u32,
    /// Bytes that wait to be read (listening: connections to be accepted) and to be sent.
    pub queues: (u32, u32),
    pub uid: u32,
    /// The user's name.
    pub user: Option<String>,
    /// 0 where no process holds it any more.
    pub inode: u32,
    /// The oldest first; none where they can't be seen.
    pub holders: Vec<Holder>,
}

impl Entry {
    /// Whether it listens, or is bound without a peer.
    pub fn is_open_to_all(&self) -> bool {
        self.state == "listening" || !matches!(self.place, Place::Tcp(_)) && self.remote.is_none()
    }
}

/// The sockets, and what could not be seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// By kind and place.
    pub entries: Vec<Entry>,
    /// Processes whose sockets are not for us to see.
    pub hidden: usize,
    /// What the kernel can't list, with the reason.
    pub missing: Vec<String>,
}

/// All sockets; who holds them as far as that can be seen.
///
/// # Errors
/// Where the kernel does not tell of any socket.
pub fn list() -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut diag = Socket::open(libc::NETLINK_SOCK_DIAG, 0)?;
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        match diag::all(&mut diag, protocol) {
            Ok(sockets) => listing.entries.extend(sockets.into_iter().map(of_diag)),
            Err(errno) => listing.missing.push(format!("{} sockets: {}", protocol.name(), errno.desc())),
        }
    }
    type Parse = fn(&str) -> Option<Entry>;
    for (name, parse) in [("raw", raw as Parse), ("raw6", raw), ("packet", packet)] {
        let text = std::fs::read_to_string(format!("/proc/self/net/{name}"));
        // Without IPv6 there is no such file.
        listing.entries.extend(text.unwrap_or_default().lines().skip(1).filter_map(parse));
    }
    let mut users = Users::default();
    let (mut held, hidden) = holders(listing.entries.iter().map(|entry| entry.inode));
    listing.hidden = hidden;
    for entry in &mut listing.entries {
        entry.user = users.name(entry.uid).map(str::to_owned);
        entry.holders = held.remove(&entry.inode).unwrap_or_default();
    }
    listing.entries.sort_by_key(|entry| (entry.place, entry.remote));
    Ok(listing)
}

fn of_diag(socket: diag::SocketInfo) -> Entry {
    let place = match socket.protocol {
        Protocol::Tcp => Place::Tcp(socket.local),
        Protocol::Udp => Place::Udp(socket.local),
    };
    Entry {
        place,
        state: socket.state(),
        remote: Some(socket.remote).filter(|_| socket.is_connected()),
        interface: socket.interface,
        queues: socket.queues,
        uid: socket.uid,
        user: None,
        inode: socket.inode,
        holders: Vec::new(),
    }
}

/// The processes that hold some sockets, and how many processes can't be looked into.
fn holders(wanted: impl Iterator<Item = u32>) -> (HashMap<u32, Vec<Holder>>, usize) {
    let mut held: HashMap<u32, Vec<Holder>> = wanted.filter(|inode| *inode != 0).map(|i| (i, Vec::new())).collect();
    let mut hidden: usize = 0;
    for pid in procfs::pids().into_iter().flatten() {
        let sockets = match procfs::sockets(pid) {
            Ok(sockets) => sockets,
            Err(error) => {
                hidden = hidden.saturating_add(usize::from(error.kind() == io::ErrorKind::PermissionDenied));
                continue;
            }
        };
        let mut holder = None;
        for inode in sockets {
            let Some(list) = held.get_mut(&inode) else { continue };
            let known = holder.get_or_insert_with(|| {
                let process = Process::of(pid)?;
                Some(Holder { process, command: procfs::command_line(pid), container: procfs::container(pid) })
            });
            list.extend(known.clone().filter(|_| list.last().is_none_or(|last| last.process.pid != pid)));
        }
    }
    held.values_mut().for_each(|list| list.sort_by_key(|holder| (holder.process.started, holder.process.pid)));
    (held, hidden)
}

/// A line of /proc/net/raw or raw6.
fn raw(line: &str) -> Option<Entry> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, protocol) = address(fields.get(1)?)?;
    let (remote, _) = address(fields.get(2)?)?;
    let (sent, received) = fields.get(4)?.split_once(':')?;
    Some(Entry {
        place: Place::Raw(local, u8::try_from(protocol).ok()?),
        state: if remote.is_unspecified() { "bound" } else { "connected" },
        remote: (!remote.is_unspecified()).then(|| SocketAddr::new(remote, 0)),
        interface: 0,
        queues: (u32::from_str_radix(received, 16).ok()?, u32::from_str_radix(sent, 16).ok()?),
        uid: fields.get(7)?.parse().ok()?,
        user: None,
        inode: fields.get(9)?.parse().ok()?,
        holders: Vec::new(),
    })
}

/// A line of /proc/net/packet.
fn packet(line: &str) -> Option<Entry> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let interface = fields.get(4)?.parse().ok()?;
    Some(Entry {
        place: Place::Packet(interface, u16::from_str_radix(fields.get(3)?, 16).ok()?),
        state: if *fields.get(5)? == "1" { "bound" } else { "closed" },
        remote: None,
        interface,
        queues: (fields.get(6)?.parse().ok()?, 0),
        uid: fields.get(7)?.parse().ok()?,
        user: None,
        inode: fields.get(8)?.parse().ok()?,
        holders: Vec::new(),
    })
}

/// An address and a number: hexadecimal words in this machine's byte order, a colon, a number.
fn address(text: &str) -> Option<(IpAddr, u16)> {
    let (words, number) = text.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(words.get(at..at.checked_add(8)?)?, 16).ok().map(u32::to_ne_bytes);
    let address = match words.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?)),
        32 => {
            let octets = [word(0)?, word(8)?, word(16)?, word(24)?].concat();
            IpAddr::from(Ipv6Addr::from(*octets.first_chunk::<16>()?))
        }
        _ => return None,
    };
    Some((address, u16::from_str_radix(number, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::TcpListener;

    #[test]
    fn lines_about_raw_and_packet_sockets_are_read() {
        let line =
            "  1: 0100007F:0001 00000000:0000 07 00000000:00000900 00:00000000 00000000  1000        0 4711 2 0 0";
        let entry = raw(line).unwrap();
        let local = IpAddr::from(Ipv4Addr::from(0x0100_007f_u32.to_ne_bytes()));
        assert_eq!((entry.place, entry.state), (Place::Raw(local, 1), "bound"));
        assert_eq!((entry.uid, entry.inode, entry.queues), (1000, 4711, (0x900, 0)));
        let line = "00000000b1c6a1d4 3      3    88cc   2     1 256    33     4712";
        let entry = packet(line).unwrap();
        assert_eq!((entry.place, entry.uid, entry.inode, entry.queues), (Place::Packet(2, 0x88cc), 33, 4712, (256, 0)));
    }

    proptest! {
        #[test]
        fn no_line_can_do_harm(line in "[0-9A-F: ]{0,80}") {
            raw(&line);
            packet(&line);
        }
    }

    #[test]
    fn a_listener_is_listed_with_this_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let found = list().unwrap();
        let entry = found.entries.iter().find(|entry| entry.place == Place::Tcp(address)).unwrap();
        assert_eq!((entry.state, entry.uid), ("listening", nix::unistd::geteuid().as_raw()));
        assert_eq!(entry.holders[0].process.pid, std::process::id());
        assert!(!entry.holders[0].command.is_empty());
    }
}
