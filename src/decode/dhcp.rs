//! BOOTP and DHCP messages (RFC 951, RFC 2131; options: RFC 2132).

use super::{Short, Span};

/// Fields by their place in a message.
pub mod field {
    #![allow(missing_docs, reason = "the names of RFC 2131, section 2")]
    pub const CLIENT: usize = 12;
    pub const YOURS: usize = 16;
    pub const SERVER: usize = 20;
    pub const GATEWAY: usize = 24;
    pub const SERVER_NAME: usize = 44;
    pub const FILE: usize = 108;
    pub const VENDOR: usize = 236;
}

/// What options begin with (RFC 1497).
pub const COOKIE: u32 = 0x6382_5363;

/// Options without a length.
pub const PAD: u8 = 0;
pub const END: u8 = 255;

/// A message, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Dhcp<'a> {
    operation: u8,
    span: Span<'a>,
}

impl<'a> Dhcp<'a> {
    /// # Errors
    /// Where nothing was captured.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&[operation], _) = span.split_array()?;
        Ok(Dhcp { operation, span })
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// 1 for a request, 2 for a reply.
    pub fn operation(&self) -> u8 {
        self.operation
    }

    /// Kind and length in bytes of the client's hardware address.
    pub fn hardware(&self) -> Option<(u8, u8)> {
        self.span.u8_at(1).zip(self.span.u8_at(2))
    }

    /// How many relays it passed.
    pub fn hops(&self) -> Option<u8> {
        self.span.u8_at(3)
    }

    pub fn transaction(&self) -> Option<u32> {
        self.span.u32_at(4)
    }

    /// Seconds since the client began.
    pub fn seconds(&self) -> Option<u16> {
        self.span.u16_at(8)
    }

    /// The highest bit asks for a broadcast.
    pub fn flags(&self) -> Option<u16> {
        self.span.u16_at(10)
    }

    /// The address in a [`field`].
    pub fn address(&self, at: usize) -> Option<[u8; 4]> {
        self.span.array_at(at)
    }

    /// The client's hardware address, if it is one of six bytes.
    pub fn ethernet(&self) -> Option<[u8; 6]> {
        self.span.array_at(28)
    }

    /// The options behind the cookie; none where something else stands there.
    pub fn options(&self) -> Option<Options<'a>> {
        let rest = self.span.skip(field::VENDOR);
        (rest.u32_at(0)? == COOKIE).then(|| Options { rest: rest.skip(4) })
    }
}

/// The options of a message, one after the other, up to the end of what was captured.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    rest: Span<'a>,
}

/// One option; its value is shorter than it says where the capture ends within it.
#[derive(Clone, Copy, Debug)]
pub struct Opt<'a> {
    pub code: u8,
    /// None where not even the length was captured.
    pub length: Option<u8>,
    pub value: Span<'a>,
}

impl<'a> Iterator for Options<'a> {
    type Item = Opt<'a>;

    fn next(&mut self) -> Option<Opt<'a>> {
        let code = self.rest.u8_at(0)?;
        let behind = self.rest.skip(1);
        if code == PAD || code == END {
            self.rest = behind;
            return Some(Opt { code, length: Some(0), value: behind.limit(0) });
        }
        let length = behind.u8_at(0);
        let value = behind.skip(1);
        let size = usize::from(length.unwrap_or(0));
        self.rest = value.skip(size);
        Some(Opt { code, length, value: value.limit(size) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_follow_the_cookie() {
        let mut bytes = vec![0; field::VENDOR];
        bytes.extend([0x63, 0x82, 0x53, 0x63, 53, 1, 5, 0, 12, 9, b'h']);
        let message = Dhcp::parse(Span::new(&bytes, bytes.len())).unwrap();
        let found: Vec<_> =
            message.options().unwrap().map(|option| (option.code, option.length, option.value.bytes())).collect();
        assert_eq!(found, [(53, Some(1), &[5][..]), (PAD, Some(0), &[]), (12, Some(9), b"h")]);
    }
}
