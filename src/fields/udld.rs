//! Fields of Cisco's unidirectional link detection.

use super::{Value, Visitor};
use crate::decode::udld::{self, Udld};

fields! { udld, "udld", Plain, "Unidirectional link detection (RFC 5171)";
    VERSION "version" Number @0..1 "Version" ["udld.version" "" ""];
    CODE "opcode" Number @0..1 "1 probe, 2 echo, 3 flush" ["udld.opcode" "" ""];
    FLAGS "flags" Number @1..2 "Recommended timeout, resynchronisation, from the lowest bit on" ["udld.flags" "" ""];
    CHECKSUM "checksum" Number @2..4 "Checksum" ["udld.checksum" "" ""];
    DEVICE "device" Text "The device" ["" "" ""];
    PORT "port" Text "Port that it was sent from" ["" "" ""];
    DEVICE_NAME "device_name" Text "Name of the device" ["" "" ""];
    TYPES "types" Number "The type of each field, in order" ["udld.tlv.type" "" ""];
}

pub(super) fn visit<'a>(message: &Udld<'a>, out: &mut impl Visitor<'a>) {
    out.maybe(&VERSION, message.version());
    out.maybe(&CODE, message.code());
    out.maybe(&FLAGS, message.flags());
    out.maybe(&CHECKSUM, message.checksum());
    let all = || message.fields().flatten();
    let text = |kind| all().find(|field| field.kind == kind).map(|field| Value::Text(field.value.bytes()));
    out.maybe(&DEVICE, text(udld::DEVICE_ID));
    out.maybe(&PORT, text(udld::PORT_ID));
    out.maybe(&DEVICE_NAME, text(udld::DEVICE_NAME));
    out.list(&TYPES, all().map(|field| field.kind));
}
