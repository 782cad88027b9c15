//! The options of messages that configure a link, each protocol's in a table and a printer.

use super::super::words::{ORGANISATIONS, Words, short_hex, word};
use super::super::{Sheet, hex};
use crate::decode::Span;
use crate::decode::ppp::{self, Control};

/// What came of an option.
enum Told {
    /// All that it says was told.
    Known,
    /// Its bytes are shown.
    Unknown,
    /// It has not the length it should have; the next option may be well.
    Bogus(&'static str),
    /// It has not the length it should have, and no further option is told.
    Last(&'static str),
    /// Its list of further options can't be right; the next option may be well.
    Invalid,
    /// The capture ends in it, and its protocol's name tells so.
    Cut,
}

/// A protocol's options. A printer gets the type of one and its value, and gives none where bytes of that are
/// missing.
struct Family {
    names: Words,
    /// What is told where the capture ends between two of them.
    cut: &'static str,
    unknown: Option<&'static str>,
    print: fn(&mut Sheet, u8, Span<'_>) -> Option<Told>,
}

const LCP: Family = Family {
    names: &[
        (0, "Vend-Ext"),
        (1, "MRU"),
        (2, "ACCM"),
        (3, "Auth-Prot"),
        (4, "Qual-Prot"),
        (5, "Magic-Num"),
        (6, "deprecated(6)"),
        (7, "PFC"),
        (8, "ACFC"),
        (9, "FCS-Alt"),
        (10, "SDP"),
        (11, "Num-Mode"),
        (12, "deprecated(12)"),
        (13, "Call-Back"),
        (14, "deprecated(14)"),
        (15, "deprecated(15)"),
        (16, "deprecated(16)"),
        (17, "MRRU"),
        (18, "12-Bit seq #"),
        (19, "End-Disc"),
        (20, "Proprietary"),
        (21, "DCE-Id"),
        (22, "MP+"),
        (23, "Link-Disc"),
        (24, "LCP-Auth-Opt"),
        (25, "COBS"),
        (26, "Prefix-elision"),
        (27, "Multilink-header-Form"),
        (28, "I18N"),
        (29, "SDL-over-SONET/SDH"),
        (30, "PPP-Muxing"),
    ],
    cut: "[|lcp]",
    unknown: None,
    print: link,
};

const IPCP: Family = Family {
    names: &[
        (1, "IP-Addrs"),
        (2, "IP-Comp"),
        (3, "IP-Addr"),
        (4, "Home-Addr"),
        (129, "Pri-DNS"),
        (130, "Pri-NBNS"),
        (131, "Sec-DNS"),
        (132, "Sec-NBNS"),
    ],
    cut: "[|ipcp]",
    unknown: Some("unknown"),
    print: ip,
};

const IPV6CP: Family = Family { names: &[(1, "Interface-ID")], cut: "[|ip6cp]", unknown: Some("unknown"), print: ipv6 };

const CCP: Family = Family {
    names: &[
        (0, "OUI"),
        (1, "Pred-1"),
        (2, "Pred-2"),
        (3, "Puddle"),
        (16, "HP-PPC"),
        (17, "Stac-LZS"),
        (18, "MPPC"),
        (19, "Gand-FZA"),
        (20, "V.42bis"),
        (21, "BSD-Comp"),
        (23, "LZS-DCP"),
        (24, "MVRCA"),
        (25, "DEC"),
        (26, "Deflate"),
        (255, "Reserved"),
    ],
    cut: "[|ccp]",
    unknown: Some("Unknown"),
    print: compression,
};

const BACP: Family =
    Family { names: &[(1, "Favored-Peer")], cut: "[|bacp]", unknown: Some("Unknown"), print: allocation };

/// Prints the options of a message; none where bytes of one are missing.
pub(super) fn print(sheet: &mut Sheet, message: &Control<'_>, verbose: u8) -> Option<()> {
    let family = match message.protocol() {
        ppp::LCP => &LCP,
        ppp::IPCP => &IPCP,
        ppp::IPV6CP => &IPV6CP,
        ppp::CCP => &CCP,
        ppp::BACP => &BACP,
        _ => return Some(()),
    };
    for option in message.options() {
        let Ok(option) = option else {
            sheet.put(family.cut);
            return Some(());
        };
        let Some(name) = word(family.names, option.kind).or(family.unknown) else {
            sheet.put("\n\tunknown LCP option 0x");
            sheet.hex_padded(option.kind, 2);
            continue;
        };
        sheet.put("\n\t  ");
        sheet.put(name);
        sheet.put(" Option (0x");
        sheet.hex_padded(option.kind, 2);
        sheet.put("), length ");
        sheet.dec(option.length);
        let Some(value) = option.value else {
            sheet.put(" (length bogus, should be >= 2)");
            return Some(());
        };
        match (family.print)(sheet, option.kind, value)? {
            Told::Known if verbose < 2 => {}
            Told::Known | Told::Unknown => hex::indented(sheet, "\n\t    ", value.bytes()),
            Told::Bogus(why) => sheet.put(why),
            Told::Last(why) => {
                sheet.put(why);
                return Some(());
            }
            Told::Invalid => sheet.put(" (invalid)"),
            Told::Cut => {
                sheet.put(family.cut);
                return Some(());
            }
        }
    }
    Some(())
}

const NOT_3: &str = " (length bogus, should be >= 3)";
const NOT_4: &str = " (length bogus, should be >= 4)";
const NOT_6: &str = " (length bogus, should be >= 6)";
const NOT_JUST_4: &str = " (length bogus, should be = 4)";
const NOT_JUST_6: &str = " (length bogus, should be = 6)";
const NOT_JUST_7: &str = " (length bogus, should be = 7)";
const NOT_JUST_9: &str = " (length bogus, should be = 9)";
const NOT_JUST_10: &str = " (length bogus, should be = 10)";

fn hexadecimal(sheet: &mut Sheet, number: impl Into<u64>, width: usize) {
    sheet.put(": 0x");
    sheet.hex_padded(number, width);
}

/// Options of LCP.
fn link(sheet: &mut Sheet, kind: u8, value: Span<'_>) -> Option<Told> {
    let length = value.wire();
    match kind {
        0 if length < 4 => return Some(Told::Bogus(NOT_6)),
        0 => {
            let [a, b, c] = value.array_at(0)?;
            let vendor = u32::from_be_bytes([0, a, b, c]);
            sheet.put(": Vendor: ");
            sheet.put(word(ORGANISATIONS, vendor).unwrap_or("Unknown"));
            sheet.put(" (");
            sheet.dec(vendor);
            sheet.put(")");
        }
        1 if length != 2 => return Some(Told::Bogus(NOT_JUST_4)),
        17 | 23 if length != 2 => return Some(Told::Last(NOT_JUST_4)),
        1 | 17 => {
            let number = value.u16_at(0)?;
            sheet.put(": ");
            sheet.dec(number);
        }
        23 => hexadecimal(sheet, value.u16_at(0)?, 4),
        2 if length != 4 => return Some(Told::Bogus(NOT_JUST_6)),
        5 if length != 4 => return Some(Told::Last(NOT_JUST_6)),
        2 | 5 => hexadecimal(sheet, value.u32_at(0)?, 8),
        3 if length < 2 => return Some(Told::Bogus(NOT_4)),
        3 => authentication(sheet, value)?,
        4 if length < 2 => return Some(Told::Last(NOT_4)),
        4 => sheet.put(if value.u16_at(0)? == ppp::LQM { ": LQR" } else { ": unknown" }),
        7 | 8 => {}
        13 | 19 if length < 1 => return Some(Told::Last(NOT_3)),
        13 => {
            sheet.put(": ");
            let operation = value.u8_at(0)?;
            sheet.put(match operation {
                0 => ": Callback Operation UserAuth (",
                1 => ": Callback Operation DialString (",
                2 => ": Callback Operation LocalID (",
                3 => ": Callback Operation E.164 (",
                4 => ": Callback Operation X.500 (",
                6 => ": Callback Operation CBCP (",
                _ => ": Callback Operation Unknown (",
            });
            sheet.dec(operation);
            sheet.put(")");
        }
        19 => return endpoint(sheet, value),
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}

/// The protocol that is to prove who is there.
fn authentication(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let number = value.u16_at(0)?;
    sheet.put(": ");
    match word(super::PROTOCOLS, number) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("Unknown Auth Proto (0x");
            sheet.hex_padded(number, 4);
            sheet.put(")");
        }
    }
    match number {
        ppp::CHAP => {
            let algorithm = value.u8_at(2)?;
            sheet.put(", ");
            match algorithm {
                5 => sheet.put("MD5"),
                128 => sheet.put("MS-CHAPv1"),
                129 => sheet.put("MS-CHAPv2"),
                _ => {
                    sheet.put("Unknown Auth Alg ");
                    sheet.dec(algorithm);
                }
            }
        }
        ppp::PAP | ppp::EAP | ppp::SPAP | ppp::OLD_SPAP => {}
        _ => {
            let [kind, length] = [3, u8::try_from(value.wire()).ok()?.saturating_add(2)];
            hex::indented(sheet, "\n\t", &[&[kind, length], value.bytes()].concat());
        }
    }
    Some(())
}

/// What the end of a bundle of links is called (RFC 1990, 5.1.3).
fn endpoint(sheet: &mut Sheet, value: Span<'_>) -> Option<Told> {
    let address = value.skip(1);
    match value.u8_at(0)? {
        0 => sheet.put(": Null"),
        1 => sheet.put(": Local"),
        2 if address.wire() != 4 => return Some(Told::Last(NOT_JUST_7)),
        2 => {
            let address = address.array_at(0)?;
            sheet.put(": IPv4 ");
            sheet.ipv4(address);
        }
        3 if address.wire() != 6 => return Some(Told::Last(NOT_JUST_9)),
        3 => {
            let address = address.array_at(0)?;
            sheet.put(": MAC ");
            sheet.mac(address);
        }
        4 => sheet.put(": Magic-Num-Block"),
        5 => sheet.put(": PSNDN"),
        class => {
            sheet.put(": Unknown class ");
            sheet.dec(class);
        }
    }
    Some(Told::Known)
}

/// Options of IPCP (RFC 1332, RFC 1877, RFC 2290).
fn ip(sheet: &mut Sheet, kind: u8, value: Span<'_>) -> Option<Told> {
    let length = value.wire();
    match kind {
        1 if length != 8 => return Some(Told::Bogus(NOT_JUST_10)),
        1 => {
            let (source, destination) = (value.array_at(0)?, value.array_at(4)?);
            sheet.put(": src ");
            sheet.ipv4(source);
            sheet.put(", dst ");
            sheet.ipv4(destination);
        }
        2 if length < 2 => return Some(Told::Last(NOT_4)),
        2 => return header_compression(sheet, value),
        3 | 4 | 129..=132 if length != 4 => return Some(Told::Last(NOT_JUST_6)),
        3 | 4 | 129..=132 => {
            let address = value.array_at(0)?;
            sheet.put(": ");
            sheet.ipv4(address);
        }
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}

/// The compression protocol of IPCP, and the parameters of that of RFC 3544.
fn header_compression(sheet: &mut Sheet, value: Span<'_>) -> Option<Told> {
    let protocol = value.u16_at(0)?;
    sheet.put(match protocol {
        ppp::VJ_COMPRESSED => ": VJ-Comp (0x",
        0x61 => ": IP Header Compression (0x",
        _ => ": Unknown (0x",
    });
    short_hex(sheet, protocol);
    sheet.put("):");
    if protocol != 0x61 {
        return Some(Told::Known);
    }
    if value.wire() < 12 {
        return Some(Told::Last(" (length bogus, should be >= 14)"));
    }
    let names = ["\n\t    TCP Space ", ", non-TCP Space ", ", maxPeriod ", ", maxTime ", ", maxHdr "];
    let Ok((parameters, rest)) = value.split(12) else { return Some(Told::Cut) };
    for (name, &[high, low]) in names.into_iter().zip(parameters.as_chunks().0.iter().skip(1)) {
        sheet.put(name);
        sheet.dec(u16::from_be_bytes([high, low]));
    }
    if !rest.is_empty() {
        sheet.put("\n\t      Suboptions, length ");
        sheet.len_of(rest.wire());
        return Some(suboptions(sheet, rest));
    }
    Some(Told::Known)
}

fn suboptions(sheet: &mut Sheet, mut rest: Span<'_>) -> Told {
    while rest.wire() >= 2 {
        let Some([kind, length]) = rest.array_at(0) else { return Told::Cut };
        if kind == 0 || length == 0 {
            return Told::Known;
        }
        sheet.put(match kind {
            1 => "\n\t\tRTP-Compression Suboption #",
            2 => "\n\t\tEnhanced RTP-Compression Suboption #",
            _ => "\n\t\tUnknown Suboption #",
        });
        sheet.dec(kind);
        sheet.put(", length ");
        sheet.dec(length);
        if usize::from(length) > rest.wire() {
            sheet.put(" [remaining suboptions length ");
            sheet.len_of(rest.wire());
            sheet.put(" < ");
            sheet.dec(length);
            sheet.put("]");
            return Told::Invalid;
        }
        rest = rest.skip(length.into());
    }
    Told::Known
}

/// Options of IPV6CP (RFC 5072).
fn ipv6(sheet: &mut Sheet, kind: u8, value: Span<'_>) -> Option<Told> {
    match kind {
        1 if value.wire() != 8 => return Some(Told::Bogus(NOT_JUST_10)),
        1 => {
            let Some(identifier) = value.array_at::<8>(0) else { return Some(Told::Cut) };
            sheet.put(": ");
            let mut joint = "";
            for pair in identifier.as_chunks::<2>().0 {
                sheet.put(joint);
                sheet.hex_bytes(pair, "");
                joint = ":";
            }
        }
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}

/// Options of CCP (RFC 1962).
fn compression(sheet: &mut Sheet, kind: u8, value: Span<'_>) -> Option<Told> {
    let mut fields = |names: &[&'static str], numbers: &[u8]| {
        for (name, number) in names.iter().zip(numbers) {
            sheet.put(name);
            sheet.dec(*number);
        }
    };
    match kind {
        21 if value.wire() < 1 => return Some(Told::Bogus(NOT_3)),
        21 => {
            let version = value.u8_at(0)?;
            fields(&[": Version: ", ", Dictionary Bits: "], &[version >> 5, version & 0x1f]);
        }
        24 | 26 if value.wire() < 2 => return Some(Told::Bogus(NOT_4)),
        24 => {
            let [features, contexts] = value.array_at(0)?;
            let history = if features & 0x20 == 0 { ", PxP: Disabled, History: " } else { ", PxP: Enabled, History: " };
            fields(&[": Features: ", history, ", #CTX-ID: "], &[features >> 6, features & 0x1f, contexts]);
        }
        26 => {
            let [method, check] = value.array_at(0)?;
            fields(&[": Window: "], &[method >> 4]);
            sheet.put(if method & 15 == 8 { "K, Method: zlib (0x" } else { "K, Method: unknown (0x" });
            sheet.hex(method & 15);
            sheet.put("), MBZ: ");
            sheet.dec(check >> 2);
            sheet.put(", CHK: ");
            sheet.dec(check & 3);
        }
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}

/// Options of BACP (RFC 2125).
fn allocation(sheet: &mut Sheet, kind: u8, value: Span<'_>) -> Option<Told> {
    match kind {
        1 if value.wire() != 4 => return Some(Told::Bogus(NOT_JUST_6)),
        1 => {
            let magic = value.u32_at(0)?;
            sheet.put(": Magic-Num 0x");
            sheet.hex_padded(magic, 8);
        }
        _ => return Some(Told::Unknown),
    }
    Some(Told::Known)
}
