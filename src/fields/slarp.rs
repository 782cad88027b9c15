//! Fields of Cisco's serial line address resolution protocol.

use super::Visitor;
use crate::decode::hdlc::Slarp;

fields! { slarp, "slarp", Plain, "Serial line address resolution protocol (Cisco)";
    CODE "code" Number @0..4 "0 request, 1 reply, 2 keep-alive" ["slarp.ptype" "" ""];
}

pub(super) fn visit<'a>(message: &Slarp<'a>, out: &mut impl Visitor<'a>) {
    out.maybe(&CODE, message.code());
}
