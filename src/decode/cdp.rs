//! Cisco's discovery protocol: what a device tells of itself, as a list of fields.

use super::llc::{OUI_CISCO, Snap};
use super::{Next, Short, Span};

/// Its SNAP header.
pub const SNAP: Snap = Snap { oui: OUI_CISCO, protocol: 0x2000 };

/// Types of field.
pub const DEVICE_ID: u16 = 0x01;
pub const ADDRESSES: u16 = 0x02;
pub const PORT_ID: u16 = 0x03;
pub const CAPABILITIES: u16 = 0x04;
pub const VERSION: u16 = 0x05;
pub const PLATFORM: u16 = 0x06;
pub const PREFIXES: u16 = 0x07;
pub const VTP_DOMAIN: u16 = 0x09;
pub const NATIVE_VLAN: u16 = 0x0a;
pub const DUPLEX: u16 = 0x0b;
pub const SYSTEM_NAME: u16 = 0x14;
pub const MANAGEMENT_ADDRESSES: u16 = 0x16;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Cdp<'a> {
    span: Span<'a>,
}

impl<'a> Cdp<'a> {
    /// # Errors
    /// None: every field of the head is looked for where it is asked for.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Cdp { span }, Next::Payload, span.skip(span.wire())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn version(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    /// How long what is told holds, in seconds.
    pub fn time_to_live(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    pub fn fields(&self) -> Fields<'a> {
        Fields::of(self.span.skip(4))
    }
}

/// One field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field<'a> {
    /// Its type, such as [`DEVICE_ID`].
    pub kind: u16,
    /// Its value, as far as it was captured.
    pub value: Span<'a>,
}

/// Why there is no further field where there should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault<'a> {
    /// Its head was cut off by the capture.
    Cut,
    /// The message ends within its head: what is left.
    Stray(Span<'a>),
    /// Its length, which counts its head, is less than that: type, length and what is left with the head.
    TooShort(u16, u16, Span<'a>),
    /// Its length goes beyond the message: type, length and what is left with the head.
    TooLong(u16, u16, Span<'a>),
}

/// A walk over the fields, up to the first fault.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    rest: Span<'a>,
}

impl<'a> Fields<'a> {
    /// Of bytes that hold nothing else.
    pub fn of(span: Span<'a>) -> Self {
        Fields { rest: span }
    }

    fn field(&mut self) -> Result<Field<'a>, Fault<'a>> {
        let rest = self.rest;
        self.rest = rest.skip(rest.wire());
        let Ok((&[a, b, c, d], behind)) = rest.split_array() else {
            return Err(if rest.wire() < 4 { Fault::Stray(rest) } else { Fault::Cut });
        };
        let (kind, length) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let Some(value_len) = usize::from(length).checked_sub(4) else {
            return Err(Fault::TooShort(kind, length, rest));
        };
        if usize::from(length) > rest.wire() {
            return Err(Fault::TooLong(kind, length, rest));
        }
        self.rest = behind.skip(value_len);
        Ok(Field { kind, value: behind.limit(value_len) })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Fault<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.rest.is_empty()).then(|| self.field())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_their_type_and_whole_length_before_the_value() {
        let bytes = [2, 180, 0x12, 0x34, 0, 1, 0, 6, b'S', b'1', 0, 0x0b, 0, 5, 1];
        let (cdp, ..) = Cdp::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((cdp.version(), cdp.time_to_live(), cdp.checksum()), (Some(2), Some(180), Some(0x1234)));
        let fields: Vec<_> = cdp.fields().map(|f| f.unwrap()).map(|f| (f.kind, f.value.bytes())).collect();
        assert_eq!(fields, [(DEVICE_ID, &b"S1"[..]), (DUPLEX, &[1][..])]);
    }

    #[test]
    fn a_walk_ends_with_its_first_fault() {
        let faults = |bytes: &[u8], wire| {
            let (cdp, ..) = Cdp::parse(Span::new(bytes, wire)).unwrap();
            let mut fields = cdp.fields();
            let first = fields.next().unwrap().map(|_| ()).map_err(|fault| match fault {
                Fault::Cut => "cut",
                Fault::Stray(_) => "stray",
                Fault::TooShort(..) => "too short",
                Fault::TooLong(..) => "too long",
            });
            assert!(fields.next().is_none());
            first
        };
        assert_eq!(faults(&[2, 180, 0, 0, 0, 1, 0], 20), Err("cut"));
        assert_eq!(faults(&[2, 180, 0, 0, 0, 1, 0], 7), Err("stray"));
        assert_eq!(faults(&[2, 180, 0, 0, 0, 1, 0, 3, 9, 9], 10), Err("too short"));
        assert_eq!(faults(&[2, 180, 0, 0, 0, 1, 0, 9, 9, 9], 10), Err("too long"));
    }
}
