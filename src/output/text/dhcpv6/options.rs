//! The options of DHCPv6 messages (IANA's registry, as far as tcpdump 4.99 knows it).

use super::Sheet;
use crate::decode::Span;
use crate::decode::dhcpv6::{Opt, Options};
use crate::decode::dns::{Name, skip_name};
use crate::output::text::dns::put_name;
use crate::output::text::words::{Words, number, until_zero, word, word_or_number};

/// Options nest to this depth; what is deeper is not shown.
const MAX_DEPTH: u8 = 16;

/// The names of the options.
const NAMES: Words = &[
    (1, "client-ID"),
    (2, "server-ID"),
    (3, "IA_NA"),
    (4, "IA_TA"),
    (5, "IA_ADDR"),
    (6, "option-request"),
    (7, "preference"),
    (8, "elapsed-time"),
    (9, "relay-message"),
    (11, "authentication"),
    (12, "server-unicast"),
    (13, "status-code"),
    (14, "rapid-commit"),
    (15, "user-class"),
    (16, "vendor-class"),
    (17, "vendor-specific-info"),
    (18, "interface-ID"),
    (19, "reconfigure-message"),
    (20, "reconfigure-accept"),
    (21, "SIP-servers-domain"),
    (22, "SIP-servers-address"),
    (23, "DNS-server"),
    (24, "DNS-search-list"),
    (25, "IA_PD"),
    (26, "IA_PD-prefix"),
    (27, "NIS-server"),
    (28, "NIS+-server"),
    (29, "NIS-domain-name"),
    (30, "NIS+-domain-name"),
    (31, "SNTP-servers"),
    (32, "lifetime"),
    (33, "BCMCS-domain-name"),
    (34, "BCMCS-server"),
    (36, "Geoconf-Civic"),
    (37, "Remote-ID"),
    (38, "Subscriber-ID"),
    (39, "Client-FQDN"),
    (40, "PANA-agent"),
    (41, "POSIX-timezone"),
    (42, "POSIX-tz-database"),
    (43, "Echo-request-option"),
    (44, "Lease-query"),
    (45, "LQ-client-data"),
    (46, "Clt-time"),
    (47, "LQ-relay-data"),
    (48, "LQ-client-link"),
    (56, "NTP-server"),
    (64, "AFTR-Name"),
    (112, "MUD-URL"),
];

/// What went how (RFC 8415, 21.13; RFC 5007, 4.1.3).
const STATUS: Words = &[
    (0, "Success"),
    (1, "UnspecFail"),
    (2, "NoAddrsAvail"),
    (3, "NoBinding"),
    (4, "NotOnLink"),
    (5, "UseMulticast"),
    (6, "NoPrefixAvail"),
    (7, "UnknownQueryType"),
    (8, "MalformedQuery"),
    (9, "NotConfigured"),
    (10, "NotAllowed"),
];

/// Prints options that `depth` others are around.
pub(super) fn print(sheet: &mut Sheet, options: Options<'_>, depth: u8) {
    for option in options {
        let Ok(option) = option else {
            sheet.put(" [|dhcp6]");
            break;
        };
        sheet.put(" (");
        word_or_number(sheet, NAMES, option.code, "opt_");
        if depth >= MAX_DEPTH {
            sheet.put(" ...)");
            continue;
        }
        match value(sheet, &option, depth) {
            Value::Whole => sheet.put(")"),
            Value::WrongLength => sheet.put(" ?)"),
            Value::Cut => {
                sheet.put(" [|dhcp6]");
                break;
            }
        }
    }
}

/// How the value of an option was.
enum Value {
    Whole,
    /// Its length is not one that it can have.
    WrongLength,
    /// Something in it ends behind it.
    Cut,
}

/// Whole, or of a wrong length where something was missing.
fn right(shown: Option<()>) -> Value {
    if shown.is_some() { Value::Whole } else { Value::WrongLength }
}

fn value(sheet: &mut Sheet, option: &Opt<'_>, depth: u8) -> Value {
    let span = option.value;
    let bytes = span.bytes();
    let within = |sheet: &mut Sheet, at: usize| {
        let inside = Options::within(span.skip(at));
        print(sheet, inside, depth.saturating_add(1));
        Value::Whole
    };
    match option.code {
        1 | 2 => right(identifier(sheet, span)),
        3 | 25 => {
            let (Some(id), Some(renew), Some(rebind)) = (span.u32_at(0), span.u32_at(4), span.u32_at(8)) else {
                return Value::WrongLength;
            };
            number(sheet, " IAID:", id);
            number(sheet, " T1:", renew);
            number(sheet, " T2:", rebind);
            within(sheet, 12)
        }
        4 => {
            let Some(id) = span.u32_at(0) else { return Value::WrongLength };
            number(sheet, " IAID:", id);
            within(sheet, 4)
        }
        5 => {
            let (Some(address), Some(preferred), Some(valid)) = (span.array_at(0), span.u32_at(16), span.u32_at(20))
            else {
                return Value::WrongLength;
            };
            sheet.put(" ");
            sheet.ipv6(address);
            lifetimes(sheet, preferred, valid);
            within(sheet, 24)
        }
        26 => {
            let (Some(preferred), Some(valid), Some(length), Some(prefix)) =
                (span.u32_at(0), span.u32_at(4), span.u8_at(8), span.array_at(9))
            else {
                return Value::WrongLength;
            };
            sheet.put(" ");
            sheet.ipv6(prefix);
            number(sheet, "/", length);
            lifetimes(sheet, preferred, valid);
            within(sheet, 25)
        }
        6 | 43 => right(codes(sheet, bytes)),
        7 => right(exactly(sheet, bytes, 1)),
        8 => right(exactly(sheet, bytes, 2)),
        32 | 46 => right(exactly(sheet, bytes, 4)),
        9 => {
            sheet.put(" (");
            // tcpdump closes one of the two parentheses alone.
            super::message(sheet, span, true, depth.saturating_add(1));
            Value::Whole
        }
        11 => right(authentication(sheet, span)),
        13 => {
            let Some(code) = span.u16_at(0) else { return Value::WrongLength };
            sheet.put(" ");
            match code {
                256.. => sheet.put("INVALID code"),
                code => word_or_number(sheet, STATUS, code, "code"),
            }
            Value::Whole
        }
        18 | 38 => {
            sheet.put(" ");
            beginning(sheet, bytes);
            Value::Whole
        }
        19 => right(reconfigure(sheet, bytes)),
        21 | 24 => domains(sheet, span),
        22 | 23 | 27 | 28 | 31 | 34 | 40 | 48 => right(addresses(sheet, bytes)),
        37 => {
            let Some(enterprise) = span.u32_at(0) else { return Value::WrongLength };
            number(sheet, " ", enterprise);
            sheet.put(" ");
            beginning(sheet, bytes.get(4..).unwrap_or(&[]));
            Value::Whole
        }
        41 | 42 | 112 if bytes.len() < 5 => Value::WrongLength,
        41 | 42 | 112 => {
            sheet.put(" ");
            sheet.caret(until_zero(bytes));
            Value::Whole
        }
        44 => {
            let (Some(kind), Some(address)) = (span.u8_at(0), span.array_at(1)) else { return Value::WrongLength };
            sheet.put(" ");
            word_or_number(sheet, &[(1, "by-address"), (2, "by-clientID")], kind, "type_");
            sheet.put(" ");
            sheet.ipv6(address);
            within(sheet, 17)
        }
        45 => within(sheet, 0),
        47 => {
            let Some(address) = span.array_at(0) else { return Value::WrongLength };
            sheet.put(" ");
            sheet.ipv6(address);
            sheet.put(" ");
            beginning(sheet, bytes.get(16..).unwrap_or(&[]));
            Value::Whole
        }
        56 => time_servers(sheet, span),
        64 => right(softwire_name(sheet, bytes)),
        _ => Value::Whole,
    }
}

fn lifetimes(sheet: &mut Sheet, preferred: u32, valid: u32) {
    number(sheet, " pltime:", preferred);
    number(sheet, " vltime:", valid);
}

/// A DHCP unique identifier (RFC 8415, 11; RFC 6355).
fn identifier(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    let rest = match span.u16_at(0)? {
        1 => {
            let (kind, time) = span.u16_at(2).zip(span.u32_at(4))?;
            number(sheet, " hwaddr/time type ", kind);
            number(sheet, " time ", time);
            8
        }
        // An enterprise's number and four bytes of its own, as tcpdump shows them.
        2 => {
            let (enterprise, _) = span.skip(2).split(8).ok()?;
            sheet.put(" vid ");
            sheet.hex_bytes(enterprise, "");
            return Some(());
        }
        3 => {
            number(sheet, " hwaddr type ", span.u16_at(2)?);
            4
        }
        4 => {
            sheet.put(" uuid");
            if span.wire() != 18 {
                return None;
            }
            2
        }
        kind => {
            number(sheet, " type ", kind);
            return Some(());
        }
    };
    sheet.put(" ");
    sheet.hex_bytes(span.skip(rest).bytes(), "");
    Some(())
}

/// The names of options that are asked for.
fn codes(sheet: &mut Sheet, bytes: &[u8]) -> Option<()> {
    let (codes, []) = bytes.as_chunks::<2>() else { return None };
    for code in codes {
        sheet.put(" ");
        word_or_number(sheet, NAMES, u16::from_be_bytes(*code), "opt_");
    }
    Some(())
}

/// A number that must have `size` bytes.
fn exactly(sheet: &mut Sheet, bytes: &[u8], size: usize) -> Option<()> {
    (bytes.len() == size)
        .then(|| number(sheet, " ", bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte))))
}

fn addresses(sheet: &mut Sheet, bytes: &[u8]) -> Option<()> {
    let (addresses, []) = bytes.as_chunks() else { return None };
    for address in addresses {
        sheet.put(" ");
        sheet.ipv6(*address);
    }
    Some(())
}

/// The first ten bytes of what may be coded in any way.
fn beginning(sheet: &mut Sheet, bytes: &[u8]) {
    sheet.hex_bytes(bytes.get(..10).unwrap_or(bytes), "");
    sheet.put("...");
}

fn reconfigure(sheet: &mut Sheet, bytes: &[u8]) -> Option<()> {
    let [kind] = bytes else { return None };
    sheet.put(" for ");
    match word(&[(5, "renew"), (11, "inf-req")], *kind) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("???(");
            sheet.hex_padded(*kind, 2);
            sheet.put(")");
        }
    }
    Some(())
}

/// RFC 3315, 22.11 and 21.4.1 and 21.5.1.
fn authentication(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    const HEAD: usize = 11;
    const DELAYED: u8 = 2;
    const RECONFIGURE: u8 = 3;
    let replay = span.array_at::<8>(3)?;
    let [protocol, algorithm, method] = span.array_at(0)?;
    sheet.put(" proto: ");
    word_or_number(sheet, &[(2, "delayed"), (3, "reconfigure")], protocol, "");
    sheet.put(", alg: ");
    word_or_number(sheet, &[(1, "HMAC-MD5")], algorithm, "");
    sheet.put(", RDM: ");
    word_or_number(sheet, &[(0, "mono")], method, "");
    sheet.put(", RD:");
    words::<2>(sheet, &replay);
    let rest = span.skip(HEAD);
    match (protocol, rest.wire()) {
        (DELAYED, 0) => {}
        (DELAYED, 20..) => {
            let (realm, tail) = rest.split(rest.wire().saturating_sub(20)).ok()?;
            if !realm.is_empty() {
                sheet.put(", realm: ");
                sheet.hex_bytes(realm, "");
            }
            sheet.put(", key ID: ");
            sheet.hex_padded(tail.u32_at(0)?, 8);
            sheet.put(", HMAC-MD5:");
            words::<4>(sheet, tail.skip(4).bytes());
        }
        (RECONFIGURE, 17) => {
            sheet.put(match rest.u8_at(0)? {
                1 => " reconfig-key",
                2 => " type: HMAC-MD5",
                _ => " type: ??",
            });
            sheet.put(" value:");
            words::<4>(sheet, rest.skip(1).bytes());
        }
        _ => sheet.put(" ??"),
    }
    Some(())
}

/// Words of `N` bytes, in hexadecimal.
fn words<const N: usize>(sheet: &mut Sheet, bytes: &[u8]) {
    for word in bytes.as_chunks::<N>().0 {
        sheet.put(" ");
        sheet.hex_bytes(word, "");
    }
}

/// Names as in DNS, one after the other.
fn domains(sheet: &mut Sheet, span: Span<'_>) -> Value {
    let mut at = 0;
    while at < span.wire() {
        sheet.put(" ");
        let (Some(()), Some(behind)) = (put_name(sheet, Name::new(span, at)), skip_name(span, at)) else {
            return Value::Cut;
        };
        at = behind;
    }
    Value::Whole
}

/// Suboptions that tell servers of NTP (RFC 5908).
fn time_servers(sheet: &mut Sheet, span: Span<'_>) -> Value {
    if span.wire() < 4 {
        return Value::WrongLength;
    }
    let mut rest = span;
    while let Some((code, length)) = rest.u16_at(0).zip(rest.u16_at(2)) {
        if rest.wire() == 4 {
            break;
        }
        let Ok((value, behind)) = rest.skip(4).split(length.into()) else { return Value::Cut };
        number(sheet, " subopt:", code);
        sheet.put(" ");
        match (code, value.first_chunk()) {
            (1 | 2, Some(address)) if value.len() == 16 => sheet.ipv6(*address),
            (3, _) => {
                if put_name(sheet, Name::new(Span::new(value, value.len()), 0)).is_none() {
                    return Value::Cut;
                }
            }
            _ => sheet.put("?"),
        }
        rest = behind;
    }
    Value::Whole
}

/// The name of the far end of a softwire (RFC 6334), in labels.
fn softwire_name(sheet: &mut Sheet, bytes: &[u8]) -> Option<()> {
    if bytes.len() < 3 {
        return None;
    }
    sheet.put(" ");
    let mut rest = bytes;
    while let [length @ 1..=255, tail @ ..] = rest {
        let length = usize::from(*length);
        let Some((label, behind)) = tail.split_at_checked(length).filter(|(_, behind)| !behind.is_empty()) else {
            sheet.put(" ?");
            break;
        };
        sheet.caret(until_zero(label));
        if behind.first() != Some(&0) {
            sheet.put(".");
        }
        rest = behind;
    }
    Some(())
}
