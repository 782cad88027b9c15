//! Fields of ARP and its kin.

use super::{Field, Value, Visitor};
use crate::decode::arp::Arp;

fields! { arp, "arp", Plain, "Address resolution protocol (RFC 826), also RARP and InARP";
    HARDWARE "hardware_type" Number @0..2 "Kind of link addresses: 1 is Ethernet" ["arp.hw.type" "" "arp.hw_type"];
    PROTOCOL_TYPE "protocol_type" Number @2..4 "Kind of protocol addresses, an Ethernet type" ["arp.proto.type" "" "arp.proto_type"];
    OPERATION "op" Number @6..8 "1 request, 2 reply, 3 and 4 of RARP, 8 and 9 of InARP" ["arp.opcode" "" "arp.opcode"];
    SENDER_MAC "sender_mac" Mac "Link address of the sender" ["arp.src.hw_mac" "" "arp.src_mac"];
    SENDER_IP "sender_ip" Ip "IPv4 address of the sender" ["arp.src.proto_ipv4" "" "arp.src_ip"];
    TARGET_MAC "target_mac" Mac "Link address of the target" ["arp.dst.hw_mac" "" "arp.dest_mac"];
    TARGET_IP "target_ip" Ip "IPv4 address of the target" ["arp.dst.proto_ipv4" "" "arp.dest_ip"];
    SENDER_HARDWARE "sender_hardware" Bytes "Link address of the sender, of another length than six" ["arp.src.hw" "" ""];
    SENDER_PROTOCOL "sender_protocol" Bytes "Protocol address of the sender, of another length than four" ["arp.src.proto" "" ""];
    TARGET_HARDWARE "target_hardware" Bytes "Link address of the target, of another length than six" ["arp.dst.hw" "" ""];
    TARGET_PROTOCOL "target_protocol" Bytes "Protocol address of the target, of another length than four" ["arp.dst.proto" "" ""];
}

pub(super) fn visit<'a>(message: &Arp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&HARDWARE, message.hardware());
    out.put(&PROTOCOL_TYPE, message.protocol());
    out.put(&OPERATION, message.operation());
    address::<6, _>(out, message.sender_hardware(), &SENDER_MAC, &SENDER_HARDWARE);
    address::<4, _>(out, message.sender_protocol(), &SENDER_IP, &SENDER_PROTOCOL);
    address::<6, _>(out, message.target_hardware(), &TARGET_MAC, &TARGET_HARDWARE);
    address::<4, _>(out, message.target_protocol(), &TARGET_IP, &TARGET_PROTOCOL);
}

/// An address of the usual length, or of another.
fn address<'a, const N: usize, V: Visitor<'a>>(
    out: &mut V,
    bytes: Option<&'a [u8]>,
    usual: &'static Field,
    other: &'static Field,
) where
    Value<'a>: From<[u8; N]>,
{
    match bytes.map(|bytes| (bytes, <[u8; N]>::try_from(bytes))) {
        Some((bytes, Ok(address))) => out.put_from(bytes, usual, address),
        Some((bytes, Err(_))) if !bytes.is_empty() => out.put(other, Value::Bytes(bytes)),
        _ => {}
    }
}
