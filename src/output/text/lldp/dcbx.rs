//! Fields of the data centre bridging exchange before it was standardised (DCBX, revision 1.01).

use super::super::words::{Words, upper_hex};
use super::super::{Sheet, hex};
use super::Told;
use super::ieee8021::number;
use crate::decode::Span;
use crate::decode::lldp::Fields;

pub(super) const SUBTYPES: Words =
    &[(1, "DCB Capability Exchange Protocol Rev 1"), (2, "DCB Capability Exchange Protocol Rev 1.01")];

/// Prints the fields inside; none where one is too short.
pub(super) fn print(sheet: &mut Sheet, subtype: u8, value: Span<'_>, verbose: u8) -> Option<Told> {
    // Of the first revision only the name is told, whatever its bytes.
    if subtype == 1 {
        return Some(Told::Unknown);
    }
    let mut told = Told::Known;
    for field in Fields::of(value) {
        let field = field.ok()?;
        told = Told::Known;
        if field.kind == 0 || field.length == 0 {
            break;
        }
        let inside = field.value?;
        match field.kind {
            1 => control(sheet, inside)?,
            2 => priority_groups(sheet, inside)?,
            3 => flow_control(sheet, inside)?,
            4 => applications(sheet, inside)?,
            _ => told = Told::Unknown,
        }
        if verbose > 1 || told == Told::Unknown {
            hex::indented(sheet, "\n\t    ", inside.bytes());
        }
    }
    Some(told)
}

/// The name of a field, its length, and the two versions that every one begins with.
fn head(sheet: &mut Sheet, name: &'static str, value: Span<'_>) -> Option<()> {
    let [current, highest] = value.array_at(0)?;
    sheet.put(name);
    number(sheet, ", length ", value.wire() as u64);
    number(sheet, ")\n\t      Oper_Version: ", current);
    number(sheet, "\n\t      Max_Version: ", highest);
    Some(())
}

/// What every feature says of itself.
fn feature(sheet: &mut Sheet, name: &'static str, value: Span<'_>) -> Option<()> {
    let [flags, subtype] = value.array_at(2)?;
    head(sheet, name, value)?;
    sheet.put("\n\t      Info block(0x");
    upper_hex(sheet, flags);
    number(sheet, "): Enable bit: ", flags >> 7);
    number(sheet, ", Willing bit: ", flags >> 6 & 1);
    number(sheet, ", Error Bit: ", flags >> 5 & 1);
    number(sheet, "\n\t      SubType: ", subtype);
    Some(())
}

fn control(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let (sequence, acknowledged) = (value.u32_at(2)?, value.u32_at(6)?);
    head(sheet, "\n\t    Control - Protocol Control (type 0x1", value)?;
    number(sheet, "\n\t      Sequence Number: ", sequence);
    number(sheet, "\n\t      Acknowledgement Number: ", acknowledged);
    Some(())
}

fn priority_groups(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let (groups, shares, classes) = (value.u32_at(4)?, value.array_at::<8>(8)?, value.u8_at(16)?);
    feature(sheet, "\n\t    Feature - Priority Group (type 0x2", value)?;
    sheet.put("\n\t      Priority Allocation");
    for (place, byte) in groups.to_be_bytes().into_iter().flat_map(|pair| [pair >> 4, pair & 15]).enumerate() {
        number(sheet, "\n\t          PgId_", place as u64);
        number(sheet, ": ", byte);
    }
    sheet.put("\n\t      Priority Group Allocation");
    for (place, share) in shares.into_iter().enumerate() {
        number(sheet, "\n\t          Pg percentage[", place as u64);
        number(sheet, "]: ", share);
    }
    number(sheet, "\n\t      NumTCsSupported: ", classes);
    Some(())
}

fn flow_control(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let [priorities, classes] = value.array_at(4)?;
    feature(sheet, "\n\t    Feature - Priority Flow Control (type 0x3", value)?;
    sheet.put("\n\t      PFC Config (0x");
    upper_hex(sheet, priorities);
    sheet.put(")");
    for place in 0..8u8 {
        number(sheet, "\n\t          Priority Bit ", place);
        sheet.put(if priorities >> place & 1 == 1 { ": Enabled" } else { ": Disabled" });
    }
    number(sheet, "\n\t      NumTCPFCSupported: ", classes);
    Some(())
}

fn applications(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    feature(sheet, "\n\t    Feature - Application (type 0x4", value)?;
    let (entries, _) = value.bytes().get(4..)?.as_chunks::<6>();
    for &[a, b, c, d, e, priorities] in entries {
        let selector = c >> 6;
        sheet.put("\n\t      Application Value\n\t          Application Protocol ID: 0x");
        sheet.hex_padded(u16::from_be_bytes([a, b]), 4);
        sheet.put("\n\t          SF (0x");
        sheet.hex(selector);
        sheet.put(if selector > 0 {
            ") Application Protocol ID is Socket Number"
        } else {
            ") Application Protocol ID is L2 EtherType"
        });
        sheet.put("\n\t          OUI: 0x");
        sheet.hex_padded(u32::from_be_bytes([0, c & 0x3f, d, e]), 6);
        sheet.put("\n\t          User Priority Map: 0x");
        sheet.hex_padded(priorities, 2);
    }
    Some(())
}
