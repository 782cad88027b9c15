//! Headers of IPv4 and IPv6, with their options and extensions.

use super::checksums::Pending;
use super::walk::{Cut, Walk};
use crate::decode::ipv4::Ipv4;
use crate::decode::ipv6::{self, Extension, Ipv6};

/// Options of IPv4 (RFC 791, RFC 2113).
mod option {
    pub const END: u8 = 0;
    pub const NOTHING: u8 = 1;
    pub const RECORD_ROUTE: u8 = 7;
    pub const LOOSE_ROUTE: u8 = 131;
    pub const STRICT_ROUTE: u8 = 137;
    pub const ROUTER_ALERT: u8 = 148;
}

/// Options of IPv6 (RFC 8200, RFC 2711), and what replaces unknown ones.
mod option6 {
    pub const PAD: u8 = 0;
    pub const PADDING: u8 = 1;
    pub const ROUTER_ALERT: u8 = 5;
}

/// Routing headers with a list of addresses (RFC 5095, RFC 6275, RFC 8754).
const SOURCE_ROUTE: u8 = 0;
const MOBILE_ROUTE: u8 = 2;
const SEGMENTS: u8 = 4;

pub(super) fn v4(walk: &mut Walk<'_, '_>, header: &Ipv4<'_>) {
    let (span, at) = (header.span(), header.span().offset());
    walk.keep(span, 0..10);
    walk.v4(at.saturating_add(12));
    walk.v4(at.saturating_add(16));
    options(walk, header.options(), at.saturating_add(20));
    walk.sums.push(Pending::over(span.limit(header.header_len()), 10));

    let (source, destination) = (header.source(), header.final_destination());
    let [source_now, destination_now] = [source, destination].map(|address| walk.pseudonyms.addresses.v4(address));
    walk.between([&source, &destination], [&source_now, &destination_now]);
    walk.fragment = header.is_fragment();
}

/// Options that are not known become such that do nothing.
fn options(walk: &mut Walk<'_, '_>, list: &[u8], at: usize) {
    let mut rest = list;
    let mut at = at;
    while let [kind, tail @ ..] = rest {
        let length = match (*kind, tail) {
            (option::END, _) => return,
            (option::NOTHING, _) => 1,
            (_, [length, ..]) if (2..=rest.len()).contains(&usize::from(*length)) => usize::from(*length),
            _ => rest.len(),
        };
        let end = at.saturating_add(length);
        match *kind {
            option::ROUTER_ALERT if length == 4 => walk.canvas.keep(at..end),
            option::RECORD_ROUTE | option::LOOSE_ROUTE | option::STRICT_ROUTE if length >= 3 => {
                let first = at.saturating_add(3);
                walk.canvas.keep(at..first);
                for address in 0..length.saturating_sub(3) / 4 {
                    walk.v4(first.saturating_add(address.saturating_mul(4)));
                }
            }
            _ => walk.canvas.put(at, &vec![option::NOTHING; length]),
        }
        (rest, at) = (rest.get(length..).unwrap_or(&[]), end);
    }
}

pub(super) fn v6(walk: &mut Walk<'_, '_>, header: &Ipv6<'_>) {
    let at = header.span().offset();
    walk.keep(header.span(), 0..8);
    walk.v6(at.saturating_add(8));
    walk.v6(at.saturating_add(24));
    through(walk, header.source(), header.destination());
    walk.fragment = false;
}

/// A packet from one address to another, which need not be that of its header.
fn through(walk: &mut Walk<'_, '_>, source: [u8; 16], destination: [u8; 16]) {
    let [source_now, destination_now] = [source, destination].map(|address| walk.pseudonyms.addresses.v6(address));
    walk.between([&source, &destination], [&source_now, &destination_now]);
    walk.source = source;
}

pub(super) fn extension(walk: &mut Walk<'_, '_>, header: &Extension<'_>) -> Option<Cut> {
    let at = header.span().offset();
    match header.kind() {
        ipv6::HOP_BY_HOP | ipv6::DESTINATION_OPTIONS => {
            walk.keep(header.span(), 0..2);
            extension_options(walk, header.bytes(), at);
        }
        ipv6::ROUTING => routing(walk, header.bytes(), at),
        ipv6::FRAGMENT => {
            walk.keep(header.span(), 0..8);
            walk.fragment = header.fragment().is_some_and(|fragment| fragment.more || fragment.offset != 0);
        }
        _ => return Some("mobility headers"),
    }
    None
}

/// Options that are not known become padding.
fn extension_options(walk: &mut Walk<'_, '_>, header: &[u8], at: usize) {
    let mut place = 2usize;
    while let Some([kind, tail @ ..]) = header.get(place..) {
        let (from, left) = (at.saturating_add(place), tail.len());
        let length = match (*kind, tail.first()) {
            (option6::PAD, _) => 1,
            (_, Some(length)) if usize::from(*length) < left => usize::from(*length).saturating_add(2),
            // Zeros are padding too.
            _ => return,
        };
        match *kind {
            option6::PAD => {}
            option6::ROUTER_ALERT | ipv6::JUMBO => walk.canvas.keep(from..from.saturating_add(length)),
            _ => {
                walk.canvas.put(from, &[option6::PADDING]);
                walk.canvas.keep(from.saturating_add(1)..from.saturating_add(2));
            }
        }
        place = place.saturating_add(length);
    }
}

/// A list of the places that a packet is to pass. While it has not passed them all, the last of them is what checksums
/// cover (RFC 8200, 8.1); segments stand in reverse.
fn routing(walk: &mut Walk<'_, '_>, header: &[u8], at: usize) {
    const FIXED: usize = 8;
    let Some((&[_, _, kind, left, last, ..], list)) = header.split_first_chunk::<FIXED>() else { return };
    walk.canvas.keep(at..at.saturating_add(4));
    let (addresses, _) = list.as_chunks::<16>();
    let addresses = match kind {
        SOURCE_ROUTE | MOBILE_ROUTE => addresses,
        SEGMENTS => {
            walk.canvas.keep(at.saturating_add(4)..at.saturating_add(FIXED));
            addresses.get(..=usize::from(last)).unwrap_or(addresses)
        }
        _ => return,
    };
    for place in 0..addresses.len() {
        walk.v6(at.saturating_add(FIXED).saturating_add(place.saturating_mul(16)));
    }
    let destination = if kind == SEGMENTS { addresses.first() } else { addresses.last() };
    if let Some(destination) = destination.filter(|_| left > 0) {
        through(walk, walk.source, *destination);
    }
}

#[cfg(test)]
mod tests {
    use crate::anonymize::testing::{anonymizer, frame};
    use crate::decode::checksum::Sum;
    use crate::frame::LinkType;

    #[test]
    fn a_route_has_pseudonyms_and_other_options_do_nothing() {
        let mut packet = vec![0x4b, 0, 0, 44, 0, 1, 0, 0, 64, 254, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2];
        // A router alert, a route of two places (one to come), a security label, the end.
        packet.extend([148, 4, 0, 0, 7, 11, 8, 192, 0, 2, 9, 0, 0, 0, 0, 130, 6, 1, 2, 3, 4, 0, 9, 9]);
        let (copy, _) = frame(LinkType::RAW, &packet);
        let [a, b, c, d] = anonymizer().pseudonyms.addresses.v4([192, 0, 2, 9]);
        let expected = [148, 4, 0, 0, 7, 11, 8, a, b, c, d, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0];
        assert_eq!(copy[20..], expected);
    }

    #[test]
    fn checksums_behind_a_routing_header_are_over_the_last_place() {
        let address = |last: u8| [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
        let mut packet = vec![0x60, 0, 0, 0, 0, 36, 43, 64];
        packet.extend([address(1), address(2)].concat());
        packet.extend([17, 2, 0, 1, 0, 0, 0, 0]);
        packet.extend(address(3));
        let mut datagram = vec![0x9c, 0x40, 0, 9, 0, 12, 0, 0, 1, 2, 3, 4];
        let sum = |source: &[u8], destination: &[u8], datagram: &[u8]| {
            Sum::default().pseudo_header(source, destination, 17, 12).with(datagram).finish()
        };
        let right = sum(&address(1), &address(3), &datagram);
        datagram[6..8].copy_from_slice(&right.to_be_bytes());
        packet.extend(&datagram);
        let (copy, counts) = frame(LinkType::RAW, &packet);
        let last = anonymizer().pseudonyms.addresses.v6(address(3));
        assert_eq!(copy[48..64], last);
        assert_eq!((sum(&copy[8..24], &last, &copy[64..]), counts.wrong_checksums), (0, 0));
    }

    #[test]
    fn extension_options_that_are_not_known_are_padding() {
        let mut packet = vec![0x60, 0, 0, 0, 0, 24, 0, 64];
        packet.extend([0xfd; 32]);
        // A router alert, and a home address (RFC 6275).
        packet.extend([59, 2, 5, 2, 0, 0, 0xc9, 16]);
        packet.extend([0x99; 16]);
        let (copy, _) = frame(LinkType::RAW, &packet);
        assert_eq!(copy[40..48], [59, 2, 5, 2, 0, 0, 1, 16]);
        assert_eq!(copy[48..], [0; 16]);
    }
}
