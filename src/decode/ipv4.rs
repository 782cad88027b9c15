//! IPv4 (RFC 791): the header as a checked view, and the payload as far as the total length says.

use super::checksum;
use super::{IpVersion, Next, Short, Span};

/// An IPv4 header and its packet.
#[derive(Clone, Copy, Debug)]
pub struct Ipv4<'a> {
    fixed: &'a [u8; 20],
    /// The packet: header and payload.
    span: Span<'a>,
    missing: usize,
}

impl<'a> Ipv4<'a> {
    /// # Errors
    /// Where the header was not all captured, or its version, header length or total length can't be.
    /// A total length of 0 is what a card's segmentation offload leaves: then all of the frame counts.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let view = Self::parse_fixed(span)?;
        span.split(view.header_len())?;
        let next = match view.fragment_offset() {
            0 => Next::Protocol(view.protocol(), IpVersion::V4),
            _ => Next::Fragment(view.protocol()),
        };
        Ok((view, next, view.span.skip(view.header_len())))
    }

    /// The same for a header whose options may not all be there: then nothing says what follows.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse), but for cut options.
    pub fn parse_fixed(span: Span<'a>) -> Result<Self, Short> {
        let (fixed, _) = span.split_array::<20>()?;
        let view = Ipv4 { fixed, span, missing: 0 };
        let header_len = view.header_len();
        if fixed[0] >> 4 != 4 || header_len < 20 {
            return Err(span.malformed(20));
        }
        match usize::from(view.total_len()) {
            0 => Ok(view),
            total if total < header_len => Err(span.malformed(header_len)),
            total => Ok(Ipv4 { span: span.head_of(total), missing: total.saturating_sub(span.wire()), ..view }),
        }
    }

    fn u16_at<const AT: usize>(&self) -> u16 {
        match self.fixed.get(AT..) {
            Some(&[high, low, ..]) => u16::from_be_bytes([high, low]),
            _ => 0,
        }
    }

    fn address_at<const AT: usize>(&self) -> [u8; 4] {
        self.fixed.get(AT..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default()
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
        self.address_at::<12>()
    }

    pub fn destination(&self) -> [u8; 4] {
        self.address_at::<16>()
    }

    /// Header length in bytes, 20 to 60.
    pub fn header_len(&self) -> usize {
        usize::from(self.fixed[0] & 15).wrapping_mul(4)
    }

    /// The total length as it stands in the header, in bytes.
    pub fn total_len(&self) -> u16 {
        self.u16_at::<2>()
    }

    /// The whole type-of-service byte: DSCP and ECN.
    pub fn tos(&self) -> u8 {
        self.fixed[1]
    }

    pub fn identification(&self) -> u16 {
        self.u16_at::<4>()
    }

    pub fn dont_fragment(&self) -> bool {
        self.fixed[6] & 0x40 != 0
    }

    pub fn more_fragments(&self) -> bool {
        self.fixed[6] & 0x20 != 0
    }

    /// The reserved bit of the flags, which must be 0.
    pub fn reserved_flag(&self) -> bool {
        self.fixed[6] & 0x80 != 0
    }

    /// Where this fragment's payload stands in the whole, in bytes.
    pub fn fragment_offset(&self) -> u16 {
        (self.u16_at::<6>() & 0x1fff).wrapping_mul(8)
    }

    /// Whether this is a fragment, the first one too.
    pub fn is_fragment(&self) -> bool {
        self.more_fragments() || self.fragment_offset() != 0
    }

    pub fn ttl(&self) -> u8 {
        self.fixed[8]
    }

    pub fn protocol(&self) -> u8 {
        self.fixed[9]
    }

    /// The checksum that stands in the header.
    pub fn checksum(&self) -> u16 {
        self.u16_at::<10>()
    }

    /// 0 where the checksum is right, or can't be known as the header was cut.
    pub fn checksum_residue(&self) -> u16 {
        self.span.bytes().get(..self.header_len()).map_or(0, checksum::of)
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

    /// The options, with their padding, as far as they were captured.
    pub fn options(&self) -> &'a [u8] {
        self.span.limit(self.header_len()).skip(20).bytes()
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
    fn options_that_were_cut_leave_the_fixed_part() {
        let bytes = header(0x48, 60, 0);
        let span = Span::new(&bytes[..25], 60);
        assert_eq!(Ipv4::parse(span).unwrap_err().cause, Cause::Capture);
        let ip = Ipv4::parse_fixed(span).unwrap();
        assert_eq!((ip.header_len(), ip.options().len(), ip.protocol()), (32, 5, 17));
    }

    #[test]
    fn lies_about_lengths_are_malformed() {
        for (first, total) in [(0x44, 40), (0x45, 19), (0x4f, 40), (0x65, 40)] {
            let bytes = header(first, total, 0);
            assert_eq!(Ipv4::parse(Span::new(&bytes, bytes.len())).unwrap_err().cause, Cause::Malformed);
        }
    }
}
