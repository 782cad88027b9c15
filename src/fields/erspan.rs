//! Fields of ERSPAN.

use super::Visitor;
use crate::decode::erspan::Erspan;

fields! { erspan, "erspan", Plain, "Encapsulated remote switch port analyser (Cisco)";
    VERSION "version" Number @0..1 "1 for type II, 2 for type III" ["erspan.version" "" ""];
    VLAN "vlan" Number @0..2 "VLAN of the port that the frame was seen at" ["erspan.vlan" "" ""];
    CLASS "cos" Number @2..3 "Class of service" ["erspan.cos" "" ""];
    TRUNCATED "truncated" Bool @2..3 "The frame's end was left out" ["erspan.truncated" "" ""];
    SESSION "session" Number @2..4 "Session" ["erspan.spanid" "" ""];
}

pub(super) fn visit<'a>(header: &Erspan<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, header.version());
    out.put(&VLAN, header.vlan());
    out.put(&CLASS, header.class());
    out.put(&TRUNCATED, header.is_truncated());
    out.put(&SESSION, header.session());
}
