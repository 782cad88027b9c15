//! Fields of Cisco's dynamic trunking protocol.

use super::{Value, Visitor};
use crate::decode::dtp::{self, Dtp};

fields! { dtp, "dtp", Plain, "Dynamic trunking protocol (Cisco)";
    VERSION "version" Number @0..1 "Version" ["dtp.version" "" ""];
    DOMAIN "domain" Text "VTP management domain" ["" "" ""];
    TYPES "types" Number "The type of each field, in order" ["dtp.tlv_type" "" ""];
}

pub(super) fn visit<'a>(message: &Dtp<'a>, out: &mut impl Visitor<'a>) {
    out.maybe(&VERSION, message.version());
    let all = || message.fields().flatten();
    let domain = all().find(|field| field.kind == dtp::DOMAIN);
    out.maybe(&DOMAIN, domain.map(|field| Value::Text(field.value.bytes())));
    out.list(&TYPES, all().map(|field| field.kind));
}
