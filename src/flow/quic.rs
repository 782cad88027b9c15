//! What a QUIC connection tells in the clear (RFC 9000, 17.2): its version and the connection ids of both ends.

use crate::decode::quic::{Kind, Packet, Packets, Version};

/// A connection id (RFC 9000, 5.1).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ConnectionId {
    bytes: [u8; 20],
    len: u8,
}

impl ConnectionId {
    fn new(id: &[u8]) -> Self {
        let mut bytes = [0; 20];
        bytes.iter_mut().zip(id).for_each(|(place, byte)| *place = *byte);
        ConnectionId { bytes, len: u8::try_from(id.len().min(20)).unwrap_or(20) }
    }

    /// Its bytes, at most 20.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&self.bytes)
    }
}

/// What is particular to QUIC. The end of a connection is encrypted: nobody on the way sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quic {
    /// That of the latest packet that tells one.
    pub version: Version,
    /// What the client called the server in its first packet: the keys of the first packets are made of it.
    pub original: ConnectionId,
    /// What the client wants to be called.
    pub client: ConnectionId,
    /// What the server wants to be called, once it has answered.
    pub server: Option<ConnectionId>,
    /// The server asked the client to prove its address.
    pub has_retry: bool,
    /// The server knows other versions only.
    pub is_refused: bool,
}

/// The first two bits of a packet with a long header (RFC 9000, 17.2).
const LONG: u8 = 0xc0;

/// Takes the payload of a datagram, if it may be the start of a connection or the answer to one.
#[inline]
pub(super) fn push(quic: &mut Option<Box<Quic>>, payload: &[u8], from_client: bool) {
    let is_wanted = match quic {
        None => from_client,
        Some(known) => !from_client && known.server.is_none(),
    };
    if is_wanted && payload.first().is_some_and(|first| first & LONG == LONG || quic.is_some() && first & 0x80 != 0) {
        look(quic, payload);
    }
}

fn look(quic: &mut Option<Box<Quic>>, payload: &[u8]) {
    let Some(Packet::Long(packet)) = Packets::new(payload).next() else { return };
    let source = ConnectionId::new(packet.source_id());
    match (quic, packet.kind()) {
        (quic @ None, Kind::Initial) => {
            *quic = Some(Box::new(Quic {
                version: packet.version(),
                original: ConnectionId::new(packet.destination_id()),
                client: source,
                server: None,
                has_retry: false,
                is_refused: false,
            }));
        }
        (Some(known), Kind::VersionNegotiation) => known.is_refused = true,
        (Some(known), Kind::Retry) => known.has_retry = true,
        (Some(known), Kind::Initial | Kind::Handshake) => {
            known.server = Some(source);
            known.version = packet.version();
        }
        _ => {}
    }
}
