//! VXLAN with other packets than Ethernet's in it (draft-ietf-nvo3-vxlan-gpe).

use super::{Next, Short, Span, ethernet};
use crate::frame::LinkType;

/// The UDP port.
pub const PORT: u16 = 4790;

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct VxlanGpe<'a> {
    header: &'a [u8; 8],
}

impl<'a> VxlanGpe<'a> {
    /// # Errors
    /// Where fewer than 8 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = VxlanGpe { header };
        let next = match view.next_protocol() {
            1 => Next::EtherType(ethernet::IPV4),
            2 => Next::EtherType(ethernet::IPV6),
            3 => Next::Link(LinkType::EN10MB),
            _ => Next::Payload,
        };
        Ok((view, next, rest))
    }

    /// From the lowest bit on: management, replication, a protocol is told, the network counts.
    pub fn flags(&self) -> u8 {
        let [flags, ..] = *self.header;
        flags
    }

    /// 1 IPv4, 2 IPv6, 3 Ethernet, 4 a network service header.
    pub fn next_protocol(&self) -> u8 {
        let [_, _, _, next, ..] = *self.header;
        next
    }

    /// The network's number, 24 bits.
    pub fn network(&self) -> u32 {
        let [_, _, _, _, a, b, c, _] = *self.header;
        u32::from_be_bytes([0, a, b, c])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_what_follows() {
        let (header, next, rest) = VxlanGpe::parse(Span::new(&[0x0c, 0, 0, 1, 0, 0, 7, 0, 0x45], 9)).unwrap();
        assert_eq!((header.flags(), header.network(), rest.wire()), (0x0c, 7, 1));
        assert_eq!(next, Next::EtherType(ethernet::IPV4));
    }
}
