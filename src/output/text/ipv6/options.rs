//! The options of hop-by-hop and destination headers (RFC 8200, 4.2).

use crate::decode::ipv6::JUMBO;
use crate::output::Sheet;
use crate::output::text::words::number;

/// Kinds of options.
const PAD_1: u8 = 0;
const PAD_N: u8 = 1;
const ROUTER_ALERT: u8 = 5;
const HOME_ADDRESS: u8 = 0xc9;

/// Prints the options of a header, what is wrong with one also without `verbose`; none where they can't be read to
/// their end. `payload` is the length field of the IPv6 header, for a hop-by-hop header: a jumbogram has it zero.
pub(super) fn print(sheet: &mut Sheet, header: &[u8], verbose: bool, payload: Option<u16>) -> Option<()> {
    let mut rest = header.get(2..)?;
    let mut jumbo = false;
    while let Some((kind, value, behind)) = option(rest)? {
        rest = behind;
        match (kind, value) {
            (ROUTER_ALERT, [_, _]) | (JUMBO, [_, _, _, _]) | (PAD_1 | PAD_N, _) => {}
            (ROUTER_ALERT, _) => return wrong(sheet, "(rtalert: ", value.len() < 2 && behind.is_empty(), value),
            (JUMBO, _) => return wrong(sheet, "(jumbo: ", value.len().saturating_add(behind.len()) < 4, value),
            (HOME_ADDRESS, _) if value.len() < 16 => {
                return wrong(sheet, "(homeaddr: ", value.len().saturating_add(behind.len()) < 16, value);
            }
            _ => {}
        }
        if !verbose {
            continue;
        }
        match (kind, value) {
            (PAD_1, _) => sheet.put("(pad1)"),
            (PAD_N, _) => sheet.put("(padn)"),
            (ROUTER_ALERT, value) => {
                sheet.put("(rtalert: 0x");
                sheet.hex_bytes(value, "");
                sheet.put(") ");
            }
            (JUMBO, [a, b, c, d]) => {
                let length = u32::from_be_bytes([*a, *b, *c, *d]);
                number(sheet, "(jumbo: ", length);
                sheet.put(match payload {
                    _ if jumbo => " - already seen) ",
                    None => " - not a hop-by-hop option) ",
                    Some(1..) => " - payload len != 0) ",
                    Some(0) if length < 65_536 => " - < 65536) ",
                    Some(0) => ") ",
                });
                jumbo = true;
            }
            (HOME_ADDRESS, value) => {
                let (address, more) = value.split_first_chunk()?;
                sheet.put("(homeaddr: ");
                sheet.ipv6(*address);
                within(sheet, more)?;
                sheet.put(")");
            }
            _ => {
                sheet.put("(opt_type 0x");
                sheet.hex_padded(kind, 2);
                sheet.put(": len=");
                sheet.len_of(value.len());
                sheet.put(")");
            }
        }
    }
    if verbose {
        sheet.put(" ");
    }
    Some(())
}

/// An option taken off: its kind, its value and what is behind it.
type Taken<'a> = (u8, &'a [u8], &'a [u8]);

/// Takes the first option off; nothing at the end, none where it goes on behind that.
fn option(bytes: &[u8]) -> Option<Option<Taken<'_>>> {
    match bytes {
        [] => Some(None),
        [PAD_1, behind @ ..] => Some(Some((PAD_1, &[], behind))),
        [kind, length, tail @ ..] => {
            let (value, behind) = tail.split_at_checked(usize::from(*length))?;
            Some(Some((*kind, value, behind)))
        }
        [_] => None,
    }
}

/// Tells of an option that is shorter than its kind must be, or of another length; the rest is not read.
fn wrong(sheet: &mut Sheet, name: &'static str, cut: bool, value: &[u8]) -> Option<()> {
    sheet.put(name);
    if cut {
        sheet.put("trunc)");
    } else {
        sheet.put("invalid len ");
        sheet.len_of(value.len());
        sheet.put(")");
    }
    None
}

/// Options within an option.
fn within(sheet: &mut Sheet, bytes: &[u8]) -> Option<()> {
    let mut rest = bytes;
    while let Some((kind, value, behind)) = option(rest)? {
        match kind {
            PAD_1 => sheet.put(", pad1"),
            PAD_N => sheet.put(", padn"),
            kind => {
                sheet.put(", sopt_type 0x");
                sheet.hex_padded(kind, 2);
                sheet.put(": len=");
                sheet.len_of(value.len());
            }
        }
        rest = behind;
    }
    Some(())
}
