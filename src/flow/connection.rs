//! A connection: everything that is known of it, as plain data.

use std::time::Duration;

use super::exchange::{Exchanges, Role};
use super::icmp::{self, IcmpError, Message};
use super::key::{Endpoint, FiveTuple, Id, Pair, Protocol, Side};
use super::moment::{Mark, Since};
use super::packet::{Cast, Content, Packet};
use super::path::Path;
use super::quic;
use super::sctp::{self, Sctp};
use super::tcp::Tcp;
use super::trouble::Troubles;
use super::verdict::Verdict;
use crate::decode::tcp::{ACK, SYN};
use crate::frame::Timestamp;

/// How it is known which end is the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Roles {
    /// It asked: a SYN without ACK, an INIT, an ICMP request, a question for a neighbour.
    Asked,
    /// The other end was seen to answer such.
    Answered,
    /// The other end's port is a well-known one, or the lower of two kinds of ports.
    Ports,
    /// It spoke first.
    First,
}

/// Why nothing more is told of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum End {
    /// It is not over yet as far as can be seen.
    #[default]
    Open,
    /// It was closed, or reset.
    Closed,
    /// No packet came for a time: see [`Class::patience`].
    Idle,
    /// Another one began between the same endpoints.
    Replaced,
    /// Others needed the room: it is told as far as it was seen.
    Evicted,
}

/// What one end sent.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Traffic {
    pub packets: u64,
    /// Bytes of frames on the wire, from the link layer on, without the frame check sequence.
    pub frame_bytes: u64,
    /// Bytes of IP packets.
    pub ip_bytes: u64,
    /// Bytes that the transport protocol carried, with what was sent again.
    pub payload_bytes: u64,
    /// When the first of these were seen.
    pub first_payload: Option<Since>,
}

/// What is particular to a transport protocol.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Transport {
    Tcp(Tcp),
    Sctp(Sctp),
    /// UDP, ICMP, questions for neighbours and all other protocols.
    Datagrams(Exchanges),
}

/// A connection: what two endpoints said to each other. Of protocols without connections, what they said until they were silent
/// for a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    id: Id,
    start_secs: i64,
    start_nanos: u32,
    first_frame: u64,
    last: u64,
    /// How long it was watched beyond its last frame, in hundredths of a second: up to 655 s.
    watched_beyond: u16,
    /// Which end is the client, and how that is known.
    pub client: Side,
    pub roles: Roles,
    pub end: End,
    /// To whom the client spoke.
    pub cast: Cast,
    /// How many routers the first packet of each end could still pass; 0 where there was none.
    pub hops: Pair<u8>,
    pub traffic: Pair<Traffic>,
    pub transport: Transport,
    /// What went wrong, ICMP errors too.
    pub troubles: Troubles,
}

/// How long a connection that says nothing is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// TCP before the handshake is over: a little more than Linux takes to give up `connect` (127 s).
    Opening,
    /// TCP: what a NAT must bear (RFC 5382, REQ-5).
    Open,
    /// TCP and SCTP after the end: for what is sent again.
    Closed,
    /// SCTP: its ends look after each other every 30 s (RFC 9260, 16).
    Association,
    /// All other protocols: what a NAT must bear (RFC 4787, REQ-5).
    Datagrams,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 5] = [Class::Opening, Class::Open, Class::Closed, Class::Association, Class::Datagrams];

    /// The time after which it is over.
    pub const fn patience(self) -> Duration {
        Duration::from_secs(match self {
            Class::Opening => 130,
            Class::Open => 7440,
            Class::Closed => 5,
            Class::Association => 300,
            Class::Datagrams => 120,
        })
    }
}

/// The lowest of the ports that systems give to clients (RFC 6335, 6, and Linux's own 32768).
const EPHEMERAL: u16 = 32768;

/// Of two ports, whether the first is rather a server's.
fn is_rather_server(port: u16, other: u16) -> Option<bool> {
    let kind = |port| u8::from(port >= 1024).saturating_add(u8::from(port >= EPHEMERAL));
    (kind(port) != kind(other)).then(|| kind(port) < kind(other))
}

impl Connection {
    /// One that begins with a packet.
    pub(super) fn begin(tuple: &FiveTuple, packet: Option<&Packet<'_>>, time: Timestamp, number: u64) -> Self {
        let (id, side) = tuple.id();
        let (client, roles) = match packet.map(|packet| asks(packet)) {
            Some(Some(true)) => (side, Roles::Asked),
            Some(Some(false)) => (side.other(), Roles::Answered),
            _ => match is_rather_server(tuple.source.port, tuple.destination.port) {
                Some(true) => (side.other(), Roles::Ports),
                Some(false) if tuple.protocol != Protocol::Udp => (side, Roles::Ports),
                _ => (side, Roles::First),
            },
        };
        let transport = match tuple.protocol {
            Protocol::Tcp => Transport::Tcp(Tcp::default()),
            Protocol::Sctp => Transport::Sctp(Sctp::default()),
            _ => Transport::Datagrams(Exchanges::default()),
        };
        Connection {
            id,
            start_secs: time.secs(),
            start_nanos: time.nanos(),
            first_frame: number,
            last: 0,
            watched_beyond: 0,
            client,
            roles,
            end: End::Open,
            cast: Cast::Unicast,
            hops: Pair::default(),
            traffic: Pair::default(),
            transport,
            troubles: Troubles::default(),
        }
    }

    /// Takes a packet; `wire_len` is that of its frame.
    pub(super) fn push(&mut self, side: Side, packet: &Packet<'_>, wire_len: u32, mark: Mark) {
        let payload = u32::try_from(packet.payload.wire()).unwrap_or(u32::MAX);
        self.count(side, wire_len, packet.ip_len, payload, mark);
        let hops = self.hops.of_mut(side);
        if *hops == 0 {
            *hops = packet.hops;
        }
        if self.roles != Roles::Asked
            && let Some(asks) = asks(packet)
        {
            (self.client, self.roles) = if asks { (side, Roles::Asked) } else { (side.other(), Roles::Answered) };
        }
        if side == self.client {
            self.cast = self.cast.max(packet.cast);
        }
        match (&mut self.transport, &packet.content) {
            (Transport::Tcp(tcp), Content::Tcp(header)) => tcp.push(side, header, payload, mark, &mut self.troubles),
            (Transport::Sctp(sctp), Content::Sctp(header)) => sctp.push(side, header, mark),
            (Transport::Datagrams(exchanges), _) => {
                let from_client = side == self.client;
                if exchanges.message.is_none() {
                    exchanges.message = icmp::kind_of(&packet.content).map(|(kind, code)| (side, kind, code));
                }
                exchanges.push(Role::of(packet), from_client, mark.nanos());
                if self.id.protocol() == Protocol::Udp {
                    quic::push(&mut exchanges.quic, packet.payload.bytes(), from_client);
                }
            }
            _ => {}
        }
    }

    /// Takes a later fragment of a datagram that was seen.
    pub(super) fn extend(&mut self, side: Side, packet: &Packet<'_>, wire_len: u32, mark: Mark) {
        let payload = u32::try_from(packet.payload.wire()).unwrap_or(u32::MAX);
        self.count(side, wire_len, packet.ip_len, payload, mark);
        if let Transport::Tcp(tcp) = &mut self.transport {
            tcp.extend(side, payload);
        }
    }

    fn count(&mut self, side: Side, wire_len: u32, ip_len: u32, payload: u32, mark: Mark) {
        self.last = self.last.max(mark.nanos());
        let traffic = self.traffic.of_mut(side);
        traffic.packets = traffic.packets.saturating_add(1);
        traffic.frame_bytes = traffic.frame_bytes.saturating_add(wire_len.into());
        traffic.ip_bytes = traffic.ip_bytes.saturating_add(ip_len.into());
        traffic.payload_bytes = traffic.payload_bytes.saturating_add(payload.into());
        if payload > 0 && traffic.first_payload.is_none() {
            traffic.first_payload = Some(Since::new(mark.nanos()));
        }
    }

    /// Whether a packet that was just taken may tell what a host or service is called: in DNS and what is like it, DHCP, the
    /// beginning of a client's stream (TLS, HTTP), QUIC.
    pub(super) fn may_name(&self, side: Side, packet: &Packet<'_>) -> bool {
        const PORTS: [u16; 6] = [53, 5353, 5355, 137, 67, 68];
        /// Where a segment begins that a hello, or a request, may go on in.
        const HEAD: u64 = 2 << 10;
        let has_port = || PORTS.contains(&packet.source.port) || PORTS.contains(&packet.destination.port);
        let before = || self.traffic.of(side).payload_bytes.saturating_sub(packet.payload.wire() as u64);
        match &self.transport {
            Transport::Tcp(_) if packet.payload.wire() == 0 => false,
            Transport::Tcp(_) => side == self.client && before() <= HEAD || has_port(),
            Transport::Datagrams(exchanges) if self.id.protocol() == Protocol::Udp => {
                packet.fragment.is_some() || exchanges.quic.is_some() && before() <= HEAD || has_port()
            }
            Transport::Datagrams(_) | Transport::Sctp(_) => false,
        }
    }

    /// Takes an error about one of its packets.
    pub(super) fn reject(&mut self, error: IcmpError) {
        self.last = self.last.max(error.mark.nanos());
        self.troubles.add_error(error);
    }

    /// An event now, in this frame.
    pub(super) fn mark(&self, time: Timestamp, number: u64) -> Mark {
        let nanos = time.as_nanos().saturating_sub(self.start().as_nanos());
        Mark::new(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX), number.saturating_sub(self.first_frame))
    }

    /// Whether a packet of the same endpoints begins another connection.
    pub(super) fn begins_anew(&self, side: Side, packet: &Packet<'_>) -> bool {
        match (&self.transport, &packet.content) {
            (Transport::Tcp(tcp), Content::Tcp(header)) => tcp.begins_anew(side, header),
            (Transport::Sctp(association), Content::Sctp(header)) => association.is_closed() && sctp::is_call(header),
            _ => false,
        }
    }

    /// Bytes that it takes elsewhere.
    pub(super) fn elsewhere(&self) -> usize {
        let exchanges = match &self.transport {
            Transport::Datagrams(exchanges) => exchanges.elsewhere(),
            Transport::Tcp(_) | Transport::Sctp(_) => 0,
        };
        exchanges.saturating_add(self.troubles.elsewhere())
    }

    /// Which endpoints, in which network.
    pub fn id(&self) -> &Id {
        &self.id
    }

    pub fn protocol(&self) -> Protocol {
        self.id.protocol()
    }

    /// Which network it was seen in, as a number of the tracker's [`Paths`](super::Paths).
    pub fn path(&self) -> Path {
        self.id.path()
    }

    /// The end that called, asked or spoke first: see [`roles`](Self::roles).
    pub fn client(&self) -> Endpoint {
        self.id.endpoint(self.client)
    }

    /// The other end.
    pub fn server(&self) -> Endpoint {
        self.id.endpoint(self.client.other())
    }

    /// What the client sent.
    pub fn sent(&self) -> &Traffic {
        self.traffic.of(self.client)
    }

    /// What the server sent.
    pub fn received(&self) -> &Traffic {
        self.traffic.of(self.client.other())
    }

    /// The time of its first frame.
    pub fn start(&self) -> Timestamp {
        Timestamp::new(self.start_secs, self.start_nanos.into())
    }

    /// From its first frame to its last.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(self.last)
    }

    /// What the programs at both ends were told by their sockets.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(self)
    }

    /// It was watched up to this time.
    pub(super) fn watch_until(&mut self, time: Timestamp) {
        let beyond = self.mark(time, self.first_frame).nanos().saturating_sub(self.last);
        self.watched_beyond = u16::try_from(beyond / 10_000_000).unwrap_or(u16::MAX);
    }

    /// How long it was watched, from its first frame: until it was over, or to the end of the capture. Of the time behind its last
    /// frame, the first 655 s, to the hundredth: no socket waits for longer.
    pub fn watched(&self) -> Duration {
        Duration::from_millis(u64::from(self.watched_beyond).saturating_mul(10)).saturating_add(self.duration())
    }

    /// The number of its first frame, from 1.
    pub fn first_frame(&self) -> u64 {
        self.first_frame
    }

    /// The number of the frame of an event; none where that is too far from the first one.
    pub fn frame(&self, mark: Mark) -> Option<u64> {
        mark.frames().map(|frames| self.first_frame.saturating_add(frames))
    }

    /// The time of an event.
    pub fn time(&self, mark: Mark) -> Timestamp {
        Timestamp::from_nanos(self.start().as_nanos().saturating_add(mark.nanos().into()))
    }

    /// What is particular to TCP, where it is that.
    pub fn tcp(&self) -> Option<&Tcp> {
        match &self.transport {
            Transport::Tcp(tcp) => Some(tcp),
            Transport::Sctp(_) | Transport::Datagrams(_) => None,
        }
    }

    /// What was asked and answered, where its protocol has no connections.
    pub fn exchanges(&self) -> Option<&Exchanges> {
        match &self.transport {
            Transport::Datagrams(exchanges) => Some(exchanges),
            Transport::Tcp(_) | Transport::Sctp(_) => None,
        }
    }

    /// The first message of ICMP, where it is that.
    pub fn message(&self) -> Option<Message> {
        let (side, kind, code) = self.exchanges()?.message?;
        Some(Message { kind, code, by_client: side == self.client })
    }

    /// From the first byte of the client to the first of the server behind it.
    pub fn service_time(&self) -> Option<Duration> {
        let (asked, answered) = (self.sent().first_payload?.nanos(), self.received().first_payload?.nanos());
        answered.checked_sub(asked).map(Duration::from_nanos)
    }

    /// How long it is waited for.
    pub fn class(&self) -> Class {
        match &self.transport {
            Transport::Tcp(tcp) if tcp.is_closed() => Class::Closed,
            Transport::Tcp(tcp) if tcp.is_established() => Class::Open,
            Transport::Tcp(_) => Class::Opening,
            Transport::Sctp(association) if association.is_closed() => Class::Closed,
            Transport::Sctp(_) => Class::Association,
            Transport::Datagrams(_) => Class::Datagrams,
        }
    }
}

/// Whether a packet asks for a connection or something else, or answers that; none where it tells neither.
fn asks(packet: &Packet<'_>) -> Option<bool> {
    match &packet.content {
        Content::Tcp(header) if header.flags() & SYN != 0 => Some(header.flags() & ACK == 0),
        Content::Sctp(header) if sctp::is_call(header) => Some(true),
        Content::Sctp(header) if sctp::is_acceptance(header) => Some(false),
        Content::Tcp(_) | Content::Sctp(_) => None,
        _ => match Role::of(packet) {
            Role::Request(_) => Some(true),
            Role::Answer(_) => Some(false),
            Role::ByTurn | Role::Alone => None,
        },
    }
}
