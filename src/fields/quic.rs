//! Fields of QUIC packets with a long header: of the first in a datagram.

use super::said::Quic;
use super::{Value, Visitor};
use crate::decode::quic::Kind;

fields! { quic, "quic", Plain, "QUIC, the first long header of a datagram (RFC 9000, RFC 9369)";
    VERSION "version" Number "Version; 0 where versions are negotiated" ["quic.version" "quic.version" "quic.version"];
    TYPE "type" Text "initial, 0rtt, handshake, retry, version_negotiation, unknown" ["" "" ""];
    DESTINATION_ID "dcid" Bytes "Connection id of the receiver" ["quic.dcid" "quic.client_initial_dcid" ""];
    SOURCE_ID "scid" Bytes "Connection id of the sender" ["quic.scid" "quic.client_scid" ""];
    NAME "sni" Text "Name of the host that a client hello in it asks for" ["" "quic.server_name" "quic.sni"];
}

pub(super) fn visit<'a>(packet: &'a Quic, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, packet.version.0);
    let kind = match packet.kind {
        Kind::Initial => "initial",
        Kind::ZeroRtt => "0rtt",
        Kind::Handshake => "handshake",
        Kind::Retry => "retry",
        Kind::VersionNegotiation => "version_negotiation",
        Kind::Unknown => "unknown",
    };
    out.put(&TYPE, kind);
    out.put(&DESTINATION_ID, Value::Bytes(&packet.destination_id));
    out.put(&SOURCE_ID, Value::Bytes(&packet.source_id));
    out.maybe(&NAME, packet.server_name.as_deref().map(Value::Text));
}
