//! Fields of VXLAN.

use super::Visitor;
use crate::decode::vxlan::Vxlan;

fields! { vxlan, "vxlan", Plain, "VXLAN (RFC 7348)";
    FLAGS "flags" Number "Flags: 8 says that the identifier counts" ["" "" ""];
    NETWORK "vni" Number "Network identifier" ["vxlan.vni" "" ""];
}

pub(super) fn visit<'a>(header: &Vxlan<'a>, out: &mut impl Visitor<'a>) {
    out.put(&FLAGS, header.flags());
    out.put(&NETWORK, header.network());
}
