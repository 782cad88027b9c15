//! Lines of a dump: bytes in hexadecimal and ASCII, some of which may stand out.

use super::super::digits::{hex_pair, shown};
use super::{Sheet, Style};

/// Where the digits and the characters of a line begin, behind its offset.
const DIGITS: usize = 3;
const ASCII: usize = 44;

impl Sheet {
    /// A line of a dump, `before` it one of our own words: 16 bytes, or fewer in the last, as groups of four digits;
    /// `ascii` puts what is printable behind them.
    #[inline]
    pub fn dump_line(&mut self, before: &'static str, offset: usize, bytes: &[u8], ascii: bool) {
        self.put(before);
        self.put("0x");
        match u16::try_from(offset).map(u16::to_be_bytes) {
            Ok(bytes) => self.text.extend_from_slice(bytes.map(hex_pair).as_flattened()),
            Err(_) => self.hex(offset as u64),
        }
        let mut line = *b":                                            ................";
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

    /// A line of a dump of something of any length: the offset, 16 bytes (or fewer in the last line), and what is printable
    /// of them.
    pub fn hex_line(&mut self, offset: u64, bytes: &[u8]) {
        const BEHIND: usize = 52;
        let mut line = [b' '; BEHIND + 16];
        self.hex_padded(offset, 8);
        let (groups, text) = line.split_at_mut(BEHIND);
        for (at, byte) in bytes.iter().take(16).enumerate() {
            // Two spaces before the ninth byte.
            let place = at.wrapping_mul(3).wrapping_add(if at < 8 { 2 } else { 3 });
            if let Some(place) = groups.get_mut(place..place.wrapping_add(2)) {
                place.copy_from_slice(&hex_pair(*byte));
            }
            if let Some(place) = text.get_mut(at) {
                *place = shown(*byte);
            }
        }
        self.head(line, BEHIND.saturating_add(bytes.len().min(16)));
        self.put("\n");
    }

    /// A line of a dump in which some bytes stand out: those whose bits are set in `marked`, the lowest for the first. Where there
    /// is no colour, marks below point to them.
    pub fn marked_dump_line(&mut self, before: &'static str, offset: usize, bytes: &[u8], ascii: bool, marked: u16) {
        let start = self.text.len();
        self.dump_line(before, offset, bytes, ascii);
        if marked == 0 {
            return;
        }
        let line = self.text.split_off(start);
        let head = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        let is_marked = |column: usize| {
            let byte = column.checked_sub(head).and_then(byte_at);
            byte.and_then(|at| marked.checked_shr(at)).is_some_and(|bits| bits & 1 == 1)
        };
        if self.coloured {
            let mut on = false;
            for (column, byte) in line.iter().enumerate() {
                if is_marked(column) != on {
                    on = !on;
                    self.style(if on { Style::Marked } else { Style::Plain });
                }
                self.text.push(*byte);
            }
            if on {
                self.style(Style::Plain);
            }
        } else {
            self.text.extend_from_slice(&line);
            self.put(before);
            let last = (0..line.len()).rfind(|column| is_marked(*column)).unwrap_or(0);
            self.text.extend((2..=last).map(|column| if is_marked(column) { b'^' } else { b' ' }));
        }
    }
}

/// The byte of a line that a column shows, counted from the colon behind its offset.
fn byte_at(column: usize) -> Option<u32> {
    let byte = match column.checked_sub(DIGITS)? {
        digit @ 0..40 if digit % 5 < 4 => (digit / 5).saturating_mul(2).saturating_add(digit % 5 / 2),
        _ => column.checked_sub(ASCII)?,
    };
    u32::try_from(byte).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(coloured: bool, f: impl FnOnce(&mut Sheet)) -> String {
        let mut sheet = Sheet::coloured(coloured);
        f(&mut sheet);
        String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn lines_of_a_dump() {
        let bytes: Vec<u8> = (0x5a..0x6a).collect();
        assert_eq!(
            text(false, |s| s.dump_line("\n\t", 0x120, &bytes, true)),
            "\n\t0x0120:  5a5b 5c5d 5e5f 6061 6263 6465 6667 6869  Z[\\]^_`abcdefghi"
        );
        assert_eq!(
            text(false, |s| s.dump_line("\n\t", 0, &bytes[..3], true)),
            "\n\t0x0000:  5a5b 5c                                  Z[\\"
        );
        assert_eq!(text(false, |s| s.dump_line("\n\t", 16, &bytes[..3], false)), "\n\t0x0010:  5a5b 5c");
        assert_eq!(
            text(false, |s| s.dump_line("\n\t", 0, b" \x1b\x7f\xff", true)),
            "\n\t0x0000:  201b 7fff                                ...."
        );
    }

    #[test]
    fn marked_bytes_stand_out() {
        let bytes: Vec<u8> = (0x5a..0x6a).collect();
        assert_eq!(
            text(false, |s| s.marked_dump_line("\n\t", 0x120, &bytes, true, 0b1000_0000_0000_0110)),
            "\n\t0x0120:  5a5b 5c5d 5e5f 6061 6263 6465 6667 6869  Z[\\]^_`abcdefghi\
             \n\t           ^^ ^^                              ^^   ^^            ^"
        );
        assert_eq!(
            text(false, |s| s.marked_dump_line("\n\t", 0, &bytes[..3], false, 1)),
            "\n\t0x0000:  5a5b 5c\n\t         ^^"
        );
        assert_eq!(
            text(true, |s| s.marked_dump_line("\n\t", 0, &bytes[..3], true, 0b100)),
            "\n\t0x0000:  5a5b \x1b[7m5c\x1b[0m                                  Z[\x1b[7m\\\x1b[0m"
        );
        assert_eq!(
            text(true, |s| s.marked_dump_line("\n\t", 0, &bytes[..3], true, 0)),
            text(true, |s| s.dump_line("\n\t", 0, &bytes[..3], true))
        );
        assert!(
            text(false, |s| s.marked_dump_line("\n\t", 0x12_3450, &bytes, false, 1)).ends_with("\n\t           ^^")
        );
    }
}
