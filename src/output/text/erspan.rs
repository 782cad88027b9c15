//! Lines of ERSPAN: the form of tcpdump's later versions, as 4.99 does not look inside.

use super::{Page, walk};
use crate::decode::Layers;
use crate::decode::erspan::Erspan;

/// Prints one header and the frame in it.
pub(super) fn print<'a>(page: &mut Page<'_>, header: &Erspan<'a>, inside: &mut Layers<'a>) {
    let verbose = page.options.verbose > 0;
    let sheet = &mut *page.sheet;
    sheet.put("ERSPAN");
    match header.version() {
        1 if verbose => sheet.put(" type2"),
        2 if verbose => sheet.put(" type3"),
        1 | 2 => {}
        version => {
            sheet.put(" erspan-unknown-version-");
            return sheet.hex(version);
        }
    }
    sheet.put(" session ");
    sheet.dec(header.session());
    match (header.version(), header.state()) {
        (1, 0) => {}
        (1, 3) => sheet.put(" vlan payload"),
        (1, state) => {
            sheet.put(if state == 1 { " isl " } else { " vlan " });
            sheet.dec(header.vlan());
        }
        (_, 0) => sheet.put(" bso Good/unknown"),
        (_, 1) => sheet.put(" bso Short"),
        (_, 2) => sheet.put(" bso Oversized"),
        _ => sheet.put(" bso Bad"),
    }
    if verbose {
        sheet.put(" cos ");
        sheet.dec(header.class());
        if header.is_truncated() {
            sheet.put(" truncated");
        }
        if let Some(index) = header.index() {
            sheet.put(" index ");
            sheet.dec(index);
        }
    }
    sheet.put(": ");
    walk(page, inside, None);
}
