//! Who speaks to whom: an endpoint, one direction of a connection, and a connection whichever way it is looked at.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr};

use super::path::Path;

/// What is kept apart by its protocol.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
    Icmp,
    Icmpv6,
    /// The question for a neighbour's link address (ARP, neighbour discovery), which goes before a first packet.
    Neighbour,
    /// Another one, by its IP protocol number.
    Other(u8),
}

impl Protocol {
    /// That of an IP protocol number.
    pub fn of(number: u8) -> Self {
        match number {
            1 => Protocol::Icmp,
            6 => Protocol::Tcp,
            17 => Protocol::Udp,
            58 => Protocol::Icmpv6,
            132 => Protocol::Sctp,
            other => Protocol::Other(other),
        }
    }

    /// Its IP protocol number; a neighbour's address is asked for without IP, or by ICMPv6.
    pub fn number(self) -> Option<u8> {
        match self {
            Protocol::Icmp => Some(1),
            Protocol::Tcp => Some(6),
            Protocol::Udp => Some(17),
            Protocol::Icmpv6 => Some(58),
            Protocol::Sctp => Some(132),
            Protocol::Other(number) => Some(number),
            Protocol::Neighbour => None,
        }
    }

    /// Its name in lower case, where it has one here.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
            Protocol::Icmp => "icmp",
            Protocol::Icmpv6 => "icmp6",
            Protocol::Neighbour => "neighbour",
            Protocol::Other(_) => return None,
        })
    }

    /// Whether its endpoints have ports.
    pub fn has_ports(self) -> bool {
        matches!(self, Protocol::Tcp | Protocol::Udp | Protocol::Sctp)
    }
}

/// One end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint {
    pub address: IpAddr,
    /// The port of TCP, UDP and SCTP; of ICMP queries the identifier, the same at both ends; else 0.
    pub port: u16,
}

/// One direction of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FiveTuple {
    pub path: Path,
    pub protocol: Protocol,
    pub source: Endpoint,
    pub destination: Endpoint,
}

/// One of the two ends of an [`Id`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Lower,
    Higher,
}

impl Side {
    /// The one opposite.
    pub fn other(self) -> Side {
        match self {
            Side::Lower => Side::Higher,
            Side::Higher => Side::Lower,
        }
    }
}

/// Something of each of the two ends.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Pair<T> {
    pub lower: T,
    pub higher: T,
}

impl<T> Pair<T> {
    /// That of one end.
    pub fn of(&self, side: Side) -> &T {
        match side {
            Side::Lower => &self.lower,
            Side::Higher => &self.higher,
        }
    }

    /// That of one end.
    pub fn of_mut(&mut self, side: Side) -> &mut T {
        self.both_mut(side).0
    }

    /// That of one end, then that of the other.
    pub fn both_mut(&mut self, side: Side) -> (&mut T, &mut T) {
        match side {
            Side::Lower => (&mut self.lower, &mut self.higher),
            Side::Higher => (&mut self.higher, &mut self.lower),
        }
    }
}

/// A connection, whichever way it is looked at: its ends in the order of port and address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Id {
    /// IPv4 addresses stand in the first four bytes.
    addresses: Pair<[u8; 16]>,
    ports: Pair<u16>,
    path: Path,
    protocol: Protocol,
    is_v4: bool,
}

fn wide(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(address) => address.octets(),
    }
}

fn halves(address: &[u8; 16]) -> [u64; 2] {
    let number = |half: &[u8; 8]| u64::from_le_bytes(*half);
    match address.as_chunks::<8>().0 {
        [lower, higher] => [number(lower), number(higher)],
        _ => [0; 2],
    }
}

impl FiveTuple {
    /// The connection that this is a direction of, and which of its ends is the source.
    #[inline]
    pub fn id(&self) -> (Id, Side) {
        let (source, destination) = (wide(self.source.address), wide(self.destination.address));
        let is_lower = (self.source.port, &source) <= (self.destination.port, &destination);
        let (side, addresses, ports) = if is_lower {
            (Side::Lower, (source, destination), (self.source.port, self.destination.port))
        } else {
            (Side::Higher, (destination, source), (self.destination.port, self.source.port))
        };
        let id = Id {
            addresses: Pair { lower: addresses.0, higher: addresses.1 },
            ports: Pair { lower: ports.0, higher: ports.1 },
            path: self.path,
            protocol: self.protocol,
            is_v4: self.source.address.is_ipv4(),
        };
        (id, side)
    }
}

impl Id {
    /// Which network it was seen in.
    pub fn path(&self) -> Path {
        self.path
    }

    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// One of its ends.
    pub fn endpoint(&self, side: Side) -> Endpoint {
        let bytes = *self.addresses.of(side);
        let [a, b, c, d, ..] = bytes;
        let address = if self.is_v4 { Ipv4Addr::new(a, b, c, d).into() } else { IpAddr::from(bytes) };
        Endpoint { address, port: *self.ports.of(side) }
    }
}

impl Hash for Id {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let ([a, b], [c, d]) = (halves(&self.addresses.lower), halves(&self.addresses.higher));
        let protocol = match self.protocol {
            Protocol::Neighbour => 256,
            protocol => u64::from(protocol.number().unwrap_or(0)),
        };
        let ports = u64::from(self.ports.lower) << 16 | u64::from(self.ports.higher);
        state.write_u64(ports | protocol << 32);
        state.write_u64(u64::from(self.path.number()));
        if self.is_v4 {
            state.write_u64(a | c << 32);
        } else {
            [a, b, c, d].into_iter().for_each(|half| state.write_u64(half));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_are_one_connection() {
        let [a, b] = [([10, 0, 0, 9], 80), ([10, 0, 0, 1], 40000)]
            .map(|(address, port)| Endpoint { address: IpAddr::from(address), port });
        let there = FiveTuple { path: Path::PLAIN, protocol: Protocol::Tcp, source: a, destination: b };
        let back = FiveTuple { source: b, destination: a, ..there };
        let ((id, side), (same, other)) = (there.id(), back.id());
        assert_eq!((id, side), (same, other.other()));
        assert_eq!((id.endpoint(side), id.endpoint(other)), (a, b));
        assert!(size_of::<Id>() <= 44);
    }

    #[test]
    fn an_address_of_one_family_is_none_of_the_other() {
        let v4 = Endpoint { address: [1, 2, 3, 4].into(), port: 5 };
        let v6 = Endpoint { address: "102:304::".parse().unwrap(), port: 5 };
        let tuple = |end| FiveTuple { path: Path::PLAIN, protocol: Protocol::Udp, source: end, destination: end };
        assert_ne!(tuple(v4).id().0, tuple(v6).id().0);
    }
}
