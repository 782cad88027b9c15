//! Some of the frames of a capture, or less of each.

use std::str::FromStr;

use crate::frame::{Block, Record};

/// Numbers of frames, as `1-10,20,30-`: in order, and none twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    fn has(&self, number: u64) -> bool {
        let place = self.0.partition_point(|(_, last)| *last < number);
        self.0.get(place).is_some_and(|(first, _)| *first <= number)
    }

    fn last(&self) -> u64 {
        self.0.last().map_or(0, |(_, last)| *last)
    }
}

impl FromStr for Numbers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no list of packet numbers: give 1-10,20,30-");
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0);
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let range = match part.split_once('-') {
                None => number(part).map(|number| (number, number)),
                Some((first, "")) => number(first).map(|first| (first, u64::MAX)),
                Some(("", last)) => number(last).map(|last| (1, last)),
                Some((first, last)) => number(first).zip(number(last)),
            };
            ranges.push(range.filter(|(first, last)| first <= last).ok_or_else(wrong)?);
        }
        ranges.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (first, last) in ranges {
            match joined.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        Ok(Numbers(joined))
    }
}

/// Which frames are kept, and how much of each.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Those with these numbers, which count from 1.
    pub numbers: Option<Numbers>,
    /// Of these the first and every so many-th after it.
    pub every: Option<u64>,
    /// At most so many bytes of each.
    pub snap_len: Option<u32>,
}

/// Keeps some frames.
#[derive(Debug)]
pub struct Cut {
    wanted: Kept,
    seen: u64,
    kept: Vec<Record>,
}

impl Cut {
    pub fn new(wanted: Kept) -> Self {
        Cut { wanted, seen: 0, kept: Vec::new() }
    }

    /// What is kept of a block, the number of whose first frame is told.
    pub fn block<'a>(&'a mut self, block: &Block<'a>, first: u64) -> Block<'a> {
        let Cut { wanted: Kept { numbers, every, snap_len }, seen, kept } = self;
        kept.clear();
        for (record, number) in block.records.iter().zip(first..) {
            if numbers.as_ref().is_some_and(|numbers| !numbers.has(number)) {
                continue;
            }
            let place = seen.checked_rem(every.unwrap_or(1)).unwrap_or(0);
            *seen = seen.saturating_add(1);
            if place == 0 {
                let cap_len = record.cap_len.min(snap_len.unwrap_or(u32::MAX));
                kept.push(Record { cap_len, ..*record });
            }
        }
        Block { records: kept, ..*block }
    }

    /// Whether no frame from this number on can be kept.
    pub fn is_over(&self, next: u64) -> bool {
        self.wanted.numbers.as_ref().is_some_and(|numbers| numbers.last() < next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lists_of_numbers_are_put_in_order_and_joined() {
        let numbers = |text: &str| text.parse::<Numbers>().map(|numbers| numbers.0);
        assert_eq!(numbers("20,1-10,5-12,30-"), Ok(vec![(1, 12), (20, 20), (30, u64::MAX)]));
        assert_eq!(numbers("-3,4"), Ok(vec![(1, 4)]));
        for wrong in ["", "0", "3-2", "a", "1,,2", "-", "1-2-3"] {
            assert!(numbers(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_in_a_list_if_it_is_in_one_of_its_ranges(
            ranges in proptest::collection::vec((1u64..60, 0u64..9), 1..8), asked in 1u64..80
        ) {
            let text: Vec<String> = ranges.iter().map(|(first, len)| format!("{first}-{}", first + len)).collect();
            let numbers: Numbers = text.join(",").parse().unwrap();
            let is_in = ranges.iter().any(|(first, len)| (*first..=first + len).contains(&asked));
            prop_assert_eq!(numbers.has(asked), is_in);
        }
    }
}
