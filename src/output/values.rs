//! The values of fields as plain text: how columns and the tree show them.

use super::Sheet;
use crate::fields::Value;
use crate::frame::Timestamp;

/// Puts a value on the sheet, escaped; `scratch` is room to put a domain name together.
pub(crate) fn plain(sheet: &mut Sheet, value: &Value<'_>, scratch: &mut Vec<u8>) {
    match *value {
        Value::Unsigned(number) => sheet.dec(number),
        Value::Signed(number) => sheet.signed(number),
        Value::Bool(is) => sheet.put(if is { "true" } else { "false" }),
        Value::Text(bytes) => sheet.escaped(bytes),
        Value::Word(word) => sheet.put(word),
        Value::Domain(_) => sheet.escaped(value.bytes(scratch).unwrap_or_default()),
        Value::Bytes(bytes) => sheet.hex_bytes(bytes, ""),
        Value::Ipv4(address) => sheet.ipv4(address),
        Value::Ipv6(address) => sheet.ipv6(address),
        Value::Mac(address) => sheet.mac(address),
        Value::Time(time) => moment(sheet, time),
    }
}

/// A moment in UTC as RFC 3339 has it, with nine digits of a second; outside the years 0 to 9999, which that can't
/// write, seconds since 1970.
pub(super) fn moment(sheet: &mut Sheet, time: Timestamp) {
    match jiff::Timestamp::from_second(time.secs()).map(|second| jiff::tz::Offset::UTC.to_datetime(second)) {
        Ok(civil) if civil.year() >= 0 => {
            let parts = [
                (i64::from(civil.year()), 4, "-"),
                (civil.month().into(), 2, "-"),
                (civil.day().into(), 2, "T"),
                (civil.hour().into(), 2, ":"),
                (civil.minute().into(), 2, ":"),
                (civil.second().into(), 2, "."),
            ];
            for (number, width, joint) in parts {
                sheet.dec_padded(number.unsigned_abs(), width);
                sheet.put(joint);
            }
            sheet.dec_padded(time.nanos().into(), 9);
            sheet.put("Z");
        }
        _ => {
            sheet.signed(time.secs());
            sheet.put(".");
            sheet.dec_padded(time.nanos().into(), 9);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let text = |secs, nanos| {
            let mut sheet = Sheet::new();
            moment(&mut sheet, Timestamp::new(secs, nanos));
            String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
        };
        assert_eq!(text(1_570_152_237, 968_859_999), "2019-10-04T01:23:57.968859999Z");
        assert_eq!(text(-1, 5), "1969-12-31T23:59:59.000000005Z");
        assert_eq!(text(i64::MAX, 0), "9223372036854775807.000000000");
        assert_eq!(text(-70_000_000_000, 0), "-70000000000.000000000");
    }
}
