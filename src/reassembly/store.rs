//! What is kept for a while under a key: bounded in bytes by a part of the budget, and in time by that of the frames.
//! The oldest goes first.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use super::Losses;
use crate::budget::{Budget, Share};
use crate::frame::Timestamp;

/// Entries of one kind. Their age counts from when each was begun.
pub(crate) struct Store<K, V> {
    entries: HashMap<K, Entry<V>, foldhash::quality::RandomState>,
    /// Keys in the order that their entries were begun, some of which are gone by now: then the serial number differs.
    order: VecDeque<(K, u64)>,
    next_serial: u64,
    lifetime: Duration,
    budget: Budget,
    /// Bytes that may be taken of the budget, and those that are.
    limit: usize,
    taken: usize,
    losses: Losses,
}

struct Entry<V> {
    value: V,
    share: Share,
    serial: u64,
    begun: Timestamp,
}

impl<K, V> std::fmt::Debug for Store<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("entries", &self.entries.len()).field("taken", &self.taken).finish()
    }
}

impl<K: Copy + Eq + Hash, V: Default> Store<K, V> {
    /// What an entry costs beside what its value holds elsewhere: both tables are up to three times as large as their
    /// contents while they grow.
    const ENTRY: usize = 3 * (size_of::<(K, Entry<V>)>() + size_of::<(K, u64)>());

    /// One that takes at most a quarter of what the budget has left now, so that there is something for others.
    pub fn new(budget: &Budget, lifetime: Duration) -> Self {
        Store {
            entries: HashMap::default(),
            order: VecDeque::new(),
            next_serial: 0,
            lifetime,
            budget: budget.clone(),
            limit: budget.left() / 4,
            taken: 0,
            losses: Losses::default(),
        }
    }

    pub fn get(&mut self, key: &K, now: Timestamp) -> Option<&mut V> {
        self.expire(now);
        self.entries.get_mut(key).map(|entry| &mut entry.value)
    }

    /// The entry of a key, begun where there is none, with room for `more` bytes beside those it has. None where there
    /// is no such room, or where the entry was the oldest and had to go to make it.
    pub fn reserve(&mut self, key: K, more: usize, now: Timestamp) -> Option<&mut V> {
        self.expire(now);
        let is_new = !self.entries.contains_key(&key);
        let bytes = if is_new { more.saturating_add(Self::ENTRY) } else { more };
        let Some(share) = self.make_room(bytes) else {
            self.losses.refused = self.losses.refused.saturating_add(1);
            return None;
        };
        if !is_new {
            let entry = self.entries.get_mut(&key)?;
            self.taken = self.taken.saturating_add(bytes);
            entry.share.join(share);
            return Some(&mut entry.value);
        }
        let serial = self.next_serial;
        self.next_serial = serial.wrapping_add(1);
        self.order.push_back((key, serial));
        self.taken = self.taken.saturating_add(bytes);
        let entry = Entry { value: V::default(), share, serial, begun: now };
        Some(&mut self.entries.entry(key).insert_entry(entry).into_mut().value)
    }

    /// Takes an entry out that is done with.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let entry = self.entries.remove(key)?;
        self.taken = self.taken.saturating_sub(entry.share.bytes());
        // Those that are gone leave the order when half of it is they.
        if self.order.len() > self.entries.len().saturating_mul(2).saturating_add(64) {
            let entries = &self.entries;
            self.order.retain(|(key, serial)| entries.get(key).is_some_and(|entry| entry.serial == *serial));
        }
        Some(entry.value)
    }

    /// What was given up so far, and what is still there.
    pub fn losses(&self) -> Losses {
        Losses { waiting: self.entries.len() as u64, ..self.losses }
    }

    fn expire(&mut self, now: Timestamp) {
        let lifetime = i128::try_from(self.lifetime.as_nanos()).unwrap_or(i128::MAX);
        while let Some((key, serial)) = self.order.front() {
            match self.entries.get(key).filter(|entry| entry.serial == *serial) {
                Some(entry) if now.as_nanos().saturating_sub(entry.begun.as_nanos()) <= lifetime => return,
                Some(_) => {
                    self.losses.timed_out = self.losses.timed_out.saturating_add(1);
                    let key = *key;
                    self.remove(&key);
                }
                None => {
                    self.order.pop_front();
                }
            }
        }
    }

    /// Takes bytes of the budget, for which the oldest entries go if need be.
    fn make_room(&mut self, bytes: usize) -> Option<Share> {
        if bytes > self.limit {
            return None;
        }
        loop {
            if self.taken.saturating_add(bytes) <= self.limit
                && let Some(share) = self.budget.take(bytes)
            {
                return Some(share);
            }
            let (key, serial) = self.order.pop_front()?;
            if self.entries.get(&key).is_some_and(|entry| entry.serial == serial) {
                self.remove(&key);
                self.losses.evicted = self.losses.evicted.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(seconds, 0)
    }

    fn store(bytes: usize) -> (Budget, Store<u32, Vec<u8>>) {
        let budget = Budget::new(bytes * 4);
        let store = Store::new(&budget, Duration::from_secs(60));
        (budget, store)
    }

    #[test]
    fn the_oldest_goes_where_there_is_no_more_room() {
        let (budget, mut store) = store(100_000);
        for key in 0..10_000 {
            store.reserve(key, 100, at(0)).unwrap().push(1);
            assert!(budget.left() >= 300_000);
        }
        let losses = store.losses();
        assert_eq!(losses.evicted + losses.waiting, 10_000);
        assert!(losses.waiting > 100);
        assert!(store.get(&9_999, at(0)).is_some() && store.get(&0, at(0)).is_none());
        assert!(store.order.len() <= store.entries.len() * 2 + 64);
        drop(store);
        assert_eq!(budget.left(), 400_000, "all is given back");
    }

    #[test]
    fn what_is_taken_out_gives_its_bytes_back() {
        let (budget, mut store) = store(100_000);
        for key in 0..10_000 {
            store.reserve(key, 50_000, at(0)).unwrap();
            store.reserve(key, 10_000, at(0)).unwrap();
            store.remove(&key);
        }
        assert_eq!((budget.left(), store.losses()), (400_000, Losses::default()));
        assert!(store.order.len() < 100);
    }

    #[test]
    fn time_is_that_of_frames_and_may_go_backwards() {
        let (_, mut store) = store(100_000);
        store.reserve(1, 0, at(100)).unwrap();
        store.reserve(2, 0, at(50)).unwrap();
        assert!(store.get(&1, at(160)).is_some());
        assert!(store.get(&1, at(161)).is_none());
        assert_eq!(store.losses().timed_out, 2);
    }

    #[test]
    fn more_than_everything_is_refused_and_costs_nobody() {
        let (_, mut store) = store(10_000);
        store.reserve(1, 100, at(0)).unwrap();
        assert!(store.reserve(2, 100_000, at(0)).is_none());
        assert!(store.get(&1, at(0)).is_some());
        assert_eq!(store.losses(), Losses { refused: 1, waiting: 1, ..Losses::default() });
    }

    #[test]
    fn an_entry_that_grows_past_the_limit_goes() {
        let (budget, mut store) = store(10_000);
        assert!((0..100).any(|_| store.reserve(1, 1000, at(0)).is_none()));
        assert_eq!(store.losses(), Losses { evicted: 1, ..Losses::default() });
        assert_eq!(budget.left(), 40_000);
    }
}
