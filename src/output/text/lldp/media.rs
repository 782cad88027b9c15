//! Fields for media endpoints such as telephones (ANSI/TIA-1057, LLDP-MED).

use super::super::words::{Words, padded, set_bits, word};
use super::super::{Sheet, hex};
use super::Told;
use super::ieee8021::number;
use crate::decode::Span;

pub(super) const SUBTYPES: Words = &[
    (1, "LLDP-MED Capabilities"),
    (2, "Network policy"),
    (3, "Location identification"),
    (4, "Extended power-via-MDI"),
    (5, "Inventory - hardware revision"),
    (6, "Inventory - firmware revision"),
    (7, "Inventory - software revision"),
    (8, "Inventory - serial number"),
    (9, "Inventory - manufacturer name"),
    (10, "Inventory - model name"),
    (11, "Inventory - asset ID"),
];

const CAPABILITIES: Words = &[
    (0x01, "LLDP-MED capabilities"),
    (0x02, "network policy"),
    (0x04, "location identification"),
    (0x08, "extended power via MDI-PSE"),
    (0x10, "extended power via MDI-PD"),
    (0x20, "Inventory"),
];

const DEVICES: Words =
    &[(1, "endpoint class 1"), (2, "endpoint class 2"), (3, "endpoint class 3"), (4, "network connectivity")];

const APPLICATIONS: Words = &[
    (1, "voice"),
    (2, "voice signaling"),
    (3, "guest voice"),
    (4, "guest voice signaling"),
    (5, "softphone voice"),
    (6, "video conferencing"),
    (7, "streaming video"),
    (8, "video signaling"),
];

/// Prints what is behind the subtype; none where it is too short.
pub(super) fn print(sheet: &mut Sheet, subtype: u8, value: Span<'_>, _: u8) -> Option<Told> {
    match subtype {
        1 => {
            let [high, low, device] = value.array_at(0)?;
            let capabilities = u16::from_be_bytes([high, low]);
            sheet.put("\n\t    Media capabilities [");
            set_bits(sheet, CAPABILITIES, capabilities, "none");
            sheet.put("] (0x");
            sheet.hex_padded(capabilities, 4);
            sheet.put(")\n\t    Device type [");
            sheet.put(word(DEVICES, device).unwrap_or("unknown"));
            sheet.put("] (0x");
            sheet.hex_padded(device, 2);
            sheet.put(")");
        }
        2 => policy(sheet, value.array_at(0)?),
        3 => location(sheet, value)?,
        4 => power(sheet, value.array_at(0)?),
        5..=11 => {
            sheet.put(match subtype {
                5 => "\n\t  Hardware revision ",
                6 => "\n\t  Firmware revision ",
                7 => "\n\t  Software revision ",
                8 => "\n\t  Serial number ",
                9 => "\n\t  Manufacturer name ",
                10 => "\n\t  Model name ",
                _ => "\n\t  Asset ID ",
            });
            padded(sheet, value.bytes());
        }
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}

/// An application, and behind three flags its VLAN (12 bits), priority (3) and code point (6).
fn policy(sheet: &mut Sheet, [application, a, b, c]: [u8; 4]) {
    sheet.put("\n\t    Application type [");
    sheet.put(word(APPLICATIONS, application).unwrap_or("none"));
    sheet.put("] (0x");
    sheet.hex_padded(application, 2);
    sheet.put("), Flags [");
    set_bits(sheet, &[(0x80, "Unknown"), (0x40, "Tagged"), (0x20, "reserved")], a, "none");
    let fields = u32::from_be_bytes([0, a, b, c]);
    number(sheet, "]\n\t    Vlan id ", fields >> 9 & 0x0fff);
    number(sheet, ", L2 priority ", fields >> 6 & 7);
    number(sheet, ", DSCP value ", fields & 0x3f);
}

fn power(sheet: &mut Sheet, [head, high, low]: [u8; 3]) {
    sheet.put(if head >> 6 == 0 { "\n\t    Power type [PSE device]" } else { "\n\t    Power type [PD device]" });
    sheet.put(match head >> 4 & 3 {
        1 => ", Power source [PSE - primary power source]",
        2 => ", Power source [local - backup power source]",
        3 => ", Power source [PSE+local - reserved]",
        _ => ", Power source [none]",
    });
    sheet.put(match head & 15 {
        1 => "\n\t    Power priority [critical] (0x",
        2 => "\n\t    Power priority [high] (0x",
        3 => "\n\t    Power priority [low] (0x",
        _ => "\n\t    Power priority [none] (0x",
    });
    sheet.hex_padded(head & 15, 2);
    let tenths = u16::from_be_bytes([high, low]);
    number(sheet, "), Power ", if tenths < 1024 { tenths / 10 } else { tenths });
    if tenths < 1024 {
        number(sheet, ".", tenths % 10);
        sheet.put(" Watts");
    } else {
        sheet.put(" (Reserved)");
    }
}

/// Where the device is (RFC 3825, RFC 4776, or the number for an emergency call).
fn location(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let format = value.u8_at(0)?;
    let rest = value.skip(1);
    sheet.put(match format {
        1 => "\n\t    Location data format coordinate-based LCI (0x",
        2 => "\n\t    Location data format civic address LCI (0x",
        3 => "\n\t    Location data format ECS ELIN (0x",
        _ => "\n\t    Location data format unknown (0x",
    });
    sheet.hex_padded(format, 2);
    sheet.put(")");
    match format {
        1 => coordinates(sheet, rest.array_at(0)?),
        2 => civic_address(sheet, rest)?,
        3 => {
            sheet.put("\n\t    ECS ELIN id ");
            padded(sheet, rest.bytes());
        }
        _ => {
            sheet.put("\n\t    Location ID ");
            hex::indented(sheet, "\n\t      ", rest.bytes());
        }
    }
    Some(())
}

/// Each of latitude and longitude as a resolution (6 bits) and a value (34); the altitude behind its type (4),
/// resolution (6) and value (30).
fn coordinates(sheet: &mut Sheet, bytes: [u8; 16]) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, datum] = bytes;
    let latitude = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
    let longitude = u64::from_be_bytes([0, 0, 0, f, g, h, i, j]);
    let altitude = u64::from_be_bytes([0, 0, 0, k, l, m, n, o]);
    const VALUE: u64 = (1 << 34) - 1;
    number(sheet, "\n\t    Latitude resolution ", latitude >> 34);
    number(sheet, ", latitude value ", latitude & VALUE);
    number(sheet, "\n\t    Longitude resolution ", longitude >> 34);
    number(sheet, ", longitude value ", longitude & VALUE);
    sheet.put(match altitude >> 36 {
        1 => "\n\t    Altitude type meters (",
        2 => "\n\t    Altitude type floors (",
        _ => "\n\t    Altitude type unknown (",
    });
    number(sheet, "", altitude >> 36);
    number(sheet, ")\n\t    Altitude resolution ", altitude >> 30 & 0x3f);
    sheet.put(", altitude value 0x");
    sheet.hex(altitude & 0x3fff_ffff);
    sheet.put(match datum {
        1 => "\n\t    Datum World Geodesic System 1984 (0x",
        2 => "\n\t    Datum North American Datum 1983 (NAVD88) (0x",
        3 => "\n\t    Datum North American Datum 1983 (MLLW) (0x",
        _ => "\n\t    Datum unknown (0x",
    });
    sheet.hex_padded(datum, 2);
    sheet.put(")");
}

const WHAT: Words = &[
    (0, "location of DHCP server"),
    (1, "location of the network element believed to be closest to the client"),
    (2, "location of the client"),
];

const PARTS: Words = &[
    (1, "national subdivisions (state,canton,region,province,prefecture)"),
    (2, "county, parish, gun, district"),
    (3, "city, township, shi"),
    (4, "city division, borough, city district, ward chou"),
    (5, "neighborhood, block"),
    (6, "street"),
];

fn civic_address(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let length = usize::from(value.u8_at(0)?);
    let (_, mut rest) = value.split(length.saturating_add(1)).ok().and_then(|_| value.split(4).ok())?;
    let what = value.u8_at(1).filter(|_| length >= 3)?;
    number(sheet, "\n\t    LCI length ", length as u64);
    sheet.put(", LCI what ");
    sheet.put(word(WHAT, what).unwrap_or("unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(what, 2);
    sheet.put("), Country-code ");
    padded(sheet, value.bytes().get(2..4)?);
    rest = rest.limit(length.saturating_sub(3));
    while let Some([kind, length]) = rest.array_at(0) {
        sheet.put("\n\t      CA type '");
        sheet.put(word(PARTS, kind).unwrap_or("unknown"));
        number(sheet, "' (", kind);
        number(sheet, "), length ", length);
        sheet.put(": ");
        let (part, behind) = rest.skip(2).split(usize::from(length)).ok()?;
        if kind == 0 || length == 0 {
            return None;
        }
        padded(sheet, part);
        rest = behind;
    }
    Some(())
}
