//! What the tests on a path have told, and what that decides.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::graph::{Graph, Node, NodeId, PerNode};
use super::predicate::{Op, Test};
use super::value::{Slot, ValueId, Values, slot_bit};

/// How many values that a number has not are kept in mind: long lists would cost more than they save.
const MOST_EXCLUDED: usize = 16;

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
            (Op::Equal, false) if asked_again => {
                insert(&mut self.not, constant);
                if self.not.len() > MOST_EXCLUDED {
                    self.not.remove(0);
                }
            }
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
    fn about(&self, subject: u32) -> Option<&Known> {
        let place = self.subjects.binary_search_by_key(&subject, |fact| fact.0).ok()?;
        self.subjects.get(place).map(|fact| &fact.1)
    }

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
    questions: PerNode<Option<Question>>,
    /// The slots that each subject reads.
    subject_slots: Vec<u64>,
    support: PerNode<Support>,
}

/// What a node asks.
#[derive(Clone, Copy)]
struct Question {
    /// The number of the subject.
    subject: u32,
    op: Op,
    /// What the subject is compared with; nothing for a pair.
    constant: Option<u32>,
    /// Whether other nodes ask the same.
    again: bool,
}

impl<'g> Knowledge<'g> {
    pub fn new(graph: &'g Graph, nodes: &[NodeId], values: &'g Values, sharpness: Sharpness) -> Self {
        let mut knowledge = Knowledge {
            graph,
            values,
            sharpness,
            questions: PerNode::new(graph, None),
            subject_slots: Vec::new(),
            support: PerNode::new(graph, Support::default()),
        };
        let mut asked: HashMap<Test, NodeId, FixedState> = HashMap::default();
        let mut subjects: HashMap<Subject, u32, FixedState> = HashMap::default();
        for node in nodes {
            let Node::Test { test, .. } = graph.get(*node) else { continue };
            let constant = knowledge.constant(test);
            let subject = if constant.is_some() { Subject::Value(test.value) } else { Subject::Pair(test) };
            let new = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
            let subject = *subjects.entry(subject).or_insert(new);
            if subject == new {
                knowledge.subject_slots.push(values.slots(test.value) | values.slots(test.other));
            }
            let first = asked.insert(test, *node);
            if let Some(Some(first)) = first.and_then(|first| knowledge.questions.get_mut(first)) {
                first.again = true;
            }
            knowledge.questions.put(*node, Some(Question { subject, op: test.op, constant, again: first.is_some() }));
        }
        for node in nodes.iter().rev() {
            let support = knowledge.support_of(*node);
            knowledge.support.put(*node, support);
        }
        knowledge
    }

    /// The constant that a test is about; nothing if it is taken as a whole.
    fn constant(&self, test: Test) -> Option<u32> {
        let whole = self.sharpness != Sharpness::Full && test.op != Op::Equal;
        if whole { None } else { self.values.as_const(test.other) }
    }

    fn question(&self, node: NodeId) -> Option<Question> {
        self.questions.get(node).copied().flatten()
    }

    fn support_of(&self, node: NodeId) -> Support {
        let mut support = Support::default();
        let question = self.question(node);
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
        if let Node::Set { slot, .. } = node {
            support.slots |= slot_bit(slot);
        }
        if let Some(question) = question {
            let word = (question.subject >> 6) as usize;
            if support.subjects.len() <= word {
                support.subjects.resize(word.saturating_add(1), 0);
            }
            if let Some(word) = support.subjects.get_mut(word) {
                *word |= 1u64.wrapping_shl(question.subject & 63);
            }
        }
        support
    }

    fn decide(&self, node: NodeId, facts: &Facts) -> Option<bool> {
        let question = self.question(node)?;
        let known = facts.about(question.subject)?;
        match question.constant {
            Some(constant) => known.decide(question.op, constant),
            None => Some(known.low == 1),
        }
    }

    /// Whether what a node tests was read before, or is in no packet.
    pub fn has_read(&self, node: NodeId, test: Test, facts: &Facts) -> bool {
        let known = self.question(node).is_some_and(|question| facts.about(question.subject).is_some());
        known || !self.values.reads(test.value) && !self.values.reads(test.other)
    }

    /// The facts behind a test that holds or does not.
    pub fn learn(&self, facts: &Facts, node: NodeId, holds: bool) -> Facts {
        let mut facts = facts.clone();
        let Some(question) = self.question(node) else { return facts };
        if self.sharpness == Sharpness::Blunt && question.op == Op::AnyBit {
            return facts;
        }
        let mut known = facts.about(question.subject).cloned().unwrap_or(Known::NOTHING);
        match question.constant {
            Some(constant) => known.learn(question.op, constant, holds, question.again),
            None => known = Known::exactly(u32::from(holds)),
        }
        match facts.subjects.binary_search_by_key(&question.subject, |fact| fact.0) {
            Ok(place) => {
                if let Some(fact) = facts.subjects.get_mut(place) {
                    fact.1 = known;
                }
            }
            Err(_) if known == Known::NOTHING => {}
            Err(place) => facts.subjects.insert(place, (question.subject, known)),
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
                Node::Test { yes, no, .. } => match self.decide(node, facts) {
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
