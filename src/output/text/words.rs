//! Words for numbers, which several protocols share: the table look-ups of printers, and names of organisations.

use super::Sheet;

/// Numbers and the words for them, in the order in which bits are told.
pub(super) type Words = &'static [(u32, &'static str)];

/// The word for a number.
pub(super) fn word(words: Words, number: impl Into<u32>) -> Option<&'static str> {
    let number = number.into();
    words.iter().find(|(n, _)| *n == number).map(|(_, word)| *word)
}

/// The words for the bits that are set, or `none`.
pub(super) fn bits(sheet: &mut Sheet, words: Words, number: impl Into<u32>, none: &'static str) {
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

/// Text in a field that zero bytes may fill up.
pub(super) fn padded(sheet: &mut Sheet, bytes: &[u8]) {
    sheet.caret(bytes.split(|byte| *byte == 0).next().unwrap_or(bytes));
}

/// `Cisco (0x00000c)`
pub(super) fn organisation(sheet: &mut Sheet, oui: u32) {
    sheet.put(word(ORGANISATIONS, oui).unwrap_or("Unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(oui, 6);
    sheet.put(")");
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
