//! Lines of operations, administration and maintenance of Ethernet links (IEEE 802.3, 57).

use super::super::words::{Words, organisation, set_bits, word};
use super::super::{Sheet, hex};
use super::missing;
use crate::decode::Span;
use crate::decode::slow::{Field, Fields};

const CODES: Words = &[
    (0x00, "Information"),
    (0x01, "Event Notification"),
    (0x02, "Variable Request"),
    (0x03, "Variable Response"),
    (0x04, "Loopback Control"),
    (0xfe, "Vendor Private"),
];

const FLAGS: Words = &[
    (0x01, "Link Fault"),
    (0x02, "Dying Gasp"),
    (0x04, "Critical Event"),
    (0x08, "Local Evaluating"),
    (0x10, "Local Stable"),
    (0x20, "Remote Evaluating"),
    (0x40, "Remote Stable"),
];

const CONFIGURATION: Words = &[
    (0x01, "Active"),
    (0x02, "Unidirectional"),
    (0x04, "Remote-Loopback"),
    (0x08, "Link-Events"),
    (0x10, "Variable-Retrieval"),
];

/// Fields of a message of one code: what they are called, which types have one form, and its length.
struct Kinds {
    names: Words,
    suffix: &'static str,
    known: std::ops::RangeInclusive<u8>,
    length: u8,
    print: fn(&mut Sheet, Span<'_>) -> Option<()>,
}

const INFORMATION: Kinds = Kinds {
    names: &[(0, "End of TLV marker"), (1, "Local"), (2, "Remote"), (0xfe, "Organization specific")],
    suffix: " Information Type (",
    known: 1..=2,
    length: 16,
    print: information,
};

const EVENTS: Kinds = Kinds {
    names: &[
        (0, "End of TLV marker"),
        (1, "Errored Symbol Period Event"),
        (2, "Errored Frame Event"),
        (3, "Errored Frame Period Event"),
        (4, "Errored Frame Seconds Summary Event"),
        (0xfe, "Organization specific"),
    ],
    suffix: " Link Event Type (",
    known: 1..=4,
    length: 40,
    print: event,
};

/// Prints what is behind the subtype; none where bytes were not captured.
pub(super) fn print(sheet: &mut Sheet, message: Span<'_>, verbose: u8) -> Option<()> {
    if message.wire() < 3 {
        return super::too_short(sheet, verbose);
    }
    let (flags, code) = (message.u16_at(0)?, message.u8_at(2)?);
    sheet.put("\n\tCode ");
    match word(CODES, code) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("Unknown (");
            sheet.dec(code);
            sheet.put(")");
        }
    }
    sheet.put(" OAM PDU, Flags [");
    set_bits(sheet, FLAGS, flags, "none");
    sheet.put("]");
    let rest = message.skip(3);
    match code {
        0 => fields(sheet, rest, &INFORMATION, verbose),
        1 => {
            if rest.wire() < 2 {
                return super::too_short(sheet, verbose);
            }
            let sequence = rest.u16_at(0)?;
            sheet.put("\n\t  Sequence Number ");
            sheet.dec(sequence);
            fields(sheet, rest.skip(2), &EVENTS, verbose)
        }
        4 if rest.is_empty() => super::too_short(sheet, verbose),
        4 => {
            let command = rest.u8_at(0)?;
            sheet.put(match command {
                1 => "\n\t  Command Enable OAM Remote Loopback (",
                2 => "\n\t  Command Disable OAM Remote Loopback (",
                _ => "\n\t  Command Unknown (",
            });
            sheet.dec(command);
            sheet.put(")");
            Some(())
        }
        _ => {
            if verbose <= 1 {
                hex::indented(sheet, "\n\t  ", rest.bytes());
            }
            Some(())
        }
    }
}

fn fields(sheet: &mut Sheet, list: Span<'_>, kinds: &Kinds, verbose: u8) -> Option<()> {
    for field in Fields::of(list) {
        match field {
            Ok(field) => self::field(sheet, &field, kinds, verbose)?,
            Err(short) => missing(sheet, short)?,
        }
    }
    Some(())
}

fn field(sheet: &mut Sheet, field: &Field<'_>, kinds: &Kinds, verbose: u8) -> Option<()> {
    sheet.put("\n\t  ");
    sheet.put(word(kinds.names, field.kind).unwrap_or("Reserved"));
    sheet.put(kinds.suffix);
    sheet.dec(field.kind);
    sheet.put("), length ");
    sheet.dec(field.length);
    if field.kind == crate::decode::slow::END {
        return Some(());
    }
    let bytes = match field.bytes {
        Ok(bytes) => bytes,
        Err(short) => return missing(sheet, short),
    };
    let mut known = kinds.known.contains(&field.kind);
    if known && field.length == kinds.length {
        (kinds.print)(sheet, bytes)?;
    } else if known {
        sheet.put("\n\t    ERROR: illegal length - should be ");
        sheet.dec(kinds.length);
        known = false;
    }
    if verbose > 1 || !known {
        hex::indented(sheet, "\n\t  ", bytes.bytes());
    }
    Some(())
}

fn information(sheet: &mut Sheet, bytes: Span<'_>) -> Option<()> {
    let [version, high, low, state, configuration] = bytes.array_at(2)?;
    sheet.put("\n\t    OAM-Version ");
    sheet.dec(version);
    sheet.put(", Revision ");
    sheet.dec(u16::from_be_bytes([high, low]));
    sheet.put(match state & 3 {
        0 => "\n\t    State-Parser-Action forwarding",
        1 => "\n\t    State-Parser-Action looping back",
        2 => "\n\t    State-Parser-Action discarding",
        _ => "\n\t    State-Parser-Action reserved",
    });
    sheet.put(if state & 4 == 0 { ", State-MUX-Action forwarding" } else { ", State-MUX-Action discarding" });
    sheet.put("\n\t    OAM-Config Flags [");
    set_bits(sheet, CONFIGURATION, configuration, "none");
    sheet.put("], OAM-PDU-Config max-PDU size ");
    sheet.dec(bytes.u16_at(7)? & 0x07ff);
    let [a, b, c] = bytes.array_at(9)?;
    sheet.put("\n\t    OUI ");
    organisation(sheet, u32::from_be_bytes([0, a, b, c]));
    sheet.put(", Vendor-Private 0x");
    sheet.hex_padded(bytes.u32_at(12)?, 8);
    Some(())
}

fn event(sheet: &mut Sheet, bytes: Span<'_>) -> Option<()> {
    let number = |at| bytes.array_at(at).map(u64::from_be_bytes);
    sheet.put("\n\t    Timestamp ");
    sheet.dec(u32::from(bytes.u16_at(2)?).saturating_mul(100));
    for (name, number) in [
        (" ms, Errored Window ", number(4)?),
        ("\n\t    Errored Threshold ", number(12)?),
        ("\n\t    Errors ", number(20)?),
        ("\n\t    Error Running Total ", number(28)?),
        ("\n\t    Event Running Total ", bytes.u32_at(36)?.into()),
    ] {
        sheet.put(name);
        sheet.dec(number);
    }
    Some(())
}
