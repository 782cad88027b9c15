//! The optimiser's heart: every path through the graph is followed with all that its tests have told so far, and
//! what is already decided is not asked again.
//!
//! A node is rebuilt once for each different knowledge that it can be reached with, as far as that knowledge matters
//! to anything behind it; hash-consing joins what comes out equal.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::facts::{Facts, Knowledge, Sharpness};
use super::graph::{Graph, Node, NodeId};
use super::predicate::Test;
use super::value::{Slot, ValueId, Values};

/// How many rebuilt nodes are too many, for each node that there was.
const GROWTH: usize = 64;
/// And how many never are.
const FREE: usize = 10_000;

enum Step {
    Enter(NodeId, Facts),
    Test(NodeId, Facts, Test),
    Set(NodeId, Facts, Slot, ValueId),
}

/// Rebuilds a graph without what each path already knows; nothing if it would grow beyond measure.
pub(super) fn simplify(graph: &Graph, root: NodeId, values: &Values) -> Option<(Graph, NodeId)> {
    let nodes = graph.reachable(root);
    let limit = nodes.len().saturating_mul(GROWTH).max(FREE);
    let knowledge = Knowledge::new(graph, &nodes, values, Sharpness::Full);
    let mut new = Graph::new();
    let mut done: HashMap<(NodeId, Facts), NodeId, FixedState> = HashMap::default();
    let mut steps = vec![Step::Enter(root, Facts::default())];
    let mut results: Vec<NodeId> = Vec::new();
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(from, facts) => {
                let node = knowledge.undecided(from, &facts);
                let facts = knowledge.restrict(node, &facts);
                if let Node::Verdict(_) = graph.get(node) {
                    results.push(node);
                    continue;
                }
                let key = (node, facts);
                if let Some(result) = done.get(&key) {
                    results.push(*result);
                    continue;
                }
                let facts = key.1;
                match graph.get(node) {
                    Node::Test { test, yes, no } => {
                        let (if_yes, if_no) =
                            (knowledge.learn(&facts, node, true), knowledge.learn(&facts, node, false));
                        steps.push(Step::Test(node, facts, test));
                        steps.push(Step::Enter(no, if_no));
                        steps.push(Step::Enter(yes, if_yes));
                    }
                    Node::Set { slot, value, next } => {
                        let after = knowledge.with_slot(&facts, slot, value);
                        steps.push(Step::Set(node, facts, slot, value));
                        steps.push(Step::Enter(next, after));
                    }
                    Node::Verdict(_) => {}
                }
            }
            Step::Test(node, facts, test) => {
                let (no, yes) = (results.pop()?, results.pop()?);
                let needless = yes == no && knowledge.has_read(node, test, &facts);
                let result = if needless { yes } else { new.read(test, yes, no) };
                done.insert((node, facts), result);
                results.push(result);
            }
            Step::Set(node, facts, slot, value) => {
                let next = results.pop()?;
                let result = new.set(slot, value, next);
                done.insert((node, facts), result);
                results.push(result);
            }
        }
        if done.len() > limit {
            return None;
        }
    }
    Some((new, results.pop()?))
}
