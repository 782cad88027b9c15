//! Fields of Ethernet.

use super::Visitor;
use crate::decode::ethernet::Ethernet;

fields! { ethernet, "eth", Link, "Ethernet (IEEE 802.3)";
    DESTINATION "dst" Mac @0..6 "Destination address" ["eth.dst" "conn.resp_l2_addr" "ether.dest_mac"];
    SOURCE "src" Mac @6..12 "Source address" ["eth.src" "conn.orig_l2_addr" "ether.src_mac"];
    TYPE "type" Number @12..14 "Type of what is inside" ["eth.type" "" "ether.ether_type"];
    LENGTH "len" Number @12..14 "Length of what is inside, which 802.3 frames have in the type's place" ["eth.len" "" ""];
}

pub(super) fn visit<'a>(header: &Ethernet<'a>, out: &mut impl Visitor<'a>) {
    out.put(&DESTINATION, header.destination());
    out.put(&SOURCE, header.source());
    out.put(if header.is_length() { &LENGTH } else { &TYPE }, header.ether_type());
}
