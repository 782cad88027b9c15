//! Relative TCP sequence numbers: what the first segment of each connection said, so that later ones can be
//! counted from it.
//!
//! The table is bounded: it grows while the budget lets it; then it begins anew and keeps the old half to
//! look things up in, so that connections with no segment for a whole half are forgotten. Its keys are hashes
//! with a seed of this run: a sender can't choose segments that meet in one place.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::net::IpAddr;

use crate::budget::{Budget, Share};

/// What both sides' numbers are counted from; the lower endpoint's first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Start {
    pub lower: u32,
    pub higher: u32,
}

/// One direction of a connection: addresses and ports as bytes, and which way they were ordered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoints {
    hash: u64,
    /// Whether the sender is the higher endpoint.
    pub reversed: bool,
}

fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

type Table = HashMap<u64, Start, BuildHasherDefault<AsIs>>;

/// An entry's cost in a table that is just full: the key, the value and a control byte.
const ENTRY: usize = size_of::<(u64, Start)>() + 1;

pub(super) struct Sequences {
    seed: foldhash::quality::RandomState,
    young: Table,
    old: Table,
    budget: Budget,
    shares: Vec<Share>,
}

impl std::fmt::Debug for Sequences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sequences").field("young", &self.young.len()).field("old", &self.old.len()).finish()
    }
}

impl Sequences {
    pub fn new(budget: &Budget) -> Self {
        Sequences {
            seed: foldhash::quality::RandomState::default(),
            young: Table::default(),
            old: Table::default(),
            budget: budget.clone(),
            shares: Vec::new(),
        }
    }

    /// The two ends of a segment; both directions of a connection have the same hash.
    pub fn endpoints(&self, from: (IpAddr, u16), to: (IpAddr, u16)) -> Endpoints {
        let reversed = (from.1, from.0) > (to.1, to.0);
        let (low, high) = if reversed { (to, from) } else { (from, to) };
        let ports = u32::from(low.1) << 16 | u32::from(high.1);
        let hash = match (low.0, high.0) {
            (IpAddr::V4(a), IpAddr::V4(b)) => self.seed.hash_one((a.to_bits(), b.to_bits(), ports)),
            (a, b) => self.seed.hash_one((wide(a), wide(b), ports)),
        };
        Endpoints { hash, reversed }
    }

    /// What the numbers of this connection are counted from, where that is known.
    pub fn get(&mut self, ends: Endpoints) -> Option<Start> {
        if let Some(start) = self.young.get(&ends.hash) {
            return Some(*start);
        }
        let start = self.old.remove(&ends.hash)?;
        self.set(ends, start);
        Some(start)
    }

    /// Remembers a connection's first numbers.
    pub fn set(&mut self, ends: Endpoints, start: Start) {
        if self.young.len() == self.young.capacity() {
            self.make_room();
        }
        self.young.insert(ends.hash, start);
    }

    /// Doubles the table where the budget has both halves of the doubled one, else begins anew.
    fn make_room(&mut self) {
        let more = self.young.capacity().max(1024);
        match self.budget.take(more.saturating_mul(ENTRY).saturating_mul(2)) {
            Some(share) => {
                self.shares.push(share);
                self.young.reserve(more);
            }
            None => {
                std::mem::swap(&mut self.young, &mut self.old);
                self.young.clear();
            }
        }
        // Too small a budget for any table: let the one entry in, and clear it for the next.
        if self.young.capacity() == 0 {
            self.young.reserve(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(table: &Sequences, n: u32) -> Endpoints {
        table.endpoints((n.to_be_bytes().into(), 40000), ([10, 0, 0, 1].into(), 80))
    }

    #[test]
    fn both_directions_are_one_connection() {
        let table = Sequences::new(&Budget::new(1 << 20));
        let there = table.endpoints(([1; 4].into(), 5), ([2; 4].into(), 4));
        let back = table.endpoints(([2; 4].into(), 4), ([1; 4].into(), 5));
        assert_eq!((there.hash, there.reversed, back.reversed), (back.hash, true, false));
    }

    #[test]
    fn a_small_budget_forgets_the_oldest_and_no_more() {
        let mut table = Sequences::new(&Budget::new(200_000));
        for n in 0..100_000u32 {
            let at = ends(&table, n);
            table.set(at, Start { lower: n, higher: n });
            let first = ends(&table, 0);
            assert!(table.get(first).is_some(), "the one in use is kept");
        }
        let last = ends(&table, 99_999);
        assert_eq!(table.get(last), Some(Start { lower: 99_999, higher: 99_999 }));
        let early = ends(&table, 1);
        assert_eq!(table.get(early), None);
        assert!((table.young.capacity() + table.old.capacity()) * ENTRY <= 200_000);
    }

    #[test]
    fn no_budget_at_all_still_works() {
        let mut table = Sequences::new(&Budget::new(0));
        for n in 0..10u32 {
            let at = ends(&table, n);
            table.set(at, Start { lower: n, higher: n });
        }
        assert!(table.young.capacity() + table.old.capacity() < 100);
    }
}
