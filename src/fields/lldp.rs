//! Fields of the link layer discovery protocol.

use super::{Field, Part, Value, Visitor};
use crate::decode::lldp::{self, Lldp};

fields! { lldp, "lldp", Plain, "Link layer discovery protocol (IEEE 802.1AB)";
    CHASSIS_SUBTYPE ("chassis") "subtype" Number "What the chassis is named by: 4 a MAC address, 5 a network address, 7 a name of its own, …" ["lldp.chassis.subtype" "" ""];
    CHASSIS_MAC ("chassis") "mac" Mac "The chassis, by a MAC address" ["lldp.chassis.id.mac" "" ""];
    CHASSIS_ID ("chassis") "id" Text "The chassis, by another kind of name" ["lldp.chassis.id" "" ""];
    PORT_SUBTYPE ("port") "subtype" Number "What the port is named by: 3 a MAC address, 5 its interface's name, 7 a name of its own, …" ["lldp.port.subtype" "" ""];
    PORT_MAC ("port") "mac" Mac "The port, by a MAC address" ["lldp.port.id.mac" "" ""];
    PORT_ID ("port") "id" Text "The port, by another kind of name" ["lldp.port.id" "" ""];
    TTL "ttl" Number "How long this holds, in seconds" ["lldp.time_to_live" "" ""];
    PORT_DESCRIPTION "port_description" Text "The port in words" ["lldp.port.desc" "" ""];
    SYSTEM_NAME "system_name" Text "Name of the system" ["lldp.tlv.system.name" "" ""];
    SYSTEM_DESCRIPTION "system_description" Text "The system in words" ["lldp.tlv.system.desc" "" ""];
    CAPABILITIES ("capabilities") "supported" Number "What the system can be: bit 2 a bridge, 4 a router, …" ["lldp.tlv.system_cap" "" ""];
    ENABLED ("capabilities") "enabled" Number "What of that it is" ["lldp.tlv.enable_system_cap" "" ""];
    TYPES "types" Number "The type of each field, in order" ["lldp.tlv.type" "" ""];
}

/// The subtypes that are MAC addresses.
const CHASSIS_BY_MAC: u8 = 4;
const PORT_BY_MAC: u8 = 3;

pub(super) fn visit<'a>(message: &Lldp<'a>, out: &mut impl Visitor<'a>) {
    // Each is to be there once: the first counts.
    let all = || message.fields().flatten();
    let first = |kind| all().find(|field| field.kind == kind).and_then(|field| field.value);
    let text = |kind| first(kind).map(|value| Value::Text(value.bytes()));
    let (chassis, port) = (first(lldp::CHASSIS_ID), first(lldp::PORT_ID));
    if let Some(value) = chassis {
        out.part(Part::Object("chassis"), |out| {
            let fields = [&CHASSIS_SUBTYPE, &CHASSIS_MAC, &CHASSIS_ID];
            name(value.bytes(), CHASSIS_BY_MAC, fields, out);
        });
    }
    if let Some(value) = port {
        out.part(Part::Object("port"), |out| {
            name(value.bytes(), PORT_BY_MAC, [&PORT_SUBTYPE, &PORT_MAC, &PORT_ID], out);
        });
    }
    if let Some(value) = first(lldp::TIME_TO_LIVE) {
        out.maybe_from(value.part(0..2), &TTL, value.u16_at(0));
    }
    out.maybe(&PORT_DESCRIPTION, text(lldp::PORT_DESCRIPTION));
    out.maybe(&SYSTEM_NAME, text(lldp::SYSTEM_NAME));
    out.maybe(&SYSTEM_DESCRIPTION, text(lldp::SYSTEM_DESCRIPTION));
    if let Some(value) = first(lldp::SYSTEM_CAPABILITIES) {
        out.part(Part::Object("capabilities"), |out| {
            out.maybe_from(value.part(0..2), &CAPABILITIES, value.u16_at(0));
            out.maybe_from(value.part(2..4), &ENABLED, value.u16_at(2));
        });
    }
    out.list(&TYPES, all().map(|field| field.kind));
}

/// A name behind its subtype: a MAC address, or else.
fn name<'a>(value: &'a [u8], by_mac: u8, fields: [&'static Field; 3], out: &mut impl Visitor<'a>) {
    let [subtype_field, mac_field, other_field] = fields;
    let Some((kind, name)) = value.split_first_chunk::<1>() else { return };
    let [subtype] = *kind;
    out.put_from(kind, subtype_field, subtype);
    match <[u8; 6]>::try_from(name) {
        Ok(address) if subtype == by_mac => out.put_from(name, mac_field, address),
        _ => out.put(other_field, Value::Text(name)),
    }
}
