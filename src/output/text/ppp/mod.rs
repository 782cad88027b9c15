//! Lines of the point-to-point protocol: its frames here; its control and authentication protocols in files of
//! their own.

mod authentication;
mod control;
mod settings;

use super::words::{Words, set_bits, word};
use super::{Page, Sheet, hex, walk};
use crate::decode::ppp::{self, Ppp};
use crate::decode::{Layers, Next, Span};
use crate::frame::Direction;

pub(super) use authentication::print as authentication;
pub(super) use control::print as control;

/// Protocol numbers (IANA).
const PROTOCOLS: Words = &[
    (0x0021, "IP"),
    (0x0023, "OSI"),
    (0x0025, "NS"),
    (0x0027, "DECNET"),
    (0x0029, "APPLE"),
    (0x002b, "IPX"),
    (0x002d, "VJC IP"),
    (0x002f, "VJNC IP"),
    (0x0031, "BRPDU"),
    (0x0033, "STII"),
    (0x0035, "VINES"),
    (0x003d, "MLPPP"),
    (0x0057, "IP6"),
    (0x00fd, "Compressed"),
    (0x0281, "MPLS"),
    (0x0283, "MPLS"),
    (0x0201, "HELLO"),
    (0x0231, "LUXCOM"),
    (0x0233, "SNS"),
    (0x8021, "IPCP"),
    (0x8023, "OSICP"),
    (0x8025, "NSCP"),
    (0x8027, "DECNETCP"),
    (0x8029, "APPLECP"),
    (0x802b, "IPXCP"),
    (0x8033, "STIICP"),
    (0x8035, "VINESCP"),
    (0x8057, "IP6CP"),
    (0x8281, "MPLSCP"),
    (0xc021, "LCP"),
    (0xc023, "PAP"),
    (0xc025, "LQM"),
    (0xc223, "CHAP"),
    (0xc227, "EAP"),
    (0xc027, "SPAP"),
    (0xc123, "Old-SPAP"),
    (0xc02b, "BACP"),
    (0xc02d, "BAP"),
    (0xc03d, "MLPPP-CP"),
    (0x80fd, "CCP"),
];

/// Prints a frame: its head with `-e`, and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, frame: &Ppp<'a>, inside: &mut Layers<'a>) {
    if frame.is_typed() {
        page.sheet.put(": ");
    }
    if page.options.link_header {
        direction(page.sheet, frame.direction());
        let name = word(PROTOCOLS, frame.protocol());
        page.sheet.put(name.unwrap_or("unknown"));
        page.sheet.put(" (0x");
        page.sheet.hex_padded(frame.protocol(), 4);
        page.sheet.put("), length ");
        page.sheet.len_of(frame.span().wire());
        if name.is_none() {
            return;
        }
        page.sheet.put(": ");
    }
    walk(page, inside, None);
}

fn direction(sheet: &mut Sheet, direction: Direction) {
    sheet.put(match direction {
        Direction::Inbound => "In  ",
        Direction::Outbound => "Out ",
        Direction::Unknown => "",
    });
}

/// `LCP`, or `unknown PPP protocol (0x1234)`.
pub(super) fn protocol(sheet: &mut Sheet, protocol: u16) {
    match word(PROTOCOLS, protocol) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("unknown PPP protocol (0x");
            sheet.hex_padded(protocol, 4);
            sheet.put(")");
        }
    }
}

/// What a frame carries where no decoder knows it.
pub(super) fn unknown(page: &mut Page<'_>, number: u16, layers: &Layers<'_>) {
    let rest = layers.rest();
    match number {
        FLAG_FIRST..=FLAG_LAST => escaped(page, number, layers),
        ppp::MULTILINK => multilink(page, rest),
        ppp::COMPRESSED => page.sheet.put("compressed PPP data"),
        // The bandwidth allocation protocol is not told, as in tcpdump.
        0xc02d => {}
        _ => {
            protocol(page.sheet, number);
            page.sheet.put(" ");
            hex::indented(page.sheet, "\n\t", rest.bytes());
        }
    }
}

/// Numbers that begin with the byte that stands between the frames of an asynchronous line.
const FLAG_FIRST: u16 = 0x7e00;
const FLAG_LAST: u16 = 0x7eff;

/// The byte before one that the line does not carry as it is.
const ESCAPE: u8 = 0x7d;

/// A frame as an asynchronous line carries it (RFC 1662, 4): what its form is must be guessed.
fn escaped(page: &mut Page<'_>, number: u16, layers: &Layers<'_>) {
    let [_, first] = number.to_be_bytes();
    let rest = layers.rest();
    let mut line = std::iter::once(first).chain(rest.bytes().iter().copied()).take(rest.wire().saturating_add(1));
    let mut frame = Vec::with_capacity(rest.bytes().len());
    while let Some(byte) = line.next() {
        match byte {
            ESCAPE => frame.extend(line.next().map(|byte| byte ^ 0x20)),
            byte => frame.push(byte),
        }
    }
    let (protocol, head) = match *frame {
        [short @ (0x21 | 0x57), ..] => (u16::from(short), 1),
        [0xff, 0x03, high, low, ..] => (u16::from_be_bytes([high, low]), 4),
        [0xff, 0x03, ..] | [_] | [] => return page.truncated(page.ppp),
        [high, low, ..] => (u16::from_be_bytes([high, low]), 2),
    };
    if let FLAG_FIRST..=FLAG_LAST = protocol {
        page.sheet.put("(protocol 0x");
        page.sheet.hex_padded(protocol, 4);
        return page.sheet.put(" invalid)");
    }
    let payload = Span::new(&frame, frame.len()).skip(head);
    walk(page, &mut layers.elsewhere(Next::PppProtocol(protocol), payload), None);
}

/// A part of a frame on a bundle of links (RFC 1990), with short sequence numbers.
fn multilink(page: &mut Page<'_>, rest: Span<'_>) {
    if !page.options.link_header {
        page.sheet.put("MLPPP, ");
    }
    let Some(head) = rest.u16_at(0) else { return page.sheet.put("[|mlppp]") };
    page.sheet.put("seq 0x");
    page.sheet.hex_padded(head & 0x0fff, 3);
    page.sheet.put(", Flags [");
    set_bits(page.sheet, &[(0x8000, "begin"), (0x4000, "end")], head, "none");
    page.sheet.put("], length ");
    page.sheet.len_of(rest.wire());
}
