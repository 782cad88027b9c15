//! Fields of ERSPAN.

use super::Visitor;
use crate::decode::erspan::Erspan;

fields! { erspan, "erspan", Plain, "Encapsulated remote switch port analyser (Cisco)";
    VERSION "version" Number "1 for type II, 2 for type III" ["erspan.version" "" ""];
    VLAN "vlan" Number "VLAN of the port that the frame was seen at" ["erspan.vlan" "" ""];
    CLASS "cos" Number "Class of service" ["erspan.cos" "" ""];
    TRUNCATED "truncated" Bool "The frame's end was left out" ["erspan.truncated" "" ""];
    SESSION "session" Number "Session" ["erspan.spanid" "" ""];
}

pub(super) fn visit<'a>(header: &Erspan<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, header.version());
    out.put(&VLAN, header.vlan());
    out.put(&CLASS, header.class());
    out.put(&TRUNCATED, header.is_truncated());
    out.put(&SESSION, header.session());
}
