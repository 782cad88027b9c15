//! Fields of NTP.

use super::{Field, Value, Visitor};
use crate::decode::ntp::{CONTROL, Ntp, TIME_MESSAGE, Time};
use crate::decode::{Short, Span};
use crate::frame::Timestamp;

fields! { ntp, "ntp", Plain, "Network time protocol (RFC 5905)";
    LEAP "leap" Number @0..1 "Leap indicator: 1 and 2 a leap second comes, 3 not synchronised" ["ntp.flags.li" "" ""];
    VERSION "version" Number @0..1 "Version" ["ntp.flags.vn" "ntp.version" ""];
    MODE "mode" Number @0..1 "3 client, 4 server, 5 broadcast, 6 control" ["ntp.flags.mode" "ntp.mode" ""];
    STRATUM "stratum" Number @1..2 "Distance from a reference clock" ["ntp.stratum" "ntp.stratum" ""];
    POLL "poll" Number @2..3 "Poll interval: a power of two of a second" ["ntp.ppoll" "ntp.poll" ""];
    PRECISION "precision" Number @3..4 "Precision of the clock: a power of two of a second" ["ntp.precision" "ntp.precision" ""];
    ROOT_DELAY "root_delay" Number @4..8 "Delay to the reference clock, in units of 2^-16 seconds" ["ntp.rootdelay" "ntp.root_delay" ""];
    ROOT_DISPERSION "root_dispersion" Number @8..12 "What the time may be wrong by, in units of 2^-16 seconds" ["ntp.rootdispersion" "ntp.root_disp" ""];
    REFERENCE_ID "reference_id" Bytes @12..16 "What the clock is set by; what it means depends on the stratum" ["ntp.refid" "ntp.ref_id" ""];
    REFERENCE_TIME "reference_time" Time @16..24 "When the clock was last set" ["ntp.reftime" "ntp.ref_time" ""];
    ORIGIN_TIME "origin_time" Time @24..32 "When the request left" ["ntp.org" "ntp.org_time" ""];
    RECEIVE_TIME "receive_time" Time @32..40 "When the request came" ["ntp.rec" "ntp.rec_time" ""];
    TRANSMIT_TIME "transmit_time" Time @40..48 "When this message left" ["ntp.xmt" "ntp.xmt_time" ""];
}

/// Seconds from 1900, when NTP's time begins, to 1970.
const EPOCH: i64 = 2_208_988_800;

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Ntp::parse(span)?;
    out.put(&LEAP, message.leap());
    out.put(&VERSION, message.version());
    out.put(&MODE, message.mode());
    if message.mode() >= CONTROL {
        return Ok(());
    }
    out.maybe(&STRATUM, message.stratum());
    out.maybe(&POLL, message.poll());
    out.maybe(&PRECISION, message.precision());
    out.maybe(&ROOT_DELAY, message.span().u32_at(4));
    out.maybe(&ROOT_DISPERSION, message.span().u32_at(8));
    out.maybe(&REFERENCE_ID, message.span().bytes().get(12..16).map(Value::Bytes));
    let times: [&'static Field; 4] = [&REFERENCE_TIME, &ORIGIN_TIME, &RECEIVE_TIME, &TRANSMIT_TIME];
    for (which, field) in times.into_iter().enumerate() {
        out.maybe(field, message.time(which).filter(|time| !time.is_zero()).map(moment));
    }
    if span.bytes().len() < TIME_MESSAGE { Err(span.short(TIME_MESSAGE)) } else { Ok(()) }
}

/// A time of the era that began in 1900.
fn moment(time: Time) -> Timestamp {
    Timestamp::new(i64::from(time.seconds).saturating_sub(EPOCH), time.nanoseconds().into())
}
