//! What comes in parts is put together here: IP datagrams from [`fragments`], the beginnings of TCP streams from
//! segments ([`streams`]), and the handshake of a QUIC connection from its first packets ([`quic`]). [`Follow`] leads frames to
//! them and tells what they say. No I/O and no clock: the time is that of the frames.
//!
//! All three keep what they wait for in a `Store`: never more bytes than its part of the
//! [`Budget`](crate::budget::Budget), never longer than a limit of its own, under keys hashed with a seed of this run. Whatever
//! is given up is counted ([`Losses`]).
//!
//! Where parts overlap, the bytes that came first stay. An overlap is told with both versions ([`pieces::Overlap`]), as
//! the receiver may have chosen the other one.

mod follow;
pub mod fragments;
pub mod pieces;
pub mod quic;
pub(crate) mod store;
pub mod streams;

pub use follow::{Event, Follow, Heard};

/// What was given up before it was whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Losses {
    /// The rest did not come in time.
    pub timed_out: u64,
    /// The oldest went to make room for others, as the memory allowed was used up.
    pub evicted: u64,
    /// Not begun or gone on with, as there was no memory at all.
    pub refused: u64,
    /// Still waiting.
    pub waiting: u64,
}

impl Losses {
    /// The sum of two.
    pub fn plus(self, other: Losses) -> Losses {
        Losses {
            timed_out: self.timed_out.saturating_add(other.timed_out),
            evicted: self.evicted.saturating_add(other.evicted),
            refused: self.refused.saturating_add(other.refused),
            waiting: self.waiting.saturating_add(other.waiting),
        }
    }
}
