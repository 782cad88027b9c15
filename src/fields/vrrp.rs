//! Fields of VRRP.

use super::Visitor;
use crate::decode::vrrp::Vrrp;

fields! { vrrp, "vrrp", Plain, "Virtual router redundancy protocol (RFC 5798)";
    VERSION "version" Number "Version" ["vrrp.version" "" ""];
    TYPE "type" Number "1 is an advertisement" ["vrrp.type" "" ""];
    ROUTER "router" Number "Identifier of the virtual router" ["vrrp.virt_rtr_id" "" ""];
    PRIORITY "priority" Number "Priority of the sender" ["vrrp.prio" "" ""];
    COUNT "address_count" Number "How many addresses it has" ["vrrp.addr_count" "" ""];
    AUTHENTICATION "auth_type" Number "Kind of authentication (version 2)" ["vrrp.auth_type" "" ""];
    INTERVAL "interval" Number "Time between advertisements, in seconds (version 2) or hundredths of one" ["vrrp.adver_int" "" ""];
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
    out.maybe(&INTERVAL, message.interval());
}
