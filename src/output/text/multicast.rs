//! Group records and sources, which IGMP and MLD print alike but for their addresses.

use super::Sheet;
use crate::decode::multicast::GroupRecords;

/// How a family's lines differ.
pub(super) struct Family<const N: usize> {
    pub put_address: fn(&mut Sheet, [u8; N]),
    /// What stands before the number of a record type that has no name.
    pub unknown_record: &'static str,
}

/// The group records of a report that is said to have `count`; none where bytes are missing. Sources are
/// counted at `-v`, and named above that.
pub(super) fn records<const N: usize>(
    sheet: &mut Sheet,
    family: &Family<N>,
    records: GroupRecords<'_, N>,
    verbose: u8,
) -> Option<()> {
    for record in records {
        if !record.has_group() {
            sheet.put(" [invalid number of groups]");
            return Some(());
        }
        let group = record.group()?;
        sheet.put(" [gaddr ");
        (family.put_address)(sheet, group);
        sheet.put(" ");
        match record.kind()? {
            1 => sheet.put("is_in"),
            2 => sheet.put("is_ex"),
            3 => sheet.put("to_in"),
            4 => sheet.put("to_ex"),
            5 => sheet.put("allow"),
            6 => sheet.put("block"),
            kind => {
                sheet.put(family.unknown_record);
                sheet.dec(kind);
                sheet.put("]");
            }
        }
        let count = record.source_count()?;
        if !record.has_sources() {
            sheet.put(" [invalid number of sources ");
            sheet.dec(count);
            sheet.put("]");
            return Some(());
        }
        if verbose > 1 {
            sources(sheet, family, record.sources())?;
        } else {
            sheet.put(", ");
            sheet.dec(count);
            sheet.put(" source(s)");
        }
        sheet.put("]");
    }
    Some(())
}

/// The sources of a query that is said to have `count`, of which there is room for all or not; none where
/// bytes are missing.
pub(super) fn query_sources<const N: usize>(
    sheet: &mut Sheet,
    family: &Family<N>,
    count: u16,
    room: usize,
    verbose: u8,
    list: impl Iterator<Item = Option<[u8; N]>>,
) -> Option<()> {
    if count == 0 {
        return Some(());
    }
    if room < usize::from(count).wrapping_mul(N) {
        sheet.put(" [invalid number of sources]");
    } else if verbose > 1 {
        sources(sheet, family, list)?;
    } else {
        sheet.put(", ");
        sheet.dec(count);
        sheet.put(" source(s)");
    }
    Some(())
}

fn sources<const N: usize>(
    sheet: &mut Sheet,
    family: &Family<N>,
    list: impl Iterator<Item = Option<[u8; N]>>,
) -> Option<()> {
    sheet.put(" {");
    for source in list {
        let source = source?;
        sheet.put(" ");
        (family.put_address)(sheet, source);
    }
    sheet.put(" }");
    Some(())
}
