//! An interface's clock in a pcapng file: ticks of some fraction of a second, from some second on
//! (`if_tsresol`, `if_tsoffset`: draft-ietf-opsawg-pcapng, section 4.2).

use std::num::NonZero;

use super::options::code;
use crate::frame::{ByteOrder, Interface, Resolution, Timestamp};

const NANOS: u128 = 1_000_000_000;

/// How an interface counts time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Clock {
    resolution: Resolution,
    /// Seconds from the epoch to tick 0.
    offset: i64,
}

/// The resolution that the value of an `if_tsresol` option states.
pub(super) fn resolution(value: u8) -> Resolution {
    match value & 0x80 {
        0 => Resolution::Decimal(value),
        _ => Resolution::Binary(value & 0x7f),
    }
}

/// The value of the `if_tsresol` option that states a resolution.
pub(super) fn tsresol(resolution: Resolution) -> u8 {
    match resolution {
        Resolution::Decimal(digits) => digits & 0x7f,
        Resolution::Binary(bits) => bits | 0x80,
    }
}

impl Clock {
    pub fn of(interface: &Interface, order: ByteOrder) -> Self {
        let offset = interface.option(code::IF_TSOFFSET).and_then(|value| value.try_into().ok());
        // Seconds may be negative: the same bits, read as signed.
        let offset = offset.map_or(0, |bytes| order.u64(bytes).cast_signed());
        Clock { resolution: interface.resolution, offset }
    }

    /// Ticks in a second, where they are less than 2^128. A finer clock never counts up to a nanosecond.
    fn rate(self) -> Option<NonZero<u128>> {
        let rate = match self.resolution {
            Resolution::Decimal(digits) => 10u128.checked_pow(digits.into()),
            Resolution::Binary(bits) => 1u128.checked_shl(bits.into()),
        };
        rate.and_then(NonZero::new)
    }

    /// The moment of a tick, cut to the nanosecond.
    #[inline]
    pub fn time(self, ticks: u64) -> Timestamp {
        let (secs, nanos) = match self.resolution {
            Resolution::Decimal(6) => (ticks / 1_000_000, (ticks % 1_000_000).wrapping_mul(1_000)),
            Resolution::Decimal(9) => (ticks / 1_000_000_000, ticks % 1_000_000_000),
            _ => self.split(ticks),
        };
        let secs = i64::try_from(secs).unwrap_or(i64::MAX);
        Timestamp::new(self.offset.saturating_add(secs), nanos)
    }

    /// Seconds and nanoseconds past tick 0.
    fn split(self, ticks: u64) -> (u64, u64) {
        let Some(rate) = self.rate() else { return (0, 0) };
        let ticks = u128::from(ticks);
        // Fewer than 2^64 ticks times 10^9 stay below 2^94.
        let nanos = (ticks % rate).wrapping_mul(NANOS) / rate;
        (u64::try_from(ticks / rate).unwrap_or(0), u64::try_from(nanos).unwrap_or(0))
    }

    /// The first tick that [`time`](Self::time) takes for this moment or a later one; none where it is out of reach.
    pub fn ticks(self, time: Timestamp) -> Option<u64> {
        let secs = i128::from(time.secs()).wrapping_sub(self.offset.into());
        let secs = u128::try_from(secs).ok()?;
        let Some(rate) = self.rate().map(NonZero::get) else { return (secs == 0 && time.nanos() == 0).then_some(0) };
        let nanos = u128::from(time.nanos());
        // Split, so that no product is out of range for a clock that can reach the moment at all.
        let whole = (rate / NANOS).checked_mul(nanos)?;
        let part = (rate % NANOS).checked_mul(nanos)?.div_ceil(NANOS);
        let ticks = secs.checked_mul(rate)?.checked_add(whole)?.checked_add(part)?;
        u64::try_from(ticks).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clock(tsresol: u8, offset: i64) -> Clock {
        Clock { resolution: resolution(tsresol), offset }
    }

    #[test]
    fn counts_in_every_resolution() {
        for (tsresol, ticks, secs, nanos) in [
            (0, 5, 5, 0),
            (3, 1_001, 1, 1_000_000),
            (6, 1_000_001, 1, 1_000),
            (9, 1_000_000_001, 1, 1),
            (12, 1_000_000_001_999, 1, 1),
            (19, u64::MAX, 1, 844_674_407),
            (20, u64::MAX, 0, 184_467_440),
            (0x7f, u64::MAX, 0, 0),
            (0x80, 7, 7, 0),
            (0x8a, 1024 + 512, 1, 500_000_000),
            (0xc0, u64::MAX, 0, 999_999_999),
            (0xff, u64::MAX, 0, 0),
            (0, u64::MAX, i64::MAX, 0),
        ] {
            assert_eq!(clock(tsresol, 0).time(ticks), Timestamp::new(secs, nanos), "{tsresol:#x}");
        }
        assert_eq!(clock(6, -10).time(1), Timestamp::new(-10, 1_000));
    }

    proptest! {
        #[test]
        fn a_moment_read_is_written_so_that_it_reads_the_same(tsresol: u8, offset: i64, ticks: u64) {
            let clock = clock(tsresol, offset);
            let time = clock.time(ticks);
            let written = clock.ticks(time).expect("a tick it came from");
            prop_assert_eq!(clock.time(written), time);
            prop_assert_eq!(resolution(super::tsresol(clock.resolution)), clock.resolution);
        }
    }
}
