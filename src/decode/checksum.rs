//! The Internet checksum (RFC 1071) and the pseudo headers it covers (RFC 9293 3.1, RFC 8200 8.1).

/// A one's-complement sum that is still being added to. Parts may have any length, but only the last an odd one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum(u64);

impl Sum {
    /// Adds bytes as big-endian 16-bit words; an odd byte at the end counts as if a zero followed.
    #[must_use]
    pub fn with(self, bytes: &[u8]) -> Sum {
        let mut sum = self.0;
        let (words, rest) = bytes.as_chunks::<4>();
        for word in words {
            sum = sum.wrapping_add(u64::from(u32::from_be_bytes(*word)));
        }
        let tail = match *rest {
            [] => 0,
            [a] => u32::from_be_bytes([a, 0, 0, 0]),
            [a, b] => u32::from_be_bytes([a, b, 0, 0]),
            [a, b, c, ..] => u32::from_be_bytes([a, b, c, 0]),
        };
        Sum(fold(sum.wrapping_add(u64::from(tail))))
    }

    /// Adds the pseudo header of an upper-layer protocol: both addresses, its number and its length in bytes.
    #[must_use]
    pub fn pseudo_header(self, source: &[u8], destination: &[u8], protocol: u8, length: usize) -> Sum {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.with(source).with(destination).with(&length.to_be_bytes()).with(&[0, 0, 0, protocol])
    }

    /// The checksum: 0 where the bytes summed held a right one.
    pub fn finish(self) -> u16 {
        let once = (self.0 & 0xffff).wrapping_add((self.0 >> 16) & 0xffff);
        let twice = (once & 0xffff).wrapping_add(once >> 16);
        !(twice as u16)
    }
}

/// Brings a sum back to 32 bits, so that no number of parts overflows.
fn fold(sum: u64) -> u64 {
    let once = (sum & 0xffff_ffff).wrapping_add(sum >> 32);
    (once & 0xffff_ffff).wrapping_add(once >> 32)
}

/// The checksum of one piece of bytes.
pub fn of(bytes: &[u8]) -> u16 {
    Sum::default().with(bytes).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        assert_eq!(of(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
        assert_eq!(of(&[0xff; 9]), !0xff00);
        assert_eq!(of(&[]), 0xffff);
    }
}
