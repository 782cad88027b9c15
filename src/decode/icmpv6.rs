//! ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861).

use super::{Next, Short, Span};

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Icmpv6<'a> {
    span: Span<'a>,
}

impl<'a> Icmpv6<'a> {
    /// # Errors
    /// Where the fixed part was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (_, rest) = span.split(4)?;
        Ok((Icmpv6 { span }, Next::Payload, rest))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }
}
