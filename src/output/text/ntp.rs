//! Lines of NTP.

use jiff::tz::TimeZone;

use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::ntp::{self, Ntp, Time};

/// Seconds from 1900 to 1970.
const UNIX_EPOCH: i64 = 2_208_988_800;

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    let Ok(message) = Ntp::parse(span) else { return page.truncated("ntp") };
    let sheet = &mut *page.sheet;
    sheet.put("NTPv");
    sheet.dec(message.version());
    sheet.put(", ");
    sheet.put(mode(message.mode()));
    sheet.put(", length ");
    sheet.len_of(span.wire());
    if page.options.verbose == 0 {
        return;
    }
    sheet.put("\n\tLeap indicator: ");
    sheet.put(match message.leap() {
        0 => "",
        1 => "+1s",
        2 => "-1s",
        _ => "clock unsynchronized",
    });
    sheet.put(" (");
    sheet.dec(message.leap().wrapping_mul(64));
    sheet.put(")");
    let (least, body) = match message.mode() {
        7 => return,
        ntp::CONTROL => (ntp::CONTROL_HEAD, control as fn(&mut Sheet, &Ntp<'_>) -> Option<()>),
        _ => (ntp::TIME_MESSAGE, time_message as _),
    };
    if span.wire() < least {
        sheet.put(" (invalid)");
        if span.is_cut() {
            page.truncated("ntp");
        }
    } else if body(sheet, &message).is_none() {
        page.truncated("ntp");
    }
}

fn mode(mode: u8) -> &'static str {
    match mode {
        0 => "unspecified",
        1 => "symmetric active",
        2 => "symmetric passive",
        3 => "Client",
        4 => "Server",
        5 => "Broadcast",
        ntp::CONTROL => "Control Message",
        _ => "Reserved",
    }
}

fn time_message(sheet: &mut Sheet, message: &Ntp<'_>) -> Option<()> {
    let stratum = message.stratum()?;
    sheet.put(", Stratum ");
    sheet.dec(stratum);
    sheet.put(match stratum {
        0 => " (unspecified)",
        1 => " (primary reference)",
        2..=15 => " (secondary reference)",
        _ => " (reserved)",
    });
    let poll = message.poll()?;
    sheet.put(", poll ");
    sheet.signed(poll.into());
    if let Some(interval) = 1u32.checked_shl(poll.unsigned_abs().into()) {
        sheet.put(if poll < 0 { " (1/" } else { " (" });
        sheet.dec(interval);
        sheet.put("s)");
    }
    let precision = message.precision()?;
    sheet.put(", precision ");
    sheet.signed(precision.into());
    for (name, time) in [("\n\tRoot Delay: ", message.root_delay()), (", Root dispersion: ", message.root_dispersion())]
    {
        let time = time?;
        sheet.put(name);
        short_time(sheet, time);
    }
    let reference = message.reference_id()?;
    sheet.put(", Reference-ID: ");
    match stratum {
        0 => sheet.put("(unspec)"),
        1 => sheet.caret(&reference),
        62 | 63 => {
            sheet.ipv4(reference);
            sheet.put(if stratum == 62 { " INFO_QUERY" } else { " INFO_REPLY" });
            return Some(());
        }
        _ => {
            sheet.put("0x");
            sheet.hex_bytes(&reference, "");
        }
    }
    for (which, name) in [
        "\n\t  Reference Timestamp:  ",
        "\n\t  Originator Timestamp: ",
        "\n\t  Receive Timestamp:    ",
        "\n\t  Transmit Timestamp:   ",
    ]
    .into_iter()
    .enumerate()
    {
        let time = message.time(which)?;
        sheet.put(name);
        long_time(sheet, time);
    }
    let origin = message.time(1)?;
    for (name, which) in
        [("\n\t    Originator - Receive Timestamp:  ", 2), ("\n\t    Originator - Transmit Timestamp: ", 3)]
    {
        let time = message.time(which)?;
        sheet.put(name);
        if origin.is_zero() {
            long_time(sheet, time);
        } else {
            let (earlier, difference) = origin.until(time);
            sheet.put(if earlier { "-" } else { "+" });
            seconds(sheet, difference);
        }
    }
    let more = message.span().skip(ntp::TIME_MESSAGE);
    if more.is_empty() {
        return Some(());
    }
    // A key and a digest of 128 or 160 bits.
    if let 4 | 20 | 24 = more.wire() {
        let key = more.u32_at(0)?;
        sheet.put("\n\tKey id: ");
        sheet.dec(key);
        let digest = more.skip(4);
        if !digest.is_empty() {
            let (digest, _) = digest.split(digest.wire()).ok()?;
            sheet.put("\n\tAuthentication: ");
            sheet.hex_bytes(digest, "");
        }
    } else {
        sheet.put("\n\t(");
        sheet.len_of(more.wire());
        sheet.put(" more bytes after the header)");
    }
    Some(())
}

fn control(sheet: &mut Sheet, message: &Ntp<'_>) -> Option<()> {
    let span = message.span();
    let operation = span.u8_at(1)?;
    sheet.put(if operation & 0x80 != 0 { ", Response" } else { ", Request" });
    sheet.put(if operation & 0x40 != 0 { ", Error" } else { ", OK" });
    sheet.put(if operation & 0x20 != 0 { ", More" } else { ", Last" });
    sheet.put(", OpCode=");
    sheet.dec(operation & 0x1f);
    sheet.put("\n");
    for (name, at) in [("\tSequence=", 2), (", Status=", 4), (", Assoc.=", 6), (", Offset=", 8), (", Count=", 10)] {
        let number = span.u16_at(at)?;
        sheet.put(name);
        if at == 4 {
            sheet.put(if number == 0 { "" } else { "0x" });
            sheet.hex(number);
        } else {
            sheet.dec(number);
        }
    }
    let count = span.u16_at(10)?;
    let data = span.skip(ntp::CONTROL_HEAD);
    if usize::from(count) > data.wire() {
        sheet.put(" (invalid)");
        return (!span.is_cut()).then_some(());
    }
    if count > 0 {
        data.split(count.into()).ok()?;
        sheet.put("\n\tTO-BE-DONE: data not interpreted");
    }
    Some(())
}

/// Seconds and fractions of 2^-16, in microseconds.
fn short_time(sheet: &mut Sheet, (seconds, fraction): (u16, u16)) {
    sheet.dec(seconds);
    sheet.put(".");
    sheet.dec_padded(u64::from(fraction).wrapping_mul(1_000_000) >> 16, 6);
}

fn seconds(sheet: &mut Sheet, time: Time) {
    sheet.dec(time.seconds);
    sheet.put(".");
    sheet.dec_padded(time.nanoseconds().into(), 9);
}

/// A point in time, as seconds since 1900 and as a date, where it has one.
pub(super) fn long_time(sheet: &mut Sheet, time: Time) {
    seconds(sheet, time);
    if time.seconds == 0 {
        return;
    }
    let Ok(instant) = jiff::Timestamp::from_second(i64::from(time.seconds).wrapping_sub(UNIX_EPOCH)) else { return };
    let date = TimeZone::UTC.to_datetime(instant);
    let fields = [date.month(), date.day(), date.hour(), date.minute(), date.second()];
    sheet.put(" (");
    sheet.dec(date.year().unsigned_abs());
    for (joint, field) in ["-", "-", "T", ":", ":"].into_iter().zip(fields) {
        sheet.put(joint);
        sheet.dec_padded(field.unsigned_abs().into(), 2);
    }
    sheet.put("Z)");
}
