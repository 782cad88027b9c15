//! Fields of Cisco's VLAN trunking protocol.

use super::{Value, Visitor};
use crate::decode::vtp::Vtp;

fields! { vtp, "vtp", Plain, "VLAN trunking protocol (Cisco)";
    VERSION "version" Number @0..1 "Version" ["vtp.version" "" ""];
    TYPE "type" Number @1..2 "1 summary, 2 subset, 3 request, 4 join" ["vtp.code" "" ""];
    SEQUENCE "sequence" Number @2..3 "How many messages follow a summary, or which of those a subset is" ["" "" ""];
    DOMAIN "domain" Text "Management domain" ["vtp.md" "" ""];
}

pub(super) fn visit<'a>(message: &Vtp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, message.version());
    out.put(&TYPE, message.kind());
    out.put(&SEQUENCE, message.sequence());
    out.put(&DOMAIN, Value::Text(message.domain()));
}
