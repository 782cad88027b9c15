//! Lines of the Common Address Redundancy Protocol (OpenBSD's carp(4)), which has VRRP's number: only where it was asked
//! for.

use super::words::number;
use super::{Ip, Page, Sheet};
use crate::decode::Span;
use crate::decode::checksum;

/// The number of IP hops that a message may not have made.
const HOPS: u8 = 255;

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>, ip: Option<Ip<'_>>) {
    if fields(page.sheet, span, ip, page.options.verbose > 0).is_none() {
        page.truncated("carp");
    }
}

/// What the message says; none where bytes are missing.
fn fields(sheet: &mut Sheet, span: Span<'_>, ip: Option<Ip<'_>>, verbose: bool) -> Option<()> {
    let head = span.u8_at(0)?;
    let (version, kind) = (head >> 4, head & 15);
    number(sheet, "CARPv", version);
    sheet.put(if kind == 1 { "-advertise " } else { "-unknown " });
    sheet.len_of(span.wire());
    sheet.put(": ");
    let hops = match ip {
        Some(Ip::V4(header)) => header.ttl(),
        Some(Ip::V6(header)) => header.hop_limit(),
        None => HOPS,
    };
    if hops != HOPS {
        number(sheet, "[ttl=", hops);
        sheet.put("!] ");
    }
    if version != 2 || kind != 1 {
        return Some(());
    }
    let [_, host, skew, length, _, base] = span.array_at(0)?;
    number(sheet, "vhid=", host);
    number(sheet, " advbase=", base);
    number(sheet, " advskew=", skew);
    number(sheet, " authlen=", length);
    sheet.put(" ");
    if verbose && !span.is_cut() && checksum::of(span.bytes()) != 0 {
        sheet.put(" (bad carp cksum ");
        sheet.hex(span.u16_at(6)?);
        sheet.put("!)");
    }
    number(sheet, "counter=", span.array_at(8).map(u64::from_be_bytes)?);
    Some(())
}
