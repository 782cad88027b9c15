//! DHCPv6 messages (RFC 8415).

use super::{Short, Span};

/// Kinds of messages that a relay sends: they have two addresses, not a transaction number.
pub const RELAY_FORWARD: u8 = 12;
pub const RELAY_REPLY: u8 = 13;

/// Length of an option's code and length, in bytes.
pub const OPTION_HEAD: usize = 4;

/// A message, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Dhcpv6<'a> {
    kind: u8,
    transaction: u32,
    span: Span<'a>,
}

impl<'a> Dhcpv6<'a> {
    /// # Errors
    /// Where its first 4 bytes were not captured.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&[kind, a, b, c], _) = span.split_array()?;
        Ok(Dhcpv6 { kind, transaction: u32::from_be_bytes([0, a, b, c]), span })
    }

    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// Whether it is a message between relays and servers.
    pub fn is_relayed(&self) -> bool {
        matches!(self.kind, RELAY_FORWARD | RELAY_REPLY)
    }

    /// 24 bits.
    pub fn transaction(&self) -> u32 {
        self.transaction
    }

    /// The address of the client's link (of a relayed message).
    pub fn link_address(&self) -> Option<[u8; 16]> {
        self.span.array_at(2)
    }

    /// Where the message came from, or goes (of a relayed message).
    pub fn peer_address(&self) -> Option<[u8; 16]> {
        self.span.array_at(18)
    }

    pub fn options(&self) -> Options<'a> {
        Options { rest: self.span.skip(if self.is_relayed() { 34 } else { 4 }) }
    }
}

/// The options of a message, or of an option, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    rest: Span<'a>,
}

/// One option, all of it captured.
#[derive(Clone, Copy, Debug)]
pub struct Opt<'a> {
    pub code: u16,
    pub value: Span<'a>,
}

impl<'a> Options<'a> {
    /// Those inside an option.
    pub fn within(span: Span<'a>) -> Self {
        Options { rest: span }
    }
}

impl<'a> Iterator for Options<'a> {
    /// An error where an option is not all there; nothing follows it.
    type Item = Result<Opt<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.bytes().is_empty() {
            return None;
        }
        let whole = self.rest;
        self.rest = whole.limit(0);
        let (&[a, b, c, d], rest) = match whole.split_array() {
            Ok(split) => split,
            Err(short) => return Some(Err(short)),
        };
        let length = usize::from(u16::from_be_bytes([c, d]));
        Some(rest.split(length).map(|(_, behind)| {
            self.rest = behind;
            Opt { code: u16::from_be_bytes([a, b]), value: rest.limit(length) }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_end_with_one_that_is_not_whole() {
        let bytes = [1, 0, 0, 7, 0, 8, 0, 2, 0, 9, 0, 14, 0, 0, 0, 6, 0, 4, 0];
        let message = Dhcpv6::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((message.kind(), message.transaction()), (1, 7));
        let found: Vec<_> = message.options().map(|option| option.ok().map(|o| (o.code, o.value.bytes()))).collect();
        assert_eq!(found, [Some((8, &[0, 9][..])), Some((14, &[][..])), None]);
    }
}
