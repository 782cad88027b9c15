//! Fields of the point-to-point protocol.

use super::Visitor;
use crate::decode::ppp::Ppp;
use crate::frame::Direction;

fields! { ppp, "ppp", Plain, "Point-to-point protocol (RFC 1661)";
    DIRECTION "direction" Text "in or out, where pppd recorded it" ["ppp.direction" "" ""];
    PROTOCOL_ID "protocol" Number "Protocol of what is inside" ["ppp.protocol" "" ""];
}

pub(super) fn visit<'a>(header: &Ppp<'a>, out: &mut impl Visitor<'a>) {
    match header.direction() {
        Direction::Unknown => {}
        Direction::Inbound => out.put(&DIRECTION, "in"),
        Direction::Outbound => out.put(&DIRECTION, "out"),
    }
    out.put(&PROTOCOL_ID, header.protocol());
}
