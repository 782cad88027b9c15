//! The time before each line. Seconds and time zone are worked out once a second, not once a frame.

use std::sync::OnceLock;

use jiff::tz::TimeZone;

use super::Sheet;
use crate::frame::Timestamp;

/// How to tell a frame's time: tcpdump's `-t` flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TimeStyle {
    /// Local time of day.
    #[default]
    Clock,
    /// `-t`: not at all.
    None,
    /// `-tt`: seconds since the epoch.
    Epoch,
    /// `-ttt`: since the frame before.
    SincePrevious,
    /// `-tttt`: local date and time.
    Date,
    /// `-ttttt`: since the first frame.
    SinceFirst,
}

/// The zone of local times: that of the system as it was when this was first asked for, which must be before files are
/// closed to us.
pub fn zone() -> &'static TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    ZONE.get_or_init(TimeZone::system)
}

/// Prints times in one style.
#[derive(Debug)]
pub(in crate::output) struct Clock {
    style: TimeStyle,
    nanoseconds: bool,
    zone: TimeZone,
    /// The second whose text `shown` holds.
    second: Option<i64>,
    shown: Sheet,
    /// What differences are taken from.
    base: Option<Timestamp>,
}

impl Clock {
    pub fn new(style: TimeStyle, nanoseconds: bool) -> Self {
        Clock { style, nanoseconds, zone: zone().clone(), second: None, shown: Sheet::new(), base: None }
    }

    /// Puts the time and a space on the sheet.
    pub fn stamp(&mut self, sheet: &mut Sheet, time: Timestamp) {
        match self.style {
            TimeStyle::None => return,
            TimeStyle::Epoch => {
                sheet.signed(time.secs());
                sheet.put(".");
                self.fraction(sheet, time.nanos());
            }
            TimeStyle::SincePrevious | TimeStyle::SinceFirst => {
                let base = *self.base.get_or_insert(time);
                self.difference(sheet, base, time);
                if self.style == TimeStyle::SincePrevious {
                    self.base = Some(time);
                }
            }
            TimeStyle::Clock | TimeStyle::Date => {
                if self.second != Some(time.secs()) {
                    self.shown.clear();
                    civil(&mut self.shown, time.secs(), &self.zone, self.style == TimeStyle::Date);
                    self.second = Some(time.secs());
                }
                sheet.join(&self.shown);
                self.fraction(sheet, time.nanos());
            }
        }
        sheet.put(" ");
    }

    fn fraction(&self, sheet: &mut Sheet, nanos: u32) {
        if self.nanoseconds {
            sheet.dec_padded(nanos.into(), 9);
        } else {
            sheet.six(nanos / 1000);
        }
    }

    /// Hours, minutes, seconds and fraction from one moment to another, with a minus before it or a space.
    fn difference(&self, sheet: &mut Sheet, from: Timestamp, to: Timestamp) {
        // Of what is shown: two times to the microsecond differ by whole microseconds.
        let shown = |t: Timestamp| {
            if self.nanoseconds { t.as_nanos() } else { t.as_nanos().div_euclid(1000).saturating_mul(1000) }
        };
        let between = shown(to).saturating_sub(shown(from));
        let length = Timestamp::from_nanos(between.saturating_abs());
        sheet.put(if between < 0 { "-" } else { " " });
        let seconds = length.secs().unsigned_abs();
        sheet.dec_padded(seconds / 3600, 2);
        sheet.put(":");
        sheet.dec_padded(seconds / 60 % 60, 2);
        sheet.put(":");
        sheet.dec_padded(seconds % 60, 2);
        sheet.put(".");
        self.fraction(sheet, length.nanos());
    }
}

/// A moment's local time of day, to the microsecond.
pub fn time_of_day(time: Timestamp) -> String {
    let mut sheet = Sheet::new();
    Clock::new(TimeStyle::Clock, false).stamp(&mut sheet, time);
    String::from_utf8_lossy(sheet.as_bytes()).trim_end().to_owned()
}

/// A second's local time up to the point before the fraction; seconds since the epoch where no calendar
/// reaches.
fn civil(sheet: &mut Sheet, second: i64, zone: &TimeZone, date: bool) {
    let Ok(moment) = jiff::Timestamp::from_second(second) else {
        sheet.signed(second);
        return sheet.put(".");
    };
    let local = zone.to_datetime(moment);
    if date {
        sheet.signed(local.year().into());
        sheet.put("-");
        sheet.dec_padded(local.month().unsigned_abs().into(), 2);
        sheet.put("-");
        sheet.dec_padded(local.day().unsigned_abs().into(), 2);
        sheet.put(" ");
    }
    sheet.dec_padded(local.hour().unsigned_abs().into(), 2);
    sheet.put(":");
    sheet.dec_padded(local.minute().unsigned_abs().into(), 2);
    sheet.put(":");
    sheet.dec_padded(local.second().unsigned_abs().into(), 2);
    sheet.put(".");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(style: TimeStyle, nanoseconds: bool, times: &[(i64, u64)]) -> String {
        let mut clock = Clock::new(style, nanoseconds);
        clock.zone = TimeZone::UTC;
        let mut sheet = Sheet::new();
        for (secs, nanos) in times {
            clock.stamp(&mut sheet, Timestamp::new(*secs, *nanos));
        }
        String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn each_style() {
        let times = [(1_570_152_237, 968_859_999), (1_570_152_240, 5), (1_570_152_239, 0)];
        assert_eq!(stamps(TimeStyle::Clock, false, &times), "01:23:57.968859 01:24:00.000000 01:23:59.000000 ");
        assert_eq!(stamps(TimeStyle::Clock, true, &times[..1]), "01:23:57.968859999 ");
        assert_eq!(stamps(TimeStyle::None, false, &times), "");
        assert_eq!(stamps(TimeStyle::Epoch, false, &times[..1]), "1570152237.968859 ");
        assert_eq!(stamps(TimeStyle::Date, false, &times[..1]), "2019-10-04 01:23:57.968859 ");
        assert_eq!(
            stamps(TimeStyle::SincePrevious, false, &times),
            " 00:00:00.000000  00:00:02.031141 -00:00:01.000000 "
        );
        assert_eq!(stamps(TimeStyle::SinceFirst, false, &times), " 00:00:00.000000  00:00:02.031141  00:00:01.031141 ");
    }

    #[test]
    fn times_beyond_any_calendar() {
        assert_eq!(
            stamps(TimeStyle::Clock, false, &[(i64::MAX, 0), (-1, 0)]),
            "9223372036854775807.000000 23:59:59.000000 "
        );
        assert_eq!(stamps(TimeStyle::Date, false, &[(4_294_967_295, 0)]), "2106-02-07 06:28:15.000000 ");
    }
}
