//! Fields of PIM.

use super::Visitor;
use crate::decode::pim::Pim;

fields! { pim, "pim", Plain, "Protocol independent multicast (RFC 7761)";
    VERSION "version" Number @0..1 "Version: 2" ["pim.version" "" ""];
    TYPE "type" Number @0..1 "0 hello, 1 register, 2 register stop, 3 join or prune, 4 bootstrap, 5 assert, 8 candidate" ["pim.type" "" ""];
    CHECKSUM "checksum" Number @2..4 "Checksum" ["" "" ""];
}

pub(super) fn visit<'a>(message: &Pim<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, message.version());
    out.put(&TYPE, message.kind());
    out.maybe(&CHECKSUM, message.checksum());
}
