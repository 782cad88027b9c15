//! MPLS label stacks (RFC 3032).

use super::icmpv4::Label;
use super::{Next, Short, Span, ethernet, isis};

/// A stack of labels, down to its bottom.
#[derive(Clone, Copy, Debug)]
pub struct Mpls<'a> {
    entries: &'a [[u8; 4]],
}

impl<'a> Mpls<'a> {
    /// # Errors
    /// Where the bottom of the stack was not captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let missing = span.short(span.bytes().len().saturating_add(4));
        let bottom = labels(span).position(Label::is_bottom).ok_or(missing)?;
        let (stack, rest) = span.split(bottom.saturating_add(1).saturating_mul(4))?;
        let (entries, _) = stack.as_chunks();
        Ok((Mpls { entries }, next(entries, rest), rest))
    }

    /// The labels, the outermost first.
    pub fn labels(&self) -> impl Iterator<Item = Label> + use<'a> {
        self.entries.iter().copied().map(label)
    }

    /// The entries that hold them, four bytes each.
    pub fn entries(&self) -> &'a [[u8; 4]] {
        self.entries
    }
}

/// What could be labels, up to the end of what was captured.
pub fn labels(span: Span<'_>) -> impl Iterator<Item = Label> {
    span.bytes().as_chunks().0.iter().copied().map(label)
}

fn label(entry: [u8; 4]) -> Label {
    Label(u32::from_be_bytes(entry))
}

/// No label says what it carries, but those of RFC 3032, 2.1; else the first byte tells IP from the rest.
fn next(entries: &[[u8; 4]], rest: Span<'_>) -> Next {
    let bottom = entries.last().copied().map_or(0, |entry| label(entry).value());
    match (bottom, rest.u8_at(0)) {
        (0 | 3, _) | (_, Some(0x45..=0x4f)) if bottom != 2 => Next::EtherType(ethernet::IPV4),
        (2, _) | (_, Some(0x60..=0x6f)) => Next::EtherType(ethernet::IPV6),
        (_, Some(isis::IDENTIFIER)) => Next::Isis,
        _ => Next::Payload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Cause;

    #[test]
    fn a_stack_ends_with_its_bottom() {
        let bytes = [0, 1, 0x40, 64, 0, 2, 0x01, 63, 0x45, 0];
        let (stack, next, rest) = Mpls::parse(Span::new(&bytes, 10)).unwrap();
        assert_eq!(stack.labels().map(|label| label.value()).collect::<Vec<_>>(), [20, 32]);
        assert_eq!((next, rest.bytes()), (Next::EtherType(ethernet::IPV4), &[0x45, 0][..]));
        let short = Mpls::parse(Span::new(&bytes[..7], 10)).unwrap_err();
        assert_eq!((short.available, short.cause), (7, Cause::Packet));
    }
}
