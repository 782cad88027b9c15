//! Lines of the link layer discovery protocol; the fields of each organisation in a file of its own.

mod dcbx;
mod ieee8021;
mod ieee8023;
mod media;

use super::words::{Words, organisation, padded, set_bits, word};
use super::{Page, Sheet, hex};
use crate::decode::Span;
use crate::decode::lldp::{self, Field, Lldp};

/// Organisations whose fields are told one by one.
const OUI_IANA: u32 = 0x00_00_5e;
const OUI_8021: u32 = 0x00_80_c2;
const OUI_8023: u32 = 0x00_12_0f;
const OUI_TIA: u32 = 0x00_12_bb;
const OUI_DCBX: u32 = 0x00_1b_21;

const FIELDS: Words = &[
    (0, "End"),
    (1, "Chassis ID"),
    (2, "Port ID"),
    (3, "Time to Live"),
    (4, "Port Description"),
    (5, "System Name"),
    (6, "System Description"),
    (7, "System Capabilities"),
    (8, "Management Address"),
    (127, "Organization specific"),
];

const CAPABILITIES: Words = &[
    (0x01, "Other"),
    (0x02, "Repeater"),
    (0x04, "Bridge"),
    (0x08, "WLAN AP"),
    (0x10, "Router"),
    (0x20, "Telephone"),
    (0x40, "Docsis"),
    (0x80, "Station Only"),
];

/// How an identifier's subtypes are called and which of them are text; the other two are addresses.
struct Identifier {
    names: Words,
    mac: u8,
    network: u8,
}

const CHASSIS: Identifier = Identifier {
    names: &[
        (1, "Chassis component"),
        (2, "Interface alias"),
        (3, "Port component"),
        (4, "MAC address"),
        (5, "Network address"),
        (6, "Interface name"),
        (7, "Local"),
    ],
    mac: 4,
    network: 5,
};

const PORT: Identifier = Identifier {
    names: &[
        (1, "Interface alias"),
        (2, "Port component"),
        (3, "MAC address"),
        (4, "Network Address"),
        (5, "Interface Name"),
        (6, "Agent circuit ID"),
        (7, "Local"),
    ],
    mac: 3,
    network: 4,
};

/// What came of printing a field: told as it should be, or not known, so that its bytes are shown. Where there is
/// none of these, the field was too short.
#[derive(PartialEq, Eq)]
enum Told {
    Known,
    Unknown,
}

/// Prints one message: its length and the system's name, or all of it.
pub(super) fn print(page: &mut Page<'_>, message: &Lldp<'_>) {
    page.sheet.put("LLDP, length ");
    page.sheet.len_of(message.span().wire());
    for field in message.fields() {
        if field.is_ok_and(|field| self::field(page, &field).is_some()) && !page.is_full() {
            continue;
        }
        return page.truncated("lldp");
    }
}

/// Prints one field; none where it is too short.
fn field(page: &mut Page<'_>, field: &Field<'_>) -> Option<()> {
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    if verbose > 0 {
        sheet.put("\n\t");
        sheet.put(word(FIELDS, field.kind).unwrap_or("Unknown"));
        sheet.put(" TLV (");
        sheet.dec(field.kind);
        sheet.put("), length ");
        sheet.dec(field.length);
    }
    if field.kind == lldp::END || field.length == 0 {
        return Some(());
    }
    let value = field.value?;
    if verbose == 0 {
        if field.kind == lldp::SYSTEM_NAME {
            sheet.put(": ");
            padded(sheet, value.bytes());
        }
        return Some(());
    }
    let mut told = Told::Known;
    match field.kind {
        lldp::CHASSIS_ID => told = identifier(sheet, value, &CHASSIS)?,
        lldp::PORT_ID => told = identifier(sheet, value, &PORT)?,
        lldp::TIME_TO_LIVE => {
            let seconds = value.u16_at(0)?;
            sheet.put(": TTL ");
            sheet.dec(seconds);
            sheet.put("s");
        }
        lldp::PORT_DESCRIPTION | lldp::SYSTEM_NAME => {
            sheet.put(": ");
            padded(sheet, value.bytes());
        }
        lldp::SYSTEM_DESCRIPTION => {
            sheet.put("\n\t  ");
            padded(sheet, value.bytes());
        }
        lldp::SYSTEM_CAPABILITIES => capabilities(sheet, value)?,
        lldp::MANAGEMENT_ADDRESS => management_address(sheet, value)?,
        lldp::ORGANISATION_SPECIFIC => told = specific(sheet, value, verbose)?,
        _ => told = Told::Unknown,
    }
    if verbose > 1 || told == Told::Unknown {
        hex::indented(sheet, "\n\t  ", value.bytes());
    }
    Some(())
}

/// What a chassis or port is called: a subtype, and a name or an address.
fn identifier(sheet: &mut Sheet, value: Span<'_>, kinds: &Identifier) -> Option<Told> {
    let subtype = value.u8_at(0).filter(|_| value.wire() >= 2)?;
    let name = word(kinds.names, subtype);
    sheet.put("\n\t  Subtype ");
    sheet.put(name.unwrap_or("Unknown"));
    sheet.put(" (");
    sheet.dec(subtype);
    sheet.put("): ");
    let rest = value.skip(1);
    match name {
        None => return Some(Told::Unknown),
        Some(_) if subtype == kinds.mac => sheet.mac(rest.array_at(0)?),
        Some(_) if subtype == kinds.network => network_address(sheet, rest, "")?,
        Some(_) => padded(sheet, rest.bytes()),
    }
    Some(Told::Known)
}

fn capabilities(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let (system, enabled) = (value.u16_at(0)?, value.u16_at(2)?);
    for (name, capabilities) in [("\n\t  System  Capabilities [", system), ("\n\t  Enabled Capabilities [", enabled)] {
        sheet.put(name);
        set_bits(sheet, CAPABILITIES, capabilities, "none");
        sheet.put("] (0x");
        sheet.hex_padded(capabilities, 4);
        sheet.put(")");
    }
    Some(())
}

/// Address families (IANA), as far as an address of theirs can stand here.
const FAMILIES: Words = &[
    (0, "Reserved"),
    (1, "IPv4"),
    (2, "IPv6"),
    (3, "NSAP"),
    (4, "HDLC"),
    (5, "BBN 1822"),
    (6, "802"),
    (7, "E.163"),
    (8, "E.164"),
    (9, "F.69"),
    (10, "X.121"),
    (11, "Novell IPX"),
    (12, "Appletalk"),
    (13, "Decnet IV"),
    (14, "Banyan Vines"),
    (15, "E.164 with NSAP subaddress"),
    (16, "DNS"),
    (17, "Distinguished name"),
    (18, "AS Number"),
    (19, "XTP over IP4"),
    (20, "XTP over IP6"),
    (21, "XTP XTP"),
    (22, "Fibre Channel"),
    (23, "Fibre Channel GW"),
    (25, "L2VPN"),
];

/// `before`, then an address with its family before it; nothing at all where it is too short.
fn network_address(sheet: &mut Sheet, value: Span<'_>, before: &'static str) -> Option<()> {
    let family = value.u8_at(0)?;
    let needed = match family {
        1 => 4,
        2 => 16,
        6 => 6,
        _ => 0,
    };
    let (_, rest) = value.split(1).ok()?;
    rest.split(needed).ok()?;
    sheet.put(before);
    sheet.put("AFI ");
    sheet.put(word(FAMILIES, family).unwrap_or("Unknown"));
    sheet.put(" (");
    sheet.dec(family);
    sheet.put(if needed > 0 { "): " } else { "), no AF printer !" });
    match family {
        1 => sheet.ipv4(rest.array_at(0)?),
        2 => sheet.ipv6(rest.array_at(0)?),
        6 => sheet.mac(rest.array_at(0)?),
        _ => {}
    }
    Some(())
}

fn management_address(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let length = value.u8_at(0)?;
    let rest = value.skip(1);
    let (_, behind) = rest.split(usize::from(length)).ok()?;
    let before = sheet.len();
    sheet.put("\n\t  Management Address length ");
    sheet.dec(length);
    if network_address(sheet, rest.limit(usize::from(length)), ", ").is_none() {
        sheet.truncate(before);
        return None;
    }
    let (subtype, number) = (behind.u8_at(0)?, behind.u32_at(1)?);
    sheet.put(match subtype {
        2 => "\n\t  Interface Index",
        3 => "\n\t  System Port Number",
        _ => "\n\t  Unknown",
    });
    sheet.put(" Interface Numbering (");
    sheet.dec(subtype);
    sheet.put("): ");
    sheet.dec(number);
    let identifier = behind.skip(5);
    if let Some(length) = identifier.u8_at(0) {
        let (object, _) = identifier.skip(1).split(usize::from(length)).ok()?;
        if length > 0 {
            sheet.put("\n\t  OID length ");
            sheet.dec(length);
            padded(sheet, object);
        }
    }
    Some(())
}

/// Prints what is behind a subtype, given how often `-v` was; none where it is too short.
type Print = fn(&mut Sheet, u8, Span<'_>, u8) -> Option<Told>;

/// A field that an organisation defines.
fn specific(sheet: &mut Sheet, value: Span<'_>, verbose: u8) -> Option<Told> {
    let [a, b, c] = value.array_at(0)?;
    let oui = u32::from_be_bytes([0, a, b, c]);
    sheet.put(": OUI ");
    organisation(sheet, oui);
    let (names, print): (Words, Print) = match oui {
        OUI_8021 => (ieee8021::SUBTYPES, ieee8021::print),
        OUI_8023 => (ieee8023::SUBTYPES, ieee8023::print),
        OUI_TIA => (media::SUBTYPES, media::print),
        OUI_DCBX => (dcbx::SUBTYPES, dcbx::print),
        OUI_IANA => (&[(1, "MUD-URL")], iana),
        _ => return Some(Told::Unknown),
    };
    // A field without so much as a subtype says nothing, and is no error either.
    let Some(subtype) = value.u8_at(3).filter(|_| oui != OUI_IANA || value.wire() >= 8) else {
        return Some(Told::Known);
    };
    sheet.put("\n\t  ");
    sheet.put(word(names, subtype).unwrap_or("unknown"));
    sheet.put(" Subtype (");
    sheet.dec(subtype);
    sheet.put(")");
    Some(print(sheet, subtype, value.skip(4), verbose).unwrap_or(Told::Known))
}

/// Where a maker describes how its device uses the network (RFC 8520).
fn iana(sheet: &mut Sheet, subtype: u8, value: Span<'_>, _: u8) -> Option<Told> {
    if subtype != 1 {
        return Some(Told::Unknown);
    }
    sheet.put("\n\t  MUD-URL=");
    sheet.caret(value.bytes());
    Some(Told::Known)
}

/// Numbers in columns of `width`.
fn columns(sheet: &mut Sheet, numbers: impl IntoIterator<Item = u8>, width: usize) {
    let mut joint = "";
    for number in numbers {
        sheet.put(joint);
        joint = " ";
        let start = sheet.len();
        sheet.dec(number);
        for _ in sheet.len().saturating_sub(start)..width {
            sheet.put(" ");
        }
    }
}
