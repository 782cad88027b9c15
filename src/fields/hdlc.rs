//! Fields of HDLC framing on serial lines.

use super::Visitor;
use crate::decode::hdlc::Hdlc;

fields! { hdlc, "hdlc", Link, "HDLC framing, as Cisco has it or PPP (RFC 1662)";
    ADDRESS "address" Number @0..1 "Address: 0x0f and 0x8f are Cisco's" ["chdlc.address" "" ""];
    CONTROL "control" Number @1..2 "Control" ["" "" ""];
    PROTOCOL_ID "protocol" Number @2..4 "Ethernet type in Cisco's form, PPP protocol in the other" ["chdlc.protocol" "" ""];
}

pub(super) fn visit<'a>(header: &Hdlc<'a>, out: &mut impl Visitor<'a>) {
    out.put(&ADDRESS, header.address());
    out.put(&CONTROL, header.control());
    out.put(&PROTOCOL_ID, header.protocol());
}
