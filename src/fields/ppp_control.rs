//! Fields of the control protocols of PPP: LCP and those of each network protocol.

use super::Visitor;
use crate::decode::ppp::{CONFIGURE_REJECT, CONFIGURE_REQUEST, Control};

fields! { ppp_control, "ppp_control", Plain, "Control protocol of PPP (RFC 1661, 5)";
    PROTOCOL_ID "protocol" Number "Whose message it is: 0xc021 LCP, 0x8021 IPCP, 0x8057 IPV6CP, 0x80fd CCP" ["" "" ""];
    CODE "code" Number @0..1 "1 to 4 configure (request, ack, nak, reject), 5 and 6 terminate, 9 and 10 echo, …" ["ppp.code" "" ""];
    IDENTIFIER "id" Number @1..2 "Number of a request and its answer" ["ppp.identifier" "" ""];
    LENGTH "len" Number @2..4 "Length of the message as it says, in bytes" ["ppp.length" "" ""];
    OPTIONS "options" Number "The type of each option of a message that configures" ["" "" ""];
}

pub(super) fn visit<'a>(message: &Control<'a>, out: &mut impl Visitor<'a>) {
    out.put(&PROTOCOL_ID, message.protocol());
    out.maybe(&CODE, message.code());
    out.maybe(&IDENTIFIER, message.identifier());
    out.maybe(&LENGTH, message.length());
    if matches!(message.code(), Some(CONFIGURE_REQUEST..=CONFIGURE_REJECT)) {
        out.list(&OPTIONS, message.options().flatten().map(|option| option.kind));
    }
}
