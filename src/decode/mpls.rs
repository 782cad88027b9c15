//! MPLS label stacks (RFC 3032).

use super::icmpv4::Label;
use super::{Next, Short, Span, ethernet};

/// The labels of a stack, the outermost first; the last may be missing where the packet ends before its bottom.
#[derive(Clone, Copy, Debug)]
pub struct Mpls<'a> {
    labels: &'a [[u8; 4]],
    is_whole: bool,
    rest: Span<'a>,
}

impl<'a> Mpls<'a> {
    /// # Errors
    /// None: a stack without its bottom is one that is not [whole](Self::is_whole).
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (entries, _) = span.bytes().as_chunks();
        let bottom = entries.iter().position(|entry| Label(u32::from_be_bytes(*entry)).is_bottom());
        let count = bottom.map_or(entries.len(), |at| at.saturating_add(1));
        let labels = entries.get(..count).unwrap_or(entries);
        let rest = span.skip(labels.as_flattened().len());
        let view = Mpls { labels, is_whole: bottom.is_some(), rest };
        Ok((view, view.next(), rest))
    }

    /// No label says what it carries, but those of RFC 3032, 2.1; else the first byte tells IP from the rest.
    fn next(&self) -> Next {
        let Some(bottom) = self.labels().last().filter(|_| self.is_whole) else { return Next::Payload };
        match (bottom.value(), self.rest.u8_at(0)) {
            (0 | 3, _) => Next::EtherType(ethernet::IPV4),
            (2, _) => Next::EtherType(ethernet::IPV6),
            (_, Some(0x45..=0x4f)) => Next::EtherType(ethernet::IPV4),
            (_, Some(0x60..=0x6f)) => Next::EtherType(ethernet::IPV6),
            _ => Next::Payload,
        }
    }

    pub fn labels(&self) -> impl ExactSizeIterator<Item = Label> + DoubleEndedIterator + use<'a> {
        self.labels.iter().map(|entry| Label(u32::from_be_bytes(*entry)))
    }

    /// Whether the bottom of the stack was captured.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_ends_with_its_bottom() {
        let bytes = [0, 1, 0x40, 64, 0, 2, 0x01, 63, 0x45, 0];
        let (stack, next, rest) = Mpls::parse(Span::new(&bytes, 10)).unwrap();
        assert_eq!(stack.labels().map(|label| label.value()).collect::<Vec<_>>(), [20, 32]);
        assert_eq!((next, rest.bytes()), (Next::EtherType(ethernet::IPV4), &[0x45, 0][..]));
        let (stack, next, _) = Mpls::parse(Span::new(&bytes[..7], 10)).unwrap();
        assert_eq!((stack.labels().len(), stack.is_whole(), next), (1, false, Next::Payload));
    }
}
