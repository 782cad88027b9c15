//! IPv6 (RFC 8200) and its extension headers.

use etherparse::Ipv6HeaderSlice;

use super::{IpVersion, Next, Short, Span};

/// Next-header numbers of the extension headers.
pub const HOP_BY_HOP: u8 = 0;
pub const ROUTING: u8 = 43;
pub const FRAGMENT: u8 = 44;
pub const NO_NEXT_HEADER: u8 = 59;
pub const DESTINATION_OPTIONS: u8 = 60;
/// The number that mobility headers had before they were given [`MOBILITY`].
pub const OLD_MOBILITY: u8 = 62;
pub const MOBILITY: u8 = 135;

/// An IPv6 header and its packet.
#[derive(Clone, Copy, Debug)]
pub struct Ipv6<'a> {
    header: Ipv6HeaderSlice<'a>,
    span: Span<'a>,
    missing: usize,
    is_jumbo: bool,
}

/// The option of a hop-by-hop header that tells a payload length of more than 16 bits (RFC 2675, 2).
pub const JUMBO: u8 = 0xc2;

/// The payload length that a hop-by-hop header tells; none where it has no valid one.
fn jumbo_length(header: Span<'_>) -> Option<usize> {
    let size = usize::from(header.u8_at(1)?).saturating_add(1).saturating_mul(8);
    let mut rest = header.bytes().get(2..size)?;
    loop {
        rest = match *rest {
            [0, ref behind @ ..] => behind,
            [JUMBO, 4, a, b, c, d, ..] => {
                let length = u32::from_be_bytes([a, b, c, d]);
                return usize::try_from(length).ok().filter(|length| *length > usize::from(u16::MAX));
            }
            [_, length, ref value @ ..] => value.get(usize::from(length)..)?,
            _ => return None,
        };
    }
}

impl<'a> Ipv6<'a> {
    /// # Errors
    /// Where the 40 bytes were not all captured or the version is not 6. A payload length of 0 before a hop-by-hop
    /// header that is not a jumbogram's (RFC 2675) leaves all of the frame.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (fixed, _) = span.split(40)?;
        let header = Ipv6HeaderSlice::from_slice(fixed).map_err(|_| span.malformed(40))?;
        let jumbo = match header.payload_length() {
            0 if header.next_header().0 == HOP_BY_HOP => Some(jumbo_length(span.skip(40))),
            _ => None,
        };
        let length = jumbo.unwrap_or(Some(header.payload_length().into()));
        let packet = length.map_or(span, |length| span.head_of(length.saturating_add(40)));
        let missing = packet.wire().saturating_sub(span.wire());
        Ok((
            Ipv6 { header, span: packet, missing, is_jumbo: jumbo.flatten().is_some() },
            Next::Protocol(header.next_header().0, IpVersion::V6),
            packet.skip(40),
        ))
    }

    /// Header and payload, as long as the payload length says.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// How many bytes of the packet, as long as its payload length says, the frame did not have on the wire.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Whether a hop-by-hop option tells its payload length.
    pub fn is_jumbo(&self) -> bool {
        self.is_jumbo
    }

    pub fn source(&self) -> [u8; 16] {
        self.header.source()
    }

    pub fn destination(&self) -> [u8; 16] {
        self.header.destination()
    }

    /// The whole traffic class byte: DSCP and ECN.
    pub fn traffic_class(&self) -> u8 {
        self.header.traffic_class()
    }

    /// 20 bits.
    pub fn flow_label(&self) -> u32 {
        self.header.flow_label().value()
    }

    /// The payload length as it stands in the header, in bytes.
    pub fn payload_len(&self) -> u16 {
        self.header.payload_length()
    }

    pub fn next_header(&self) -> u8 {
        self.header.next_header().0
    }

    pub fn hop_limit(&self) -> u8 {
        self.header.hop_limit()
    }
}

/// One extension header.
#[derive(Clone, Copy, Debug)]
pub struct Extension<'a> {
    kind: u8,
    bytes: &'a [u8],
    /// This header and all that follows in the packet.
    span: Span<'a>,
}

impl<'a> Extension<'a> {
    /// Whether a next-header number is an extension header that this type reads.
    pub fn is_one(kind: u8) -> bool {
        matches!(kind, HOP_BY_HOP | ROUTING | FRAGMENT | DESTINATION_OPTIONS | OLD_MOBILITY | MOBILITY)
    }

    /// # Errors
    /// Where the header was not all captured.
    pub fn parse(kind: u8, span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[next, length], _) = span.split_array::<2>()?;
        let length = match kind {
            FRAGMENT => 8,
            _ => usize::from(length).saturating_add(1).saturating_mul(8),
        };
        let (bytes, rest) = span.split(length)?;
        let view = Extension { kind, bytes, span };
        let next = match (kind, view.fragment()) {
            (FRAGMENT, Some(fragment)) if fragment.offset != 0 => Next::Fragment(next),
            // A mobility header carries no further header (RFC 6275, 6.1.1).
            (MOBILITY | OLD_MOBILITY, _) => Next::Payload,
            _ => Next::Protocol(next, IpVersion::V6),
        };
        Ok((view, next, rest))
    }

    /// Its own number, such as [`HOP_BY_HOP`].
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// The number of what follows it.
    pub fn next_header(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(NO_NEXT_HEADER)
    }

    /// The whole header.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// This header and all that follows it in the packet.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// What a fragment header says, where it is one.
    pub fn fragment(&self) -> Option<Fragment> {
        match *self.bytes {
            [_, _, high, low, a, b, c, d] if self.kind == FRAGMENT => {
                let word = u16::from_be_bytes([high, low]);
                Some(Fragment {
                    offset: word & 0xfff8,
                    more: word & 1 != 0,
                    identification: u32::from_be_bytes([a, b, c, d]),
                })
            }
            _ => None,
        }
    }
}

/// The contents of a fragment header (RFC 8200, 4.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fragment {
    /// Place of this part in the whole, in bytes.
    pub offset: u16,
    pub more: bool,
    pub identification: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(length: u16, options: [u8; 6]) -> Vec<u8> {
        let mut bytes = vec![0x60, 0, 0, 0];
        bytes.extend(length.to_be_bytes());
        bytes.extend([HOP_BY_HOP, 64]);
        bytes.extend([0; 32]);
        bytes.extend([NO_NEXT_HEADER, 0]);
        bytes.extend(options);
        bytes.extend([0; 8]);
        bytes
    }

    #[test]
    fn a_jumbo_option_tells_the_length_where_the_header_does_not() {
        let lengths = |length, options| {
            let bytes = packet(length, options);
            let (ip, _, rest) = Ipv6::parse(Span::new(&bytes, 70_000)).unwrap();
            (ip.is_jumbo(), ip.missing(), rest.wire())
        };
        assert_eq!(lengths(0, [JUMBO, 4, 0, 1, 0, 0]), (true, 0, 65_536));
        assert_eq!(lengths(0, [JUMBO, 4, 0, 2, 0, 0]), (true, 131_112 - 70_000, 131_072));
        assert_eq!(lengths(0, [JUMBO, 4, 0, 0, 0xff, 0xff]), (false, 0, 70_000 - 40));
        assert_eq!(lengths(0, [1, 4, 0, 0, 0, 0]), (false, 0, 70_000 - 40));
        assert_eq!(lengths(16, [JUMBO, 4, 0, 1, 0, 0]), (false, 0, 16));
    }
}
