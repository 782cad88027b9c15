//! Lines of VRRP.

use super::udp::residue;
use super::{Ip, Page, Sheet};
use crate::decode::vrrp::{HEAD, PROTOCOL, Vrrp};

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Vrrp<'_>, ip: Option<Ip<'_>>) {
    if fields(page, message, ip).is_none() {
        page.truncated("vrrp");
    }
}

/// All that the message says; none where bytes are missing.
fn fields(page: &mut Page<'_>, message: &Vrrp<'_>, ip: Option<Ip<'_>>) -> Option<()> {
    let sheet = &mut *page.sheet;
    let version = message.version();
    sheet.put("VRRPv");
    sheet.dec(version);
    if message.kind() == 1 {
        sheet.put(", Advertisement");
    } else {
        sheet.put(", unknown type (");
        sheet.dec(message.kind());
        sheet.put(")");
    }
    // A message from another link can't be right (RFC 5798, 5.1.1.3).
    let ttl = match ip {
        Some(Ip::V4(header)) => header.ttl(),
        Some(Ip::V6(header)) => header.hop_limit(),
        None => 255,
    };
    if ttl != 255 {
        sheet.put(", (ttl ");
        sheet.dec(ttl);
        sheet.put(")");
    }
    if !(2..=3).contains(&version) || message.kind() != 1 {
        return Some(());
    }
    let (router, priority) = message.router()?;
    sheet.put(", vrid ");
    sheet.dec(router);
    sheet.put(", prio ");
    sheet.dec(priority);
    if version == 2 {
        sheet.put(match message.authentication()? {
            0 => ", authtype none",
            SIMPLE => ", authtype simple",
            2 => ", authtype ah",
            _ => ", authtype ",
        });
        if let kind @ 3.. = message.authentication()? {
            sheet.put("#");
            sheet.dec(kind);
        }
    }
    let interval = message.interval()?;
    sheet.put(", intvl ");
    sheet.dec(interval);
    sheet.put(if version == 2 { "s, length " } else { "cs, length " });
    sheet.len_of(message.span().wire());
    if page.options.verbose > 0 {
        checksum(page, message, ip)?;
        addresses(page.sheet, message, ip)?;
    }
    Some(())
}

/// The kind of authentication that shows its password.
const SIMPLE: u8 = 1;

fn checksum(page: &mut Page<'_>, message: &Vrrp<'_>, ip: Option<Ip<'_>>) -> Option<()> {
    let residue = match message.version() {
        2 => message.checksum_residue(),
        _ => ip.and_then(|ip| residue(page, message.span(), ip, PROTOCOL)),
    };
    if let Some(1..) = residue {
        let found = message.checksum()?;
        page.sheet.put(", (bad vrrp cksum ");
        page.sheet.hex(found);
        page.sheet.put(")");
    }
    Some(())
}

/// The addresses of the virtual router, and the password of version 2.
fn addresses(sheet: &mut Sheet, message: &Vrrp<'_>, ip: Option<Ip<'_>>) -> Option<()> {
    let count = message.address_count()?;
    sheet.put(", addrs");
    if count > 1 {
        sheet.put("(");
        sheet.dec(count);
        sheet.put(")");
    }
    sheet.put(":");
    let mut rest = message.span().skip(HEAD);
    let mut joint = " ";
    for _ in 0..count {
        if let Some(Ip::V6(_)) = ip {
            let (address, behind) = rest.split_array().ok()?;
            sheet.put(joint);
            sheet.ipv6(*address);
            rest = behind;
        } else {
            let (address, behind) = rest.split_array().ok()?;
            sheet.put(joint);
            sheet.ipv4(*address);
            rest = behind;
        }
        joint = ",";
    }
    if message.version() == 2 && message.authentication() == Some(SIMPLE) {
        sheet.put(" auth \"");
        let password = rest.limit(8);
        let end = password.bytes().iter().position(|byte| *byte == 0);
        sheet.caret(password.bytes().get(..end.unwrap_or(password.bytes().len()))?);
        if end.is_none() && password.bytes().len() < 8 {
            return None;
        }
        sheet.put("\"");
    }
    Some(())
}
