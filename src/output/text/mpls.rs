//! Lines of MPLS label stacks.

use super::{Page, walk};
use crate::decode::mpls::Mpls;
use crate::decode::{Layers, Next};

/// Prints a stack of labels and what is behind it.
pub(super) fn print<'a>(page: &mut Page<'_>, stack: &Mpls<'a>, inside: &mut Layers<'a>) {
    let verbose = page.options.verbose > 0;
    page.sheet.put("MPLS");
    for (place, label) in stack.labels().enumerate() {
        if page.is_full() {
            return;
        }
        let sheet = &mut *page.sheet;
        sheet.put(if verbose && place > 0 { "\n\t(label " } else { " (label " });
        sheet.dec(label.value());
        if verbose {
            sheet.put(match label.value() {
                0 => " (IPv4 explicit NULL)",
                1 => " (router alert)",
                2 => " (IPv6 explicit NULL)",
                3 => " (implicit NULL)",
                4..=15 => " (rsvd)",
                _ => "",
            });
        }
        sheet.put(", tc ");
        sheet.dec(label.traffic_class());
        sheet.put(if label.is_bottom() { ", [S], ttl " } else { ", ttl " });
        sheet.dec(label.ttl());
        sheet.put(")");
    }
    if !stack.is_whole() && !inside.rest().is_cut() {
        return page.sheet.put(" (invalid)");
    }
    if !stack.is_whole() {
        return page.truncated("mpls");
    }
    if inside.next_header() != Next::Payload {
        page.sheet.put(if verbose { "\n\t" } else { " " });
        return walk(page, inside, None);
    }
    page.unknown(inside.rest().bytes());
    if inside.rest().is_cut() {
        page.truncated("mpls");
    }
}
