//! TCP (RFC 9293): a segment's header, its options and its payload. Options that the capture cut are told
//! as far as they go, so the view asks for the fixed part alone.

use super::{Next, Short, Span};

/// Flag bits of the header.
pub const FIN: u16 = 0x001;
pub const SYN: u16 = 0x002;
pub const RST: u16 = 0x004;
pub const PSH: u16 = 0x008;
pub const ACK: u16 = 0x010;
pub const URG: u16 = 0x020;
pub const ECE: u16 = 0x040;
pub const CWR: u16 = 0x080;
/// Accurate ECN (RFC 9768).
pub const AE: u16 = 0x100;

/// A segment.
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'a> {
    header: &'a [u8; 20],
    span: Span<'a>,
}

impl<'a> Tcp<'a> {
    /// # Errors
    /// Where fewer than 20 bytes were captured, or the data offset is below them or beyond the segment.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, _) = span.split_array()?;
        let view = Tcp { header, span };
        let length = view.header_len();
        if length < 20 || length > span.wire() {
            return Err(span.malformed(length.max(20)));
        }
        Ok((view, Next::Payload, span.skip(length)))
    }

    /// Header and payload, as far as the IP header says they go.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    fn u16_at<const AT: usize>(&self) -> u16 {
        match self.header.get(AT..) {
            Some(&[high, low, ..]) => u16::from_be_bytes([high, low]),
            _ => 0,
        }
    }

    fn u32_at<const AT: usize>(&self) -> u32 {
        match self.header.get(AT..) {
            Some(&[a, b, c, d, ..]) => u32::from_be_bytes([a, b, c, d]),
            _ => 0,
        }
    }

    pub fn source_port(&self) -> u16 {
        self.u16_at::<0>()
    }

    pub fn destination_port(&self) -> u16 {
        self.u16_at::<2>()
    }

    pub fn sequence(&self) -> u32 {
        self.u32_at::<4>()
    }

    pub fn acknowledgment(&self) -> u32 {
        self.u32_at::<8>()
    }

    /// Header length in bytes, 20 to 60.
    pub fn header_len(&self) -> usize {
        usize::from(self.u16_at::<12>() >> 12).wrapping_mul(4)
    }

    /// The flag bits, [`FIN`] to [`AE`], with the three reserved ones above them.
    pub fn flags(&self) -> u16 {
        self.u16_at::<12>() & 0x0fff
    }

    /// As it stands in the header: not scaled.
    pub fn window(&self) -> u16 {
        self.u16_at::<14>()
    }

    pub fn checksum(&self) -> u16 {
        self.u16_at::<16>()
    }

    pub fn urgent_pointer(&self) -> u16 {
        self.u16_at::<18>()
    }

    /// The options, as far as they were captured.
    pub fn options(&self) -> Span<'a> {
        self.span.limit(self.header_len()).skip(20)
    }

    /// What the segment carries.
    pub fn payload(&self) -> Span<'a> {
        self.span.skip(self.header_len())
    }
}

/// A 32-bit number at the start of some bytes.
fn word(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|b| u32::from_be_bytes(*b))
}

/// The timestamp option of a segment, where it has one: its value and its echo reply (RFC 7323, 3.2).
pub fn timestamps(options: &[u8]) -> Option<(u32, u32)> {
    let mut rest = options;
    loop {
        rest = match *rest {
            [8, 10, ref body @ ..] => return Some((word(body)?, word(body.get(4..)?)?)),
            [1, ref more @ ..] => more,
            [kind, length, ..] if kind != 0 && length >= 2 => rest.get(usize::from(length)..)?,
            _ => return None,
        };
    }
}

/// One option (RFC 9293, 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opt<'a> {
    pub kind: u8,
    /// What stands behind kind and length.
    pub body: &'a [u8],
}

/// The options of a segment up to their end, or to the first that is not all there or has no possible length.
pub fn options(mut rest: &[u8]) -> impl Iterator<Item = Opt<'_>> {
    std::iter::from_fn(move || {
        let (option, behind) = match *rest {
            [] | [0, ..] => return None,
            [1, ref behind @ ..] => (Opt { kind: 1, body: &[] }, behind),
            [kind, length, ..] if length >= 2 => {
                let (option, behind) = rest.split_at_checked(length.into())?;
                (Opt { kind, body: option.get(2..)? }, behind)
            }
            _ => return None,
        };
        rest = behind;
        Some(option)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_follow_each_other_up_to_their_end() {
        let bytes = [2, 4, 5, 0xb4, 1, 4, 2, 0, 9, 9];
        let found: Vec<_> = options(&bytes).map(|option| (option.kind, option.body)).collect();
        assert_eq!(found, [(2, &[5, 0xb4][..]), (1, &[]), (4, &[])]);
        assert_eq!(options(&[8, 10, 0]).count(), 0);
        assert_eq!(options(&[1, 3, 1, 1]).count(), 1);
    }

    #[test]
    fn timestamps_are_found_behind_other_options() {
        let options = [2, 4, 5, 0xb4, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9];
        assert_eq!(timestamps(&options), Some((7, 9)));
        assert_eq!(timestamps(&options[..14]), None);
        assert_eq!(timestamps(&[3, 0, 8, 10]), None);
    }

    #[test]
    fn an_offset_beyond_the_segment_is_malformed() {
        let mut header = [0u8; 24];
        header[12] = 0x70;
        assert!(Tcp::parse(Span::new(&header, 24)).is_err());
        header[12] = 0x60;
        assert!(Tcp::parse(Span::new(&header, 24)).is_ok());
    }
}
