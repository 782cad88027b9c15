//! What datagrams and segments carry, as far as their ports tell.
//!
//! Where the two ports tell different things the protocol that stands first in the enumeration is taken. That is the
//! order of tcpdump 4.99; what it does not know stands last.

use super::hsrp;

/// What a datagram carries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the names of the protocols")]
pub enum Datagram {
    Dns,
    MulticastDns,
    Tftp,
    Dhcp,
    Rip,
    /// IPsec, or what keeps a translation of addresses alive for it (RFC 3948).
    Ipsec,
    Snmp,
    Ntp,
    Ripng,
    Dhcpv6,
    Radius,
    Hsrp,
    Sip,
    Syslog,
    Llmnr,
    NetbiosNames,
}

/// What a segment carries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the names of the protocols")]
pub enum Segment {
    Telnet,
    Pptp,
    Smtp,
    Whois,
    Resp,
    Ssh,
    Ftp,
    Http,
    Rtsp,
    Dns,
}

/// What a datagram carries.
pub fn datagram(source: u16, destination: u16) -> Option<Datagram> {
    let at = |port| {
        Some(match port {
            53 => Datagram::Dns,
            67 | 68 => Datagram::Dhcp,
            69 => Datagram::Tftp,
            123 => Datagram::Ntp,
            137 => Datagram::NetbiosNames,
            161 | 162 => Datagram::Snmp,
            514 => Datagram::Syslog,
            520 => Datagram::Rip,
            521 => Datagram::Ripng,
            546 | 547 => Datagram::Dhcpv6,
            // The old ports and the new ones; 1700 and 3799 for changes of an authorization.
            1645 | 1646 | 1700 | 1812 | 1813 | 3799 => Datagram::Radius,
            hsrp::PORT => Datagram::Hsrp,
            4500 => Datagram::Ipsec,
            5060 => Datagram::Sip,
            5353 => Datagram::MulticastDns,
            5355 => Datagram::Llmnr,
            _ => return None,
        })
    };
    // Nobody answers HSRP, so that only the port it goes to counts.
    let from = at(source).filter(|carried| *carried != Datagram::Hsrp);
    from.into_iter().chain(at(destination)).min()
}

/// What a segment carries.
pub fn segment(source: u16, destination: u16) -> Option<Segment> {
    let at = |port| {
        Some(match port {
            21 => Segment::Ftp,
            22 => Segment::Ssh,
            23 => Segment::Telnet,
            25 => Segment::Smtp,
            43 => Segment::Whois,
            53 => Segment::Dns,
            80 | 8080 => Segment::Http,
            554 | 8554 => Segment::Rtsp,
            1723 => Segment::Pptp,
            6379 => Segment::Resp,
            _ => return None,
        })
    };
    at(source).into_iter().chain(at(destination)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_protocols_the_first_is_taken() {
        assert_eq!(datagram(123, 40000), Some(Datagram::Ntp));
        assert_eq!(datagram(514, 1812), Some(Datagram::Radius));
        assert_eq!(datagram(1812, 514), Some(Datagram::Radius));
        assert_eq!(datagram(40000, 40001), None);
        assert_eq!(segment(53, 80), Some(Segment::Http));
    }

    #[test]
    fn hsrp_is_told_by_where_it_goes() {
        assert_eq!(datagram(hsrp::PORT, hsrp::PORT), Some(Datagram::Hsrp));
        assert_eq!(datagram(40000, hsrp::PORT), Some(Datagram::Hsrp));
        assert_eq!(datagram(hsrp::PORT, 514), Some(Datagram::Syslog));
    }
}
