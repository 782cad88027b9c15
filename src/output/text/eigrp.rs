//! Lines of EIGRP.

use super::words::{Words, set_bits, word};
use super::{Page, Sheet, hex, whole};
use crate::decode::Span;
use crate::decode::cdp::{Fault, Field};
use crate::decode::eigrp::{self, Eigrp};

const OPERATIONS: Words = &[(1, "Update"), (3, "Query"), (4, "Reply"), (5, "Hello"), (6, "IPX SAP"), (7, "Probe")];

const FLAGS: Words = &[(0x01, "Init"), (0x02, "Conditionally Received")];

const FIELDS: Words = &[
    (0x0001, "General Parameters"),
    (0x0002, "Authentication"),
    (0x0003, "Sequence"),
    (0x0004, "Software Version"),
    (0x0005, "Next Multicast Sequence"),
    (0x0102, "IP Internal routes"),
    (0x0103, "IP External routes"),
    (0x0202, "AppleTalk Internal routes"),
    (0x0203, "AppleTalk External routes"),
    (0x0204, "AppleTalk Cable setup"),
    (0x0302, "IPX Internal routes"),
    (0x0303, "IPX External routes"),
];

/// Where an external route comes from.
const ORIGINS: Words = &[
    (1, "IGRP"),
    (2, "EIGRP"),
    (3, "Static"),
    (4, "RIP"),
    (5, "Hello"),
    (6, "OSPF"),
    (7, "IS-IS"),
    (8, "EGP"),
    (9, "BGP"),
    (10, "IDRP"),
    (11, "Connected"),
];

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Eigrp<'_>) {
    let sheet = &mut *page.sheet;
    if message.version() != 2 {
        sheet.put("EIGRP version ");
        sheet.dec(message.version());
        return sheet.put(" packet not supported");
    }
    let verbose = page.options.verbose;
    let length = message.span().wire();
    if verbose == 0 {
        sheet.put("EIGRP ");
        operation(sheet, message.operation(), "unknown (", ")");
        sheet.put(", length: ");
        return sheet.len_of(length);
    }
    head(sheet, message);
    for field in message.fields() {
        let told = match field {
            Ok(field) => self::field(page.sheet, &field, verbose),
            Err(Fault::Cut | Fault::Stray(_)) => None,
            Err(Fault::TooShort(_, _, rest) | Fault::TooLong(_, _, rest)) => {
                return hex::indented(page.sheet, "\n\t    ", rest.skip(4).bytes());
            }
        };
        if told.is_none() || page.is_full() {
            return page.truncated("eigrp");
        }
    }
}

fn operation(sheet: &mut Sheet, number: u8, unknown: &'static str, end: &'static str) {
    match word(OPERATIONS, number) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put(unknown);
            sheet.dec(number);
            sheet.put(end);
        }
    }
}

fn head(sheet: &mut Sheet, message: &Eigrp<'_>) {
    let [flags, sequence, acknowledged] = message.words();
    let [router, system] = message.router_and_system();
    sheet.put("\n\tEIGRP v");
    sheet.dec(message.version());
    sheet.put(", opcode: ");
    operation(sheet, message.operation(), "unknown, type: ", "");
    sheet.put(" (");
    sheet.dec(message.operation());
    sheet.put("), chksum: 0x");
    sheet.hex_padded(message.checksum(), 4);
    sheet.put(", Flags: [");
    set_bits(sheet, FLAGS, flags, "none");
    sheet.put("]\n\tseq: 0x");
    sheet.hex_padded(sequence, 8);
    sheet.put(", ack: 0x");
    sheet.hex_padded(acknowledged, 8);
    sheet.put(", VRID: ");
    sheet.dec(router);
    sheet.put(", AS: ");
    sheet.dec(system);
    sheet.put(", length: ");
    sheet.len_of(message.span().wire().saturating_sub(20));
}

fn field(sheet: &mut Sheet, field: &Field<'_>, verbose: u8) -> Option<()> {
    let value = field.value;
    sheet.put("\n\t  ");
    sheet.put(word(FIELDS, field.kind).unwrap_or("Unknown"));
    sheet.put(" TLV (0x");
    sheet.hex_padded(field.kind, 4);
    sheet.put("), length: ");
    sheet.len_of(value.wire().saturating_add(4));
    whole(value)?;
    let needed = match field.kind {
        eigrp::PARAMETERS => 8,
        eigrp::SOFTWARE => 4,
        eigrp::INTERNAL => 22,
        eigrp::EXTERNAL => 42,
        _ => 0,
    };
    let known = needed > 0;
    if value.wire() < needed {
        sheet.put(" (too short, < ");
        sheet.len_of(needed.saturating_add(4));
        sheet.put(")");
    } else {
        match field.kind {
            eigrp::PARAMETERS => parameters(sheet, value)?,
            eigrp::SOFTWARE => software(sheet, value)?,
            eigrp::INTERNAL => route(sheet, value, value.skip(4), None)?,
            eigrp::EXTERNAL => route(sheet, value, value.skip(24), Some(value))?,
            _ => {}
        }
    }
    if verbose > 1 || !known {
        hex::indented(sheet, "\n\t    ", value.bytes());
    }
    Some(())
}

fn parameters(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    sheet.put("\n\t    holdtime: ");
    sheet.dec(value.u16_at(6)?);
    let names = ["s, k1 ", ", k2 ", ", k3 ", ", k4 ", ", k5 "];
    for (name, weight) in names.into_iter().zip(value.bytes()) {
        sheet.put(name);
        sheet.dec(*weight);
    }
    Some(())
}

fn software(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let names = ["\n\t    IOS version: ", ".", ", EIGRP version ", "."];
    for (name, part) in names.into_iter().zip(value.array_at::<4>(0)?) {
        sheet.put(name);
        sheet.dec(part);
    }
    Some(())
}

/// A network, the way to it, and where an external one comes from. `metric` is the part that both kinds end with.
fn route(sheet: &mut Sheet, value: Span<'_>, metric: Span<'_>, external: Option<Span<'_>>) -> Option<()> {
    let bits = metric.u8_at(16)?;
    if bits > 32 {
        sheet.put("\n\t    illegal prefix length ");
        sheet.dec(bits);
        return Some(());
    }
    let mut prefix = [0; 4];
    let (bytes, _) = metric.skip(17).split(usize::from(bits).div_ceil(8)).ok()?;
    for (place, byte) in prefix.iter_mut().zip(bytes) {
        *place = *byte;
    }
    sheet.put("\n\t    IPv4 prefix: ");
    sheet.ipv4_column(prefix);
    sheet.put("/");
    sheet.dec(bits);
    sheet.put(", nexthop: ");
    match value.array_at(0)? {
        [0, 0, 0, 0] => sheet.put("self"),
        address => sheet.ipv4(address),
    }
    if let Some(value) = external {
        origin(sheet, value)?;
    }
    let [a, b, c, hops, reliability, load] = metric.array_at(8)?;
    for (name, number) in [
        ("\n\t      delay ", metric.u32_at(0)? / 100),
        (" ms, bandwidth ", metric.u32_at(4)?),
        (" Kbps, mtu ", u32::from_be_bytes([0, a, b, c])),
        (", hop ", hops.into()),
        (", reliability ", reliability.into()),
        (", load ", load.into()),
    ] {
        sheet.put(name);
        sheet.dec(number);
    }
    Some(())
}

fn origin(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let [protocol, flags] = value.array_at(22)?;
    sheet.put("\n\t      origin-router ");
    sheet.ipv4(value.array_at(4)?);
    sheet.put(", origin-as ");
    sheet.dec(value.u32_at(8)?);
    sheet.put(", origin-proto ");
    sheet.put(word(ORIGINS, protocol).unwrap_or("unknown"));
    sheet.put(", flags [0x");
    sheet.hex_padded(flags, 2);
    sheet.put("], tag 0x");
    sheet.hex_padded(value.u32_at(12)?, 8);
    sheet.put(", metric ");
    sheet.dec(value.u32_at(16)?);
    Some(())
}
