//! Lines of SCTP.

use super::udp::endpoints;
use super::words::number;
use super::{Ip, Page, Sheet, hex};
use crate::decode::sctp::{self, CHUNK_HEAD, Chunk, HEADER, Sctp, kind};
use crate::decode::{Cause, Span};
use crate::names::system::Transport;

/// Prints a packet.
pub(super) fn print(page: &mut Page<'_>, packet: &Sctp<'_>, ip: Option<Ip<'_>>) {
    endpoints(page.sheet, Transport::Sctp, Some((packet.source_port(), packet.destination_port())), ip);
    page.sheet.put("sctp");
    let verbose = page.options.verbose > 1;
    let mut joint = if verbose { "\n\t" } else { " (" };
    for (index, chunk) in packet.chunks().enumerate() {
        if page.is_full() {
            return;
        }
        let begin = |sheet: &mut Sheet| {
            sheet.put(joint);
            sheet.len_of(index.saturating_add(1));
            sheet.put(") ");
        };
        match chunk {
            Ok(chunk) if usize::from(chunk.length) < CHUNK_HEAD => {
                begin(page.sheet);
                number(page.sheet, "[Bad chunk length ", chunk.length);
                page.sheet.put(", < size of chunk descriptor]");
            }
            Ok(chunk) => {
                if chunk.span.bytes().len() < usize::from(chunk.length) {
                    return page.truncated("sctp");
                }
                begin(page.sheet);
                if !print_chunk(page, &chunk) {
                    return;
                }
                let whole = usize::from(chunk.length).saturating_add(chunk.padding());
                if chunk.span.bytes().len() < whole {
                    return page.truncated("sctp");
                }
            }
            Err(short) if short.cause == Cause::Packet => {
                begin(page.sheet);
                page.sheet.put("[chunk descriptor cut off at end of packet]");
            }
            Err(_) => return page.truncated("sctp"),
        }
        if !verbose {
            joint = ", (";
        }
    }
}

/// A common header that is not all there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    match HEADER.checked_sub(span.wire()) {
        Some(missing @ 1..) => {
            page.sheet.put("truncated-sctp - ");
            page.sheet.len_of(missing);
            page.sheet.put(" bytes missing!");
        }
        _ => page.truncated("sctp"),
    }
}

/// Prints one chunk that is all there; whether one may follow.
fn print_chunk(page: &mut Page<'_>, chunk: &Chunk<'_>) -> bool {
    let sheet = &mut *page.sheet;
    sheet.put("[");
    match name(chunk.kind) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("Unknown chunk type: 0x");
            sheet.hex(chunk.kind);
        }
    }
    sheet.put("] ");
    let whole = match chunk.kind {
        kind::DATA => data(page, chunk),
        kind::INIT | kind::INIT_ACK => init(sheet, chunk.value),
        kind::SACK => selective_ack(sheet, chunk.value),
        _ => Some(()),
    };
    if whole.is_none() {
        number(page.sheet, "bogus chunk length ", chunk.length);
        page.sheet.put("]");
    }
    whole.is_some()
}

fn name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        kind::DATA => "DATA",
        kind::INIT => "INIT",
        kind::INIT_ACK => "INIT ACK",
        kind::SACK => "SACK",
        4 => "HB REQ",
        5 => "HB ACK",
        6 => "ABORT",
        7 => "SHUTDOWN",
        8 => "SHUTDOWN ACK",
        9 => "OP ERR",
        10 => "COOKIE ECHO",
        11 => "COOKIE ACK",
        12 => "ECN ECHO",
        13 => "ECN CWR",
        14 => "SHUTDOWN COMPLETE",
        0xc0 => "FOR CUM TSN",
        0xc1 => "REL CTRL",
        0xc2 => "REL CTRL ACK",
        _ => return None,
    })
}

/// A number in brackets and the space behind it.
fn bracketed(sheet: &mut Sheet, words: &'static str, value: u32) {
    number(sheet, words, value);
    sheet.put("] ");
}

fn data(page: &mut Page<'_>, chunk: &Chunk<'_>) -> Option<()> {
    let sheet = &mut *page.sheet;
    for (flag, letter) in [(sctp::UNORDERED, "(U)"), (sctp::BEGIN, "(B)"), (sctp::END, "(E)")] {
        if chunk.flags & flag != 0 {
            sheet.put(letter);
        }
    }
    if chunk.flags & (sctp::UNORDERED | sctp::BEGIN | sctp::END) != 0 {
        sheet.put(" ");
    }
    let protocol = chunk.value.u32_at(8)?;
    bracketed(sheet, "[TSN: ", chunk.value.u32_at(0)?);
    bracketed(sheet, "[SID: ", chunk.value.u16_at(4)?.into());
    bracketed(sheet, "[SSEQ ", chunk.value.u16_at(6)?.into());
    sheet.put("[PPID ");
    match payload_protocol(protocol) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("0x");
            sheet.hex(protocol);
        }
    }
    sheet.put("] ");
    let payload = chunk.value.skip(12);
    if payload.is_empty() {
        return None;
    }
    if page.options.verbose > 1 {
        page.sheet.put("[Payload");
        if page.shows_unknown() {
            page.sheet.put(":");
            hex::hex_and_ascii(page.sheet, payload.bytes());
        }
        page.sheet.put("]");
    }
    Some(())
}

/// IANA's registry of SCTP payload protocols, as far as tcpdump 4.99 knows it.
fn payload_protocol(number: u32) -> Option<&'static str> {
    Some(match number {
        1 => "ISDN Q.921",
        2 => "M2UA",
        3 => "M3UA",
        4 => "SUA",
        5 => "M2PA",
        6 => "V5.2",
        7 => "H.248",
        8 => "BICC",
        9 => "TALI",
        10 => "DUA",
        11 => "ASAP",
        12 => "ENRP",
        13 => "H.323",
        14 => "Q.IPC",
        15 => "SIMCO",
        16 => "DDPSC",
        17 => "DDPSSC",
        18 => "S1AP",
        19 => "RUA",
        20 => "HNBAP",
        21 => "ForCES HP",
        22 => "ForCES MP",
        23 => "ForCES LP",
        24 => "SBc-AP",
        25 => "NBAP",
        27 => "X2AP",
        _ => return None,
    })
}

fn init(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let sequence = value.u32_at(12)?;
    bracketed(sheet, "[init tag: ", value.u32_at(0)?);
    bracketed(sheet, "[rwnd: ", value.u32_at(4)?);
    bracketed(sheet, "[OS: ", value.u16_at(8)?.into());
    bracketed(sheet, "[MIS: ", value.u16_at(10)?.into());
    bracketed(sheet, "[init TSN: ", sequence);
    Some(())
}

fn selective_ack(sheet: &mut Sheet, value: Span<'_>) -> Option<()> {
    let (gaps, duplicates) = value.u16_at(8).zip(value.u16_at(10))?;
    let acknowledged = value.u32_at(0)?;
    bracketed(sheet, "[cum ack ", acknowledged);
    bracketed(sheet, "[a_rwnd ", value.u32_at(4)?);
    bracketed(sheet, "[#gap acks ", gaps.into());
    bracketed(sheet, "[#dup tsns ", duplicates.into());
    let mut rest = value.skip(12);
    for index in 1..=u32::from(gaps) {
        if rest.is_empty() {
            return Some(());
        }
        let (start, end) = rest.u16_at(0).zip(rest.u16_at(2))?;
        number(sheet, "\n\t\t[gap ack block #", index);
        number(sheet, ": start = ", acknowledged.wrapping_add(start.into()));
        bracketed(sheet, ", end = ", acknowledged.wrapping_add(end.into()));
        rest = rest.skip(CHUNK_HEAD);
    }
    for index in 1..=u32::from(duplicates) {
        if rest.is_empty() {
            return Some(());
        }
        let duplicate = rest.u32_at(0)?;
        number(sheet, "\n\t\t[dup TSN #", index);
        bracketed(sheet, ": ", duplicate);
        rest = rest.skip(4);
    }
    Some(())
}
