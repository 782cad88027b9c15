//! When something happened in a connection, in few bytes, and how long answers took.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

/// A time within a connection: nanoseconds since its first frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Since(NonZeroU64);

impl Since {
    pub(super) fn new(nanos: u64) -> Self {
        Since(NonZeroU64::MIN.saturating_add(nanos))
    }

    /// Nanoseconds since the first frame.
    pub fn nanos(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }
}

/// An event of a connection: when it was and in which frame. [`Connection::frame`](super::Connection::frame) and
/// [`Connection::time`](super::Connection::time) tell both as the capture has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(Rust, packed(4))]
pub struct Mark {
    nanos: u64,
    frame: NonZeroU32,
}

impl Mark {
    pub(super) fn new(nanos: u64, frames: u64) -> Self {
        let frame = NonZeroU32::MIN.saturating_add(u32::try_from(frames).unwrap_or(u32::MAX));
        Mark { nanos, frame }
    }

    /// Nanoseconds since the first frame of the connection; 0 also for what has an earlier time.
    pub fn nanos(self) -> u64 {
        self.nanos
    }

    /// Frames of the capture since the first one of the connection; none where these are 2³²-2 or more.
    pub fn frames(self) -> Option<u64> {
        let frame = self.frame;
        (frame != NonZeroU32::MAX).then(|| u64::from(frame.get()).wrapping_sub(1))
    }

    /// Whether its frame came before that of another event.
    pub fn is_before(self, other: Mark) -> bool {
        let (frame, of_other) = (self.frame, other.frame);
        frame < of_other
    }

    /// How long after another event this one was.
    pub fn after(self, earlier: Mark) -> Duration {
        Duration::from_nanos(self.nanos.saturating_sub(earlier.nanos))
    }
}

/// What was tried again and again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tries {
    pub first: Mark,
    pub last: Mark,
    pub count: u32,
    /// Between the last two.
    pub interval: Duration,
}

impl Tries {
    pub(super) fn new(first: Mark) -> Self {
        Tries { first, last: first, count: 1, interval: Duration::ZERO }
    }

    /// One more.
    pub(super) fn add(&mut self, mark: Mark) {
        self.interval = mark.after(self.last);
        self.last = mark;
        self.count = self.count.saturating_add(1);
    }
}

/// How long answers took.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[repr(Rust, packed(4))]
pub struct RoundTrips {
    sum: u64,
    shortest: u32,
    count: u32,
}

impl RoundTrips {
    pub(super) fn add(&mut self, nanos: u64) {
        let short = u32::try_from(nanos).unwrap_or(u32::MAX);
        self.shortest = if self.count == 0 { short } else { self.shortest.min(short) };
        self.sum = self.sum.saturating_add(nanos);
        self.count = self.count.saturating_add(1);
    }

    /// How many were measured.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The shortest; where all took longer than 4.29 s, that.
    pub fn shortest(&self) -> Option<Duration> {
        (self.count > 0).then(|| Duration::from_nanos(self.shortest.into()))
    }

    /// Their mean.
    pub fn mean(&self) -> Option<Duration> {
        self.sum.checked_div(self.count.into()).map(Duration::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_small_and_tell_what_they_can_not_hold() {
        assert_eq!((size_of::<Option<Mark>>(), size_of::<Option<Since>>()), (12, 8));
        assert_eq!(Mark::new(5, 7).frames(), Some(7));
        assert_eq!(Mark::new(5, 1 << 40).frames(), None);
        assert_eq!(Mark::new(5, 0).after(Mark::new(9, 0)), Duration::ZERO);
        assert_eq!((Since::new(0).nanos(), Since::new(9).nanos()), (0, 9));
    }

    #[test]
    fn round_trips_have_a_shortest_and_a_mean() {
        let mut trips = RoundTrips::default();
        assert_eq!((trips.shortest(), trips.mean()), (None, None));
        [30, 10, 20].into_iter().for_each(|nanos| trips.add(nanos));
        assert_eq!(trips.shortest().zip(trips.mean()), Some((Duration::from_nanos(10), Duration::from_nanos(20))));
    }
}
