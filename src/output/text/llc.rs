//! Lines of logical link control and SNAP.

use super::names::ether_type;
use super::words::organisation;
use super::{Page, Sheet, hex, stp, walk};
use crate::decode::llc::{self, Control, Llc, OUI_BRIDGED, OUI_CISCO, Snap};
use crate::decode::{Layers, Next};

/// The control byte of an exchange of identities, without its poll bit.
const EXCHANGE: u8 = 0xaf;

/// Prints one header and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Llc<'a>, inside: &mut Layers<'a>) {
    if header.is_raw_ipx() {
        if page.options.link_header {
            page.sheet.put("IPX 802.3: ");
        }
        return walk(page, inside, None);
    }
    if page.options.link_header {
        link_header(page.sheet, header);
    }
    let behind = header.span().skip(header.header_len());
    match header.datagram() {
        Some(llc::SAP_SNAP) => match header.snap() {
            Some(snap) => snap_protocol(page, header, snap, inside),
            None => page.truncated("snap"),
        },
        Some(llc::SAP_IP) => walk(page, inside, None),
        Some(llc::SAP_STP) => stp::print(page, behind),
        Some(llc::SAP_OSI) if behind.bytes().is_empty() => page.truncated("isoclns"),
        Some(llc::SAP_OSI) if inside.next_header() == Next::Isis => walk(page, inside, None),
        Some(llc::SAP_IPX) => {
            if page.options.link_header {
                page.sheet.put("IPX 802.2: ");
            }
            walk(page, inside, None);
        }
        _ => {
            if !page.options.link_header {
                ends(page, header);
            }
            kind(page, header);
            if !matches!(header.control(), Control::Numbered(word) if word & 3 == 1) && !is_exchange(header) {
                page.unknown(header.span().bytes());
            }
        }
    }
}

/// All of the header, as `-e` shows it.
fn link_header(sheet: &mut Sheet, header: &Llc<'_>) {
    sheet.put("LLC, dsap ");
    sheet.put(access_point(header.destination()).unwrap_or("Unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(header.destination(), 2);
    sheet.put(if header.is_group() { ") Group, ssap " } else { ") Individual, ssap " });
    sheet.put(access_point(header.source()).unwrap_or("Unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(header.source(), 2);
    sheet.put(if header.is_response() { ") Response, ctrl 0x" } else { ") Command, ctrl 0x" });
    match header.control() {
        Control::Unnumbered(byte) => sheet.hex_padded(byte, 2),
        Control::Numbered(word) => sheet.hex_padded(word, 4),
    }
    sheet.put(": ");
}

/// The name of a service access point.
fn access_point(point: u8) -> Option<&'static str> {
    Some(match point {
        0x00 => "Null",
        0x02 => "802.1B I",
        llc::SAP_IP => "IP",
        0x04 => "SNA",
        0x0e => "ProWay NM",
        llc::SAP_STP => "STP",
        0x4e => "RS511",
        0x7e => "ISO8208",
        0x8e => "ProWay",
        llc::SAP_SNAP => "SNAP",
        llc::SAP_IPX => "IPX",
        0xf0 => "NetBeui",
        llc::SAP_OSI => "OSI",
        llc::SAP_GLOBAL => "Global",
        _ => return None,
    })
}

/// Who speaks to whom: the frame's addresses, and the service access points.
fn ends(page: &mut Page<'_>, header: &Llc<'_>) {
    let ethernet = page.ethernet;
    let sheet = &mut *page.sheet;
    let point = |sheet: &mut Sheet, point: u8, unknown: &'static str| match access_point(point) {
        Some(name) => sheet.put(name),
        None => {
            sheet.put(unknown);
            sheet.hex_padded(point, 2);
        }
    };
    let same = header.destination() == header.source();
    if let Some((source, _)) = ethernet {
        sheet.mac(source);
        sheet.put(" ");
    }
    if !same {
        point(sheet, header.source(), "Unknown SSAP 0x");
        sheet.put(" ");
    }
    if ethernet.is_some() || !same {
        sheet.put("> ");
    }
    if let Some((_, destination)) = ethernet {
        sheet.mac(destination);
        sheet.put(" ");
    }
    point(sheet, header.destination(), "Unknown DSAP 0x");
    sheet.put(" ");
}

/// What kind of frame it is.
fn kind(page: &mut Page<'_>, header: &Llc<'_>) {
    let sheet = &mut *page.sheet;
    match header.control() {
        Control::Unnumbered(byte) => {
            sheet.put("Unnumbered, ");
            match byte & !0x10 {
                0x03 => sheet.put("ui"),
                0x0f => sheet.put("dm"),
                0x43 => sheet.put("disc"),
                0x63 => sheet.put("ua"),
                0x6f => sheet.put("sabme"),
                0x87 => sheet.put("frmr"),
                EXCHANGE => sheet.put("xid"),
                0xe3 => sheet.put("test"),
                other => sheet.hex_padded(other, 2),
            }
        }
        Control::Numbered(word) => {
            if word & 1 == 1 {
                sheet.put("Supervisory, ");
                sheet.put(match word >> 2 & 3 {
                    0 => "Receiver Ready",
                    1 => "Receiver not Ready",
                    2 => "Reject",
                    _ => "?",
                });
            } else {
                sheet.put("Information, send seq ");
                sheet.dec(word >> 1 & 0x7f);
            }
            sheet.put(", rcv seq ");
            sheet.dec(word >> 9);
        }
    }
    sheet.put(match (header.is_response(), header.is_poll()) {
        (false, false) => ", Flags [Command], length ",
        (true, false) => ", Flags [Response], length ",
        (false, true) => ", Flags [Poll], length ",
        (true, true) => ", Flags [Final], length ",
    });
    sheet.len_of(header.span().wire());
    if is_exchange(header) {
        exchange(page, header);
    }
}

/// Whether an exchange of identities follows in the form that 802.2 gives it.
fn is_exchange(header: &Llc<'_>) -> bool {
    let behind = header.span().skip(header.header_len());
    matches!(header.control(), Control::Unnumbered(byte) if byte & !0x10 == EXCHANGE)
        && (behind.bytes().is_empty() || behind.u8_at(0) == Some(0x81))
}

fn exchange(page: &mut Page<'_>, header: &Llc<'_>) {
    let behind = header.span().skip(header.header_len());
    match behind.array_at::<3>(0) {
        Some([_, classes, window]) => {
            page.sheet.put(": ");
            page.sheet.hex_padded(classes, 2);
            page.sheet.put(" ");
            page.sheet.hex_padded(window, 2);
        }
        None if behind.is_empty() => {}
        None => {
            page.truncated("llc");
            hex::hex_and_ascii(page.sheet, behind.bytes());
        }
    }
}

fn snap_protocol<'a>(page: &mut Page<'_>, header: &Llc<'a>, snap: Snap, inside: &mut Layers<'a>) {
    let behind = header.span().skip(header.header_len().saturating_add(5));
    if page.options.link_header {
        page.sheet.put("oui ");
        organisation(page.sheet, snap.oui);
        page.sheet.put(if snap.oui == llc::OUI_ETHERNET { ", ethertype " } else { ", pid " });
        protocol(page.sheet, snap);
        page.sheet.put(", length ");
        page.sheet.len_of(behind.wire());
        page.sheet.put(": ");
    }
    match (snap.oui, snap.protocol) {
        (OUI_CISCO, 0x010b | 0x010c) | (OUI_BRIDGED, 0x000e) => return stp::print(page, inside.rest()),
        _ => {}
    }
    // What is skipped before a bridged frame counts as part of the header.
    if inside.rest().offset() > behind.offset() && behind.bytes().len() < 2 {
        return page.truncated("snap");
    }
    let mut ahead = *inside;
    if ahead.next().is_some() || ahead.stop().is_some() {
        return walk(page, inside, None);
    }
    if !page.options.link_header {
        if let Some((source, destination)) = page.ethernet {
            page.sheet.mac(source);
            page.sheet.put(" > ");
            page.sheet.mac(destination);
            page.sheet.put(" ");
        }
        if snap.oui == llc::OUI_ETHERNET {
            page.sheet.put("SNAP, ethertype ");
        } else {
            page.sheet.put("SNAP, oui ");
            organisation(page.sheet, snap.oui);
            page.sheet.put(", pid ");
        }
        protocol(page.sheet, snap);
        page.sheet.put(", length ");
        page.sheet.len_of(behind.wire());
        page.sheet.put(": ");
    }
    page.unknown(header.span().bytes());
}

fn protocol(sheet: &mut Sheet, snap: Snap) {
    let name = match (snap.oui, snap.protocol) {
        (llc::OUI_ETHERNET | llc::OUI_CISCO_BRIDGED | llc::OUI_APPLE, kind) => ether_type(kind),
        (OUI_CISCO, 0x0111) => Some("UDLD"),
        (OUI_CISCO, 0x010b) => Some("PVST"),
        (OUI_CISCO, 0x010c) => Some("VLAN Bridge"),
        (OUI_CISCO, 0x2000) => Some("CDP"),
        (OUI_CISCO, 0x2003) => Some("VTP"),
        (OUI_CISCO, 0x2004) => Some("DTP"),
        (OUI_BRIDGED, 0x0001) => Some("Ethernet + FCS"),
        (OUI_BRIDGED, 0x0007) => Some("Ethernet w/o FCS"),
        (OUI_BRIDGED, 0x000e) => Some("BPDU"),
        _ => None,
    };
    sheet.put(name.unwrap_or("Unknown"));
    sheet.put(" (0x");
    sheet.hex_padded(snap.protocol, 4);
    sheet.put(")");
}
