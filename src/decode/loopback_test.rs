//! The loopback protocol of Ethernet, also called configuration testing protocol (Ethernet version 2.0, chapter 8).

use super::{Next, Short, Span};

/// Functions.
pub const REPLY: u16 = 1;
pub const FORWARD: u16 = 2;

/// A message. Its numbers are little-endian.
#[derive(Clone, Copy, Debug)]
pub struct LoopbackTest<'a> {
    span: Span<'a>,
}

impl<'a> LoopbackTest<'a> {
    /// # Errors
    /// None: what is missing is none where it is asked for.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Ok((LoopbackTest { span }, Next::Payload, span.skip(span.wire())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// How many bytes of functions are done with, a multiple of 8.
    pub fn skip_count(&self) -> Option<u16> {
        self.span.array_at(0).map(u16::from_le_bytes)
    }

    /// What is behind the functions that are done with; none where the skip count is not there.
    pub fn pending(&self) -> Option<Span<'a>> {
        Some(self.span.skip(2).skip(self.skip_count()?.into()))
    }

    /// What is to be done next.
    pub fn function(&self) -> Option<u16> {
        self.pending()?.array_at(0).map(u16::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_are_done_with_are_skipped() {
        let bytes = [8, 0, 2, 0, 1, 2, 3, 4, 5, 6, 1, 0, 7, 0];
        let (message, ..) = LoopbackTest::parse(Span::new(&bytes, 14)).unwrap();
        assert_eq!((message.skip_count(), message.function()), (Some(8), Some(REPLY)));
        assert_eq!(message.pending().unwrap().bytes(), [1, 0, 7, 0]);
    }
}
