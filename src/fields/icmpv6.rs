//! Fields of ICMPv6, with neighbour discovery and multicast listener discovery.

use super::{Part, Value, Visitor};
use crate::decode::icmpv6::{self as icmp, Icmpv6};
use crate::decode::ndp;

fields! { icmpv6, "icmp6", Plain, "ICMPv6 (RFC 4443), with neighbour and listener discovery";
    TYPE "type" Number @0..1 "1 unreachable, 2 too big, 3 time exceeded, 128 echo request, 129 reply, 133 to 137 neighbour discovery, …" ["icmpv6.type" "conn.id.orig_p" "icmp_type"];
    CODE "code" Number @1..2 "What kind of that" ["icmpv6.code" "conn.id.resp_p" "icmp_code"];
    CHECKSUM "checksum" Number @2..4 "Checksum" ["icmpv6.checksum" "" ""];
    IDENTIFIER "id" Number @4..6 "Identifier of an echo" ["icmpv6.echo.identifier" "" ""];
    SEQUENCE "seq" Number @6..8 "Sequence number of an echo" ["icmpv6.echo.sequence_number" "" ""];
    MTU "mtu" Number "MTU that a packet was too big for, or that a router advertises" ["icmpv6.mtu" "" ""];
    POINTER "pointer" Number @4..8 "Place of the byte that a parameter problem is about" ["icmpv6.pointer" "" ""];
    TARGET "target" Ip @8..24 "Whom neighbour discovery is about, or the better next hop of a redirect" ["" "" ""];
    REDIRECTED "destination" Ip @24..40 "Destination that a redirect is about" ["" "" ""];
    NEIGHBOUR_FLAGS "neighbour_flags" Number @4..5 "Router, solicited, override, from the highest bit of eight on" ["" "" ""];
    SOURCE_MAC "source_mac" Mac "Link address of the sender" ["" "" ""];
    TARGET_MAC "target_mac" Mac "Link address of the target" ["" "" ""];
    HOP_LIMIT ("router") "hop_limit" Number @4..5 "Hop limit that a router advertises" ["icmpv6.nd.ra.cur_hop_limit" "" ""];
    ROUTER_FLAGS ("router") "flags" Number @5..6 "Managed, other, home agent, preference, …, from the highest bit of eight on" ["icmpv6.nd.ra.flag" "" ""];
    ROUTER_LIFETIME ("router") "lifetime" Number @6..8 "How long it is a default router, in seconds" ["icmpv6.nd.ra.router_lifetime" "" ""];
    REACHABLE ("router") "reachable_time" Number @8..12 "How long neighbours are thought reachable, in milliseconds" ["icmpv6.nd.ra.reachable_time" "" ""];
    RETRANSMIT ("router") "retrans_timer" Number @12..16 "Time between solicitations, in milliseconds" ["icmpv6.nd.ra.retrans_timer" "" ""];
    PREFIX ("prefix") "address" Ip @16..32 "Prefix that a router advertises" ["icmpv6.opt.prefix" "" ""];
    PREFIX_LENGTH ("prefix") "len" Number @2..3 "Bits of the prefix that count" ["icmpv6.opt.prefix.length" "" ""];
    DNS_SERVER "dns_server" Ip "DNS servers that a router advertises" ["icmpv6.opt.rdnss" "" ""];
    GROUP "group" Ip "Multicast groups queried or reported" ["icmpv6.mld.multicast_address" "" ""];
}

pub(super) fn visit<'a>(message: &Icmpv6<'a>, out: &mut impl Visitor<'a>) {
    out.put(&TYPE, message.kind());
    out.maybe(&CODE, message.code());
    out.maybe(&CHECKSUM, message.checksum());
    match message.kind() {
        icmp::ECHO_REQUEST | icmp::ECHO_REPLY => {
            out.maybe(&IDENTIFIER, message.identifier());
            out.maybe(&SEQUENCE, message.sequence());
        }
        icmp::PACKET_TOO_BIG => out.maybe_from(message.span().part(4..8), &MTU, message.mtu()),
        icmp::PARAMETER_PROBLEM => out.maybe(&POINTER, message.pointer()),
        icmp::NEIGHBOUR_SOLICITATION => out.maybe(&TARGET, message.target()),
        icmp::NEIGHBOUR_ADVERTISEMENT => {
            out.maybe(&TARGET, message.target());
            out.maybe(&NEIGHBOUR_FLAGS, message.neighbour_flags());
        }
        icmp::REDIRECT => {
            out.maybe(&TARGET, message.target());
            out.maybe(&REDIRECTED, message.redirected());
        }
        icmp::ROUTER_ADVERTISEMENT => router(message, out),
        icmp::LISTENER_QUERY | icmp::LISTENER_REPORT | icmp::LISTENER_DONE => {
            out.list(&GROUP, message.listener().group());
        }
        icmp::LISTENER_REPORT_V2 => {
            out.list(&GROUP, message.listener().records().filter_map(|record| record.group()));
        }
        _ => {}
    }
    options(message, out);
}

fn router<'a>(message: &Icmpv6<'a>, out: &mut impl Visitor<'a>) {
    let Some(router) = message.router() else { return };
    out.part(Part::Object("router"), |out| {
        out.put(&HOP_LIMIT, router.hop_limit);
        out.put(&ROUTER_FLAGS, router.flags);
        out.put(&ROUTER_LIFETIME, router.lifetime);
        out.put(&REACHABLE, router.reachable);
        out.put(&RETRANSMIT, router.retransmit);
    });
}

/// What options say: of link addresses and the MTU the first of each, of the others all.
fn options<'a>(message: &Icmpv6<'a>, out: &mut impl Visitor<'a>) {
    let of = |kind| message.options().flatten().filter(move |option| option.kind() == kind);
    let link_address = |kind| of(kind).next().and_then(|option| option.body().first_chunk::<6>());
    for (field, kind) in [(&SOURCE_MAC, ndp::SOURCE_LINK_ADDRESS), (&TARGET_MAC, ndp::TARGET_LINK_ADDRESS)] {
        if let Some(address) = link_address(kind) {
            out.put_from(address, field, *address);
        }
    }
    if let Some(option) = of(ndp::MTU).next() {
        out.maybe_from(option.bytes().get(4..8).unwrap_or_default(), &MTU, option.number());
    }
    if of(ndp::PREFIX).next().is_some() {
        out.part(Part::Group("prefix"), |out| {
            for (option, prefix) in of(ndp::PREFIX).filter_map(|option| Some((option, option.prefix()?))) {
                out.part_from(option.bytes(), Part::Item, |out| {
                    out.put(&PREFIX, prefix.address);
                    out.put(&PREFIX_LENGTH, prefix.len);
                });
            }
        });
    }
    if of(ndp::DNS_SERVERS).next().is_some() {
        out.list(&DNS_SERVER, of(ndp::DNS_SERVERS).flat_map(|option| option.servers()).map(Value::Ipv6));
    }
}
