//! What packets are read as whatever their ports are (`-T`).

use super::{Page, dns, radius, snmp, tftp, walk};
use crate::decode::{Layers, Next, Span};

/// A protocol that any datagram of UDP, `domain` any segment of TCP, and `carp` any packet of VRRP's number is read as; the names are those of tcpdump's `-T`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum PacketType {
    Carp,
    Domain,
    Radius,
    Snmp,
    Tftp,
    Vxlan,
}

impl PacketType {
    pub const ALL: &'static [PacketType] = &[
        PacketType::Carp,
        PacketType::Domain,
        PacketType::Radius,
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
            PacketType::Snmp => "snmp",
            PacketType::Tftp => "tftp",
            PacketType::Vxlan => "vxlan",
        }
    }
}

/// Prints what a datagram carries; whether the type is one of datagrams.
pub(super) fn datagram(page: &mut Page<'_>, kind: PacketType, payload: Span<'_>) -> bool {
    match kind {
        PacketType::Carp => return false,
        PacketType::Domain => dns::print(page, payload, false),
        PacketType::Radius => radius::print(page, payload),
        PacketType::Snmp => snmp::print(page, payload),
        PacketType::Tftp => tftp::print(page, payload),
        PacketType::Vxlan => walk(page, &mut Layers::at(Next::Vxlan, payload), None),
    }
    true
}
