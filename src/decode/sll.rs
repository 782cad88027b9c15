//! Linux cooked captures: what stands before the packet where a capture has no link layer of its own.
//! LINUX_SLL (16 bytes) and LINUX_SLL2 (20 bytes, with the interface index);
//! <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html>.

use super::ethernet::follow;
use super::{Next, Short, Span};

/// ARPHRD types whose protocol field is no Ethernet type (netlink, GRE, wireless).
const ARPHRD_NETLINK: u16 = 824;

fn what(protocol: u16, arphrd: u16, rest: Span<'_>) -> (Next, Span<'_>) {
    match protocol {
        _ if arphrd == ARPHRD_NETLINK => (Next::Payload, rest),
        0x0004 => (Next::Llc, rest),
        // Novell's 802.3, without LLC.
        0x0001 => (Next::Ipx, rest),
        _ if protocol <= 1500 => (Next::Payload, rest),
        _ => follow(protocol, rest),
    }
}

/// The v1 header.
#[derive(Clone, Copy, Debug)]
pub struct Sll<'a> {
    header: &'a [u8; 16],
}

impl<'a> Sll<'a> {
    /// # Errors
    /// Where fewer than 16 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Sll { header };
        let (next, rest) = what(view.protocol(), view.arphrd(), rest);
        Ok((view, next, rest))
    }

    /// The header.
    pub fn bytes(&self) -> &'a [u8] {
        self.header
    }

    /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us.
    pub fn packet_type(&self) -> u16 {
        let [high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// The hardware type of the interface, an ARPHRD number.
    pub fn arphrd(&self) -> u16 {
        let [_, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// The sender's link address: at most 8 bytes.
    pub fn address(&self) -> &'a [u8] {
        let [_, _, _, _, high, low, address @ .., _, _] = self.header;
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        address.get(..len).unwrap_or(address)
    }

    /// The Ethernet type of the packet, or below 1501 another kind of it.
    pub fn protocol(&self) -> u16 {
        let [.., high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }
}

/// The v2 header.
#[derive(Clone, Copy, Debug)]
pub struct Sll2<'a> {
    header: &'a [u8; 20],
}

impl<'a> Sll2<'a> {
    /// # Errors
    /// Where fewer than 20 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Sll2 { header };
        let (next, rest) = what(view.protocol(), view.arphrd(), rest);
        Ok((view, next, rest))
    }

    /// The header.
    pub fn bytes(&self) -> &'a [u8] {
        self.header
    }

    /// The Ethernet type of the packet, or below 1501 another kind of it.
    pub fn protocol(&self) -> u16 {
        let [high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// The index of the interface on the machine that captured.
    pub fn interface_index(&self) -> u32 {
        let [_, _, _, _, a, b, c, d, ..] = *self.header;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The hardware type of the interface, an ARPHRD number.
    pub fn arphrd(&self) -> u16 {
        let [_, _, _, _, _, _, _, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us.
    pub fn packet_type(&self) -> u8 {
        let [_, _, _, _, _, _, _, _, _, _, kind, ..] = *self.header;
        kind
    }

    /// The sender's link address: at most 8 bytes.
    pub fn address(&self) -> &'a [u8] {
        let [_, _, _, _, _, _, _, _, _, _, _, len, address @ ..] = self.header;
        address.get(..usize::from(*len)).unwrap_or(address)
    }
}
