//! Fields of GRE.

use super::Visitor;
use crate::decode::gre::Gre;

fields! { gre, "gre", Plain, "Generic routing encapsulation (RFC 2784)";
    FLAGS "flags" Number @0..2 "Flags and version: the first 16 bits" ["gre.flags_and_version" "" ""];
    VERSION "version" Number @1..2 "0, or 1 for the form of PPTP" ["gre.flags.version" "" ""];
    PROTOCOL_TYPE "type" Number @2..4 "Ethernet type of what is inside" ["gre.proto" "" ""];
    KEY "key" Number "Key, where the flags say that there is one (version 0)" ["gre.key" "" ""];
}

pub(super) fn visit<'a>(header: &Gre<'a>, out: &mut impl Visitor<'a>) {
    out.put(&FLAGS, header.flags());
    out.put(&VERSION, header.version());
    out.put(&PROTOCOL_TYPE, header.protocol());
    if let Some(at) = key(header) {
        let span = header.span().skip(at);
        out.maybe_from(span.part(0..4), &KEY, span.u32_at(0));
    }
}

/// Where the key stands, if there is one.
fn key(header: &Gre<'_>) -> Option<usize> {
    use crate::decode::gre::{CHECKSUM, KEY, ROUTING};
    let at = if header.flags() & (CHECKSUM | ROUTING) == 0 { 4 } else { 8 };
    (header.version() == 0 && header.flags() & KEY != 0).then_some(at)
}
