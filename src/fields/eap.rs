//! Fields of the extensible authentication protocol.

use super::Visitor;
use crate::decode::eapol::Eap;

fields! { eap, "eap", Plain, "Extensible authentication protocol (RFC 3748)";
    CODE "code" Number @0..1 "1 request, 2 response, 3 success, 4 failure" ["eap.code" "" ""];
    IDENTIFIER "id" Number @1..2 "Number of a request and its response" ["eap.id" "" ""];
    LENGTH "len" Number @2..4 "Length of the packet, in bytes" ["eap.len" "" ""];
    TYPE "type" Number @4..5 "Type of a request or response: 1 identity, 13 TLS, …" ["eap.type" "" ""];
}

pub(super) fn visit<'a>(packet: &Eap<'a>, out: &mut impl Visitor<'a>) {
    out.put(&CODE, packet.code());
    out.put(&IDENTIFIER, packet.identifier());
    out.put(&LENGTH, packet.length());
    out.maybe(&TYPE, packet.kind());
}
