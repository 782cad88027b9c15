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

#[cfg(test)]
mod tests {
    use crate::anonymize::testing::frame;
    use crate::decode::checksum::{self, Sum};
    use crate::frame::LinkType;

    /// A segment with some options and data, its checksum and that of its header right.
    fn segment(options: &[u8]) -> Vec<u8> {
        let words = (20 + options.len()) as u8 / 4;
        let mut tcp = vec![0x9c, 0x40, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, words << 4, 0x18, 0xfa, 0xf0, 0, 0, 0, 0];
        tcp.extend(options);
        tcp.extend(b"GET /");
        let (source, destination) = ([192, 0, 2, 1], [198, 51, 100, 2]);
        let right = Sum::default().pseudo_header(&source, &destination, 6, tcp.len()).with(&tcp).finish();
        tcp[16..18].copy_from_slice(&right.to_be_bytes());
        let mut packet = vec![0x45, 0, 0, (20 + tcp.len()) as u8, 0, 1, 0, 0, 64, 6, 0, 0];
        packet.extend([source, destination].concat());
        let right = checksum::of(&packet);
        packet[10..12].copy_from_slice(&right.to_be_bytes());
        [packet, tcp].concat()
    }

    /// What the checksum of a segment leaves, and that of its header.
    fn residues(packet: &[u8]) -> (u16, u16) {
        let (header, tcp) = packet.split_at(20);
        let sum = Sum::default().pseudo_header(&header[12..16], &header[16..], 6, tcp.len());
        (sum.with(tcp).finish(), checksum::of(header))
    }

    #[test]
    fn options_that_are_not_known_do_nothing() {
        const TIMES: [u8; 10] = [8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
        for (options, expected) in [
            // A segment size, and a cookie (RFC 7413).
            (&[2, 4, 5, 0xb4, 34, 6, 9, 9, 9, 9, 1, 1][..], &[2, 4, 5, 0xb4, 1, 1, 1, 1, 1, 1, 1, 1][..]),
            (&[&TIMES[..], &[1, 1]].concat(), &[&TIMES[..], &[1, 1]].concat()),
            // One with a length that it can't have, and one that is longer than all of them.
            (&[3, 4, 7, 7, 9, 200, 9, 9], &[1, 1, 1, 1, 1, 1, 1, 1]),
            // What stands behind the end is no option.
            (&[0, 9, 9, 9], &[0, 0, 0, 0]),
        ] {
            let (copy, counts) = frame(LinkType::RAW, &segment(options));
            assert_eq!(copy[40..40 + options.len()], *expected, "{options:?}");
            assert_eq!(copy[40 + options.len()..], [0; 5]);
            assert_eq!((residues(&copy), counts.wrong_checksums), ((0, 0), 0), "{options:?}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_one_more_than_the_right_one() {
        let right = segment(&[]);
        let mut wrong = right.clone();
        wrong[36] ^= 0x55;
        let (right, _) = frame(LinkType::RAW, &right);
        let (copy, counts) = frame(LinkType::RAW, &wrong);
        assert_eq!(counts.wrong_checksums, 1);
        let checksum = |packet: &[u8]| u16::from_be_bytes([packet[36], packet[37]]);
        assert_eq!(checksum(&copy), checksum(&right) + 1);
        assert_eq!((copy[..36].to_vec(), &copy[38..]), (right[..36].to_vec(), &right[38..]));
    }

    #[test]
    fn of_a_header_that_an_error_cuts_the_ports_stay() {
        let quoted = segment(&[]);
        let mut error = vec![11, 0, 0, 0, 0, 0, 0, 0];
        error.extend(&quoted[..28]);
        let right = checksum::of(&error);
        error[2..4].copy_from_slice(&right.to_be_bytes());
        let mut packet = vec![0x45, 0, 0, 56, 0, 1, 0, 0, 64, 1, 0, 0, 203, 0, 113, 9, 192, 0, 2, 1];
        packet.extend(&error);
        let (copy, _) = frame(LinkType::RAW, &packet);
        let (quoted_copy, _) = frame(LinkType::RAW, &quoted);
        // Header and ports are those that the packet itself has, and all checksums are right.
        assert_eq!(copy[28..], quoted_copy[..28]);
        assert_eq!(copy[48..], quoted[20..28]);
        assert_eq!(checksum::of(&copy[20..]), 0);
    }
}
