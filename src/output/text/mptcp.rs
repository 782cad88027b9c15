//! Options of Multipath TCP (RFC 6824, RFC 8684).

use super::Sheet;
use super::words::number;
use crate::decode::Span;
use crate::decode::tcp::{ACK, SYN};

/// Prints an option whose kind and length are told already; none where its length can't be.
pub(super) fn print(sheet: &mut Sheet, body: Span<'_>, flags: u16) -> Option<()> {
    const HEAD: usize = 2;
    let first = body.u8_at(0)?;
    let length = body.wire().saturating_add(HEAD);
    let (subtype, low) = (first >> 4, first & 15);
    number(sheet, " ", length as u64);
    sheet.put(match subtype {
        0 => " capable",
        1 => " join",
        2 => " dss",
        3 => " add-addr",
        4 => " rem-addr",
        5 => " prio",
        6 => " fail",
        7 => " fast-close",
        _ => " unknown",
    });
    let syn = flags & (SYN | ACK);
    match subtype {
        0 => capable(sheet, body, length, low, syn),
        1 => join(sheet, body, length, low, syn),
        2 if syn & SYN != 0 => None,
        2 => sequence_signal(sheet, body),
        3 => add_address(sheet, body, length, low),
        4 => {
            let (_, ids) = body.split(1).ok()?;
            if ids.is_empty() {
                return None;
            }
            sheet.put(" id");
            for id in ids.bytes() {
                number(sheet, " ", *id);
            }
            Some(())
        }
        5 => {
            if !matches!(length, 3 | 4) {
                return None;
            }
            sheet.put(if low & 1 != 0 { " backup" } else { " non-backup" });
            if length == 4 {
                number(sheet, " id ", body.u8_at(1)?);
            }
            Some(())
        }
        6 if length == 12 => {
            number(sheet, " seq ", long_at(body, 2)?);
            Some(())
        }
        7 if length == 12 => {
            sheet.put(" key 0x");
            sheet.hex(long_at(body, 2)?);
            Some(())
        }
        6 | 7 => None,
        _ => Some(()),
    }
}

fn long_at(span: Span<'_>, at: usize) -> Option<u64> {
    span.array_at(at).map(u64::from_be_bytes)
}

/// RFC 8684, 3.1.
fn capable(sheet: &mut Sheet, body: Span<'_>, length: usize, version: u8, syn: u16) -> Option<()> {
    match (length, syn) {
        (4 | 12, _) if syn & SYN != 0 => {}
        (20 | 22 | 24, ACK) => {}
        _ => return None,
    }
    if version > 1 {
        number(sheet, " Unknown Version (", version);
        sheet.put(")");
        return Some(());
    }
    let with_checksum = body.u8_at(1)? & 0x80 != 0;
    number(sheet, " v", version);
    if with_checksum {
        sheet.put(" csum");
    }
    if length == 4 {
        return Some(());
    }
    sheet.put(" {0x");
    sheet.hex(long_at(body, 2)?);
    if length >= 20 {
        sheet.put(",0x");
        sheet.hex(long_at(body, 10)?);
    }
    sheet.put("}");
    Some(())
}

/// RFC 8684, 3.2.
fn join(sheet: &mut Sheet, body: Span<'_>, length: usize, low: u8, syn: u16) -> Option<()> {
    match length {
        12 if syn & SYN != 0 => {}
        16 if syn == SYN | ACK => {}
        24 if syn & ACK != 0 => {
            let (code, _) = body.skip(2).split(20).ok()?;
            sheet.put(" hmac 0x");
            sheet.hex_bytes(code, "");
            return Some(());
        }
        _ => return None,
    }
    if low & 1 != 0 {
        sheet.put(" backup");
    }
    number(sheet, " id ", body.u8_at(1)?);
    let nonce = if length == 12 {
        sheet.put(" token 0x");
        sheet.hex(body.u32_at(2)?);
        body.u32_at(6)?
    } else {
        sheet.put(" hmac 0x");
        sheet.hex(long_at(body, 2)?);
        body.u32_at(10)?
    };
    sheet.put(" nonce 0x");
    sheet.hex(nonce);
    Some(())
}

/// Data sequence signal (RFC 8684, 3.3).
fn sequence_signal(sheet: &mut Sheet, body: Span<'_>) -> Option<()> {
    let flags = body.u8_at(1)?;
    let mut rest = body.skip(2);
    let mut sequence = |sheet: &mut Sheet, words: &'static str, long: bool| -> Option<()> {
        sheet.put(words);
        let (value, size) = if long { (long_at(rest, 0)?, 8) } else { (u64::from(rest.u32_at(0)?), 4) };
        rest = rest.skip(size);
        sheet.dec(value);
        Some(())
    };
    if flags & 0x10 != 0 {
        sheet.put(" fin");
    }
    if flags & 1 != 0 {
        sequence(sheet, " ack ", flags & 2 != 0)?;
    }
    if flags & 4 != 0 {
        sequence(sheet, " seq ", flags & 8 != 0)?;
        sequence(sheet, " subseq ", false)?;
        number(sheet, " len ", rest.u16_at(0)?);
        rest = rest.skip(2);
        if let Some(checksum) = rest.u16_at(0) {
            sheet.put(" csum 0x");
            sheet.hex(checksum);
            rest = rest.skip(2);
        }
    }
    rest.is_empty().then_some(())
}

/// RFC 6824, 3.4.1; RFC 8684, 3.4.1.
fn add_address(sheet: &mut Sheet, body: Span<'_>, length: usize, low: u8) -> Option<()> {
    // Version 0 tells the IP version, version 1 whether this is an echo; a MAC is behind what is not.
    let address = match length {
        8 | 10 | 16 | 18 => 4,
        20 | 22 | 28 | 30 => 16,
        _ => return None,
    };
    match low {
        0 => sheet.put(" v1"),
        1 => sheet.put(" v1-echo"),
        4 if address == 4 => sheet.put(" v0-ip4"),
        6 if address == 16 => sheet.put(" v0-ip6"),
        _ => sheet.put(" [bad version/echo]"),
    }
    number(sheet, " id ", body.u8_at(1)?);
    let rest = body.skip(2);
    sheet.put(" ");
    if address == 4 {
        sheet.ipv4(rest.array_at(0)?);
    } else {
        sheet.ipv6(rest.array_at(0)?);
    }
    let mut rest = rest.skip(address);
    if rest.wire() & 7 == 2 {
        number(sheet, ":", rest.u16_at(0)?);
        rest = rest.skip(2);
    }
    if rest.wire() == 8 {
        sheet.put(" hmac 0x");
        sheet.hex(long_at(rest, 0)?);
    }
    Some(())
}
