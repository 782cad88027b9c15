//! Fields of PPP over Ethernet.

use super::{Part, Value, Visitor};
use crate::decode::pppoe::{Pppoe, SESSION};

fields! { pppoe, "pppoe", Plain, "PPP over Ethernet (RFC 2516)";
    CODE "code" Number @1..2 "0 session, 7 offer, 9 initiation, 25 request, 101 confirmation, 167 termination" ["pppoe.code" "" ""];
    SESSION_ID "session" Number @2..4 "Session; 0 where there is none yet" ["pppoe.session_id" "" ""];
    LENGTH "len" Number @4..6 "Length of what follows as the header says, in bytes" ["pppoe.payload_length" "" ""];
    TAG_TYPE ("tag") "type" Number "Type of a tag of discovery: 257 service, 258 concentrator, …" ["" "" ""];
    TAG_VALUE ("tag") "value" Bytes "Its value" ["" "" ""];
}

pub(super) fn visit<'a>(header: &Pppoe<'a>, out: &mut impl Visitor<'a>) {
    out.put(&CODE, header.code());
    out.put(&SESSION_ID, header.session());
    out.put(&LENGTH, header.length());
    if header.code() == SESSION {
        return;
    }
    out.part(Part::Group("tag"), |out| {
        for tag in header.tags().flatten() {
            out.part(Part::Item, |out| {
                out.put(&TAG_TYPE, tag.kind);
                out.put(&TAG_VALUE, Value::Bytes(tag.value));
            });
        }
    });
}
