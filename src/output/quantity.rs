//! Quantities as people read them.

use std::time::Duration;

use super::Sheet;

/// A length of time with three digits and its unit: `0.18 ms`, `12.3 ms`, `7.14 s`; from a minute on whole seconds.
pub fn duration(sheet: &mut Sheet, duration: Duration) {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let (hundredths, name) = match nanos {
        0..1_000_000_000 => (nanos / 10_000, " ms"),
        1_000_000_000..60_000_000_000 => (nanos / 10_000_000, " s"),
        _ => {
            sheet.dec(duration.as_secs());
            return sheet.put(" s");
        }
    };
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
    sheet.put(name);
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
        assert_eq!(text(61_900_000_000), "61 s");
    }
}
