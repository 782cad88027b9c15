//! Fields of EAP over LAN.

use super::Visitor;
use crate::decode::eapol::Eapol;

fields! { eapol, "eapol", Plain, "EAP over LAN (IEEE 802.1X)";
    VERSION "version" Number @0..1 "Version" ["eapol.version" "" ""];
    TYPE "type" Number @1..2 "0 packet of EAP, 1 start, 2 logoff, 3 key" ["eapol.type" "" ""];
    LENGTH "len" Number @2..4 "Length of what follows, in bytes" ["eapol.len" "" ""];
}

pub(super) fn visit<'a>(header: &Eapol<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, header.version());
    out.put(&TYPE, header.kind());
    out.put(&LENGTH, header.length());
}
