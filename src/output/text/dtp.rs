//! Lines of the dynamic trunking protocol.

use super::words::{Words, field_head, padded};
use super::{Page, Sheet, invalid, whole};
use crate::decode::cdp::{Fault, Field};
use crate::decode::dtp::{self, Dtp};

const FIELDS: Words = &[(1, "Domain"), (2, "Status"), (3, "DTP type"), (4, "Neighbor")];

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Dtp<'_>) {
    if fields(page.sheet, message, page.options.verbose).is_none() {
        page.truncated("dtp");
    }
}

/// What the message says; none where bytes were not captured.
fn fields(sheet: &mut Sheet, message: &Dtp<'_>, verbose: u8) -> Option<()> {
    let span = message.span();
    if span.is_empty() {
        sheet.put("[zero packet length]");
        return invalid(sheet, span);
    }
    let version = message.version()?;
    sheet.put("DTPv");
    sheet.dec(version);
    sheet.put(", length ");
    sheet.len_of(span.wire());
    for field in message.fields().take_while(|_| verbose > 0) {
        let (kind, length, rest) = match field {
            Ok(Field { kind: 0, .. }) | Err(Fault::TooShort(0, ..) | Fault::TooLong(0, ..)) => return Some(()),
            Ok(field) => {
                field_head(sheet, FIELDS, field.kind, field.value.wire().saturating_add(4));
                if self::field(sheet, &field)? {
                    continue;
                }
                return invalid(sheet, field.value);
            }
            Err(Fault::Cut) => return None,
            Err(Fault::Stray(rest)) => {
                sheet.put("[");
                sheet.len_of(rest.wire());
                sheet.put(" bytes remaining]");
                return invalid(sheet, rest);
            }
            Err(Fault::TooShort(kind, length, rest) | Fault::TooLong(kind, length, rest)) => (kind, length, rest),
        };
        field_head(sheet, FIELDS, kind, length.into());
        sheet.put("[invalid TLV length ");
        sheet.dec(length);
        sheet.put("]");
        return invalid(sheet, rest);
    }
    Some(())
}

/// A field's value; whether it has the length it should have.
fn field(sheet: &mut Sheet, field: &Field<'_>) -> Option<bool> {
    let value = field.value;
    match (field.kind, value.wire()) {
        (dtp::DOMAIN, _) => {
            sheet.put(", ");
            padded(sheet, value.bytes());
            if !value.bytes().contains(&0) {
                whole(value)?;
            }
        }
        (dtp::STATUS | dtp::TYPE, 1) => {
            let byte = value.u8_at(0)?;
            sheet.put(", 0x");
            sheet.hex(byte);
        }
        (dtp::NEIGHBOR, 6) => {
            let address = value.array_at(0)?;
            sheet.put(", ");
            sheet.mac(address);
        }
        (dtp::STATUS | dtp::TYPE | dtp::NEIGHBOR, _) => return Some(false),
        _ => whole(value)?,
    }
    Some(true)
}
