//! Optimising: a condition is made smaller in several ways, and the shortest program wins.

use super::facts::Sharpness;
use super::graph::{Graph, NodeId, REJECT};
use super::lower::Lowered;
use super::simplify::simplify;
use super::thread::thread;
use super::value::Values;
use super::{emit, search, tidy};
use crate::bpf::Program;

/// Graphs from this size on, which are long lists, are optimised in one way only.
const SMALL: usize = 2000;

/// Whether no packet can match, and libpcap would notice.
pub(super) fn matches_nothing(lowered: &Lowered) -> bool {
    let (graph, root) = lowered.graph();
    let noticed = lowered.plain && !lowered.compares_constants;
    noticed && graph.len() < SMALL && thread(&graph, root, &lowered.preds.values, Sharpness::Blunt).1 == REJECT
}

/// Programs that decide a condition, in no order.
pub(super) fn programs(mut lowered: Lowered, snap_len: u32) -> Vec<Program> {
    let graphs = graphs(&mut lowered);
    let values = &mut lowered.preds.values;
    graphs.into_iter().filter_map(|(graph, root)| emit::emit(&graph, root, values, snap_len)).collect()
}

/// The graph with the fewest nodes that decides a condition.
pub(super) fn smallest(lowered: &mut Lowered) -> (Graph, NodeId) {
    let smallest = graphs(lowered).into_iter().min_by_key(|(graph, root)| graph.reachable(*root).len());
    smallest.unwrap_or_else(|| lowered.graph())
}

/// The graphs that the ways to optimise give.
fn graphs(lowered: &mut Lowered) -> Vec<(Graph, NodeId)> {
    let (graph, root) = lowered.graph();
    let values = &mut lowered.preds.values;
    let graphs: Vec<(Graph, NodeId)> = if graph.len() < SMALL {
        // What libpcap notices may drop reads of the packet; what is noticed beyond that keeps them in place.
        let (plain, plain_root) = thread(&graph, root, values, Sharpness::Plain);
        let threaded = thread(&plain, plain_root, values, Sharpness::Full);
        simplify(&plain, plain_root, values).into_iter().chain([threaded, (graph, root)]).collect()
    } else {
        vec![simplify(&graph, root, values).unwrap_or((graph, root))]
    };
    graphs.into_iter().map(|(graph, root)| finish(&graph, root, values)).collect()
}

/// Slots and lists, which change no decision.
fn finish(graph: &Graph, root: NodeId, values: &mut Values) -> (Graph, NodeId) {
    let (graph, root) = tidy::tidy(graph, root, values);
    search::search(&graph, root, values)
}

/// The program of a condition as it stands.
pub(super) fn unoptimized(mut lowered: Lowered, snap_len: u32) -> Option<Program> {
    let (graph, root) = Graph::of(&lowered.preds, lowered.root, true, lowered.asks);
    emit::emit(&graph, root, &mut lowered.preds.values, snap_len)
}
