//! SCTP (RFC 9260): the common header and the chunks behind it.

use super::{Next, Short, Span};

/// The IP protocol number.
pub const PROTOCOL: u8 = 132;

/// Length of the common header and of the head of a chunk, in bytes.
pub const HEADER: usize = 12;
pub const CHUNK_HEAD: usize = 4;

/// Kinds of chunks.
pub mod kind {
    #![allow(missing_docs, reason = "the names of RFC 9260, 3.2")]
    pub const DATA: u8 = 0;
    pub const INIT: u8 = 1;
    pub const INIT_ACK: u8 = 2;
    pub const SACK: u8 = 3;
}

/// Flags of a DATA chunk.
pub const UNORDERED: u8 = 4;
pub const BEGIN: u8 = 2;
pub const END: u8 = 1;

/// A packet.
#[derive(Clone, Copy, Debug)]
pub struct Sctp<'a> {
    source: u16,
    destination: u16,
    chunks: Span<'a>,
}

impl<'a> Sctp<'a> {
    /// # Errors
    /// Where the 12 bytes of the common header were not captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[a, b, c, d, ..], chunks) = span.split_array::<HEADER>()?;
        let (source, destination) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Ok((Sctp { source, destination, chunks }, Next::Payload, chunks))
    }

    pub fn source_port(&self) -> u16 {
        self.source
    }

    pub fn destination_port(&self) -> u16 {
        self.destination
    }

    /// The chunks, one after the other; the last may be one that can't be read.
    pub fn chunks(&self) -> Chunks<'a> {
        Chunks { rest: self.chunks }
    }
}

/// A walk over the chunks of a packet.
#[derive(Clone, Copy, Debug)]
pub struct Chunks<'a> {
    rest: Span<'a>,
}

/// One chunk; its value is shorter than `length` says where the packet or the capture ends within it.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    pub kind: u8,
    pub flags: u8,
    /// Its length field: head and value, without the padding. Less than a head can't be: no chunk follows then.
    pub length: u16,
    pub value: Span<'a>,
    /// What the packet has from the chunk on.
    pub span: Span<'a>,
}

impl Chunk<'_> {
    /// Bytes of padding behind it.
    pub fn padding(&self) -> usize {
        usize::from(self.length.wrapping_neg() & 3)
    }
}

impl<'a> Iterator for Chunks<'a> {
    /// An error where a head is not all there; nothing follows it.
    type Item = Result<Chunk<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let span = self.rest;
        self.rest = span.limit(0);
        let (&[kind, flags, high, low], body) = match span.split_array::<CHUNK_HEAD>() {
            Ok(split) => split,
            Err(short) => return Some(Err(short)),
        };
        let length = u16::from_be_bytes([high, low]);
        let size = usize::from(length).checked_sub(CHUNK_HEAD);
        let chunk = Chunk { kind, flags, length, value: body.limit(size.unwrap_or(0)), span };
        if let Some(size) = size {
            self.rest = body.skip(size.saturating_add(chunk.padding()));
        }
        Some(Ok(chunk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_padded_to_words() {
        let bytes = [0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 5, 7, 0, 0, 0, 14, 1, 0, 4, 3, 0, 0, 2];
        let (packet, _, _) = Sctp::parse(Span::new(&bytes, bytes.len())).unwrap();
        let mut chunks = packet.chunks();
        let first = chunks.next().unwrap().unwrap();
        assert_eq!((first.kind, first.value.bytes(), first.padding()), (11, &[7][..], 3));
        let second = chunks.next().unwrap().unwrap();
        assert_eq!((second.kind, second.flags, second.value.wire()), (14, 1, 0));
        assert_eq!(chunks.next().unwrap().unwrap().length, 2);
        assert!(chunks.next().is_none());
    }
}
