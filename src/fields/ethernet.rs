//! Fields of Ethernet.

use super::Visitor;
use crate::decode::ethernet::Ethernet;

fields! { ethernet, "eth", Link, "Ethernet (IEEE 802.3)";
    DESTINATION "dst" Mac "Destination address" ["eth.dst" "conn.resp_l2_addr" "ether.dest_mac"];
    SOURCE "src" Mac "Source address" ["eth.src" "conn.orig_l2_addr" "ether.src_mac"];
    TYPE "type" Number "Type of what is inside" ["eth.type" "" "ether.ether_type"];
    LENGTH "len" Number "Length of what is inside, which 802.3 frames have in the type's place" ["eth.len" "" ""];
}

pub(super) fn visit<'a>(header: &Ethernet<'a>, out: &mut impl Visitor<'a>) {
    out.put(&DESTINATION, header.destination());
    out.put(&SOURCE, header.source());
    out.put(if header.is_length() { &LENGTH } else { &TYPE }, header.ether_type());
}
