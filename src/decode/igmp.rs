//! IGMP, versions 1 to 3 (RFC 1112, 2236, 3376).

use super::{Next, Short, Span};

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Igmp<'a> {
    span: Span<'a>,
}

impl<'a> Igmp<'a> {
    /// # Errors
    /// Where the fixed part was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (_, rest) = span.split(8)?;
        Ok((Igmp { span }, Next::Payload, rest))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }
}
