//! Intermediate system to intermediate system (IS-IS; ISO 10589): the head of its messages.

use super::{Next, Short, Span};

/// Its network layer protocol identifier, which is its first byte.
pub const IDENTIFIER: u8 = 0x83;

/// Types of message.
pub const L1_LAN_HELLO: u8 = 15;
pub const L2_LAN_HELLO: u8 = 16;
pub const P2P_HELLO: u8 = 17;
pub const L1_LINK_STATE: u8 = 18;
pub const L2_LINK_STATE: u8 = 20;
pub const L1_COMPLETE: u8 = 24;
pub const L2_COMPLETE: u8 = 25;
pub const L1_PARTIAL: u8 = 26;
pub const L2_PARTIAL: u8 = 27;

/// Bytes of the head that all types share.
pub const HEAD: usize = 8;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Isis<'a> {
    header: &'a [u8; HEAD],
    span: Span<'a>,
}

impl<'a> Isis<'a> {
    /// # Errors
    /// Where the head that all types share was not captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, _) = span.split_array()?;
        Ok((Isis { header, span }, Next::Payload, span.skip(span.wire())))
    }

    /// The message, and the padding of its frame.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// Length of the head of its type, in bytes.
    pub fn head_len(&self) -> u8 {
        let [_, length, ..] = *self.header;
        length
    }

    /// Versions of the protocol and of the message; both are 1.
    pub fn versions(&self) -> [u8; 2] {
        let [_, _, protocol, _, _, message, ..] = *self.header;
        [protocol, message]
    }

    /// Length of a system's identifier, in bytes; 0 stands for 6.
    pub fn identifier_len(&self) -> u8 {
        let [_, _, _, length, ..] = *self.header;
        length
    }

    /// The type of message, such as [`P2P_HELLO`].
    pub fn kind(&self) -> u8 {
        let [_, _, _, _, kind, ..] = *self.header;
        kind
    }

    /// The most areas that a system may be in; 0 stands for 3.
    pub fn max_areas(&self) -> u8 {
        let [.., areas] = *self.header;
        areas
    }

    /// What is behind the head that all types share.
    pub fn body(&self) -> Span<'a> {
        self.span.skip(HEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_has_versions_and_type() {
        let bytes = [IDENTIFIER, 20, 1, 0, P2P_HELLO, 1, 0, 0, 3];
        let (message, ..) = Isis::parse(Span::new(&bytes, 9)).unwrap();
        assert_eq!((message.head_len(), message.versions(), message.kind()), (20, [1, 1], P2P_HELLO));
        assert_eq!((message.identifier_len(), message.max_areas(), message.body().wire()), (0, 0, 1));
        assert!(Isis::parse(Span::new(&bytes[..7], 9)).is_err());
    }
}
