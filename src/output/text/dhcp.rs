//! Lines of BOOTP and DHCP.

mod options;

use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::dhcp::{Dhcp, field};

/// Hardware addresses of Ethernet: their kind and length.
const ETHERNET: (u8, u8) = (1, 6);

/// Vendor data of Carnegie Mellon's BOOTP.
const COOKIE_CMU: u32 = 0x434d_5500;

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    let Ok(message) = Dhcp::parse(span) else { return page.truncated("bootp") };
    if fields(page, &message).is_none() {
        page.truncated("bootp");
    }
}

/// All that the message says; none where bytes are missing.
fn fields(page: &mut Page<'_>, message: &Dhcp<'_>) -> Option<()> {
    const REQUEST: u8 = 1;
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    sheet.put("BOOTP/DHCP, ");
    match message.operation() {
        REQUEST => sheet.put("Request"),
        2 => sheet.put("Reply"),
        other => {
            sheet.put("unknown (0x");
            sheet.hex_padded(other, 2);
            sheet.put(")");
        }
    }
    let hardware = message.hardware()?;
    if hardware == ETHERNET && message.operation() == REQUEST {
        let address = message.ethernet()?;
        sheet.put(" from ");
        sheet.mac(address);
    }
    sheet.put(", length ");
    sheet.len_of(message.span().wire());
    if verbose == 0 {
        return Some(());
    }
    let (seconds, hops, transaction) = (message.seconds()?, message.hops()?, message.transaction()?);
    let number = |sheet: &mut Sheet, name: &'static str, number: u32| {
        sheet.put(name);
        sheet.dec(number);
    };
    if hardware.0 != ETHERNET.0 {
        number(sheet, ", htype ", hardware.0.into());
    }
    if hardware != ETHERNET {
        number(sheet, ", hlen ", hardware.1.into());
    }
    if hops != 0 {
        number(sheet, ", hops ", hops.into());
    }
    if transaction != 0 {
        sheet.put(", xid 0x");
        sheet.hex(transaction);
    }
    if seconds != 0 {
        number(sheet, ", secs ", seconds.into());
    }
    let flags = message.flags()?;
    sheet.put(if flags & 0x8000 != 0 { ", Flags [Broadcast]" } else { ", Flags [none]" });
    if verbose > 1 {
        sheet.put(" (0x");
        sheet.hex_padded(flags, 4);
        sheet.put(")");
    }
    for (name, at) in [
        ("\n\t  Client-IP ", field::CLIENT),
        ("\n\t  Your-IP ", field::YOURS),
        ("\n\t  Server-IP ", field::SERVER),
        ("\n\t  Gateway-IP ", field::GATEWAY),
    ] {
        let address = message.address(at)?;
        if address != [0; 4] {
            sheet.put(name);
            sheet.ipv4(address);
        }
    }
    if hardware == ETHERNET {
        let address = message.ethernet()?;
        sheet.put("\n\t  Client-Ethernet-Address ");
        sheet.mac(address);
    }
    for (name, at, end) in
        [("\n\t  sname \"", field::SERVER_NAME, field::FILE), ("\n\t  file \"", field::FILE, field::VENDOR)]
    {
        string(sheet, name, message.span().limit(end).skip(at))?;
    }
    let vendor = message.address(field::VENDOR).map(u32::from_be_bytes)?;
    match message.options() {
        Some(options) => options::print(page, options)?,
        None if vendor == COOKIE_CMU => sheet.put(" vend-cmu"),
        None if vendor != 0 => {
            sheet.put("\n\t  Vendor-#0x");
            sheet.hex(vendor);
        }
        None => {}
    }
    Some(())
}

/// A string that ends with its first zero, if it is not empty; none where there is no such zero.
fn string(sheet: &mut Sheet, name: &'static str, field: Span<'_>) -> Option<()> {
    if field.u8_at(0)? == 0 {
        return Some(());
    }
    let end = field.bytes().iter().position(|byte| *byte == 0);
    sheet.put(name);
    sheet.caret(field.bytes().get(..end.unwrap_or(field.bytes().len()))?);
    sheet.put("\"");
    end.map(|_| ())
}
