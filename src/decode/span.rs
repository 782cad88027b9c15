//! A stretch of a packet: what was captured of it, and how long it was on the wire. Every decoder reads
//! through this type, so that none can look outside its layer, and each says why it had to end.

use std::ops::Range;

/// Bytes of one layer and what follows it, as far as the layer above said they go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span<'a> {
    bytes: &'a [u8],
    wire: usize,
    offset: usize,
}

/// Why bytes were not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The capture kept less than was on the wire (the snap length).
    Capture,
    /// The packet itself ends too early: a length in a header above says so.
    Packet,
    /// The bytes are there, but can't be what the header above promised (a wrong version or length).
    Malformed,
    /// The stated limit of layers in one packet was reached ([`MAX_LAYERS`](super::MAX_LAYERS)).
    Depth,
}

/// Too few bytes: where, how many were needed, how many there were, and whose fault it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Short {
    /// Bytes from the start of the frame.
    pub offset: usize,
    pub needed: usize,
    pub available: usize,
    pub cause: Cause,
}

impl<'a> Span<'a> {
    /// A whole frame: the bytes captured and its length on the wire (never taken for less than was captured).
    pub fn new(bytes: &'a [u8], wire: usize) -> Self {
        Span { bytes, wire: wire.max(bytes.len()), offset: 0 }
    }

    /// What was captured.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The length on the wire, at least the number of captured bytes.
    pub fn wire(self) -> usize {
        self.wire
    }

    /// Where it starts, in bytes from the start of the frame.
    pub fn offset(self) -> usize {
        self.offset
    }

    /// Whether nothing is left, on the wire either.
    pub fn is_empty(self) -> bool {
        self.wire == 0
    }

    /// Whether some of it was not captured.
    pub fn is_cut(self) -> bool {
        self.bytes.len() < self.wire
    }

    /// The first `n` bytes and the rest.
    ///
    /// # Errors
    /// Where fewer than `n` were captured.
    pub fn split(self, n: usize) -> Result<(&'a [u8], Span<'a>), Short> {
        match self.bytes.split_at_checked(n) {
            Some((head, rest)) => Ok((head, self.behind(rest, n))),
            None => Err(self.short(n)),
        }
    }

    /// The first `N` bytes as an array, and the rest.
    ///
    /// # Errors
    /// Where fewer than `N` were captured.
    pub fn split_array<const N: usize>(self) -> Result<(&'a [u8; N], Span<'a>), Short> {
        match self.bytes.split_first_chunk::<N>() {
            Some((head, rest)) => Ok((head, self.behind(rest, N))),
            None => Err(self.short(N)),
        }
    }

    /// All but the first `n` bytes; empty where there are no more.
    pub fn skip(self, n: usize) -> Span<'a> {
        self.behind(self.bytes.get(n..).unwrap_or(&[]), n)
    }

    /// At most the first `n` bytes on the wire: what a length in a header leaves of it.
    pub fn limit(self, n: usize) -> Span<'a> {
        Span { bytes: self.bytes.get(..n).unwrap_or(self.bytes), wire: self.wire.min(n), offset: self.offset }
    }

    /// The same bytes as the head of a packet that had `wire` bytes: an error quotes no more of it.
    pub fn head_of(self, wire: usize) -> Span<'a> {
        Span { wire, ..self.limit(wire) }
    }

    /// Some of its bytes; none where they were not all captured.
    pub fn part(self, at: Range<usize>) -> &'a [u8] {
        self.bytes.get(at).unwrap_or_default()
    }

    /// The byte at `at`, where it was captured.
    pub fn u8_at(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The big-endian number at `at`, where it was captured.
    pub fn u16_at(self, at: usize) -> Option<u16> {
        self.array_at(at).map(u16::from_be_bytes)
    }

    /// The big-endian number at `at`, where it was captured.
    pub fn u32_at(self, at: usize) -> Option<u32> {
        self.array_at(at).map(u32::from_be_bytes)
    }

    /// `N` bytes at `at`, where they were captured.
    pub fn array_at<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk::<N>().copied()
    }

    /// What to say when `needed` bytes are wanted here and are not all there.
    pub fn short(self, needed: usize) -> Short {
        let cause = if needed <= self.wire { Cause::Capture } else { Cause::Packet };
        Short { offset: self.offset, needed, available: self.bytes.len(), cause }
    }

    /// What to say when the bytes here can't be what they should be; `needed` is what would be right.
    pub fn malformed(self, needed: usize) -> Short {
        Short { offset: self.offset, needed, available: self.bytes.len(), cause: Cause::Malformed }
    }

    fn behind(self, bytes: &'a [u8], n: usize) -> Span<'a> {
        Span { bytes, wire: self.wire.saturating_sub(n), offset: self.offset.saturating_add(n) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_short_capture_from_a_short_packet() {
        let span = Span::new(&[1, 2, 3], 10);
        assert_eq!(span.split(4).unwrap_err().cause, Cause::Capture);
        assert_eq!(span.split(11).unwrap_err().cause, Cause::Packet);
        assert_eq!(span.limit(3).split(4).unwrap_err().cause, Cause::Packet);
        let (head, rest) = span.split(2).unwrap();
        assert_eq!((head, rest.bytes(), rest.wire(), rest.offset()), (&[1, 2][..], &[3][..], 8, 2));
        assert_eq!(span.skip(20).wire(), 0);
        assert_eq!(span.limit(3).head_of(20).split(4).unwrap_err().cause, Cause::Capture);
        assert_eq!((span.head_of(2).bytes(), span.head_of(2).wire()), (&[1, 2][..], 2));
    }
}
