//! Words for numbers, which several protocols share: the table look-ups of printers, durations, text that zeros fill
//! up, and names of organisations.

use super::Sheet;
use crate::decode::Span;

/// Numbers and the words for them, in the order in which bits are told.
pub(super) type Words = &'static [(u32, &'static str)];

/// The word for a number.
pub(super) fn word(words: Words, number: impl Into<u32>) -> Option<&'static str> {
    let number = number.into();
    words.iter().find(|(known, _)| *known == number).map(|(_, word)| *word)
}

/// The words for the bits that are set, in the order of the table; `none` where it has none of them.
pub(super) fn set_bits(sheet: &mut Sheet, words: Words, number: impl Into<u32>, none: &'static str) {
    let number = number.into();
    let mut joint = "";
    for (_, word) in words.iter().filter(|(bit, _)| number & bit == *bit) {
        sheet.put(joint);
        sheet.put(word);
        joint = ", ";
    }
    if joint.is_empty() {
        sheet.put(none);
    }
}

/// The head of a field of Cisco's link protocols: `\n\tDomain (0x0001) TLV, length 12`.
pub(super) fn field_head(sheet: &mut Sheet, names: Words, kind: u16, length: usize) {
    sheet.put("\n\t");
    sheet.put(word(names, kind).unwrap_or("Unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(kind, 4);
    sheet.put(") TLV, length ");
    sheet.len_of(length);
}

/// Text in a field that zero bytes may fill up.
pub(super) fn padded(sheet: &mut Sheet, bytes: &[u8]) {
    sheet.caret(until_zero(bytes));
}

/// `Cisco (0x00000c)`
pub(super) fn organisation(sheet: &mut Sheet, oui: u32) {
    sheet.put(word(ORGANISATIONS, oui).unwrap_or("Unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(oui, 6);
    sheet.put(")");
}

/// Whose an Ethernet address is, by its first 24 bits.
pub(in crate::output) fn organisation_of([a, b, c, ..]: [u8; 6]) -> &'static str {
    word(ORGANISATIONS, u32::from_be_bytes([0, a, b, c])).unwrap_or("Unknown")
}

/// Organisations by the first 24 bits of their addresses.
pub(super) const ORGANISATIONS: Words = &[
    (0x000000, "Ethernet"),
    (0x00000c, "Cisco"),
    (0x000142, "Cisco IOS"),
    (0x00005e, "IANA"),
    (0x000081, "Nortel Networks SONMP"),
    (0x0000f8, "Cisco bridged"),
    (0x0080c2, "Ethernet bridged"),
    (0x00a03e, "ATM Forum"),
    (0x00e02f, "DOCSIS Spanning Tree"),
    (0x080007, "Appletalk"),
    (0x009069, "Juniper"),
    (0x080009, "Hewlett-Packard"),
    (0x00120f, "IEEE 802.3 Private"),
    (0x0012bb, "ANSI/TIA"),
    (0x001b21, "DCBX"),
    (0x002320, "Nicira Networks"),
    (0x5c16c7, "Big Switch Networks"),
    (0xb0d2f5, "Vello Systems"),
    (0x002481, "HP"),
    (0x0004ea, "HP-Labs"),
    (0x748771, "Infoblox Inc"),
    (0xa42305, "Open Networking Lab"),
    (0x00049f, "Freescale"),
    (0x0015ad, "Netronome"),
    (0x001018, "Broadcom"),
    (0x00e004, "PMC-Sierra"),
    (0xd0f0db, "Ericsson"),
];

/// A byte as two hexadecimal digits, in capitals.
pub(super) fn upper_hex(sheet: &mut Sheet, byte: u8) {
    const DIGITS: [&str; 16] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "E", "F"];
    for digit in [byte >> 4, byte & 15] {
        sheet.put(DIGITS.get(usize::from(digit)).copied().unwrap_or_default());
    }
}

/// A number in hexadecimal of at least two digits.
pub(super) fn short_hex(sheet: &mut Sheet, number: u16) {
    if number < 0x10 {
        sheet.put("0");
    }
    sheet.hex(number);
}

/// The word for a number; `unknown` and the number where there is none.
pub(super) fn word_or_number(sheet: &mut Sheet, words: Words, number: impl Into<u32>, unknown: &'static str) {
    let number = number.into();
    match word(words, number) {
        Some(word) => sheet.put(word),
        None => self::number(sheet, unknown, number),
    }
}

/// Words of ours and a number behind them.
pub(super) fn number(sheet: &mut Sheet, words: &'static str, number: impl Into<u64>) {
    sheet.put(words);
    sheet.dec(number);
}

/// A duration in years, weeks, days, hours, minutes and seconds: `1d2h`.
pub(super) fn duration(sheet: &mut Sheet, seconds: u32) {
    if seconds == 0 {
        return sheet.put("0s");
    }
    let mut rest = seconds;
    for (unit, length) in [("y", 31_536_000), ("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1u32)] {
        let count = rest.checked_div(length).unwrap_or(0);
        rest = rest.checked_rem(length).unwrap_or(0);
        if count > 0 {
            sheet.dec(count);
            sheet.put(unit);
        }
    }
}

/// The bytes before the first zero, or all of them.
pub(super) fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or(bytes)
}

/// Text of at most `size` bytes, which ends with its first zero; none where the capture ends within it.
pub(super) fn padded_text(sheet: &mut Sheet, span: Span<'_>, size: usize) -> Option<()> {
    let field = span.limit(size).bytes();
    let text = until_zero(field);
    sheet.caret(text);
    (text.len() < field.len() || field.len() == size).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_leave_out_what_is_zero() {
        let shown = |seconds| {
            let mut sheet = Sheet::new();
            duration(&mut sheet, seconds);
            String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
        };
        assert_eq!([0, 59, 3600, 694_861, u32::MAX].map(shown), ["0s", "59s", "1h", "1w1d1h1m1s", "136y10w6h28m15s"]);
    }
}
