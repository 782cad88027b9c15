//! Fields of the authentication protocols of PPP.

use super::Visitor;
use crate::decode::ppp::Authentication;

fields! { ppp_auth, "ppp_auth", Plain, "Authentication in PPP: PAP (RFC 1334) and CHAP (RFC 1994)";
    PROTOCOL_ID "protocol" Number "0xc023 PAP, 0xc223 CHAP" ["" "" ""];
    CODE "code" Number @0..1 "PAP: request, ack, nak; CHAP: challenge, response, success, failure; from 1 on" ["" "" ""];
    IDENTIFIER "id" Number @1..2 "Number of a request and its answer" ["" "" ""];
    LENGTH "len" Number @2..4 "Length of the message as it says, in bytes" ["" "" ""];
}

pub(super) fn visit<'a>(message: &Authentication<'a>, out: &mut impl Visitor<'a>) {
    out.put(&PROTOCOL_ID, message.protocol());
    out.maybe(&CODE, message.code());
    out.maybe(&IDENTIFIER, message.identifier());
    out.maybe(&LENGTH, message.length());
}
