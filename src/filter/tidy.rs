//! Slots: those with one cheap value on every path are replaced by it, and those that nobody reads are not set.

use std::collections::HashMap;

use super::ast::Operator;
use super::graph::{Graph, Node, NodeId, PerNode};
use super::memory::live;
use super::predicate::Test;
use super::value::{Size, Slot, Value, ValueId, Values, slot_bit};

/// What slots hold where a node begins: only those with one known value on all paths.
type Held = HashMap<Slot, ValueId>;

/// Rebuilds a graph with fewer slots.
pub(super) fn tidy(graph: &Graph, root: NodeId, values: &mut Values) -> (Graph, NodeId) {
    let held = held(graph, root, values);
    let (graph, root) = rebuild(graph, root, |node, new, map| {
        let known = held.get(node).and_then(Option::as_ref);
        let value_of = |slot: Slot| known.and_then(|known| known.get(&slot).copied());
        match graph.get(node) {
            Node::Verdict(_) => node,
            Node::Test { test, yes, no } => {
                let value = values.with_slots(test.value, &value_of);
                let other = values.with_slots(test.other, &value_of);
                new.read(Test { value, other, ..test }, map(yes), map(no))
            }
            Node::Set { slot, value, next } => {
                let value = values.with_slots(value, &value_of);
                new.set(slot, value, map(next))
            }
        }
    });
    without_dead_sets(&graph, root, values)
}

/// Rebuilds every node that can be reached, from the ends to the root.
pub(super) fn rebuild(
    graph: &Graph,
    root: NodeId,
    mut node: impl FnMut(NodeId, &mut Graph, &dyn Fn(NodeId) -> NodeId) -> NodeId,
) -> (Graph, NodeId) {
    let mut new = Graph::new();
    let mut map = PerNode::new(graph, root);
    for id in graph.reachable(root).into_iter().rev() {
        let result = node(id, &mut new, &|old| map.get(old).copied().unwrap_or(old));
        map.put(id, result);
    }
    let root = map.get(root).copied().unwrap_or(root);
    (new, root)
}

fn held(graph: &Graph, root: NodeId, values: &Values) -> PerNode<Option<Held>> {
    let mut held: PerNode<Option<Held>> = PerNode::new(graph, None);
    held.put(root, Some(Held::new()));
    for id in graph.reachable(root) {
        let node = graph.get(id);
        let mut after = held.get(id).cloned().flatten().unwrap_or_default();
        if let Node::Set { slot, value, .. } = node {
            after.retain(|_, known| values.slots(*known) & slot_bit(slot) == 0);
            after.remove(&slot);
            if is_cheap(values, value) {
                after.insert(slot, value);
            }
        }
        for next in node.next() {
            let Some(place) = held.get_mut(next) else { continue };
            match place {
                None => *place = Some(after.clone()),
                Some(known) => known.retain(|slot, value| after.get(slot) == Some(value)),
            }
        }
    }
    held
}

/// One instruction brings it into the index register.
fn is_cheap(values: &Values, value: ValueId) -> bool {
    matches!(values.get(value), Value::Const(_) | Value::Len) || header_len(values, value).is_some()
}

/// The offset of a byte whose lower half, times 4, this is: there is an instruction for it.
pub(super) fn header_len(values: &Values, value: ValueId) -> Option<u32> {
    let Value::Binary(Operator::Lsh, words, two) = values.get(value) else { return None };
    let Value::Binary(Operator::And, byte, mask) = values.get(words) else { return None };
    match (values.get(byte), values.as_const(mask), values.as_const(two)) {
        (Value::Load(Size::Byte, offset), Some(0xf), Some(2)) => Some(offset),
        _ => None,
    }
}

fn without_dead_sets(graph: &Graph, root: NodeId, values: &Values) -> (Graph, NodeId) {
    let live = live(graph, root, values);
    rebuild(graph, root, |id, new, map| match graph.get(id) {
        Node::Verdict(_) => id,
        Node::Test { test, yes, no } => new.read(test, map(yes), map(no)),
        Node::Set { slot, value, next } => {
            let read = live.get(next).copied().unwrap_or(0) & slot_bit(slot) != 0;
            if read { new.set(slot, value, map(next)) } else { map(next) }
        }
    })
}
