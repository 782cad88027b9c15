//! Bridge protocol data units of the spanning tree protocols (IEEE 802.1D-2004, 9; 802.1Q-2022, 14).

use super::{Short, Span};

/// Versions of the protocol.
pub const VERSION_STP: u8 = 0;
pub const VERSION_RAPID: u8 = 2;
pub const VERSION_MULTIPLE: u8 = 3;
pub const VERSION_SHORTEST_PATH: u8 = 4;

/// Types of unit.
pub const CONFIGURATION: u8 = 0x00;
pub const RAPID: u8 = 0x02;
pub const TOPOLOGY_CHANGE: u8 = 0x80;

/// One unit. All versions share its head; a topology change has no more than that.
#[derive(Clone, Copy, Debug)]
pub struct Bpdu<'a> {
    span: Span<'a>,
}

impl<'a> Bpdu<'a> {
    /// # Errors
    /// Where the protocol's number was not captured, or is another one than 0.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        match span.split_array()? {
            (&[0, 0], _) => Ok(Bpdu { span }),
            _ => Err(span.malformed(4)),
        }
    }

    /// The whole unit.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> Option<u8> {
        self.span.u8_at(2)
    }

    /// The type of unit, such as [`CONFIGURATION`].
    pub fn kind(&self) -> Option<u8> {
        self.span.u8_at(3)
    }

    /// Topology change, proposal, port role (two bits), learning, forwarding, agreement, acknowledgment, from
    /// the lowest bit on.
    pub fn flags(&self) -> Option<u8> {
        self.span.u8_at(4)
    }

    /// The root that the sender believes in.
    pub fn root(&self) -> Option<BridgeId> {
        self.span.array_at(5).map(BridgeId)
    }

    /// The sender's cost to the root.
    pub fn root_cost(&self) -> Option<u32> {
        self.span.u32_at(13)
    }

    /// The sender.
    pub fn bridge(&self) -> Option<BridgeId> {
        self.span.array_at(17).map(BridgeId)
    }

    /// The port that it was sent from.
    pub fn port(&self) -> Option<u16> {
        self.span.u16_at(25)
    }

    /// The length of the part of version 1, which must be 0.
    pub fn version_1_length(&self) -> Option<u8> {
        self.span.u8_at(35)
    }

    /// What a unit for several trees has behind the common tree.
    pub fn region(&self) -> Region<'a> {
        Region { span: self.span.skip(COMMON) }
    }

    /// Message age, maximum age, hello time and forward delay, in 256ths of a second.
    pub fn timers(&self) -> Option<[u16; 4]> {
        let [age, max_age, hello, delay] = [27, 29, 31, 33].map(|at| self.span.u16_at(at));
        Some([age?, max_age?, hello?, delay?])
    }
}

/// Bytes of the common tree, which a unit for several trees begins with, the length of version 1 included.
const COMMON: usize = 36;

/// Bytes of a region behind its own length, without instances; and of an instance.
const REGION: usize = 64;
const INSTANCE: usize = 16;

/// What a unit for several trees says of its sender's region (802.1Q, 14.4): whose configuration it is, the common
/// tree inside the region, and each instance.
#[derive(Clone, Copy, Debug)]
pub struct Region<'a> {
    span: Span<'a>,
}

impl<'a> Region<'a> {
    /// Its length as the unit says, in bytes.
    pub fn length(&self) -> Option<u16> {
        self.span.u16_at(0)
    }

    /// The configuration's name, filled up with zero bytes.
    pub fn name(&self) -> Span<'a> {
        self.span.skip(3).limit(32)
    }

    /// The configuration's revision.
    pub fn revision(&self) -> Option<u16> {
        self.span.u16_at(35)
    }

    /// A digest of which VLAN belongs to which instance.
    pub fn digest(&self) -> Option<[u8; 16]> {
        self.span.array_at(37)
    }

    /// The sender's cost to the region's root.
    pub fn root_cost(&self) -> Option<u32> {
        self.span.u32_at(53)
    }

    /// The sender.
    pub fn bridge(&self) -> Option<BridgeId> {
        self.span.array_at(57).map(BridgeId)
    }

    pub fn remaining_hops(&self) -> Option<u8> {
        self.span.u8_at(65)
    }

    /// The instances, each as far as it was captured.
    pub fn instances(&self) -> impl Iterator<Item = Instance<'a>> + use<'a> {
        let all = usize::from(self.length().unwrap_or(0)).saturating_sub(REGION);
        let first = self.span.skip(REGION.saturating_add(2));
        (0..all / INSTANCE).map(move |n| Instance { span: first.skip(n.saturating_mul(INSTANCE)) })
    }

    /// What is behind the region: the part for shortest paths (802.1aq), where the unit has that version.
    pub fn behind(&self) -> Span<'a> {
        self.span.skip(usize::from(self.length().unwrap_or(0)).saturating_add(2))
    }
}

/// One tree of several.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'a> {
    span: Span<'a>,
}

impl Instance<'_> {
    /// As those of the whole unit.
    pub fn flags(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    /// The instance's number, 12 bits.
    pub fn number(&self) -> Option<u16> {
        self.span.u16_at(1).map(|word| word & 0x0fff)
    }

    /// The root of the region; its priority holds the instance's number.
    pub fn root(&self) -> Option<BridgeId> {
        self.span.array_at(1).map(BridgeId)
    }

    /// The sender's cost to the root.
    pub fn root_cost(&self) -> Option<u32> {
        self.span.u32_at(9)
    }

    /// Priority of the sender and its port, in steps of 4096 and 16, and the hops that are left.
    pub fn priorities(&self) -> Option<[u8; 3]> {
        let [bridge, port, hops] = self.span.array_at(13)?;
        Some([bridge >> 4, port >> 4, hops])
    }
}

/// A bridge: its priority, and its address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BridgeId(pub [u8; 8]);

impl BridgeId {
    /// The priority, and in its low 12 bits the VLAN where there is a tree for each.
    pub fn priority(self) -> u16 {
        let [high, low, ..] = self.0;
        u16::from_be_bytes([high, low])
    }

    pub fn address(self) -> [u8; 6] {
        let [_, _, address @ ..] = self.0;
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_has_its_fields_in_order() {
        let mut bytes = vec![0, 0, VERSION_STP, CONFIGURATION, 1, 0x80, 0];
        bytes.extend([2, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0x80, 1, 2, 0, 0, 0, 0, 2, 0x80, 3]);
        bytes.extend([1, 0, 20, 0, 2, 0, 15, 0]);
        let bpdu = Bpdu::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((bpdu.version(), bpdu.kind(), bpdu.flags()), (Some(VERSION_STP), Some(CONFIGURATION), Some(1)));
        assert_eq!((bpdu.root_cost(), bpdu.port()), (Some(4), Some(0x8003)));
        let bridge = bpdu.bridge().unwrap();
        assert_eq!((bridge.priority(), bridge.address()), (0x8001, [2, 0, 0, 0, 0, 2]));
        assert_eq!(bpdu.timers(), Some([256, 5120, 512, 3840]));
        assert!(Bpdu::parse(Span::new(&[0, 1, 0, 0], 4)).is_err());
    }

    #[test]
    fn a_unit_for_several_trees_has_as_many_instances_as_its_length_says() {
        let mut bytes = vec![0; 36];
        bytes.extend([0, 96, 0]);
        bytes.extend([b"region".as_slice(), &[0; 26], &[0, 5], &[7; 16], &[0, 0, 3, 232]].concat());
        bytes.extend([0x80, 0, 2, 0, 0, 0, 0, 3, 19]);
        for instance in 1..=2 {
            bytes.extend([0x7c, 0x80, instance, 2, 0, 0, 0, 0, 1, 0, 0, 0, 200, 0x80, 0x70, 18]);
        }
        let bpdu = Bpdu::parse(Span::new(&bytes, bytes.len())).unwrap();
        let region = bpdu.region();
        assert_eq!((region.name().bytes()[..7].to_vec(), region.revision()), (b"region\0".to_vec(), Some(5)));
        assert_eq!((region.root_cost(), region.remaining_hops()), (Some(1000), Some(19)));
        let numbers: Vec<_> = region.instances().map(|i| i.number().unwrap()).collect();
        assert_eq!((numbers, region.instances().next().unwrap().priorities()), (vec![1, 2], Some([8, 7, 18])));
        assert!(region.behind().is_empty());
    }
}
