//! What was made once and need not be made again, within bounds.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::quality::RandomState;

/// The most pseudonyms of one kind that are remembered.
const MOST: usize = 1 << 18;

/// Pseudonyms by their originals.
#[derive(Clone)]
pub(super) struct Memory<K, V>(HashMap<K, V, RandomState>);

impl<K: Hash + Eq, V: Clone> Memory<K, V> {
    pub fn get(&self, original: &K) -> Option<&V> {
        self.0.get(original)
    }

    /// Where there are too many, all are forgotten: they come out the same again.
    pub fn insert(&mut self, original: K, pseudonym: V) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(original, pseudonym);
    }
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Memory(HashMap::default())
    }
}
