//! Fields of OSPF.


use super::Visitor;
use crate::decode::ospf::Ospf;

fields! { ospf, "ospf", Plain, "Open shortest path first (RFC 2328, RFC 5340)";
    VERSION "version" Number @0..1 "Version: 2 for IPv4, 3 for IPv6" ["ospf.version" "" ""];
    TYPE "type" Number @1..2 "1 hello, 2 database description, 3 request, 4 update, 5 acknowledgment" ["ospf.msg" "" ""];
    LENGTH "len" Number @2..4 "Length of the packet, in bytes" ["ospf.packet_length" "" ""];
    ROUTER "router" Ip @4..8 "Identifier of the sender, written as an address" ["ospf.srcrouter" "" ""];
    AREA "area" Ip @8..12 "Area, written as an address" ["ospf.area_id" "" ""];
    AUTHENTICATION "auth_type" Number @14..16 "Kind of authentication (version 2): 0 none, 1 a password, 2 a digest" ["ospf.auth.type" "" ""];
    INSTANCE "instance" Number @14..15 "Which of several instances on a link (version 3)" ["ospf.instance_id" "" ""];
}

pub(super) fn visit<'a>(packet: &Ospf<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, packet.version());
    out.put(&TYPE, packet.kind());
    out.maybe(&LENGTH, packet.length());
    out.maybe(&ROUTER, packet.router());
    out.maybe(&AREA, packet.area());
    if packet.version() == 3 {
        out.maybe(&INSTANCE, packet.instance());
    } else {
        out.maybe(&AUTHENTICATION, packet.authentication());
    }
}
