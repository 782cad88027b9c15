//! The Initial packets of QUIC connections: which keys open them, and the TLS hellos in them, which may need several.

use std::net::IpAddr;
use std::time::Duration;

use super::Losses;
use super::pieces::Pieces;
use super::store::Store;
use crate::budget::Budget;
use crate::decode::quic::initial::{self, Opened, Side};
use crate::decode::quic::{Frame, Frames, Long};
use crate::decode::tls;
use crate::frame::Timestamp;

/// How long a connection is followed; its handshake is over long before.
pub const LIFETIME: Duration = Duration::from_secs(30);

type Endpoint = (IpAddr, u16);

/// The connections that are followed, by their endpoints. At most a quarter of the budget.
#[derive(Debug)]
pub struct Connections(Store<[Endpoint; 2], Connection>);

#[derive(Debug, Default)]
struct Connection {
    /// The connection id that the keys are made of.
    first_id: Vec<u8>,
    client: Option<Endpoint>,
    from_client: Handshake,
    from_server: Handshake,
}

/// The handshake messages of one side.
#[derive(Debug, Default)]
struct Handshake {
    pieces: Pieces,
    packets: usize,
    told: bool,
}

/// An Initial packet that was opened.
#[derive(Clone, Debug)]
pub struct Initial {
    pub side: Side,
    pub number: u32,
    /// The frames, for [`Frames`].
    pub plain: Vec<u8>,
    /// The hello that this packet made whole.
    pub hello: Option<Hello>,
}

/// A client or server hello.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hello {
    /// [`tls::CLIENT_HELLO`] or [`tls::SERVER_HELLO`].
    pub kind: u8,
    /// The message without its header.
    pub body: Vec<u8>,
    /// How many packets it came in.
    pub packets: usize,
}

impl Connections {
    pub fn new(budget: &Budget) -> Self {
        Connections(Store::new(budget, LIFETIME))
    }

    /// Opens an Initial packet that came at a time; none where no key is known for it, as where the connection was not
    /// seen from its start.
    pub fn open(&mut self, from: Endpoint, to: Endpoint, packet: &Long<'_>, now: Timestamp) -> Option<Initial> {
        let key = if from <= to { [from, to] } else { [to, from] };
        let known = self.0.get(&key, now).and_then(|connection| {
            let side = if connection.client == Some(from) { Side::Client } else { Side::Server };
            initial::open(packet, &connection.first_id, side).map(|opened| (side, opened))
        });
        let (side, Opened { number, plain }) = match known {
            Some(known) => known,
            None => {
                // The first of a connection, or of one that was told to try again (RFC 9001, 5.2).
                let opened = initial::open(packet, packet.destination_id(), Side::Client)?;
                self.0.remove(&key);
                if let Some(connection) = self.0.reserve(key, packet.destination_id().len(), now) {
                    connection.first_id = packet.destination_id().to_vec();
                    connection.client = Some(from);
                }
                (Side::Client, opened)
            }
        };
        let hello = self.hello(&key, side, &plain, now);
        Some(Initial { side, number, plain, hello })
    }

    /// Adds what a packet has of a hello; the hello, once, where that makes it whole.
    fn hello(&mut self, key: &[Endpoint; 2], side: Side, plain: &[u8], now: Timestamp) -> Option<Hello> {
        let mut came = false;
        for frame in Frames::new(plain) {
            let Frame::Crypto { offset, data } = frame else { continue };
            let Ok(offset) = usize::try_from(offset) else { continue };
            let is_known = self.0.get(key, now).is_some_and(|connection| connection.from(side).told);
            if is_known || data.is_empty() || offset.saturating_add(data.len()) > tls::MAX_HELLO {
                continue;
            }
            let connection = self.0.reserve(*key, Pieces::cost(data.len()), now)?;
            connection.from(side).pieces.insert(offset, data);
            came = true;
        }
        let handshake = self.0.get(key, now)?.from(side);
        if !came {
            return None;
        }
        handshake.packets = handshake.packets.saturating_add(1);
        let stream = handshake.pieces.joined(0);
        let (kind, length) = tls::handshake_header(&stream)?;
        let body = stream.get(4..length.saturating_add(4))?.to_vec();
        handshake.told = true;
        handshake.pieces = Pieces::default();
        Some(Hello { kind, body, packets: handshake.packets })
    }

    /// Connections that were given up.
    pub fn losses(&self) -> Losses {
        self.0.losses()
    }
}

impl Connection {
    fn from(&mut self, side: Side) -> &mut Handshake {
        match side {
            Side::Client => &mut self.from_client,
            Side::Server => &mut self.from_server,
        }
    }
}
