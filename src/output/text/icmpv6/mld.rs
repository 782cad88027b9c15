//! Lines of multicast listener discovery.

use crate::decode::icmpv6::{Icmpv6, response_delay};
use crate::decode::multicast::interval;
use crate::output::Sheet;
use crate::output::text::multicast::{self, Family};

const FAMILY: Family<16> = Family { put_address: Sheet::ipv6, unknown_record: " [v2-report-#" };

/// Length of a message of version 1, and the least of a version 2 query, in bytes.
const VERSION_1: usize = 24;
const QUERY_V2: usize = 28;

/// A message of version 1; nothing where it was not all captured.
pub(super) fn version_1(sheet: &mut Sheet, message: &Icmpv6<'_>) {
    let listener = message.listener();
    if let (Some(delay), Some(group)) = (listener.response_code(), listener.group()) {
        sheet.put("max resp delay: ");
        sheet.dec(delay);
        sheet.put(" addr: ");
        sheet.ipv6(group);
    }
}

/// A query, whose length tells its version.
pub(super) fn query(sheet: &mut Sheet, message: &Icmpv6<'_>, verbose: u8) -> Option<()> {
    match message.span().wire() {
        VERSION_1 => {
            version_1(sheet, message);
            Some(())
        }
        QUERY_V2.. => query_v2(sheet, message, verbose),
        length => {
            sheet.put(" unknown-version (len ");
            sheet.len_of(length);
            sheet.put(") ");
            Some(())
        }
    }
}

fn query_v2(sheet: &mut Sheet, message: &Icmpv6<'_>, verbose: u8) -> Option<()> {
    let listener = message.listener();
    sheet.put(" v2");
    let code = listener.response_code()?;
    if verbose > 0 {
        sheet.put(" [max resp delay=");
        sheet.dec(response_delay(code));
        sheet.put("]");
    }
    let group = listener.group()?;
    sheet.put(" [gaddr ");
    sheet.ipv6(group);
    if verbose > 0 {
        let flags = listener.query_flags()?;
        if flags & 8 != 0 {
            sheet.put(" sflag");
        }
        if flags & 7 != 0 {
            sheet.put(" robustness=");
            sheet.dec(flags & 7);
        }
        let code = listener.query_interval_code()?;
        sheet.put(" qqi=");
        sheet.dec(interval(code));
    }
    let count = listener.query_source_count()?;
    let room = message.span().wire().saturating_sub(QUERY_V2);
    multicast::query_sources(sheet, &FAMILY, count, room, verbose, listener.query_sources())?;
    sheet.put("]");
    Some(())
}

/// A report of version 2.
pub(super) fn report(sheet: &mut Sheet, message: &Icmpv6<'_>, verbose: u8) -> Option<()> {
    let length = message.span().wire();
    if length < 8 {
        sheet.put(" [invalid len ");
        sheet.len_of(length);
        sheet.put("]");
        return Some(());
    }
    let count = message.listener().record_count()?;
    sheet.put(", ");
    sheet.dec(count);
    sheet.put(" group record(s)");
    if verbose > 0 { multicast::records(sheet, &FAMILY, message.listener().records(), verbose) } else { Some(()) }
}
