//! ICMP (RFC 792).

use super::{Next, Short, Span};

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Icmpv4<'a> {
    span: Span<'a>,
}

impl<'a> Icmpv4<'a> {
    /// # Errors
    /// Where the fixed part was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (_, rest) = span.split(4)?;
        Ok((Icmpv4 { span }, Next::Payload, rest))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }
}
