//! Link layer discovery protocol (IEEE 802.1AB): what a station tells of itself, as a list of fields.

use super::{Next, Short, Span};

/// Types of field.
pub const END: u8 = 0;
pub const CHASSIS_ID: u8 = 1;
pub const PORT_ID: u8 = 2;
pub const TIME_TO_LIVE: u8 = 3;
pub const PORT_DESCRIPTION: u8 = 4;
pub const SYSTEM_NAME: u8 = 5;
pub const SYSTEM_DESCRIPTION: u8 = 6;
pub const SYSTEM_CAPABILITIES: u8 = 7;
pub const MANAGEMENT_ADDRESS: u8 = 8;
pub const ORGANISATION_SPECIFIC: u8 = 127;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Lldp<'a> {
    span: Span<'a>,
}

impl<'a> Lldp<'a> {
    /// # Errors
    /// None: a message may be empty.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Lldp { span }, Next::Payload, span.skip(span.wire())))
    }

    /// The whole message, and the padding of its frame.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The fields up to the end mark.
    pub fn fields(&self) -> Fields<'a> {
        Fields { rest: Some(self.span) }
    }
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its type, 0 to 127, such as [`SYSTEM_NAME`].
    pub kind: u8,
    /// Length of its value in bytes, 0 to 511.
    pub length: u16,
    /// The value, where all of it is there.
    pub value: Option<Span<'a>>,
}

/// A walk over fields of seven bits of type and nine of length. It ends with an end mark, a field without a value,
/// one whose value is missing, or where the bytes end; where a field's head was cut off it gives an error.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    rest: Option<Span<'a>>,
}

impl<'a> Fields<'a> {
    /// Of bytes that hold nothing else.
    pub fn of(span: Span<'a>) -> Self {
        Fields { rest: Some(span) }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take().filter(|rest| rest.wire() >= 2)?;
        let (head, behind) = match rest.split_array() {
            Ok((head, behind)) => (u16::from_be_bytes(*head), behind),
            Err(short) => return Some(Err(short)),
        };
        let (kind, length) = ((head >> 9) as u8, head & 0x1ff);
        let value = behind.split(usize::from(length)).ok();
        if kind != END && length != 0 {
            self.rest = value.map(|(_, next)| next);
        }
        Some(Ok(Field { kind, length, value: value.map(|_| behind.limit(usize::from(length))) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_with_the_end_mark() {
        let bytes = [0x0a, 2, b'h', b'i', 0x06, 2, 0, 120, 0, 0, 0x0a, 1, b'x'];
        let (lldp, _, rest) = Lldp::parse(Span::new(&bytes, 13)).unwrap();
        let fields: Vec<_> = lldp.fields().map(Result::unwrap).collect();
        assert_eq!(fields.iter().map(|f| (f.kind, f.length)).collect::<Vec<_>>(), [(5, 2), (3, 2), (0, 0)]);
        assert_eq!(fields[0].value.unwrap().bytes(), b"hi");
        assert!(rest.is_empty());
    }

    #[test]
    fn a_field_that_was_cut_is_the_last() {
        let bytes = [0x0a, 2, b'h', b'i', 0x0a, 9, b'x'];
        let mut fields = Fields::of(Span::new(&bytes, 20));
        assert!(fields.next().unwrap().unwrap().value.is_some());
        assert!(fields.next().unwrap().unwrap().value.is_none());
        assert!(fields.next().is_none());
        assert!(Fields::of(Span::new(&bytes[..1], 20)).next().unwrap().is_err());
    }
}
