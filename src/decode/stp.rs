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

    /// Message age, maximum age, hello time and forward delay, in 256ths of a second.
    pub fn timers(&self) -> Option<[u16; 4]> {
        let [age, max_age, hello, delay] = [27, 29, 31, 33].map(|at| self.span.u16_at(at));
        Some([age?, max_age?, hello?, delay?])
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
}
