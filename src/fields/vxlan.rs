//! Fields of VXLAN.

use super::Visitor;
use crate::decode::vxlan::Vxlan;

fields! { vxlan, "vxlan", Plain, "VXLAN (RFC 7348)";
    FLAGS "flags" Number @0..1 "Flags: 8 says that the identifier counts" ["" "" ""];
    NETWORK "vni" Number @4..7 "Network identifier" ["vxlan.vni" "" ""];
}

pub(super) fn visit<'a>(header: &Vxlan<'a>, out: &mut impl Visitor<'a>) {
    out.put(&FLAGS, header.flags());
    out.put(&NETWORK, header.network());
}
