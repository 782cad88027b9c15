//! ARP and RARP (RFC 826, RFC 903).

use super::{Next, Short, Span};

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Arp<'a> {
    span: Span<'a>,
}

impl<'a> Arp<'a> {
    /// # Errors
    /// Where the fixed part was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (_, rest) = span.split(8)?;
        Ok((Arp { span }, Next::Payload, rest))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }
}
