//! Fields of VXLAN with a protocol told.

use super::Visitor;
use crate::decode::vxlan_gpe::VxlanGpe;

fields! { vxlan_gpe, "vxlan_gpe", Plain, "VXLAN generic protocol extension";
    FLAGS "flags" Number @0..1 "Management, replication, a protocol is told, the network counts, from the lowest bit on" ["" "" ""];
    NEXT_PROTOCOL "next_protocol" Number @3..4 "1 IPv4, 2 IPv6, 3 Ethernet, 4 a network service header" ["" "" ""];
    NETWORK "vni" Number @4..7 "Network identifier" ["" "" ""];
}

pub(super) fn visit<'a>(header: &VxlanGpe<'a>, out: &mut impl Visitor<'a>) {
    out.put(&FLAGS, header.flags());
    out.put(&NEXT_PROTOCOL, header.next_protocol());
    out.put(&NETWORK, header.network());
}
