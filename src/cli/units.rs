//! Sizes and lengths of time, as people write them.

use std::time::Duration;

/// Bytes: `10k`, `5MiB` (powers of 1024), `50GB` (powers of 1000); a number alone counts bytes.
pub fn bytes(text: &str) -> Result<u64, String> {
    size(text, 1)
}

/// Bytes as tcpdump's `-C` has them: a number alone counts millions.
pub fn millions(text: &str) -> Result<u64, String> {
    size(text, 1_000_000)
}

fn size(text: &str, alone: u64) -> Result<u64, String> {
    let wrong = || format!("'{text}' is no size: give a number, such as 500M, 2GiB or 50GB");
    let (number, unit) = split(text);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let unit = unit.to_ascii_lowercase();
    let scale = match unit.as_str() {
        "" => alone,
        "b" => 1,
        _ => {
            let (base, power) =
                match unit.strip_suffix("ib").or(Some(&unit).filter(|u| u.len() == 1).map(|u| u.as_str())) {
                    Some(power) => (1024u64, power),
                    None => (1000, unit.strip_suffix('b').ok_or_else(wrong)?),
                };
            let power =
                ["k", "m", "g", "t"].iter().zip(1u32..).find(|(letter, _)| **letter == power).ok_or_else(wrong)?.1;
            base.saturating_pow(power)
        }
    };
    number.checked_mul(scale).filter(|size| *size > 0).ok_or_else(wrong)
}

/// A length of time: `500ms`, `10s`, `5m`, `2h`, `1d`; a number alone counts seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is no length of time: give a number, such as 500ms, 10s, 5m, 2h or 1d");
    let (number, unit) = split(text);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let scale = match unit {
        "ms" => return Some(Duration::from_millis(number)).filter(|d| !d.is_zero()).ok_or_else(wrong),
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    number.checked_mul(scale).filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(wrong)
}

/// A length of time in whole seconds.
pub fn seconds(text: &str) -> Result<u32, String> {
    let duration = duration(text)?;
    let whole = u32::try_from(duration.as_secs()).ok().filter(|seconds| *seconds > 0 && duration.subsec_nanos() == 0);
    whole.ok_or_else(|| format!("'{text}' is no number of whole seconds"))
}

/// The digits at the front, and the rest.
fn split(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(digits).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_units_that_people_use() {
        for (text, size) in [
            ("1", 1),
            ("7B", 7),
            ("10k", 10 << 10),
            ("10KiB", 10 << 10),
            ("10kB", 10_000),
            ("3m", 3 << 20),
            ("50GB", 50_000_000_000),
            ("2T", 2 << 40),
        ] {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        assert_eq!((millions("5"), millions("5k")), (Ok(5_000_000), Ok(5 << 10)));
        for text in ["", "0", "k", "1.5k", "-1", "1x", "1kk", "1iB", "99999999999T", "1 k"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_of_time_too() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!((seconds("90"), seconds("2h"), seconds("1d")), (Ok(90), Ok(7200), Ok(86_400)));
        assert!(seconds("1500ms").is_err() && seconds("0").is_err() && duration("1y").is_err());
        assert!(duration("").is_err() && duration("0ms").is_err());
    }
}
