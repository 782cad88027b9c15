//! Lines of RIP.

use super::words::{Words, number, padded_text, word};
use super::{Page, Sheet, hex};
use crate::decode::Span;
use crate::decode::rip::{AUTHENTICATION, ENTRY, Entry, REQUEST, RESPONSE, Rip};

/// Its message carries a file name: it is dumped like what is unknown.
const TRACE_ON: u8 = 3;

const COMMANDS: Words =
    &[(1, "Request"), (2, "Response"), (3, "Trace on"), (4, "Trace off"), (5, "Poll"), (6, "Poll Entry")];

/// Address families by their numbers in BSD, as far as tcpdump 4.99 names them.
const FAMILIES: Words =
    &[(2, "IPv4"), (6, "NS"), (7, "ISO"), (16, "Appletalk"), (23, "IPX"), (24, "IPv6"), (28, "IPv6"), (30, "IPv6")];

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    let Ok(message) = Rip::parse(span) else { return page.truncated("rip") };
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    number(sheet, if verbose > 0 { "\n\tRIPv" } else { "RIPv" }, message.version);
    if message.version == 0 {
        return hex::indented(sheet, "\n\t", span.bytes());
    }
    sheet.put(", ");
    let known = word(COMMANDS, message.command);
    match known {
        Some(name) => sheet.put(name),
        None => {
            number(sheet, "unknown command (", message.command);
            sheet.put(")");
        }
    }
    sheet.put(", length: ");
    sheet.len_of(span.wire());
    if verbose == 0 {
        return;
    }
    if let REQUEST | RESPONSE = message.command {
        match message.version {
            1 | 2 => {
                sheet.put(", routes: ");
                sheet.len_of(span.wire() / ENTRY);
                sheet.put(if message.version == 2 { " or less" } else { "" });
                entries(page, &message);
            }
            _ => sheet.put(", unknown version"),
        }
    }
    if known.is_none() || message.command == TRACE_ON || verbose > 1 {
        hex::indented(page.sheet, "\n\t", span.bytes());
    }
}

/// The entries, as far as they were captured.
fn entries(page: &mut Page<'_>, message: &Rip<'_>) {
    let print = if message.version == 1 { entry_1 } else { entry_2 };
    let mut rest = message.entries;
    while !rest.bytes().is_empty() && !page.is_full() {
        let Some(used) = print(page.sheet, rest) else { return page.truncated("rip") };
        if rest.bytes().len() < used {
            page.sheet.put(" [remaining entries length ");
            page.sheet.len_of(rest.bytes().len());
            page.sheet.put(" < ");
            page.sheet.len_of(used);
            return page.sheet.put("] (invalid)");
        }
        rest = rest.skip(used);
    }
}

/// An entry of version 1, and its length; none where bytes are missing.
fn entry_1(sheet: &mut Sheet, span: Span<'_>) -> Option<usize> {
    let entry = Entry::parse(span)?;
    match entry.family {
        0 | 2 if !entry.is_version_1() => hex::indented(sheet, "\n\t  ", span.limit(ENTRY).bytes()),
        0 | 2 => {
            sheet.put(if entry.family == 0 { "\n\t  AFI 0, " } else { "\n\t  " });
            sheet.ipv4(entry.destination);
            number(sheet, ", metric: ", entry.metric);
        }
        other => {
            sheet.put("\n\t AFI ");
            family(sheet, other);
            sheet.put(", ");
            hex::indented(sheet, "\n\t  ", span.limit(ENTRY).skip(4).bytes());
        }
    }
    Some(ENTRY)
}

fn family(sheet: &mut Sheet, number: u16) {
    match word(FAMILIES, number) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("Unknown (");
            sheet.dec(number);
            sheet.put(")");
        }
    }
}

/// An entry of version 2, and its length; none where bytes are missing.
fn entry_2(sheet: &mut Sheet, span: Span<'_>) -> Option<usize> {
    let (kind, tag) = span.u16_at(0).zip(span.u16_at(2))?;
    match kind {
        AUTHENTICATION => return authentication(sheet, tag, span.skip(4)),
        0 | 2 => {
            let entry = Entry::parse(span)?;
            sheet.put(if kind == 2 { "\n\t  AFI IPv4, " } else { "\n\t  AFI 0, " });
            sheet.ipv4_column(entry.destination);
            sheet.put("/");
            let before = sheet.len();
            match entry.mask_len() {
                Some(length) => sheet.dec(length),
                None => sheet.put("-1"),
            }
            if sheet.len() < before.saturating_add(2) {
                sheet.put(" ");
            }
            sheet.put(", tag 0x");
            sheet.hex_padded(entry.tag, 4);
            number(sheet, ", metric: ", entry.metric);
            sheet.put(", next-hop: ");
            match entry.next_hop {
                [0, 0, 0, 0] => sheet.put("self"),
                address => sheet.ipv4(address),
            }
        }
        other => {
            sheet.put("\n\t  AFI ");
            family(sheet, other);
            hex::indented(sheet, "\n\t  ", span.limit(ENTRY).skip(4).bytes());
        }
    }
    Some(ENTRY)
}

/// Simple and cryptographic authentication (RFC 2453, 4.1; RFC 4822).
fn authentication(sheet: &mut Sheet, kind: u16, span: Span<'_>) -> Option<usize> {
    match kind {
        2 => {
            sheet.put("\n\t  Simple Text Authentication data: ");
            padded_text(sheet, span, 16)?;
        }
        3 => {
            span.array_at::<16>(0)?;
            sheet.put("\n\t  Auth header:");
            number(sheet, " Packet Len ", span.u16_at(0)?);
            number(sheet, ", Key-ID ", span.u8_at(2)?);
            number(sheet, ", Auth Data Len ", span.u8_at(3)?);
            number(sheet, ", SeqNo ", span.u32_at(4)?);
            number(sheet, ", MBZ ", span.u32_at(8)?);
            number(sheet, ", MBZ ", span.u32_at(12)?);
        }
        _ => {
            if kind == 1 {
                sheet.put("\n\t  Auth trailer:");
            } else {
                number(sheet, "\n\t  Unknown (", kind);
                sheet.put(") Authentication data:");
            }
            hex::indented(sheet, "\n\t  ", span.bytes());
            return Some(span.bytes().len().saturating_add(4));
        }
    }
    Some(ENTRY)
}
