//! How much was on the wire over time: so many equal spans, which grow as the capture does.

use std::time::Duration;

use crate::frame::Timestamp;

/// How many spans there are at most; between half and all of them are used.
const SPANS: usize = 128;

/// Packets and bytes by spans of time.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    start: Option<Timestamp>,
    /// A span is two to the power of this in nanoseconds.
    power: u32,
    spans: Vec<(u64, u64)>,
}

impl Rate {
    /// Adds a packet. One from before the first counts as if it came with it.
    #[inline]
    pub fn add(&mut self, time: Timestamp, bytes: u32) {
        let start = *self.start.get_or_insert(time);
        let since = u64::try_from(time.as_nanos().saturating_sub(start.as_nanos()).max(0)).unwrap_or(u64::MAX);
        while since.unbounded_shr(self.power) >= SPANS as u64 {
            self.widen();
        }
        let at = usize::try_from(since.unbounded_shr(self.power)).unwrap_or(0);
        if at >= self.spans.len() {
            self.spans.resize(at.saturating_add(1), (0, 0));
        }
        if let Some((packets, sum)) = self.spans.get_mut(at) {
            *packets = packets.saturating_add(1);
            *sum = sum.saturating_add(bytes.into());
        }
    }

    /// Makes one span of each two.
    #[cold]
    fn widen(&mut self) {
        let (pairs, rest) = self.spans.as_chunks::<2>();
        let joined = pairs.iter().map(|[a, b]| (a.0.saturating_add(b.0), a.1.saturating_add(b.1)));
        let joined: Vec<_> = joined.chain(rest.iter().copied()).collect();
        self.spans = joined;
        self.power = self.power.saturating_add(1);
    }

    /// How long a span is.
    pub fn width(&self) -> Duration {
        Duration::from_nanos(1u64.checked_shl(self.power).unwrap_or(u64::MAX))
    }

    /// Packets and bytes of each span, the first first.
    pub fn spans(&self) -> &[(u64, u64)] {
        &self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_grow_with_the_capture() {
        let mut rate = Rate::default();
        for second in 0..1000 {
            rate.add(Timestamp::new(second, 0), 10);
        }
        let (packets, bytes) = rate.spans().iter().fold((0, 0), |sum, span| (sum.0 + span.0, sum.1 + span.1));
        assert_eq!((packets, bytes), (1000, 10_000));
        assert!(rate.spans().len() > SPANS / 2 && rate.spans().len() <= SPANS);
        assert!(rate.width() * 128 > Duration::from_secs(999));
        // All spans but the ends hold as many packets, but for rounding.
        assert!(rate.spans()[1..rate.spans().len() - 1].iter().all(|span| (8..=9).contains(&span.0)));
    }

    #[test]
    fn any_times_are_taken() {
        let mut rate = Rate::default();
        for second in [0, -5, i64::MAX, i64::MIN, 7] {
            rate.add(Timestamp::new(second, 999_999_999), u32::MAX);
        }
        assert_eq!(rate.spans().iter().map(|span| span.0).sum::<u64>(), 5);
    }
}
