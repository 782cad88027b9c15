//! IPv4 (RFC 791): the header as a checked view, and the payload as far as the total length says.

use etherparse::Ipv4HeaderSlice;

use super::checksum;
use super::{IpVersion, Next, Short, Span};

/// An IPv4 header and its packet.
#[derive(Clone, Copy, Debug)]
pub struct Ipv4<'a> {
    header: Ipv4HeaderSlice<'a>,
    /// The packet: header and payload.
    span: Span<'a>,
    missing: usize,
}

impl<'a> Ipv4<'a> {
    /// # Errors
    /// Where the header was not all captured, or its version, header length or total length can't be.
    /// A total length of 0 is what a card's segmentation offload leaves: then all of the frame counts.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (fixed, _) = span.split_array::<20>()?;
        let [first, _, high, low, ..] = *fixed;
        let header_len = usize::from(first & 0x0f).wrapping_mul(4);
        if first >> 4 != 4 || header_len < 20 {
            return Err(span.malformed(20));
        }
        let total = usize::from(u16::from_be_bytes([high, low]));
        if total != 0 && total < header_len {
            return Err(span.malformed(header_len));
        }
        let (bytes, _) = span.split(header_len)?;
        let header = Ipv4HeaderSlice::from_slice(bytes).map_err(|_| span.malformed(header_len))?;
        let packet = if total == 0 { span } else { span.head_of(total) };
        let view = Ipv4 { header, span: packet, missing: total.saturating_sub(span.wire()) };
        let next = match view.fragment_offset() {
            0 => Next::Protocol(view.protocol(), IpVersion::V4),
            _ => Next::Fragment(view.protocol()),
        };
        Ok((view, next, packet.skip(header_len)))
    }

    /// Header and payload, as long as the total length says.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// How many bytes of the packet, as long as its total length says, the frame did not have on the wire.
    pub fn missing(&self) -> usize {
        self.missing
    }

    pub fn source(&self) -> [u8; 4] {
        self.header.source()
    }

    pub fn destination(&self) -> [u8; 4] {
        self.header.destination()
    }

    /// Header length in bytes, 20 to 60.
    pub fn header_len(&self) -> usize {
        self.header.slice().len()
    }

    /// The total length as it stands in the header, in bytes.
    pub fn total_len(&self) -> u16 {
        self.header.total_len()
    }

    /// The whole type-of-service byte: DSCP and ECN.
    pub fn tos(&self) -> u8 {
        self.header.slice().get(1).copied().unwrap_or(0)
    }

    pub fn identification(&self) -> u16 {
        self.header.identification()
    }

    pub fn dont_fragment(&self) -> bool {
        self.header.dont_fragment()
    }

    pub fn more_fragments(&self) -> bool {
        self.header.more_fragments()
    }

    /// The reserved bit of the flags, which must be 0.
    pub fn reserved_flag(&self) -> bool {
        self.header.slice().get(6).is_some_and(|b| b & 0x80 != 0)
    }

    /// Where this fragment's payload stands in the whole, in bytes.
    pub fn fragment_offset(&self) -> u16 {
        self.header.fragments_offset().value().wrapping_mul(8)
    }

    /// Whether this is a fragment, the first one too.
    pub fn is_fragment(&self) -> bool {
        self.more_fragments() || self.fragment_offset() != 0
    }

    pub fn ttl(&self) -> u8 {
        self.header.ttl()
    }

    pub fn protocol(&self) -> u8 {
        self.header.protocol().0
    }

    /// The checksum that stands in the header.
    pub fn checksum(&self) -> u16 {
        self.header.header_checksum()
    }

    /// 0 where the checksum is right.
    pub fn checksum_residue(&self) -> u16 {
        checksum::of(self.header.slice())
    }

    /// Where a source route (RFC 791, 3.1) ends, else the destination: what transport checksums cover.
    pub fn final_destination(&self) -> [u8; 4] {
        let mut rest = self.options();
        while let [kind, tail @ ..] = rest {
            let length = match (kind, tail) {
                (0, _) => break,
                (1, _) => 1,
                (_, [length, ..]) if *length >= 2 => usize::from(*length),
                _ => break,
            };
            let Some((option, after)) = rest.split_at_checked(length) else { break };
            if let (131 | 137, 7.., Some(last)) = (*kind, length, option.last_chunk()) {
                return *last;
            }
            rest = after;
        }
        self.destination()
    }

    /// The options, with their padding.
    pub fn options(&self) -> &'a [u8] {
        self.header.slice().get(20..).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Cause;

    fn header(first: u8, total: u16, fragment: u16) -> Vec<u8> {
        let mut bytes = vec![first, 0];
        bytes.extend(total.to_be_bytes());
        bytes.extend([0, 1]);
        bytes.extend(fragment.to_be_bytes());
        bytes.extend([64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        bytes.extend([0; 26]);
        bytes
    }

    #[test]
    fn the_total_length_ends_the_payload() {
        let bytes = header(0x45, 28, 0);
        let (ip, next, rest) = Ipv4::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((next, rest.wire()), (Next::Protocol(17, IpVersion::V4), 8));
        assert_eq!((ip.source(), ip.destination()), ([10, 0, 0, 1], [10, 0, 0, 2]));
    }

    #[test]
    fn a_total_length_of_zero_is_offloading() {
        let bytes = header(0x45, 0, 0);
        let (_, _, rest) = Ipv4::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!(rest.wire(), 26);
    }

    #[test]
    fn a_later_fragment_has_no_transport_header() {
        let bytes = header(0x45, 46, 0x2001);
        let (ip, next, _) = Ipv4::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((next, ip.fragment_offset(), ip.more_fragments()), (Next::Fragment(17), 8, true));
    }

    #[test]
    fn lies_about_lengths_are_malformed() {
        for (first, total) in [(0x44, 40), (0x45, 19), (0x4f, 40), (0x65, 40)] {
            let bytes = header(first, total, 0);
            assert_eq!(Ipv4::parse(Span::new(&bytes, bytes.len())).unwrap_err().cause, Cause::Malformed);
        }
    }
}
