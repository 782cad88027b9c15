//! TFTP packets (RFC 1350, options: RFC 2347).

use super::{Short, Span};

/// What a packet is for.
#[allow(missing_docs, reason = "the names of RFC 1350, section 5")]
pub mod operation {
    pub const READ: u16 = 1;
    pub const WRITE: u16 = 2;
    pub const DATA: u16 = 3;
    pub const ACKNOWLEDGMENT: u16 = 4;
    pub const ERROR: u16 = 5;
    pub const OPTIONS: u16 = 6;
}

/// A packet, as far as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Tftp<'a> {
    /// An [`operation`].
    pub operation: u16,
    /// What is behind it.
    pub body: Span<'a>,
}

impl<'a> Tftp<'a> {
    /// # Errors
    /// Where its first two bytes were not captured.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&operation, body) = span.split_array()?;
        Ok(Tftp { operation: u16::from_be_bytes(operation), body })
    }
}

/// Text at the start of a span, and what is behind the zero that ends it; none where there is no zero.
pub fn string(span: Span<'_>) -> (&[u8], Option<Span<'_>>) {
    let bytes = span.bytes();
    match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (bytes.get(..end).unwrap_or(bytes), Some(span.skip(end.saturating_add(1)))),
        None => (bytes, None),
    }
}
