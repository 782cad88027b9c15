//! What was done, in numbers.

use std::collections::BTreeMap;

/// What became of the frames so far.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub packets: u64,
    /// Bytes that were captured of them, and those that are left, filled with zeros or not.
    pub captured: u64,
    pub left: u64,
    /// How many packets lost something, by what that was.
    pub cut: BTreeMap<&'static str, u64>,
    /// How many blocks and options are gone, by what they were.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Checksums that were wrong, and are wrong again.
    pub wrong_checksums: u64,
    /// Checksums that can't be known, as other fragments have a part in them: they are zero.
    pub unknown_checksums: u64,
    /// Packets that made a decoder fail: nothing is left of them.
    pub failures: u64,
}

impl Counts {
    pub(super) fn cut(&mut self, what: &'static str) {
        count(&mut self.cut, what);
    }

    pub(super) fn dropped(&mut self, what: &'static str) {
        count(&mut self.dropped, what);
    }
}

fn count(counts: &mut BTreeMap<&'static str, u64>, what: &'static str) {
    let count = counts.entry(what).or_default();
    *count = count.saturating_add(1);
}
