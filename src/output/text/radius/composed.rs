//! Attributes of RADIUS whose values have parts: those of ARAP (RFC 2869), Mobile IPv6 (RFC 5447) and places (RFC 5580),
//! and packets of EAP (RFC 3579).

use std::ops::RangeInclusive;

use super::{prefix, wrong_length};
use crate::decode::Span;
use crate::decode::ntp::Time;
use crate::output::Sheet;
use crate::output::text::words::{Words, number, set_bits, upper_hex, word_or_number};
use crate::output::text::{eapol, hex, ntp};

/// What the parts are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parts {
    ArapPassword,
    ArapFeatures,
    ArapResponse,
    Eap,
    MobilityFeatures,
    HomeLinkPrefix,
    OperatorName,
    LocationInformation,
    LocationData,
    LocationPolicy,
}

impl Parts {
    /// How long a value may be, and how a wrong length is compared with the least.
    fn lengths(self) -> (RangeInclusive<usize>, &'static str) {
        const ANY: usize = usize::MAX;
        match self {
            Parts::ArapPassword => (16..=16, " != "),
            Parts::ArapFeatures => (14..=14, " != "),
            Parts::ArapResponse => (8..=ANY, " != "),
            Parts::Eap => (0..=ANY, ""),
            Parts::MobilityFeatures => (8..=8, " != "),
            Parts::HomeLinkPrefix => (17..=17, " != "),
            Parts::OperatorName => (2..=ANY, " < "),
            Parts::LocationInformation => (21..=ANY, " < "),
            Parts::LocationData => (3..=ANY, " < "),
            Parts::LocationPolicy => (10..=ANY, " < "),
        }
    }
}

/// Namespaces of operators (RFC 5580, 4.1).
const NAMESPACES: Words = &[(0x30, "TADIG"), (0x31, "REALM"), (0x32, "E212"), (0x33, "ICC")];

/// What is known of mobility: the bits of the value's upper word, which has none in the lowest two places, and two of
/// the lower.
const MOBILITY: Words = &[
    (1, "MIP6_INTEGRATED"),
    (1 << 1, "LOCAL_HOME_AGENT_ASSIGNMENT"),
    (1 << 8, "PMIP6_SUPPORTED"),
    (1 << 9, "IP4_HOA_SUPPORTED"),
    (1 << 10, "LOCAL_MAG_ROUTING_SUPPORTED"),
    (1 << 11, "ASSIGN_LOCAL_IP"),
    (1 << 12, "MIP4_SUPPORTED"),
    (1 << 13, "OPTIMIZED_IDLE_MODE_MOBILITY"),
    (1 << 14, "GTPv2_SUPPORTED"),
    (1 << 15, "IP4_TRANSPORT_SUPPORTED"),
    (1 << 16, "IP4_HOA_ONLY_SUPPORTED"),
    (1 << 17, "INTER_MAG_ROUTING_SUPPORTED"),
];

/// Flags of a policy, bits that must be zero among them.
const POLICY: Words = &[
    (1, "MBZ-15"),
    (1 << 1, "MBZ-14"),
    (1 << 2, "MBZ-13"),
    (1 << 3, "MBZ-12"),
    (1 << 4, "MBZ-11"),
    (1 << 5, "MBZ-10"),
    (1 << 6, "MBZ-9"),
    (1 << 7, "MBZ-8"),
    (1 << 8, "MBZ-7"),
    (1 << 9, "MBZ-6"),
    (1 << 10, "MBZ-5"),
    (1 << 11, "MBZ-4"),
    (1 << 12, "MBZ-3"),
    (1 << 13, "MBZ-2"),
    (1 << 14, "MBZ-1"),
    (1 << 15, "Retransmission Allowed"),
];

/// Prints a value; none where bytes are missing.
pub(super) fn print(sheet: &mut Sheet, parts: Parts, value: Span<'_>) -> Option<()> {
    let (lengths, relation) = parts.lengths();
    if !lengths.contains(&value.wire()) {
        wrong_length(sheet, "ERROR: length ", value.wire(), relation);
        sheet.len_of(*lengths.start());
        return Some(());
    }
    let (bytes, _) = value.split(value.wire()).ok()?;
    match parts {
        Parts::ArapResponse => bytes.iter().take(8).for_each(|byte| upper_hex(sheet, *byte)),
        Parts::ArapPassword => {
            let (challenge, response) = bytes.split_at_checked(8)?;
            for (name, part) in [("User_challenge (", challenge), (") User_resp(", response)] {
                sheet.put(name);
                part.iter().for_each(|byte| upper_hex(sheet, *byte));
            }
            sheet.put(")");
        }
        Parts::ArapFeatures => {
            let ([may_change, least, times @ ..], []) = bytes.split_first_chunk::<14>()? else { return None };
            sheet.put(if *may_change == 0 { "User cannot" } else { "User can" });
            sheet.put(" change password");
            number(sheet, ", Min password length: ", *least);
            for (name, time) in
                [", created at: ", ", expires in: ", ", Current Time: "].into_iter().zip(times.as_chunks::<4>().0)
            {
                sheet.put(name);
                time.iter().for_each(|byte| upper_hex(sheet, *byte));
            }
        }
        Parts::Eap => return eapol::within(sheet, value),
        Parts::MobilityFeatures => {
            let (upper, lower) = value.u32_at(0).zip(value.u32_at(4))?;
            sheet.put("[");
            set_bits(sheet, MOBILITY, upper & !3 | lower & 3, "");
            sheet.put("]");
        }
        Parts::HomeLinkPrefix => prefix(sheet, value.u8_at(0)?, bytes.get(1..)?),
        Parts::OperatorName => {
            let (namespace, name) = bytes.split_first()?;
            sheet.put("[");
            word_or_number(sheet, NAMESPACES, *namespace, "unknown namespace ");
            sheet.put("] ");
            sheet.caret(name);
        }
        Parts::LocationInformation => {
            number(sheet, "index ", value.u16_at(0)?);
            kind(sheet, ", code ", ["Civic", "Geospatial"], value.u8_at(2)?);
            kind(sheet, ", entity ", ["User", "RADIUS"], value.u8_at(3)?);
            sheet.put(", sighting time ");
            ntp::long_time(sheet, Time::at(value, 4)?);
            sheet.put(", time to live ");
            ntp::long_time(sheet, Time::at(value, 12)?);
            sheet.put(", method \"");
            sheet.caret(bytes.get(20..)?);
            sheet.put("\"");
        }
        Parts::LocationData => {
            number(sheet, "index ", value.u16_at(0)?);
            sheet.put(", location");
            hex::indented_with_ascii(sheet, "\n\t    ", bytes.get(2..)?);
        }
        Parts::LocationPolicy => {
            sheet.put("flags [");
            set_bits(sheet, POLICY, value.u16_at(0)?, "none");
            sheet.put("], retention expires ");
            ntp::long_time(sheet, Time::at(value, 2)?);
            if let note @ [_, ..] = bytes.get(10..)? {
                sheet.put(", note well \"");
                sheet.caret(note);
                sheet.put("\"");
            }
        }
    }
    Some(())
}

/// One of two kinds, or another.
fn kind(sheet: &mut Sheet, before: &'static str, names: [&'static str; 2], kind: u8) {
    sheet.put(before);
    match names.get(usize::from(kind)) {
        Some(name) => sheet.put(name),
        None => {
            number(sheet, "Unknown (", kind);
            sheet.put(")");
        }
    }
}
