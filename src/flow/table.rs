//! The connections that are open, within a limit of memory: found by their endpoints, and the one first that has said nothing
//! for longest.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::connection::{Class, Connection};
use super::key::Id;
use crate::budget::{Budget, Share};

/// Where a connection stands in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Slot(u32);

/// No slot.
const NONE: u32 = u32::MAX;

/// Entries are made room for in chunks of so many, so that none is ever copied as their number grows.
const CHUNK: usize = 256;

/// What a chunk takes.
const CHUNK_BYTES: usize = CHUNK * size_of::<Entry>();

#[derive(Debug)]
struct Entry {
    connection: Option<Connection>,
    /// When it was last used, in seconds of the table's clock.
    used: i64,
    class: Class,
    /// Its neighbours in the list of its class; free slots have only a next one.
    before: u32,
    next: u32,
}

/// Slots in the order of their last use, to the second.
#[derive(Clone, Copy, Debug)]
struct List {
    first: u32,
    last: u32,
}

#[derive(Debug)]
pub(super) struct Table {
    /// Slots by the hash of their connection's endpoints, seeded at random: whoever sends packets can't choose where they meet.
    slots: HashTable<u32>,
    seed: foldhash::quality::RandomState,
    chunks: Vec<Vec<Entry>>,
    lists: [List; Class::ALL.len()],
    free: u32,
    /// Bytes that connections take elsewhere.
    elsewhere: usize,
    /// The memory that all may take.
    limit: Share,
}

impl Table {
    /// One that takes at most what the budget has left.
    pub fn new(budget: &Budget) -> Self {
        let limit = budget.take_all();
        Table {
            slots: HashTable::new(),
            seed: foldhash::quality::RandomState::default(),
            chunks: Vec::new(),
            lists: [List { first: NONE, last: NONE }; Class::ALL.len()],
            free: NONE,
            elsewhere: 0,
            limit,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    fn entry(&self, slot: u32) -> Option<&Entry> {
        let slot = slot as usize;
        self.chunks.get(slot / CHUNK)?.get(slot % CHUNK)
    }

    fn entry_mut(&mut self, slot: u32) -> Option<&mut Entry> {
        let slot = slot as usize;
        self.chunks.get_mut(slot / CHUNK)?.get_mut(slot % CHUNK)
    }

    /// The connection between these endpoints.
    #[inline]
    pub fn find(&self, id: &Id) -> Option<Slot> {
        let is_it = |slot: &u32| self.get(Slot(*slot)).is_some_and(|connection| connection.id() == id);
        self.slots.find(self.seed.hash_one(id), is_it).copied().map(Slot)
    }

    #[inline]
    pub fn get(&self, slot: Slot) -> Option<&Connection> {
        self.entry(slot.0)?.connection.as_ref()
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.chunks.iter().flatten().filter_map(|entry| entry.connection.as_ref())
    }

    /// All of them, those with the least key first.
    pub fn sorted(&self, key: impl Fn(&Connection) -> u64) -> Vec<(u64, Slot)> {
        let mut slots: Vec<_> = Vec::with_capacity(self.len());
        slots.extend(self.slots.iter().filter_map(|slot| Some((key(self.get(Slot(*slot))?), Slot(*slot)))));
        slots.sort_unstable_by_key(|(key, slot)| (*key, slot.0));
        slots
    }

    /// Puts in a connection that is not there yet; gives it back where there is no room: then another one must go.
    pub fn insert(&mut self, connection: Connection, now: i64) -> Result<Slot, Box<Connection>> {
        let Some(slot) = self.free_slot() else { return Err(Box::new(connection)) };
        let (class, hash) = (connection.class(), self.seed.hash_one(connection.id()));
        self.elsewhere = self.elsewhere.saturating_add(connection.elsewhere());
        if let Some(entry) = self.entry_mut(slot) {
            entry.connection = Some(connection);
        }
        self.link(slot, class, now);
        let Table { slots, chunks, seed, .. } = self;
        slots.insert_unique(hash, slot, |slot| {
            let slot = *slot as usize;
            let entry = chunks.get(slot / CHUNK).and_then(|chunk| chunk.get(slot % CHUNK));
            entry.and_then(|entry| entry.connection.as_ref()).map_or(0, |connection| seed.hash_one(connection.id()))
        });
        Ok(Slot(slot))
    }

    /// Changes a connection, which is used now.
    #[inline]
    pub fn update(&mut self, slot: Slot, now: i64, change: impl FnOnce(&mut Connection)) {
        let Some(entry) = self.entry_mut(slot.0) else { return };
        let Some(connection) = &mut entry.connection else { return };
        let before = connection.elsewhere();
        change(connection);
        let (after, class) = (connection.elsewhere(), connection.class());
        let is_moved = entry.used != now || entry.class != class;
        self.elsewhere = self.elsewhere.saturating_sub(before).saturating_add(after);
        if is_moved {
            self.unlink(slot.0);
            self.link(slot.0, class, now);
        }
    }

    /// Takes a connection out.
    pub fn remove(&mut self, slot: Slot) -> Option<Connection> {
        self.unlink(slot.0);
        let free = self.free;
        let entry = self.entry_mut(slot.0)?;
        let connection = entry.connection.take()?;
        entry.next = free;
        self.free = slot.0;
        self.elsewhere = self.elsewhere.saturating_sub(connection.elsewhere());
        if let Ok(entry) = self.slots.find_entry(self.seed.hash_one(connection.id()), |other| *other == slot.0) {
            entry.remove();
        }
        Some(connection)
    }

    /// That of a class which was not used for longest, and when that was.
    #[inline]
    pub fn oldest_of(&self, class: Class) -> Option<(Slot, i64)> {
        let slot = self.lists.get(class as usize)?.first;
        Some((Slot(slot), self.entry(slot)?.used))
    }

    /// The one that was not used for longest; of those of the same second, one that is closed or never opened.
    pub fn oldest(&self) -> Option<Slot> {
        let order = [Class::Closed, Class::Opening, Class::Datagrams, Class::Association, Class::Open];
        let oldest = order.into_iter().filter_map(|class| self.oldest_of(class)).min_by_key(|(_, used)| *used);
        oldest.map(|(slot, _)| slot)
    }

    /// Whether what connections take elsewhere is more than there is for it.
    pub fn is_over(&self) -> bool {
        self.fixed().saturating_add(self.elsewhere) > self.limit.bytes()
    }

    /// Bytes of the table itself.
    fn fixed(&self) -> usize {
        let chunks = self.chunks.len().saturating_mul(CHUNK_BYTES);
        chunks.saturating_add(self.slots.allocation_size())
    }

    /// A slot for one more. The table itself takes at most three quarters of the memory.
    fn free_slot(&mut self) -> Option<u32> {
        if let Some(entry) = self.entry(self.free) {
            let next = entry.next;
            return Some(std::mem::replace(&mut self.free, next));
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            // The index is copied as it grows to twice its size.
            let grows = self.slots.len().saturating_add(CHUNK) > self.slots.capacity();
            let growth = if grows { self.slots.allocation_size().saturating_mul(2) } else { 0 };
            let more = growth.saturating_add(CHUNK_BYTES);
            if !self.chunks.is_empty()
                && self.fixed().saturating_add(more) > self.limit.bytes().saturating_sub(self.limit.bytes() / 4)
            {
                return None;
            }
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let base = self.chunks.len().saturating_sub(1).saturating_mul(CHUNK);
        let chunk = self.chunks.last_mut()?;
        let slot = u32::try_from(base.saturating_add(chunk.len())).ok().filter(|slot| *slot != NONE)?;
        chunk.push(Entry { connection: None, used: 0, class: Class::Opening, before: NONE, next: NONE });
        Some(slot)
    }

    /// Takes a slot out of the list of its class.
    fn unlink(&mut self, slot: u32) {
        let Some(&Entry { before, next, class, .. }) = self.entry(slot) else { return };
        if let Some(entry) = self.entry_mut(before) {
            entry.next = next;
        } else if let Some(list) = self.lists.get_mut(class as usize) {
            list.first = next;
        }
        if let Some(entry) = self.entry_mut(next) {
            entry.before = before;
        } else if let Some(list) = self.lists.get_mut(class as usize) {
            list.last = before;
        }
    }

    /// Puts a slot at the end of the list of its class.
    fn link(&mut self, slot: u32, class: Class, now: i64) {
        let Some(list) = self.lists.get_mut(class as usize) else { return };
        let before = std::mem::replace(&mut list.last, slot);
        if before == NONE {
            list.first = slot;
        }
        if let Some(entry) = self.entry_mut(before) {
            entry.next = slot;
        }
        if let Some(entry) = self.entry_mut(slot) {
            (entry.before, entry.next, entry.class, entry.used) = (before, NONE, class, now);
        }
    }
}
