//! Fields of IEEE 802.3 (802.3-2018, 79.3): what a port can do.

use super::super::Sheet;
use super::super::words::{Words, set_bits, word};
use super::Told;
use super::ieee8021::number;
use crate::decode::Span;

pub(super) const SUBTYPES: Words =
    &[(1, "MAC/PHY configuration/status"), (2, "Power via MDI"), (3, "Link aggregation"), (4, "Max frame size")];

/// What a port says of a way to do something.
const STATUS: Words = &[(1, "supported"), (2, "enabled")];

/// `ifMauAutoNegCapAdvertisedBits` (RFC 4836).
const SPEEDS: Words = &[
    (0x4000, "10BASE-T hdx"),
    (0x2000, "10BASE-T fdx"),
    (0x1000, "100BASE-T4"),
    (0x0800, "100BASE-TX hdx"),
    (0x0400, "100BASE-TX fdx"),
    (0x0200, "100BASE-T2 hdx"),
    (0x0100, "100BASE-T2 fdx"),
    (0x0080, "Pause for fdx links"),
    (0x0040, "Asym PAUSE for fdx"),
    (0x0020, "Sym PAUSE for fdx"),
    (0x0010, "Asym and Sym PAUSE for fdx"),
    (0x0008, "1000BASE-{X LX SX CX} hdx"),
    (0x0004, "1000BASE-{X LX SX CX} fdx"),
    (0x0002, "1000BASE-T hdx"),
    (0x0001, "1000BASE-T fdx"),
];

/// `dot3MauType` (RFC 3636), from 0 on.
const MEDIA: [&str; 41] = [
    "Unknown",
    "AUI",
    "10BASE_5",
    "FOIRL",
    "10BASE2",
    "10BASET duplex mode unknown",
    "10BASEFP",
    "10BASEFB",
    "10BASEFL duplex mode unknown",
    "10BROAD36",
    "10BASET hdx",
    "10BASET fdx",
    "10BASEFL hdx",
    "10BASEFL fdx",
    "100BASET4",
    "100BASETX hdx",
    "100BASETX fdx",
    "100BASEFX hdx",
    "100BASEFX fdx",
    "100BASET2 hdx",
    "100BASET2 fdx",
    "1000BASEX hdx",
    "1000BASEX fdx",
    "1000BASELX hdx",
    "1000BASELX fdx",
    "1000BASESX hdx",
    "1000BASESX fdx",
    "1000BASECX hdx",
    "1000BASECX fdx",
    "1000BASET hdx",
    "1000BASET fdx",
    "10GBASEX",
    "10GBASELX4",
    "10GBASER",
    "10GBASEER",
    "10GBASELR",
    "10GBASESR",
    "10GBASEW",
    "10GBASEEW",
    "10GBASELW",
    "10GBASESW",
];

const POWER: Words = &[(1, "PSE"), (2, "supported"), (4, "enabled"), (8, "can be controlled")];
const POWER_PAIRS: Words = &[(1, "signal"), (2, "spare")];
const POWER_CLASSES: Words = &[(1, "class0"), (2, "class1"), (3, "class2"), (4, "class3"), (5, "class4")];

/// Prints what is behind the subtype; none where it is too short.
pub(super) fn print(sheet: &mut Sheet, subtype: u8, value: Span<'_>, _: u8) -> Option<Told> {
    match subtype {
        1 => {
            let [negotiation, rest @ ..] = value.array_at::<5>(0)?;
            let [a, b, c, d] = rest;
            let (speeds, medium) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            sheet.put("\n\t    autonegotiation [");
            set_bits(sheet, STATUS, negotiation, "none");
            sheet.put("] (0x");
            sheet.hex_padded(negotiation, 2);
            sheet.put(")\n\t    PMD autoneg capability [");
            set_bits(sheet, SPEEDS, speeds, "unknown");
            sheet.put("] (0x");
            sheet.hex_padded(speeds, 4);
            sheet.put(")\n\t    MAU type ");
            sheet.put(MEDIA.get(usize::from(medium)).copied().unwrap_or("unknown"));
            sheet.put(" (0x");
            sheet.hex_padded(medium, 4);
            sheet.put(")");
        }
        2 => {
            let [support, pairs, class] = value.array_at(0)?;
            sheet.put("\n\t    MDI power support [");
            set_bits(sheet, POWER, support, "none");
            sheet.put("], power pair ");
            sheet.put(word(POWER_PAIRS, pairs).unwrap_or("unknown"));
            sheet.put(", power class ");
            sheet.put(word(POWER_CLASSES, class).unwrap_or("unknown"));
        }
        3 => aggregation(sheet, value)?,
        4 => number(sheet, "\n\t    MTU size ", value.u16_at(0)?),
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}

/// Whether the port is one of several that make one link (since 802.1AX a field of 802.1).
pub(super) fn aggregation(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let (status, port) = (value.u8_at(0)?, value.u32_at(1)?);
    sheet.put("\n\t    aggregation status [");
    set_bits(sheet, STATUS, status, "none");
    number(sheet, "], aggregation port ID ", port);
    Some(())
}
