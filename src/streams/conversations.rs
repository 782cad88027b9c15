//! Which conversation a packet belongs to, by its addresses and ports, and a table of what is known of each: bounded, those
//! that were not heard of for longest forgotten.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use crate::budget::Share;
use crate::flow::Endpoint;

/// What carries a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Transport {
    Tcp,
    Udp,
}

/// Who sent something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// Who sent the first packet that was seen, unless that was a SYN with ACK: then who is to receive it.
    Client,
    Server,
}

/// Who speaks to whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conversation {
    /// Conversations count from 0, in the order of their first packets.
    pub number: u64,
    pub transport: Transport,
    pub client: Endpoint,
    pub server: Endpoint,
}

impl Conversation {
    /// The end that a side is.
    pub fn end(&self, side: Side) -> Endpoint {
        match side {
            Side::Client => self.client,
            Side::Server => self.server,
        }
    }
}

impl Side {
    /// The other one.
    pub fn peer(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// The two ends of a conversation, the lesser first: the same both ways.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Pair(Transport, Endpoint, Endpoint);

impl Pair {
    pub fn new(transport: Transport, one: Endpoint, other: Endpoint) -> Self {
        Pair(transport, one.min(other), one.max(other))
    }

    /// What carries their conversation.
    pub fn transport(self) -> Transport {
        self.0
    }
}

/// What is known of each conversation. There are two halves of it: what was not looked up since the newer one began is in the
/// older one, and forgotten when the newer one is full.
#[derive(Debug)]
pub struct Table<V> {
    newer: HashMap<Pair, V, RandomState>,
    older: HashMap<Pair, V, RandomState>,
    /// How many entries a half may have.
    most: usize,
    _share: Option<Share>,
}

impl<V> Table<V> {
    /// What an entry takes of memory at most, beside what it holds elsewhere: a map is twice as large as it must be
    /// when it has just grown, and was copied from one half as large.
    const ENTRY: usize = 3 * size_of::<(Pair, V)>();

    /// A table that takes the memory of a share, what its entries hold elsewhere (so many bytes each) included.
    pub fn new(share: Option<Share>, elsewhere: usize) -> Self {
        let half = share.as_ref().map_or(0, Share::bytes) / 2;
        let most = half.checked_div(Self::ENTRY.saturating_add(elsewhere)).unwrap_or(0).max(1);
        Table { newer: HashMap::default(), older: HashMap::default(), most, _share: share }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.newer.len().saturating_add(self.older.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is known of a conversation.
    pub fn get(&mut self, pair: &Pair) -> Option<&mut V> {
        if !self.newer.contains_key(pair) {
            let value = self.older.remove(pair)?;
            self.newer.insert(*pair, value);
        }
        self.newer.get_mut(pair)
    }

    /// Adds one, in place of what there was under its name; gives what had to go for it.
    pub fn insert(&mut self, pair: Pair, value: V) -> Vec<V> {
        let forgotten = if self.newer.len() < self.most {
            Vec::new()
        } else {
            std::mem::replace(&mut self.older, std::mem::take(&mut self.newer)).into_values().collect()
        };
        self.newer.insert(pair, value);
        forgotten
    }

    /// Takes everything out.
    pub fn drain(&mut self) -> impl Iterator<Item = V> {
        std::mem::take(&mut self.older).into_values().chain(std::mem::take(&mut self.newer).into_values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;

    fn pair(port: u16) -> Pair {
        let end = |port| Endpoint { address: [192, 0, 2, 1].into(), port };
        Pair::new(Transport::Udp, end(port), end(0))
    }

    #[test]
    fn a_pair_is_the_same_both_ways() {
        let [one, other] = [1, 2].map(|port| Endpoint { address: [192, 0, 2, 1].into(), port });
        assert_eq!(Pair::new(Transport::Tcp, one, other), Pair::new(Transport::Tcp, other, one));
        assert_ne!(Pair::new(Transport::Tcp, one, other), Pair::new(Transport::Udp, one, other));
    }

    #[test]
    fn what_is_looked_up_stays_and_the_others_go() {
        let share = Budget::new(100_000).take(100_000);
        let mut table = Table::new(share, 0);
        let most = table.most;
        let mut forgotten = Vec::new();
        for port in 1..50_000u16 {
            assert_eq!(table.get(&pair(port)), None);
            forgotten.extend(table.insert(pair(port), port));
            assert_eq!(table.get(&pair(1)), Some(&mut 1));
            assert!(table.len() <= 2 * most + 1);
        }
        assert_eq!(forgotten.len() + table.len(), 49_999);
        assert!(table.get(&pair(49_999)).is_some());
        let left = table.len();
        assert_eq!(table.drain().count(), left);
        assert!(table.is_empty());
    }
}
