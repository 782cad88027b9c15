//! Community ID, version 1: the same short name for a connection in whatever tool saw it
//! (<https://github.com/corelight/community-id-spec>).

use std::net::IpAddr;

use sha1::{Digest, Sha1};

use super::key::Protocol;
use super::{Connection, Message};

/// Messages of ICMP that ask, each with the one that answers.
const ICMPV4: [(u8, u8); 5] = [(8, 0), (13, 14), (15, 16), (10, 9), (17, 18)];
/// The same of ICMPv6.
const ICMPV6: [(u8, u8); 6] = [(128, 129), (133, 134), (135, 136), (130, 131), (139, 140), (144, 145)];

/// What answers a message, or asks for it.
fn counterpart(protocol: Protocol, kind: u8) -> Option<u8> {
    let pairs = if protocol == Protocol::Icmp { &ICMPV4[..] } else { &ICMPV6[..] };
    pairs.iter().find_map(|(asks, answers)| match kind {
        kind if kind == *asks => Some(*answers),
        kind if kind == *answers => Some(*asks),
        _ => None,
    })
}

impl Connection {
    /// Ports as flow records have them, of the client and of the server: for ICMP the type of the client's message, and what
    /// belongs to it; whether both ways are one.
    fn ports(&self) -> (u16, u16, bool) {
        let Some(Message { kind, code, by_client }) = self.message() else {
            return (self.client().port, self.server().port, true);
        };
        match counterpart(self.protocol(), kind) {
            Some(other) if by_client => (kind.into(), other.into(), true),
            Some(other) => (other.into(), kind.into(), true),
            None => (kind.into(), code.into(), false),
        }
    }

    /// The hash that the Community ID is the base64 of, with the seed 0; none of what has no IP protocol.
    pub fn community_id(&self) -> Option<[u8; 20]> {
        let protocol = self.protocol().number()?;
        let (client, server) = (self.client().address, self.server().address);
        let (from, to, is_either_way) = self.ports();
        let ends = ((client, from), (server, to));
        let ((first, first_port), (second, second_port)) =
            if is_either_way && (octets(client), from) > (octets(server), to) { (ends.1, ends.0) } else { ends };
        let mut hash = Sha1::new();
        hash.update([0, 0]);
        hash.update(octets(first));
        hash.update(octets(second));
        hash.update([protocol, 0]);
        if self.protocol().has_ports() || self.message().is_some() {
            hash.update(first_port.to_be_bytes());
            hash.update(second_port.to_be_bytes());
        }
        Some(hash.finalize().into())
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Lab, ipv4, udp};
    use super::*;

    fn hex(connection: &Connection) -> String {
        connection.community_id().unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Made by the specification's own program: `FlowTuple(protocol, source, destination, ports)` with hexadecimal output.
    #[test]
    fn it_is_that_of_the_specification_either_way() {
        let (client, server) = (([10, 0, 0, 1], 40000), ([192, 0, 2, 1], 53));
        for ends in [(client, server), (server, client)] {
            let mut lab = Lab::new();
            lab.packet(&udp(ends.0, ends.1, b"x"));
            assert_eq!(hex(&lab.only()), "e07b8d8111f36e8a0fd47a127d9164a4caa299d9");
        }
        let message = |kind, code| [kind, code, 0, 0, 0, 7, 0, 1];
        let (one, other) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        let echo = [(one, other, message(8, 0)), (other, one, message(0, 0))];
        for (from, to, message) in echo {
            let mut lab = Lab::new();
            lab.packet(&ipv4(1, from, to, &message));
            assert_eq!(hex(&lab.only()), "61c332c9625f85cf79116d467d7b7a8e56770e24");
        }
        // One that has no answer keeps its direction.
        let mut lab = Lab::new();
        lab.packet(&ipv4(1, other, one, &[5, 1, 0, 0, 10, 0, 0, 9]));
        assert_eq!(hex(&lab.only()), "592f44cc78f6dbf261e41e982761ce68bf7f3388");
        let mut lab = Lab::new();
        lab.packet(&ipv4(47, one, other, &[0, 0, 8, 0]));
        assert_eq!(hex(&lab.only()), "f8a9441c34f4bc9833b3f78d9b31ead1a4a9458c");
    }
}
