//! Fields of IPv4.

use super::{Part, Value, Visitor};
use crate::decode::ipv4::Ipv4;

fields! { ipv4, "ip", Network, "Internet protocol, version 4 (RFC 791)";
    SOURCE "src" Ip @12..16 "Source address" ["ip.src" "conn.id.orig_h" "src_ip"];
    DESTINATION "dst" Ip @16..20 "Destination address" ["ip.dst" "conn.id.resp_h" "dest_ip"];
    PROTOCOL_NUMBER "protocol" Number @9..10 "Protocol of what is inside: 6 is TCP, 17 UDP" ["ip.proto" "conn.proto" "proto"];
    TTL "ttl" Number @8..9 "Hops left" ["ip.ttl" "" ""];
    HEADER_LENGTH "header_len" Number @0..1 "Length of the header, in bytes" ["ip.hdr_len" "" ""];
    TOTAL_LENGTH "len" Number @2..4 "Length of the packet as its header has it, in bytes; 0 was left for the card to fill in" ["ip.len" "" ""];
    DSCP "dscp" Number @1..2 "Differentiated services code point" ["ip.dsfield.dscp" "" ""];
    ECN "ecn" Number @1..2 "Explicit congestion notification: 0 none, 1 and 2 capable, 3 congestion" ["ip.dsfield.ecn" "" ""];
    ID "id" Number @4..6 "Identification of its fragments" ["ip.id" "" ""];
    RESERVED ("flags") "reserved" Bool @6..7 "The bit that must be 0" ["ip.flags.rb" "" ""];
    DONT_FRAGMENT ("flags") "df" Bool @6..7 "Not to be fragmented" ["ip.flags.df" "" ""];
    MORE_FRAGMENTS ("flags") "mf" Bool @6..7 "More fragments follow" ["ip.flags.mf" "" ""];
    FRAGMENT_OFFSET "frag_offset" Number @6..8 "Place of this fragment in the whole, in bytes" ["ip.frag_offset" "" ""];
    CHECKSUM "checksum" Number @10..12 "Checksum of the header" ["ip.checksum" "" ""];
    CHECKSUM_RIGHT "checksum_ok" Bool @10..12 "Whether that is right" ["ip.checksum.status" "" ""];
    OPTIONS "options" Bytes "The options, with their padding" ["" "" ""];
}

pub(super) fn visit<'a>(header: &Ipv4<'a>, out: &mut impl Visitor<'a>) {
    out.put(&SOURCE, header.source());
    out.put(&DESTINATION, header.destination());
    out.put(&PROTOCOL_NUMBER, header.protocol());
    out.put(&TTL, header.ttl());
    out.put(&HEADER_LENGTH, header.header_len());
    out.put(&TOTAL_LENGTH, header.total_len());
    out.put(&DSCP, header.tos() >> 2);
    out.put(&ECN, header.tos() & 3);
    out.put(&ID, header.identification());
    out.part(Part::Object("flags"), |out| {
        out.put(&RESERVED, header.reserved_flag());
        out.put(&DONT_FRAGMENT, header.dont_fragment());
        out.put(&MORE_FRAGMENTS, header.more_fragments());
    });
    out.put(&FRAGMENT_OFFSET, header.fragment_offset());
    out.put(&CHECKSUM, header.checksum());
    if out.wants(&CHECKSUM_RIGHT) {
        out.put(&CHECKSUM_RIGHT, header.checksum_residue() == 0);
    }
    if !header.options().is_empty() {
        out.put(&OPTIONS, Value::Bytes(header.options()));
    }
}
