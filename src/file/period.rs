//! When a file ends by the clock: periods of whole seconds, from the start or by the local time of day.

use jiff::tz::TimeZone;

use crate::frame::Timestamp;

/// Periods that follow each other without a gap.
#[derive(Clone, Debug)]
pub(super) struct Periods {
    /// Seconds.
    length: i64,
    /// Whether they begin at a multiple of their length since local midnight of some day, and not with the first.
    aligned: bool,
    zone: TimeZone,
}

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Period {
    pub start: Timestamp,
    /// The first moment of the next.
    pub end: Timestamp,
}

impl Periods {
    /// Periods of at least a second.
    pub fn new(length: u32, aligned: bool, zone: TimeZone) -> Self {
        Periods { length: i64::from(length).max(1), aligned, zone }
    }

    /// The first period, which begins in that second even where that is not a boundary.
    pub fn first(&self, time: Timestamp) -> Period {
        let from = if self.aligned { self.boundary(time.secs()) } else { time.secs() };
        Period { start: Timestamp::new(time.secs(), 0), end: self.end(from) }
    }

    /// The period after this one, or a later one, that holds a moment past its end.
    pub fn next(&self, last: Period, time: Timestamp) -> Period {
        let last = last.end.secs();
        let start = if self.aligned {
            self.boundary(time.secs()).max(last)
        } else {
            let past = time.secs().saturating_sub(last);
            time.secs().saturating_sub(past.checked_rem(self.length).unwrap_or(0))
        };
        Period { start: Timestamp::new(start, 0), end: self.end(start) }
    }

    fn end(&self, start: i64) -> Timestamp {
        Timestamp::new(start.saturating_add(self.length), 0)
    }

    /// The last boundary up to a second, by the offset of local time that holds then.
    fn boundary(&self, second: i64) -> i64 {
        let moment = jiff::Timestamp::from_second(second).unwrap_or_default();
        let offset = i64::from(self.zone.to_offset(moment).seconds());
        let into = second.saturating_add(offset).checked_rem_euclid(self.length).unwrap_or(0);
        second.saturating_sub(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const INDIA: i32 = 5 * 3600 + 1800;

    fn zone(offset: i32) -> TimeZone {
        TimeZone::fixed(jiff::tz::Offset::from_seconds(offset).unwrap())
    }

    #[test]
    fn aligned_periods_begin_with_the_local_hour() {
        let periods = Periods::new(3600, true, zone(INDIA));
        let seconds = |p: Period| (p.start.secs(), p.end.secs());
        let hour = 1_700_000_000 - (1_700_000_000 + i64::from(INDIA)) % 3600;
        let first = periods.first(Timestamp::new(1_700_000_000, 7));
        assert_eq!(seconds(first), (1_700_000_000, hour + 3600));
        assert_eq!(seconds(periods.next(first, first.end)), (hour + 3600, hour + 7200));
        let late = Timestamp::new(hour + 9 * 3600 + 59, 0);
        assert_eq!(seconds(periods.next(first, late)), (hour + 9 * 3600, hour + 10 * 3600));
    }

    proptest! {
        #[test]
        fn a_period_holds_its_moment_and_lies_on_the_grid(
            length in 1u32..100_000, aligned: bool, start in -1_000_000_000_000i64..4_000_000_000, later in 0i64..1_000_000_000
        ) {
            let periods = Periods::new(length, aligned, zone(INDIA));
            let start = Timestamp::new(start, 5);
            let first = periods.first(start);
            prop_assert!(first.start <= start && start < first.end);
            prop_assert!(first.end.secs() - first.start.secs() <= i64::from(length));
            let time = Timestamp::new(first.end.secs() + later, 7);
            let next = periods.next(first, time);
            prop_assert!(next.start <= time && time < next.end && next.start >= first.end);
            prop_assert_eq!(next.end.secs() - next.start.secs(), i64::from(length));
            prop_assert_eq!((next.start.secs() - first.end.secs()) % i64::from(length), 0);
        }
    }
}
