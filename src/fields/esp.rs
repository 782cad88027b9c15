//! Fields of an encrypted payload of IPsec.

use super::Visitor;
use crate::decode::ipsec::Encapsulated;

fields! { esp, "esp", Plain, "IP encapsulating security payload (RFC 4303)";
    INDEX "spi" Number @0..4 "Security parameters index" ["" "" ""];
    SEQUENCE "seq" Number @4..8 "Sequence number" ["esp.sequence" "" ""];
    LENGTH "len" Number "Length of the whole, in bytes" ["" "" ""];
}

pub(super) fn visit<'a>(payload: &Encapsulated, out: &mut impl Visitor<'a>) {
    out.put(&INDEX, payload.index);
    out.put(&SEQUENCE, payload.sequence);
    out.put(&LENGTH, payload.length);
}
