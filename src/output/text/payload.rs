//! What a payload is, by its ports, as tcpdump guesses it: the first line of a table that fits is right.

use super::{Page, dns};
use crate::decode::Span;

/// Prints what a datagram carries; whether its ports tell what that is.
pub(super) fn datagram(page: &mut Page<'_>, source: u16, destination: u16, payload: Span<'_>) -> bool {
    let either = |port| source == port || destination == port;
    match () {
        () if either(53) => dns::print(page, payload, false),
        () if either(5353) => dns::print(page, payload, true),
        () => return false,
    }
    true
}

/// Prints what a segment carries, behind the line of its header.
pub(super) fn segment(page: &mut Page<'_>, source: u16, destination: u16, payload: Span<'_>) {
    let either = |port| source == port || destination == port;
    match () {
        () if either(53) => dns::print_segment(page, payload),
        () => {}
    }
}
