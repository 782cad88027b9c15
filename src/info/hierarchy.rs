//! Which protocols there are, each within those before it.

use std::collections::HashMap;

use crate::fields::{self, Field, Packet, Protocol, Value, Visitor};

/// The most nodes of the tree; packets that would need more count for the last node they reach.
const MOST_NODES: usize = 4096;

/// A protocol, as it stands behind others.
#[derive(Clone, Debug)]
pub struct Node {
    pub protocol: &'static Protocol,
    /// Behind how many others.
    pub depth: usize,
    /// Packets that have it there, and their bytes on the wire.
    pub packets: u64,
    pub bytes: u64,
}

#[derive(Debug)]
struct Entry {
    node: Node,
    children: Vec<usize>,
}

/// The tree of protocols.
#[derive(Debug, Default)]
pub struct Hierarchy {
    entries: Vec<Entry>,
    roots: Vec<usize>,
    /// Where packets of a shape end: by their protocols, in order.
    shapes: HashMap<Vec<usize>, Option<usize>, foldhash::fast::RandomState>,
    /// The shape of the packet before, and of this one.
    last: (Vec<usize>, Option<usize>),
    shape: Vec<usize>,
    protocols: Vec<&'static Protocol>,
}

impl Hierarchy {
    /// Adds a packet.
    pub fn add(&mut self, packet: &Packet<'_>) {
        self.shape.clear();
        self.protocols.clear();
        fields::visit(packet, &mut Shape { shape: &mut self.shape, protocols: &mut self.protocols });
        if self.last.0 != self.shape {
            self.last = (self.shape.clone(), self.end());
        }
        if let Some(entry) = self.last.1.and_then(|at| self.entries.get_mut(at)) {
            entry.node.packets = entry.node.packets.saturating_add(1);
            entry.node.bytes = entry.node.bytes.saturating_add(packet.frame.wire_len.into());
        }
    }

    /// The node that packets of this shape end at.
    fn end(&mut self) -> Option<usize> {
        if let Some(known) = self.shapes.get(&self.shape) {
            return *known;
        }
        let mut at: Option<usize> = None;
        for (depth, protocol) in std::mem::take(&mut self.protocols).into_iter().enumerate() {
            let among = match at.and_then(|at| self.entries.get(at)) {
                Some(parent) => &parent.children,
                None => &self.roots,
            };
            let is_it = |at: &&usize| self.entries.get(**at).is_some_and(|entry| entry.node.protocol == protocol);
            if let Some(known) = among.iter().find(is_it) {
                at = Some(*known);
                continue;
            }
            let new = self.entries.len();
            if new >= MOST_NODES {
                break;
            }
            match at.and_then(|at| self.entries.get_mut(at)) {
                Some(parent) => parent.children.push(new),
                None => self.roots.push(new),
            }
            self.entries.push(Entry { node: Node { protocol, depth, packets: 0, bytes: 0 }, children: Vec::new() });
            at = Some(new);
        }
        if self.shapes.len() < MOST_NODES {
            self.shapes.insert(self.shape.clone(), at);
        }
        at
    }

    /// All nodes, each before those behind it, with what these have; the largest first.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = self.entries.iter().map(|entry| entry.node.clone()).collect();
        // A child is always made after its parent.
        for (at, entry) in self.entries.iter().enumerate().rev() {
            let (packets, bytes) = entry
                .children
                .iter()
                .filter_map(|child| nodes.get(*child))
                .fold((0u64, 0u64), |(packets, bytes), child| {
                    (packets.saturating_add(child.packets), bytes.saturating_add(child.bytes))
                });
            if let Some(node) = nodes.get_mut(at) {
                node.packets = node.packets.saturating_add(packets);
                node.bytes = node.bytes.saturating_add(bytes);
            }
        }
        let mut told = Vec::new();
        let mut waiting = self.in_order(&nodes, &self.roots);
        while let Some(at) = waiting.pop() {
            if let (Some(node), Some(entry)) = (nodes.get(at), self.entries.get(at)) {
                told.push(node.clone());
                waiting.extend(self.in_order(&nodes, &entry.children));
            }
        }
        told
    }

    /// Places, the one with the fewest packets first.
    fn in_order(&self, nodes: &[Node], places: &[usize]) -> Vec<usize> {
        let mut places = places.to_vec();
        places.sort_by_key(|at| nodes.get(*at).map(|node| node.packets));
        places
    }
}

/// Notes the protocols of a packet, and nothing of what is in them.
struct Shape<'s> {
    shape: &'s mut Vec<usize>,
    protocols: &'s mut Vec<&'static Protocol>,
}

impl<'a> Visitor<'a> for Shape<'_> {
    fn wants(&self, _: &'static Field) -> bool {
        false
    }

    fn wants_layers(&self, _: &'static Protocol) -> bool {
        false
    }

    fn layer(&mut self, protocol: &'static Protocol) {
        if protocol.name == "frame" {
            return;
        }
        self.shape.push(protocol.number());
        self.protocols.push(protocol);
    }

    fn value(&mut self, _: &'static Field, _: Value<'a>) {}
}
