//! Fields of ICMP.

use super::{Part, Visitor};
use crate::decode::icmpv4::{self as icmp, Icmpv4};

fields! { icmpv4, "icmp", Plain, "Internet control message protocol (RFC 792)";
    TYPE "type" Number @0..1 "0 echo reply, 3 unreachable, 5 redirect, 8 echo request, 11 time exceeded, …" ["icmp.type" "conn.id.orig_p" "icmp_type"];
    CODE "code" Number @1..2 "What kind of that" ["icmp.code" "conn.id.resp_p" "icmp_code"];
    CHECKSUM "checksum" Number @2..4 "Checksum" ["icmp.checksum" "" ""];
    IDENTIFIER "id" Number @4..6 "Identifier of an echo, timestamp, information or mask" ["icmp.ident" "" ""];
    SEQUENCE "seq" Number @6..8 "Sequence number behind the identifier" ["icmp.seq" "" ""];
    GATEWAY "gateway" Ip @4..8 "Router that a redirect names" ["icmp.redir_gw" "" ""];
    MTU "mtu" Number @6..8 "MTU of the next hop, where fragmentation was needed" ["icmp.mtu" "" ""];
    POINTER "pointer" Number @4..5 "Place of the byte that a parameter problem is about" ["icmp.pointer" "" ""];
    ROUTER_LIFETIME ("router") "lifetime" Number @6..8 "How long a router advertisement holds, in seconds" ["icmp.lifetime" "" ""];
    ROUTER_ADDRESS ("router") "address" Ip "Routers advertised" ["" "" ""];
    PAYLOAD_LENGTH "payload_len" Number "Bytes of an echo behind its header, on the wire" ["" "" ""];
}

/// The code of an unreachable that asks for smaller packets (RFC 1191).
const FRAGMENTATION_NEEDED: u8 = 4;

pub(super) fn visit<'a>(message: &Icmpv4<'a>, out: &mut impl Visitor<'a>) {
    out.put(&TYPE, message.kind());
    out.put(&CODE, message.code());
    out.maybe(&CHECKSUM, message.checksum());
    match message.kind() {
        icmp::ECHO_REPLY | icmp::ECHO_REQUEST => {
            out.maybe(&IDENTIFIER, message.identifier());
            out.maybe(&SEQUENCE, message.sequence());
            out.put(&PAYLOAD_LENGTH, message.span().skip(8).wire());
        }
        icmp::TIMESTAMP_REQUEST..=icmp::MASK_REPLY => {
            out.maybe(&IDENTIFIER, message.identifier());
            out.maybe(&SEQUENCE, message.sequence());
        }
        icmp::REDIRECT => out.maybe(&GATEWAY, message.gateway()),
        icmp::UNREACHABLE if message.code() == FRAGMENTATION_NEEDED => out.maybe(&MTU, message.mtu()),
        icmp::PARAMETER_PROBLEM => out.maybe(&POINTER, message.pointer()),
        icmp::ROUTER_ADVERTISEMENT => out.part(Part::Object("router"), |out| {
            out.maybe(&ROUTER_LIFETIME, message.routers().lifetime());
            let captured = message.routers().entries().map_while(|entry| entry);
            out.list(&ROUTER_ADDRESS, captured.map(|(address, _)| address));
        }),
        _ => {}
    }
}
