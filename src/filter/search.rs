//! Lists of constants: tests of one number come together, constants in a row become a range, and a long list a
//! binary search.
//!
//! A list is a row of tests for equality that all lead to the same place when they hold. Their order matters only
//! for a packet that is cut inside one of the numbers.

use super::ast::Operator;
use super::graph::{Graph, Node, NodeId, PerNode};
use super::predicate::{Op, Test};
use super::tidy::rebuild;
use super::value::{Value, ValueId, Values};

/// Lists shorter than this stay as they are.
const SHORTEST: usize = 3;
/// From here on a list is searched.
const SEARCHED: usize = 12;
/// So many tests in a row at the end of a search.
const LEAF: usize = 5;

/// A test for equality that belongs to a list.
#[derive(Clone, Copy)]
struct Member {
    value: ValueId,
    constant: u32,
}

/// Constants that follow each other, from the first to the last.
#[derive(Clone, Copy)]
struct Interval {
    low: u32,
    high: u32,
}

/// Rebuilds a graph with searches in place of long lists.
pub(super) fn search(graph: &Graph, root: NodeId, values: &mut Values) -> (Graph, NodeId) {
    let mut entries = PerNode::new(graph, 0u32);
    let nodes = graph.reachable(root);
    for id in &nodes {
        for next in graph.get(*id).next() {
            if let Some(count) = entries.get_mut(next) {
                *count = count.saturating_add(1);
            }
        }
    }
    // Lists by their first node; the others are only reached through it.
    let mut lists: PerNode<Option<(Vec<Member>, NodeId)>> = PerNode::new(graph, None);
    let mut inside = PerNode::new(graph, false);
    for id in nodes {
        if inside.get(id) == Some(&true) {
            continue;
        }
        let (members, rest, last) = list(graph, id, values, &entries);
        if members.len() >= SHORTEST {
            for id in rest {
                inside.put(id, true);
            }
            lists.put(id, Some((members, last)));
        }
    }
    rebuild(graph, root, |id, new, map| match (graph.get(id), lists.get(id).and_then(Option::as_ref)) {
        (Node::Test { yes, .. }, Some((members, last))) => {
            Builder { graph: new, values, yes: map(yes) }.list(members, map(*last))
        }
        (Node::Test { test, yes, no }, None) => new.read(test, map(yes), map(no)),
        (Node::Set { slot, value, next }, _) => new.set(slot, value, map(next)),
        (Node::Verdict(_), _) => id,
    })
}

/// The members of the list that begins at a node, the other nodes that it has, and where it leads if none holds.
fn list(graph: &Graph, first: NodeId, values: &Values, entries: &PerNode<u32>) -> (Vec<Member>, Vec<NodeId>, NodeId) {
    let mut members = Vec::new();
    let mut rest = Vec::new();
    let mut at = first;
    let mut target = None;
    while let Node::Test { test: Test { value, op: Op::Equal, other }, yes, no } = graph.get(at) {
        let Some(constant) = values.as_const(other) else { break };
        let alone = at == first || entries.get(at) == Some(&1);
        if !alone || *target.get_or_insert(yes) != yes {
            break;
        }
        if at != first {
            rest.push(at);
        }
        members.push(Member { value, constant });
        at = no;
    }
    (members, rest, at)
}

struct Builder<'g> {
    graph: &'g mut Graph,
    values: &'g mut Values,
    yes: NodeId,
}

impl Builder<'_> {
    fn list(&mut self, members: &[Member], no: NodeId) -> NodeId {
        let mut groups: Vec<(ValueId, Vec<u32>)> = Vec::new();
        for member in members {
            match groups.iter_mut().find(|group| group.0 == member.value) {
                Some((_, group)) => group.push(member.constant),
                None => groups.push((member.value, vec![member.constant])),
            }
        }
        let mut node = no;
        for (value, mut constants) in groups.into_iter().rev() {
            constants.sort_unstable();
            constants.dedup();
            let intervals = intervals(&constants, self.step(value));
            let leaf = if intervals.len() < SEARCHED { SEARCHED } else { LEAF };
            node = self.search(value, &intervals, leaf, node);
        }
        node
    }

    /// The number is a multiple of this.
    fn step(&self, value: ValueId) -> u32 {
        match self.values.get(value) {
            Value::Binary(Operator::And, _, mask) => match self.values.as_const(mask) {
                Some(mask @ 1..) => 1u32.wrapping_shl(mask.trailing_zeros()),
                _ => 1,
            },
            _ => 1,
        }
    }

    fn test(&mut self, value: ValueId, op: Op, constant: u32, yes: NodeId, no: NodeId) -> NodeId {
        let other = self.values.constant(constant);
        self.graph.test(Test { value, op, other }, yes, no)
    }

    fn search(&mut self, value: ValueId, intervals: &[Interval], leaf: usize, no: NodeId) -> NodeId {
        if intervals.len() > leaf
            && let Some((low, high)) = intervals.split_at_checked(intervals.len() >> 1)
            && let Some(first) = high.first()
        {
            let above = self.search(value, high, leaf, no);
            let below = self.search(value, low, leaf, no);
            return self.test(value, Op::GreaterEqual, first.low, above, below);
        }
        let mut node = no;
        for interval in intervals.iter().rev() {
            node = if interval.low == interval.high {
                self.test(value, Op::Equal, interval.low, self.yes, node)
            } else {
                let from = self.test(value, Op::GreaterEqual, interval.low, self.yes, no);
                self.test(value, Op::Greater, interval.high, node, from)
            };
        }
        node
    }
}

/// Joins three and more sorted constants that are `step` apart; an interval costs two tests.
fn intervals(constants: &[u32], step: u32) -> Vec<Interval> {
    let mut joined: Vec<(Interval, u32)> = Vec::new();
    for constant in constants {
        match joined.last_mut() {
            Some((last, count)) if last.high.checked_add(step) == Some(*constant) => {
                last.high = *constant;
                *count = count.saturating_add(1);
            }
            _ => joined.push((Interval { low: *constant, high: *constant }, 1)),
        }
    }
    let mut intervals = Vec::new();
    for (interval, count) in joined {
        if count == 2 {
            intervals.push(Interval { high: interval.low, ..interval });
            intervals.push(Interval { low: interval.high, ..interval });
        } else {
            intervals.push(interval);
        }
    }
    intervals
}
