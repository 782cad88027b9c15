//! Moments of a capture, as people write them, and the time between two of them.

use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::frame::Timestamp;

/// A moment of a capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    At(Timestamp),
    /// A time on the day of the first frame, in the time zone of this machine.
    TimeOfDay(Time),
    /// So many nanoseconds after the first frame.
    After(i128),
}

impl Moment {
    /// The time of it in a capture that begins at a time.
    pub fn in_capture(self, first: Timestamp) -> Timestamp {
        match self {
            Moment::At(time) => time,
            Moment::After(nanos) => Timestamp::from_nanos(first.as_nanos().saturating_add(nanos)),
            Moment::TimeOfDay(time) => on_day_of(first, time, &TimeZone::system()).unwrap_or(first),
        }
    }
}

/// From one moment of a capture up to another, without that one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    from: Option<Moment>,
    to: Option<Moment>,
    /// What they are in this capture, once its first frame is known.
    bounds: Option<(Option<Timestamp>, Option<Timestamp>)>,
}

impl Window {
    /// None where neither end is given.
    pub fn new(from: Option<Moment>, to: Option<Moment>) -> Option<Self> {
        (from.is_some() || to.is_some()).then_some(Window { from, to, bounds: None })
    }

    /// Whether a frame of this time is within; the first that is asked for is the first of the capture.
    pub fn has(&mut self, time: Timestamp) -> bool {
        let (from, to) = *self.bounds.get_or_insert_with(|| {
            let time = |moment: Option<Moment>| moment.map(|moment| moment.in_capture(time));
            (time(self.from), time(self.to))
        });
        from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to)
    }
}

/// A time of day on the day of a moment.
fn on_day_of(first: Timestamp, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let moment = jiff::Timestamp::from_nanosecond(first.as_nanos()).ok()?;
    let day = zone.to_datetime(moment).date();
    let then = zone.to_timestamp(day.to_datetime(time)).ok()?;
    Some(Timestamp::from_nanos(then.as_nanosecond()))
}

impl FromStr for Moment {
    type Err = String;

    /// `+90`, `+1.5s`, `+5m` after the first packet; `12:00` or `12:00:01.5` on its day; `2026-11-24 12:00` here; RFC 3339 with an
    /// offset; seconds since 1970 with `@` before.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{text}' is no moment: give +90s, 12:00, '2026-11-24 12:00:01.5', 2026-11-24T12:00:01Z or @1795521600.5"
            )
        };
        if let Some(length) = text.strip_prefix('+') {
            return nanos(length).map(Moment::After).ok_or_else(wrong);
        }
        if let Some(epoch) = text.strip_prefix('@') {
            return nanos(epoch).map(|nanos| Moment::At(Timestamp::from_nanos(nanos))).ok_or_else(wrong);
        }
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Moment::At(Timestamp::from_nanos(moment.as_nanosecond())));
        }
        if let Ok(time) = text.parse::<Time>() {
            return Ok(Moment::TimeOfDay(time));
        }
        let local = text.parse::<DateTime>().ok().and_then(|local| TimeZone::system().to_timestamp(local).ok());
        local.map(|moment| Moment::At(Timestamp::from_nanos(moment.as_nanosecond()))).ok_or_else(wrong)
    }
}

/// A length of time with a fraction and a unit (`ms`, `s`, `m`, `h`, `d`; seconds where there is none), in nanoseconds.
pub(crate) fn nanos(text: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let scale = match unit {
        "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "" | "s" => SECOND,
        "m" | "min" => 60 * SECOND,
        "h" => 3600 * SECOND,
        "d" => 86_400 * SECOND,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 18 || fraction.contains('.') {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()? };
    let parts = if fraction.is_empty() { 0 } else { fraction.parse::<i128>().ok()? };
    let of = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    whole.checked_mul(scale)?.checked_add(parts.checked_mul(scale)?.checked_div(of)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_read_as_they_are_written() {
        let first = Timestamp::new(1_000_000_000, 0);
        let at = |text: &str| text.parse::<Moment>().unwrap().in_capture(first).as_nanos();
        assert_eq!(at("+1.5"), 1_000_000_001_500_000_000);
        assert_eq!(at("+2m"), 1_000_000_120_000_000_000);
        assert_eq!(at("@7.25"), 7_250_000_000);
        assert_eq!(at("1970-01-01T00:00:01.5Z"), 1_500_000_000);
        assert_eq!(at("1970-01-01T02:00:00+02:00"), 0);
        let noon = Time::constant(12, 0, 0, 0);
        let utc = on_day_of(first, noon, &TimeZone::UTC).unwrap();
        // 2001-09-09T01:46:40Z.
        assert_eq!(utc.as_nanos(), 1_000_036_800_000_000_000);
        for wrong in ["", "+", "+1y", "+1.2.3", "@", "noon", "25:00", "2026-13-01"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_window_has_its_beginning_and_not_its_end() {
        let moment = |text: &str| text.parse::<Moment>().ok();
        let mut window = Window::new(moment("+1"), moment("@12")).unwrap();
        let has: Vec<bool> = [9, 10, 11, 12, 10].map(|secs| window.has(Timestamp::new(secs, 0))).to_vec();
        assert_eq!(has, [false, true, true, false, true]);
        assert_eq!(Window::new(None, None), None);
    }

    proptest! {
        #[test]
        fn no_text_can_do_harm(text in "[+@]?[0-9.:TZ-]{0,40}[a-zµ]{0,3}") {
            let _ = text.parse::<Moment>();
        }
    }
}
