//! Fields of EIGRP.

use super::Visitor;
use crate::decode::eigrp::Eigrp;

fields! { eigrp, "eigrp", Plain, "Enhanced interior gateway routing protocol (RFC 7868)";
    VERSION "version" Number @0..1 "Version: 2" ["eigrp.version" "" ""];
    OPERATION "opcode" Number @1..2 "1 update, 3 query, 4 reply, 5 hello" ["eigrp.opcode" "" ""];
    CHECKSUM "checksum" Number @2..4 "Checksum" ["eigrp.checksum" "" ""];
    FLAGS "flags" Number @4..8 "Flags" ["eigrp.flags" "" ""];
    SEQUENCE "seq" Number @8..12 "Sequence number" ["eigrp.seq" "" ""];
    ACKNOWLEDGMENT "ack" Number @12..16 "Sequence number acknowledged" ["eigrp.ack" "" ""];
    ROUTER "virtual_router" Number @16..18 "Virtual router" ["eigrp.vrid" "" ""];
    SYSTEM "as" Number @18..20 "Autonomous system" ["eigrp.as" "" ""];
}

pub(super) fn visit<'a>(message: &Eigrp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, message.version());
    out.put(&OPERATION, message.operation());
    out.put(&CHECKSUM, message.checksum());
    let [flags, sequence, acknowledgment] = message.words();
    out.put(&FLAGS, flags);
    out.put(&SEQUENCE, sequence);
    out.put(&ACKNOWLEDGMENT, acknowledgment);
    let [router, system] = message.router_and_system();
    out.put(&ROUTER, router);
    out.put(&SYSTEM, system);
}
