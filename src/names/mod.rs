//! Names of hosts, as the capture itself tells them: what its DNS answers said before a program connected, what hosts
//! say of themselves (multicast DNS, LLMNR, NetBIOS, DHCP), what a client asked a server for by name (TLS, QUIC,
//! HTTP), the name blocks of pcapng, a hosts file. No clock; nothing is ever looked up.
//!
//! [`Names`] hears frames and can then be asked. What it remembers is bounded: see [`Book`] and [`Questions`].
//!
//! [`system`] has what the system calls numbers, for whoever wants tcpdump's names.

pub mod book;
mod domain;
mod hosts;
mod overheard;
pub mod questions;
pub mod system;

pub use book::{Book, Entry, Lookup, Origin};
pub use domain::Domain;
pub use overheard::Names;
pub use questions::{Answer, Data, Exchange, Questions, Resolution, Service, Transport, Try};
