//! The one way that anything from packets, file metadata or file names reaches people.
//!
//! A [`Sheet`] takes our own words as `&'static str`, numbers and addresses as values, and bytes from
//! outside only through methods that escape them: there is no way to put a raw byte on it. It formats by
//! hand into one reused buffer (`core::fmt` costs several times more on the packet path).

use std::io::{self, Write};

/// Text under way to a terminal, file or pipe.
#[derive(Debug, Default)]
pub struct Sheet {
    text: Vec<u8>,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn hex_digit(nibble: u8) -> u8 {
    HEX.get(usize::from(nibble & 15)).copied().unwrap_or(b'?')
}

impl Sheet {
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes written so far and not flushed.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What stands on the sheet: ASCII and escaped UTF-8, always valid text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// Takes everything off.
    pub fn clear(&mut self) {
        self.text.clear();
    }

    /// Takes off what came after the sheet had this length: a line given up half way.
    pub fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
    }

    /// Writes everything out and clears the sheet.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn flush_to(&mut self, out: &mut impl Write) -> io::Result<()> {
        let written = out.write_all(&self.text);
        self.text.clear();
        written
    }

    /// Our own words.
    #[inline]
    pub fn put(&mut self, words: &'static str) {
        self.text.extend_from_slice(words.as_bytes());
    }

    /// A number in decimal.
    #[inline]
    pub fn dec(&mut self, number: impl Into<u64>) {
        let mut number: u64 = number.into();
        let mut digits = [0u8; 20];
        let mut from = digits.len();
        for (at, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' | (number % 10) as u8;
            number /= 10;
            from = at;
            if number == 0 {
                break;
            }
        }
        self.text.extend_from_slice(digits.get(from..).unwrap_or(&[]));
    }

    /// A length or count in decimal.
    #[inline]
    pub fn len_of(&mut self, length: usize) {
        self.dec(length as u64);
    }

    /// A signed number in decimal.
    pub fn signed(&mut self, number: i64) {
        if number < 0 {
            self.text.push(b'-');
        }
        self.dec(number.unsigned_abs());
    }

    /// A number in decimal, with zeros before it up to `width` digits.
    pub fn dec_padded(&mut self, number: u64, width: usize) {
        let digits = number.checked_ilog10().unwrap_or(0).saturating_add(1) as usize;
        for _ in digits..width {
            self.text.push(b'0');
        }
        self.dec(number);
    }

    /// A number in hexadecimal without zeros before it or `0x`.
    pub fn hex(&mut self, number: impl Into<u64>) {
        let number = number.into();
        let digits = (64u32.saturating_sub(number.leading_zeros())).div_ceil(4).max(1);
        self.hex_padded(number, digits as usize);
    }

    /// A number in hexadecimal of just `width` digits.
    #[inline]
    pub fn hex_padded(&mut self, number: impl Into<u64>, width: usize) {
        let number = number.into();
        let mut shift = u32::try_from(width).unwrap_or(16).saturating_mul(4);
        for _ in 0..width {
            shift = shift.saturating_sub(4);
            self.text.push(hex_digit((number.checked_shr(shift).unwrap_or(0) & 15) as u8));
        }
    }

    /// Bytes as pairs of hexadecimal digits, joined by one of our own words (which may be empty).
    pub fn hex_bytes(&mut self, bytes: &[u8], joint: &'static str) {
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 {
                self.put(joint);
            }
            self.text.extend_from_slice(&[hex_digit(byte >> 4), hex_digit(*byte)]);
        }
    }

    /// A link-layer address.
    #[inline]
    pub fn mac(&mut self, address: [u8; 6]) {
        self.hex_bytes(&address, ":");
    }

    /// An IPv4 address in dotted decimal.
    #[inline]
    pub fn ipv4(&mut self, address: [u8; 4]) {
        for (at, byte) in address.into_iter().enumerate() {
            if at > 0 {
                self.text.push(b'.');
            }
            self.small(byte);
        }
    }

    /// A byte in decimal.
    #[inline]
    fn small(&mut self, byte: u8) {
        if byte >= 100 {
            self.text.push(b'0' | (byte / 100));
        }
        if byte >= 10 {
            self.text.push(b'0' | (byte / 10 % 10));
        }
        self.text.push(b'0' | (byte % 10));
    }

    /// An IPv6 address, its longest run of two or more zero words shortened (RFC 5952); an IPv4-mapped or
    /// compatible address ends in dotted decimal, as inet_ntop(3) has it.
    pub fn ipv6(&mut self, address: [u8; 16]) {
        let (pairs, _) = address.as_chunks::<2>();
        // The longest run of zero words: [from, to).
        let (mut from, mut to, mut start) = (8usize, 8usize, 0usize);
        for (at, pair) in pairs.iter().enumerate() {
            let next = at.saturating_add(1);
            if *pair != [0, 0] {
                start = next;
            } else if next.saturating_sub(start) > to.saturating_sub(from).max(1) {
                (from, to) = (start, next);
            }
        }
        let embedded = from == 0
            && match to {
                5 => pairs.get(5) == Some(&[255, 255]),
                6 => true,
                _ => false,
            };
        for (at, pair) in pairs.iter().enumerate() {
            if at == from || (at > 0 && !(from..to).contains(&at)) {
                self.text.push(b':');
            }
            if (from..to).contains(&at) {
                continue;
            }
            if at == 6 && embedded {
                let [.., a, b, c, d] = address;
                return self.ipv4([a, b, c, d]);
            }
            self.hex(u16::from_be_bytes(*pair));
        }
        if from < to && to == 8 {
            self.text.push(b':');
        }
    }

    /// Bytes of a packet in tcpdump's notation: printable ASCII as it is, `^X` for a control byte, `M-` before
    /// one with the high bit set.
    pub fn caret(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.caret_byte(*byte);
        }
    }

    fn caret_byte(&mut self, byte: u8) {
        let low = byte & 0x7f;
        if byte != low {
            self.put("M-");
        }
        if (0x20..0x7f).contains(&low) {
            self.text.push(low);
        } else {
            self.text.push(b'^');
            self.text.push(low ^ 0x40);
        }
    }

    /// Bytes of a packet with a dot for each that is not printable ASCII.
    #[inline]
    pub fn dots(&mut self, bytes: &[u8]) {
        self.text.extend(bytes.iter().map(|b| if (0x21..0x7f).contains(b) { *b } else { b'.' }));
    }

    /// Text of a packet over several lines (`-A`): printable ASCII, tabs and line ends as they are, a dot
    /// for every other byte, and nothing for the carriage return of a line end.
    pub fn lines(&mut self, bytes: &[u8]) {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\r' if bytes.get(at.saturating_add(1)) == Some(&b'\n') => {}
                b'\n' | b'\t' | 0x20..0x7f => self.text.push(*byte),
                _ => self.text.push(b'.'),
            }
        }
    }

    /// Text from outside (a name, a comment, a file name, an error's words): printable characters as they
    /// are; control, bidirectional and other invisible characters as `\u{..}`; bytes that are not UTF-8 as `\xNN`.
    pub fn escaped(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                if is_shown(c) {
                    self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                } else {
                    self.put("\\u{");
                    self.hex(u32::from(c));
                    self.put("}");
                }
            }
            for byte in chunk.invalid() {
                self.put("\\x");
                self.hex_padded(*byte, 2);
            }
        }
    }
}

/// Whether a character may reach a terminal as it is.
fn is_shown(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(f: impl FnOnce(&mut Sheet)) -> String {
        let mut sheet = Sheet::new();
        f(&mut sheet);
        String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn numbers() {
        assert_eq!(text(|s| s.dec(0u32)), "0");
        assert_eq!(text(|s| s.dec(u64::MAX)), "18446744073709551615");
        assert_eq!(text(|s| s.signed(-12)), "-12");
        assert_eq!(text(|s| s.dec_padded(7, 6)), "000007");
        assert_eq!(text(|s| s.hex(0u8)), "0");
        assert_eq!(text(|s| s.hex(0x1fffu16)), "1fff");
        assert_eq!(text(|s| s.hex_padded(0xau8, 4)), "000a");
        for n in 0..=255u8 {
            assert_eq!(text(|s| s.ipv4([n, 0, n, 1])), std::net::Ipv4Addr::new(n, 0, n, 1).to_string());
        }
    }

    #[test]
    fn ipv6_addresses_are_written_as_the_library_does() {
        for address in [
            "::",
            "::1",
            "fe80::1",
            "2001:db8::",
            "1:0:0:2:0:0:0:3",
            "1:0:2:0:3:0:4:0",
            "::ffff:10.1.2.3",
            "0:0:1::",
            "1:2:3:4:5:6:7:8",
            "ff02::1:ff00:2",
        ] {
            let address: std::net::Ipv6Addr = address.parse().unwrap();
            assert_eq!(text(|s| s.ipv6(address.octets())), address.to_string());
        }
    }

    #[test]
    fn nothing_from_outside_passes_raw() {
        let evil = b"ok\x1b]0;x\x07\r\n\t\x7f\x9b\xe2\x80\xae\xc2\x9b\xff\xf0\x9f\x90\xb6";
        assert_eq!(
            text(|s| s.escaped(evil)),
            "ok\\u{1b}]0;x\\u{7}\\u{d}\\u{a}\\u{9}\\u{7f}\\x9b\\u{202e}\\u{9b}\\xff\u{1f436}"
        );
        assert_eq!(text(|s| s.caret(b"a\x1b\x7f\x9b\xe9")), "a^[^?M-^[M-i");
        assert_eq!(text(|s| s.dots(b"a b\x1b\xff")), "a.b..");
        assert_eq!(text(|s| s.lines(b"a\tb\r\nc\rd\x1b")), "a\tb\nc.d.");
    }
}
