//! Fields of GRE.

use super::Visitor;
use crate::decode::gre::Gre;

fields! { gre, "gre", Plain, "Generic routing encapsulation (RFC 2784)";
    FLAGS "flags" Number "Flags and version: the first 16 bits" ["gre.flags_and_version" "" ""];
    VERSION "version" Number "0, or 1 for the form of PPTP" ["gre.flags.version" "" ""];
    PROTOCOL_TYPE "type" Number "Ethernet type of what is inside" ["gre.proto" "" ""];
    KEY "key" Number "Key, where the flags say that there is one (version 0)" ["gre.key" "" ""];
}

pub(super) fn visit<'a>(header: &Gre<'a>, out: &mut impl Visitor<'a>) {
    out.put(&FLAGS, header.flags());
    out.put(&VERSION, header.version());
    out.put(&PROTOCOL_TYPE, header.protocol());
    out.maybe(&KEY, key(header));
}

/// The key stands behind the checksum, if there is one.
fn key(header: &Gre<'_>) -> Option<u32> {
    use crate::decode::gre::{CHECKSUM, KEY, ROUTING};
    let at = if header.flags() & (CHECKSUM | ROUTING) == 0 { 4 } else { 8 };
    (header.version() == 0 && header.flags() & KEY != 0).then(|| header.span().u32_at(at))?
}
