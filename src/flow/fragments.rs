//! Which connection a later fragment of a datagram belongs to: only the first one tells ports.

use std::hash::BuildHasher;
use std::net::IpAddr;

use super::key::{FiveTuple, Protocol};
use super::packet::Packet;
use super::path::Path;

/// A datagram, by what all its fragments share.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Datagram {
    path: Path,
    /// None for IPv6, where its identification is enough (RFC 8200, 4.5).
    protocol: Option<Protocol>,
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
}

/// The latest datagrams that began with a fragment: a fixed number, of which one may take the place of another.
#[derive(Default, Debug)]
pub(super) struct Fragments {
    seed: foldhash::quality::RandomState,
    places: Vec<Option<(Datagram, FiveTuple)>>,
}

/// How many there are room for.
const PLACES: usize = 1024;

impl Fragments {
    fn place(&mut self, datagram: &Datagram) -> Option<&mut Option<(Datagram, FiveTuple)>> {
        if self.places.is_empty() {
            self.places.resize(PLACES, None);
        }
        let place = self.seed.hash_one(datagram) & (PLACES as u64).wrapping_sub(1);
        self.places.get_mut(usize::try_from(place).unwrap_or(0))
    }

    /// The direction of a connection that a fragment belongs to; none where it is a later one whose first was not seen.
    pub fn tuple(&mut self, packet: &Packet<'_>, path: Path) -> Option<FiveTuple> {
        let tuple = packet.tuple(path);
        let Some(fragment) = packet.fragment else { return Some(tuple) };
        let datagram = Datagram {
            path,
            protocol: packet.source.address.is_ipv4().then_some(packet.protocol),
            source: packet.source.address,
            destination: packet.destination.address,
            identification: fragment.identification,
        };
        let place = self.place(&datagram)?;
        if fragment.is_first {
            *place = Some((datagram, tuple));
        }
        place.filter(|(known, _)| *known == datagram).map(|(_, tuple)| tuple)
    }
}
