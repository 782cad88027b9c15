//! Lengths of time, counted in classes, so that there may be any number of them.

use std::time::Duration;

/// Bits of a number that tell one class from the next: a class is at most 1/32 wide.
const BITS: u32 = 5;

/// How often lengths of time occurred: each to 3 %, from the least of a class.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Times {
    /// Classes in order, and how many are in each.
    classes: Vec<(u16, u64)>,
    count: u64,
}

impl Times {
    /// Adds one; whether it is of a class that there was none of.
    pub fn add(&mut self, time: Duration) -> bool {
        let class = class(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        self.count = self.count.saturating_add(1);
        match self.classes.binary_search_by_key(&class, |(class, _)| *class) {
            Ok(place) => {
                if let Some((_, count)) = self.classes.get_mut(place) {
                    *count = count.saturating_add(1);
                }
                false
            }
            Err(place) => {
                self.classes.insert(place, (class, 1));
                true
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The time that so many hundredths of them did not exceed; none where there are none.
    pub fn percentile(&self, hundredths: u64) -> Option<Duration> {
        // The nearest rank: of four, the second is the median.
        let rank = u128::from(self.count).saturating_mul(hundredths.into()).div_ceil(100).max(1);
        let mut seen: u128 = 0;
        let found = self.classes.iter().find(|(_, count)| {
            seen = seen.saturating_add((*count).into());
            seen >= rank
        });
        found.map(|(class, _)| Duration::from_nanos(least(*class)))
    }
}

/// The class of a number: its highest bits, and how far they are shifted.
fn class(number: u64) -> u16 {
    let shift = number.checked_ilog2().unwrap_or(0).saturating_sub(BITS);
    let highest = number.checked_shr(shift).unwrap_or(0);
    u16::try_from(u64::from(shift << BITS).saturating_add(highest)).unwrap_or(u16::MAX)
}

/// The least number of a class.
fn least(class: u16) -> u64 {
    let step = 1u64 << BITS;
    let class = u64::from(class);
    let shift = u32::try_from((class >> BITS).saturating_sub(1)).unwrap_or(0);
    let highest = if class < step { class } else { (class % step).saturating_add(step) };
    highest.checked_shl(shift).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut times = Times::default();
        assert_eq!(times.percentile(50), None);
        (1..=20).for_each(|nanos| {
            times.add(Duration::from_nanos(nanos));
        });
        let told = [0, 5, 50, 95, 99, 100].map(|hundredths| times.percentile(hundredths).unwrap().as_nanos());
        assert_eq!(told, [1, 1, 10, 19, 20, 20]);
    }

    proptest! {
        #[test]
        fn a_class_begins_at_most_a_thirtysecond_below(number: u64) {
            let begin = least(class(number));
            prop_assert!(begin <= number && number - begin <= number / 32);
            prop_assert_eq!(class(begin), class(number));
        }

        #[test]
        fn classes_are_in_order(one: u64, other: u64) {
            prop_assert_eq!(class(one.min(other)).max(class(one.max(other))), class(one.max(other)));
        }
    }
}
