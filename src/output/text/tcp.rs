//! Lines of TCP.

use super::ip::right_checksum;
use super::sequences::Start;
use super::tcp_md5::{self, Expected};
use super::udp::{endpoints, ports, residue};
use super::{Ip, Page, Sheet, Style, mptcp, payload};
use crate::decode::tcp::{self, Tcp};
use crate::decode::{Short, Span};
use crate::names::system::Transport;

/// Prints a segment.
pub(super) fn print(page: &mut Page<'_>, segment: &Tcp<'_>, ip: Option<Ip<'_>>) {
    ports(page, Some((segment.source_port(), segment.destination_port())), ip, 6);
    let length = segment.payload().wire();
    if page.options.quiet {
        page.sheet.put("tcp ");
        return page.sheet.len_of(length);
    }
    flags(page.sheet, segment.flags());
    let relative = relative(page, segment, ip);
    if page.options.verbose > 0 {
        checksum(page, segment, ip);
    }
    let signature = tcp_md5::expected(page, segment, ip);
    let sheet = &mut *page.sheet;
    let bits = segment.flags();
    if page.options.verbose > 1 || length > 0 || bits & (tcp::SYN | tcp::FIN | tcp::RST) != 0 {
        sheet.put(", seq ");
        sheet.dec(relative.sequence);
        if length > 0 {
            sheet.put(":");
            sheet.dec(relative.sequence.wrapping_add(u32::try_from(length).unwrap_or(0)));
        }
    }
    if bits & tcp::ACK != 0 {
        sheet.put(", ack ");
        sheet.dec(relative.acknowledgment);
    }
    sheet.put(", win ");
    sheet.dec(segment.window());
    if bits & tcp::URG != 0 {
        sheet.put(", urg ");
        sheet.dec(segment.urgent_pointer());
    }
    if segment.options().wire() > 0 {
        sheet.put(", options [");
        let context = Context { sack_base: relative.sack_base, flags: bits, signature };
        match options(sheet, segment.options(), &context) {
            Ok(()) => sheet.put("]"),
            Err(_) => return,
        }
    }
    sheet.put(", length ");
    sheet.len_of(length);
    if length == 0 {
        return;
    }
    if bits & tcp::RST != 0 && page.options.verbose > 0 {
        return reset_cause(page.sheet, segment.payload());
    }
    payload::segment(page, segment.source_port(), segment.destination_port(), segment.payload());
}

fn flags(sheet: &mut Sheet, bits: u16) {
    const LETTERS: [(u16, &str); 8] = [
        (tcp::FIN, "F"),
        (tcp::SYN, "S"),
        (tcp::RST, "R"),
        (tcp::PSH, "P"),
        (tcp::ACK, "."),
        (tcp::URG, "U"),
        (tcp::ECE, "E"),
        (tcp::CWR, "W"),
    ];
    sheet.put("Flags [");
    let style = match bits & (tcp::FIN | tcp::SYN | tcp::RST) {
        tcp::SYN => Style::Good,
        tcp::FIN => Style::Notice,
        0 => Style::Plain,
        _ => Style::Bad,
    };
    if style != Style::Plain {
        sheet.style(style);
    }
    match bits & 0xff {
        0 => sheet.put("none"),
        tcp::ACK => sheet.put("."),
        _ => LETTERS.iter().filter(|l| bits & l.0 != 0).for_each(|l| sheet.put(l.1)),
    }
    if style != Style::Plain {
        sheet.style(Style::Plain);
    }
    sheet.put("]");
}

/// A segment's numbers as they are shown.
struct Relative {
    sequence: u32,
    acknowledgment: u32,
    /// What the edges of SACK blocks are counted from.
    sack_base: u32,
}

/// Counts from the start of the connection, where that is known; the first segment with an acknowledgment
/// makes it known, and shows its own numbers as they are (a SYN always does).
fn relative(page: &mut Page<'_>, segment: &Tcp<'_>, ip: Option<Ip<'_>>) -> Relative {
    let (sequence, acknowledgment) = (segment.sequence(), segment.acknowledgment());
    let absolute = Relative { sequence, acknowledgment, sack_base: 0 };
    if page.options.absolute_sequence || segment.flags() & tcp::ACK == 0 {
        return absolute;
    }
    let (from, to) = (segment.source_port(), segment.destination_port());
    let table = &mut *page.sequences;
    let ends = match ip {
        Some(Ip::V4(ip)) => table.endpoints((ip.source().into(), from), (ip.destination().into(), to)),
        Some(Ip::V6(ip)) => table.endpoints((ip.source().into(), from), (ip.destination().into(), to)),
        None => return absolute,
    };
    let known = if segment.flags() & tcp::SYN == 0 { table.get(ends) } else { None };
    let before = acknowledgment.wrapping_sub(1);
    match known {
        Some(Start { lower, higher }) => {
            let (mine, theirs) = if ends.reversed { (higher, lower) } else { (lower, higher) };
            Relative {
                sequence: sequence.wrapping_sub(mine),
                acknowledgment: acknowledgment.wrapping_sub(theirs),
                sack_base: theirs,
            }
        }
        None => {
            let start = match ends.reversed {
                true => Start { lower: before, higher: sequence },
                false => Start { lower: sequence, higher: before },
            };
            table.set(ends, start);
            Relative { sack_base: before, ..absolute }
        }
    }
}

fn checksum(page: &mut Page<'_>, segment: &Tcp<'_>, ip: Option<Ip<'_>>) {
    let Some(ip) = ip.filter(|_| !page.options.no_checksums && !page.fragment) else { return };
    let Some(residue) = residue(page, segment.span(), ip, 6) else { return };
    page.sheet.put(", cksum 0x");
    page.sheet.hex_padded(segment.checksum(), 4);
    if residue == 0 {
        return page.sheet.put(" (correct)");
    }
    page.sheet.put(if page.checksum_not_ready { " (offloaded -> 0x" } else { " (incorrect -> 0x" });
    page.sheet.hex_padded(right_checksum(segment.checksum(), residue), 4);
    page.sheet.put(")");
}

/// What options are read by.
struct Context {
    /// What the edges of SACK blocks are counted from.
    sack_base: u32,
    flags: u16,
    signature: Expected,
}

/// The options, one after the other. An error where they can't be read on; then all is said that can be.
fn options(sheet: &mut Sheet, options: Span<'_>, context: &Context) -> Result<(), Short> {
    // What nearly every segment has (RFC 7323, appendix A), without a look at each.
    if let ([1, 1, 8, 10, stamps @ ..], 12) = (options.bytes(), options.wire())
        && let Ok(stamps) = <[u8; 8]>::try_from(stamps)
    {
        sheet.put("nop,nop,TS");
        timestamps(sheet, stamps);
        return Ok(());
    }
    let mut rest = options;
    let mut first = true;
    while !rest.is_empty() {
        if !first {
            sheet.put(",");
        }
        let before = sheet.len();
        match option(sheet, rest, context) {
            Ok(Some(after)) => rest = after,
            Ok(None) => return Ok(()),
            Err(short) => {
                let cut = short.cause == crate::decode::Cause::Capture;
                let named = sheet.len() > before;
                sheet.put(match (cut, first) {
                    (true, false) if named => " [|tcp]>",
                    (true, _) => " [|tcp]",
                    (false, true) => "[bad opt]",
                    (false, false) => "[bad opt]]",
                });
                return Err(short);
            }
        }
        first = false;
    }
    Ok(())
}

fn timestamps(sheet: &mut Sheet, [a, b, c, d, e, f, g, h]: [u8; 8]) {
    sheet.put(" val ");
    sheet.dec(u32::from_be_bytes([a, b, c, d]));
    sheet.put(" ecr ");
    sheet.dec(u32::from_be_bytes([e, f, g, h]));
}

/// One option; what is behind it, or nothing behind the end of the list.
fn option<'a>(sheet: &mut Sheet, span: Span<'a>, context: &Context) -> Result<Option<Span<'a>>, Short> {
    let (&[kind], tail) = span.split_array::<1>()?;
    match kind {
        0 => {
            sheet.put("eol");
            return Ok(None);
        }
        1 => {
            sheet.put("nop");
            return Ok(Some(tail));
        }
        _ => {}
    }
    let (&[length], tail) = tail.split_array::<1>()?;
    let length = usize::from(length);
    if length < 2 || length > span.wire() {
        return Err(span.malformed(length));
    }
    let body = tail.limit(length.saturating_sub(2));
    // Options of one right size are read as if they had it; a wrong one is told behind them.
    let mut right = length;
    let mut number = |sheet: &mut Sheet, name: &'static str, size: usize| -> Result<(), Short> {
        sheet.put(name);
        right = size.saturating_add(2);
        let (bytes, _) = tail.split(size)?;
        sheet.put(" ");
        sheet.dec(bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)));
        Ok(())
    };
    match kind {
        2 => number(sheet, "mss", 2)?,
        3 => number(sheet, "wscale", 1)?,
        4 => sheet.put("sackOK"),
        5 => sack(sheet, body, context.sack_base)?,
        6 => number(sheet, "echo", 4)?,
        7 => number(sheet, "echoreply", 4)?,
        8 => {
            sheet.put("TS");
            right = 10;
            let (bytes, _) = tail.split_array::<8>()?;
            timestamps(sheet, *bytes);
        }
        11 => number(sheet, "cc", 4)?,
        12 => number(sheet, "ccnew", 4)?,
        13 => number(sheet, "", 4)?,
        19 => {
            let (digest, _) = body.split(16)?;
            sheet.put("md5 ");
            context.signature.judge(sheet, digest);
        }
        20 => {
            sheet.put("scps");
            let (&[capabilities, id], _) = body.split_array()?;
            sheet.put(" cap ");
            sheet.hex_padded(capabilities, 2);
            sheet.put(" id ");
            sheet.dec(id);
        }
        28 => user_timeout(sheet, body)?,
        29 => authentication(sheet, body)?,
        30 => {
            sheet.put("mptcp");
            body.split(body.wire())?;
            mptcp::print(sheet, body, context.flags).ok_or(span.malformed(length))?;
        }
        34 => {
            sheet.put("tfo ");
            fast_open(sheet, body)?;
        }
        254 if body.u16_at(0) == Some(0xf989) => {
            sheet.put("exp-tfo");
            fast_open(sheet, body.skip(2))?;
        }
        254 => {
            sheet.put("exp-");
            let (magic, value) = body.split(2)?;
            sheet.put("0x");
            sheet.hex_bytes(magic, "");
            sheet.hex_bytes(value.bytes(), "");
        }
        _ => {
            sheet.put("unknown-");
            sheet.dec(kind);
            let (bytes, _) = body.split(body.wire())?;
            if !bytes.is_empty() {
                sheet.put(" 0x");
                sheet.hex_bytes(bytes, "");
            }
        }
    }
    if right != length {
        sheet.put("[len ");
        sheet.len_of(length);
        sheet.put("]");
    }
    let (_, rest) = span.split(right.min(span.wire()))?;
    Ok(Some(rest))
}

/// Blocks of what was received out of order (RFC 2018).
fn sack(sheet: &mut Sheet, body: Span<'_>, base: u32) -> Result<(), Short> {
    sheet.put("sack");
    if !body.wire().is_multiple_of(8) {
        sheet.put(" invalid sack");
        return Ok(());
    }
    sheet.put(" ");
    sheet.len_of(body.wire() / 8);
    sheet.put(" ");
    let mut rest = body;
    while !rest.is_empty() {
        let (&[a, b, c, d, e, f, g, h], tail) = rest.split_array()?;
        sheet.put("{");
        sheet.dec(u32::from_be_bytes([a, b, c, d]).wrapping_sub(base));
        sheet.put(":");
        sheet.dec(u32::from_be_bytes([e, f, g, h]).wrapping_sub(base));
        sheet.put("}");
        rest = tail;
    }
    Ok(())
}

/// The user time-out (RFC 5482): as it stands, and in seconds.
fn user_timeout(sheet: &mut Sheet, body: Span<'_>) -> Result<(), Short> {
    sheet.put("uto");
    let (bytes, _) = body.split_array::<2>()?;
    let word = u16::from_be_bytes(*bytes);
    sheet.put(" 0x");
    sheet.hex(word);
    sheet.put(" ");
    let unit = if word & 0x8000 != 0 { 60 } else { 1u32 };
    sheet.dec(u32::from(word & 0x7fff).saturating_mul(unit));
    Ok(())
}

/// TCP-AO (RFC 5925).
fn authentication(sheet: &mut Sheet, body: Span<'_>) -> Result<(), Short> {
    sheet.put("tcp-ao");
    let (&[key, next_key], mac) = body.split_array()?;
    sheet.put(" keyid ");
    sheet.dec(key);
    sheet.put(" rnextkeyid ");
    sheet.dec(next_key);
    let (mac, _) = mac.split(mac.wire())?;
    if !mac.is_empty() {
        sheet.put(" mac 0x");
        sheet.hex_bytes(mac, "");
    }
    Ok(())
}

/// A fast open cookie, or the request for one (RFC 7413).
fn fast_open(sheet: &mut Sheet, body: Span<'_>) -> Result<(), Short> {
    let (cookie, _) = body.split(body.wire())?;
    match cookie.len() {
        0 => sheet.put(" cookiereq"),
        length if length % 2 != 0 || !(4..=16).contains(&length) => sheet.put(" (invalid)"),
        _ => {
            sheet.put(" cookie ");
            sheet.hex_bytes(cookie, "");
        }
    }
    Ok(())
}

/// What a reset carries: often the reason in words (RFC 9293, 3.5.2).
fn reset_cause(sheet: &mut Sheet, payload: Span<'_>) {
    const SHOWN: usize = 30;
    sheet.put(if payload.wire() > SHOWN { " [RST+ " } else { " [RST " });
    let part = payload.limit(SHOWN);
    sheet.caret(part.bytes());
    sheet.put(if part.is_cut() { " [|tcp]]" } else { "]" });
}

/// A header that is not all there, or lies about its length.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>, ip: Option<Ip<'_>>) {
    let both = span.u16_at(0).zip(span.u16_at(2));
    if both.is_none() {
        endpoints(page.sheet, Transport::Tcp, None, ip);
        return page.sheet.put("[|tcp]");
    }
    ports(page, both, ip, 6);
    let Some(offset) = span.u8_at(12) else { return page.truncated("tcp") };
    let header_len = usize::from(offset >> 4).wrapping_mul(4);
    if header_len < 20 {
        page.sheet.put(" tcp ");
        page.sheet.len_of(span.wire().saturating_sub(header_len));
        page.sheet.put(" [bad hdr length ");
        page.sheet.len_of(header_len);
        return page.sheet.put(" - too short, < 20]");
    }
    let Some(bits) = span.u16_at(12).filter(|_| span.bytes().len() >= 20) else { return page.truncated("tcp") };
    if page.options.quiet {
        page.sheet.put("tcp");
    } else {
        flags(page.sheet, bits & 0x0fff);
    }
    page.sheet.put(" [bad hdr length ");
    page.sheet.len_of(header_len);
    page.sheet.put(" - too long, > ");
    page.sheet.len_of(span.wire());
    page.sheet.put("]");
}
