//! An SCTP association (RFC 9260) by its ports: the handshake of four, and how it ended. Further addresses of its ends are
//! further associations here.

use super::key::{Pair, Side};
use super::moment::Mark;
use crate::decode::sctp::{self, kind};

/// What is particular to SCTP.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Sctp {
    /// The first INIT of each side: two mean that both called at the same time.
    pub init: Pair<Option<Mark>>,
    pub init_ack: Option<Mark>,
    /// COOKIE ACK: the association is up.
    pub established: Option<Mark>,
    /// The first SHUTDOWN, and who sent it.
    pub shutdown: Option<(Mark, Side)>,
    /// SHUTDOWN COMPLETE: an orderly end.
    pub complete: Option<Mark>,
    /// The first ABORT, and who sent it.
    pub abort: Option<(Mark, Side)>,
    /// DATA chunks of each side.
    pub chunks: Pair<u32>,
}

/// Chunks that matter here beside those that `decode` names (RFC 9260, 3.2).
const ABORT: u8 = 6;
const SHUTDOWN: u8 = 7;
const COOKIE_ACK: u8 = 11;
const SHUTDOWN_COMPLETE: u8 = 14;

impl Sctp {
    pub(super) fn push(&mut self, side: Side, packet: &sctp::Sctp<'_>, mark: Mark) {
        for chunk in packet.chunks().map_while(Result::ok) {
            match chunk.kind {
                kind::INIT => {
                    self.init.of_mut(side).get_or_insert(mark);
                }
                kind::INIT_ACK => {
                    self.init_ack.get_or_insert(mark);
                }
                COOKIE_ACK => {
                    self.established.get_or_insert(mark);
                }
                SHUTDOWN => {
                    self.shutdown.get_or_insert((mark, side));
                }
                SHUTDOWN_COMPLETE => {
                    self.complete.get_or_insert(mark);
                }
                ABORT => {
                    self.abort.get_or_insert((mark, side));
                }
                kind::DATA => {
                    let chunks = self.chunks.of_mut(side);
                    *chunks = chunks.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    /// Whether nothing more can come.
    pub fn is_closed(&self) -> bool {
        self.complete.is_some() || self.abort.is_some()
    }
}

/// Whether a packet asks for an association: an INIT is alone in it (RFC 9260, 4.3).
pub(super) fn is_call(packet: &sctp::Sctp<'_>) -> bool {
    packet.chunks().next().is_some_and(|chunk| chunk.is_ok_and(|chunk| chunk.kind == kind::INIT))
}

/// Whether it answers such a packet.
pub(super) fn is_acceptance(packet: &sctp::Sctp<'_>) -> bool {
    packet.chunks().next().is_some_and(|chunk| chunk.is_ok_and(|chunk| chunk.kind == kind::INIT_ACK))
}
