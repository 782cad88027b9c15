//! The key that all pseudonyms are made with, and the two things made with it: bytes that look random to whoever
//! lacks it, and permutations of small ranges of numbers.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;

/// Rounds of the permutation: more than the ten of NIST SP 800-38G's FF1 would gain nothing here.
const ROUNDS: u8 = 10;

/// A key of 32 bytes. Whoever has it can tell which original a pseudonym stands for.
#[derive(Clone)]
pub struct Key {
    bytes: [u8; Key::LEN],
    expander: Hkdf<Sha256>,
}

impl Key {
    /// Its length in bytes.
    pub const LEN: usize = 32;

    pub fn new(bytes: [u8; Key::LEN]) -> Self {
        Key { bytes, expander: Hkdf::new(Some(b"sabueso anonymize"), &bytes) }
    }

    /// The key that a file holds: 32 bytes, or 64 hexadecimal digits with white space around them.
    pub fn parse(file: &[u8]) -> Option<Self> {
        if let Ok(bytes) = file.try_into() {
            return Some(Key::new(bytes));
        }
        let (pairs, []) = file.trim_ascii().as_chunks::<2>() else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
        bytes?.try_into().ok().map(Key::new)
    }

    /// The key as Crypto-PAn has it: 16 bytes for AES, then 16 of which the padding is made.
    pub(super) fn halves(&self) -> ([u8; 16], [u8; 16]) {
        let (halves, _) = self.bytes.as_chunks();
        match *halves {
            [cipher, padding] => (cipher, padding),
            _ => ([0; 16], [0; 16]),
        }
    }

    /// As many bytes as `out` has, which depend on the key, on `purpose`, which is of fixed length, and on `about`.
    pub(super) fn derive(&self, purpose: &[u8; 4], about: &[&[u8]], out: &mut [u8]) {
        let info: Vec<&[u8]> = [purpose.as_slice()].into_iter().chain(about.iter().copied()).collect();
        // It fails for more than 8160 bytes alone; zeros tell nothing either.
        if self.expander.expand_multi_info(&info, out).is_err() {
            out.fill(0);
        }
    }

    /// Another number below `left` times `right`, for every such number a different one: a Feistel network whose two
    /// halves are below `left` and `right`. Both fit 32 bits and are not 0.
    pub(super) fn permute(&self, purpose: &[u8; 4], about: &[u8], (left, right): (u64, u64), number: u64) -> u64 {
        let (mut a, mut b) = (number.checked_div(right).unwrap_or(0), number.checked_rem(right).unwrap_or(0));
        for round in 0..ROUNDS {
            let (from, to, size) = if round.is_multiple_of(2) { (b, &mut a, left) } else { (a, &mut b, right) };
            let mut mask = [0; 8];
            self.derive(purpose, &[&[round], &from.to_be_bytes(), about], &mut mask);
            // Of 63 bits, so that the sum fits.
            let mask = u64::from_be_bytes(mask) >> 1;
            *to = to.wrapping_add(mask).checked_rem(size).unwrap_or(0);
        }
        a.wrapping_mul(right).wrapping_add(b)
    }
}

/// Never the key itself.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_has_bytes_or_digits() {
        let key = Key::parse(&[7; 32]).unwrap();
        assert_eq!(key.halves(), ([7; 16], [7; 16]));
        let digits = format!(" {}\n", "0A".repeat(32));
        assert_eq!(Key::parse(digits.as_bytes()).unwrap().bytes, [10; 32]);
        for wrong in [&b""[..], &[7; 31], &[7; 33], &[b'g'; 64], &[b'0'; 63]] {
            assert!(Key::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_permutation_gives_every_number_once() {
        let key = Key::new([1; 32]);
        for sizes in [(1, 38), (38, 38), (16, 5)] {
            let count = sizes.0 * sizes.1;
            let permuted = |about: &[u8]| -> Vec<u64> {
                (0..count).map(|number| key.permute(b"test", about, sizes, number)).collect()
            };
            let mut all = permuted(b"a");
            assert_ne!(all, permuted(b"b"));
            all.sort_unstable();
            assert!(all.into_iter().eq(0..count), "{sizes:?}");
        }
    }
}
