//! Lines of TCP.

use super::ip::right_checksum;
use super::sequences::Start;
use super::tcp_md5::{self, Expected};
use super::udp::{endpoints, ports, residue};
use super::words::number;
use super::{Ip, Page, Sheet, Style, mptcp, payload};
use crate::decode::tcp::{self, Tcp};
use crate::decode::{Cause, Short, Span};
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
    let relative = relative(page, Numbers::of(segment), ip);
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
        let context = Context { segment, sack_base: relative.sack_base, signature };
        match options(sheet, &context) {
            Ok(()) => sheet.put("]"),
            Err(_) => return,
        }
    }
    sheet.put(", length ");
    sheet.len_of(length);
    if length == 0 {
        return;
    }
    let captured = segment.span().bytes().len();
    if captured < segment.header_len() {
        number(sheet, " [remaining caplen(", captured as u64);
        number(sheet, ") < header length(", segment.header_len() as u64);
        sheet.put(")]");
        return page.truncated("tcp");
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

/// What of a header the numbers of a connection are known by.
struct Numbers {
    /// From and to.
    ports: (u16, u16),
    flags: u16,
    sequence: u32,
    acknowledgment: u32,
}

impl Numbers {
    fn of(segment: &Tcp<'_>) -> Self {
        Numbers {
            ports: (segment.source_port(), segment.destination_port()),
            flags: segment.flags(),
            sequence: segment.sequence(),
            acknowledgment: segment.acknowledgment(),
        }
    }
}

/// Counts from the start of the connection, where that is known; the first segment with an acknowledgment
/// makes it known, and shows its own numbers as they are (a SYN always does).
fn relative(page: &mut Page<'_>, numbers: Numbers, ip: Option<Ip<'_>>) -> Relative {
    let Numbers { ports: (from, to), flags, sequence, acknowledgment } = numbers;
    let absolute = Relative { sequence, acknowledgment, sack_base: 0 };
    if page.options.absolute_sequence || flags & tcp::ACK == 0 {
        return absolute;
    }
    let table = &mut *page.sequences;
    let ends = match ip {
        Some(Ip::V4(ip)) => table.endpoints((ip.source().into(), from), (ip.destination().into(), to)),
        Some(Ip::V6(ip)) => table.endpoints((ip.source().into(), from), (ip.destination().into(), to)),
        None => return absolute,
    };
    let known = if flags & tcp::SYN == 0 { table.get(ends) } else { None };
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
struct Context<'a> {
    segment: &'a Tcp<'a>,
    /// What the edges of SACK blocks are counted from.
    sack_base: u32,
    signature: Expected,
}

/// The options, one after the other. An error where they can't be read on; then all is said that can be.
fn options(sheet: &mut Sheet, context: &Context<'_>) -> Result<(), Short> {
    let segment = context.segment;
    let mut rest = segment.options();
    // What nearly every segment has (RFC 7323, appendix A), without a look at each.
    if let ([1, 1, 8, 10, stamps @ ..], 12) = (rest.bytes(), rest.wire())
        && let Ok(stamps) = <[u8; 8]>::try_from(stamps)
    {
        sheet.put("nop,nop,TS");
        timestamps(sheet, stamps);
        return Ok(());
    }
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
                // A length is looked for behind the header too.
                let nothing_behind = rest.wire() == 1 && context.segment.payload().bytes().is_empty();
                let cut = short.cause == Cause::Capture || nothing_behind;
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
fn option<'a>(sheet: &mut Sheet, span: Span<'a>, context: &Context<'_>) -> Result<Option<Span<'a>>, Short> {
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
    // Options of one right size are read as if they had it; a wrong one is told behind them.
    let size = match kind {
        4 => 0,
        3 => 1,
        2 | 20 | 28 => 2,
        6 | 7 | 11 | 12 | 13 => 4,
        8 => 8,
        19 => 16,
        _ => length.saturating_sub(2),
    };
    let body = tail.limit(size);
    let whole = || tail.split(size).map(|(bytes, _)| bytes);
    match kind {
        2 => sheet.put("mss"),
        3 => sheet.put("wscale"),
        4 => sheet.put("sackOK"),
        5 => sheet.put("sack"),
        6 => sheet.put("echo"),
        7 => sheet.put("echoreply"),
        8 => sheet.put("TS"),
        11 => sheet.put("cc"),
        12 => sheet.put("ccnew"),
        13 => {}
        19 => sheet.put("md5"),
        20 => sheet.put("scps"),
        28 => sheet.put("uto"),
        29 => sheet.put("tcp-ao"),
        30 => sheet.put("mptcp"),
        34 => sheet.put("tfo"),
        254 => sheet.put("exp"),
        _ => number(sheet, "unknown-", kind),
    }
    match (kind, size) {
        (5, _) => sack(sheet, body, context.sack_base)?,
        (8, _) => timestamps(sheet, *tail.split_array()?.0),
        (19, _) => {
            let digest = whole()?;
            sheet.put(" ");
            context.signature.judge(sheet, digest);
        }
        (20, _) => {
            let (&[capabilities, id], _) = tail.split_array()?;
            sheet.put(" cap ");
            sheet.hex_padded(capabilities, 2);
            number(sheet, " id ", id);
        }
        (28, _) => user_timeout(sheet, *tail.split_array()?.0),
        (29, _) => authentication(sheet, body)?,
        (30, _) => {
            whole()?;
            mptcp::print(sheet, body, context.segment.flags()).ok_or(span.malformed(length))?;
        }
        (34, _) => {
            let cookie = whole()?;
            sheet.put(" ");
            fast_open(sheet, cookie);
        }
        (254, _) => match whole()? {
            [0xf9, 0x89, cookie @ ..] => {
                sheet.put("-tfo");
                fast_open(sheet, cookie);
            }
            [high, low, ..] => {
                sheet.put("-");
                sheet.hex_bytes(&[*high, *low], "");
            }
            _ => return Err(span.malformed(length)),
        },
        (_, 0) => {}
        (2 | 3 | 6 | 7 | 11 | 12 | 13, _) => {
            number(sheet, " ", whole()?.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)));
        }
        _ => {
            sheet.put(" 0x");
            sheet.hex_bytes(body.bytes(), "");
            whole()?;
        }
    }
    if size.saturating_add(2) != length {
        sheet.put("[len ");
        sheet.len_of(length);
        sheet.put("]");
    }
    Ok(Some(tail.skip(size)))
}

/// Blocks of what was received out of order (RFC 2018).
fn sack(sheet: &mut Sheet, body: Span<'_>, base: u32) -> Result<(), Short> {
    if !body.wire().is_multiple_of(8) {
        sheet.put(" invalid sack");
        return Ok(());
    }
    number(sheet, " ", body.wire() as u64 / 8);
    sheet.put(" ");
    let mut rest = body;
    while !rest.is_empty() {
        let (&[a, b, c, d, e, f, g, h], tail) = rest.split_array()?;
        number(sheet, "{", u32::from_be_bytes([a, b, c, d]).wrapping_sub(base));
        number(sheet, ":", u32::from_be_bytes([e, f, g, h]).wrapping_sub(base));
        sheet.put("}");
        rest = tail;
    }
    Ok(())
}

/// The user time-out (RFC 5482): as it stands, and in seconds.
fn user_timeout(sheet: &mut Sheet, value: [u8; 2]) {
    let word = u16::from_be_bytes(value);
    sheet.put(" 0x");
    sheet.hex(word);
    let unit = if word & 0x8000 != 0 { 60 } else { 1u32 };
    number(sheet, " ", u32::from(word & 0x7fff).saturating_mul(unit));
}

/// TCP-AO (RFC 5925).
fn authentication(sheet: &mut Sheet, body: Span<'_>) -> Result<(), Short> {
    if body.wire() < 2 {
        sheet.put(" (invalid)");
        return Ok(());
    }
    let (&[key], rest) = body.split_array()?;
    number(sheet, " keyid ", key);
    let (&[next_key], code) = rest.split_array()?;
    number(sheet, " rnextkeyid ", next_key);
    if code.is_empty() {
        return Ok(());
    }
    sheet.put(" mac 0x");
    sheet.hex_bytes(code.bytes(), "");
    code.split(code.wire())?;
    Ok(())
}

/// A fast open cookie, or the request for one (RFC 7413).
fn fast_open(sheet: &mut Sheet, cookie: &[u8]) {
    match cookie.len() {
        0 => sheet.put(" cookiereq"),
        length if length % 2 != 0 || !(4..=16).contains(&length) => sheet.put(" (invalid)"),
        _ => {
            sheet.put(" cookie ");
            sheet.hex_bytes(cookie, "");
        }
    }
}

/// What a reset carries: often the reason in words (RFC 9293, 3.5.2).
fn reset_cause(sheet: &mut Sheet, payload: Span<'_>) {
    const SHOWN: usize = 30;
    sheet.put(if payload.is_cut() { " [!RST" } else { " [RST" });
    sheet.put(if payload.wire() > SHOWN { "+ " } else { " " });
    sheet.caret(payload.limit(SHOWN).bytes());
    sheet.put("]");
}

/// A header that is not all there, or lies about its length.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>, ip: Option<Ip<'_>>) {
    let both = span.u16_at(0).zip(span.u16_at(2));
    if both.is_none() {
        endpoints(page.sheet, Transport::Tcp, None, ip);
        return page.sheet.put("[|tcp]");
    }
    ports(page, both, ip, 6);
    let Ok((header, _)) = span.split_array::<20>() else { return page.truncated("tcp") };
    let header_len = usize::from(header[12] >> 4).wrapping_mul(4);
    let behind =
        u32::try_from(span.wire()).unwrap_or(u32::MAX).wrapping_sub(u32::from(header[12] >> 4).wrapping_mul(4));
    if header_len < 20 {
        number(page.sheet, " tcp ", behind);
        number(page.sheet, " [bad hdr length ", header_len as u64);
        return page.sheet.put(" - too short, < 20]");
    }
    if page.options.quiet {
        number(page.sheet, "tcp ", behind);
    } else if let Some((ports, bits)) = both.zip(span.u16_at(12)) {
        flags(page.sheet, bits & 0x0fff);
        if let Some((sequence, acknowledgment)) = span.u32_at(4).zip(span.u32_at(8)) {
            relative(page, Numbers { ports, flags: bits, sequence, acknowledgment }, ip);
        }
    }
    number(page.sheet, " [bad hdr length ", header_len as u64);
    number(page.sheet, " - too long, > ", span.wire() as u64);
    page.sheet.put("]");
}
