//! When frames that are sent again are due: no clock is asked here, times come in and moments go out.

use std::str::FromStr;
use std::time::Duration;

use crate::frame::Timestamp;

/// How fast frames are sent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Speed {
    /// So many times as fast as they were recorded.
    Recorded(f64),
    /// So many frames a second.
    PerSecond(f64),
    /// As fast as the interface takes them.
    Max,
}

/// What is no speed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} is no speed: give a multiple such as 2x or 0.5x, packets a second such as 1000, or max")]
pub struct NoSpeed(String);

impl FromStr for Speed {
    type Err = NoSpeed;

    /// `2x`, `0.5x`, `max` or packets a second.
    fn from_str(text: &str) -> Result<Self, NoSpeed> {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
        let speed = match text.strip_suffix('x') {
            _ if text == "max" => Some(Speed::Max),
            Some(factor) => number(factor).map(Speed::Recorded),
            None => number(text.strip_suffix("pps").unwrap_or(text)).map(Speed::PerSecond),
        };
        speed.ok_or_else(|| NoSpeed(text.to_owned()))
    }
}

/// When each frame is due, counted from the start of the whole: a frame that is late delays none behind it.
#[derive(Debug)]
pub struct Pace {
    speed: Speed,
    /// The recorded time that `begun` stands for.
    first: Option<Timestamp>,
    begun: Duration,
    /// When the last frame was due.
    last: Duration,
    frames: u64,
}

impl Pace {
    pub fn new(speed: Speed) -> Self {
        Pace { speed, first: None, begun: Duration::ZERO, last: Duration::ZERO, frames: 0 }
    }

    /// The next frame is of another recording: it follows the last one at once.
    pub fn begin_recording(&mut self) {
        self.first = None;
        self.begun = self.last;
    }

    /// When the next frame is due that was recorded at this time. Never before the one ahead of it, even where
    /// recorded time goes back.
    pub fn due(&mut self, recorded: Timestamp) -> Duration {
        let due = match self.speed {
            Speed::Max => Duration::ZERO,
            Speed::PerSecond(rate) => seconds(self.frames as f64 / rate),
            Speed::Recorded(factor) => {
                let first = *self.first.get_or_insert(recorded);
                let since = recorded.as_nanos().saturating_sub(first.as_nanos());
                self.begun.saturating_add(seconds(since as f64 / 1e9 / factor))
            }
        };
        self.frames = self.frames.saturating_add(1);
        self.last = self.last.max(due);
        self.last
    }
}

/// A time span; nothing where it is negative, the longest where it is too long.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(speed: &str, recorded_millis: &[i128]) -> Vec<u128> {
        let mut pace = Pace::new(speed.parse().unwrap());
        let time = |millis: &i128| Timestamp::from_nanos(1_700_000_000_000_000_000 + millis * 1_000_000);
        recorded_millis.iter().map(|millis| pace.due(time(millis)).as_millis()).collect()
    }

    #[test]
    fn frames_are_due_as_recorded_or_at_a_rate() {
        assert_eq!(due("1x", &[5, 5, 15, 1005]), [0, 0, 10, 1000]);
        assert_eq!(due("2x", &[0, 10, 1000]), [0, 5, 500]);
        assert_eq!(due("0.5x", &[0, 10]), [0, 20]);
        assert_eq!(due("100", &[0, 0, 70]), [0, 10, 20]);
        assert_eq!(due("100pps", &[0, 0, 70]), [0, 10, 20]);
        assert_eq!(due("max", &[0, 10_000]), [0, 0]);
    }

    #[test]
    fn time_that_goes_back_or_too_far_does_no_harm() {
        assert_eq!(due("1x", &[100, 50, 90, 110]), [0, 0, 0, 10]);
        let mut pace = Pace::new(Speed::Recorded(1.0));
        pace.due(Timestamp::new(i64::MIN, 0));
        pace.due(Timestamp::new(i64::MAX, 0));
        assert_eq!(pace.due(Timestamp::new(0, 0)), pace.last);
    }

    #[test]
    fn recordings_follow_one_another() {
        let mut pace = Pace::new(Speed::Recorded(1.0));
        let due = [0, 10].map(|secs| pace.due(Timestamp::new(secs, 0)).as_secs());
        pace.begin_recording();
        let again = [0, 10].map(|secs| pace.due(Timestamp::new(secs, 0)).as_secs());
        assert_eq!((due, again), ([0, 10], [10, 20]));
    }

    #[test]
    fn what_is_no_speed_is_refused() {
        for wrong in ["", "x", "0", "-1", "0x", "nan", "inf", "infx", "fast", "1xx", "1e999"] {
            assert!(wrong.parse::<Speed>().is_err(), "{wrong}");
        }
    }
}
