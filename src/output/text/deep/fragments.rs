//! Lines of IP fragments: what is wrong with one, and the datagram that is whole with it.

use super::super::{Ip, Page, walk};
use super::{line, versions};
use crate::reassembly::fragments::{Datagram, Fault};

pub(super) fn fault(page: &mut Page<'_>, fault: &Fault) {
    line(page);
    match fault {
        Fault::Overlap(overlap) => {
            page.sheet.put("fragment overlap");
            versions(page, overlap);
        }
        Fault::Teardrop(overlap) => {
            page.sheet.put("fragment within others (teardrop)");
            versions(page, overlap);
        }
        Fault::Tiny => page.sheet.put("tiny fragment"),
        Fault::BeyondLimit { length } => {
            page.sheet.put("fragment ends at ");
            page.sheet.len_of(*length);
            page.sheet.put(", beyond 65535 (ping of death)");
        }
        Fault::Uneven => page.sheet.put("fragment of a length that is no multiple of 8"),
        Fault::EndsDiffer => page.sheet.put("fragments disagree where the datagram ends"),
    }
}

/// Prints a datagram as if it had come whole.
pub(super) fn whole(page: &mut Page<'_>, datagram: &Datagram, ip: Ip<'_>) {
    line(page);
    page.sheet.put("whole from ");
    page.sheet.len_of(datagram.fragments);
    page.sheet.put(" fragments, length ");
    page.sheet.len_of(datagram.bytes.len());
    page.sheet.put(if datagram.has_versions { ", of two versions the first: " } else { ": " });
    match ip {
        // TCP and UDP print these addresses with their ports.
        Ip::V4(_) if matches!(datagram.protocol, 6 | 17) => {}
        Ip::V4(header) => {
            page.sheet.ipv4(header.source());
            page.sheet.put(" > ");
            page.sheet.ipv4(header.destination());
            page.sheet.put(": ");
        }
        Ip::V6(header) => {
            page.sheet.ipv6(header.source());
            page.sheet.put(" > ");
            page.sheet.ipv6(header.destination());
            page.sheet.put(": ");
        }
    }
    page.fragment = false;
    walk(page, &mut datagram.layers(ip.version()), Some(ip));
}
