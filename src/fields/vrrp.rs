//! Fields of VRRP.

use super::Visitor;
use crate::decode::vrrp::Vrrp;

fields! { vrrp, "vrrp", Plain, "Virtual router redundancy protocol (RFC 5798)";
    VERSION "version" Number @0..1 "Version" ["vrrp.version" "" ""];
    TYPE "type" Number @0..1 "1 is an advertisement" ["vrrp.type" "" ""];
    ROUTER "router" Number @1..2 "Identifier of the virtual router" ["vrrp.virt_rtr_id" "" ""];
    PRIORITY "priority" Number @2..3 "Priority of the sender" ["vrrp.prio" "" ""];
    COUNT "address_count" Number @3..4 "How many addresses it has" ["vrrp.addr_count" "" ""];
    AUTHENTICATION "auth_type" Number @4..5 "Kind of authentication (version 2)" ["vrrp.auth_type" "" ""];
    INTERVAL "interval" Number "Time between advertisements, in hundredths of a second" ["vrrp.adver_int" "" ""];
}

pub(super) fn visit<'a>(message: &Vrrp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&VERSION, message.version());
    out.put(&TYPE, message.kind());
    out.maybe(&ROUTER, message.router().map(|(id, _)| id));
    out.maybe(&PRIORITY, message.router().map(|(_, priority)| priority));
    out.maybe(&COUNT, message.address_count());
    if message.version() == 2 {
        out.maybe(&AUTHENTICATION, message.authentication());
    }
    let unit = if message.version() == 2 { 100 } else { 1 };
    let at = if message.version() == 2 { 5..6 } else { 4..6 };
    out.maybe_from(message.span().part(at), &INTERVAL, message.interval().map(|interval| u32::from(interval).saturating_mul(unit)));
}
