//! Fields of a VLAN tag.

use super::Visitor;
use crate::decode::ethernet::Vlan;

fields! { vlan, "vlan", Row, "VLAN tag (IEEE 802.1Q)";
    ID "id" Number @0..2 "VLAN identifier" ["vlan.id" "conn.vlan" "vlan"];
    PRIORITY "priority" Number @0..1 "Priority code point, 0 to 7" ["vlan.priority" "" ""];
    DROP_ELIGIBLE "dei" Bool @0..1 "May be dropped first" ["vlan.dei" "" ""];
    TYPE "type" Number @2..4 "Type of what is inside" ["vlan.etype" "" ""];
    LENGTH "len" Number @2..4 "Length of what is inside, which 802.3 frames have in the type's place" ["vlan.len" "" ""];
}

pub(super) fn visit<'a>(tag: &Vlan<'a>, out: &mut impl Visitor<'a>) {
    out.put(&ID, tag.id());
    out.put(&PRIORITY, tag.priority());
    out.put(&DROP_ELIGIBLE, tag.drop_eligible());
    out.put(if tag.is_length() { &LENGTH } else { &TYPE }, tag.ether_type());
}
