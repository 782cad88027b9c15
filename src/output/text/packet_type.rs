//! What packets are read as whatever their ports are (`-T`).

use super::{Page, dns, radius, snmp, tftp, walk};
use crate::decode::ports::Segment;
use crate::decode::{Layers, Next, Span};

/// A protocol that any datagram of UDP is read as, or any segment of TCP, or both (`domain`), or any packet of VRRP's number
/// (`carp`); the names are those of tcpdump's `-T`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum PacketType {
    Carp,
    Domain,
    Radius,
    Resp,
    Snmp,
    Tftp,
    Vxlan,
}

impl PacketType {
    pub const ALL: &'static [PacketType] = &[
        PacketType::Carp,
        PacketType::Domain,
        PacketType::Radius,
        PacketType::Resp,
        PacketType::Snmp,
        PacketType::Tftp,
        PacketType::Vxlan,
    ];

    /// As `-T` takes it.
    pub fn name(self) -> &'static str {
        match self {
            PacketType::Carp => "carp",
            PacketType::Domain => "domain",
            PacketType::Radius => "radius",
            PacketType::Resp => "resp",
            PacketType::Snmp => "snmp",
            PacketType::Tftp => "tftp",
            PacketType::Vxlan => "vxlan",
        }
    }

    /// What segments are read as.
    pub(super) fn segment(self) -> Option<Segment> {
        match self {
            PacketType::Domain => Some(Segment::Dns),
            PacketType::Resp => Some(Segment::Resp),
            PacketType::Carp | PacketType::Radius | PacketType::Snmp | PacketType::Tftp | PacketType::Vxlan => None,
        }
    }
}

/// Prints what a datagram carries; whether the type is one of datagrams.
pub(super) fn datagram(page: &mut Page<'_>, kind: PacketType, payload: Span<'_>) -> bool {
    match kind {
        PacketType::Carp => return false,
        PacketType::Domain => dns::print(page, payload, false),
        PacketType::Radius => radius::print(page, payload),
        PacketType::Resp => {
            page.sheet.put("UDP, length ");
            page.sheet.len_of(payload.wire());
        }
        PacketType::Snmp => snmp::print(page, payload),
        PacketType::Tftp => tftp::print(page, payload),
        PacketType::Vxlan => walk(page, &mut Layers::at(Next::Vxlan, payload), None),
    }
    true
}
