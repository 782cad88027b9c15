//! The slow protocols of Ethernet (IEEE 802.3, annex 57A): link aggregation control (LACP), its marker protocol
//! (IEEE 802.1AX), and operations, administration and maintenance (OAM; IEEE 802.3, 57).

use super::{Next, Short, Span};

/// Subtypes.
pub const LACP: u8 = 1;
pub const MARKER: u8 = 2;
pub const OAM: u8 = 3;

/// The type that ends a list of fields.
pub const END: u8 = 0;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Slow<'a> {
    span: Span<'a>,
}

impl<'a> Slow<'a> {
    /// # Errors
    /// None: the subtype is looked for where it is asked for.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((Slow { span }, Next::Payload, span.skip(span.wire())))
    }

    /// The message, and the padding of its frame.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// Which protocol it is, such as [`LACP`].
    pub fn subtype(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    /// The version of LACP and the marker protocol; OAM has none.
    pub fn version(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    /// The fields of LACP and the marker protocol.
    pub fn fields(&self) -> Fields<'a> {
        Fields::of(self.span.skip(2))
    }
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub kind: u8,
    /// Length in bytes, its type and length included.
    pub length: u8,
    /// All of it, or why it is not there: malformed where the length is less than 2.
    pub bytes: Result<Span<'a>, Short>,
}

/// A walk over fields, up to an end mark or the first that is not all there.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    rest: Span<'a>,
}

impl<'a> Fields<'a> {
    /// Of bytes that hold nothing else.
    pub fn of(span: Span<'a>) -> Self {
        Fields { rest: span }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest;
        self.rest = rest.skip(rest.wire());
        if rest.is_empty() {
            return None;
        }
        let (kind, length) = match rest.split_array() {
            Ok((&[kind, length], _)) => (kind, length),
            Err(short) => return Some(Err(short)),
        };
        let size = usize::from(length);
        let bytes = match rest.split(size) {
            _ if size < 2 => Err(rest.malformed(2)),
            Ok((_, behind)) => {
                if kind != END {
                    self.rest = behind;
                }
                Ok(rest.limit(size))
            }
            Err(short) => Err(short),
        };
        Some(Ok(Field { kind, length, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Cause;

    #[test]
    fn fields_end_with_the_end_mark_or_a_fault() {
        let walk = |bytes: &[u8]| -> Vec<_> {
            let fields = Fields::of(Span::new(bytes, bytes.len()));
            fields.map(|f| f.and_then(|f| f.bytes.map(|b| (f.kind, b.wire())))).collect()
        };
        assert_eq!(walk(&[1, 3, 9, 3, 2, 0, 2, 7]), [Ok((1, 3)), Ok((3, 2)), Ok((0, 2))]);
        assert_eq!(walk(&[1, 1, 9]).pop().unwrap().unwrap_err().cause, Cause::Malformed);
        assert_eq!(walk(&[1, 4, 9]).pop().unwrap().unwrap_err().cause, Cause::Packet);
        assert_eq!(walk(&[1, 2, 9]).pop().unwrap().unwrap_err().cause, Cause::Packet);
    }
}
