//! ARP, RARP and InARP (RFC 826, RFC 903, RFC 2390): one message, with addresses of any kind and length.

use super::{Next, Short, Span};

/// Hardware types that differ from Ethernet in the form of their addresses.
pub const HARDWARE_FRAME_RELAY: u16 = 15;
pub const HARDWARE_ATM: u16 = 19;

/// Operations.
pub const REQUEST: u16 = 1;
pub const REPLY: u16 = 2;
pub const REVERSE_REQUEST: u16 = 3;
pub const REVERSE_REPLY: u16 = 4;
pub const INVERSE_REQUEST: u16 = 8;
pub const INVERSE_REPLY: u16 = 9;
pub const NAK: u16 = 10;

/// Length of the part before the addresses, in bytes.
const FIXED: usize = 8;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Arp<'a> {
    fixed: &'a [u8; FIXED],
    span: Span<'a>,
}

impl<'a> Arp<'a> {
    /// # Errors
    /// Where the fixed part was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (fixed, addresses) = span.split_array()?;
        let view = Arp { fixed, span };
        let rest = addresses.skip(view.address_at(4));
        Ok((view, Next::Payload, rest))
    }

    /// The whole message, with what padding follows it.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The kind of link addresses: 1 is Ethernet.
    pub fn hardware(&self) -> u16 {
        let [high, low, ..] = *self.fixed;
        u16::from_be_bytes([high, low])
    }

    /// The kind of protocol addresses: an Ethernet type.
    pub fn protocol(&self) -> u16 {
        let [_, _, high, low, ..] = *self.fixed;
        u16::from_be_bytes([high, low])
    }

    /// Length of a link address, in bytes.
    pub fn hardware_len(&self) -> u8 {
        let [_, _, _, _, len, ..] = *self.fixed;
        len
    }

    /// Length of a protocol address, in bytes.
    pub fn protocol_len(&self) -> u8 {
        let [_, _, _, _, _, len, ..] = *self.fixed;
        len
    }

    /// What is asked or answered, such as [`REQUEST`].
    pub fn operation(&self) -> u16 {
        let [.., high, low] = *self.fixed;
        u16::from_be_bytes([high, low])
    }

    /// The sender's link address, where it was captured.
    pub fn sender_hardware(&self) -> Option<&'a [u8]> {
        self.address(0)
    }

    /// The sender's protocol address, where it was captured.
    pub fn sender_protocol(&self) -> Option<&'a [u8]> {
        self.address(1)
    }

    /// The target's link address, where it was captured.
    pub fn target_hardware(&self) -> Option<&'a [u8]> {
        self.address(2)
    }

    /// The target's protocol address, where it was captured.
    pub fn target_protocol(&self) -> Option<&'a [u8]> {
        self.address(3)
    }

    /// Where the address of this place begins, behind the fixed part: they take turns, link address first.
    fn address_at(&self, place: usize) -> usize {
        let (hardware, protocol) = (usize::from(self.hardware_len()), usize::from(self.protocol_len()));
        hardware.wrapping_mul(place.div_ceil(2)).wrapping_add(protocol.wrapping_mul(place / 2))
    }

    fn address(&self, place: usize) -> Option<&'a [u8]> {
        let addresses = self.span.bytes().get(FIXED..)?;
        addresses.get(self.address_at(place)..self.address_at(place.wrapping_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST_FRAME: [u8; 28] =
        [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2];

    #[test]
    fn addresses_stand_where_their_lengths_say() {
        let (arp, next, rest) = Arp::parse(Span::new(&REQUEST_FRAME, 60)).unwrap();
        assert_eq!((arp.hardware(), arp.protocol(), arp.operation()), (1, 0x0800, REQUEST));
        assert_eq!(arp.sender_hardware(), Some(&[2, 0, 0, 0, 0, 1][..]));
        assert_eq!(arp.sender_protocol(), Some(&[10, 0, 0, 1][..]));
        assert_eq!(arp.target_hardware(), Some(&[0; 6][..]));
        assert_eq!(arp.target_protocol(), Some(&[10, 0, 0, 2][..]));
        assert_eq!((next, rest.wire(), rest.offset()), (Next::Payload, 32, 28));
    }

    #[test]
    fn addresses_that_were_not_captured_are_none() {
        let (arp, ..) = Arp::parse(Span::new(&REQUEST_FRAME[..27], 28)).unwrap();
        assert_eq!((arp.target_hardware(), arp.target_protocol()), (Some(&[0; 6][..]), None));
        assert!(Arp::parse(Span::new(&REQUEST_FRAME[..7], 28)).is_err());
    }
}
