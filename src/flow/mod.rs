//! Connections: who spoke to whom, how it began, what was said and how it ended, told from the packets alone.
//!
//! A [`Tracker`] takes frames and hands over [`Connection`]s when they are over. It does no I/O and asks no clock: time is that of
//! the frames. Its memory is bounded; where there is no room, the connection that was quiet for longest goes, and that is counted.
//!
//! `packet` finds the innermost packet of a frame in one pass, `table` keeps the connections, and a file each follows a protocol:
//! [`Tcp`], [`Sctp`], and [`Exchanges`] for those without connections. What a connection is told by is its [`Id`]: two endpoints, the
//! protocol, and the [`Path`], the networks around it.

mod community;
mod connection;
mod exchange;
mod fragments;
mod history;
mod icmp;
mod key;
mod moment;
mod packet;
mod path;
mod quic;
mod sctp;
mod table;
mod tcp;
mod tracker;
mod trouble;
mod verdict;

pub use connection::{Class, Connection, End, Roles, Traffic, Transport};
pub use exchange::Exchanges;
pub use history::History;
pub use icmp::{Errors, IcmpError, Message};
pub use key::{Endpoint, FiveTuple, Id, Pair, Protocol, Side};
pub use moment::{Mark, RoundTrips, Since, Tries};
pub use packet::Cast;
pub use path::{Path, Paths, Step};
pub use quic::{ConnectionId, Quic};
pub use sctp::Sctp;
pub use table::Slot;
pub use tcp::{Reset, Tcp, TcpSide};
pub use tracker::{Counts, Pushed, Tracker};
pub use trouble::{Trouble, Troubles};
pub use verdict::{Answer, Confidence, Errno, Outcome, SocketError, Vantage, Verdict};

#[cfg(test)]
mod tcp_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tracker_tests;
