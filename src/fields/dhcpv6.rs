//! Fields of DHCPv6. The message that a relay carries is a packet within the packet.

use super::{Value, Visitor};
use crate::decode::dhcpv6::{Dhcpv6, Opt, Options};
use crate::decode::dns::{Name, skip_name};
use crate::decode::{Short, Span};

fields! { dhcpv6, "dhcpv6", Plain, "Dynamic host configuration protocol for IPv6 (RFC 8415)";
    TYPE "type" Number "1 solicit, 2 advertise, 3 request, 5 renew, 7 reply, 8 release, 11 information, 12 and 13 relayed" ["dhcpv6.msgtype" "" ""];
    TRANSACTION "xid" Number "Transaction" ["dhcpv6.xid" "" ""];
    HOPS "hops" Number "Relays that it passed" ["dhcpv6.hopcount" "" ""];
    LINK "link_ip" Ip "Address on the client's link" ["dhcpv6.linkaddr" "" ""];
    PEER "peer_ip" Ip "Client or relay that it came from or goes to" ["dhcpv6.peeraddr" "" ""];
    CLIENT "client_id" Bytes "Identifier of the client" ["" "" ""];
    SERVER "server_id" Bytes "Identifier of the server" ["" "" ""];
    REQUESTED "requested" Number "Options that the client asks for" ["dhcpv6.requested_option_code" "" ""];
    ELAPSED "elapsed" Number "Since when the client tries, in hundredths of a second" ["" "" ""];
    ADDRESS "address" Ip "Addresses that are asked for or lent" ["dhcpv6.iaaddr.ip" "" ""];
    PREFIX "prefix" Ip "Prefixes that are asked for or lent" ["dhcpv6.iaprefix.pref_addr" "" ""];
    PREFIX_LENGTH "prefix_length" Number "Their lengths in bits; the nth belongs to the nth prefix" ["dhcpv6.iaprefix.pref_len" "" ""];
    STATUS "status" Number "What went how: 0 success, 2 no address, …" ["dhcpv6.status_code" "" ""];
    DNS_SERVER "dns_server" Ip "DNS servers" ["dhcpv6.dns_server" "" ""];
    DOMAIN "domain" Text "Domains to search names in" ["" "" ""];
    HOST_NAME "client_name" Text "Name of the client" ["" "" ""];
    OPTIONS "options" Number "The code of each option, in order, those within others behind them" ["dhcpv6.option.type" "" ""];
}

/// Codes of options (IANA's registry).
mod code {
    pub const CLIENT_ID: u16 = 1;
    pub const SERVER_ID: u16 = 2;
    pub const ADDRESSES: u16 = 3;
    pub const TEMPORARY_ADDRESSES: u16 = 4;
    pub const ADDRESS: u16 = 5;
    pub const REQUESTED: u16 = 6;
    pub const ELAPSED: u16 = 8;
    pub const RELAYED: u16 = 9;
    pub const STATUS: u16 = 13;
    pub const DNS_SERVERS: u16 = 23;
    pub const DOMAINS: u16 = 24;
    pub const PREFIXES: u16 = 25;
    pub const PREFIX: u16 = 26;
    pub const NAME: u16 = 39;
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Dhcpv6::parse(span)?;
    out.put(&TYPE, message.kind());
    if message.is_relayed() {
        out.maybe(&HOPS, span.u8_at(1));
        out.maybe(&LINK, message.link_address());
        out.maybe(&PEER, message.peer_address());
    } else {
        out.put(&TRANSACTION, message.transaction());
    }
    // Of each of these only the first counts.
    let first = |code| message.options().flatten().find(|option| option.code == code);
    out.maybe(&CLIENT, first(code::CLIENT_ID).map(|option| Value::Bytes(option.value.bytes())));
    out.maybe(&SERVER, first(code::SERVER_ID).map(|option| Value::Bytes(option.value.bytes())));
    if let Some(option) = first(code::REQUESTED) {
        out.list(&REQUESTED, option.value.bytes().as_chunks().0.iter().map(|code| u16::from_be_bytes(*code)));
    }
    out.maybe(&ELAPSED, first(code::ELAPSED).and_then(|option| option.value.array_at(0)).map(u16::from_be_bytes));
    if let Some(option) = first(code::DNS_SERVERS) {
        out.list::<[u8; 16]>(&DNS_SERVER, option.value.bytes().as_chunks().0.iter().copied());
    }
    if let Some(option) = first(code::DOMAINS) {
        out.list(&DOMAIN, names(option.value, 0));
    }
    out.maybe(&HOST_NAME, first(code::NAME).and_then(|option| names(option.value, 1).next()));
    let all = || message.options().flatten().flat_map(with_those_inside);
    let addresses = || all().filter(|option| option.code == code::ADDRESS).filter_map(|option| option.value.array_at(0));
    if addresses().next().is_some() {
        out.list::<[u8; 16]>(&ADDRESS, addresses());
    }
    let prefixes = || all().filter(|option| option.code == code::PREFIX);
    if prefixes().next().is_some() {
        out.list::<[u8; 16]>(&PREFIX, prefixes().filter_map(|option| option.value.array_at(9)));
        out.list(&PREFIX_LENGTH, prefixes().filter_map(|option| option.value.u8_at(8)));
    }
    let status = || all().filter(|option| option.code == code::STATUS).filter_map(|option| option.value.array_at(0));
    if status().next().is_some() {
        out.list(&STATUS, status().map(u16::from_be_bytes));
    }
    if all().next().is_some() {
        out.list(&OPTIONS, all().map(|option| option.code));
    }
    if span.is_cut() { Err(span.short(span.wire())) } else { Ok(()) }
}

/// The message that a relay carries.
pub(super) fn relayed(span: Span<'_>) -> Option<Span<'_>> {
    let message = Dhcpv6::parse(span).ok().filter(Dhcpv6::is_relayed)?;
    message.options().flatten().find(|option| option.code == code::RELAYED).map(|option| option.value)
}

/// Names one after the other, from `at` on.
fn names<'a>(span: Span<'a>, at: usize) -> impl Iterator<Item = Name<'a>> {
    let mut at = Some(at);
    std::iter::from_fn(move || {
        let start = at.filter(|start| *start < span.wire())?;
        at = skip_name(span, start);
        Some(Name::new(span, start))
    })
}

/// An option, those within it, and those within these.
fn with_those_inside(option: Opt<'_>) -> impl Iterator<Item = Opt<'_>> {
    let deeper = |option| std::iter::once(option).chain(inside(option));
    std::iter::once(option).chain(inside(option).flat_map(deeper))
}

/// The options within one.
fn inside(option: Opt<'_>) -> impl Iterator<Item = Opt<'_>> {
    let head = match option.code {
        code::ADDRESSES | code::PREFIXES => 12,
        code::TEMPORARY_ADDRESSES => 4,
        code::ADDRESS => 24,
        code::PREFIX => 25,
        _ => option.value.wire(),
    };
    Options::within(option.value.skip(head)).flatten()
}
