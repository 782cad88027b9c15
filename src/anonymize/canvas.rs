//! The bytes of a frame under way. They are zeros until something is put there, so nothing of the original is
//! in them but what was kept by name.

use std::ops::Range;

/// A frame under way, as long as what was captured of the original.
pub(super) struct Canvas<'a> {
    original: &'a [u8],
    bytes: &'a mut [u8],
    end: usize,
}

impl<'a> Canvas<'a> {
    /// `bytes` are as many zeros as the original has bytes.
    pub fn new(original: &'a [u8], bytes: &'a mut [u8]) -> Self {
        Canvas { original, bytes, end: 0 }
    }

    pub fn original(&self) -> &'a [u8] {
        self.original
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Where that ends which is known of: behind it are zeros alone.
    pub fn end(&self) -> usize {
        self.end
    }

    /// What is known of goes up to here at least, though it may be zeros.
    pub fn reach(&mut self, end: usize) {
        self.end = self.end.max(end.min(self.bytes.len()));
    }

    /// The original's bytes stay, as far as they were captured.
    pub fn keep(&mut self, at: Range<usize>) {
        let at = at.start..at.end.min(self.original.len());
        if let (Some(original), Some(bytes)) = (self.original.get(at.clone()), self.bytes.get_mut(at.clone())) {
            bytes.copy_from_slice(original);
            self.reach(at.end);
        }
    }

    /// Puts other bytes there; nothing where there is no room for all of them.
    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        let end = at.saturating_add(bytes.len());
        if let Some(place) = self.bytes.get_mut(at..end) {
            place.copy_from_slice(bytes);
            self.reach(end);
        }
    }

    /// Some of the original's bytes, where all of them were captured.
    pub fn read<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.original.get(at..)?.first_chunk().copied()
    }
}

/// What is to be put on a canvas once it is known that all of it makes sense.
#[derive(Default)]
pub(super) struct Plan(Vec<(usize, Vec<u8>)>);

impl Plan {
    pub fn put(&mut self, at: usize, bytes: impl Into<Vec<u8>>) {
        self.0.push((at, bytes.into()));
    }

    /// Takes another plan, whose places count from `from`.
    pub fn append(&mut self, from: usize, other: Plan) {
        self.0.extend(other.0.into_iter().map(|(at, bytes)| (from.saturating_add(at), bytes)));
    }

    /// Puts it all on a canvas; places count from `from`.
    pub fn carry_out(self, canvas: &mut Canvas<'_>, from: usize) {
        for (at, bytes) in self.0 {
            canvas.put(from.saturating_add(at), &bytes);
        }
    }
}
