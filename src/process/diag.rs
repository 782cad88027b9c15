//! What the kernel tells of TCP and UDP sockets: sock_diag(7).

use std::net::{IpAddr, SocketAddr};

use nix::errno::Errno;

use super::netlink::{Attributes, Message, Socket, word};
use super::{Connection, Protocol};

/// `SOCK_DIAG_BY_FAMILY` of linux/sock_diag.h.
const BY_FAMILY: u16 = 20;
/// Bytes of a `struct inet_diag_msg` (linux/inet_diag.h).
const FIXED: usize = 72;
/// `INET_DIAG_CGROUP_ID`.
const CGROUP_ID: u16 = 21;
/// `INET_DIAG_PROTOCOL`: in news of sockets that are gone.
const PROTOCOL: u16 = 10;

/// The states of a socket, by the kernel's numbers (net/tcp_states.h); UDP has the first and the seventh.
const STATES: [&str; 13] = [
    "?",
    "established",
    "syn-sent",
    "syn-received",
    "fin-wait-1",
    "fin-wait-2",
    "time-wait",
    "closed",
    "close-wait",
    "last-ack",
    "listening",
    "closing",
    "syn-received",
];

/// Where those that listen stand among them.
const LISTEN: u8 = 10;
/// A bit for each state.
const ANY_STATE: u32 = u32::MAX;

/// A socket, as it was when it was asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SocketInfo {
    pub protocol: Protocol,
    state: u8,
    pub local: SocketAddr,
    /// Port 0 where it is not connected.
    pub remote: SocketAddr,
    /// The index of the interface that it is bound to; 0 for all.
    pub interface: u32,
    /// Bytes that wait to be read (listening: connections to be accepted) and to be sent.
    pub queues: (u32, u32),
    /// Whose it is.
    pub uid: u32,
    /// The number that names it among the open files of a process; 0 where no process holds it.
    pub inode: u32,
    /// The control group that it was made in.
    pub cgroup: Option<u64>,
}

impl SocketInfo {
    /// Its state in words.
    pub fn state(&self) -> &'static str {
        match (self.protocol, self.is_connected()) {
            (Protocol::Udp, true) => "connected",
            (Protocol::Udp, false) => "bound",
            (Protocol::Tcp, _) => STATES.get(usize::from(self.state)).copied().unwrap_or("?"),
        }
    }

    /// Whether it listens for connections.
    pub fn is_listening(&self) -> bool {
        self.protocol == Protocol::Tcp && self.state == LISTEN
    }

    /// Whether it has a peer.
    pub fn is_connected(&self) -> bool {
        self.remote.port() != 0
    }

    /// The socket that a message tells of, with a protocol where the message does not name it.
    pub fn parse(message: &Message<'_>, protocol: Option<Protocol>) -> Option<SocketInfo> {
        if message.kind != BY_FAMILY {
            return None;
        }
        let (fixed, attributes) = message.body.split_at_checked(FIXED)?;
        let (family, state) = (*fixed.first()?, *fixed.get(1)?);
        let port = |at: usize| fixed.get(at..)?.first_chunk().map(|port| u16::from_be_bytes(*port));
        let address = |at: usize| -> Option<IpAddr> {
            let bytes = fixed.get(at..)?;
            Some(match libc::c_int::from(family) {
                libc::AF_INET => bytes.first_chunk::<4>().copied()?.into(),
                libc::AF_INET6 => IpAddr::from(bytes.first_chunk::<16>().copied()?).to_canonical(),
                _ => return None,
            })
        };
        let mut told = None;
        let mut cgroup = None;
        for (kind, value) in Attributes::new(attributes) {
            match kind {
                CGROUP_ID => cgroup = value.first_chunk().map(|id| u64::from_ne_bytes(*id)),
                PROTOCOL => told = value.first().copied(),
                _ => {}
            }
        }
        let protocol = told.map_or(protocol, Protocol::of_number)?;
        Some(SocketInfo {
            protocol,
            state,
            local: SocketAddr::new(address(8)?, port(4)?),
            remote: SocketAddr::new(address(24)?, port(6)?),
            interface: word(fixed, 40)?,
            queues: (word(fixed, 56)?, word(fixed, 60)?),
            uid: word(fixed, 64)?,
            inode: word(fixed, 68)?,
            cgroup,
        })
    }
}

/// A `struct inet_diag_req_v2`.
fn request(protocol: Protocol, family: libc::c_int, states: u32, ends: Option<(SocketAddr, SocketAddr)>) -> Vec<u8> {
    const ANY_COOKIE: [u8; 8] = [0xff; 8];
    let mut body = vec![u8::try_from(family).unwrap_or(0), protocol.number(), 0, 0];
    body.extend(states.to_ne_bytes());
    let Some((first, second)) = ends else {
        body.resize(FIXED.saturating_sub(16), 0);
        return body;
    };
    body.extend([first.port(), second.port()].map(u16::to_be_bytes).as_flattened());
    for end in [first, second] {
        let mut address = [0; 16];
        match end.ip() {
            IpAddr::V4(ip) => address.iter_mut().zip(ip.octets()).for_each(|(to, from)| *to = from),
            IpAddr::V6(ip) => address = ip.octets(),
        }
        body.extend(address);
    }
    body.extend([0; 4]);
    body.extend(ANY_COOKIE);
    body
}

/// The socket on this side of each of some connections, whose source is on this side; what has none is left out. One that only
/// listens may be found in its place.
///
/// # Errors
/// Where the kernel can't be asked.
pub fn find(socket: &mut Socket, connections: &[Connection]) -> Result<Vec<Option<SocketInfo>>, Errno> {
    let bodies: Vec<Vec<u8>> = connections
        .iter()
        .map(|Connection { protocol, source, destination }| {
            let family = if source.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
            // Of UDP the kernel takes what it would look up for a packet: the ends the other way round.
            let ends = if *protocol == Protocol::Udp { (*destination, *source) } else { (*source, *destination) };
            request(*protocol, family, ANY_STATE, Some(ends))
        })
        .collect();
    let mut found = vec![None; connections.len()];
    socket.ask(BY_FAMILY, &bodies, |place, message| {
        if let (Some(to), Some(of)) = (found.get_mut(place), connections.get(place)) {
            *to = SocketInfo::parse(message, Some(of.protocol));
        }
    })?;
    Ok(found)
}

/// All sockets of a protocol, of IPv4 and IPv6.
///
/// # Errors
/// Where the kernel can't be asked.
pub fn all(socket: &mut Socket, protocol: Protocol) -> Result<Vec<SocketInfo>, Errno> {
    list(socket, protocol, ANY_STATE)
}

/// The sockets that wait for connections of TCP.
///
/// # Errors
/// Where the kernel can't be asked.
pub fn listening(socket: &mut Socket) -> Result<Vec<SocketInfo>, Errno> {
    list(socket, Protocol::Tcp, 1 << LISTEN)
}

fn list(socket: &mut Socket, protocol: Protocol, states: u32) -> Result<Vec<SocketInfo>, Errno> {
    let mut all = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        socket.dump(BY_FAMILY, &request(protocol, family, states, None), |message| {
            all.extend(SocketInfo::parse(message, Some(protocol)));
        })?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::netlink::Messages;
    use proptest::prelude::*;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::fs::MetadataExt;

    fn inode(socket: &impl std::os::fd::AsRawFd) -> u64 {
        std::fs::metadata(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap().ino()
    }

    fn asked(protocol: Protocol, source: SocketAddr, destination: SocketAddr) -> Option<SocketInfo> {
        let mut socket = Socket::open(libc::NETLINK_SOCK_DIAG, 0).unwrap();
        find(&mut socket, &[Connection { protocol, source, destination }]).unwrap()[0]
    }

    #[test]
    fn both_ends_of_a_connection_are_told_apart() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let server = listener.local_addr().unwrap();
            let stream = TcpStream::connect(server).unwrap();
            let accepted = listener.accept().unwrap().0;
            let client = stream.local_addr().unwrap();
            for (from, to, end) in [(client, server, inode(&stream)), (server, client, inode(&accepted))] {
                let found = asked(Protocol::Tcp, from, to).unwrap();
                assert_eq!((found.local, found.remote, u64::from(found.inode)), (from, to, end));
                assert_eq!(found.state(), "established");
            }
            let strange = SocketAddr::new(client.ip(), 1);
            let found = asked(Protocol::Tcp, server, strange).unwrap();
            assert!(found.is_listening() && u64::from(found.inode) == inode(&listener));
        }
    }

    #[test]
    fn a_socket_of_both_families_is_found_by_the_address_that_is_used() {
        let Ok(listener) = TcpListener::bind("[::]:0") else { return };
        let server = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
        let Ok(stream) = TcpStream::connect(server) else { return };
        let accepted = listener.accept().unwrap().0;
        let found = asked(Protocol::Tcp, server, stream.local_addr().unwrap()).unwrap();
        assert_eq!((found.local, u64::from(found.inode)), (server, inode(&accepted)));
    }

    #[test]
    fn datagrams_have_sockets_with_and_without_a_peer() {
        let bound = UdpSocket::bind("127.0.0.1:0").unwrap();
        let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
        connected.connect(bound.local_addr().unwrap()).unwrap();
        let [to, from] = [&bound, &connected].map(|socket| socket.local_addr().unwrap());
        let ends = [asked(Protocol::Udp, from, to), asked(Protocol::Udp, to, from)].map(Option::unwrap);
        assert_eq!(ends.map(|end| u64::from(end.inode)), [inode(&connected), inode(&bound)]);
        assert_eq!(ends.map(|end| end.state()), ["connected", "bound"]);
    }

    #[test]
    fn all_sockets_are_listed() {
        let bound = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut socket = Socket::open(libc::NETLINK_SOCK_DIAG, 0).unwrap();
        let listed = all(&mut socket, Protocol::Udp).unwrap();
        let ours = listed.iter().find(|one| u64::from(one.inode) == inode(&bound)).unwrap();
        assert_eq!((ours.local, ours.uid), (bound.local_addr().unwrap(), nix::unistd::geteuid().as_raw()));
    }

    proptest! {
        #[test]
        fn no_message_can_do_harm(kind in 19u16..22, body in proptest::collection::vec(any::<u8>(), 0..120)) {
            let bytes = crate::process::netlink::message(kind, 0, 0, &body);
            for message in Messages::new(&bytes) {
                if let Some(socket) = SocketInfo::parse(&message, Some(Protocol::Tcp)) {
                    prop_assert!(body.len() >= FIXED);
                    socket.state();
                }
            }
        }
    }
}
