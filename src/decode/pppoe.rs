//! PPP over Ethernet (RFC 2516): finding an access concentrator, and the session with it.

use super::{Next, Short, Span};

/// Codes; a session's frames have [`SESSION`].
pub const SESSION: u8 = 0x00;
pub const OFFER: u8 = 0x07;
pub const INITIATION: u8 = 0x09;
pub const REQUEST: u8 = 0x19;
pub const CONFIRMATION: u8 = 0x65;
pub const TERMINATION: u8 = 0xa7;

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct Pppoe<'a> {
    header: &'a [u8; 6],
    behind: Span<'a>,
}

impl<'a> Pppoe<'a> {
    /// # Errors
    /// Where fewer than 6 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, behind) = span.split_array()?;
        let view = Pppoe { header, behind };
        let next = if view.code() == SESSION { Next::Ppp } else { Next::Payload };
        Ok((view, next, behind.limit(view.length().into())))
    }

    /// 1.
    pub fn version(&self) -> u8 {
        let [first, ..] = *self.header;
        first >> 4
    }

    /// 1.
    pub fn kind(&self) -> u8 {
        let [first, ..] = *self.header;
        first & 15
    }

    /// What kind of frame it is, such as [`INITIATION`].
    pub fn code(&self) -> u8 {
        let [_, code, ..] = *self.header;
        code
    }

    /// The session's number; 0 where there is none yet.
    pub fn session(&self) -> u16 {
        let [_, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// Length of what follows, in bytes, as the header says.
    pub fn length(&self) -> u16 {
        let [.., high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// What follows the header in the frame, its padding included.
    pub fn behind(&self) -> Span<'a> {
        self.behind
    }

    /// The tags of a frame that is no session's.
    pub fn tags(&self) -> Tags<'a> {
        Tags { rest: self.behind.limit(self.length().into()) }
    }
}

/// One tag: its type, and its value.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    pub kind: u16,
    pub value: &'a [u8],
}

/// A walk over tags, up to an end mark or the first that is not all there.
#[derive(Clone, Copy, Debug)]
pub struct Tags<'a> {
    rest: Span<'a>,
}

impl<'a> Tags<'a> {
    fn tag(rest: Span<'a>) -> Result<(Tag<'a>, Span<'a>), Short> {
        let (&[a, b, c, d], rest) = rest.split_array()?;
        let (value, rest) = rest.split(u16::from_be_bytes([c, d]).into())?;
        Ok((Tag { kind: u16::from_be_bytes([a, b]), value }, rest))
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Result<Tag<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest;
        self.rest = rest.skip(rest.wire());
        if rest.is_empty() {
            return None;
        }
        Some(Self::tag(rest).map(|(tag, behind)| {
            if tag.kind != 0 {
                self.rest = behind;
            }
            tag
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_end_with_the_length_or_an_end_mark() {
        let bytes = [0x11, INITIATION, 0, 0, 0, 12, 1, 1, 0, 0, 1, 3, 0, 4, b'u', b'n', b'i', b'q', 0, 0];
        let (header, next, rest) = Pppoe::parse(Span::new(&bytes, 20)).unwrap();
        assert_eq!((header.version(), header.code(), next, rest.wire()), (1, INITIATION, Next::Payload, 12));
        let tags: Vec<_> = header.tags().map(Result::unwrap).map(|tag| (tag.kind, tag.value)).collect();
        assert_eq!(tags, [(0x0101, &b""[..]), (0x0103, &b"uniq"[..])]);
        let (cut, ..) = Pppoe::parse(Span::new(&bytes[..16], 20)).unwrap();
        assert!(cut.tags().nth(1).unwrap().is_err());
    }
}
