//! Fields of IPv6.

use super::Visitor;
use crate::decode::ipv6::Ipv6;

fields! { ipv6, "ip6", Network, "Internet protocol, version 6 (RFC 8200)";
    SOURCE "src" Ip @8..24 "Source address" ["ipv6.src" "conn.id.orig_h" "src_ip"];
    DESTINATION "dst" Ip @24..40 "Destination address" ["ipv6.dst" "conn.id.resp_h" "dest_ip"];
    NEXT_HEADER "next_header" Number @6..7 "What follows: an IP protocol or an extension header" ["ipv6.nxt" "conn.proto" "proto"];
    HOP_LIMIT "hop_limit" Number @7..8 "Hops left" ["ipv6.hlim" "" ""];
    PAYLOAD_LENGTH "payload_len" Number @4..6 "Length behind this header as it says, in bytes" ["ipv6.plen" "" ""];
    DSCP "dscp" Number @0..2 "Differentiated services code point" ["ipv6.tclass.dscp" "" ""];
    ECN "ecn" Number @1..2 "Explicit congestion notification: 0 none, 1 and 2 capable, 3 congestion" ["ipv6.tclass.ecn" "" ""];
    FLOW_LABEL "flow_label" Number @1..4 "Flow label" ["ipv6.flow" "" ""];
}

pub(super) fn visit<'a>(header: &Ipv6<'a>, out: &mut impl Visitor<'a>) {
    out.put(&SOURCE, header.source());
    out.put(&DESTINATION, header.destination());
    out.put(&NEXT_HEADER, header.next_header());
    out.put(&HOP_LIMIT, header.hop_limit());
    out.put(&PAYLOAD_LENGTH, header.payload_len());
    out.put(&DSCP, header.traffic_class() >> 2);
    out.put(&ECN, header.traffic_class() & 3);
    out.put(&FLOW_LABEL, header.flow_label());
}
