//! Quantities as people read them: two or three digits and a unit.

use std::time::Duration;

use super::Sheet;

/// Bytes, in powers of 1000: `78 B`, `1.2 kB`, `35 MB`.
pub(super) fn bytes(sheet: &mut Sheet, bytes: u64) {
    scaled(sheet, bytes, 1, &[(" B", 1), (" kB", 1_000), (" MB", 1_000_000), (" GB", 1_000_000_000)]);
}

/// Bits, in the same way.
pub(super) fn bits(sheet: &mut Sheet, bits: u64) {
    scaled(sheet, bits, 1, &[(" bit", 1), (" kbit", 1_000), (" Mbit", 1_000_000), (" Gbit", 1_000_000_000)]);
}

/// So many in a time, a second: three digits, or as many as there are before the point.
pub(super) fn a_second(sheet: &mut Sheet, count: u64, time: Duration) {
    let hundredths = u128::from(count).saturating_mul(100_000_000_000).checked_div(time.as_nanos()).unwrap_or(0);
    let hundredths = u64::try_from(hundredths).unwrap_or(u64::MAX);
    sheet.dec(hundredths / 100);
    match hundredths {
        0..1_000 => {
            sheet.put(".");
            sheet.dec_padded(hundredths % 100, 2);
        }
        1_000..10_000 => {
            sheet.put(".");
            sheet.dec(hundredths % 100 / 10);
        }
        _ => {}
    }
}

/// A length of time: `40 µs`, `0.3 ms`, `12 ms`, `3.1 s`, `2.0 h`, `12 d`.
pub(super) fn duration(sheet: &mut Sheet, duration: Duration) {
    const MICRO: u64 = 1_000;
    const MILLI: u64 = 1_000_000;
    const SECOND: u64 = 1_000_000_000;
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    match nanos {
        0..MICRO => {
            sheet.dec(nanos);
            sheet.put(" ns");
        }
        MICRO..100_000 => {
            sheet.dec(nanos / MICRO);
            sheet.put(" µs");
        }
        _ => scaled(
            sheet,
            nanos,
            MILLI,
            &[(" ms", MILLI), (" s", SECOND), (" min", 60 * SECOND), (" h", 3_600 * SECOND), (" d", 86_400 * SECOND)],
        ),
    }
}

/// A number in the largest of some units that there is one of, at least `least`; below ten with one digit behind the point.
fn scaled(sheet: &mut Sheet, number: u64, least: u64, units: &[(&'static str, u64)]) {
    let fitting = units.iter().rev().find(|(_, size)| number >= *size || *size == least);
    let Some((unit, size)) = fitting else { return };
    let tenths = (u128::from(number).saturating_mul(10)).checked_div(u128::from(*size)).unwrap_or(0);
    let tenths = u64::try_from(tenths).unwrap_or(u64::MAX);
    sheet.dec(tenths / 10);
    if tenths < 100 && *size > 1 {
        sheet.put(".");
        sheet.dec(tenths % 10);
    }
    sheet.put(unit);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(put: impl FnOnce(&mut Sheet)) -> String {
        let mut sheet = Sheet::new();
        put(&mut sheet);
        String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn sizes() {
        for (number, told) in
            [(0, "0 B"), (999, "999 B"), (1234, "1.2 kB"), (35_999_999, "35 MB"), (u64::MAX, "18446744073 GB")]
        {
            assert_eq!(text(|sheet| bytes(sheet, number)), told);
        }
    }

    #[test]
    fn rates() {
        let rate = |count, seconds| text(|sheet| a_second(sheet, count, Duration::from_secs(seconds)));
        assert_eq!([rate(3, 137), rate(25, 2), rate(12_345, 10), rate(1, 0)], ["0.02", "12.5", "1234", "0.00"]);
    }

    #[test]
    fn times() {
        for (nanos, told) in [
            (0, "0 ns"),
            (1_500, "1 µs"),
            (40_000, "40 µs"),
            (345_678, "0.3 ms"),
            (12_000_000, "12 ms"),
            (3_100_000_000, "3.1 s"),
            (75_000_000_000, "1.2 min"),
            (7_200_000_000_000, "2.0 h"),
            (u64::MAX, "213503 d"),
        ] {
            assert_eq!(text(|sheet| duration(sheet, Duration::from_nanos(nanos))), told);
        }
    }
}
