//! Cisco's hot standby router protocol, version 1 (RFC 2281).

use super::Span;

/// The UDP port.
pub const PORT: u16 = 1985;

/// A message, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Hsrp<'a> {
    span: Span<'a>,
}

impl<'a> Hsrp<'a> {
    pub fn of(span: Span<'a>) -> Self {
        Hsrp { span }
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// 0 for version 1.
    pub fn version(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    /// 0 for a hello, 1 for a coup, 2 for a resignation.
    pub fn operation(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    /// 0 initial, 1 learn, 2 listen, 4 speak, 8 standby, 16 active.
    pub fn state(&self) -> Option<u8> {
        self.span.u8_at(2)
    }

    /// Time between hellos, and how long one holds, in seconds.
    pub fn times(&self) -> Option<[u8; 2]> {
        self.span.array_at(3)
    }

    pub fn priority(&self) -> Option<u8> {
        self.span.u8_at(5)
    }

    pub fn group(&self) -> Option<u8> {
        self.span.u8_at(6)
    }

    /// A byte that should be 0.
    pub fn reserved(&self) -> Option<u8> {
        self.span.u8_at(7)
    }

    /// The password, in the clear.
    pub fn password(&self) -> Span<'a> {
        self.span.skip(8).limit(8)
    }

    /// The address that the routers share.
    pub fn address(&self) -> Option<[u8; 4]> {
        self.span.array_at(16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_has_state_group_and_address() {
        let bytes = *b"\0\0\x10\x03\x0a\x78\x01\0cisco\0\0\0\x0a\0\0\x01";
        let hello = Hsrp::of(Span::new(&bytes, 20));
        assert_eq!((hello.state(), hello.group(), hello.priority()), (Some(16), Some(1), Some(120)));
        assert_eq!((hello.times(), hello.address()), (Some([3, 10]), Some([10, 0, 0, 1])));
        assert_eq!(hello.password().bytes(), b"cisco\0\0\0");
    }
}
