//! Fields of Geneve.

use super::Visitor;
use crate::decode::geneve::Geneve;

fields! { geneve, "geneve", Plain, "Geneve (RFC 8926)";
    PROTOCOL_TYPE "type" Number @2..4 "Ethernet type of what is inside" ["geneve.proto_type" "" ""];
    NETWORK "vni" Number @4..7 "Network identifier" ["geneve.vni" "" ""];
    OPTIONS_LENGTH "options_len" Number @0..1 "Length of the options, in bytes" ["" "" ""];
}

pub(super) fn visit<'a>(header: &Geneve<'a>, out: &mut impl Visitor<'a>) {
    out.put(&PROTOCOL_TYPE, header.protocol());
    out.maybe(&NETWORK, header.span().u32_at(4).map(|word| word >> 8));
    out.put(&OPTIONS_LENGTH, header.options_len());
}
