//! Fields of MPLS label stacks.

use super::{Part, Visitor};
use crate::decode::mpls::Mpls;

fields! { mpls, "mpls", Plain, "MPLS label stack (RFC 3032)";
    LABEL ("entry") "label" Number @0..3 "Label, 20 bits; the outermost first" ["mpls.label" "" ""];
    TRAFFIC_CLASS ("entry") "traffic_class" Number @2..3 "Traffic class, 0 to 7" ["mpls.exp" "" ""];
    TTL ("entry") "ttl" Number @3..4 "Hops left" ["mpls.ttl" "" ""];
}

pub(super) fn visit<'a>(stack: &Mpls<'a>, out: &mut impl Visitor<'a>) {
    out.part(Part::Group("entry"), |out| {
        for (label, entry) in stack.labels().zip(stack.entries()) {
            out.part_from(entry, Part::Item, |out| {
                out.put(&LABEL, label.value());
                out.put(&TRAFFIC_CLASS, label.traffic_class());
                out.put(&TTL, label.ttl());
            });
        }
    });
}
