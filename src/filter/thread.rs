//! Jump threading: a way that leads to a test which is decided on all paths there goes on behind it.
//!
//! Unlike `simplify`, this copies no node, so the graph never grows.

use super::facts::{Facts, Knowledge, Sharpness};
use super::graph::{Graph, Node, NodeId, PerNode};
use super::tidy::rebuild;
use super::value::Values;

/// Enough for what one round opens up for the next.
const ROUNDS: usize = 8;

/// Rebuilds a graph with shorter ways.
pub(super) fn thread(graph: &Graph, root: NodeId, values: &Values, sharpness: Sharpness) -> (Graph, NodeId) {
    let (mut graph, mut root) = round(graph, root, values, sharpness);
    for _ in 1..ROUNDS {
        let before = graph.reachable(root).len();
        (graph, root) = round(&graph, root, values, sharpness);
        if graph.reachable(root).len() == before {
            break;
        }
    }
    (graph, root)
}

fn round(graph: &Graph, root: NodeId, values: &Values, sharpness: Sharpness) -> (Graph, NodeId) {
    let nodes = graph.reachable(root);
    let knowledge = Knowledge::new(graph, &nodes, values, sharpness);
    let mut before: PerNode<Option<Facts>> = PerNode::new(graph, None);
    before.put(root, Some(Facts::default()));
    // Where the two ways of each node lead now.
    let mut ways = PerNode::new(graph, (root, root));
    for id in nodes {
        let Some(facts) = before.get(id).cloned().flatten() else { continue };
        let mut arrive = |from: NodeId, facts: Facts| {
            let target = knowledge.undecided(from, &facts);
            let facts = knowledge.restrict(target, &facts);
            match before.get_mut(target) {
                Some(Some(known)) => known.meet(&facts),
                Some(known) => *known = Some(facts),
                None => {}
            }
            target
        };
        match graph.get(id) {
            Node::Test { yes, no, .. } => {
                let yes = arrive(yes, knowledge.learn(&facts, id, true));
                let no = arrive(no, knowledge.learn(&facts, id, false));
                ways.put(id, (yes, no));
            }
            Node::Set { slot, value, next } => {
                let next = arrive(next, knowledge.with_slot(&facts, slot, value));
                ways.put(id, (next, next));
            }
            Node::Verdict(_) => {}
        }
    }
    rebuild(graph, root, |id, new, map| {
        let (first, second) = ways.get(id).copied().unwrap_or((id, id));
        match graph.get(id) {
            // Nodes that no way leads to any more are rebuilt from what they were, and dropped with the old graph.
            Node::Test { test, yes, no } if before.get(id).is_some_and(Option::is_some) => {
                let drop = sharpness != Sharpness::Full && yes != no;
                let (yes, no) = (map(first), map(second));
                if drop { new.test(test, yes, no) } else { new.read(test, yes, no) }
            }
            Node::Set { slot, value, .. } if before.get(id).is_some_and(Option::is_some) => {
                new.set(slot, value, map(first))
            }
            _ => id,
        }
    })
}
