//! Lines of the first version of Protocol Independent Multicast, which IGMP carries (draft-ietf-idmr-pim-sm-spec-00).

use super::Sheet;
use super::words::{Words, duration, number, word_or_number};
use crate::decode::Span;

const KINDS: Words = &[
    (0, "Query"),
    (1, "Register"),
    (2, "Register-Stop"),
    (3, "Join/Prune"),
    (4, "RP-reachable"),
    (5, "Assert"),
    (6, "Graft"),
    (7, "Graft-ACK"),
];

/// Where the body of a message begins, in bytes.
const BODY: usize = 8;

/// The usual hold time, which is not worth a word, in seconds.
const USUAL_HOLD: u16 = 180;

/// Prints a message, the IGMP header in front of it; none where bytes are missing.
pub(super) fn print(sheet: &mut Sheet, span: Span<'_>, verbose: u8) -> Option<()> {
    let kind = span.u8_at(1)?;
    sheet.put(" ");
    word_or_number(sheet, KINDS, kind, "[type ");
    match kind {
        0 => query(sheet, span, verbose)?,
        1 => {
            span.skip(BODY).split(20).ok()?;
            pair(sheet, span, 20, 24)?;
        }
        2 => pair(sheet, span, 8, 12)?,
        4 if verbose > 0 => {
            let group = span.array_at(8)?;
            sheet.put(" group ");
            sheet.ipv4(group);
            mask(sheet, span, 12)?;
            let point = span.array_at(16)?;
            sheet.put(" RP ");
            sheet.ipv4(point);
            sheet.put(" hold ");
            duration(sheet, span.u16_at(22)?.into());
        }
        5 => {
            pair(sheet, span, 16, 8)?;
            mask(sheet, span, 12)?;
            let (preference, metric) = (span.u32_at(20)?, span.u32_at(24)?);
            sheet.put(if preference >> 31 == 1 { " RP-tree pref " } else { " SPT pref " });
            sheet.dec(preference & 0x7fff_ffff);
            number(sheet, " metric ", metric);
        }
        3 | 6 | 7 if verbose > 0 => {
            if span.wire() < BODY {
                return None;
            }
            join_prune(sheet, span.skip(BODY), verbose)?;
        }
        8.. => sheet.put("]"),
        _ => {}
    }
    let version = span.u8_at(4)? >> 4;
    if version != 1 {
        number(sheet, " [v", version);
        sheet.put("]");
    }
    Some(())
}

fn query(sheet: &mut Sheet, span: Span<'_>, verbose: u8) -> Option<()> {
    match span.u8_at(BODY).map(|mode| mode >> 4) {
        None => {}
        Some(0) => sheet.put(" Dense-mode"),
        Some(1) => sheet.put(" Sparse-mode"),
        Some(2) => sheet.put(" Sparse-Dense-mode"),
        Some(mode) => number(sheet, " mode-", mode),
    }
    if verbose > 0 {
        sheet.put(" (Hold-time ");
        duration(sheet, span.u16_at(10)?.into());
        sheet.put(")");
    }
    Some(())
}

/// The two addresses that it is about.
fn pair(sheet: &mut Sheet, span: Span<'_>, from: usize, to: usize) -> Option<()> {
    let (from, to) = (span.array_at(from)?, span.array_at(to)?);
    sheet.put(" for ");
    sheet.ipv4(from);
    sheet.put(" > ");
    sheet.ipv4(to);
    Some(())
}

/// A mask, unless it is that of one address.
fn mask(sheet: &mut Sheet, span: Span<'_>, at: usize) -> Option<()> {
    match span.array_at(at)? {
        [0xff, 0xff, 0xff, 0xff] => {}
        mask => {
            sheet.put("/");
            sheet.ipv4(mask);
        }
    }
    Some(())
}

/// The groups and sources that are joined and left. A lone source has a line of its own.
fn join_prune(sheet: &mut Sheet, body: Span<'_>, verbose: u8) -> Option<()> {
    if let (Some(1), Some(joins), Some(prunes), Some(_)) =
        (body.u8_at(11), body.u16_at(20), body.u16_at(22), body.u8_at(29))
        && joins.checked_add(prunes) == Some(1)
    {
        return lone(sheet, body, joins);
    }
    let line = if verbose > 1 { "\n" } else { "" };
    let (&neighbour, rest) = take(body)?;
    sheet.put(line);
    sheet.put(" Upstream Nbr: ");
    sheet.ipv4(neighbour);
    let (&[_, _, high, low], rest) = take(rest)?;
    sheet.put(line);
    sheet.put(" Hold time: ");
    duration(sheet, u16::from_be_bytes([high, low]).into());
    if verbose < 2 {
        return Some(());
    }
    let (&[_, _, _, groups], mut rest) = take(rest)?;
    for _ in 0..groups {
        let (&address, tail) = take(rest)?;
        sheet.put("\n\tGroup: ");
        sheet.ipv4(address);
        let (_, after) = take(tail)?;
        mask(sheet, tail, 0)?;
        let (&[a, b, c, d], after) = take(after)?;
        let (joins, prunes) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        number(sheet, " joined: ", joins);
        number(sheet, " pruned: ", prunes);
        rest = after;
        for at in 0..u32::from(joins).saturating_add(prunes.into()) {
            let (&[kind, flags, address @ ..], after) = rest.split_array::<6>().ok()?;
            sheet.put(if at < joins.into() { "\n\tJoin  " } else { "\n\tPrune " });
            sheet.put(if kind & 1 != 0 { "Sparse " } else { "Dense " });
            sheet.put(if flags & 0x80 != 0 { "WC " } else { "" });
            sheet.put(if flags & 0x40 != 0 { "RP " } else { "SPT " });
            sheet.ipv4(address);
            number(sheet, "/", flags & 0x3f);
            rest = after;
        }
    }
    Some(())
}

fn take(span: Span<'_>) -> Option<(&[u8; 4], Span<'_>)> {
    span.split_array().ok()
}

/// One group with one source.
fn lone(sheet: &mut Sheet, body: Span<'_>, joins: u16) -> Option<()> {
    sheet.put(" RPF ");
    sheet.ipv4(body.array_at(0)?);
    sheet.put(" ");
    let hold = body.u16_at(6)?;
    if hold != USUAL_HOLD {
        sheet.put("Hold ");
        duration(sheet, hold.into());
    }
    sheet.put(if joins == 1 { "Join (" } else { "Prune (" });
    sheet.ipv4(body.array_at(26)?);
    let (kind, flags) = (body.u8_at(24)?, body.u8_at(25)?);
    number(sheet, "/", flags & 0x3f);
    sheet.put(", ");
    sheet.ipv4(body.array_at(12)?);
    mask(sheet, body, 16)?;
    sheet.put(if kind & 1 != 0 { ") Sparse" } else { ") Dense" });
    sheet.put(if flags & 0x80 != 0 { " WC" } else { "" });
    sheet.put(if flags & 0x40 != 0 { " RP" } else { " SPT" });
    Some(())
}
