//! TCP and UDP: headers stay but for options that are not known.

use super::checksums::{Pending, Pseudo};
use super::walk::Walk;
use crate::decode::tcp::Tcp;
use crate::decode::udp::Udp;
use crate::decode::{Next, Span};

/// The numbers of the protocols.
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
const SCTP: u8 = 132;

/// The ports of a packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ports {
    None,
    Tcp([u16; 2]),
    Udp([u16; 2]),
}

/// Options of TCP that say how to send, and nothing of who does (RFC 9293, RFC 7323, RFC 2018), with their lengths.
mod option {
    pub const END: u8 = 0;
    pub const NOTHING: u8 = 1;
    pub const SEGMENT_SIZE: (u8, usize) = (2, 4);
    pub const WINDOW_SCALE: (u8, usize) = (3, 3);
    pub const MAY_ACKNOWLEDGE: (u8, usize) = (4, 2);
    pub const ACKNOWLEDGE: u8 = 5;
    pub const TIMES: (u8, usize) = (8, 10);
}

pub(super) fn tcp(walk: &mut Walk<'_, '_>, segment: &Tcp<'_>) {
    const CHECKSUM: usize = 16;
    let span = segment.span();
    walk.ports = Ports::Tcp([segment.source_port(), segment.destination_port()]);
    walk.keep(span, 0..CHECKSUM);
    walk.keep(span, 18..20);
    options(walk, segment.options());
    walk.canvas.reach(span.offset().saturating_add(segment.header_len()));
    sum(walk, span, CHECKSUM, TCP);
}

/// A checksum over the pseudo header and the rest of the packet. Where that has other parts it can't be known.
pub(super) fn sum(walk: &mut Walk<'_, '_>, span: Span<'_>, field: usize, protocol: u8) {
    if walk.fragment {
        walk.counts.unknown_checksums = walk.counts.unknown_checksums.saturating_add(1);
        return;
    }
    let pseudo = Some(Pseudo { ends: walk.ends, protocol, length: span.wire() });
    walk.sums.push(Pending { pseudo, ..Pending::over(span, field) });
}

/// Options that are not known become such that do nothing.
fn options(walk: &mut Walk<'_, '_>, list: Span<'_>) {
    let (mut rest, mut at) = (list.bytes(), list.offset());
    while let [kind, tail @ ..] = rest {
        let length = match (*kind, tail) {
            (option::END, _) => return,
            (option::NOTHING, _) => 1,
            (_, [length, ..]) if (2..=rest.len()).contains(&usize::from(*length)) => usize::from(*length),
            _ => rest.len(),
        };
        let end = at.saturating_add(length);
        match (*kind, length) {
            option::SEGMENT_SIZE | option::WINDOW_SCALE | option::MAY_ACKNOWLEDGE | option::TIMES => {
                walk.canvas.keep(at..end);
            }
            (option::ACKNOWLEDGE, 10 | 18 | 26 | 34) => walk.canvas.keep(at..end),
            _ => walk.canvas.put(at, &vec![option::NOTHING; length]),
        }
        (rest, at) = (rest.get(length..).unwrap_or(&[]), end);
    }
}

pub(super) fn udp(walk: &mut Walk<'_, '_>, datagram: &Udp<'_>) {
    const CHECKSUM: usize = 6;
    let span = datagram.span();
    walk.ports = Ports::Udp([datagram.source_port(), datagram.destination_port()]);
    walk.keep(span, 0..CHECKSUM);
    walk.canvas.reach(span.offset().saturating_add(8));
    if datagram.checksum() == 0 {
        return;
    }
    // Its own length tells of all fragments.
    let length = match datagram.length() {
        0 => span.wire(),
        length => usize::from(length),
    };
    let pseudo = Some(Pseudo { ends: walk.ends, protocol: UDP, length });
    let over = Pending::over(span, CHECKSUM);
    let whole = over.whole && !walk.fragment;
    walk.sums.push(Pending { pseudo, is_udp: true, whole, ..over });
}

/// The ports of a header that is not all there, as errors quote it, and what stands behind them.
pub(super) fn beginning(walk: &mut Walk<'_, '_>, what: Next, header: Span<'_>) {
    let there = match what {
        Next::Protocol(TCP, _) => 8,
        Next::Protocol(UDP, _) => 6,
        Next::Protocol(SCTP, _) => 8,
        _ => return,
    };
    if header.bytes().len() >= there {
        walk.keep(header, 0..there);
    }
}
