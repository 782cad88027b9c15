//! Fields of DHCP and BOOTP.

use super::{Value, Visitor};
use crate::decode::dhcp::{Dhcp, field};
use crate::decode::{Short, Span};

fields! { dhcp, "dhcp", Plain, "Dynamic host configuration protocol (RFC 2131), also BOOTP";
    OPERATION "op" Number @0..1 "1 request, 2 reply" ["dhcp.type" "" "dhcp.type"];
    HARDWARE "hardware_type" Number @1..2 "Kind of the client's hardware address" ["dhcp.hw.type" "" ""];
    HOPS "hops" Number @3..4 "Relays that it passed" ["dhcp.hops" "" ""];
    TRANSACTION "xid" Number @4..8 "Transaction" ["dhcp.id" "" "dhcp.id"];
    SECONDS "seconds" Number @8..10 "Seconds since the client began" ["dhcp.secs" "" ""];
    FLAGS "flags" Number @10..12 "The highest bit of 16 asks for a broadcast" ["dhcp.flags" "" ""];
    CLIENT "client_ip" Ip @12..16 "Address that the client has" ["dhcp.ip.client" "dhcp.client_addr" "dhcp.client_ip"];
    YOURS "your_ip" Ip @16..20 "Address that the client is given" ["dhcp.ip.your" "dhcp.assigned_addr" "dhcp.assigned_ip"];
    NEXT_SERVER "next_server" Ip @20..24 "Server to boot from" ["dhcp.ip.server" "" "dhcp.next_server_ip"];
    RELAY "relay_ip" Ip @24..28 "Relay that it came by" ["dhcp.ip.relay" "" "dhcp.relay_ip"];
    CLIENT_MAC "client_mac" Mac @28..34 "Hardware address of the client" ["dhcp.hw.mac_addr" "dhcp.mac" "dhcp.client_mac"];
    MESSAGE_TYPE "message_type" Number "1 discover, 2 offer, 3 request, 4 decline, 5 ack, 6 nak, 7 release, 8 inform" ["dhcp.option.dhcp" "dhcp.msg_types" "dhcp.dhcp_type"];
    SUBNET "subnet_mask" Ip "Network mask" ["dhcp.option.subnet_mask" "" "dhcp.subnet_mask"];
    ROUTER "router" Ip "Routers" ["dhcp.option.router" "" "dhcp.routers"];
    DNS_SERVER "dns_server" Ip "DNS servers" ["dhcp.option.domain_name_server" "" "dhcp.dns_servers"];
    HOST_NAME "hostname" Text "Name of the client" ["dhcp.option.hostname" "dhcp.host_name" "dhcp.hostname"];
    DOMAIN "domain" Text "Domain name" ["dhcp.option.domain_name" "dhcp.domain" ""];
    REQUESTED "requested_ip" Ip "Address that the client asks for" ["dhcp.option.requested_ip_address" "dhcp.requested_addr" "dhcp.requested_ip"];
    LEASE "lease_time" Number "How long the address is lent, in seconds" ["dhcp.option.ip_address_lease_time" "dhcp.lease_time" "dhcp.lease_time"];
    SERVER "server_id" Ip "Server that is meant, or answers" ["dhcp.option.dhcp_server_id" "dhcp.server_addr" ""];
    PARAMETERS "parameters" Number "Options that the client asks for" ["dhcp.option.request_list_item" "" "dhcp.params"];
    VENDOR_CLASS "vendor_class" Text "Kind of client" ["dhcp.option.vendor_class_id" "dhcp.client_software" "dhcp.vendor_class_identifier"];
    CLIENT_ID "client_id" Bytes "What the client calls itself" ["" "" "dhcp.client_id"];
    OPTIONS "options" Number "The code of each option, in order" ["dhcp.option.type" "" ""];
}

/// The hardware type whose addresses are MAC addresses.
const ETHERNET: u8 = 1;

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Dhcp::parse(span)?;
    out.put(&OPERATION, message.operation());
    out.maybe(&HARDWARE, message.hardware().map(|(kind, _)| kind));
    out.maybe(&HOPS, message.hops());
    out.maybe(&TRANSACTION, message.transaction());
    out.maybe(&SECONDS, message.seconds());
    out.maybe(&FLAGS, message.flags());
    out.maybe(&CLIENT, message.address(field::CLIENT));
    out.maybe(&YOURS, message.address(field::YOURS));
    out.maybe(&NEXT_SERVER, message.address(field::SERVER));
    out.maybe(&RELAY, message.address(field::GATEWAY));
    if message.hardware() == Some((ETHERNET, 6)) {
        out.maybe(&CLIENT_MAC, message.ethernet());
    }
    options(&message, out);
    if span.bytes().len() < field::VENDOR { Err(span.short(field::VENDOR)) } else { Ok(()) }
}

/// The options: each of them once, as only the first of it counts.
fn options<'a>(message: &Dhcp<'a>, out: &mut impl Visitor<'a>) {
    use crate::decode::dhcp::{END, PAD};
    let Some(all) = message.options() else { return };
    let all = all.take_while(|option| option.code != END).filter(|option| option.code != PAD);
    out.list(&OPTIONS, all.clone().map(|option| option.code));
    let mut told = [false; 256];
    for option in all {
        if std::mem::replace(told.get_mut(usize::from(option.code)).unwrap_or(&mut false), true) {
            continue;
        }
        let value = option.value;
        if value.is_cut() {
            break;
        }
        let addresses = || value.bytes().as_chunks::<4>().0.iter().copied();
        match option.code {
            1 => out.maybe_from(value.part(0..4), &SUBNET, value.array_at::<4>(0)),
            3 => out.list_from(value.bytes(), &ROUTER, addresses()),
            6 => out.list_from(value.bytes(), &DNS_SERVER, addresses()),
            12 => out.put(&HOST_NAME, Value::Text(value.bytes())),
            15 => out.put(&DOMAIN, Value::Text(value.bytes())),
            50 => out.maybe_from(value.part(0..4), &REQUESTED, value.array_at::<4>(0)),
            51 => out.maybe_from(value.part(0..4), &LEASE, value.u32_at(0)),
            53 => out.maybe_from(value.part(0..1), &MESSAGE_TYPE, value.u8_at(0)),
            54 => out.maybe_from(value.part(0..4), &SERVER, value.array_at::<4>(0)),
            55 => out.list_from(value.bytes(), &PARAMETERS, value.bytes().iter().copied()),
            60 => out.put(&VENDOR_CLASS, Value::Text(value.bytes())),
            61 => out.put(&CLIENT_ID, Value::Bytes(value.bytes())),
            _ => {}
        }
    }
}
