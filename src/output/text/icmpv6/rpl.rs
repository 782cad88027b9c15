//! Lines of the routing protocol for low-power networks (RFC 6550): what a message is, and its graph.

use crate::decode::Span;
use crate::decode::icmpv6::Icmpv6;
use crate::output::Sheet;

/// Where the base of a message begins, in bytes.
const BASE: usize = 4;

/// Prints one message; none where bytes are missing.
pub(super) fn print(sheet: &mut Sheet, message: &Icmpv6<'_>, code: u8, verbose: u8) -> Option<()> {
    if code & 0x80 != 0 {
        sheet.put(", (SEC) [worktodo]");
        return Some(());
    }
    sheet.put(", (CLR)");
    let base = message.span().skip(BASE);
    match code {
        0 => sheet.put("DODAG Information Solicitation"),
        1 => {
            sheet.put("DODAG Information Object");
            if verbose > 0 {
                object(sheet, base)?;
            }
        }
        2 => {
            sheet.put("Destination Advertisement Object");
            if verbose > 0 {
                destination(sheet, base)?;
            }
        }
        3 => {
            sheet.put("Destination Advertisement Object Ack");
            if verbose > 0 {
                acknowledgment(sheet, base)?;
            }
        }
        code => {
            sheet.put("RPL message, unknown code ");
            sheet.dec(code);
        }
    }
    Some(())
}

/// What a graph is like (6.3.1).
fn object(sheet: &mut Sheet, base: Span<'_>) -> Option<()> {
    if base.wire() < 24 {
        sheet.put(" [length ");
        sheet.len_of(base.wire());
        sheet.put(" < 24] (invalid)");
        return Some(());
    }
    let graph = base.array_at(8)?;
    let mode = base.u8_at(4)?;
    sheet.put(" [dagid:");
    sheet.ipv6(graph);
    sheet.put(",seq:");
    sheet.dec(base.u8_at(5)?);
    sheet.put(",instance:");
    sheet.dec(base.u8_at(0)?);
    sheet.put(",rank:");
    sheet.dec(base.u16_at(2)?);
    sheet.put(if mode & 0x80 != 0 { ",grounded,mop:" } else { ",mop:" });
    match mode >> 3 & 7 {
        0 => sheet.put("nonstoring"),
        1 => sheet.put("storing"),
        2 => sheet.put("nonstoring-multicast"),
        3 => sheet.put("storing-multicast"),
        other => {
            sheet.put("mop");
            sheet.dec(other);
        }
    }
    sheet.put(",prf:");
    sheet.dec(mode & 7);
    sheet.put("]");
    Some(())
}

/// The graph of a destination advertisement or its acknowledgment, where flag `present` says that it is there.
fn graph(sheet: &mut Sheet, base: Span<'_>, present: u8) -> Option<()> {
    let flags = base.u8_at(1)?;
    let graph = if flags & present != 0 { Some(base.array_at(4)?) } else { None };
    sheet.put(" [dagid:");
    match graph {
        Some(graph) => sheet.ipv6(graph),
        None => sheet.put("<elided>"),
    }
    Some(())
}

/// Which destinations are reached (6.4.1).
fn destination(sheet: &mut Sheet, base: Span<'_>) -> Option<()> {
    let flags = base.u8_at(1)?;
    base.u8_at(19)?;
    graph(sheet, base, 0x40)?;
    sheet.put(",seq:");
    sheet.dec(base.u8_at(3)?);
    sheet.put(",instance:");
    sheet.dec(base.u8_at(0)?);
    sheet.put(if flags & 0x80 != 0 { ",acK" } else { "" });
    sheet.put(if flags & 0x40 != 0 { ",Dagid" } else { "" });
    sheet.put(",");
    sheet.hex_padded(flags, 2);
    sheet.put("]");
    Some(())
}

/// That it was heard (6.5.1).
fn acknowledgment(sheet: &mut Sheet, base: Span<'_>) -> Option<()> {
    base.u32_at(0)?;
    graph(sheet, base, 0x80)?;
    sheet.put(",seq:");
    sheet.dec(base.u8_at(2)?);
    sheet.put(",instance:");
    sheet.dec(base.u8_at(0)?);
    sheet.put(",status:");
    sheet.dec(base.u8_at(3)?);
    sheet.put("]");
    Some(())
}
