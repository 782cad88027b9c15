//! Lines of frames of serial lines.

use super::names::put_ether_type;
use super::{Page, Sheet, hex, ppp, walk};
use crate::decode::hdlc::{ALL_STATIONS, CISCO_BROADCAST, CISCO_UNICAST, Hdlc, Slarp};
use crate::decode::{Layers, Next, Span};
use crate::frame::LinkType;

/// Prints a whole frame.
pub(super) fn print<'a>(page: &mut Page<'_>, link_type: LinkType, frame: &Hdlc<'a>, inside: &mut Layers<'a>) {
    if link_type == LinkType::C_HDLC || frame.is_cisco() {
        return cisco(page, frame, inside);
    }
    let sheet = &mut *page.sheet;
    if page.options.link_header {
        sheet.hex_padded(frame.address(), 2);
        sheet.put(" ");
        sheet.hex_padded(frame.control(), 2);
        sheet.put(" ");
        sheet.len_of(frame.span().wire());
        sheet.put(" ");
    }
    if frame.address() != ALL_STATIONS {
        sheet.put("unknown addr ");
        sheet.hex_padded(frame.address(), 2);
        sheet.put("; ctrl ");
        return sheet.hex_padded(frame.control(), 2);
    }
    ppp::protocol(sheet, frame.protocol());
    sheet.put(": ");
    page.ppp = "ppp_hdlc";
    walk(page, inside, None);
}

fn cisco<'a>(page: &mut Page<'_>, frame: &Hdlc<'a>, inside: &mut Layers<'a>) {
    let sheet = &mut *page.sheet;
    if page.options.link_header {
        match frame.address() {
            CISCO_UNICAST => sheet.put("unicast"),
            CISCO_BROADCAST => sheet.put("bcast"),
            other => {
                sheet.put("0x");
                sheet.hex_padded(other, 2);
            }
        }
        sheet.put(", ethertype ");
        put_ether_type(sheet, frame.protocol());
        sheet.put(", length ");
        sheet.len_of(frame.span().wire());
        sheet.put(": ");
    }
    if inside.next_header() != Next::Payload {
        return walk(page, inside, None);
    }
    if !page.options.link_header {
        page.sheet.put("unknown CHDLC protocol (0x");
        page.sheet.hex_padded(frame.protocol(), 4);
        page.sheet.put(")");
    }
}

/// A frame whose head is not all there.
pub(super) fn malformed(page: &mut Page<'_>, link_type: LinkType, span: Span<'_>) {
    let is_cisco = matches!(span.u8_at(0), Some(CISCO_UNICAST | CISCO_BROADCAST)) && span.bytes().len() >= 2;
    page.truncated(if link_type == LinkType::C_HDLC || is_cisco { "chdlc" } else { "ppp_hdlc" });
}

/// Bytes of a message, without and with the time that a line is up.
const SLARP: usize = 14;
const SLARP_WITH_TIME: usize = 18;

/// Prints a message of SLARP.
pub(super) fn slarp(page: &mut Page<'_>, message: &Slarp<'_>) {
    if slarp_fields(page.sheet, message, page.options.verbose).is_none() {
        page.truncated("chdlc_slarp");
    }
}

fn slarp_fields(sheet: &mut Sheet, message: &Slarp<'_>, verbose: u8) -> Option<()> {
    let span = message.span();
    let length = span.wire();
    sheet.put("SLARP (length: ");
    sheet.len_of(length);
    sheet.put("), ");
    let _ = span.split(SLARP).ok()?;
    let behind_code = span.skip(4).bytes();
    match message.code()? {
        0 => sheet.put("request"),
        1 => {
            sheet.put("reply ");
            sheet.ipv4(span.array_at(4)?);
            sheet.put("/");
            sheet.ipv4(span.array_at(8)?);
        }
        2 => {
            sheet.put("keepalive: mineseen=0x");
            sheet.hex_padded(span.u32_at(4)?, 8);
            sheet.put(", yourseen=0x");
            sheet.hex_padded(span.u32_at(8)?, 8);
            sheet.put(", reliability=0x");
            sheet.hex_padded(span.u16_at(12)?, 4);
            if length >= SLARP_WITH_TIME {
                let seconds = span.u32_at(SLARP)? / 1000;
                sheet.put(", link uptime=");
                for (number, unit) in
                    [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
                {
                    sheet.dec(number);
                    sheet.put(unit);
                }
            }
        }
        code => {
            sheet.put(if code < 0x10 { "0x0" } else { "0x" });
            sheet.hex(code);
            sheet.put(" unknown");
            if verbose <= 1 {
                hex::indented(sheet, "\n\t", behind_code);
            }
        }
    }
    if length > SLARP_WITH_TIME && verbose > 0 {
        sheet.put(", (trailing junk: ");
        sheet.len_of(length.saturating_sub(SLARP_WITH_TIME));
        sheet.put(" bytes)");
    }
    if verbose > 1 {
        hex::indented(sheet, "\n\t", behind_code);
    }
    Some(())
}
