//! Fields of the authentication header of IPsec.

use super::{Value, Visitor};
use crate::decode::ipsec::Authentication;

fields! { ah, "ah", Plain, "IP authentication header (RFC 4302)";
    LENGTH "len" Number @1..2 "Length of the header, in bytes" ["" "" ""];
    INDEX "spi" Number @4..8 "Security parameters index" ["ah.spi" "" ""];
    SEQUENCE "seq" Number @8..12 "Sequence number" ["ah.sequence" "" ""];
    CHECK "icv" Bytes "Integrity check value" ["ah.icv" "" ""];
}

pub(super) fn visit<'a>(header: &Authentication<'a>, out: &mut impl Visitor<'a>) {
    out.put(&LENGTH, header.length());
    out.maybe(&INDEX, header.index());
    out.maybe(&SEQUENCE, header.sequence());
    out.put(&CHECK, Value::Bytes(header.check_value().bytes()));
}
