//! Names of hosts, as the capture itself tells them: what its DNS answers said before a program connected, what hosts
//! say of themselves (multicast DNS, LLMNR, NetBIOS, DHCP), what a client asked a server for by name (TLS, QUIC,
//! HTTP), the name blocks of pcapng, a hosts file. No I/O and no clock; nothing is ever looked up.
//!
//! [`Names`] hears frames and can then be asked. What it remembers is bounded: see [`Book`] and [`Questions`].

pub mod book;
mod domain;
mod hosts;
mod netbios;
mod overheard;
pub mod questions;

pub use book::{Book, Entry, Origin};
pub use domain::Domain;
pub use overheard::{Names, Port};
pub use questions::{Answer, Data, Exchange, Questions, Resolution, Service, Transport, Try};
