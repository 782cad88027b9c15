//! Lines of the slow protocols: LACP and the marker protocol here, OAM in a file of its own.

mod oam;

use super::words::{Words, set_bits};
use super::{Page, Sheet, hex};
use crate::decode::slow::{self, Field, Slow};
use crate::decode::{Cause, Short, Span};

/// The only version there is of LACP and the marker protocol.
const VERSION: u8 = 1;

const STATE: Words = &[
    (0x01, "Activity"),
    (0x02, "Timeout"),
    (0x04, "Aggregation"),
    (0x08, "Synchronization"),
    (0x10, "Collecting"),
    (0x20, "Distributing"),
    (0x40, "Default"),
    (0x80, "Expired"),
];

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Slow<'_>) {
    if fields(page.sheet, message, page.options.verbose).is_none() {
        page.truncated("slow");
    }
}

/// What the message says; none where bytes were not captured.
fn fields(sheet: &mut Sheet, message: &Slow<'_>, verbose: u8) -> Option<()> {
    let length = message.span().wire();
    if length < 1 {
        return too_short(sheet, verbose);
    }
    let subtype = message.subtype()?;
    match subtype {
        slow::LACP | slow::MARKER => {
            let name = if subtype == slow::LACP { "LACP" } else { "MARKER" };
            if length < 2 {
                return too_short(sheet, verbose);
            }
            let version = message.version()?;
            sheet.put(name);
            if version != VERSION {
                sheet.put(" version ");
                sheet.dec(version);
                sheet.put(" packet not supported");
                return Some(());
            }
            sheet.put("v");
            sheet.dec(version);
        }
        slow::OAM => sheet.put("OAM"),
        other => {
            sheet.put("unknown (");
            sheet.dec(other);
            sheet.put(")");
        }
    }
    sheet.put(", length ");
    sheet.len_of(length);
    match subtype {
        slow::LACP | slow::MARKER if verbose > 0 => {
            for field in message.fields() {
                match field {
                    Ok(field) => self::field(sheet, subtype, &field, verbose)?,
                    Err(short) => missing(sheet, short)?,
                }
            }
        }
        slow::OAM if verbose > 0 => oam::print(sheet, message.span().skip(1), verbose)?,
        slow::LACP | slow::MARKER | slow::OAM => {}
        _ => hex::indented(sheet, "\n\t", message.span().bytes()),
    }
    Some(())
}

fn too_short(sheet: &mut Sheet, verbose: u8) -> Option<()> {
    sheet.put(if verbose > 0 { "\n\t\t packet is too short" } else { " (packet is too short)" });
    Some(())
}

/// Why a field is not there; none where that is the capture's fault.
fn missing(sheet: &mut Sheet, short: Short) -> Option<()> {
    match short.cause {
        Cause::Malformed => {
            sheet.put("\n\t    ERROR: illegal length - should be >= 2");
            Some(())
        }
        Cause::Packet => too_short(sheet, 1),
        _ => None,
    }
}

fn field(sheet: &mut Sheet, subtype: u8, field: &Field<'_>, verbose: u8) -> Option<()> {
    const MARKER_INFORMATION: (u8, u8) = (slow::MARKER, 1);
    let which = (subtype, field.kind);
    sheet.put(match which {
        (_, slow::END) => "\n\tTerminator",
        (slow::LACP, 1) => "\n\tActor Information",
        (slow::LACP, 2) => "\n\tPartner Information",
        (slow::LACP, 3) => "\n\tCollector Information",
        MARKER_INFORMATION => "\n\tMarker Information",
        _ => "\n\tUnknown",
    });
    sheet.put(" TLV (0x");
    sheet.hex_padded(field.kind, 2);
    sheet.put("), length ");
    sheet.dec(field.length);
    if field.kind == slow::END {
        return Some(());
    }
    let bytes = match field.bytes {
        Ok(bytes) => bytes,
        Err(short) => return missing(sheet, short),
    };
    let expected = match which {
        (slow::LACP, 1 | 2) => 20,
        (slow::LACP, 3) | MARKER_INFORMATION => 16,
        _ => 0,
    };
    let value = bytes.skip(2);
    if expected == 0 {
        hex::indented(sheet, "\n\t  ", value.bytes());
        return Some(());
    }
    if field.length == expected {
        match which {
            (slow::LACP, 3) => {
                sheet.put("\n\t  Max Delay ");
                sheet.dec(value.u16_at(0)?);
            }
            MARKER_INFORMATION => marker(sheet, value)?,
            _ => participant(sheet, value)?,
        }
    } else {
        sheet.put("\n\t    ERROR: illegal length - should be ");
        sheet.dec(expected);
    }
    if verbose > 1 {
        hex::indented(sheet, "\n\t  ", value.bytes());
    }
    Some(())
}

/// One end of an aggregated link: its system, key, port and state.
fn participant(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let [system_priority, key, port_priority, port] = [0, 8, 10, 12].map(|at| value.u16_at(at));
    sheet.put("\n\t  System ");
    sheet.mac(value.array_at(2)?);
    for (name, number) in [
        (", System Priority ", system_priority),
        (", Key ", key),
        (", Port ", port),
        (", Port Priority ", port_priority),
    ] {
        sheet.put(name);
        sheet.dec(number?);
    }
    sheet.put("\n\t  State Flags [");
    set_bits(sheet, STATE, value.u8_at(14)?, "none");
    sheet.put("]");
    Some(())
}

fn marker(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    sheet.put("\n\t  Request System ");
    sheet.mac(value.array_at(2)?);
    sheet.put(", Request Port ");
    sheet.dec(value.u16_at(0)?);
    sheet.put(", Request Transaction ID 0x");
    sheet.hex_padded(value.u32_at(8)?, 8);
    Some(())
}
