//! The frames of a capture at other times.

use std::str::FromStr;

use crate::frame::{Block, Record, Timestamp};
use crate::moment::nanos;

/// How far frames are moved in time.
#[derive(Clone, Debug)]
pub struct Shift {
    by: By,
    moved: Vec<Record>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    /// So many nanoseconds.
    Nanos(i128),
    /// So far that the first frame is then.
    To(Timestamp),
}

/// A length of time with a sign, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signed(pub i128);

impl FromStr for Signed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (length, sign) = match text.strip_prefix('-') {
            Some(length) => (length, -1),
            None => (text.strip_prefix('+').unwrap_or(text), 1),
        };
        let wrong = || format!("'{text}' is no length of time: give +1h, -0.5 or 250ms");
        nanos(length).map(|nanos| Signed(nanos.saturating_mul(sign))).ok_or_else(wrong)
    }
}

impl Shift {
    /// By a length of time.
    pub fn by(Signed(nanos): Signed) -> Self {
        Shift { by: By::Nanos(nanos), moved: Vec::new() }
    }

    /// So that the first frame is at a time.
    pub fn to(time: Timestamp) -> Self {
        Shift { by: By::To(time), moved: Vec::new() }
    }

    /// A block, moved.
    pub fn block<'a>(&'a mut self, block: &Block<'a>) -> Block<'a> {
        if let (By::To(time), Some(first)) = (self.by, block.records.first()) {
            self.by = By::Nanos(time.as_nanos().saturating_sub(first.time.as_nanos()));
        }
        let nanos = if let By::Nanos(nanos) = self.by { nanos } else { 0 };
        self.moved.clear();
        self.moved.extend(block.records.iter().map(|record| {
            let time = Timestamp::from_nanos(record.time.as_nanos().saturating_add(nanos));
            Record { time, ..*record }
        }));
        Block { records: &self.moved, ..*block }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_a_sign_a_fraction_and_a_unit() {
        let read = |text: &str| text.parse::<Signed>().map(|signed| signed.0);
        assert_eq!(read("+1h"), Ok(3_600_000_000_000));
        assert_eq!(read("-0.5"), Ok(-500_000_000));
        assert_eq!(read("250ms"), Ok(250_000_000));
        assert_eq!(read(".25us"), Ok(250));
        assert!(read("").is_err() && read("--1").is_err() && read("1y").is_err() && read("1.").is_ok());
    }
}
