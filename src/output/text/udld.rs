//! Lines of unidirectional link detection.

use super::words::{Words, field_head, padded, set_bits};
use super::{Page, Sheet, invalid, whole};
use crate::decode::cdp::{Fault, Field};
use crate::decode::udld::{self, Udld};

const FIELDS: Words = &[
    (1, "Device-ID TLV"),
    (2, "Port-ID TLV"),
    (3, "Echo TLV"),
    (4, "Message Interval TLV"),
    (5, "Timeout Interval TLV"),
    (6, "Device Name TLV"),
    (7, "Sequence Number TLV"),
];

const FLAGS: Words = &[
    (0x01, "RT"),
    (0x02, "RSY"),
    (0x04, "MBZ-2"),
    (0x08, "MBZ-3"),
    (0x10, "MBZ-4"),
    (0x20, "MBZ-5"),
    (0x40, "MBZ-6"),
    (0x80, "MBZ-7"),
];

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Udld<'_>) {
    if fields(page.sheet, message, page.options.verbose).is_none() {
        page.truncated("udld");
    }
}

/// What the message says; none where bytes were not captured.
fn fields(sheet: &mut Sheet, message: &Udld<'_>, verbose: u8) -> Option<()> {
    let span = message.span();
    if span.wire() < 4 {
        return invalid(sheet, span);
    }
    let (version, code, flags) = (message.version()?, message.code()?, message.flags()?);
    sheet.put("UDLDv");
    sheet.dec(version);
    sheet.put(match code {
        1 => ", Code Probe message (",
        2 => ", Code Echo message (",
        3 => ", Code Flush message (",
        _ => ", Code Reserved (",
    });
    sheet.hex(code);
    sheet.put("), Flags [");
    set_bits(sheet, FLAGS, flags, "none");
    sheet.put("] (0x");
    sheet.hex_padded(flags, 2);
    sheet.put("), length ");
    sheet.len_of(span.wire());
    if verbose == 0 {
        return whole(span);
    }
    let checksum = message.checksum()?;
    sheet.put("\n\tChecksum 0x");
    sheet.hex_padded(checksum, 4);
    sheet.put(" (unverified)");
    for field in message.fields() {
        let (kind, length, rest) = match field {
            Ok(field) => {
                field_head(sheet, FIELDS, field.kind, field.value.wire().saturating_add(4));
                if self::field(sheet, &field)? {
                    continue;
                }
                return invalid(sheet, field.value);
            }
            Err(Fault::Cut) => return None,
            Err(Fault::Stray(rest)) => return invalid(sheet, rest),
            Err(Fault::TooShort(kind, length, rest) | Fault::TooLong(kind, length, rest)) => (kind, length, rest),
        };
        field_head(sheet, FIELDS, kind, length.into());
        return invalid(sheet, rest);
    }
    Some(())
}

/// A field's value; whether it has the length it should have.
fn field(sheet: &mut Sheet, field: &Field<'_>) -> Option<bool> {
    let value = field.value;
    match (field.kind, value.wire()) {
        (_, 0) => return Some(false),
        (udld::DEVICE_ID | udld::PORT_ID | udld::DEVICE_NAME, _) => {
            sheet.put(", ");
            padded(sheet, value.bytes());
            if !value.bytes().contains(&0) {
                whole(value)?;
            }
        }
        (udld::ECHO, _) => {
            sheet.put(", ");
            sheet.caret(value.bytes());
            whole(value)?;
        }
        (udld::MESSAGE_INTERVAL | udld::TIMEOUT_INTERVAL, 1) => {
            let seconds = value.u8_at(0)?;
            sheet.put(", ");
            sheet.dec(seconds);
            sheet.put("s");
        }
        (udld::SEQUENCE_NUMBER, 4) => {
            let number = value.u32_at(0)?;
            sheet.put(", ");
            sheet.dec(number);
        }
        (udld::MESSAGE_INTERVAL | udld::TIMEOUT_INTERVAL | udld::SEQUENCE_NUMBER, _) => return Some(false),
        _ => whole(value)?,
    }
    Some(true)
}
