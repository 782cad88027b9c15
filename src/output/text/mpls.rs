//! Lines of MPLS label stacks.

use super::{Page, walk};
use crate::decode::icmpv4::Label;
use crate::decode::mpls::{self, Mpls};
use crate::decode::{Layers, Next, Span};

/// Prints a stack of labels and what is behind it.
pub(super) fn print<'a>(page: &mut Page<'_>, stack: &Mpls<'a>, inside: &mut Layers<'a>) {
    labels(page, stack.labels());
    if inside.next_header() != Next::Payload {
        page.sheet.put(if page.options.verbose > 0 { "\n\t" } else { " " });
        return walk(page, inside, None);
    }
    let rest = inside.rest();
    page.unknown(rest.bytes());
    if rest.is_cut() && (!page.options.quiet || rest.bytes().is_empty()) {
        page.truncated("mpls");
    }
}

/// A stack whose bottom is not there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    labels(page, mpls::labels(span));
    if span.is_cut() {
        page.truncated("mpls");
    } else {
        page.sheet.put(" (invalid)");
    }
}

fn labels(page: &mut Page<'_>, labels: impl Iterator<Item = Label>) {
    let verbose = page.options.verbose > 0;
    page.sheet.put("MPLS");
    for (place, label) in labels.enumerate() {
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
}
