//! Which process owns a connection, on this machine.
//!
//! A connection names a socket, which `sock_diag` tells about ([`diag`]); the socket's inode stands among the open files of
//! the processes that hold it ([`procfs`]), and these have a name, a user and perhaps a container. What ends before
//! anybody looks is told of by the kernel as it ends ([`events`]). [`Finder`] puts this together, and says of each
//! answer how sure it is; [`listing`] lists all sockets.
//!
//! Nothing here knows of frames: a connection comes in, an [`Owner`](crate::owner::Owner) goes out.

mod addresses;
pub mod container;
pub mod diag;
pub mod events;
mod finder;
mod holders;
mod listeners;
pub mod listing;
pub mod netlink;
pub mod procfs;
mod recent;
mod services;
mod users;

use std::net::SocketAddr;

pub use finder::{Answer, Finder, Limits, Missing, Tree};
pub use users::Users;

/// The transport protocols whose sockets are looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// Its number in IP headers, as in `IPPROTO_*`.
    pub fn number(self) -> u8 {
        match self {
            Protocol::Tcp => 6,
            Protocol::Udp => 17,
        }
    }

    /// The protocol of a number, if its sockets can be looked up.
    pub fn of_number(number: u8) -> Option<Protocol> {
        [Protocol::Tcp, Protocol::Udp].into_iter().find(|protocol| protocol.number() == number)
    }

    /// Its name, in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

/// A directed five-tuple: who sends to whom.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Connection {
    pub protocol: Protocol,
    pub source: SocketAddr,
    pub destination: SocketAddr,
}

impl Connection {
    /// The same the other way.
    pub fn reversed(self) -> Connection {
        Connection { source: self.destination, destination: self.source, ..self }
    }
}
