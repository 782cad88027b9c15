//! Verdicts: what the calls of a socket returned to the programs at both ends, as far as the packets tell.
//!
//! A verdict is a function of a connection as it was seen up to now, and of what was heard about it from elsewhere (ICMP errors
//! that quote it). It is what Linux returns; `tests/live/verdicts` asks the kernel whether that is so. What the packets leave open
//! is named beside it.

mod answer;
mod datagram;
mod errno;
mod tcp;
mod vantage;

pub use answer::{Answer, Confidence, Outcome};
pub use errno::{Errno, SocketError};
pub use vantage::Vantage;

use std::time::Duration;

use super::connection::{Connection, End, Transport};
use super::key::{Protocol, Side};
use super::moment::{Mark, Tries};
use super::packet::Cast;
use super::tcp::Tcp;

/// What the programs at both ends were told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    pub vantage: Vantage,
    /// What `connect` returned to the client. None where there is no such call, or too little was seen.
    pub connect: Option<Answer>,
    /// What the first `recv` or `send` after it returned to the client that did not succeed; of datagrams, whether the first
    /// was answered.
    pub client: Option<Answer>,
    /// The same of the server, behind `accept`.
    pub server: Option<Answer>,
}

impl Verdict {
    /// That on a connection as it was when it was looked at last.
    pub fn of(connection: &Connection) -> Verdict {
        let (client, server) = (connection.client, connection.client.other());
        let vantage = match connection.protocol() {
            // Such questions pass no router.
            Protocol::Neighbour => Vantage::Client,
            _ => Vantage::of(*connection.hops.of(client), *connection.hops.of(server)),
        };
        let silent = Verdict { vantage, connect: None, client: None, server: None };
        match &connection.transport {
            Transport::Tcp(tcp) => Verdict::of_tcp(connection, tcp, silent),
            Transport::Datagrams(_) if connection.protocol() == Protocol::Neighbour => {
                Verdict { connect: of_neighbour(connection), ..silent }
            }
            Transport::Datagrams(_) if connection.cast == Cast::Unicast => {
                Verdict { client: Some(of_datagrams(connection)), ..silent }
            }
            Transport::Datagrams(_) | Transport::Sctp(_) => silent,
        }
    }

    fn of_tcp(connection: &Connection, tcp: &Tcp, silent: Verdict) -> Verdict {
        let until = tcp::Until {
            nanos: u64::try_from(connection.watched().as_nanos()).unwrap_or(u64::MAX),
            is_replaced: connection.end == End::Replaced,
        };
        let client = witness(connection, tcp, connection.client);
        let server = witness(connection, tcp, connection.client.other());
        let connect = tcp::connect(&client, &server, tcp.established, until, silent.vantage);
        if connect.is_some_and(|connect| connect.outcome != Outcome::Ok) {
            return Verdict { connect, ..silent };
        }
        Verdict {
            connect,
            client: tcp::end(&client, &server, until, silent.vantage.at_client()),
            server: tcp::end(&server, &client, until, silent.vantage.at_server()),
            ..silent
        }
    }
}

/// What is known of one side of a TCP connection.
fn witness(connection: &Connection, tcp: &Tcp, side: Side) -> tcp::Witness {
    let (seen, trouble) = (tcp.sides.of(side), connection.troubles.of(side));
    let again = trouble.and_then(|trouble| trouble.again);
    let (calls, answers) = if seen.calls() { (seen.syn, None) } else { (None, seen.syn) };
    let error = last_error(connection, side).filter(|(error, _)| error.errno != Errno::MessageSize);
    let calls = calls.map(|first| match again {
        Some(again) => Tries { first, count: seen.syns.into(), ..again },
        None => Tries::new(first),
    });
    tcp::Witness {
        calls,
        answers,
        has_acknowledged: seen.acknowledged().is_some(),
        has_sent: connection.traffic.of(side).payload_bytes > 0,
        has_sent_after_fin: trouble.is_some_and(|trouble| trouble.bytes_after_fin > 0),
        fin: seen.fin,
        is_fin_taken: tcp.is_finished(side),
        rst: tcp.reset().filter(|reset| reset.by == side).map(|reset| reset.mark),
        unanswered: again,
        error: error.map(|(error, at)| tcp::Heard { errno: error.errno, at }),
    }
}

fn of_datagrams(connection: &Connection) -> Answer {
    let answer = connection.received().first_payload.map(|answer| Duration::from_nanos(answer.nanos()));
    datagram::receive(answer, last_error(connection, connection.client))
}

/// What `connect` returned to a program whose packets wait until the neighbour answers.
fn of_neighbour(connection: &Connection) -> Option<Answer> {
    let exchanges = connection.exchanges()?;
    let requests = exchanges.requests.saturating_add(exchanges.repeated);
    let is_silent = connection.received().packets == 0;
    is_silent.then(|| datagram::neighbour(requests, connection.duration(), connection.watched()))
}

/// The last error that packets of this side met, of those that a socket is told of.
fn last_error(connection: &Connection, side: Side) -> Option<(SocketError, Mark)> {
    let about = connection.troubles.errors()?.all().iter().filter(|error| error.about == side);
    let told = about.filter_map(|error| {
        let told = if error.from.is_ipv4() { SocketError::of_icmpv4 } else { SocketError::of_icmpv6 };
        Some((told(error.kind, error.code)?, error.last))
    });
    told.reduce(|earlier, later| if later.1.is_before(earlier.1) { earlier } else { later })
}
