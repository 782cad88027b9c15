//! Bytes that come in pieces, in any order, some of them twice or in two versions.

use std::collections::BTreeMap;

/// What a piece costs beside its bytes, in the tree and the heap.
const PIECE: usize = 96;

/// Pieces of something, each with its place in it. They never overlap: of two versions the first stays.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    by_offset: BTreeMap<usize, Box<[u8]>>,
    /// Bytes in all of them.
    held: usize,
}

/// Bytes that came again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overlap {
    /// Where it begins, in bytes from the start of the whole.
    pub offset: usize,
    /// What came first and stays.
    pub kept: Vec<u8>,
    /// What came later.
    pub other: Vec<u8>,
}

impl Overlap {
    /// Whether the two versions say something else.
    pub fn differs(&self) -> bool {
        self.kept != self.other
    }
}

impl Pieces {
    /// What a piece of so many bytes takes of memory.
    pub fn cost(length: usize) -> usize {
        // Two, as one that fills gaps between others becomes several; but no gap is filled twice.
        length.saturating_add(2 * PIECE)
    }

    /// Whether just this piece is there already.
    pub fn has(&self, offset: usize, bytes: &[u8]) -> bool {
        self.by_offset.get(&offset).is_some_and(|piece| **piece == *bytes)
    }

    /// Adds what is new of a piece. Tells of an overlap with what was there, and of several the first whose versions
    /// differ.
    pub fn insert(&mut self, offset: usize, bytes: &[u8]) -> Option<Overlap> {
        if bytes.is_empty() {
            return None;
        }
        let end = offset.saturating_add(bytes.len());
        let first =
            self.by_offset.range(..=offset).next_back().filter(|(at, piece)| at.saturating_add(piece.len()) > offset);
        let from = first.map_or(offset, |(at, _)| *at);
        let mut overlap: Option<Overlap> = None;
        let mut gaps = Vec::new();
        let mut place = offset;
        for (at, piece) in self.by_offset.range(from..end) {
            let piece_end = at.saturating_add(piece.len());
            if *at > place {
                gaps.push(place..*at);
            }
            let (start, stop) = (place.max(*at), piece_end.min(end));
            let kept = piece.get(start.saturating_sub(*at)..stop.saturating_sub(*at)).unwrap_or(&[]);
            let other = bytes.get(start.saturating_sub(offset)..stop.saturating_sub(offset)).unwrap_or(&[]);
            if overlap.as_ref().is_none_or(|overlap| !overlap.differs() && kept != other) {
                overlap = Some(Overlap { offset: start, kept: kept.to_vec(), other: other.to_vec() });
            }
            place = piece_end;
        }
        if place < end {
            gaps.push(place..end);
        }
        for gap in gaps {
            let part = bytes.get(gap.start.saturating_sub(offset)..gap.end.saturating_sub(offset)).unwrap_or(&[]);
            self.held = self.held.saturating_add(part.len());
            self.by_offset.insert(gap.start, part.into());
        }
        overlap
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.held
    }

    /// What they take of memory, about.
    pub fn taken(&self) -> usize {
        self.held.saturating_add(self.count().saturating_mul(PIECE))
    }

    /// Where the first of them begins.
    pub fn first(&self) -> Option<usize> {
        self.by_offset.first_key_value().map(|(at, _)| *at)
    }

    /// Takes out the first, if it begins at `offset`.
    pub fn take_at(&mut self, offset: usize) -> Option<Box<[u8]>> {
        let first = self.by_offset.first_entry().filter(|entry| *entry.key() == offset)?;
        let piece = first.remove();
        self.held = self.held.saturating_sub(piece.len());
        Some(piece)
    }

    /// How many pieces they are in.
    pub fn count(&self) -> usize {
        self.by_offset.len()
    }

    /// Where the last of them ends.
    pub fn end(&self) -> usize {
        self.by_offset.last_key_value().map_or(0, |(at, piece)| at.saturating_add(piece.len()))
    }

    /// What is there without a gap from `from` on.
    pub fn joined(&self, from: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let begins = self.by_offset.range(..=from).next_back().map_or(from, |(at, _)| *at);
        let mut place = from;
        for (at, piece) in self.by_offset.range(begins..) {
            if *at > place {
                break;
            }
            out.extend_from_slice(piece.get(place.saturating_sub(*at)..).unwrap_or(&[]));
            place = place.max(at.saturating_add(piece.len()));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order_are_joined() {
        let mut pieces = Pieces::default();
        for (offset, bytes) in [(4, &b"ef"[..]), (0, b"ab"), (2, b"cd")] {
            assert_eq!(pieces.insert(offset, bytes), None);
        }
        assert_eq!((pieces.joined(0), pieces.joined(3), pieces.end()), (b"abcdef".to_vec(), b"def".to_vec(), 6));
        assert_eq!((pieces.held(), pieces.count(), pieces.joined(6)), (6, 3, vec![]));
    }

    #[test]
    fn a_gap_ends_what_is_joined() {
        let mut pieces = Pieces::default();
        pieces.insert(0, b"ab");
        pieces.insert(3, b"d");
        assert_eq!((pieces.joined(0), pieces.joined(2)), (b"ab".to_vec(), vec![]));
    }

    #[test]
    fn of_two_versions_the_first_stays_and_both_are_told() {
        let mut pieces = Pieces::default();
        pieces.insert(2, b"cd");
        pieces.insert(6, b"gh");
        let overlap = pieces.insert(0, b"abcdefGHij").unwrap();
        assert_eq!((overlap.offset, &overlap.kept[..], &overlap.other[..]), (6, &b"gh"[..], &b"GH"[..]));
        assert!(overlap.differs());
        assert_eq!(pieces.joined(0), b"abcdefghij");
        let again = pieces.insert(1, b"bc").unwrap();
        assert!(!again.differs());
        assert_eq!(pieces.held(), 10);
    }

    proptest::proptest! {
        #[test]
        fn as_a_table_of_bytes_would_have_it(
            parts in proptest::collection::vec((0usize..60, proptest::collection::vec(proptest::num::u8::ANY, 0..20)), 0..30)
        ) {
            let mut pieces = Pieces::default();
            let mut table = [None; 80];
            for (offset, bytes) in &parts {
                let again = (*offset..).zip(bytes).any(|(at, _)| table[at].is_some());
                let differs = (*offset..).zip(bytes).any(|(at, byte)| table[at].is_some_and(|old| old != *byte));
                let overlap = pieces.insert(*offset, bytes);
                proptest::prop_assert_eq!(overlap.is_some(), again);
                proptest::prop_assert_eq!(overlap.is_some_and(|o| o.differs()), differs);
                for (at, byte) in (*offset..).zip(bytes) {
                    table[at].get_or_insert(*byte);
                }
            }
            proptest::prop_assert_eq!(pieces.held(), table.iter().flatten().count());
            for from in 0..80 {
                let joined: Vec<u8> = table[from..].iter().map_while(|b| *b).collect();
                proptest::prop_assert_eq!(pieces.joined(from), joined);
            }
        }
    }
}
