//! Fields of the slow protocols: LACP, the marker protocol, OAM.

use super::Visitor;
use crate::decode::slow::{self, Slow};

fields! { slow, "slow", Plain, "Slow protocols (IEEE 802.3, 57A): LACP, marker, OAM";
    SUBTYPE "subtype" Number @0..1 "1 LACP, 2 marker, 3 OAM" ["slow.subtype" "" ""];
    VERSION "version" Number @1..2 "Version of LACP or the marker protocol" ["lacp.version" "" ""];
    TYPES "types" Number "The type of each field of LACP or the marker protocol, in order" ["" "" ""];
}

pub(super) fn visit<'a>(message: &Slow<'a>, out: &mut impl Visitor<'a>) {
    out.maybe(&SUBTYPE, message.subtype());
    if matches!(message.subtype(), Some(slow::LACP | slow::MARKER)) {
        out.maybe(&VERSION, message.version());
        out.list(&TYPES, message.fields().flatten().map(|field| field.kind));
    }
}
