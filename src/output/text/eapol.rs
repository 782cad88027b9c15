//! Lines of EAPOL, and of EAP in it.

use super::words::{Words, padded, set_bits, word};
use super::{Page, Sheet, walk};
use crate::decode::eapol::{self, Eap, Eapol};
use crate::decode::{Cause, Layers, Span};

const KINDS: Words =
    &[(0, "EAP packet"), (1, "EAPOL start"), (2, "EAPOL logoff"), (3, "EAPOL key"), (4, "Encapsulated ASF alert")];

const CODES: Words = &[(1, "Request"), (2, "Response"), (3, "Success"), (4, "Failure")];

const TYPES: Words = &[
    (0, "No proposed"),
    (1, "Identity"),
    (2, "Notification"),
    (3, "Nak"),
    (4, "MD5-challenge"),
    (5, "OTP"),
    (6, "GTC"),
    (13, "TLS"),
    (18, "SIM"),
    (21, "TTLS"),
    (23, "AKA"),
    (43, "FAST"),
    (254, "Expanded types"),
    (255, "Experimental"),
];

const TLS_FLAGS: Words = &[(0x80, "L bit"), (0x40, "More fragments bit"), (0x20, "Start bit")];

/// Messages of EAP for mobile telephones (RFC 4186, RFC 4187).
const SUBTYPES: Words = &[
    (1, "Challenge"),
    (2, "Auth reject"),
    (4, "Sync failure"),
    (5, "Identity"),
    (10, "Start"),
    (11, "Challenge"),
    (12, "Notification"),
    (13, "Reauth"),
    (14, "Client error"),
];

/// Prints a frame's head, and the packet in it at `-v`.
pub(super) fn print<'a>(page: &mut Page<'_>, frame: &Eapol<'a>, inside: &mut Layers<'a>) {
    named(page.sheet, KINDS, frame.kind());
    page.sheet.put(" v");
    page.sheet.dec(frame.version());
    page.sheet.put(", len ");
    page.sheet.dec(frame.length());
    if page.options.verbose == 0 || frame.kind() != eapol::PACKET {
        return;
    }
    if frame.length() == 0 {
        return page.truncated("eap");
    }
    page.sheet.put(", ");
    walk(page, inside, None);
}

/// `Identity (1)`
fn named(sheet: &mut Sheet, words: Words, number: u8) {
    sheet.put(word(words, number).unwrap_or("unknown"));
    sheet.put(" (");
    sheet.dec(number);
    sheet.put(")");
}

/// Prints a packet of EAP.
pub(super) fn packet(page: &mut Page<'_>, packet: &Eap<'_>) {
    if fields(page.sheet, packet).is_none() {
        page.truncated("eap");
    }
}

/// A packet that is not all there, or not of the length that the protocol around it says.
pub(super) fn malformed(page: &mut Page<'_>, cause: Cause) {
    if cause == Cause::Malformed {
        page.sheet.put("EAP fragment?");
    } else {
        page.truncated("eap");
    }
}

/// Prints a packet that another protocol carries; none where bytes are missing.
pub(super) fn within(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    match Eap::parse(span.wire().try_into().ok()?, span) {
        Ok((packet, ..)) => fields(sheet, &packet),
        Err(short) if short.cause == Cause::Malformed => {
            sheet.put("EAP fragment?");
            Some(())
        }
        Err(_) => None,
    }
}

/// What a packet says; none where bytes were not captured.
fn fields(sheet: &mut Sheet, packet: &Eap<'_>) -> Option<()> {
    named(sheet, CODES, packet.code());
    sheet.put(", id ");
    sheet.dec(packet.identifier());
    sheet.put(", len ");
    sheet.dec(packet.length());
    let span = packet.span();
    if packet.length() < 4 {
        sheet.put(" (too short for EAP header)");
        return Some(());
    }
    if span.bytes().len() < usize::from(packet.length()) {
        return None;
    }
    if matches!(packet.code(), eapol::REQUEST | eapol::RESPONSE) {
        match packet.kind() {
            Some(kind) => data(sheet, kind, span.skip(5)),
            None => sheet.put(" (too short for EAP request/response)"),
        }
    }
    Some(())
}

/// The type of a request or response, and what is behind it.
fn data(sheet: &mut Sheet, kind: u8, rest: Span<'_>) {
    sheet.put("\n\t\t Type ");
    named(sheet, TYPES, kind);
    let told = match kind {
        eapol::IDENTITY if rest.is_empty() => Ok(()),
        eapol::NOTIFICATION if rest.is_empty() => Err(" (too short for EAP Notification request/response)"),
        eapol::IDENTITY | eapol::NOTIFICATION => {
            sheet.put(if kind == eapol::IDENTITY { ", Identity: " } else { ", Notification: " });
            padded(sheet, rest.bytes());
            Ok(())
        }
        eapol::NAK if rest.is_empty() => Err(" (too short for EAP Legacy NAK request/response)"),
        eapol::NAK => {
            let mut joint = " ";
            for wanted in rest.bytes() {
                sheet.put(joint);
                named(sheet, TYPES, *wanted);
                joint = ", ";
            }
            Ok(())
        }
        eapol::TLS => tls(sheet, None, rest),
        eapol::TTLS => tls(sheet, Some(" TTLSv"), rest),
        eapol::FAST => tls(sheet, Some(" FASTv"), rest).map_err(|short| match short {
            TLS_SHORT => " (too short for EAP FAST request/response)",
            _ => " (too short for EAP FAST request/response with length)",
        }),
        eapol::AKA | eapol::SIM => match rest.u8_at(0) {
            None => Err(" (too short for EAP SIM/AKA request/response)"),
            Some(subtype) => {
                sheet.put(" subtype [");
                sheet.put(word(SUBTYPES, subtype).unwrap_or("unknown"));
                sheet.put("] 0x");
                sheet.hex_padded(subtype, 2);
                Ok(())
            }
        },
        _ => Ok(()),
    };
    if let Err(short) = told {
        sheet.put(short);
    }
}

const TLS_SHORT: &str = " (too short for EAP TLS/TTLS request/response)";
const TLS_SHORT_WITH_LENGTH: &str = " (too short for EAP TLS/TTLS request/response with length)";

/// The head of a part of a TLS conversation (RFC 5216); where the method has versions, `name` stands before its.
fn tls(sheet: &mut Sheet, name: Option<&'static str>, rest: Span<'_>) -> Result<(), &'static str> {
    let flags = rest.u8_at(0).ok_or(TLS_SHORT)?;
    if let Some(name) = name {
        sheet.put(name);
        sheet.dec(flags & 7);
    }
    sheet.put(" flags [");
    set_bits(sheet, TLS_FLAGS, flags, "none");
    sheet.put("] 0x");
    sheet.hex_padded(flags, 2);
    if flags & 0x80 != 0 {
        let length = rest.u32_at(1).ok_or(TLS_SHORT_WITH_LENGTH)?;
        sheet.put(", len ");
        sheet.dec(length);
    }
    Ok(())
}
