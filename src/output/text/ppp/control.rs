//! Lines of the protocols that configure a link: LCP, IPCP and the others of RFC 1661's form.

use super::super::words::{ORGANISATIONS, Words, word};
use super::super::{Page, Sheet, hex};
use super::{protocol, settings};
use crate::decode::Span;
use crate::decode::ppp::{self, Control};

const CODES: Words = &[
    (0, "Vendor-Extension"),
    (1, "Conf-Request"),
    (2, "Conf-Ack"),
    (3, "Conf-Nack"),
    (4, "Conf-Reject"),
    (5, "Term-Request"),
    (6, "Term-Ack"),
    (7, "Code-Reject"),
    (8, "Prot-Reject"),
    (9, "Echo-Request"),
    (10, "Echo-Reply"),
    (11, "Disc-Req"),
    (12, "Ident"),
    (13, "Time-Rem"),
    (14, "Reset-Req"),
    (15, "Reset-Ack"),
];

/// Prints one message.
pub(in super::super) fn print(page: &mut Page<'_>, message: &Control<'_>) {
    protocol(page.sheet, message.protocol());
    page.sheet.put(", ");
    if message.span().wire() < 4 || message.identifier().is_none() {
        return cut(page.sheet, message);
    }
    if fields(page.sheet, message, page.options.verbose).is_none() {
        page.truncated(page.ppp);
    }
}

/// Tells that the message ends before its time.
fn cut(sheet: &mut Sheet, message: &Control<'_>) {
    sheet.put("[|");
    protocol(sheet, message.protocol());
    sheet.put("]");
}

/// What the message says; none where bytes are missing.
fn fields(sheet: &mut Sheet, message: &Control<'_>, verbose: u8) -> Option<()> {
    let span = message.span();
    let (code, identifier) = message.code().zip(message.identifier())?;
    sheet.put(word(CODES, code).unwrap_or("Unknown Opcode"));
    sheet.put(" (0x");
    sheet.hex_padded(code, 2);
    sheet.put("), id ");
    sheet.dec(identifier);
    sheet.put(", length ");
    sheet.len_of(span.wire().saturating_add(2));
    if verbose == 0 {
        return Some(());
    }
    let length = message.length()?;
    let size = usize::from(length);
    sheet.put("\n\tencoded length ");
    sheet.dec(length);
    if size < 4 {
        sheet.put(" (< 4))");
        return Some(());
    }
    if size > span.wire() {
        sheet.put(" (> packet length ");
        sheet.len_of(span.wire());
        sheet.put("))");
        return Some(());
    }
    sheet.put(" (=Option(s) length ");
    sheet.len_of(size.saturating_sub(4));
    sheet.put(")");
    if size == 4 {
        return Some(());
    }
    let [high, low] = message.protocol().to_be_bytes();
    if verbose > 1 {
        let [a, b, c, d] = span.array_at(0)?;
        hex::indented(sheet, "\n\t", &[high, low, a, b, c, d]);
    }
    let data = message.data();
    match code {
        ppp::CONFIGURE_REQUEST..=ppp::CONFIGURE_REJECT => settings::print(sheet, message, verbose),
        ppp::VENDOR if size >= 11 => {
            let magic = data.u32_at(0)?;
            magic_number(sheet, magic);
            let [a, b, c] = data.array_at(4)?;
            let vendor = u32::from_be_bytes([0, a, b, c]);
            sheet.put(" Vendor: ");
            sheet.put(word(ORGANISATIONS, vendor).unwrap_or("Unknown"));
            sheet.put(" (");
            sheet.dec(vendor);
            sheet.put(")");
            Some(())
        }
        ppp::PROTOCOL_REJECT if size >= 6 => rejected(sheet, data),
        ppp::ECHO_REQUEST..=ppp::DISCARD_REQUEST if size >= 8 => {
            let magic = data.u32_at(0)?;
            magic_number(sheet, magic);
            let rest = data.skip(4);
            if !rest.is_empty() {
                sheet.put("\n\t  -----trailing data-----");
                if rest.is_cut() {
                    cut(sheet, message);
                } else {
                    hex::indented(sheet, "\n\t  ", rest.bytes());
                }
            }
            Some(())
        }
        ppp::IDENTIFICATION if size >= 8 => {
            let magic = data.u32_at(0)?;
            magic_number(sheet, magic);
            let text = data.skip(4);
            if !text.is_empty() {
                sheet.put("\n\t  Message\n\t    ");
                sheet.caret(text.bytes());
                if text.is_cut() {
                    cut(sheet, message);
                }
            }
            Some(())
        }
        ppp::TIME_REMAINING if size >= 12 => {
            let magic = data.u32_at(0)?;
            magic_number(sheet, magic);
            let seconds = data.u32_at(4)?;
            sheet.put(", Seconds-Remaining ");
            sheet.dec(seconds);
            sheet.put("s");
            Some(())
        }
        ppp::VENDOR | ppp::TERMINATE_REQUEST..=ppp::TIME_REMAINING => Some(()),
        _ => {
            if verbose <= 1 {
                hex::indented(sheet, "\n\t  ", &[&[high, low], span.bytes()].concat());
            }
            Some(())
        }
    }
}

fn magic_number(sheet: &mut Sheet, magic: u32) {
    sheet.put("\n\t  Magic-Num 0x");
    sheet.hex_padded(magic, 8);
}

/// The protocol that the other end does not know, and the packet of it.
fn rejected(sheet: &mut Sheet, data: Span<'_>) -> Option<()> {
    let number = data.u16_at(0)?;
    sheet.put("\n\t  Rejected ");
    sheet.put(word(super::PROTOCOLS, number).unwrap_or("unknown"));
    sheet.put(" Protocol (0x");
    sheet.hex_padded(number, 4);
    sheet.put(")");
    let packet = data.skip(2);
    if !packet.is_empty() {
        sheet.put("\n\t  Rejected Packet");
        hex::indented(sheet, "\n\t    ", packet.bytes());
    }
    Some(())
}
