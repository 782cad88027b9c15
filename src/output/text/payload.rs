//! What a payload is, by its ports, as tcpdump guesses it: the first line of a table that fits is right.

use super::{Page, dhcp, dhcpv6, dns, hsrp, natt, ntp, radius, resp, rip, ripng, snmp, syslog, telnet, tftp, txtproto};
use crate::decode::Span;

/// RADIUS: old and new ports for access and accounting, two for changes of authorization.
const RADIUS: [u16; 6] = [1645, 1646, 1812, 1813, 1700, 3799];

/// Prints what a datagram carries; whether its ports tell what that is.
pub(super) fn datagram(page: &mut Page<'_>, source: u16, destination: u16, payload: Span<'_>) -> bool {
    let either = |port| source == port || destination == port;
    match () {
        () if either(53) => dns::print(page, payload, false),
        () if either(67) || either(68) => dhcp::print(page, payload),
        () if either(69) => tftp::print(page, payload),
        () if either(1985) => hsrp::print(page, payload),
        () if either(123) => ntp::print(page, payload),
        () if either(161) || either(162) => snmp::print(page, payload),
        () if either(514) => syslog::print(page, payload),
        () if either(520) => rip::print(page, payload),
        () if either(521) => ripng::print(page, payload),
        () if either(546) || either(547) => dhcpv6::print(page, payload),
        () if either(5353) => dns::print(page, payload, true),
        () if either(4500) => return natt::print(page, payload),
        () if RADIUS.into_iter().any(either) => radius::print(page, payload),
        () if either(5060) => txtproto::print(page, &txtproto::SIP, payload),
        () => return false,
    }
    true
}

/// Prints what a segment carries, behind the line of its header.
pub(super) fn segment(page: &mut Page<'_>, source: u16, destination: u16, payload: Span<'_>) {
    let either = |port| source == port || destination == port;
    let mut text = |protocol| {
        page.sheet.put(": ");
        txtproto::print(page, protocol, payload);
    };
    match () {
        () if either(23) => telnet::print(page, payload),
        () if either(25) => text(&txtproto::SMTP),
        () if either(43) => text(&txtproto::WHOIS),
        () if either(22) => txtproto::ssh(page, payload),
        () if either(21) => text(&txtproto::FTP),
        () if either(80) || either(8080) => text(&txtproto::HTTP),
        () if either(554) || either(8554) => text(&txtproto::RTSP),
        () if either(53) => dns::print_segment(page, payload),
        () if either(6379) => resp::print(page, payload),
        () => {}
    }
}
