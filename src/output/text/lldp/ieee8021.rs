//! Fields of IEEE 802.1 (802.1Q-2022, annex D): VLANs, and data centre bridging.

use super::super::Sheet;
use super::super::words::{Words, padded, set_bits};
use super::ieee8023::aggregation;
use super::{Told, columns};
use crate::decode::Span;

pub(super) const SUBTYPES: Words = &[
    (1, "Port VLAN Id"),
    (2, "Port and Protocol VLAN ID"),
    (3, "VLAN name"),
    (4, "Protocol Identity"),
    (7, "Link aggregation"),
    (8, "Congestion Notification"),
    (9, "ETS Configuration"),
    (10, "ETS Recommendation"),
    (11, "Priority Flow Control Configuration"),
    (12, "Application Priority"),
    (13, "EVB"),
    (14, "CDCP"),
];

/// Prints what is behind the subtype; none where it is too short.
pub(super) fn print(sheet: &mut Sheet, subtype: u8, value: Span<'_>, _: u8) -> Option<Told> {
    match subtype {
        1 => number(sheet, "\n\t    port vlan id (PVID): ", value.u16_at(0)?),
        2 => {
            let [flags, high, low] = value.array_at(0)?;
            number(sheet, "\n\t    port and protocol vlan id (PPVID): ", u16::from_be_bytes([high, low]));
            sheet.put(", flags [");
            set_bits(sheet, &[(2, "supported"), (4, "enabled")], flags, "none");
            sheet.put("] (0x");
            sheet.hex_padded(flags, 2);
            sheet.put(")");
        }
        3 => {
            number(sheet, "\n\t    vlan id (VID): ", value.u16_at(0)?);
            text(sheet, "\n\t    vlan name: ", value.skip(2))?;
        }
        4 => text(sheet, "\n\t    protocol identity: ", value)?,
        7 => aggregation(sheet, value)?,
        8 => {
            let [present, ready] = value.array_at(0)?;
            sheet.put("\n\t    Pre-Priority CNPV Indicator");
            by_priority(sheet, present);
            sheet.put("\n\t    Pre-Priority Ready Indicator");
            by_priority(sheet, ready);
        }
        9 => {
            let tables = value.skip(1).array_at::<20>(0)?;
            let head = value.u8_at(0)?;
            number(sheet, "\n\t    Willing:", head >> 7);
            number(sheet, ", CBS:", head >> 6 & 1);
            number(sheet, ", RES:", head >> 3 & 7);
            number(sheet, ", Max TCs:", head & 7);
            selection(sheet, tables);
        }
        10 => {
            let tables = value.skip(1).array_at::<20>(0)?;
            number(sheet, "\n\t    RES: ", value.u8_at(0)?);
            selection(sheet, tables);
        }
        11 => {
            let [head, enabled] = value.array_at(0)?;
            number(sheet, "\n\t    Willing: ", head >> 7);
            number(sheet, ", MBC: ", head >> 6 & 1);
            number(sheet, ", RES: ", head >> 4 & 3);
            number(sheet, ", PFC cap:", head & 15);
            sheet.put(" \n\t    PFC Enable");
            by_priority(sheet, enabled);
        }
        12 => applications(sheet, value)?,
        13 => edge_bridging(sheet, value.array_at(0)?),
        14 => channels(sheet, value)?,
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}

pub(super) fn number(sheet: &mut Sheet, name: &'static str, number: impl Into<u64>) {
    sheet.put(name);
    sheet.dec(number);
}

/// Text with its length before it.
fn text(sheet: &mut Sheet, name: &'static str, value: Span<'_>) -> Option<()> {
    let length = usize::from(value.u8_at(0)?);
    let (text, _) = value.skip(1).split(length).ok()?;
    sheet.put(name);
    padded(sheet, text);
    Some(())
}

/// One bit for each priority.
fn by_priority(sheet: &mut Sheet, flags: u8) {
    sheet.put("\n\t     Priority : 0  1  2  3  4  5  6  7\n\t     Value    : ");
    columns(sheet, (0..8).map(|priority: u8| flags >> priority & 1), 2);
    sheet.put(" ");
}

/// The tables of enhanced transmission selection: class of each priority (four bits), then share and algorithm of
/// each class.
fn selection(sheet: &mut Sheet, tables: [u8; 20]) {
    let (classes, rest) = tables.split_at(4);
    let (shares, algorithms) = rest.split_at(8);
    sheet.put("\n\t    Priority Assignment Table\n\t     Priority : 0   1   2   3   4   5   6   7\n\t     Value    : ");
    columns(sheet, classes.iter().flat_map(|pair| [pair >> 4, pair & 15]), 3);
    sheet.put("\n\t    TC Bandwidth Table\n\t     TC%   : 0   1   2   3   4   5   6   7\n\t     Value : ");
    columns(sheet, shares.iter().copied(), 3);
    sheet.put("\n\t    TSA Assignment Table\n\t     Traffic Class: 0   1   2   3   4   5   6   7");
    sheet.put("\n\t     Value        : ");
    columns(sheet, algorithms.iter().copied(), 3);
}

fn applications(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    number(sheet, "\n\t    RES: ", value.u8_at(0)?);
    let (table, []) = value.bytes().get(1..)?.as_chunks::<3>() else { return None };
    if !table.is_empty() {
        sheet.put("\n\t    Application Priority Table");
    }
    for &[head, high, low] in table {
        number(sheet, "\n\t      Priority: ", head >> 5);
        number(sheet, ", RES: ", head >> 3 & 3);
        number(sheet, ", Sel: ", head & 7);
        number(sheet, ", Protocol ID: ", u16::from_be_bytes([high, low]));
    }
    Some(())
}

/// Edge virtual bridging: the status of bridge and station, and how often each repeats itself.
fn edge_bridging(sheet: &mut Sheet, [bridge, station, retries, mode, keep_alive]: [u8; 5]) {
    sheet.put("\n\t    EVB Bridge Status");
    number(sheet, "\n\t      RES: ", bridge >> 3);
    number(sheet, ", BGID: ", bridge >> 2 & 1);
    number(sheet, ", RRCAP: ", bridge >> 1 & 1);
    number(sheet, ", RRCTR: ", bridge & 1);
    sheet.put("\n\t    EVB Station Status");
    number(sheet, "\n\t      RES: ", station >> 4);
    number(sheet, ", SGID: ", station >> 3 & 1);
    number(sheet, ", RRREQ: ", station >> 2 & 1);
    number(sheet, ",RRSTAT: ", station & 3);
    number(sheet, "\n\t    R: ", retries >> 5);
    number(sheet, ", RTE: ", retries & 31);
    sheet.put(match mode >> 6 {
        0 => ", EVB Mode: Not Supported",
        1 => ", EVB Mode: EVB Bridge",
        2 => ", EVB Mode: EVB Staion",
        _ => ", EVB Mode: Reserved for future Standardization",
    });
    number(sheet, " [", mode >> 6);
    number(sheet, "]\n\t    ROL: ", mode >> 5 & 1);
    number(sheet, ", RWD: ", mode & 31);
    number(sheet, ", RES: ", keep_alive >> 6);
    number(sheet, ", ROL: ", keep_alive >> 5 & 1);
    number(sheet, ", RKA: ", keep_alive & 31);
}

/// Channels of services on a link, as pairs of 12 bits.
fn channels(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let [head, _, high, low] = value.array_at(0)?;
    number(sheet, "\n\t    Role: ", head >> 7);
    number(sheet, ", RES: ", head >> 4 & 7);
    number(sheet, ", Scomp: ", head >> 3 & 1);
    number(sheet, " ChnCap: ", u16::from_be_bytes([high, low]) & 0x0fff);
    let (pairs, []) = value.bytes().get(4..)?.as_chunks::<3>() else { return None };
    for &[a, b, c] in pairs {
        let pair = u32::from_be_bytes([0, a, b, c]);
        number(sheet, "\n\t    SCID: ", pair >> 12);
        number(sheet, ", SVID: ", pair & 0x0fff);
    }
    Some(())
}
