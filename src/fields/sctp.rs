//! Fields of SCTP.

use super::Visitor;
use crate::decode::sctp::Sctp;

fields! { sctp, "sctp", Plain, "Stream control transmission protocol (RFC 9260)";
    SOURCE "sport" Number @0..2 "Source port" ["sctp.srcport" "id.orig_p" "src_port"];
    DESTINATION "dport" Number @2..4 "Destination port" ["sctp.dstport" "id.resp_p" "dest_port"];
    CHUNKS "chunks" Number "Types of its chunks, in order" ["sctp.chunk_type" "" ""];
}

pub(super) fn visit<'a>(packet: &Sctp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&SOURCE, packet.source_port());
    out.put(&DESTINATION, packet.destination_port());
    out.list(&CHUNKS, packet.chunks().map_while(Result::ok).map(|chunk| chunk.kind));
}
