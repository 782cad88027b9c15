//! Opaque advertisements of OSPF (RFC 5250): traffic engineering, router information (RFC 7770), graceful restart
//! (RFC 3623); others as they are.

use super::engineering;
use crate::decode::Span;
use crate::output::Sheet;
use crate::output::text::hex;
use crate::output::text::words::{Words, number, set_bits, word};

const ENGINEERING: u8 = 1;
const GRACE: u8 = 3;
const ROUTER_INFORMATION: u8 = 4;

const CAPABILITIES: Words = &[
    (1, "Reserved"),
    (2, "Reserved"),
    (4, "Reserved"),
    (8, "Reserved"),
    (16, "graceful restart capable"),
    (32, "graceful restart helper"),
    (64, "Stub router support"),
    (128, "Traffic engineering"),
    (256, "p2p over LAN"),
    (512, "path computation server"),
];

/// An opaque type and number.
pub(super) fn put_id(sheet: &mut Sheet, [kind_words, id_words]: [&'static str; 2], [kind, a, b, c]: [u8; 4]) {
    const NAMES: Words = &[(1, "Traffic Engineering"), (3, "Graceful restart"), (4, "Router Information")];
    sheet.put(kind_words);
    sheet.put(word(NAMES, kind).unwrap_or("unknown"));
    number(sheet, " LSA (", kind);
    sheet.put(")");
    number(sheet, id_words, u32::from_be_bytes([0, a, b, c]));
}

/// Prints what an opaque advertisement of `length` bytes says; whether all of it could be read. None where bytes are
/// missing.
pub(super) fn print(
    sheet: &mut Sheet,
    [kind, ..]: [u8; 4],
    span: Span<'_>,
    length: usize,
    verbose: u8,
) -> Option<bool> {
    match kind {
        ROUTER_INFORMATION => Fields { verbose, length, cut: None }.router_information(sheet, span),
        GRACE => grace(sheet, span, length, verbose),
        ENGINEERING => engineering::print(sheet, span, length, verbose),
        _ => {
            if verbose <= 1 {
                hex::indented(sheet, "\n\t    ", span.limit(length).bytes());
            }
            Some(true)
        }
    }
}

/// Prints the fields of graceful restart; whether all could be read.
pub(super) fn grace(sheet: &mut Sheet, span: Span<'_>, length: usize, verbose: u8) -> Option<bool> {
    Fields { verbose, length, cut: Some(false) }.grace(sheet, span)
}

struct Fields {
    verbose: u8,
    /// Of all of them, in bytes.
    length: usize,
    /// What to say where the capture ends within them.
    cut: Option<bool>,
}

impl Fields {
    /// Goes over type, length and value of each field; a field that can't be read ends it.
    fn each<'a>(
        &self,
        sheet: &mut Sheet,
        span: Span<'a>,
        mut show: impl FnMut(&mut Sheet, u16, usize) -> bool,
        mut value: impl FnMut(&mut Sheet, u16, Span<'a>) -> Option<bool>,
    ) -> Option<bool> {
        let (mut rest, mut left) = (span, self.length);
        while left > 0 {
            let Some((kind, length)) = rest.u16_at(0).zip(rest.u16_at(2)) else { return self.cut };
            let length = usize::from(length);
            let Some(room) = left.checked_sub(4) else {
                sheet.put("\n\t    Remaining LS length ");
                sheet.len_of(left);
                sheet.put(" < 4");
                return Some(false);
            };
            if !show(sheet, kind, length) {
                return Some(false);
            }
            if length > room {
                return Some(false);
            }
            let Ok((_, behind)) = rest.skip(4).split(length) else { return self.cut };
            if !value(sheet, kind, rest.skip(4).limit(length))? {
                return Some(false);
            }
            // Fields are padded to words.
            let padding = length.wrapping_neg() & 3;
            left = room.saturating_sub(length.saturating_add(padding));
            rest = behind.skip(padding);
        }
        Some(true)
    }

    fn unknown(&self, sheet: &mut Sheet, value: Span<'_>) {
        if self.verbose <= 1 {
            hex::indented(sheet, "\n\t      ", value.bytes());
        }
    }

    fn router_information(&self, sheet: &mut Sheet, span: Span<'_>) -> Option<bool> {
        let length = self.length;
        let mut used = 0usize;
        self.each(
            sheet,
            span,
            |sheet, kind, size| {
                sheet.put("\n\t    ");
                sheet.put(if kind == 1 { "Router Capabilities" } else { "unknown" });
                number(sheet, " TLV (", kind);
                sheet.put("), length: ");
                sheet.len_of(size);
                sheet.put(", value: ");
                let room = length.saturating_sub(used.saturating_add(4));
                used = used.saturating_add(4).saturating_add(size.next_multiple_of(4));
                bogus(sheet, size, " > remaining LS length ", room)
            },
            |sheet, kind, value| {
                match (kind, value.u32_at(0)) {
                    (1, Some(bits)) if value.wire() == 4 => {
                        sheet.put("Capabilities: ");
                        set_bits(sheet, CAPABILITIES, bits, "Unknown");
                    }
                    (1, _) => return Some(wrong_length(sheet, value, " != 4")),
                    _ => self.unknown(sheet, value),
                }
                Some(true)
            },
        )
    }

    fn grace(&self, sheet: &mut Sheet, span: Span<'_>) -> Option<bool> {
        const NAMES: Words = &[(1, "Grace Period"), (2, "Graceful restart Reason"), (3, "IPv4 interface address")];
        const REASONS: Words =
            &[(0, "Unknown"), (1, "Software Restart"), (2, "Software Reload/Upgrade"), (3, "Control Processor Switch")];
        let length = self.length;
        let mut used = 0usize;
        self.each(
            sheet,
            span,
            |sheet, kind, size| {
                sheet.put("\n\t    ");
                sheet.put(word(NAMES, kind).unwrap_or("unknown"));
                number(sheet, " TLV (", kind);
                sheet.put("), length ");
                sheet.len_of(size);
                sheet.put(", value: ");
                let room = length.saturating_sub(used.saturating_add(4));
                used = used.saturating_add(4).saturating_add(size.next_multiple_of(4));
                bogus(sheet, size, " > ", room) && kind != 0 && size != 0
            },
            |sheet, kind, value| {
                match (kind, value.bytes()) {
                    (1, [a, b, c, d]) => {
                        sheet.dec(u32::from_be_bytes([*a, *b, *c, *d]));
                        sheet.put("s");
                    }
                    (2, [reason]) => {
                        sheet.put(word(REASONS, *reason).unwrap_or("Unknown"));
                        number(sheet, " (", *reason);
                        sheet.put(")");
                    }
                    (3, [a, b, c, d]) => sheet.ipv4([*a, *b, *c, *d]),
                    (1 | 3, _) => return Some(wrong_length(sheet, value, " != 4")),
                    (2, _) => return Some(wrong_length(sheet, value, " != 1")),
                    _ => self.unknown(sheet, value),
                }
                Some(true)
            },
        )
    }
}

/// Tells of a length that is too long; whether it is not.
fn bogus(sheet: &mut Sheet, length: usize, words: &'static str, room: usize) -> bool {
    if length > room {
        sheet.put("\n\t    Bogus length ");
        sheet.len_of(length);
        sheet.put(words);
        sheet.len_of(room);
    }
    length <= room
}

fn wrong_length(sheet: &mut Sheet, value: Span<'_>, words: &'static str) -> bool {
    sheet.put("\n\t    Bogus length ");
    sheet.len_of(value.wire());
    sheet.put(words);
    false
}
