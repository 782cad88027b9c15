//! Lines of Cisco's discovery protocol.

use super::words::{Words, set_bits, short_hex, word};
use super::{Page, Sheet, hex, invalid, whole};
use crate::decode::Span;
use crate::decode::cdp::{self, Cdp, Fault, Field};

const FIELDS: Words = &[
    (0x01, "Device-ID"),
    (0x02, "Address"),
    (0x03, "Port-ID"),
    (0x04, "Capability"),
    (0x05, "Version String"),
    (0x06, "Platform"),
    (0x07, "Prefixes"),
    (0x08, "Protocol-Hello option"),
    (0x09, "VTP Management Domain"),
    (0x0a, "Native VLAN ID"),
    (0x0b, "Duplex"),
    (0x0e, "ATA-186 VoIP VLAN assignment"),
    (0x0f, "ATA-186 VoIP VLAN request"),
    (0x10, "power consumption"),
    (0x11, "MTU"),
    (0x12, "AVVID trust bitmap"),
    (0x13, "AVVID untrusted ports CoS"),
    (0x14, "System Name"),
    (0x15, "System Object ID (not decoded)"),
    (0x16, "Management Addresses"),
    (0x17, "Physical Location"),
];

const CAPABILITIES: Words = &[
    (0x01, "Router"),
    (0x02, "Transparent Bridge"),
    (0x04, "Source Route Bridge"),
    (0x08, "L2 Switch"),
    (0x10, "L3 capable"),
    (0x20, "IGMP snooping"),
    (0x40, "L1 capable"),
];

/// Prints one message: its head and the sender's name, or all of it.
pub(super) fn print(page: &mut Page<'_>, message: &Cdp<'_>) {
    if fields(page, message).is_none() {
        page.truncated("cdp");
    }
}

/// All that the message says; none where bytes were not captured.
fn fields(page: &mut Page<'_>, message: &Cdp<'_>) -> Option<()> {
    let verbose = page.options.verbose;
    let length = message.span().wire();
    if length < 4 {
        page.sheet.put(" (packet length ");
        page.sheet.len_of(length);
        page.sheet.put(" < 4)");
        return invalid(page.sheet, message.span());
    }
    let sheet = &mut *page.sheet;
    let (version, ttl) = (message.version()?, message.time_to_live()?);
    sheet.put("CDPv");
    sheet.dec(version);
    sheet.put(", ttl: ");
    sheet.dec(ttl);
    sheet.put("s");
    let checksum = message.checksum()?;
    if verbose > 0 {
        sheet.put(", checksum: 0x");
        sheet.hex_padded(checksum, 4);
        sheet.put(" (unverified), length ");
        sheet.len_of(length);
    }
    for field in message.fields() {
        match field {
            Ok(field) if verbose > 0 => verbose_field(page.sheet, &field)?,
            Ok(field) => {
                if field.kind == cdp::DEVICE_ID {
                    page.sheet.put(", Device-ID ");
                    quoted(page.sheet, field.value)?;
                }
                whole(field.value)?;
            }
            Err(fault) => return faulty(page.sheet, fault, verbose > 0),
        }
        if page.is_full() {
            return Some(());
        }
    }
    if verbose == 0 {
        page.sheet.put(", length ");
        page.sheet.len_of(length);
    }
    Some(())
}

fn faulty(sheet: &mut Sheet, fault: Fault<'_>, verbose: bool) -> Option<()> {
    let rest = match fault {
        Fault::Cut => return None,
        Fault::Stray(rest) => {
            sheet.put(" (remaining packet length ");
            sheet.len_of(rest.wire());
            sheet.put(" < 4)");
            rest
        }
        Fault::TooShort(kind, length, rest) if verbose => {
            name(sheet, kind);
            sheet.put(", TLV length: ");
            sheet.dec(length);
            sheet.put(if length == 1 { " byte (too short)" } else { " bytes (too short)" });
            rest
        }
        Fault::TooShort(kind, length, rest) => {
            sheet.put(", ");
            sheet.put(word(FIELDS, kind).unwrap_or("unknown field type"));
            sheet.put(" TLV length ");
            sheet.dec(length);
            sheet.put(" too short");
            rest
        }
        Fault::TooLong(_, length, rest) => {
            sheet.put(" (TLV length ");
            sheet.dec(length);
            sheet.put(" > ");
            sheet.len_of(rest.wire());
            sheet.put(")");
            rest
        }
    };
    invalid(sheet, rest)
}

/// A line for a field's type.
fn name(sheet: &mut Sheet, kind: u16) {
    sheet.put("\n\t");
    sheet.put(word(FIELDS, kind).unwrap_or("unknown field type"));
    sheet.put(" (0x");
    short_hex(sheet, kind);
    sheet.put(")");
}

/// One field on lines of its own; none where bytes were not captured.
fn verbose_field(sheet: &mut Sheet, field: &Field<'_>) -> Option<()> {
    let value = field.value;
    let length = value.wire();
    name(sheet, field.kind);
    sheet.put(", value length: ");
    sheet.len_of(length);
    sheet.put(if length == 1 { " byte: " } else { " bytes: " });
    let fits = match field.kind {
        0x04 | 0x11 => length == 4,
        0x0a => length == 2,
        0x0b | 0x12 | 0x13 => length == 1,
        0x0e => length == 3,
        0x0f => (2..=3).contains(&length),
        0x10 => (1..=3).contains(&length),
        0x16 => length >= 4,
        0x17 => length >= 1,
        _ => true,
    };
    if !fits {
        sheet.put(" (malformed TLV)");
        return unknown(sheet, value);
    }
    match field.kind {
        cdp::DEVICE_ID | cdp::PORT_ID | cdp::PLATFORM | cdp::VTP_DOMAIN | cdp::SYSTEM_NAME => quoted(sheet, value),
        cdp::ADDRESSES | cdp::MANAGEMENT_ADDRESSES => addresses(sheet, value),
        cdp::CAPABILITIES => {
            let capabilities = value.u32_at(0)?;
            sheet.put("(0x");
            sheet.hex_padded(capabilities, 8);
            sheet.put("): ");
            set_bits(sheet, CAPABILITIES, capabilities, "none");
            Some(())
        }
        cdp::VERSION => {
            for line in value.bytes().split(|byte| *byte == b'\n') {
                sheet.put("\n\t  ");
                sheet.caret(line);
            }
            whole(value)
        }
        cdp::PREFIXES => prefixes(sheet, value),
        0x08 | 0x15 => whole(value),
        cdp::NATIVE_VLAN => {
            sheet.dec(value.u16_at(0)?);
            Some(())
        }
        cdp::DUPLEX => {
            sheet.put(if value.u8_at(0)? == 0 { "half" } else { "full" });
            Some(())
        }
        0x0e | 0x0f => voice_vlan(sheet, value),
        0x10 => power(sheet, value),
        0x11 => {
            sheet.dec(value.u32_at(0)?);
            sheet.put(" bytes");
            Some(())
        }
        0x12 | 0x13 => byte(sheet, value),
        0x17 => {
            byte(sheet, value)?;
            let rest = value.skip(1);
            if !rest.is_empty() {
                sheet.put("/");
                sheet.caret(rest.bytes());
            }
            whole(rest)
        }
        _ => unknown(sheet, value),
    }
}

fn unknown(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    whole(value)?;
    hex::indented(sheet, "\n\t  ", value.bytes());
    Some(())
}

fn quoted(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    sheet.put("'");
    sheet.caret(value.bytes());
    whole(value)?;
    sheet.put("'");
    Some(())
}

fn byte(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let byte = value.u8_at(0)?;
    sheet.put("0x");
    sheet.hex_padded(byte, 2);
    Some(())
}

/// Which VLAN a telephone asks for, or is given.
fn voice_vlan(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    if value.wire() == 2 {
        let number = value.u16_at(0)?;
        sheet.put("unknown 0x");
        sheet.hex_padded(number, 4);
        return Some(());
    }
    let (application, vlan) = (value.u8_at(0)?, value.u16_at(1)?);
    sheet.put("app ");
    sheet.dec(application);
    sheet.put(", vlan ");
    sheet.dec(vlan);
    Some(())
}

/// Milliwatts, in watts to two places, halves to even.
fn power(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    whole(value)?;
    let milliwatts = value.bytes().iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
    let (hundredths, rest) = (milliwatts / 10, milliwatts % 10);
    let up = rest > 5 || (rest == 5 && hundredths % 2 == 1);
    let hundredths = hundredths.saturating_add(u32::from(up));
    sheet.dec(hundredths / 100);
    sheet.put(".");
    sheet.dec_padded((hundredths % 100).into(), 2);
    sheet.put("W");
    Some(())
}

/// Networks of a stub router.
fn prefixes(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    if !value.wire().is_multiple_of(5) {
        sheet.put(" [length ");
        sheet.len_of(value.wire());
        sheet.put(" is not a multiple of 5]");
        return whole(value);
    }
    sheet.put(" IPv4 Prefixes (");
    sheet.len_of(value.wire() / 5);
    sheet.put("):");
    for &[a, b, c, d, length] in value.bytes().as_chunks().0 {
        sheet.put(" ");
        sheet.ipv4_number([a, b, c, d]);
        sheet.put("/");
        sheet.dec(length);
    }
    whole(value)
}

/// The protocol before an address, as its kind, length and bytes: IP by its network layer identifier, and version 6
/// by a SNAP header.
const IPV4: &[u8] = &[1, 1, 0xcc];
const IPV6: &[u8] = &[2, 8, 0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd];

/// A list of addresses, each behind the protocol that it belongs to.
fn addresses(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let missing = |sheet: &mut Sheet, what: &'static str, rest| {
        sheet.put(" (not enough space for ");
        sheet.put(what);
        sheet.put(")");
        whole(rest)
    };
    if value.wire() < 4 {
        return missing(sheet, "num", value);
    }
    let count = value.u32_at(0)?;
    let mut rest = value.skip(4);
    for left in (1..=count).rev() {
        if rest.wire() < 2 {
            return missing(sheet, "PT+PL", rest);
        }
        let [kind, length] = rest.array_at(0)?;
        let protocol_len = usize::from(length);
        let protocol = rest.skip(2).limit(protocol_len);
        let behind = rest.skip(2).skip(protocol_len);
        if behind.wire() < 2 {
            return missing(sheet, "P+AL", rest.skip(2));
        }
        let head = rest.bytes().get(..protocol_len.saturating_add(2));
        let address_len = usize::from(behind.u16_at(0)?);
        let address = behind.skip(2);
        rest = address.skip(address_len);
        let fits = address.wire() >= address_len;
        match (head, address_len) {
            (Some(IPV4), 4) if fits => {
                let address = address.array_at(0)?;
                sheet.put("IPv4 (");
                sheet.dec(left);
                sheet.put(") ");
                sheet.ipv4(address);
            }
            (Some(IPV6), 16) if fits => {
                let address = address.array_at(0)?;
                sheet.put("IPv6 (");
                sheet.dec(left);
                sheet.put(") ");
                sheet.ipv6(address);
            }
            (Some(IPV4), 4) | (Some(IPV6), 16) => return missing(sheet, "A", address),
            _ => {
                sheet.put("pt=0x");
                sheet.hex_padded(kind, 2);
                sheet.put(", pl=");
                sheet.dec(length);
                sheet.put(", pb=");
                spaced(sheet, protocol)?;
                sheet.put(", al=");
                sheet.len_of(address_len);
                sheet.put(", a=");
                if !fits {
                    return missing(sheet, "A", address);
                }
                spaced(sheet, address.limit(address_len))?;
            }
        }
        if left > 1 {
            sheet.put(" ");
        }
    }
    if !rest.is_empty() {
        sheet.put(" (");
        sheet.len_of(rest.wire());
        sheet.put(" bytes of stray data)");
    }
    Some(())
}

fn spaced(sheet: &mut Sheet, bytes: Span<'_>) -> Option<()> {
    for byte in bytes.bytes() {
        sheet.put(" ");
        sheet.hex_padded(*byte, 2);
    }
    whole(bytes)
}
