//! Fields of BSD loopback headers.

use super::Visitor;
use crate::decode::loopback::Loopback;

fields! { loopback, "loopback", Link, "BSD loopback";
    FAMILY "family" Number @0..4 "Address family of what is inside, a number of the capturing system" ["null.family" "" ""];
}

pub(super) fn visit<'a>(header: &Loopback, out: &mut impl Visitor<'a>) {
    out.put(&FAMILY, header.family());
}
