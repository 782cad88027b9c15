//! Quantities as people read them.

use std::time::Duration;

use super::Sheet;

/// A length of time with three digits and its unit, from a minute on with two units: `0.18 ms`, `7.14 s`, `1 min 2 s`, `3 d 4 h`.
pub fn duration(sheet: &mut Sheet, duration: Duration) {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let (hundredths, name) = match nanos {
        0..1_000_000_000 => (nanos / 10_000, " ms"),
        1_000_000_000..60_000_000_000 => (nanos / 10_000_000, " s"),
        _ => return long(sheet, duration.as_secs()),
    };
    three_digits(sheet, hundredths);
    sheet.put(name);
}

/// A minute or more.
fn long(sheet: &mut Sheet, seconds: u64) {
    const UNITS: [(u64, &str); 4] = [(86_400, " d"), (3600, " h"), (60, " min"), (1, " s")];
    let mut rest = seconds;
    let largest = UNITS.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(0);
    for (at, (unit, name)) in UNITS.iter().enumerate().skip(largest).take(2) {
        let count = rest.checked_div(*unit).unwrap_or(0);
        rest = rest.saturating_sub(count.saturating_mul(*unit));
        sheet.put(if at > largest { " " } else { "" });
        sheet.dec(count);
        sheet.put(name);
    }
}

/// A number a second, with three digits.
pub fn a_second(sheet: &mut Sheet, amount: u64, duration: Duration) {
    let hundredths = u128::from(amount).saturating_mul(100_000_000_000).checked_div(duration.as_nanos());
    three_digits(sheet, hundredths.and_then(|number| u64::try_from(number).ok()).unwrap_or(0));
}

/// A number of bytes with three digits and its unit, in powers of 1000: `78 B`, `1.23 kB`, `4.56 GB`.
pub fn bytes(sheet: &mut Sheet, number: u64) {
    scaled(sheet, number, [" B", " kB", " MB", " GB", " TB", " PB"]);
}

/// A number of bits, in the same way.
pub fn bits(sheet: &mut Sheet, number: u64) {
    scaled(sheet, number, [" bit", " kbit", " Mbit", " Gbit", " Tbit", " Pbit"]);
}

fn scaled(sheet: &mut Sheet, number: u64, units: [&'static str; 6]) {
    let [one, ..] = units;
    if number < 1000 {
        sheet.dec(number);
        return sheet.put(one);
    }
    let mut hundredths = number.saturating_mul(100);
    let mut unit = one;
    for next in units.into_iter().skip(1) {
        if hundredths < 100_000 {
            break;
        }
        (hundredths, unit) = (hundredths / 1000, next);
    }
    three_digits(sheet, hundredths);
    sheet.put(unit);
}

/// Hundredths as a number with three digits, or as many as there are before the point.
fn three_digits(sheet: &mut Sheet, hundredths: u64) {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    sheet.dec(whole);
    match whole {
        0..10 => {
            sheet.put(".");
            sheet.dec_padded(rest, 2);
        }
        10..100 => {
            sheet.put(".");
            sheet.dec(rest / 10);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_unit() {
        let text = |nanos| {
            let mut sheet = Sheet::new();
            duration(&mut sheet, Duration::from_nanos(nanos));
            String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
        };
        assert_eq!(text(0), "0.00 ms");
        assert_eq!(text(185_000), "0.18 ms");
        assert_eq!(text(12_345_678), "12.3 ms");
        assert_eq!(text(999_999_999), "999 ms");
        assert_eq!(text(7_140_000_000), "7.14 s");
        assert_eq!(text(61_900_000_000), "1 min 1 s");
        assert_eq!(text(u64::MAX), "213503 d 23 h");
    }

    #[test]
    fn bytes_in_powers_of_a_thousand() {
        let text = |number| {
            let mut sheet = Sheet::new();
            bytes(&mut sheet, number);
            String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
        };
        assert_eq!(text(999), "999 B");
        assert_eq!(text(1234), "1.23 kB");
        assert_eq!(text(99_999), "99.9 kB");
        assert_eq!(text(1_000_000), "1.00 MB");
        assert_eq!(text(978_000_000), "978 MB");
        assert_eq!(text(u64::MAX), "184 PB");
    }
}
