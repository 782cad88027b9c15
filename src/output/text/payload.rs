//! From what a payload is, by its ports, to who prints it.

use super::{
    Page, dhcp, dhcpv6, dns, hsrp, natt, ntp, pptp, radius, resp, rip, ripng, snmp, syslog, telnet, tftp, txtproto,
};
use crate::decode::Span;
use crate::decode::ports::{self, Datagram, Segment};

/// Prints what a datagram carries; whether it is printed.
pub(super) fn datagram(page: &mut Page<'_>, source: u16, destination: u16, payload: Span<'_>) -> bool {
    let Some(carried) = ports::datagram(source, destination) else { return false };
    match carried {
        Datagram::Dns => dns::print(page, payload, false),
        Datagram::MulticastDns => dns::print(page, payload, true),
        Datagram::Tftp => tftp::print(page, payload),
        Datagram::Dhcp => dhcp::print(page, payload),
        Datagram::Rip => rip::print(page, payload),
        Datagram::Ipsec => return natt::print(page, payload),
        Datagram::Snmp => snmp::print(page, payload),
        Datagram::Ntp => ntp::print(page, payload),
        Datagram::Ripng => ripng::print(page, payload),
        Datagram::Dhcpv6 => dhcpv6::print(page, payload),
        Datagram::Radius => radius::print(page, payload),
        Datagram::Hsrp => hsrp::print(page, payload),
        Datagram::Sip => txtproto::print(page, &txtproto::SIP, payload),
        Datagram::Syslog => syslog::print(page, payload),
        Datagram::Llmnr | Datagram::NetbiosNames => return false,
    }
    true
}

/// Prints what a segment carries, behind the line of its header.
pub(super) fn segment(page: &mut Page<'_>, source: u16, destination: u16, payload: Span<'_>) {
    let carried = match page.options.packet_type {
        Some(wanted) => wanted.segment(),
        None => ports::segment(source, destination),
    };
    let Some(carried) = carried else { return };
    let mut text = |protocol| {
        page.sheet.put(": ");
        txtproto::print(page, protocol, payload);
    };
    match carried {
        Segment::Telnet => telnet::print(page, payload),
        Segment::Pptp => pptp::print(page, payload),
        Segment::Smtp => text(&txtproto::SMTP),
        Segment::Whois => text(&txtproto::WHOIS),
        Segment::Resp => resp::print(page, payload),
        Segment::Ssh => txtproto::ssh(page, payload),
        Segment::Ftp => text(&txtproto::FTP),
        Segment::Http => text(&txtproto::HTTP),
        Segment::Rtsp => text(&txtproto::RTSP),
        Segment::Dns => dns::print_segment(page, payload),
    }
}
