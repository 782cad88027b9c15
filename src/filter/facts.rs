//! What the tests on a path have told, and what that decides.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::graph::{Graph, Node, NodeId, PerNode};
use super::predicate::{Op, Test};
use super::value::{Slot, ValueId, Values, slot_bit};

/// A number that is compared with constants, or a whole test where it is compared with another number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Subject {
    Value(ValueId),
    Pair(Test),
}

/// What a path has told of one subject. Of a pair, 1 or 0 says whether the test holds.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Known {
    low: u32,
    high: u32,
    /// Bits that are 0.
    clear: u32,
    /// Masks under which some bit is set.
    some: Vec<u32>,
    /// Values that it has not, of those that are asked for more than once.
    not: Vec<u32>,
}

impl Known {
    const NOTHING: Known = Known { low: 0, high: u32::MAX, clear: 0, some: Vec::new(), not: Vec::new() };

    fn exactly(value: u32) -> Self {
        Known { low: value, high: value, ..Known::NOTHING }
    }

    fn decide(&self, op: Op, constant: u32) -> Option<bool> {
        if self.low == self.high {
            return Some(super::predicate::holds(self.low, op, constant));
        }
        match op {
            Op::Equal => {
                let impossible = constant < self.low
                    || constant > self.high
                    || constant & self.clear != 0
                    || self.not.contains(&constant)
                    || self.some.iter().any(|mask| constant & mask == 0);
                impossible.then_some(false)
            }
            Op::Greater if self.low > constant => Some(true),
            Op::Greater if self.high <= constant => Some(false),
            Op::GreaterEqual if self.low >= constant => Some(true),
            Op::GreaterEqual if self.high < constant => Some(false),
            Op::AnyBit if constant & !self.clear == 0 => Some(false),
            Op::AnyBit if self.some.iter().any(|mask| mask & !constant == 0) => Some(true),
            _ => None,
        }
    }

    fn learn(&mut self, op: Op, constant: u32, holds: bool, asked_again: bool) {
        match (op, holds) {
            (Op::Equal, true) => *self = Known::exactly(constant),
            (Op::Equal, false) if asked_again => insert(&mut self.not, constant),
            (Op::Equal, false) => {}
            (Op::Greater, true) => self.low = self.low.max(constant.saturating_add(1)),
            (Op::Greater, false) => self.high = self.high.min(constant),
            (Op::GreaterEqual, true) => self.low = self.low.max(constant),
            (Op::GreaterEqual, false) => self.high = self.high.min(constant.saturating_sub(1)),
            (Op::AnyBit, true) => insert(&mut self.some, constant),
            (Op::AnyBit, false) => self.clear |= constant,
        }
    }
}

fn insert(set: &mut Vec<u32>, value: u32) {
    if let Err(place) = set.binary_search(&value) {
        set.insert(place, value);
    }
}

/// What a path has told: of subjects by their number, and the slots that it has set.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Facts {
    subjects: Vec<(u32, Known)>,
    slots: Vec<(Slot, ValueId)>,
}

impl Facts {
    /// What holds whichever of two ways was taken.
    pub fn meet(&mut self, other: &Facts) {
        self.slots.retain(|known| other.slots.contains(known));
        self.subjects.retain(|fact| other.subjects.contains(fact));
    }
}

/// What matters from a node on: subjects, a bit each, and slots.
#[derive(Clone, Default)]
struct Support {
    subjects: Vec<u64>,
    slots: u64,
}

/// How sharp the conclusions are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sharpness {
    /// Everything that follows.
    Full,
    /// That a test was made before, and that a number is another constant: about what libpcap notices.
    Plain,
    /// The same without tests of bits: less than libpcap notices.
    Blunt,
}

/// What there is to know in a graph.
pub(super) struct Knowledge<'g> {
    graph: &'g Graph,
    values: &'g Values,
    sharpness: Sharpness,
    subjects: HashMap<Subject, u32, FixedState>,
    /// The slots that each subject reads.
    subject_slots: Vec<u64>,
    /// How often each test is made.
    asked: HashMap<Test, u32, FixedState>,
    support: PerNode<Support>,
}

impl<'g> Knowledge<'g> {
    pub fn new(graph: &'g Graph, nodes: &[NodeId], values: &'g Values, sharpness: Sharpness) -> Self {
        let mut knowledge = Knowledge {
            graph,
            values,
            sharpness,
            subjects: HashMap::default(),
            subject_slots: Vec::new(),
            asked: HashMap::default(),
            support: PerNode::new(graph, Support::default()),
        };
        for node in nodes {
            if let Node::Test { test, .. } = graph.get(*node) {
                let count = knowledge.asked.entry(test).or_insert(0);
                *count = count.saturating_add(1);
                let number = u32::try_from(knowledge.subjects.len()).unwrap_or(u32::MAX);
                let subject = knowledge.subject(test);
                if *knowledge.subjects.entry(subject).or_insert(number) == number {
                    knowledge.subject_slots.push(values.slots(test.value) | values.slots(test.other));
                }
            }
        }
        for node in nodes.iter().rev() {
            let support = knowledge.support_of(*node);
            knowledge.support.put(*node, support);
        }
        knowledge
    }

    fn subject(&self, test: Test) -> Subject {
        let whole = self.sharpness != Sharpness::Full && test.op != Op::Equal;
        if whole || self.values.as_const(test.other).is_none() {
            Subject::Pair(test)
        } else {
            Subject::Value(test.value)
        }
    }

    fn number(&self, test: Test) -> u32 {
        self.subjects.get(&self.subject(test)).copied().unwrap_or(u32::MAX)
    }

    fn support_of(&self, node: NodeId) -> Support {
        let mut support = Support::default();
        let node = self.graph.get(node);
        for next in node.next() {
            if let Some(next) = self.support.get(next) {
                if support.subjects.len() < next.subjects.len() {
                    support.subjects.resize(next.subjects.len(), 0);
                }
                for (mine, theirs) in support.subjects.iter_mut().zip(&next.subjects) {
                    *mine |= theirs;
                }
                support.slots |= next.slots;
            }
        }
        match node {
            Node::Test { test, .. } => {
                let number = self.number(test) as usize;
                let (word, bit) = (number >> 6, number & 63);
                if support.subjects.len() <= word {
                    support.subjects.resize(word.saturating_add(1), 0);
                }
                if let Some(word) = support.subjects.get_mut(word) {
                    *word |= 1u64.wrapping_shl(u32::try_from(bit).unwrap_or(0));
                }
            }
            Node::Set { slot, .. } => support.slots |= slot_bit(slot),
            Node::Verdict(_) => {}
        }
        support
    }

    fn decide(&self, test: Test, facts: &Facts) -> Option<bool> {
        let number = self.number(test);
        let place = facts.subjects.binary_search_by_key(&number, |fact| fact.0).ok()?;
        let (_, known) = facts.subjects.get(place)?;
        match (self.subject(test), self.values.as_const(test.other)) {
            (Subject::Value(_), Some(constant)) => known.decide(test.op, constant),
            _ => Some(known.low == 1),
        }
    }

    /// Whether the numbers of a test were read before, or are in no packet.
    pub fn has_read(&self, test: Test, facts: &Facts) -> bool {
        let number = self.number(test);
        let known = facts.subjects.binary_search_by_key(&number, |fact| fact.0).is_ok();
        known || !self.values.reads(test.value) && !self.values.reads(test.other)
    }

    pub fn learn(&self, facts: &Facts, test: Test, holds: bool) -> Facts {
        let mut facts = facts.clone();
        if self.sharpness == Sharpness::Blunt && test.op == Op::AnyBit {
            return facts;
        }
        let number = self.number(test);
        let place = match facts.subjects.binary_search_by_key(&number, |fact| fact.0) {
            Ok(place) => place,
            Err(place) => {
                facts.subjects.insert(place, (number, Known::NOTHING));
                place
            }
        };
        let Some((_, known)) = facts.subjects.get_mut(place) else { return facts };
        match (self.subject(test), self.values.as_const(test.other)) {
            (Subject::Value(_), Some(constant)) => {
                let again = self.asked.get(&test).copied().unwrap_or(0) > 1;
                known.learn(test.op, constant, holds, again);
            }
            _ => *known = Known::exactly(u32::from(holds)),
        }
        if *known == Known::NOTHING {
            facts.subjects.remove(place);
        }
        facts
    }

    pub fn with_slot(&self, facts: &Facts, slot: Slot, value: ValueId) -> Facts {
        let bit = slot_bit(slot);
        let reads = |number: u32| self.subject_slots.get(number as usize).copied().unwrap_or(0);
        let mut new = Facts::default();
        new.subjects.extend(facts.subjects.iter().filter(|fact| reads(fact.0) & bit == 0).cloned());
        new.slots.extend(facts.slots.iter().filter(|known| known.0 != slot && self.values.slots(known.1) & bit == 0));
        // A value that is computed from the slot's own is not known afterwards.
        if self.values.slots(value) & bit == 0 {
            new.slots.push((slot, value));
            new.slots.sort_unstable();
        }
        new
    }

    /// The facts that matter from a node on.
    pub fn restrict(&self, node: NodeId, facts: &Facts) -> Facts {
        let Some(support) = self.support.get(node) else { return facts.clone() };
        let matters = |number: u32| {
            let word = support.subjects.get((number >> 6) as usize).copied().unwrap_or(0);
            word & 1u64.wrapping_shl(number & 63) != 0
        };
        Facts {
            subjects: facts.subjects.iter().filter(|fact| matters(fact.0)).cloned().collect(),
            slots: facts.slots.iter().filter(|known| support.slots & slot_bit(known.0) != 0).copied().collect(),
        }
    }

    /// The first node from here on that facts do not decide.
    pub fn undecided(&self, from: NodeId, facts: &Facts) -> NodeId {
        let mut node = from;
        loop {
            node = match self.graph.get(node) {
                Node::Test { test, yes, no } => match self.decide(test, facts) {
                    Some(true) => yes,
                    Some(false) => no,
                    None => return node,
                },
                Node::Set { slot, value, next } if facts.slots.contains(&(slot, value)) => next,
                _ => return node,
            };
        }
    }
}
