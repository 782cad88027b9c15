//! Who used a service last: what is known of further connections to it where there is no time to look.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::diag::SocketInfo;
use super::finder::Answer;
use super::{Connection, Protocol};
use crate::owner::{Certainty, End, Owner};

/// How many services are remembered.
const MOST: usize = 4096;

/// The end of a connection that stays the same in others: the one with the smaller port number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Service {
    /// One of this machine.
    Offered(Protocol, u16),
    /// One that this machine uses.
    Used(Protocol, SocketAddr),
}

/// Owners by the service that they use or offer.
#[derive(Debug, Default)]
pub(super) struct Services(HashMap<Service, Answer>);

impl Services {
    /// Remembers who owns a socket.
    pub(super) fn learn(&mut self, socket: &SocketInfo, answer: &Answer) {
        let SocketInfo { protocol, local, remote, .. } = *socket;
        let service = if local.port() < remote.port() {
            Service::Offered(protocol, local.port())
        } else {
            Service::Used(protocol, remote)
        };
        if self.0.len() >= MOST && !self.0.contains_key(&service) {
            self.0.clear();
        }
        let owner = Owner { certainty: Certainty::Inferred, elsewhere: None, end: None, ..answer.owner.clone() };
        self.0.insert(service, Answer { owner, wanted: answer.wanted });
    }

    /// Who may own a connection.
    pub(super) fn get(&self, connection: &Connection) -> Option<Answer> {
        let Connection { protocol, source, destination } = *connection;
        let used = |end: SocketAddr| Service::Used(protocol, end);
        let offered = |end: SocketAddr| Service::Offered(protocol, end.port());
        // A sender's answer comes first.
        let ways = if source.port() < destination.port() {
            [(offered(source), End::Sender), (used(source), End::Receiver)]
        } else {
            [(used(destination), End::Sender), (offered(destination), End::Receiver)]
        };
        ways.iter().find_map(|(service, end)| {
            let known = self.0.get(service)?;
            let owner = Owner { end: Some(*end), ..known.owner.clone() };
            Some(Answer { owner, wanted: known.wanted })
        })
    }
}
