//! Fields of logical link control and SNAP.

use super::Visitor;
use crate::decode::llc::{Control, Llc};

fields! { llc, "llc", Plain, "Logical link control (IEEE 802.2), with SNAP";
    DESTINATION "dsap" Number @0..1 "Destination service access point, without the group bit" ["llc.dsap" "" ""];
    SOURCE "ssap" Number @1..2 "Source service access point, without the response bit" ["llc.ssap" "" ""];
    CONTROL "control" Number "The control field, of one byte or two" ["llc.control" "" ""];
    OUI "oui" Number @3..6 "Organisation of the SNAP protocol" ["llc.oui" "" ""];
    PROTOCOL_ID "pid" Number @6..8 "SNAP protocol, of Ethernet's or the organisation's own types" ["llc.type" "" ""];
}

pub(super) fn visit<'a>(header: &Llc<'a>, out: &mut impl Visitor<'a>) {
    out.put(&DESTINATION, header.destination());
    out.put(&SOURCE, header.source());
    match header.control() {
        Control::Unnumbered(byte) => out.put_from(header.span().part(2..3), &CONTROL, byte),
        Control::Numbered(word) => out.put_from(header.span().part(2..4), &CONTROL, word),
    }
    if let Some(snap) = header.snap() {
        out.put(&OUI, snap.oui);
        out.put(&PROTOCOL_ID, snap.protocol);
    }
}
