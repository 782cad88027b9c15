//! Fields of a compressed payload.

use super::Visitor;
use crate::decode::ipsec::Compression;

fields! { ipcomp, "ipcomp", Plain, "IP payload compression (RFC 3173)";
    INDEX "cpi" Number @2..4 "Compression parameter index" ["" "" ""];
}

pub(super) fn visit<'a>(header: &Compression, out: &mut impl Visitor<'a>) {
    out.put(&INDEX, header.index);
}
