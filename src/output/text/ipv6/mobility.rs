//! The mobility header (RFC 6275, 6).

use crate::decode::Span;
use crate::output::Sheet;
use crate::output::text::words::number;

/// Bytes of a header before what its type says.
const HEAD: usize = 8;

/// Lifetimes are in units of so many seconds.
const LIFETIME_UNIT: u32 = 4;

/// Names of the types, and the least length of a header of each.
const KINDS: [(&str, usize); 8] =
    [("BRR", 8), ("HoTI", 16), ("CoTI", 16), ("HoT", 24), ("CoT", 24), ("BU", 12), ("BA", 12), ("BE", 24)];

/// Prints a header; none where bytes are missing.
pub(super) fn print(sheet: &mut Sheet, span: Span<'_>, verbose: bool) -> Option<()> {
    let words = span.u8_at(1)?;
    let length = usize::from(words).saturating_add(1).saturating_mul(8);
    let kind = span.u8_at(2)?;
    let Some((name, least)) = KINDS.get(usize::from(kind)) else {
        number(sheet, "mobility: type-#", kind);
        number(sheet, " len=", words);
        return Some(());
    };
    if length < *least {
        number(sheet, "(header length ", length as u64);
        number(sheet, " is too small for type ", kind);
        sheet.put(")");
        return None;
    }
    sheet.put("mobility: ");
    sheet.put(name);
    let whose = if kind % 2 == 1 { " Home" } else { " Care-of" };
    match kind {
        1 | 2 if verbose => cookie(sheet, whose, " Init Cookie=", span.skip(HEAD))?,
        3 | 4 => {
            let nonce = span.u16_at(6)?;
            sheet.put(" nonce id=0x");
            sheet.hex(nonce);
            if verbose {
                cookie(sheet, whose, " Init Cookie=", span.skip(HEAD))?;
                cookie(sheet, whose, " Keygen Token=", span.skip(HEAD).skip(8))?;
            }
        }
        5 => update(sheet, span)?,
        6 => {
            number(sheet, " status=", span.u8_at(6)?);
            sheet.put(if span.u8_at(7)? & 0x80 != 0 { " K" } else { "" });
            number(sheet, " seq#=", span.u16_at(HEAD)?);
            lifetime(sheet, span.u16_at(10)?);
        }
        7 => {
            number(sheet, " status=", span.u8_at(6)?);
            let home = span.array_at(HEAD)?;
            sheet.put(" homeaddr ");
            sheet.ipv6(home);
        }
        _ => {}
    }
    if verbose { options(sheet, span.skip(*least), length.saturating_sub(*least)) } else { Some(()) }
}

fn cookie(sheet: &mut Sheet, whose: &'static str, name: &'static str, span: Span<'_>) -> Option<()> {
    let (high, low) = (span.u32_at(0)?, span.u32_at(4)?);
    sheet.put(whose);
    sheet.put(name);
    sheet.hex_padded(high, 8);
    sheet.put(":");
    sheet.hex_padded(low, 8);
    Some(())
}

fn update(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    const FLAGS: [(u8, &str); 4] = [(0x80, "A"), (0x40, "H"), (0x20, "L"), (0x10, "K")];
    number(sheet, " seq#=", span.u16_at(6)?);
    let [flags, _] = span.array_at(HEAD)?;
    if flags & 0xf0 != 0 {
        sheet.put(" ");
    }
    FLAGS.iter().filter(|flag| flags & flag.0 != 0).for_each(|flag| sheet.put(flag.1));
    lifetime(sheet, span.u16_at(10)?);
    Some(())
}

fn lifetime(sheet: &mut Sheet, units: u16) {
    number(sheet, " lifetime=", u32::from(units).saturating_mul(LIFETIME_UNIT));
}

/// The options, `length` bytes of them.
fn options(sheet: &mut Sheet, span: Span<'_>, length: usize) -> Option<()> {
    let (mut rest, mut left) = (span, length);
    while left > 0 {
        let kind = rest.u8_at(0)?;
        let size = match kind {
            0 => 1,
            _ if left < 2 => return None,
            _ => usize::from(rest.u8_at(1)?).saturating_add(2),
        };
        left = left.checked_sub(size)?;
        // As tcpdump, which wants a byte behind the last option too.
        rest.u8_at(size)?;
        match kind {
            0 => sheet.put("(pad1)"),
            1 => sheet.put("(padn)"),
            2 if size.saturating_add(left) < 4 => return trunc(sheet, "refresh"),
            2 => {
                number(sheet, "(refresh: ", u32::from(rest.u16_at(2)?).saturating_mul(LIFETIME_UNIT));
                sheet.put(")");
            }
            3 if size.saturating_add(left) < 18 => return trunc(sheet, "altcoa"),
            3 => {
                sheet.put("(alt-CoA: ");
                sheet.ipv6(rest.array_at(2)?);
                sheet.put(")");
            }
            4 if size.saturating_add(left) < 6 => return trunc(sheet, "ni"),
            4 => {
                sheet.put("(ni: ho=0x");
                sheet.hex_padded(rest.u16_at(2)?, 4);
                sheet.put(" co=0x");
                sheet.hex_padded(rest.u16_at(4)?, 4);
                sheet.put(")");
            }
            5 if size.saturating_add(left) < 12 => return trunc(sheet, "auth"),
            5 => sheet.put("(auth)"),
            _ => {
                sheet.put("(type-0x");
                sheet.hex_padded(kind, 2);
                number(sheet, ": len=", size.saturating_sub(2) as u64);
                sheet.put(")");
            }
        }
        rest = rest.skip(size);
    }
    Some(())
}

/// An option that the header ends within.
fn trunc(sheet: &mut Sheet, name: &'static str) -> Option<()> {
    sheet.put("(");
    sheet.put(name);
    sheet.put(": trunc)");
    None
}
