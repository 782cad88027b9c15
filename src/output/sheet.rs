//! The one way that anything from packets, file metadata or file names reaches people.
//!
//! A [`Sheet`] takes our own words as `&'static str`, numbers and addresses as values, and bytes from
//! outside only through methods that escape them: there is no way to put a raw byte on it. It formats by
//! hand into one reused buffer (`core::fmt` costs several times more on the packet path).

use std::io::{self, Write};
use std::net::IpAddr;

use super::digits::{ASCII_ZEROS, DOTTED, eight_digits, hex_pair, shown};

/// Text under way to a terminal, file or pipe.
#[derive(Debug, Default)]
pub struct Sheet {
    text: Vec<u8>,
    coloured: bool,
}

/// How words look on a terminal that shows colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// As everything else; ends any other style.
    Plain,
    /// What is looked at last.
    Dim,
    /// The name of a protocol.
    Name,
    /// A beginning.
    Good,
    /// An end.
    Notice,
    /// A failure.
    Bad,
}

impl Sheet {
    pub fn new() -> Self {
        Self::default()
    }

    /// A sheet for a terminal that shows colour, or for something that does not.
    pub fn coloured(coloured: bool) -> Self {
        Sheet { text: Vec::new(), coloured }
    }

    /// Changes how the words that follow look, where there is colour.
    #[inline]
    pub fn style(&mut self, style: Style) {
        if self.coloured {
            self.put(match style {
                Style::Plain => "\x1b[0m",
                Style::Dim => "\x1b[2m",
                Style::Name => "\x1b[36m",
                Style::Good => "\x1b[32m",
                Style::Notice => "\x1b[33m",
                Style::Bad => "\x1b[31m",
            });
        }
    }

    /// What stands on another sheet.
    #[inline]
    pub fn join(&mut self, other: &Sheet) {
        self.text.extend_from_slice(&other.text);
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

    /// The first `used` bytes of an array: copying all of it and cutting back costs less than copying as many
    /// as are used.
    #[inline]
    fn head<const N: usize>(&mut self, bytes: [u8; N], used: usize) {
        let len = self.text.len().saturating_add(used);
        self.text.extend_from_slice(&bytes);
        self.text.truncate(len);
    }

    /// A number in decimal.
    #[inline]
    pub fn dec(&mut self, number: impl Into<u64>) {
        let number: u64 = number.into();
        match u32::try_from(number) {
            Ok(number @ 0..10) => self.text.push(b'0' | (number & 15) as u8),
            Ok(number) if number < 100_000_000 => {
                let digits = eight_digits(number);
                let zeros = digits.trailing_zeros() / 8;
                let digits = (digits | ASCII_ZEROS) >> (zeros.wrapping_mul(8) & 63);
                self.head(digits.to_le_bytes(), 8usize.saturating_sub(zeros as usize));
            }
            _ => {
                self.dec(number / 100_000_000);
                let digits = eight_digits(u32::try_from(number % 100_000_000).unwrap_or(0));
                self.text.extend_from_slice(&(digits | ASCII_ZEROS).to_le_bytes());
            }
        }
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

    /// A number below 100,000,000 in just six decimal digits (of more, the last six).
    #[inline]
    pub fn six(&mut self, number: u32) {
        let digits = (eight_digits(number % 100_000_000) | ASCII_ZEROS) >> 16;
        self.head(digits.to_le_bytes(), 6);
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
            let [_, digit] = hex_pair((number.checked_shr(shift).unwrap_or(0) & 15) as u8);
            self.text.push(digit);
        }
    }

    /// Bytes as pairs of hexadecimal digits, joined by one of our own words (which may be empty).
    pub fn hex_bytes(&mut self, bytes: &[u8], joint: &'static str) {
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 {
                self.put(joint);
            }
            self.text.extend_from_slice(&hex_pair(*byte));
        }
    }

    /// A line of a dump: 16 bytes, or fewer in the last, as groups of four digits; `ascii` puts what is
    /// printable behind them.
    #[inline]
    pub fn dump_line(&mut self, offset: usize, bytes: &[u8], ascii: bool) {
        self.put("\n\t0x");
        match u16::try_from(offset).map(u16::to_be_bytes) {
            Ok(bytes) => self.text.extend_from_slice(bytes.map(hex_pair).as_flattened()),
            Err(_) => self.hex(offset as u64),
        }
        let mut line = *b":                                            ................";
        const DIGITS: usize = 3;
        const ASCII: usize = 44;
        let (groups, text) = line.split_at_mut(ASCII);
        let mut used = 0usize;
        for (at, byte) in bytes.iter().take(16).enumerate() {
            used = DIGITS.wrapping_add(at.wrapping_mul(2)).wrapping_add(at / 2);
            if let Some(place) = groups.get_mut(used..used.wrapping_add(2)) {
                place.copy_from_slice(&hex_pair(*byte));
            }
            if let Some(place) = text.get_mut(at) {
                *place = shown(*byte);
            }
        }
        self.head(line, if ascii { ASCII.saturating_add(bytes.len().min(16)) } else { used.wrapping_add(2) });
    }

    /// A link-layer address.
    #[inline]
    pub fn mac(&mut self, address: [u8; 6]) {
        self.hex_bytes(&address, ":");
    }

    /// An IPv4 address in dotted decimal.
    #[inline]
    pub fn ipv4(&mut self, address: [u8; 4]) {
        for byte in address {
            let (digits, used) = DOTTED.get(usize::from(byte)).copied().unwrap_or_default();
            self.head(digits, usize::from(used).wrapping_add(1));
        }
        self.text.pop();
    }

    /// An address of either kind.
    pub fn ip(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.ipv4(address.octets()),
            IpAddr::V6(address) => self.ipv6(address.octets()),
        }
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
            let [high, low] = pair.map(hex_pair);
            let ([a, b], [c, d]) = (high, low);
            let zeros = (u16::from_be_bytes(*pair) | 1).leading_zeros() / 4;
            let digits = u32::from_le_bytes([a, b, c, d]) >> (zeros.wrapping_mul(8) & 31);
            self.head(digits.to_le_bytes(), 4usize.saturating_sub(zeros as usize));
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

    /// Text from outside as a JSON string (RFC 8259, 7), its quotes included. What [`escaped`](Self::escaped) would not
    /// show as it is stands as `\\uXXXX`; bytes that are not UTF-8 as U+FFFD, the replacement character.
    pub fn json_text(&mut self, bytes: &[u8]) {
        self.text.push(b'"');
        let plain = |byte: &u8| matches!(byte, 0x20..0x7f) && !matches!(byte, b'"' | b'\\');
        if bytes.iter().all(plain) {
            self.text.extend_from_slice(bytes);
        } else {
            for chunk in bytes.utf8_chunks() {
                chunk.valid().chars().for_each(|c| self.json_char(c));
                if !chunk.invalid().is_empty() {
                    self.json_char(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        self.text.push(b'"');
    }

    fn json_char(&mut self, c: char) {
        match c {
            '"' => self.put("\\\""),
            '\\' => self.put("\\\\"),
            c if is_shown(c) => self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    self.put("\\u");
                    self.hex_padded(*unit, 4);
                }
            }
        }
    }

    /// What stands on another sheet as a field of a line of separated values: in quotes, each of its own
    /// quotes doubled, if it holds a quote or the separator (RFC 4180). Between tabs nothing needs quotes, as no sheet
    /// holds one.
    pub fn separated(&mut self, cell: &Sheet, separator: u8) {
        if separator == b'\t' || !cell.text.iter().any(|byte| *byte == separator || *byte == b'"') {
            return self.join(cell);
        }
        self.text.push(b'"');
        for byte in &cell.text {
            if *byte == b'"' {
                self.text.push(b'"');
            }
            self.text.push(*byte);
        }
        self.text.push(b'"');
    }

    /// One printable ASCII character or a tab, such as stands between values.
    pub fn separator(&mut self, character: u8) {
        if character == b'\t' || (0x20..0x7f).contains(&character) {
            self.text.push(character);
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
        assert_eq!(text(|s| s.six(12_000_345)), "000345");
        for n in (0..20).map(|e| 10u64.pow(e)).flat_map(|n| [n - 1, n, n + 1, n.wrapping_mul(7)]) {
            assert_eq!(text(|s| s.dec(n)), n.to_string());
        }
        for n in 0..10_000u32 {
            assert_eq!(text(|s| s.dec(n * 9_999)), (n * 9_999).to_string());
        }
        assert_eq!(text(|s| s.hex(0u8)), "0");
        assert_eq!(text(|s| s.hex(0x1fffu16)), "1fff");
        assert_eq!(text(|s| s.hex_padded(0xau8, 4)), "000a");
        for n in 0..=255u8 {
            assert_eq!(text(|s| s.ipv4([n, 0, n, 1])), std::net::Ipv4Addr::new(n, 0, n, 1).to_string());
        }
    }

    #[test]
    fn separated_values_are_quoted_where_they_must_be() {
        let mut cell = Sheet::new();
        cell.escaped(b"a,\"b\"\tc");
        assert_eq!(text(|s| s.separated(&cell, b',')), r#""a,""b""\u{9}c""#);
        assert_eq!(text(|s| s.separated(&cell, b'\t')), r#"a,"b"\u{9}c"#);
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
    fn lines_of_a_dump() {
        let bytes: Vec<u8> = (0x5a..0x6a).collect();
        assert_eq!(
            text(|s| s.dump_line(0x120, &bytes, true)),
            "\n\t0x0120:  5a5b 5c5d 5e5f 6061 6263 6465 6667 6869  Z[\\]^_`abcdefghi"
        );
        assert_eq!(
            text(|s| s.dump_line(0, &bytes[..3], true)),
            "\n\t0x0000:  5a5b 5c                                  Z[\\"
        );
        assert_eq!(text(|s| s.dump_line(16, &bytes[..3], false)), "\n\t0x0010:  5a5b 5c");
        assert_eq!(
            text(|s| s.dump_line(0, b" \x1b\x7f\xff", true)),
            "\n\t0x0000:  201b 7fff                                ...."
        );
    }

    #[test]
    fn nothing_from_outside_passes_raw() {
        let evil = b"ok\x1b]0;x\x07\r\n\t\x7f\x9b\xe2\x80\xae\xc2\x9b\xff\xf0\x9f\x90\xb6";
        assert_eq!(
            text(|s| s.escaped(evil)),
            "ok\\u{1b}]0;x\\u{7}\\u{d}\\u{a}\\u{9}\\u{7f}\\x9b\\u{202e}\\u{9b}\\xff\u{1f436}"
        );
        assert_eq!(
            text(|s| s.json_text(evil)),
            "\"ok\\u001b]0;x\\u0007\\u000d\\u000a\\u0009\\u007f\u{fffd}\\u202e\\u009b\u{fffd}\u{1f436}\""
        );
        assert_eq!(text(|s| s.json_text("a\"\\é\u{e0001}".as_bytes())), r#""a\"\\é\udb40\udc01""#);
        assert_eq!(text(|s| s.caret(b"a\x1b\x7f\x9b\xe9")), "a^[^?M-^[M-i");
        assert_eq!(text(|s| s.lines(b"a\tb\r\nc\rd\x1b")), "a\tb\nc.d.");
    }
}
