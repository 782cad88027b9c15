//! NTP messages (RFC 5905, 7.3; control messages: RFC 9327).

use super::{Short, Span};

/// Length of a message of time without what may follow it, and of the head of a control message, in bytes.
pub const TIME_MESSAGE: usize = 48;
pub const CONTROL_HEAD: usize = 12;

/// The mode of a control message.
pub const CONTROL: u8 = 6;

/// A message, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Ntp<'a> {
    first: u8,
    span: Span<'a>,
}

/// A point in time: seconds since 1900 and fractions of 2^-32.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Time {
    pub seconds: u32,
    pub fraction: u32,
}

impl Time {
    /// The one that stands at `at`.
    pub fn at(span: Span<'_>, at: usize) -> Option<Time> {
        Some(Time { seconds: span.u32_at(at)?, fraction: span.u32_at(at.checked_add(4)?)? })
    }

    /// The fraction in nanoseconds, rounded down.
    pub fn nanoseconds(self) -> u32 {
        (u64::from(self.fraction).wrapping_mul(1_000_000_000) >> 32) as u32
    }

    /// Whether it says nothing: no time was known.
    pub fn is_zero(self) -> bool {
        (self.seconds, self.fraction) == (0, 0)
    }

    /// How much later `other` is; as much earlier, if the flag is set.
    pub fn until(self, other: Time) -> (bool, Time) {
        let number = |time: Time| u64::from(time.seconds) << 32 | u64::from(time.fraction);
        let (from, to) = (number(self), number(other));
        let difference = from.abs_diff(to);
        (to <= from, Time { seconds: (difference >> 32) as u32, fraction: (difference & 0xffff_ffff) as u32 })
    }
}

impl<'a> Ntp<'a> {
    /// # Errors
    /// Where nothing was captured.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&[first], _) = span.split_array()?;
        Ok(Ntp { first, span })
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> u8 {
        self.first >> 3 & 7
    }

    pub fn mode(&self) -> u8 {
        self.first & 7
    }

    /// The leap indicator, 0 to 3.
    pub fn leap(&self) -> u8 {
        self.first >> 6
    }

    pub fn stratum(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    /// The poll interval and the precision of the clock, powers of two of a second.
    pub fn poll(&self) -> Option<i8> {
        self.span.u8_at(2).map(u8::cast_signed)
    }

    /// See [`poll`](Self::poll).
    pub fn precision(&self) -> Option<i8> {
        self.span.u8_at(3).map(u8::cast_signed)
    }

    /// The delay to the primary source: seconds and fractions of 2^-16.
    pub fn root_delay(&self) -> Option<(u16, u16)> {
        self.span.u16_at(4).zip(self.span.u16_at(6))
    }

    /// What the time may be wrong by: seconds and fractions of 2^-16.
    pub fn root_dispersion(&self) -> Option<(u16, u16)> {
        self.span.u16_at(8).zip(self.span.u16_at(10))
    }

    /// What the clock is set by; what it means depends on the stratum.
    pub fn reference_id(&self) -> Option<[u8; 4]> {
        self.span.array_at(12)
    }

    /// When the clock was last set, when the request left, came, and the answer left (0 to 3).
    pub fn time(&self, which: usize) -> Option<Time> {
        Time::at(self.span, 16usize.checked_add(which.checked_mul(8)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_differ_by_seconds_and_fractions() {
        let time = |seconds, fraction| Time { seconds, fraction };
        assert_eq!(time(1, 1 << 31).until(time(3, 0)), (false, time(1, 1 << 31)));
        assert_eq!(time(3, 0).until(time(1, 1 << 31)), (true, time(1, 1 << 31)));
        assert_eq!(time(3, 5).until(time(3, 5)), (true, time(0, 0)));
        assert_eq!(time(0, 1 << 31).nanoseconds(), 500_000_000);
    }
}
