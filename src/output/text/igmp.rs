//! Lines of IGMP, and the names of what shares its protocol number.

use super::multicast::{self, Family};
use super::{Page, Sheet, dvmrp, pimv1};
use crate::decode::igmp::{self, Igmp};
use crate::decode::multicast::interval;

const FAMILY: Family<4> = Family { put_address: Sheet::ipv4, unknown_record: " [v3-report-#" };

/// The usual code for the longest time to answer in, 10 seconds, which is not worth a word.
const USUAL_RESPONSE: u8 = 100;

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Igmp<'_>) {
    if page.options.quiet {
        return page.sheet.put("igmp");
    }
    if body(page, message).is_none() {
        return page.truncated(match message.kind() {
            igmp::PIM_V1 => "pimv1",
            igmp::DVMRP => "dvmrp",
            _ => "igmp",
        });
    }
    if page.options.verbose > 0
        && let (Some(found), Some(1..)) = (message.checksum(), message.checksum_residue())
    {
        page.sheet.put(" bad igmp cksum ");
        page.sheet.hex(found);
        page.sheet.put("!");
    }
}

/// What the message says; none where bytes for that are missing.
fn body(page: &mut Page<'_>, message: &Igmp<'_>) -> Option<()> {
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    let length = message.span().wire();
    match message.kind() {
        igmp::QUERY => {
            sheet.put("igmp query");
            if length >= 12 { query_v3(sheet, message, verbose)? } else { query(sheet, message)? }
        }
        igmp::V1_REPORT => {
            named(sheet, "igmp v1 report ", message)?;
            unusual_length(sheet, length);
        }
        igmp::V2_REPORT => named(sheet, "igmp v2 report ", message)?,
        igmp::LEAVE => named(sheet, "igmp leave ", message)?,
        igmp::V3_REPORT => {
            sheet.put("igmp v3 report");
            report_v3(sheet, message, verbose)?;
        }
        igmp::DVMRP => {
            sheet.put("igmp dvmrp");
            if length < 8 {
                unusual_length(sheet, length);
            } else {
                dvmrp::print(sheet, message.span(), verbose)?;
            }
        }
        igmp::PIM_V1 => {
            sheet.put("igmp pimv1");
            pimv1::print(sheet, message.span(), verbose)?;
        }
        igmp::MTRACE => mtrace(sheet, "mtrace ", message)?,
        igmp::MTRACE_RESPONSE => mtrace(sheet, "mresp ", message)?,
        kind => {
            sheet.put("igmp-");
            sheet.dec(kind);
        }
    }
    Some(())
}

fn named(sheet: &mut Sheet, name: &'static str, message: &Igmp<'_>) -> Option<()> {
    let group = message.group()?;
    sheet.put(name);
    sheet.ipv4(group);
    Some(())
}

fn unusual_length(sheet: &mut Sheet, length: usize) {
    if length != 8 {
        sheet.put(" [len ");
        sheet.len_of(length);
        sheet.put("]");
    }
}

fn invalid_length(sheet: &mut Sheet, length: usize) {
    sheet.put(" [invalid len ");
    sheet.len_of(length);
    sheet.put("]");
}

fn query(sheet: &mut Sheet, message: &Igmp<'_>) -> Option<()> {
    match message.code()? {
        0 => sheet.put(" v1"),
        USUAL_RESPONSE => sheet.put(" v2"),
        code => {
            sheet.put(" v2 [max resp time ");
            sheet.dec(code);
            sheet.put("]");
        }
    }
    let group = message.group()?;
    if group != [0; 4] {
        sheet.put(" [gaddr ");
        sheet.ipv4(group);
        sheet.put("]");
    }
    unusual_length(sheet, message.span().wire());
    Some(())
}

fn query_v3(sheet: &mut Sheet, message: &Igmp<'_>, verbose: u8) -> Option<()> {
    sheet.put(" v3");
    let length = message.span().wire();
    if !length.is_multiple_of(4) {
        invalid_length(sheet, length);
        return Some(());
    }
    let code = message.code()?;
    if code != USUAL_RESPONSE {
        sheet.put(" [max resp time ");
        tenths(sheet, interval(code));
        sheet.put("]");
    }
    let group = message.group()?;
    if group == [0; 4] {
        return Some(());
    }
    sheet.put(" [gaddr ");
    sheet.ipv4(group);
    let count = message.query_source_count()?;
    let room = length.saturating_sub(12);
    multicast::query_sources(sheet, &FAMILY, count, room, verbose, message.query_sources())?;
    sheet.put("]");
    Some(())
}

/// Tenths of a second: below a minute with their fraction, else as minutes and seconds.
fn tenths(sheet: &mut Sheet, tenths: u32) {
    let seconds = tenths / 10;
    if seconds < 60 {
        sheet.dec(seconds);
        sheet.put(".");
        sheet.dec(tenths % 10);
        return sheet.put("s");
    }
    sheet.dec(seconds / 60);
    sheet.put("m");
    if !seconds.is_multiple_of(60) {
        sheet.dec(seconds % 60);
        sheet.put("s");
    }
}

fn report_v3(sheet: &mut Sheet, message: &Igmp<'_>, verbose: u8) -> Option<()> {
    let length = message.span().wire();
    if length < 16 || !length.is_multiple_of(4) {
        invalid_length(sheet, length);
        return Some(());
    }
    let count = message.record_count()?;
    sheet.put(", ");
    sheet.dec(count);
    sheet.put(" group record(s)");
    if verbose > 0 { multicast::records(sheet, &FAMILY, message.records(), verbose) } else { Some(()) }
}

/// A query for the path of a group's packets, or its answer (draft-ietf-idmr-traceroute-ipm).
fn mtrace(sheet: &mut Sheet, name: &'static str, message: &Igmp<'_>) -> Option<()> {
    let span = message.span();
    if span.wire() < 24 {
        invalid_length(sheet, span.wire());
        return Some(());
    }
    let [hops, identifier @ ..] = span.array_at::<4>(20)?;
    let [a, b, c] = identifier;
    sheet.put(name);
    sheet.dec(u32::from_be_bytes([0, a, b, c]));
    sheet.put(": ");
    sheet.ipv4(span.array_at(8)?);
    sheet.put(" to ");
    sheet.ipv4(span.array_at(12)?);
    sheet.put(" reply-to ");
    let reply_to = span.array_at::<4>(16)?;
    sheet.ipv4(reply_to);
    if reply_to[0] >> 4 == 14 {
        sheet.put(" with-ttl ");
        sheet.dec(hops);
    }
    Some(())
}
