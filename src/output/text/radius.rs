//! Lines of RADIUS.

mod attributes;
mod composed;

use attributes::{Kind, attribute};

use super::words::{Words, number, until_zero, word, word_or_number};
use super::{Page, Sheet, hex};
use crate::decode::Span;
use crate::decode::radius::{HEADER, Radius};

const CODES: Words = &[
    (1, "Access-Request"),
    (2, "Access-Accept"),
    (3, "Access-Reject"),
    (4, "Accounting-Request"),
    (5, "Accounting-Response"),
    (11, "Access-Challenge"),
    (12, "Status-Server"),
    (13, "Status-Client"),
    (40, "Disconnect-Request"),
    (41, "Disconnect-ACK"),
    (42, "Disconnect-NAK"),
    (43, "CoA-Request"),
    (44, "CoA-ACK"),
    (45, "CoA-NAK"),
    (255, "Reserved"),
];

/// RFC 5176, 3.5.
const ERROR_CAUSES: Words = &[
    (201, "Residual Session Context Removed"),
    (202, "Invalid EAP Packet (Ignored)"),
    (401, "Unsupported Attribute"),
    (402, "Missing Attribute"),
    (403, "NAS Identification Mismatch"),
    (404, "Invalid Request"),
    (405, "Unsupported Service"),
    (406, "Unsupported Extension"),
    (407, "Invalid Attribute Value"),
    (501, "Administratively Prohibited"),
    (502, "Request Not Routable (Proxy)"),
    (503, "Session Context Not Found"),
    (504, "Session Context Not Removable"),
    (505, "Other Proxy Processing Error"),
    (506, "Resources Unavailable"),
    (507, "Request Initiated"),
    (508, "Multiple Session Selection Unsupported"),
    (509, "Location Info Required"),
];

/// IANA's enterprise numbers, as far as tcpdump 4.99 knows them.
const VENDORS: Words = &[
    (0, "IETF (reserved)"),
    (5, "ACC"),
    (9, "Cisco"),
    (11, "Hewlett Packard"),
    (42, "Sun Microsystems"),
    (61, "Merit"),
    (74, "AT&T"),
    (161, "Motorola"),
    (166, "Shiva"),
    (193, "Ericsson AB"),
    (255, "Cisco VPN 5000"),
    (307, "Livingston"),
    (311, "Microsoft"),
    (429, "3Com"),
    (529, "Ascend"),
    (1584, "Bay Networks"),
    (1991, "Foundry"),
    (2180, "Versanet"),
    (2352, "Redback"),
    (2636, "Juniper Networks"),
    (2637, "Aptis"),
    (2937, "Deutsche Telekom AG"),
    (3054, "Ixia Communications"),
    (3076, "Cisco VPN 3000"),
    (3085, "CoSine Communications"),
    (3199, "Shasta"),
    (3224, "Netscreen"),
    (3309, "Nomadix"),
    (3414, "T-Mobile"),
    (3561, "The Broadband Forum"),
    (3902, "ZTE"),
    (4329, "Siemens"),
    (4491, "CableLabs"),
    (4874, "Unisphere Networks"),
    (5263, "Cisco BBSM"),
    (5535, "3rd Generation Partnership Project 2 (3GPP2)"),
    (5806, "SK Telecom"),
    (5925, "ipUnplugged"),
    (5948, "Issanni Communications"),
    (5951, "Netscaler"),
    (6490, "T-Mobile"),
    (6618, "Quintum"),
    (6728, "Interlink"),
    (7951, "CNCTC"),
    (8164, "Starent Networks"),
    (8744, "Colubris"),
    (10415, "3GPP"),
    (10529, "Gemtek-Systems"),
    (10704, "Barracuda Networks"),
    (10923, "Ericsson AB - Packet Core Networks"),
    (11665, "dacom"),
    (11862, "Columbia University"),
    (12356, "Fortinet"),
    (12951, "Verizon Wireless"),
    (13745, "Plixer"),
    (14122, "Wi-Fi Alliance"),
    (16787, "T-Systems Nova"),
    (20942, "China Telecom - Guangzhou Research Institute"),
    (26866, "Gigamon Systems"),
    (32622, "CACE Technologies"),
    (35632, "ntop"),
    (46098, "Ericsson Canada"),
];

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    let Ok(message) = Radius::parse(span) else { return page.truncated("radius") };
    if usize::from(message.length) < HEADER {
        return page.truncated("radius");
    }
    let length = usize::from(message.length).min(span.wire());
    let verbose = page.options.verbose > 0;
    let sheet = &mut *page.sheet;
    sheet.put("RADIUS, ");
    if verbose {
        sheet.put("length: ");
        sheet.len_of(length);
        sheet.put("\n\t");
    }
    sheet.put(word(CODES, message.code).unwrap_or("Unknown Command"));
    number(sheet, " (", message.code);
    sheet.put("), id: 0x");
    sheet.hex_padded(message.id, 2);
    if !verbose {
        sheet.put(" length: ");
        return sheet.len_of(length);
    }
    sheet.put(", Authenticator: ");
    sheet.hex_bytes(&message.authenticator, "");
    if each_attribute(page, message.attributes()).is_none() {
        page.truncated("radius");
    }
}

/// Prints the attributes; none where bytes are missing.
fn each_attribute(page: &mut Page<'_>, span: Span<'_>) -> Option<()> {
    let mut rest = span;
    while !rest.is_empty() && !page.is_full() {
        let (kind, length) = rest.u8_at(0).zip(rest.u8_at(1))?;
        let sheet = &mut *page.sheet;
        let known = attribute(kind);
        sheet.put("\n\t  ");
        sheet.put(known.map_or("Unknown", |(name, _)| name));
        number(sheet, " Attribute (", kind);
        number(sheet, "), length: ", length);
        let Some(size) = usize::from(length).checked_sub(2) else {
            sheet.put(" (bogus, must be >= 2)");
            return Some(());
        };
        if usize::from(length) > rest.wire() {
            sheet.put(" (bogus, goes past end of packet)");
            return Some(());
        }
        sheet.put(", Value: ");
        let value = rest.skip(2).limit(size);
        if size > 0
            && let Some((_, kind)) = known
        {
            put_value(sheet, kind, value)?;
        }
        if page.options.verbose > 1 {
            hex::indented(page.sheet, "\n\t    ", value.bytes());
        }
        rest = rest.skip(length.into());
    }
    Some(())
}

/// Prints the value of an attribute; none where bytes are missing and nothing follows.
fn put_value(sheet: &mut Sheet, kind: Kind, value: Span<'_>) -> Option<()> {
    let (size, bytes) = (value.wire(), value.bytes());
    // Text that is cut is told so, and the attributes go on.
    let cut = |sheet: &mut Sheet| {
        sheet.put(" [|radius]");
        Some(())
    };
    match kind {
        Kind::Opaque => {}
        Kind::Text | Kind::TaggedText | Kind::Password | Kind::VlanName if value.is_cut() => return cut(sheet),
        Kind::Text => dotted(sheet, until_zero(bytes)),
        Kind::TaggedText => match bytes {
            [kind @ 0..=0x1f, text @ ..] => {
                tag(sheet, *kind);
                dotted(sheet, until_zero(text));
            }
            text => dotted(sheet, until_zero(text)),
        },
        Kind::Password => {
            let [kind, a, b, text @ ..] = bytes else { return cut(sheet) };
            tag(sheet, if *kind > 0x1f { 0 } else { *kind });
            number(sheet, "Salt ", u16::from_be_bytes([*a, *b]));
            sheet.put(" ");
            dotted(sheet, until_zero(text));
        }
        Kind::VlanName => {
            let (kind, text) = bytes.split_first()?;
            tagged(sheet, *kind);
            dotted(sheet, until_zero(text));
        }
        Kind::Vendor => return vendor(sheet, value),
        Kind::Parts(parts) => return composed::print(sheet, parts, value).or_else(|| cut(sheet)),
        Kind::Address6 if size != 16 => wrong_length(sheet, "ERROR: length ", size, " != 16"),
        Kind::Address6 => sheet.ipv6(value.array_at(0)?),
        Kind::Prefix6 => {
            if !(2..=18).contains(&size) {
                wrong_length(sheet, "ERROR: length ", size, " not in range (2..18)");
            } else if value.is_cut() {
                return cut(sheet);
            } else {
                prefix(sheet, value.u8_at(1)?, bytes.get(2..)?);
            }
        }
        Kind::ErrorCause if size != 4 => wrong_length(sheet, "Error: length ", size, " != 4"),
        _ if size != 4 => wrong_length(sheet, "ERROR: length ", size, " != 4"),
        _ => {
            let first = value.u8_at(0)?;
            match kind {
                Kind::TaggedNumber | Kind::TaggedNamed(_) => tag(sheet, first),
                Kind::Vlan => tagged(sheet, first),
                _ => {}
            }
            four_bytes(sheet, kind, value.array_at(0)?);
        }
    }
    Some(())
}

/// A value of four bytes.
fn four_bytes(sheet: &mut Sheet, kind: Kind, bytes: [u8; 4]) {
    let value = u32::from_be_bytes(bytes);
    let low = value & 0xff_ffff;
    match kind {
        Kind::Duration => duration(sheet, value),
        Kind::Time => date(sheet, value),
        Kind::ChosenAddress if value == u32::MAX => sheet.put("User Selected"),
        Kind::ChosenAddress if value == u32::MAX - 1 => sheet.put("NAS Select"),
        Kind::Address | Kind::ChosenAddress => sheet.ipv4(bytes),
        Kind::OrElse(special, name) if value == special => sheet.put(name),
        Kind::Named(names, from) => named(sheet, value, names, from),
        Kind::TaggedNamed(names) => named(sheet, low, names, 1),
        Kind::TaggedNumber | Kind::Vlan => sheet.dec(low),
        Kind::ErrorCause => {
            number(sheet, "Error cause ", value);
            sheet.put(": ");
            word_or_number(sheet, ERROR_CAUSES, value, "Error-Cause ");
            if word(ERROR_CAUSES, value).is_none() {
                sheet.put(" not known");
            }
        }
        _ => sheet.dec(value),
    }
}

fn wrong_length(sheet: &mut Sheet, before: &'static str, found: usize, behind: &'static str) {
    sheet.put(before);
    sheet.len_of(found);
    sheet.put(behind);
}

/// Printable ASCII, a dot for every other byte.
fn dotted(sheet: &mut Sheet, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            0x20..0x7f => sheet.caret(&[*byte]),
            _ => sheet.put("."),
        }
    }
}

fn tag(sheet: &mut Sheet, tag: u8) {
    match tag {
        0 => sheet.put("Tag[Unused] "),
        tag => {
            number(sheet, "Tag[", tag);
            sheet.put("] ");
        }
    }
}

/// Whether the frames of a VLAN are tagged (RFC 4675, 2.1).
fn tagged(sheet: &mut Sheet, kind: u8) {
    sheet.put(word(&[(0x31, "Tagged"), (0x32, "Untagged")], kind).unwrap_or("Unknown tag"));
    sheet.put(" (0x");
    sheet.hex_padded(kind, 2);
    sheet.put(") ");
}

/// The name of a number that counts from `from` on.
fn named(sheet: &mut Sheet, value: u32, names: &[&'static str], from: u32) {
    let at = value.checked_sub(from).and_then(|at| usize::try_from(at).ok());
    match at.and_then(|at| names.get(at)) {
        Some(name) => sheet.put(name),
        None => number(sheet, "#", value),
    }
}

fn duration(sheet: &mut Sheet, seconds: u32) {
    let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    let (parts, unit) = match seconds {
        0..60 => (parts.get(2..), " secs"),
        60..3600 => (parts.get(1..), " min"),
        _ => (Some(&parts[..]), " hours"),
    };
    let mut joint = "";
    for part in parts.into_iter().flatten() {
        sheet.put(joint);
        sheet.dec_padded(u64::from(*part), 2);
        joint = ":";
    }
    sheet.put(unit);
}

/// A point in time as ctime(3) shows it, in UTC.
fn date(sheet: &mut Sheet, seconds: u32) {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Ok(instant) = jiff::Timestamp::from_second(seconds.into()) else { return };
    let date = jiff::tz::TimeZone::UTC.to_datetime(instant);
    let nth = |names: &'static [&'static str], number: i8| {
        usize::from(number.unsigned_abs()).checked_sub(1).and_then(|at| names.get(at)).copied().unwrap_or("")
    };
    sheet.put(nth(&DAYS, date.weekday().to_monday_one_offset()));
    sheet.put(" ");
    sheet.put(nth(&MONTHS, date.month()));
    sheet.put(if date.day() < 10 { "  " } else { " " });
    sheet.dec(date.day().unsigned_abs());
    for (joint, part) in [(" ", date.hour()), (":", date.minute()), (":", date.second())] {
        sheet.put(joint);
        sheet.dec_padded(part.unsigned_abs().into(), 2);
    }
    sheet.put(" ");
    sheet.dec(date.year().unsigned_abs());
}

fn prefix(sheet: &mut Sheet, length: u8, bytes: &[u8]) {
    if length > 128 {
        number(sheet, "ERROR: netmask ", length);
        return sheet.put(" not in range (0..128)");
    }
    let mut address = [0; 16];
    for (place, byte) in address.iter_mut().zip(bytes) {
        *place = *byte;
    }
    sheet.ipv6(address);
    number(sheet, "/", length);
    if usize::from(length) > bytes.len().saturating_mul(8) {
        sheet.put(" (inconsistent prefix length)");
    }
}

/// Attributes of a vendor (RFC 2865, 5.26); none where bytes are missing.
fn vendor(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    if value.wire() < 4 {
        sheet.put(" [|radius]");
        return Some(());
    }
    let vendor = value.u32_at(0)?;
    sheet.put("Vendor: ");
    sheet.put(word(VENDORS, vendor).unwrap_or("Unknown"));
    number(sheet, " (", vendor);
    sheet.put(")");
    let mut rest = value.skip(4);
    while rest.wire() >= 2 {
        let (kind, length) = rest.u8_at(0).zip(rest.u8_at(1))?;
        let wrong = match usize::from(length) {
            0 | 1 => Some(" (bogus, must be >= 2)"),
            length if length > rest.wire() => Some(" (bogus, goes past end of vendor-specific attribute)"),
            _ => None,
        };
        if let Some(wrong) = wrong {
            number(sheet, "\n\t    Vendor Attribute: ", kind);
            number(sheet, ", Length: ", length);
            sheet.put(wrong);
            return Some(());
        }
        let size = length.saturating_sub(2);
        let Ok((text, behind)) = rest.skip(2).split(size.into()) else {
            sheet.put(" [|radius]");
            return Some(());
        };
        number(sheet, "\n\t    Vendor Attribute: ", kind);
        number(sheet, ", Length: ", size);
        sheet.put(", Value: ");
        dotted(sheet, text);
        rest = behind;
    }
    Some(())
}
