//! Lines of the Distance Vector Multicast Routing Protocol, which IGMP carries (RFC 1075, draft-ietf-idmr-dvmrp-v3).

use super::Sheet;
use super::words::{Words, duration, number, word_or_number};
use crate::decode::Span;

const KINDS: Words = &[
    (1, "Probe"),
    (2, "Report"),
    (3, "Ask-neighbors(old)"),
    (4, "Neighbors(old)"),
    (5, "Ask-neighbors2"),
    (6, "Neighbors2"),
    (7, "Prune"),
    (8, "Graft"),
    (9, "Graft-ACK"),
];

/// Where the body of a message begins, in bytes.
const BODY: usize = 8;

/// Prints a message, the IGMP header in front of it; none where bytes are missing.
pub(super) fn print(sheet: &mut Sheet, span: Span<'_>, verbose: u8) -> Option<()> {
    let kind = span.u8_at(1)?;
    let body = span.skip(BODY);
    sheet.put(" ");
    word_or_number(sheet, KINDS, kind, "[type ");
    match kind {
        1 if verbose > 0 => probe(sheet, body, verbose)?,
        2 if verbose > 1 => report(sheet, body)?,
        4 => neighbours(sheet, body)?,
        6 => {
            let [minor, major] = span.array_at(6)?;
            number(sheet, " (v ", major);
            number(sheet, ".", minor);
            sheet.put("):");
            extended_neighbours(sheet, body)?;
        }
        7 => {
            source_and_group(sheet, body)?;
            sheet.put(" timer ");
            duration(sheet, body.u32_at(8)?);
        }
        8 | 9 => source_and_group(sheet, body)?,
        0 | 10.. => sheet.put("]"),
        _ => {}
    }
    Some(())
}

/// Tells that fewer bytes are left than are needed.
fn invalid(sheet: &mut Sheet, what: &'static str, left: usize, needed: u8) {
    number(sheet, what, left as u64);
    number(sheet, " < ", needed);
    sheet.put("] (invalid)");
}

fn probe(sheet: &mut Sheet, body: Span<'_>, verbose: u8) -> Option<()> {
    if body.wire() < 4 {
        invalid(sheet, " [full length ", body.wire(), 4);
        return Some(());
    }
    sheet.put(if verbose > 1 { "\n\t" } else { " " });
    number(sheet, "genid ", body.u32_at(0)?);
    let mut rest = body.skip(4);
    while verbose > 1 && !rest.is_empty() {
        if rest.wire() < 4 {
            invalid(sheet, "[remaining length ", rest.wire(), 4);
            return Some(());
        }
        let address = rest.array_at(0)?;
        sheet.put("\n\tneighbor ");
        sheet.ipv4(address);
        rest = rest.skip(4);
    }
    Some(())
}

/// Routes, those of one mask behind it. Masks and addresses are cut where they are 0.
fn report(sheet: &mut Sheet, body: Span<'_>) -> Option<()> {
    let mut rest = body;
    while !rest.is_empty() {
        if rest.wire() < 3 {
            invalid(sheet, " [length ", rest.wire(), 3);
            return Some(());
        }
        let (&[b, c, d], routes) = rest.split_array().ok()?;
        sheet.put("\n\tMask ");
        sheet.ipv4_number([0xff, b, c, d]);
        let width = [b, c, d].iter().rposition(|byte| *byte != 0).map_or(1, |last| last.saturating_add(2));
        rest = routes;
        loop {
            let size = width.saturating_add(1);
            if rest.wire() < size {
                sheet.put("\n\t  [Truncated Report] (invalid)");
                return Some(());
            }
            let (route, behind) = rest.split(size).ok()?;
            let (metric, network) = route.split_last()?;
            let mut address = [0; 4];
            address.iter_mut().zip(network).for_each(|(to, from)| *to = *from);
            sheet.put("\n\t  ");
            sheet.ipv4_number(address);
            number(sheet, " metric ", metric & 0x7f);
            rest = behind;
            if metric & 0x80 != 0 {
                break;
            }
        }
    }
    Some(())
}

fn neighbours(sheet: &mut Sheet, body: Span<'_>) -> Option<()> {
    let mut rest = body;
    while !rest.is_empty() {
        if rest.wire() < 7 {
            invalid(sheet, " [length ", rest.wire(), 7);
            return Some(());
        }
        let (&[a, b, c, d, metric, threshold, count], behind) = rest.split_array().ok()?;
        rest = behind;
        for _ in 0..count {
            if is_short(sheet, rest) {
                return Some(());
            }
            rest = pair(sheet, [a, b, c, d], " ->", rest)?;
            number(sheet, ", (", metric);
            number(sheet, "/", threshold);
            sheet.put(")]");
        }
    }
    Some(())
}

fn extended_neighbours(sheet: &mut Sheet, body: Span<'_>) -> Option<()> {
    const FLAGS: [(u8, &str); 5] =
        [(0x01, "/tunnel"), (0x02, "/srcrt"), (0x40, "/querier"), (0x20, "/disabled"), (0x10, "/down")];
    let mut rest = body;
    while !rest.is_empty() {
        if rest.wire() < 8 {
            invalid(sheet, " [length ", rest.wire(), 8);
            return Some(());
        }
        let (&[a, b, c, d, metric, threshold, flags, count], behind) = rest.split_array().ok()?;
        rest = behind;
        for _ in 0..count {
            if is_short(sheet, rest) {
                return Some(());
            }
            rest = pair(sheet, [a, b, c, d], " -> ", rest)?;
            number(sheet, " (", metric);
            number(sheet, "/", threshold);
            FLAGS.iter().filter(|flag| flags & flag.0 != 0).for_each(|flag| sheet.put(flag.1));
            sheet.put(")]");
        }
    }
    Some(())
}

/// Tells where fewer neighbours are there than are announced.
fn is_short(sheet: &mut Sheet, rest: Span<'_>) -> bool {
    match rest.wire() {
        0 => sheet.put(" [invalid ncount] (invalid)"),
        left @ 1..4 => invalid(sheet, " [length ", left, 4),
        _ => return false,
    }
    true
}

/// An interface and the neighbour on it, with which `rest` begins; what is known of them follows. None where it is cut.
fn pair<'a>(sheet: &mut Sheet, here: [u8; 4], arrow: &'static str, rest: Span<'a>) -> Option<Span<'a>> {
    sheet.put(" [");
    sheet.ipv4(here);
    sheet.put(arrow);
    let (there, behind) = rest.split_array().ok()?;
    if arrow == " ->" {
        sheet.put(" ");
    }
    sheet.ipv4(*there);
    Some(behind)
}

fn source_and_group(sheet: &mut Sheet, body: Span<'_>) -> Option<()> {
    let (source, group) = (body.array_at(0)?, body.array_at(4)?);
    sheet.put(" src ");
    sheet.ipv4(source);
    sheet.put(" grp ");
    sheet.ipv4(group);
    Some(())
}
