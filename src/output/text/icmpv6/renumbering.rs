//! Lines of router renumbering (RFC 2894).

use crate::decode::Span;
use crate::output::Sheet;
use crate::output::text::words::number;

/// Bytes of a message's header, and of the two parts of an operation.
const HEADER: usize = 16;
const MATCH: usize = 24;
const USE: usize = 32;

/// Prints a message; none where bytes are missing.
pub(super) fn print(sheet: &mut Sheet, span: Span<'_>, code: u8, verbose: u8) -> Option<()> {
    // The header is told of only if it is whole.
    let (_, body) = span.split(HEADER).ok()?;
    match code {
        0 => sheet.put(", command"),
        1 => sheet.put(", result"),
        255 => sheet.put(", sequence number reset"),
        code => number(sheet, ", code-#", code),
    }
    number(sheet, ", seq=", span.u32_at(4)?);
    if verbose > 0 {
        header(sheet, span)?;
    }
    if code == 0 { operation(sheet, body, verbose) } else { Some(()) }
}

fn header(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    const FLAGS: [(u8, &str); 5] = [(0x80, "T"), (0x40, "R"), (0x20, "A"), (0x10, "S"), (0x08, "P")];
    sheet.put("[");
    let flags = span.u8_at(9)?;
    FLAGS.iter().filter(|flag| flags & flag.0 != 0).for_each(|flag| sheet.put(flag.1));
    number(sheet, if flags != 0 { ",seg=" } else { "seg=" }, span.u8_at(8)?);
    number(sheet, ",maxdelay=", span.u16_at(10)?);
    let reserved = span.u32_at(12)?;
    if reserved != 0 {
        sheet.put("rsvd=0x");
        sheet.hex(reserved);
    }
    sheet.put("]");
    Some(())
}

/// The prefix that is looked for, and those to be used in its place.
fn operation(sheet: &mut Sheet, body: Span<'_>, verbose: u8) -> Option<()> {
    let joint = if verbose > 1 { "\n\t" } else { " " };
    let (part, mut rest) = body.split_array::<MATCH>().ok()?;
    let [code, length, ordinal, matched, least, most, _, _, prefix @ ..] = *part;
    sheet.put(joint);
    sheet.put("match(");
    match code {
        1 => sheet.put("add"),
        2 => sheet.put("change"),
        3 => sheet.put("setglobal"),
        code => number(sheet, "#", code),
    }
    if verbose > 0 {
        number(sheet, ",ord=", ordinal);
        number(sheet, ",min=", least);
        number(sheet, ",max=", most);
    }
    sheet.put(",");
    sheet.ipv6_number(prefix);
    number(sheet, "/", matched);
    sheet.put(")");
    // In words of 8 bytes, 3 of which are this part.
    let behind = i16::from(length).saturating_sub(3);
    if behind % 4 != 0 {
        return None;
    }
    for _ in 0..behind / 4 {
        let (part, after) = rest.split_array::<USE>().ok()?;
        sheet.put(joint);
        replacement(sheet, part, verbose);
        rest = after;
    }
    Some(())
}

fn replacement(sheet: &mut Sheet, part: &[u8; USE], verbose: u8) {
    let [used, kept, mask, flags, a, b, c, d, e, f, g, h, decrement, _, _, _, prefix @ ..] = *part;
    sheet.put("use(");
    if decrement != 0 {
        sheet.put(if decrement & 0x80 != 0 { "V" } else { "" });
        sheet.put(if decrement & 0x40 != 0 { "P" } else { "" });
        sheet.put(",");
    }
    if verbose > 0 {
        sheet.put("mask=0x");
        sheet.hex(mask);
        sheet.put(",raflags=0x");
        sheet.hex(flags);
        lifetime(sheet, ",vltime=", u32::from_be_bytes([a, b, c, d]));
        lifetime(sheet, ",pltime=", u32::from_be_bytes([e, f, g, h]));
        sheet.put(",");
    }
    sheet.ipv6_number(prefix);
    number(sheet, "/", used);
    number(sheet, "/", kept);
    sheet.put(")");
}

fn lifetime(sheet: &mut Sheet, name: &'static str, seconds: u32) {
    match seconds {
        u32::MAX => {
            sheet.put(name);
            sheet.put("infty");
        }
        seconds => number(sheet, name, seconds),
    }
}
