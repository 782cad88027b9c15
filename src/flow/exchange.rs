//! Requests and answers in datagrams: UDP, ICMP queries, questions for neighbours.

use super::key::{Protocol, Side};
use super::moment::RoundTrips;
use super::packet::{Content, Packet};
use super::quic::Quic;
use crate::decode::{icmpv4, icmpv6};

/// What was asked and answered. Where a protocol numbers its requests (DNS, NTP, ICMP) each is matched with its answer; elsewhere
/// all that one side sends until the other does is one request, and what comes back the answer.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Exchanges {
    /// Requests; each that was sent again counts once.
    pub requests: u32,
    /// Requests that had an answer.
    pub answered: u32,
    /// Requests that were sent again before there was an answer.
    pub repeated: u32,
    /// Answers to a request that had one already.
    pub answered_twice: u32,
    /// Answers that overtook one to an earlier request.
    pub out_of_order: u32,
    /// Answers to what nobody was seen to ask.
    pub unasked: u32,
    pub round_trips: RoundTrips,
    /// What QUIC tells of itself, where it is that.
    pub quic: Option<Box<Quic>>,
    /// Of ICMP the first message: who sent it, type and code.
    pub(super) message: Option<(Side, u8, u8)>,
    /// The latest requests, in order.
    latest: Vec<Request>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Request {
    number: u64,
    /// When it was sent first, in nanoseconds since the start of the connection.
    nanos: u64,
    is_answered: bool,
}

/// How many requests are remembered while answers may come.
const REMEMBERED: usize = 16;

/// What a datagram is in an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Request(u64),
    Answer(u64),
    /// It has no number: what it is depends on who sends it.
    ByTurn,
    /// Neither of these.
    Alone,
}

impl Role {
    /// That of a packet.
    pub fn of(packet: &Packet<'_>) -> Role {
        match packet.content {
            Content::Question => Role::Request(0),
            Content::Answer => Role::Answer(0),
            Content::Icmpv4(message) => match (message.kind(), message.sequence()) {
                (
                    icmpv4::ECHO_REQUEST
                    | icmpv4::TIMESTAMP_REQUEST
                    | icmpv4::INFORMATION_REQUEST
                    | icmpv4::MASK_REQUEST,
                    Some(number),
                ) => Role::Request(number.into()),
                (
                    icmpv4::ECHO_REPLY | icmpv4::TIMESTAMP_REPLY | icmpv4::INFORMATION_REPLY | icmpv4::MASK_REPLY,
                    Some(number),
                ) => Role::Answer(number.into()),
                _ => Role::Alone,
            },
            Content::Icmpv6(message) => match (message.kind(), message.sequence()) {
                (icmpv6::ECHO_REQUEST, Some(number)) => Role::Request(number.into()),
                (icmpv6::ECHO_REPLY, Some(number)) => Role::Answer(number.into()),
                _ => Role::Alone,
            },
            _ if packet.protocol == Protocol::Udp => Role::of_datagram(packet).unwrap_or(Role::ByTurn),
            _ => Role::Alone,
        }
    }

    fn of_datagram(packet: &Packet<'_>) -> Option<Role> {
        let at = |port| packet.source.port == port || packet.destination.port == port;
        let payload = packet.payload;
        // DNS, multicast DNS, link-local name resolution. An answer of multicast DNS has no number (RFC 6762, 18.1).
        if at(53) || at(5355) || (at(5353) && payload.u16_at(0)? != 0) {
            let number = payload.u16_at(0)?.into();
            return Some(if payload.u8_at(2)? & 0x80 == 0 { Role::Request(number) } else { Role::Answer(number) });
        }
        // The answer of an NTP server tells when the request was sent (RFC 5905, 8): modes 3 and 4.
        if at(123) {
            let time = |at| payload.array_at(at).map(u64::from_be_bytes);
            return match payload.u8_at(0)? & 7 {
                3 => time(40).map(Role::Request),
                4 => time(24).map(Role::Answer),
                _ => None,
            };
        }
        None
    }
}

impl Exchanges {
    /// Takes a datagram. `from_client` tells who sent it, `nanos` when, since the start of the connection.
    pub(super) fn push(&mut self, role: Role, from_client: bool, nanos: u64) {
        match role {
            Role::Request(number) => self.request(number, nanos),
            Role::Answer(number) => self.answer(number, nanos),
            Role::Alone => {}
            // A turn ends with the first answer.
            Role::ByTurn if from_client => {
                if self.latest.last().is_none_or(|request| request.is_answered) {
                    self.latest.clear();
                    self.begin(0, nanos);
                }
            }
            Role::ByTurn => {
                if let Some(request) = self.latest.last_mut().filter(|request| !request.is_answered) {
                    request.is_answered = true;
                    self.answered = self.answered.saturating_add(1);
                    self.round_trips.add(nanos.saturating_sub(request.nanos));
                }
            }
        }
    }

    /// Requests that had no answer so far.
    pub fn unanswered(&self) -> u32 {
        self.requests.saturating_sub(self.answered)
    }

    /// Bytes that it takes elsewhere.
    pub(super) fn elsewhere(&self) -> usize {
        let quic = if self.quic.is_some() { size_of::<Quic>() } else { 0 };
        quic.saturating_add(self.latest.capacity().saturating_mul(size_of::<Request>()))
    }

    fn begin(&mut self, number: u64, nanos: u64) {
        self.requests = self.requests.saturating_add(1);
        if self.latest.len() >= REMEMBERED {
            self.latest.remove(0);
        }
        self.latest.push(Request { number, nanos, is_answered: false });
    }

    fn request(&mut self, number: u64, nanos: u64) {
        match self.latest.iter().rfind(|request| request.number == number) {
            Some(request) if !request.is_answered => self.repeated = self.repeated.saturating_add(1),
            _ => self.begin(number, nanos),
        }
    }

    fn answer(&mut self, number: u64, nanos: u64) {
        let Some(place) = self.latest.iter().rposition(|request| request.number == number) else {
            self.unasked = self.unasked.saturating_add(1);
            return;
        };
        let (earlier, rest) = self.latest.split_at_mut(place);
        let Some(request) = rest.first_mut() else { return };
        if std::mem::replace(&mut request.is_answered, true) {
            self.answered_twice = self.answered_twice.saturating_add(1);
            return;
        }
        self.answered = self.answered.saturating_add(1);
        self.round_trips.add(nanos.saturating_sub(request.nanos));
        if earlier.iter().any(|request| !request.is_answered) {
            self.out_of_order = self.out_of_order.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbered_answers_find_their_request() {
        let mut exchanges = Exchanges::default();
        exchanges.push(Role::Request(1), true, 0);
        exchanges.push(Role::Request(2), true, 10);
        exchanges.push(Role::Request(1), true, 20);
        exchanges.push(Role::Answer(2), false, 30);
        exchanges.push(Role::Answer(1), false, 40);
        exchanges.push(Role::Answer(1), false, 50);
        exchanges.push(Role::Answer(7), false, 60);
        exchanges.push(Role::Request(3), true, 70);
        let Exchanges { requests, answered, repeated, answered_twice, out_of_order, unasked, .. } = exchanges;
        assert_eq!((requests, answered, repeated, answered_twice, out_of_order, unasked), (3, 2, 1, 1, 1, 1));
        assert_eq!(exchanges.unanswered(), 1);
        assert_eq!(exchanges.round_trips.mean(), Some(Duration::from_nanos(30)));
    }

    #[test]
    fn without_numbers_turns_are_counted() {
        let mut exchanges = Exchanges::default();
        for (from_client, nanos) in [(true, 0), (true, 5), (false, 10), (false, 11), (true, 20), (false, 40)] {
            exchanges.push(Role::ByTurn, from_client, nanos);
        }
        assert_eq!((exchanges.requests, exchanges.answered), (2, 2));
        assert_eq!(exchanges.round_trips.shortest(), Some(Duration::from_nanos(10)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut exchanges = Exchanges::default();
        (0..1000).for_each(|number| exchanges.push(Role::Request(number), true, number));
        assert_eq!((exchanges.requests, exchanges.latest.len()), (1000, REMEMBERED));
        exchanges.push(Role::Answer(0), false, 2000);
        assert_eq!((exchanges.unasked, exchanges.unanswered()), (1, 1000));
    }
}
