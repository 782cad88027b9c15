//! Lines of IS-IS: the head of each message.

use super::words::{Words, word};
use super::{Page, Sheet, hex};
use crate::decode::Span;
use crate::decode::isis::{self, HEAD, Isis};

const KINDS: Words = &[
    (15, "L1 Lan IIH"),
    (16, "L2 Lan IIH"),
    (17, "p2p IIH"),
    (18, "L1 LSP"),
    (20, "L2 LSP"),
    (24, "L1 CSNP"),
    (25, "L2 CSNP"),
    (26, "L1 PSNP"),
    (27, "L2 PSNP"),
];

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Isis<'_>) {
    name(page);
    if unsupported(page.sheet, message) {
        return hex::indented(page.sheet, "\n\t", message.span().bytes());
    }
    let sheet = &mut *page.sheet;
    if !page.options.link_header {
        sheet.put(", ");
    }
    match word(KINDS, message.kind()) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("unknown PDU-Type ");
            sheet.dec(message.kind());
        }
    }
    match body(sheet, message) {
        Some(true) => {
            sheet.put(", length ");
            sheet.len_of(message.span().wire());
        }
        Some(false) => hex::indented(sheet, "\n\t", message.span().bytes()),
        None => page.truncated("isis"),
    }
}

fn name(page: &mut Page<'_>) {
    page.sheet.put(if page.options.link_header { "OSI NLPID IS-IS (0x83): " } else { "IS-IS" });
}

/// A head that is not all there.
pub(super) fn malformed(page: &mut Page<'_>) {
    if page.options.link_header {
        name(page);
    }
    page.truncated("isis");
}

/// Says what is unusual about the head; whether that is more than can be understood.
fn unsupported(sheet: &mut Sheet, message: &Isis<'_>) -> bool {
    let length = message.span().wire();
    let mut tell = |before, number: u8, behind| {
        sheet.put(before);
        sheet.dec(number);
        sheet.put(behind);
        true
    };
    match message.versions() {
        [1, _] if !matches!(message.identifier_len(), 0 | 6) => {
            tell("system ID length of ", message.identifier_len(), " is not supported")
        }
        [1, 1] => match usize::from(message.head_len()) {
            head if head > length => {
                tell("fixed header length ", message.head_len(), " > packet length ");
                sheet.len_of(length);
                true
            }
            head if head < HEAD => tell("fixed header length ", message.head_len(), " < minimum header size 8"),
            _ if message.max_areas() == 255 => {
                sheet.put("bad packet -- 255 areas");
                true
            }
            _ => false,
        },
        [1, version] | [version, _] => tell("version ", version, " packet not supported"),
    }
}

/// What the head of a type says; false where it has not the length it should have, none where bytes are missing.
fn body(sheet: &mut Sheet, message: &Isis<'_>) -> Option<bool> {
    let body = message.body();
    let (length, name) = match message.kind() {
        isis::L1_LAN_HELLO | isis::L2_LAN_HELLO => (19, ", bogus fixed header length "),
        isis::P2P_HELLO => (12, ", bogus fixed header length "),
        isis::L1_LINK_STATE | isis::L2_LINK_STATE => (19, ", bogus fixed header length "),
        isis::L1_COMPLETE | isis::L2_COMPLETE => (25, ", bogus fixed header length "),
        isis::L1_PARTIAL | isis::L2_PARTIAL => (9, "- bogus fixed header length "),
        _ => return Some(true),
    };
    if usize::from(message.head_len()) != HEAD.saturating_add(length) {
        sheet.put(name);
        sheet.dec(message.head_len());
        sheet.put(" should be ");
        // Of a link state packet tcpdump leaves out the shared part.
        let is_link_state = matches!(message.kind(), isis::L1_LINK_STATE | isis::L2_LINK_STATE);
        sheet.len_of(if is_link_state { length } else { HEAD.saturating_add(length) });
        return Some(false);
    }
    body.split(length).ok()?;
    match message.kind() {
        isis::L1_LAN_HELLO | isis::L2_LAN_HELLO => {
            source(sheet, body.skip(1).limit(6));
            sheet.put(", lan-id ");
            identifier(sheet, body.skip(12).limit(7));
            sheet.put(", prio ");
            sheet.dec(body.u8_at(11)?);
        }
        isis::P2P_HELLO => source(sheet, body.skip(1).limit(6)),
        isis::L1_LINK_STATE | isis::L2_LINK_STATE => {
            sheet.put(", lsp-id ");
            identifier(sheet, body.skip(4).limit(8));
            sheet.put(", seq 0x");
            sheet.hex_padded(body.u32_at(12)?, 8);
            sheet.put(", lifetime ");
            let lifetime = body.u16_at(2)?;
            for _ in lifetime.checked_ilog10().unwrap_or(0)..4 {
                sheet.put(" ");
            }
            sheet.dec(lifetime);
            sheet.put("s");
        }
        _ => source(sheet, body.skip(2).limit(7)),
    }
    Some(true)
}

fn source(sheet: &mut Sheet, id: Span<'_>) {
    sheet.put(", src-id ");
    identifier(sheet, id);
}

/// A system's identifier in pairs of bytes, then its circuit's number, then a fragment's.
fn identifier(sheet: &mut Sheet, id: Span<'_>) {
    for (at, byte) in id.bytes().iter().enumerate() {
        sheet.put(match at {
            2 | 4 | 6 => ".",
            7 => "-",
            _ => "",
        });
        sheet.hex_padded(*byte, 2);
    }
}
