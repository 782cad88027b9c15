//! Fields of the Cisco discovery protocol.

use super::{Value, Visitor};
use crate::decode::cdp::{self, Cdp};

fields! { cdp, "cdp", Plain, "Cisco discovery protocol";
    VERSION "version" Number @0..1 "Version" ["cdp.version" "" ""];
    TTL "ttl" Number @1..2 "How long this holds, in seconds" ["cdp.ttl" "" ""];
    CHECKSUM "checksum" Number @2..4 "Checksum" ["cdp.checksum" "" ""];
    DEVICE "device" Text "Name of the device" ["cdp.deviceid" "" ""];
    PORT "port" Text "Port that it was sent from" ["cdp.portid" "" ""];
    CAPABILITIES "capabilities" Number "Router 1, bridge 2 and 4, switch 8, host 16, …" ["cdp.capabilities" "" ""];
    SOFTWARE "software" Text "Software of the device" ["cdp.software_version" "" ""];
    PLATFORM "platform" Text "What the device is" ["cdp.platform" "" ""];
    DOMAIN "vtp_domain" Text "VTP management domain" ["cdp.vtp_management_domain" "" ""];
    NATIVE_VLAN "native_vlan" Number "VLAN of untagged frames" ["cdp.native_vlan" "" ""];
    SYSTEM_NAME "system_name" Text "Name of the system" ["cdp.system_name" "" ""];
    TYPES "types" Number "The type of each field, in order" ["cdp.tlv.type" "" ""];
}

pub(super) fn visit<'a>(message: &Cdp<'a>, out: &mut impl Visitor<'a>) {
    out.maybe(&VERSION, message.version());
    out.maybe(&TTL, message.time_to_live());
    out.maybe(&CHECKSUM, message.checksum());
    // Each is to be there once: the first counts.
    let all = || message.fields().flatten();
    let first = |kind| all().find(|field| field.kind == kind).map(|field| field.value).filter(|value| !value.is_cut());
    let text = |kind| first(kind).map(|value| Value::Text(value.bytes()));
    out.maybe(&DEVICE, text(cdp::DEVICE_ID));
    out.maybe(&PORT, text(cdp::PORT_ID));
    if let Some(value) = first(cdp::CAPABILITIES) {
        out.maybe_from(value.bytes(), &CAPABILITIES, value.u32_at(0));
    }
    out.maybe(&SOFTWARE, text(cdp::VERSION));
    out.maybe(&PLATFORM, text(cdp::PLATFORM));
    out.maybe(&DOMAIN, text(cdp::VTP_DOMAIN));
    if let Some(value) = first(cdp::NATIVE_VLAN) {
        out.maybe_from(value.bytes(), &NATIVE_VLAN, value.u16_at(0));
    }
    out.maybe(&SYSTEM_NAME, text(cdp::SYSTEM_NAME));
    out.list(&TYPES, all().map(|field| field.kind));
}
