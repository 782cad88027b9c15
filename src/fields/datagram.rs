//! Fields of an IP datagram that was put together: what its fragments were. Its layers follow in the frame that made it whole.

use super::Visitor;
use super::said::Whole;

fields! { datagram, "datagram", Plain, "IP datagram from its fragments (RFC 791, 3.2; RFC 8200, 4.5)";
    FRAGMENTS "fragments" Number "How many fragments came of it, repeated ones too" ["ip.fragment.count" "" ""];
    LENGTH "len" Number "Length of its payload, in bytes" ["ip.reassembled.length" "" ""];
    VERSIONS "has_versions" Bool "Some bytes came in two versions; what follows is told of those that came first" ["ip.fragment.overlap.conflict" "" ""];
}

pub(super) fn visit<'a>(whole: &'a Whole, out: &mut impl Visitor<'a>) {
    out.put(&FRAGMENTS, whole.datagram.fragments);
    out.put(&LENGTH, whole.datagram.bytes.len());
    out.put(&VERSIONS, whole.datagram.has_versions);
}
