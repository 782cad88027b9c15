//! Lines of ARP, RARP and InARP.

use super::names::ether_type;
use super::{Page, Sheet, hex};
use crate::decode::arp::{self, Arp};
use crate::decode::ethernet::IPV4;

/// Trailer encapsulation (RFC 893), whose addresses are those of IPv4.
const TRAILER: u16 = 0x1000;

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Arp<'_>) {
    // The addresses of ATM have lengths of their own (RFC 2225, 8.7) and are not read.
    let readable = message.hardware() != arp::HARDWARE_ATM;
    if readable && message.target_protocol().is_none() {
        return page.truncated("arp");
    }
    if !page.options.link_header {
        page.sheet.put("ARP, ");
    }
    if !readable {
        page.sheet.put("ATM, length ");
        return page.sheet.len_of(message.span().wire());
    }
    let verbose = page.options.verbose > 0;
    let usual = is_ip(message) && message.protocol_len() == 4 && message.hardware_len() > 0;
    if verbose || !usual {
        kinds(page.sheet, message);
    }
    if verbose {
        page.sheet.put(", ");
    }
    if (verbose || usual) && !operation(page.sheet, message) {
        return hex::hex_and_ascii(page.sheet, message.span().bytes());
    }
    page.sheet.put(", length ");
    page.sheet.len_of(message.span().wire());
}

fn is_ip(message: &Arp<'_>) -> bool {
    matches!(message.protocol(), IPV4 | TRAILER)
}

/// Which kinds of addresses it is about, and how long they are.
fn kinds(sheet: &mut Sheet, message: &Arp<'_>) {
    let hardware = match message.hardware() {
        1 => "Ethernet",
        6 => "TokenRing",
        7 => "ArcNet",
        arp::HARDWARE_FRAME_RELAY => "FrameRelay",
        23 => "Strip",
        24 => "IEEE 1394",
        32 => "InfiniBand",
        number => {
            sheet.put("Unknown Hardware (");
            sheet.dec(number);
            ")"
        }
    };
    sheet.put(hardware);
    sheet.put(" (len ");
    sheet.dec(message.hardware_len());
    sheet.put("), ");
    match ether_type(message.protocol()) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("Unknown Protocol (0x");
            sheet.hex_padded(message.protocol(), 4);
            sheet.put(")");
        }
    }
    sheet.put(" (len ");
    sheet.dec(message.protocol_len());
    sheet.put(")");
}

/// What is asked or answered; whether it is known.
fn operation(sheet: &mut Sheet, message: &Arp<'_>) -> bool {
    let sender = message.sender_hardware().unwrap_or(&[]);
    let target = message.target_hardware().unwrap_or(&[]);
    match message.operation() {
        arp::REQUEST => {
            sheet.put("Request who-has ");
            protocol_address(sheet, message, message.target_protocol());
            if target.iter().any(|byte| *byte != 0) {
                sheet.put(" (");
                link_address(sheet, message, target);
                sheet.put(")");
            }
            sheet.put(" tell ");
            protocol_address(sheet, message, message.sender_protocol());
        }
        arp::REPLY => {
            sheet.put("Reply ");
            protocol_address(sheet, message, message.sender_protocol());
            sheet.put(" is-at ");
            link_address(sheet, message, sender);
        }
        arp::REVERSE_REQUEST | arp::INVERSE_REQUEST => {
            let inverse = message.operation() == arp::INVERSE_REQUEST;
            sheet.put(if inverse { "Inverse Request who-is " } else { "Reverse Request who-is " });
            link_address(sheet, message, target);
            sheet.put(" tell ");
            link_address(sheet, message, sender);
        }
        arp::REVERSE_REPLY => {
            sheet.put("Reverse Reply ");
            link_address(sheet, message, target);
            sheet.put(" at ");
            protocol_address(sheet, message, message.target_protocol());
        }
        arp::INVERSE_REPLY => {
            sheet.put("Inverse Reply ");
            link_address(sheet, message, sender);
            sheet.put(" at ");
            protocol_address(sheet, message, message.sender_protocol());
        }
        arp::NAK => {
            sheet.put("NACK Reply ");
            return false;
        }
        number => {
            sheet.put("Unknown (");
            sheet.dec(number);
            sheet.put(") ");
            return false;
        }
    }
    true
}

fn protocol_address(sheet: &mut Sheet, message: &Arp<'_>, address: Option<&[u8]>) {
    match address.and_then(|bytes| bytes.try_into().ok()) {
        _ if !is_ip(message) => sheet.put("<wrong proto type>"),
        Some(address) => sheet.ipv4(address),
        None => sheet.put("<wrong len>"),
    }
}

fn link_address(sheet: &mut Sheet, message: &Arp<'_>, address: &[u8]) {
    match (address, message.hardware()) {
        ([], _) => sheet.put("<empty>"),
        (_, arp::HARDWARE_FRAME_RELAY) => dlci(sheet, address),
        _ => match <[u8; 6]>::try_from(address) {
            Ok(address) => sheet.mac(address),
            Err(_) => sheet.hex_bytes(address, ":"),
        },
    }
}

/// A frame relay address (ITU-T Q.922, 3.2): a connection identifier in the high six, four, seven and six bits
/// of two to four bytes, of which the last has its low bit set.
fn dlci(sheet: &mut Sheet, address: &[u8]) {
    let last = address.iter().position(|byte| byte & 1 == 1);
    let Some(used) = last.filter(|last| (1..4).contains(last)).and_then(|last| address.get(..=last)) else {
        return sheet.put("<Invalid DLCI>");
    };
    let parts = used.iter().zip([(2, 6), (4, 4), (1, 7), (2, 6)]);
    sheet.put("DLCI ");
    sheet.dec(parts.fold(0u32, |number, (byte, (unused, bits))| number << bits | u32::from(byte >> unused)));
}
