//! Fields of UDP.

use super::{Value, Visitor};
use crate::decode::udp::Udp;

fields! { udp, "udp", Plain, "User datagram protocol (RFC 768)";
    SOURCE "src" Number @0..2 "Source port" ["udp.srcport" "conn.id.orig_p" "src_port"];
    DESTINATION "dst" Number @2..4 "Destination port" ["udp.dstport" "conn.id.resp_p" "dest_port"];
    LENGTH "len" Number @4..6 "Length of header and payload as the header has it, in bytes" ["udp.length" "" ""];
    CHECKSUM "checksum" Number @6..8 "Checksum; 0 where the sender made none" ["udp.checksum" "" ""];
    PAYLOAD_LENGTH "payload_len" Number "Length of the payload on the wire, in bytes" ["" "" ""];
    PAYLOAD "payload" Payload "What it carries, as far as it was captured" ["udp.payload" "" "payload"];
}

pub(super) fn visit<'a>(datagram: &Udp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&SOURCE, datagram.source_port());
    out.put(&DESTINATION, datagram.destination_port());
    out.put(&LENGTH, datagram.length());
    out.put(&CHECKSUM, datagram.checksum());
    out.put(&PAYLOAD_LENGTH, datagram.payload().wire());
    if !datagram.payload().bytes().is_empty() {
        out.put(&PAYLOAD, Value::Bytes(datagram.payload().bytes()));
    }
}
