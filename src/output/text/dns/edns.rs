//! The options of an OPT record (RFC 6891, 6.1.2).

use std::ops::Range;

use super::name;
use crate::decode::dns::Message;
use crate::output::Sheet;

/// The option that names the closest trust point of a chain of signatures (RFC 7901).
const CHAIN: u16 = 13;

/// All options that stand in a place of the message, in brackets, where there are some; none where one ends
/// before its time.
pub(super) fn options(sheet: &mut Sheet, message: &Message<'_>, place: Range<usize>) -> Option<()> {
    let span = message.span().limit(place.end).skip(place.start);
    if span.is_empty() {
        return Some(());
    }
    let mut rest = span;
    let mut joint = " [";
    while !rest.is_empty() {
        sheet.put(joint);
        joint = ",";
        let code = rest.u16_at(0)?;
        sheet.put(match code {
            1 => "LLQ",
            2 => "UL",
            3 => "NSID",
            5 => "DAU",
            6 => "DHU",
            7 => "N3U",
            8 => "ECS",
            9 => "EXPIRE",
            10 => "COOKIE",
            11 => "KEEPALIVE",
            12 => "PADDING",
            13 => "CHAIN",
            14 => "KEY-TAG",
            16 => "CLIENT-TAG",
            17 => "SERVER-TAG",
            _ => "Opt",
        });
        if matches!(code, 0 | 4 | 15 | 18..) {
            sheet.dec(code);
        }
        let length = rest.u16_at(2)?;
        let (value, behind) = rest.skip(4).split(length.into()).ok()?;
        if !value.is_empty() {
            sheet.put(" ");
            if code == CHAIN {
                let at = rest.skip(4).offset().checked_sub(message.span().offset())?;
                // What is wrong with it is told in its place, and the options go on.
                let _ = name(sheet, message, at);
            } else {
                option(sheet, code, value);
            }
        }
        rest = behind;
    }
    sheet.put("]");
    Some(())
}

fn option(sheet: &mut Sheet, code: u16, value: &[u8]) {
    match (code, value) {
        (8, _) if client_subnet(sheet, value).is_some() => {}
        (9, [a, b, c, d]) => {
            sheet.dec(u32::from_be_bytes([*a, *b, *c, *d]));
            sheet.put(" sec");
        }
        (10, _) if matches!(value.len(), 8 | 16..=40) => {
            let (client, server) = value.split_at_checked(8).unwrap_or((value, &[]));
            sheet.hex_bytes(client, "");
            if !server.is_empty() {
                sheet.put(" ");
                sheet.hex_bytes(server, "");
            }
        }
        (11, [high, low]) => {
            let tenths = u16::from_be_bytes([*high, *low]);
            sheet.dec(tenths / 10);
            sheet.put(".");
            sheet.dec(tenths % 10);
            sheet.put(" sec");
        }
        (12, _) => {
            sheet.put("(");
            sheet.len_of(value.len());
            sheet.put(")");
        }
        (14, _) if value.len().is_multiple_of(2) => {
            list(sheet, value.as_chunks().0, |sheet, tag| sheet.dec(u16::from_be_bytes(*tag)));
        }
        (5, _) => list(sheet, value, |sheet, code| algorithm(sheet, *code, signing(*code))),
        (6, _) => list(sheet, value, |sheet, code| algorithm(sheet, *code, digest(*code))),
        (7, _) => list(sheet, value, |sheet, code| algorithm(sheet, *code, if *code == 1 { "SHA-1" } else { "" })),
        (8..=11 | 14, _) => sheet.put(" (invalid)"),
        _ => sheet.hex_bytes(value, ""),
    }
}

fn list<T>(sheet: &mut Sheet, items: &[T], put: impl Fn(&mut Sheet, &T)) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            sheet.put(" ");
        }
        put(sheet, item);
    }
}

fn algorithm(sheet: &mut Sheet, code: u8, name: &'static str) {
    if name.is_empty() {
        sheet.put("Alg_");
        sheet.dec(code);
    }
    sheet.put(name);
}

/// Part of a client's address and how many bits of it count (RFC 7871); none where that can't be.
fn client_subnet(sheet: &mut Sheet, value: &[u8]) -> Option<()> {
    let ([0, family, source, scope], part) = value.split_first_chunk()? else { return None };
    let bits = match family {
        1 => 32,
        2 => 128,
        _ => return None,
    };
    if *source > bits || *scope > bits || usize::from(source.div_ceil(8)) != part.len() {
        return None;
    }
    let mut address = [0; 16];
    address.get_mut(..part.len())?.copy_from_slice(part);
    match address {
        [a, b, c, d, ..] if bits == 32 => sheet.ipv4_number([a, b, c, d]),
        _ => sheet.ipv6_number(address),
    }
    for length in [source, scope] {
        sheet.put("/");
        sheet.dec(*length);
    }
    Some(())
}

/// Names of signing algorithms, as tcpdump has them (RFC 8624; DSA is `DS` there).
fn signing(code: u8) -> &'static str {
    match code {
        0 => "DELETE",
        1 => "RSAMD5",
        2 => "DH",
        3 => "DS",
        5 => "RSASHA1",
        6 => "DSA-NSEC3-SHA1",
        7 => "RSASHA1-NSEC3-SHA1",
        8 => "RSASHA256",
        10 => "RSASHA512",
        12 => "ECC-GOST",
        13 => "ECDSAP256SHA256",
        14 => "ECDSAP384SHA384",
        15 => "ED25519",
        16 => "ED448",
        252 => "INDIRECT",
        253 => "PRIVATEDNS",
        254 => "PRIVATEOID",
        _ => "",
    }
}

fn digest(code: u8) -> &'static str {
    match code {
        1 => "SHA-1",
        2 => "SHA-256",
        3 => "GOST_R_34.11-94",
        4 => "SHA-384",
        _ => "",
    }
}
