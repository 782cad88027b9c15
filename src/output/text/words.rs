//! What lines of several protocols share: names of flags, durations, strings that end with a zero.

use super::Sheet;
use crate::decode::Span;

/// The names of the bits that are set, in the order of the table; `none` where it has none of them.
pub(super) fn flags(sheet: &mut Sheet, bits: u32, names: &[(u32, &'static str)], none: &'static str) {
    let mut joint = "";
    for (_, name) in names.iter().filter(|(bit, _)| bits & bit != 0) {
        sheet.put(joint);
        sheet.put(name);
        joint = ", ";
    }
    if joint.is_empty() {
        sheet.put(none);
    }
}

/// The name that a table has for a number; none where it has none.
pub(super) fn name<N: Copy + PartialEq>(number: N, names: &[(N, &'static str)]) -> Option<&'static str> {
    names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// A name and, where there is none, `unknown` and the number.
pub(super) fn name_or_number<N: Copy + PartialEq + Into<u64>>(
    sheet: &mut Sheet,
    number: N,
    names: &[(N, &'static str)],
    unknown: &'static str,
) {
    match name(number, names) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put(unknown);
            sheet.dec(number);
        }
    }
}

/// Words of ours and a number behind them.
pub(super) fn number(sheet: &mut Sheet, words: &'static str, number: impl Into<u64>) {
    sheet.put(words);
    sheet.dec(number);
}

/// A duration in weeks, days, hours, minutes and seconds: `1d2h`.
pub(super) fn duration(sheet: &mut Sheet, seconds: u32) {
    if seconds == 0 {
        return sheet.put("0s");
    }
    let mut rest = seconds;
    for (unit, length) in [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1u32)] {
        let count = rest.checked_div(length).unwrap_or(0);
        rest = rest.checked_rem(length).unwrap_or(0);
        if count > 0 {
            sheet.dec(count);
            sheet.put(unit);
        }
    }
}

/// The bytes before the first zero, or all of them.
pub(super) fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or(bytes)
}

/// Text of at most `size` bytes, which ends with its first zero; none where the capture ends within it.
pub(super) fn padded_text(sheet: &mut Sheet, span: Span<'_>, size: usize) -> Option<()> {
    let field = span.limit(size).bytes();
    let text = until_zero(field);
    sheet.caret(text);
    (text.len() < field.len() || field.len() == size).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_leave_out_what_is_zero() {
        let shown = |seconds| {
            let mut sheet = Sheet::new();
            duration(&mut sheet, seconds);
            String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
        };
        assert_eq!([0, 59, 3600, 694_861].map(shown), ["0s", "59s", "1h", "1w1d1h1m1s"]);
    }
}
