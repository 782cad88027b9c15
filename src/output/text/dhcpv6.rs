//! Lines of DHCPv6.

mod options;

use super::words::{Words, word_or_number};
use super::{Page, Sheet};
use crate::decode::Span;
use crate::decode::dhcpv6::Dhcpv6;

const KINDS: Words = &[
    (1, "solicit"),
    (2, "advertise"),
    (3, "request"),
    (4, "confirm"),
    (5, "renew"),
    (6, "rebind"),
    (7, "reply"),
    (8, "release"),
    (9, "decline"),
    (10, "reconfigure"),
    (11, "inf-req"),
    (12, "relay-fwd"),
    (13, "relay-reply"),
    (14, "leasequery"),
    (15, "leasequery-reply"),
];

/// Prints a message.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) {
    let verbose = page.options.verbose > 0;
    message(page.sheet, span, verbose, 0);
}

/// Prints a message that `depth` others are around.
fn message(sheet: &mut Sheet, span: Span<'_>, verbose: bool, depth: u8) {
    if parts(sheet, span, verbose, depth).is_none() {
        sheet.put(" [|dhcp6]");
    }
}

/// The head of a message and its options; none where bytes of the head are missing.
fn parts(sheet: &mut Sheet, span: Span<'_>, verbose: bool, depth: u8) -> Option<()> {
    sheet.put("dhcp6");
    let message = Dhcpv6::parse(span).ok()?;
    sheet.put(" ");
    word_or_number(sheet, KINDS, message.kind(), "msgtype-");
    if !verbose {
        return Some(());
    }
    if message.is_relayed() {
        sheet.put(" (");
        let link = message.link_address()?;
        sheet.put("linkaddr=");
        sheet.ipv6(link);
        let peer = message.peer_address()?;
        sheet.put(" peeraddr=");
        sheet.ipv6(peer);
    } else {
        sheet.put(" (xid=");
        sheet.hex(message.transaction());
    }
    options::print(sheet, message.options(), depth);
    sheet.put(")");
    Some(())
}
