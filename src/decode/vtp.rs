//! Cisco's VLAN trunking protocol: switches of one domain tell each other which VLANs there are.

use super::llc::{OUI_CISCO, Snap};
use super::{Next, Short, Span};

/// Its SNAP header.
pub const SNAP: Snap = Snap { oui: OUI_CISCO, protocol: 0x2003 };

/// Kinds of message.
pub const SUMMARY: u8 = 1;
pub const SUBSET: u8 = 2;
pub const REQUEST: u8 = 3;
pub const JOIN: u8 = 4;

/// Length of the head that all kinds share, in bytes.
pub const HEAD: usize = 36;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Vtp<'a> {
    header: &'a [u8; HEAD],
    span: Span<'a>,
}

impl<'a> Vtp<'a> {
    /// # Errors
    /// Where the head was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, _) = span.split_array()?;
        Ok((Vtp { header, span }, Next::Payload, span.skip(span.wire())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> u8 {
        let [version, ..] = *self.header;
        version
    }

    /// What kind of message it is, such as [`SUMMARY`].
    pub fn kind(&self) -> u8 {
        let [_, kind, ..] = *self.header;
        kind
    }

    /// How many messages follow a summary, or which of those a subset is.
    pub fn sequence(&self) -> u8 {
        let [_, _, sequence, ..] = *self.header;
        sequence
    }

    /// Length of the domain's name as the message says, 1 to 32.
    pub fn domain_len(&self) -> u8 {
        let [_, _, _, length, ..] = *self.header;
        length
    }

    /// The domain's name, or all of its field where the length is wrong.
    pub fn domain(&self) -> &'a [u8] {
        let (_, name) = self.header.split_at(4);
        name.get(..usize::from(self.domain_len())).unwrap_or(name)
    }

    /// What is behind the head.
    pub fn body(&self) -> Span<'a> {
        self.span.skip(HEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_has_the_domain() {
        let mut bytes = [0u8; 40];
        bytes[..7].copy_from_slice(&[2, SUMMARY, 1, 3, b'l', b'a', b'b']);
        let (message, ..) = Vtp::parse(Span::new(&bytes, 72)).unwrap();
        assert_eq!((message.version(), message.kind(), message.sequence()), (2, SUMMARY, 1));
        assert_eq!((message.domain(), message.body().wire()), (&b"lab"[..], 36));
        assert!(Vtp::parse(Span::new(&bytes[..35], 72)).is_err());
    }
}
