//! Frames of several rings in the order of their time.
//!
//! A ring hands its packets over in blocks, the last of them some milliseconds after the first. So a frame may come
//! before those of other rings once each of these has shown a later one, or has had the time to show an earlier one:
//! whatever was received before a block was seen is handed over a settling time later at the latest. Clocks may be
//! set in between: how long to wait goes by the monotonic one.

use std::time::{Duration, Instant};

use crate::frame::{Record, Timestamp};

/// What was read of a ring, and is handed over piece by piece.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) records: Vec<Record>,
    /// The first that was not handed over.
    next: usize,
    /// When the block was seen.
    seen: Option<Instant>,
}

impl Held {
    /// Makes room for what is read next.
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.next = 0;
    }

    /// A new block is seen now.
    pub(super) fn see(&mut self) {
        self.seen = Some(Instant::now());
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.next >= self.records.len()
    }

    fn head(&self) -> Option<Timestamp> {
        self.records.get(self.next).map(|record| record.time)
    }

    /// When every earlier frame of other rings is here.
    pub(super) fn settled(&self, settling: Duration) -> Option<Instant> {
        self.seen.filter(|_| !self.is_used_up())?.checked_add(settling)
    }

    /// Hands over the next records: those up to a moment, at least one; all without a moment.
    pub(super) fn take(&mut self, until: Option<Timestamp>) -> &[Record] {
        let rest = self.records.get(self.next..).unwrap_or(&[]);
        let count = match until {
            None => rest.len(),
            Some(until) => rest.iter().take_while(|record| record.time <= until).count().max(1).min(rest.len()),
        };
        self.next = self.next.saturating_add(count);
        rest.get(..count).unwrap_or(rest)
    }
}

/// The ring whose frames are next, and the moment up to which they are (none: all that are read). `None` if it is too
/// early to tell. `may_come` says whether a ring that has nothing to show may still get something from the past, and
/// `is_pressed` whether one must be read now, in whatever order, or packets will be lost.
pub(super) fn next(
    held: &[Held],
    may_come: impl Fn(usize) -> bool,
    is_pressed: impl Fn(usize) -> bool,
    now: Instant,
    settling: Duration,
) -> Option<(usize, Option<Timestamp>)> {
    let heads = || held.iter().enumerate().filter_map(|(at, held)| Some((held.head()?, at)));
    let (_, first) = heads().min()?;
    let until = heads().filter(|(_, at)| *at != first).map(|(time, _)| time).min();
    let waiting = held.iter().enumerate().any(|(at, held)| held.is_used_up() && may_come(at));
    let settled = || held.get(first).and_then(|held| held.settled(settling)).is_none_or(|settled| settled <= now);
    (!waiting || settled() || is_pressed(first)).then_some((first, until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameFlags;
    use proptest::prelude::*;

    const SETTLING: Duration = Duration::from_millis(24);

    fn held(times: &[u8], seen: Instant) -> Held {
        let record = |secs: &u8| Record {
            time: Timestamp::new(i64::from(*secs), 0),
            offset: 0,
            cap_len: 0,
            wire_len: 0,
            interface: 0,
            flags: FrameFlags(0),
            options: (0, 0),
        };
        Held { records: times.iter().map(record).collect(), next: 0, seen: Some(seen) }
    }

    fn secs(records: &[Record]) -> Vec<i64> {
        records.iter().map(|record| record.time.secs()).collect()
    }

    #[test]
    fn a_frame_waits_until_no_earlier_one_can_come() {
        let now = Instant::now();
        let rings = [held(&[5, 6], now), held(&[], now)];
        assert_eq!(next(&rings, |_| true, |_| false, now, SETTLING), None, "the other may have an earlier one");
        assert_eq!(next(&rings, |_| false, |_| false, now, SETTLING), Some((0, None)), "it can't");
        assert_eq!(next(&rings, |_| true, |_| false, now + SETTLING, SETTLING), Some((0, None)), "it would have come");
        assert_eq!(next(&rings, |_| true, |_| true, now, SETTLING), Some((0, None)), "it can't wait");
    }

    #[test]
    fn a_run_ends_where_another_ring_is_earlier() {
        let now = Instant::now();
        let mut rings = [held(&[2, 4, 9], now), held(&[3, 4, 7], now)];
        let mut runs = Vec::new();
        while let Some((at, until)) = next(&rings, |_| false, |_| false, now, SETTLING) {
            runs.push((at, secs(rings[at].take(until))));
        }
        assert_eq!(runs, [(0, vec![2]), (1, vec![3, 4]), (0, vec![4]), (1, vec![7]), (0, vec![9])]);
    }

    proptest! {
        #[test]
        fn all_come_once_and_in_order(mut times in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..5)) {
            times.iter_mut().for_each(|times| times.sort());
            let now = Instant::now();
            let mut rings: Vec<Held> = times.iter().map(|times| held(times, now)).collect();
            let mut out = Vec::new();
            while let Some((at, until)) = next(&rings, |_| false, |_| false, now, SETTLING) {
                let run = secs(rings[at].take(until));
                prop_assert!(!run.is_empty());
                out.extend(run);
            }
            let mut expected: Vec<i64> = times.concat().into_iter().map(i64::from).collect();
            expected.sort();
            prop_assert_eq!(out, expected);
        }
    }
}
