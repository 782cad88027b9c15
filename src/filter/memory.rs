//! Which memory word each slot has: slots that are never needed at the same time share one.

use super::graph::{Graph, Node, NodeId, PerNode};
use super::value::{Slot, Values, slot_bit};

/// The slots that are still read from each node on, before they are set again; a bit each.
pub(super) fn live(graph: &Graph, root: NodeId, values: &Values) -> PerNode<u64> {
    let mut live = PerNode::new(graph, 0u64);
    for id in graph.reachable(root).into_iter().rev() {
        let node = graph.get(id);
        let after = node.next().fold(0, |all, next| all | live.get(next).copied().unwrap_or(0));
        let before = match node {
            Node::Verdict(_) => 0,
            Node::Test { test, .. } => after | values.slots(test.value) | values.slots(test.other),
            Node::Set { slot, .. } if after & slot_bit(slot) == 0 => after,
            Node::Set { slot, value, .. } => after & !slot_bit(slot) | values.slots(value),
        };
        live.put(id, before);
    }
    live
}

/// Words of some slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// By slot number.
    of: Vec<u32>,
    /// Words from here on are free.
    pub count: u32,
}

impl Words {
    /// The word of a slot.
    pub fn of(&self, slot: Slot) -> u32 {
        self.of.get(usize::from(slot.0)).copied().unwrap_or(0)
    }

    /// Gives words to the slots in a set.
    pub fn assign(graph: &Graph, root: NodeId, values: &Values, slots: u64) -> Self {
        let live = live(graph, root, values);
        // For each slot those that are needed while it is set.
        let mut together = [0u64; 64];
        for id in graph.reachable(root) {
            let Node::Set { slot, next, .. } = graph.get(id) else { continue };
            let others = live.get(next).copied().unwrap_or(0) & slots & !slot_bit(slot);
            if let Some(mine) = together.get_mut(usize::from(slot.0)) {
                *mine |= others;
            }
            for (number, theirs) in together.iter_mut().enumerate() {
                if others.checked_shr(u32::try_from(number).unwrap_or(64)).unwrap_or(0) & 1 == 1 {
                    *theirs |= slot_bit(slot);
                }
            }
        }
        let mut words = Words::default();
        for (number, conflicts) in (0u8..64).zip(together) {
            let mut taken = 0u64;
            for (other, word) in (0u8..64).zip(&words.of) {
                if conflicts & slots & slot_bit(Slot(other)) != 0 {
                    taken |= 1u64.checked_shl(*word).unwrap_or(0);
                }
            }
            let word = taken.trailing_ones();
            words.of.push(word);
            if slots & slot_bit(Slot(number)) != 0 {
                words.count = words.count.max(word.saturating_add(1));
            }
        }
        words
    }
}
