//! ICMP for IPv4 and IPv6: messages without their data, errors with the packets that they quote, neighbour discovery.

use super::checksums::Pending;
use super::transport;
use super::walk::{Cut, Walk};
use crate::decode::icmpv4::{self, Icmpv4};
use crate::decode::icmpv6::{self, Icmpv6};
use crate::decode::ndp::{self, NdpOption};

/// The number of ICMPv6 among the protocols of IP.
const ICMPV6: u8 = 58;
/// Type, code and checksum, and four bytes that each type has for itself.
const HEADER: usize = 8;

pub(super) fn v4(walk: &mut Walk<'_, '_>, message: &Icmpv4<'_>) {
    let span = message.span();
    walk.keep(span, 0..2);
    match message.kind() {
        icmpv4::REDIRECT => walk.v4(span.offset().saturating_add(4)),
        icmpv4::ECHO_REPLY..=icmpv4::MASK_REPLY => walk.keep(span, 4..HEADER),
        _ => {}
    }
    walk.canvas.reach(span.offset().saturating_add(HEADER.min(span.bytes().len())));
    walk.sums.push(Pending { whole: !span.is_cut() && !walk.fragment, ..Pending::over(span, 2) });
    walk.quote |= message.is_error();
}

pub(super) fn v6(walk: &mut Walk<'_, '_>, message: &Icmpv6<'_>) -> Option<Cut> {
    let span = message.span();
    let at = |place: usize| span.offset().saturating_add(place);
    walk.keep(span, 0..2);
    walk.canvas.reach(at(HEADER.min(span.bytes().len())));
    transport::sum(walk, span, 2, ICMPV6);
    walk.quote |= message.is_error();
    let end = match message.kind() {
        icmpv6::LISTENER_QUERY
        | icmpv6::LISTENER_REPORT
        | icmpv6::LISTENER_DONE
        | icmpv6::NEIGHBOUR_SOLICITATION
        | icmpv6::NEIGHBOUR_ADVERTISEMENT => {
            walk.keep(span, 4..HEADER);
            walk.v6(at(8));
            24
        }
        icmpv6::REDIRECT => {
            walk.v6(at(8));
            walk.v6(at(24));
            40
        }
        icmpv6::ROUTER_SOLICITATION => HEADER,
        icmpv6::ROUTER_ADVERTISEMENT => {
            walk.keep(span, 4..16);
            16
        }
        icmpv6::UNREACHABLE..=icmpv6::PARAMETER_PROBLEM | icmpv6::ECHO_REQUEST..=icmpv6::ECHO_REPLY => {
            walk.keep(span, 4..HEADER);
            return None;
        }
        icmpv6::LISTENER_REPORT_V2 => {
            walk.keep(span, 4..HEADER);
            return Some("multicast group records");
        }
        _ => return (span.bytes().len() > HEADER).then_some("unknown messages of ICMPv6"),
    };
    let mut place = at(end);
    for option in message.options().map_while(Result::ok) {
        self::option(walk, &option, place);
        place = place.saturating_add(option.len());
    }
    (walk.canvas.end() < at(span.bytes().len())).then_some("payload")
}

/// One option of neighbour discovery: of one that is not known there are only type and length.
fn option(walk: &mut Walk<'_, '_>, option: &NdpOption<'_>, at: usize) {
    let place = |within: usize| at.saturating_add(within);
    let end = place(option.len());
    walk.canvas.keep(at..place(2));
    walk.canvas.reach(end);
    match option.kind() {
        ndp::SOURCE_LINK_ADDRESS | ndp::TARGET_LINK_ADDRESS if option.units() == 1 => walk.station(place(2)),
        ndp::MTU => walk.canvas.keep(at..place(8)),
        ndp::PREFIX => {
            if let Some(prefix) = option.prefix() {
                walk.canvas.keep(at..place(12));
                prefix_at(walk, prefix.address, prefix.len, place(16), end);
            }
        }
        ndp::ROUTE => {
            if let Some(route) = option.route() {
                walk.canvas.keep(at..place(8));
                prefix_at(walk, route.address, route.len, place(8), end);
            }
        }
        ndp::DNS_SERVERS => {
            walk.canvas.keep(at..place(8));
            for server in 0..option.servers().count() {
                walk.v6(place(8).saturating_add(server.saturating_mul(16)));
            }
        }
        _ => {}
    }
}

/// Puts the beginning of an address of which only the first `length` bits count, up to `end`.
fn prefix_at(walk: &mut Walk<'_, '_>, address: [u8; 16], length: u8, at: usize, end: usize) {
    let behind = u128::MAX.checked_shr(length.into()).unwrap_or(0);
    let address = walk.pseudonyms.addresses.v6((u128::from_be_bytes(address) & !behind).to_be_bytes());
    let prefix = (u128::from_be_bytes(address) & !behind).to_be_bytes();
    walk.canvas.put(at, prefix.get(..end.saturating_sub(at)).unwrap_or(&prefix));
}
