//! RADIUS messages (RFC 2865, RFC 2866).

use super::{Short, Span};

/// Length of a message without attributes, in bytes.
pub const HEADER: usize = 20;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Radius<'a> {
    pub code: u8,
    pub id: u8,
    /// Its length as it says, in bytes.
    pub length: u16,
    pub authenticator: [u8; 16],
    attributes: Span<'a>,
}

impl<'a> Radius<'a> {
    /// # Errors
    /// Where its 20 bytes before the attributes were not captured.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&[code, id, high, low, authenticator @ ..], attributes) = span.split_array::<HEADER>()?;
        let length = u16::from_be_bytes([high, low]);
        let size = usize::from(length).saturating_sub(HEADER);
        Ok(Radius { code, id, length, authenticator, attributes: attributes.limit(size) })
    }

    /// All behind the authenticator, up to the length that the message says.
    pub fn attributes(&self) -> Span<'a> {
        self.attributes
    }

    /// Type and value of each attribute, up to one whose length can't be.
    pub fn each_attribute(&self) -> impl Iterator<Item = (u8, Span<'a>)> + Clone + use<'a> {
        const HEAD: usize = 2;
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (kind, length) = rest.u8_at(0).zip(rest.u8_at(1))?;
            let length = usize::from(length);
            if length < HEAD || length > rest.wire() {
                return None;
            }
            let value = rest.limit(length).skip(HEAD);
            rest = rest.skip(length);
            Some((kind, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_end_where_the_message_does() {
        let mut bytes = vec![7; 30];
        bytes[..4].copy_from_slice(&[1, 9, 0, 25]);
        let message = Radius::parse(Span::new(&bytes, 30)).unwrap();
        assert_eq!((message.code, message.id, message.attributes().wire()), (1, 9, 5));
        bytes[20..25].copy_from_slice(&[1, 3, b'x', 2, 9]);
        let message = Radius::parse(Span::new(&bytes, 30)).unwrap();
        let found: Vec<_> = message.each_attribute().map(|(kind, value)| (kind, value.bytes())).collect();
        assert_eq!(found, [(1, &b"x"[..])]);
    }
}
