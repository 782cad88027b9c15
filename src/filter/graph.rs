//! The decision graph: each node is a test with two ways on, a slot to set, or the verdict.
//!
//! Equal nodes are one node, so what two paths have in common at their end is there once. Nodes refer to older ones
//! only: going through them by falling number is going through the program from its start.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::predicate::{Pred, PredId, Predicates, Test};
use super::value::{Slot, ValueId};

/// A node of a [`Graph`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct NodeId(u32);

/// The verdicts, which every graph has.
pub(super) const REJECT: NodeId = NodeId(0);
pub(super) const ACCEPT: NodeId = NodeId(1);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Node {
    Verdict(bool),
    Test { test: Test, yes: NodeId, no: NodeId },
    Set { slot: Slot, value: ValueId, next: NodeId },
}

/// A decision graph without cycles.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    ids: HashMap<Node, NodeId, FixedState>,
    /// Whether tests that decide nothing are kept while it is built.
    reads: bool,
    /// Whether questions are part of it.
    asks: bool,
}

impl Graph {
    pub fn new() -> Self {
        let mut graph = Graph { nodes: Vec::new(), ids: HashMap::default(), reads: false, asks: true };
        graph.intern(Node::Verdict(false));
        graph.intern(Node::Verdict(true));
        graph
    }

    fn intern(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        self.ids.insert(node, id);
        id
    }

    pub fn get(&self, id: NodeId) -> Node {
        self.nodes.get(id.index()).copied().unwrap_or(Node::Verdict(false))
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A test; none where both ways lead to the same place.
    pub fn test(&mut self, test: Test, yes: NodeId, no: NodeId) -> NodeId {
        if yes == no { yes } else { self.intern(Node::Test { test, yes, no }) }
    }

    /// The same, but a test that decides nothing stays where its reads do: a packet that is too short for them is
    /// refused.
    pub fn read(&mut self, test: Test, yes: NodeId, no: NodeId) -> NodeId {
        if yes == no && yes == REJECT { REJECT } else { self.intern(Node::Test { test, yes, no }) }
    }

    pub fn set(&mut self, slot: Slot, value: ValueId, next: NodeId) -> NodeId {
        if matches!(self.get(next), Node::Verdict(_)) { next } else { self.intern(Node::Set { slot, value, next }) }
    }

    /// The nodes that can be reached from one, by falling number: every node comes before those that it leads to.
    pub fn reachable(&self, root: NodeId) -> Vec<NodeId> {
        let mut seen = vec![false; self.nodes.len()];
        mark(&mut seen, root);
        let mut found = Vec::new();
        for id in (0..=root.0).rev().map(NodeId) {
            if !seen.get(id.index()).copied().unwrap_or(false) {
                continue;
            }
            found.push(id);
            for next in self.get(id).next() {
                mark(&mut seen, next);
            }
        }
        found
    }

    /// The graph of a condition; with `reads`, tests that decide nothing stay where their reads are. Without `asks`
    /// a packet is accepted as soon as a question would have to be asked: so all that the condition accepts are
    /// accepted, and nothing is read that it would not read.
    pub fn of(preds: &Predicates, root: PredId, reads: bool, asks: bool) -> (Self, NodeId) {
        let mut graph = Graph { reads, asks, ..Graph::new() };
        let root = graph.build(preds, root, ACCEPT, REJECT);
        (graph, root)
    }

    /// Decides a condition, then goes on at `yes` or `no`. Goes down left sides in a loop, because a long text is a
    /// deep left side; right sides are as deep as the text is nested.
    fn build(&mut self, preds: &Predicates, pred: PredId, yes: NodeId, no: NodeId) -> NodeId {
        let (mut pred, mut yes, mut no) = (pred, yes, no);
        loop {
            match preds.get(pred) {
                Pred::Const(true) => return yes,
                Pred::Const(false) => return no,
                Pred::Test(test) if !self.asks && preds.is_question(test) => return ACCEPT,
                Pred::Test(test) if self.reads => return self.read(test, yes, no),
                Pred::Test(test) => return self.test(test, yes, no),
                Pred::Set(slot, value) => return self.set(slot, value, yes),
                Pred::Not(inner) => {
                    pred = inner;
                    std::mem::swap(&mut yes, &mut no);
                }
                Pred::And(a, b) => {
                    yes = self.build(preds, b, yes, no);
                    pred = a;
                }
                Pred::Or(a, b) => {
                    no = self.build(preds, b, yes, no);
                    pred = a;
                }
            }
        }
    }
}

fn mark(seen: &mut [bool], id: NodeId) {
    if let Some(seen) = seen.get_mut(id.index()) {
        *seen = true;
    }
}

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Node {
    /// Where it leads.
    pub fn next(self) -> impl Iterator<Item = NodeId> {
        let (first, second) = match self {
            Node::Verdict(_) => (None, None),
            Node::Test { yes, no, .. } => (Some(yes), Some(no)),
            Node::Set { next, .. } => (Some(next), None),
        };
        first.into_iter().chain(second)
    }
}

/// Something for each node of a graph.
#[derive(Clone, Debug)]
pub(super) struct PerNode<T>(Vec<T>);

impl<T: Clone> PerNode<T> {
    pub fn new(graph: &Graph, value: T) -> Self {
        PerNode(vec![value; graph.len()])
    }

    pub fn get(&self, id: NodeId) -> Option<&T> {
        self.0.get(id.index())
    }

    pub fn get_mut(&mut self, id: NodeId) -> Option<&mut T> {
        self.0.get_mut(id.index())
    }

    pub fn put(&mut self, id: NodeId, value: T) {
        if let Some(place) = self.0.get_mut(id.index()) {
            *place = value;
        }
    }
}
