//! Lines of IPX, and of its routing and service protocols.

use super::words::padded;
use super::{Page, Sheet, invalid, whole};
use crate::decode::ipx::{self, Address, Ipx};
use crate::decode::{Layers, Span};

/// The most routes and services of one message.
const MAX_ROUTES: usize = 50;
const MAX_SERVICES: usize = 8;

/// Prints one packet.
pub(super) fn print(page: &mut Page<'_>, header: &Ipx<'_>, inside: &Layers<'_>) {
    name(page, header.is_typed());
    let sheet = &mut *page.sheet;
    address(sheet, &header.source());
    sheet.put(" > ");
    address(sheet, &header.destination());
    sheet.put(": ");
    if header.length() < 30 {
        sheet.put("[length ");
        sheet.dec(header.length());
        sheet.put(" < 30] (invalid)");
        return;
    }
    let length = header.length().saturating_sub(30);
    let told = match header.destination().socket {
        ipx::NCP => named(sheet, "ipx-ncp ", length),
        ipx::SAP => services(sheet, inside.rest()),
        ipx::RIP => routes(sheet, inside.rest()),
        ipx::NETBIOS => named(sheet, "ipx-netbios ", length),
        ipx::DIAGNOSTICS => named(sheet, "ipx-diags ", length),
        ipx::NWLINK => named(sheet, "ipx-nwlink-dgm ", length),
        socket => {
            sheet.put("ipx-#");
            sheet.hex(socket);
            named(sheet, " ", length)
        }
    };
    if told.is_none() {
        page.truncated("ipx");
    }
}

/// A header that is not all there.
pub(super) fn malformed(page: &mut Page<'_>, typed: bool) {
    name(page, typed);
    page.truncated("ipx");
}

fn name(page: &mut Page<'_>, typed: bool) {
    if typed {
        page.sheet.put("(NOV-ETHII) ");
    }
    if !page.options.link_header {
        page.sheet.put("IPX ");
    }
}

fn named(sheet: &mut Sheet, name: &'static str, length: u16) -> Option<()> {
    sheet.put(name);
    sheet.dec(length);
    Some(())
}

fn address(sheet: &mut Sheet, address: &Address) {
    node(sheet, address.network, address.node);
    sheet.put(".");
    sheet.hex_padded(address.socket, 4);
}

fn node(sheet: &mut Sheet, network: u32, node: [u8; 6]) {
    sheet.hex_padded(network, 8);
    sheet.put(".");
    sheet.mac_number(node);
}

/// Service advertising: none where bytes of a message are missing.
fn services(sheet: &mut Sheet, message: Span<'_>) -> Option<()> {
    let command = message.u16_at(0)?;
    let mut rest = message.skip(2);
    match command {
        1 | 3 => {
            sheet.put(if command == 1 { "ipx-sap-req" } else { "ipx-sap-nearest-req" });
            let service = rest.u16_at(0)?;
            sheet.put(" ");
            sheet.hex_padded(service, 4);
        }
        2 | 4 => {
            sheet.put(if command == 2 { "ipx-sap-resp" } else { "ipx-sap-nearest-resp" });
            for _ in 0..MAX_SERVICES {
                if rest.is_empty() {
                    break;
                }
                let service = rest.u16_at(0)?;
                sheet.put(" ");
                sheet.hex_padded(service, 4);
                sheet.put(" '");
                let name = rest.skip(2).limit(48);
                padded(sheet, name.bytes());
                if !name.bytes().contains(&0) {
                    whole(name)?;
                }
                sheet.put("'");
                if rest.wire() < 60 {
                    return invalid(sheet, rest);
                }
                let (network, address) = (rest.u32_at(50)?, rest.array_at(54)?);
                sheet.put(" addr ");
                node(sheet, network, address);
                rest = rest.skip(64);
            }
        }
        _ => {
            sheet.put("ipx-sap-?");
            sheet.hex(command);
        }
    }
    Some(())
}

/// Routing information: none where bytes of a message are missing.
fn routes(sheet: &mut Sheet, message: Span<'_>) -> Option<()> {
    let command = message.u16_at(0)?;
    let count = match command {
        1 => 1,
        2 => MAX_ROUTES,
        _ => {
            sheet.put("ipx-rip-?");
            sheet.hex(command);
            return Some(());
        }
    };
    sheet.put(if command == 1 { "ipx-rip-req" } else { "ipx-rip-resp" });
    let mut rest = message.skip(2);
    for _ in 0..count {
        if rest.is_empty() {
            break;
        }
        let (network, hops, ticks) = (rest.u32_at(0)?, rest.u16_at(4)?, rest.u16_at(6)?);
        sheet.put(" ");
        sheet.hex_padded(network, 8);
        sheet.put("/");
        sheet.dec(hops);
        sheet.put(".");
        sheet.dec(ticks);
        rest = rest.skip(8);
    }
    Some(())
}
