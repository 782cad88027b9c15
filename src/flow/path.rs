//! Which network a packet was seen in: the VLANs, virtual networks and tunnels around it. The same addresses in two of
//! them are two connections.

use std::collections::HashMap;
use std::net::IpAddr;

/// One of the things around a packet.
///
/// What differs with the direction is none of it: MPLS labels are chosen by each receiver for itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Step {
    /// An 802.1Q or 802.1ad tag; one with identifier 0 tells a priority and no VLAN.
    Vlan(u16),
    /// A PPPoE session.
    Pppoe(u16),
    /// A VXLAN network. Between which hosts it is carried does not matter.
    Vxlan(u32),
    /// A GENEVE network, likewise.
    Geneve(u32),
    /// The key of a GRE tunnel.
    Gre(u32),
    /// Another tunnel, by the addresses of its ends, the lower first.
    Tunnel(IpAddr, IpAddr),
}

/// A sequence of [`Step`]s from the outside in, as a number of one [`Paths`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Path(u32);

impl Path {
    /// Nothing is around the packet.
    pub const PLAIN: Path = Path(0);

    pub(super) fn number(self) -> u32 {
        self.0
    }
}

/// Every sequence of steps seen, at most [`Paths::LIMIT`] of them.
#[derive(Debug)]
pub struct Paths {
    numbers: HashMap<Box<[Step]>, Path, foldhash::quality::RandomState>,
    steps: Vec<Box<[Step]>>,
    /// That of the packet before, which is often that of the next.
    latest: Path,
    /// Packets whose path had no room.
    refused: u64,
}

impl Default for Paths {
    fn default() -> Self {
        Paths { numbers: HashMap::default(), steps: vec![Box::default()], latest: Path::PLAIN, refused: 0 }
    }
}

impl Paths {
    /// The most that are kept; packets of further ones count as if nothing were around them.
    pub const LIMIT: usize = 1 << 16;

    /// The steps of a path, from the outside in.
    pub fn steps(&self, path: Path) -> &[Step] {
        self.steps.get(path.0 as usize).map_or(&[], |steps| steps)
    }

    /// How many packets count as if nothing were around them, as there was no room for their path.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The path of some steps.
    #[inline]
    pub(super) fn of(&mut self, steps: &[Step]) -> Path {
        if steps.is_empty() {
            return Path::PLAIN;
        }
        if self.steps(self.latest) != steps {
            self.latest = self.find(steps);
        }
        self.latest
    }

    fn find(&mut self, steps: &[Step]) -> Path {
        if let Some(path) = self.numbers.get(steps) {
            return *path;
        }
        let number = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        if self.steps.len() >= Self::LIMIT {
            self.refused = self.refused.saturating_add(1);
            return Path::PLAIN;
        }
        self.steps.push(steps.into());
        self.numbers.insert(steps.into(), Path(number));
        Path(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_steps_are_the_same_path() {
        let mut paths = Paths::default();
        let [one, two] = [Step::Vlan(1), Step::Vlan(2)];
        let (a, b, both) = (paths.of(&[one]), paths.of(&[two]), paths.of(&[one, two]));
        assert_eq!((paths.of(&[one]), paths.of(&[]), paths.of(&[one, two])), (a, Path::PLAIN, both));
        assert!(a != b && a != both && a != Path::PLAIN);
        assert_eq!(paths.steps(both), [one, two]);
    }

    #[test]
    fn they_are_bounded() {
        let mut paths = Paths::default();
        for vni in 0..100_000 {
            paths.of(&[Step::Vxlan(vni)]);
        }
        assert_eq!(paths.steps.len(), Paths::LIMIT);
        assert_eq!(paths.refused(), 100_000 - (Paths::LIMIT as u64 - 1));
    }
}
