//! Lines of node information (RFC 4620).

use crate::decode::Span;
use crate::decode::icmpv6::Icmpv6;
use crate::output::Sheet;

/// Length of the fields before the data: the head, the type of what is asked, flags and a nonce.
const HEAD: usize = 16;

/// Types of what is asked.
const NOTHING: u16 = 0;
const SUPPORTED_TYPES: u16 = 1;
const NAME: u16 = 2;
const ADDRESSES: u16 = 3;

/// Letters of the flags of addresses asked for or given, from the highest bit on.
const ADDRESS_FLAGS: [(u16, &str); 7] =
    [(0x40, "a"), (0x20, "G"), (0x10, "S"), (0x08, "L"), (0x04, "C"), (0x02, "A"), (0x01, "T")];

/// What is asked and its flags.
fn question(message: &Icmpv6<'_>) -> Option<(u16, u16)> {
    message.span().array_at::<HEAD>(0)?;
    Some((message.span().u16_at(4)?, message.span().u16_at(6)?))
}

fn address_flags(sheet: &mut Sheet, flags: u16, letters: &[(u16, &'static str)]) {
    if flags != 0 {
        sheet.put(" [");
        for (_, letter) in letters.iter().filter(|(bit, _)| flags & bit != 0) {
            sheet.put(letter);
        }
        sheet.put("]");
    }
}

/// A query; none where bytes are missing.
pub(super) fn query(sheet: &mut Sheet, message: &Icmpv6<'_>, code: u8, verbose: u8) -> Option<()> {
    let data = message.span().skip(HEAD);
    // KAME asked `who are you` in 12 bytes.
    if message.span().bytes().len() == 12 {
        sheet.put(" who-are-you request");
        return Some(());
    }
    sheet.put(" node information query");
    let (asked, flags) = question(message)?;
    sheet.put(" (");
    match asked {
        NOTHING => sheet.put("noop"),
        SUPPORTED_TYPES => supported(sheet, flags),
        NAME => sheet.put("DNS name"),
        ADDRESSES => {
            sheet.put("node addresses");
            let [letters @ .., _] = ADDRESS_FLAGS;
            address_flags(sheet, flags, &letters);
        }
        _ => sheet.put("unknown"),
    }
    match asked {
        NOTHING | SUPPORTED_TYPES if verbose > 0 && !data.bytes().is_empty() => sheet.put(", invalid len"),
        NOTHING | SUPPORTED_TYPES => {}
        _ if data.bytes().is_empty() => sheet.put(", 03 draft"),
        _ => subject(sheet, data.bytes(), code, verbose)?,
    }
    sheet.put(")");
    Some(())
}

/// Whom a query is about.
fn subject(sheet: &mut Sheet, data: &[u8], code: u8, verbose: u8) -> Option<()> {
    let size = match code {
        0 => 16,
        2 => 4,
        1 => {
            sheet.put(", subject=DNS name");
            name(sheet, data, verbose);
            return Some(());
        }
        _ => {
            sheet.put(", unknown subject");
            return Some(());
        }
    };
    match *data {
        [a, b, c, d] if size == 4 => {
            sheet.put(", subject=");
            sheet.ipv4([a, b, c, d]);
        }
        _ if size == 16 && data.len() == 16 => {
            sheet.put(", subject=");
            sheet.ipv6(*data.first_chunk()?);
        }
        _ if verbose > 0 && data.len() >= size => sheet.put(", invalid subject len"),
        _ => {}
    }
    Some(())
}

fn supported(sheet: &mut Sheet, flags: u16) {
    sheet.put("supported qtypes");
    if flags != 0 {
        sheet.put(if flags & 1 != 0 { " [C]" } else { " []" });
    }
}

/// A reply; none where bytes are missing.
pub(super) fn reply(sheet: &mut Sheet, message: &Icmpv6<'_>, code: u8, verbose: u8) -> Option<()> {
    if message.span().is_cut() {
        return None;
    }
    let (asked, flags) = question(message)?;
    let data = message.span().skip(HEAD);
    let mut joint = "";
    sheet.put(" node information reply (");
    match code {
        0 if verbose > 0 => {
            sheet.put("success");
            joint = ", ";
        }
        0 => {}
        1 => sheet.put("refused"),
        2 => sheet.put("unknown"),
        _ => {}
    }
    if code != 0 {
        let short = (1..=2).contains(&code) && verbose > 0 && !data.is_empty();
        sheet.put(if short { ", invalid length)" } else { ")" });
        return Some(());
    }
    sheet.put(joint);
    match asked {
        NOTHING => {
            sheet.put("noop");
            sheet.put(if verbose > 0 && !data.is_empty() { ", invalid length" } else { "" });
        }
        SUPPORTED_TYPES => supported(sheet, flags),
        NAME => {
            sheet.put("DNS name");
            data.u8_at(4)?;
            name(sheet, data.bytes().get(4..)?, verbose);
            if flags & 1 != 0 {
                sheet.put(" [TTL=");
                sheet.dec(data.u32_at(0)?);
                sheet.put("]");
            }
        }
        ADDRESSES => {
            sheet.put("node addresses");
            addresses(sheet, data);
            address_flags(sheet, flags, &ADDRESS_FLAGS);
        }
        _ => sheet.put("unknown"),
    }
    sheet.put(")");
    Some(())
}

/// Addresses, each behind the seconds that it lives for.
fn addresses(sheet: &mut Sheet, data: Span<'_>) {
    let (entries, _) = data.bytes().as_chunks::<20>();
    for entry in entries {
        let [a, b, c, d, address @ ..] = *entry;
        sheet.put(" ");
        sheet.ipv6(address);
        sheet.put("(");
        sheet.dec(u32::from_be_bytes([a, b, c, d]));
        sheet.put(")");
    }
}

/// A domain name in quotes: as labels, or as an early draft had it, a length and as many characters.
fn name(sheet: &mut Sheet, bytes: &[u8], verbose: u8) {
    if let Some((len, text)) = bytes.split_first()
        && usize::from(*len) == text.len()
    {
        sheet.put(if verbose > 0 { ", 03 draft, \"" } else { ", \"" });
        sheet.caret(text);
        return sheet.put("\"");
    }
    sheet.put(", \"");
    let mut rest = bytes;
    while let Some((len, tail)) = rest.split_first() {
        if *len == 0 {
            // A second zero says that the name is not whole.
            sheet.put(match tail {
                [] => ".",
                [0] => "",
                _ => "???",
            });
            break;
        }
        let Some((label, tail)) = tail.split_at_checked(usize::from(*len)) else {
            sheet.put("???");
            break;
        };
        sheet.caret(label);
        if tail.len() > 1 && !tail.starts_with(&[0]) {
            sheet.put(".");
        }
        rest = tail;
    }
    sheet.put("\"");
}
