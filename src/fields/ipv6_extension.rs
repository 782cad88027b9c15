//! Fields of IPv6 extension headers.

use super::{Value, Visitor};
use crate::decode::ipv6::Extension;

fields! { ipv6_extension, "ip6_ext", Row, "IPv6 extension header (RFC 8200, 4)";
    TYPE "type" Number "0 hop-by-hop, 43 routing, 44 fragment, 51 authentication, 60 destination, 135 mobility" ["" "" ""];
    NEXT_HEADER "next_header" Number @0..1 "What follows" ["" "" ""];
    LENGTH "len" Number @1..2 "Length of this header, in bytes" ["" "" ""];
    FRAGMENT_OFFSET "frag_offset" Number @2..4 "Place of this fragment in the whole, in bytes" ["" "" ""];
    MORE_FRAGMENTS "more_fragments" Bool @3..4 "More fragments follow" ["ipv6.fraghdr.more" "" ""];
    FRAGMENT_ID "frag_id" Number @4..8 "Identification of its fragments" ["ipv6.fraghdr.ident" "" ""];
    BYTES "bytes" Payload "The header, whole" ["" "" ""];
}

pub(super) fn visit<'a>(header: &Extension<'a>, out: &mut impl Visitor<'a>) {
    out.put(&TYPE, header.kind());
    out.put(&NEXT_HEADER, header.next_header());
    out.put(&LENGTH, header.bytes().len());
    if let Some(fragment) = header.fragment() {
        out.put(&FRAGMENT_OFFSET, fragment.offset);
        out.put(&MORE_FRAGMENTS, fragment.more);
        out.put(&FRAGMENT_ID, fragment.identification);
    }
    out.put(&BYTES, Value::Bytes(header.bytes()));
}
