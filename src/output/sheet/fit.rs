//! Text that is cut to the width of a terminal.

use super::Sheet;

/// What is counted where something is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whole {
    /// So many bytes of the packet.
    Bytes(usize),
    /// So many values.
    Values(usize),
}

impl Sheet {
    /// Cuts what was put on the sheet since it had the length `start` to `columns`, if it is wider; then its end says how much the
    /// whole is. A character that may be wide counts as two columns.
    pub fn fit(&mut self, start: usize, columns: usize, whole: Whole) {
        let Some(text) = self.text.get(start..).and_then(|text| std::str::from_utf8(text).ok()) else { return };
        if width(text) <= columns {
            return;
        }
        let mut end = Sheet::new();
        let (count, unit) = match whole {
            Whole::Bytes(count) => (count, " bytes)"),
            Whole::Values(count) => (count, " values)"),
        };
        end.put("\u{2026} (");
        end.len_of(count);
        end.put(unit);
        let room = columns.saturating_sub(end.text.len().saturating_sub(2));
        let mut used = 0usize;
        let cut = text.char_indices().find(|(_, c)| {
            used = used.saturating_add(columns_of(*c));
            used > room
        });
        self.text.truncate(start.saturating_add(cut.map_or(text.len(), |(at, _)| at)));
        self.join(&end);
    }
}

fn width(text: &str) -> usize {
    text.chars().map(columns_of).fold(0, usize::saturating_add)
}

/// The most columns that a terminal may give a character: below this one there are no wide ones.
fn columns_of(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(text: &str, columns: usize, whole: Whole) -> String {
        let mut sheet = Sheet::new();
        sheet.put("name: ");
        sheet.escaped(text.as_bytes());
        sheet.fit(6, columns, whole);
        String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn what_is_too_wide_says_how_long_it_is() {
        let digits = "0123456789".repeat(4);
        assert_eq!(fitted(&digits, 40, Whole::Bytes(40)), format!("name: {digits}"));
        assert_eq!(fitted(&digits, 39, Whole::Bytes(40)), "name: 012345678901234567890123456\u{2026} (40 bytes)");
        assert_eq!(fitted(&digits, 20, Whole::Values(7)), "name: 01234567\u{2026} (7 values)");
        assert_eq!(
            fitted(&"\u{4e2d}".repeat(10), 19, Whole::Bytes(30)),
            "name: \u{4e2d}\u{4e2d}\u{4e2d}\u{2026} (30 bytes)"
        );
        assert_eq!(fitted(&digits, 3, Whole::Bytes(40)), "name: \u{2026} (40 bytes)");
    }
}
