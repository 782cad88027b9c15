//! IEEE 802.2 logical link control, and SNAP behind it.

use super::{Next, Short, Span};

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Llc<'a> {
    span: Span<'a>,
}

impl<'a> Llc<'a> {
    /// # Errors
    /// Where the fixed part was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (_, rest) = span.split(3)?;
        Ok((Llc { span }, Next::Payload, rest))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }
}
