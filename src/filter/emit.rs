//! Graph to instructions: which number is in which register, node by node.
//!
//! A node begins with what all ways to it leave in the registers, so a number that is still there is not read again.
//! Slots live in the index register as far as that goes; one that is needed after the register was used for something
//! else gets a memory word, and the work starts over with that known.

use super::ast::Operator;
use super::execute::ASK;
use super::graph::{Graph, Node, NodeId, PerNode, REJECT};
use super::layout::{Block, End, layout};
use super::memory::Words;
use super::predicate::{Op, Test};
use super::tidy::header_len;
use super::value::{Size, Slot, Value, ValueId, Values, slot_bit};
use crate::bpf::{Instruction, MEMORY_WORDS, Program, code};

/// The program of a graph; nothing if it needs more memory words than there are, or more instructions than a jump
/// can cross. `snap_len` is what it returns for a packet that it accepts.
pub(super) fn emit(graph: &Graph, root: NodeId, values: &mut Values, snap_len: u32) -> Option<Program> {
    let mut in_memory = 0u64;
    loop {
        let mut emitter = Emitter::new(graph, root, values, in_memory);
        emitter.run();
        if emitter.in_memory == in_memory {
            return if emitter.out_of_memory { None } else { layout(emitter.blocks, snap_len) };
        }
        in_memory = emitter.in_memory;
    }
}

/// The numbers that a register holds: one number may have several names.
#[derive(Clone, Default, PartialEq, Debug)]
struct Register(Vec<ValueId>);

impl Register {
    fn holds(&self, value: ValueId) -> bool {
        self.0.contains(&value)
    }
}

#[derive(Clone, Default, PartialEq, Debug)]
struct Registers {
    a: Register,
    x: Register,
}

impl Registers {
    /// Keeps what both hold.
    fn meet(&mut self, other: &Registers) {
        self.a.0.retain(|value| other.a.holds(*value));
        self.x.0.retain(|value| other.x.holds(*value));
    }

    /// Forgets what is computed from a slot.
    fn forget(&mut self, slot: Slot, values: &Values) {
        for register in [&mut self.a, &mut self.x] {
            register.0.retain(|value| values.slots(*value) & slot_bit(slot) == 0);
        }
    }
}

struct Emitter<'g> {
    graph: &'g Graph,
    values: &'g mut Values,
    /// All nodes that can be reached.
    nodes: Vec<NodeId>,
    order: Vec<NodeId>,
    /// How many ways lead to each.
    entries: PerNode<u32>,
    /// What every way to a node leaves in the registers; nothing while no way is known.
    before: PerNode<Option<Registers>>,
    now: Registers,
    code: Vec<Instruction>,
    blocks: Vec<Block>,
    /// Slots that have a memory word.
    in_memory: u64,
    words: Words,
    /// Words in use by the number that is being computed.
    temporaries: u32,
    out_of_memory: bool,
}

impl<'g> Emitter<'g> {
    fn new(graph: &'g Graph, root: NodeId, values: &'g mut Values, in_memory: u64) -> Self {
        let reachable = graph.reachable(root);
        let mut entries = PerNode::new(graph, 0u32);
        for id in &reachable {
            for next in graph.get(*id).next() {
                if let Some(count) = entries.get_mut(next) {
                    *count = count.saturating_add(1);
                }
            }
        }
        let order = order(graph, root, &reachable, entries.clone());
        let words = Words::assign(graph, root, values, in_memory);
        let mut before = PerNode::new(graph, None);
        before.put(root, Some(Registers::default()));
        Emitter {
            graph,
            values,
            nodes: reachable,
            order,
            entries,
            before,
            now: Registers::default(),
            code: Vec::new(),
            blocks: Vec::new(),
            in_memory,
            words,
            temporaries: 0,
            out_of_memory: false,
        }
    }

    fn run(&mut self) {
        for id in std::mem::take(&mut self.order) {
            // A slot that was set ahead of the branch to it has nothing left to do, and is not reached.
            let Some(registers) = self.before.get(id).cloned().flatten() else { continue };
            self.now = registers;
            self.temporaries = 0;
            let end = match self.graph.get(id) {
                Node::Verdict(verdict) => End::Verdict(verdict),
                Node::Set { slot, value, next } => {
                    self.set(slot, value);
                    self.leave(next);
                    End::Next(next)
                }
                Node::Test { test, yes, no } => self.test(test, yes, no),
            };
            self.blocks.push(Block { node: id, code: std::mem::take(&mut self.code), end });
        }
    }

    /// Goes on at a node with the registers as they are.
    fn leave(&mut self, next: NodeId) {
        let now = self.now.clone();
        self.leave_with(next, now);
    }

    fn leave_with(&mut self, next: NodeId, registers: Registers) {
        match self.before.get_mut(next) {
            Some(Some(before)) => before.meet(&registers),
            Some(before) => *before = Some(registers),
            None => {}
        }
    }

    fn push(&mut self, code: u16, k: u32) {
        self.code.push(Instruction::new(code, k));
    }

    fn set(&mut self, slot: Slot, value: ValueId) {
        let in_memory = self.in_memory & slot_bit(slot) != 0;
        let name = self.values.slot(slot);
        let computed = self.now.a.holds(value) || !self.is_simple(value) && !self.now.x.holds(value);
        if in_memory && computed {
            self.load_a(value);
            let word = self.word(slot);
            self.push(code::ST, word);
            self.now.forget(slot, self.values);
            self.now.a.0.push(name);
        } else {
            self.load_x(value);
            if in_memory {
                let word = self.word(slot);
                self.push(code::STX, word);
            }
            self.now.forget(slot, self.values);
            self.now.x.0.push(name);
        }
    }

    fn test(&mut self, test: Test, yes: NodeId, no: NodeId) -> End {
        let op = match test.op {
            Op::Equal => code::JEQ,
            Op::Greater => code::JGT,
            Op::GreaterEqual => code::JGE,
            Op::AnyBit => code::JSET,
        };
        if yes == no {
            self.load_a(test.value);
            if self.values.reads(test.other) {
                self.load_a(test.other);
            }
            self.leave(yes);
            return End::Next(yes);
        }
        match self.values.as_const(test.other) {
            Some(constant) => {
                self.load_a(test.value);
                let (mut yes, mut no) = (yes, no);
                let ahead = self.set_ahead(test.value, yes);
                match ahead.or_else(|| self.set_ahead(test.value, no)) {
                    Some((set, after, registers)) => {
                        self.leave_with(after, registers);
                        if set == yes {
                            yes = after;
                            self.leave(no);
                        } else {
                            no = after;
                            self.leave(yes);
                        }
                    }
                    None => {
                        self.leave(yes);
                        self.leave(no);
                    }
                }
                End::Branch { code: code::JMP | op | code::K, k: constant, yes, no }
            }
            None => {
                self.operands(test.value, test.other);
                self.leave(yes);
                self.leave(no);
                End::Branch { code: code::JMP | op | code::X, k: 0, yes, no }
            }
        }
    }

    /// Sets a slot to a constant before the branch that leads there, if that saves a jump: gives the node that set
    /// it, the node to go on at, and the registers there.
    fn set_ahead(&mut self, tested: ValueId, next: NodeId) -> Option<(NodeId, NodeId, Registers)> {
        let Node::Set { slot, value, next: behind } = self.graph.get(next) else { return None };
        if self.values.as_const(value).is_none() || self.in_memory & slot_bit(slot) != 0 {
            return None;
        }
        let ready = self.now.x.holds(value);
        if !ready && self.entries.get(next) != Some(&1) && !self.all_entries_test(tested, next) {
            return None;
        }
        self.load_x(value);
        let mut registers = self.now.clone();
        registers.forget(slot, self.values);
        registers.x.0.push(self.values.slot(slot));
        Some((next, behind, registers))
    }

    /// Whether only tests of one number lead to a node: they stand in a row.
    fn all_entries_test(&self, tested: ValueId, node: NodeId) -> bool {
        let wanted = self.entries.get(node).copied().unwrap_or(0);
        let leads = |id: &&NodeId| match self.graph.get(**id) {
            Node::Test { test, yes, no } => test.value == tested && (yes == node || no == node),
            _ => false,
        };
        u32::try_from(self.nodes.iter().filter(leads).count()).is_ok_and(|count| count == wanted)
    }

    /// The memory word of a slot.
    fn word(&mut self, slot: Slot) -> u32 {
        let word = self.words.of(slot);
        self.in_room(word)
    }

    /// A word for a number that is needed in a moment.
    fn temporary(&mut self) -> u32 {
        let word = self.words.count.saturating_add(self.temporaries);
        self.temporaries = self.temporaries.saturating_add(1);
        self.in_room(word)
    }

    fn in_room(&mut self, word: u32) -> u32 {
        self.out_of_memory |= word >= MEMORY_WORDS;
        word.min(MEMORY_WORDS.saturating_sub(1))
    }

    /// One instruction brings it into the index register and leaves the accumulator alone.
    fn is_simple(&self, value: ValueId) -> bool {
        matches!(self.values.get(value), Value::Const(_) | Value::Len | Value::Slot(_))
            || header_len(self.values, value).is_some()
    }

    /// Whether computing it changes the index register.
    fn needs_x(&self, value: ValueId) -> bool {
        if self.now.a.holds(value) {
            return false;
        }
        match self.values.get(value) {
            Value::Const(_) | Value::Len | Value::Slot(_) | Value::Load(..) => false,
            Value::LoadAt(..) | Value::Answer(..) => true,
            Value::Negate(a) => self.needs_x(a),
            Value::Binary(_, a, b) => self.values.as_const(b).is_none() || self.needs_x(a),
        }
    }

    /// One number into the accumulator, another into the index register.
    fn operands(&mut self, a: ValueId, x: ValueId) {
        if self.now.x.holds(x) && !self.needs_x(a) || self.is_simple(x) {
            self.load_a(a);
            self.load_x(x);
        } else if !self.needs_x(a) && !self.now.a.holds(a) {
            self.load_x(x);
            self.load_a(a);
        } else if self.now.a.holds(a) {
            let word = self.temporary();
            self.push(code::ST, word);
            self.load_x(x);
            self.push(code::LD | code::MEM, word);
            self.now.a = Register(vec![a]);
        } else {
            self.load_a(x);
            let word = self.temporary();
            self.push(code::ST, word);
            self.load_a(a);
            self.push(code::LDX | code::MEM, word);
            self.now.x = Register(vec![x]);
        }
    }

    fn load_a(&mut self, value: ValueId) {
        if self.now.a.holds(value) {
            return;
        }
        if self.now.x.holds(value) {
            self.push(code::MISC | code::TXA, 0);
            self.now.a = self.now.x.clone();
            return;
        }
        match self.values.get(value) {
            Value::Const(constant) => self.push(code::LD | code::IMM, constant),
            Value::Len => self.push(code::LD | code::LEN, 0),
            Value::Slot(slot) => {
                self.in_memory |= slot_bit(slot);
                let word = self.word(slot);
                self.push(code::LD | code::MEM, word);
            }
            Value::Load(size, offset) => self.push(code::LD | code::ABS | size_code(size), offset),
            Value::LoadAt(size, base, offset) => {
                self.load_x(base);
                self.push(code::LD | code::IND | size_code(size), offset);
            }
            Value::Answer(question, at) => {
                self.load_x(at);
                self.push(ASK, question.into());
            }
            Value::Negate(a) => {
                self.load_a(a);
                self.push(code::ALU | code::NEG, 0);
            }
            Value::Binary(operator, a, b) => match self.values.as_const(b) {
                Some(constant) => {
                    self.load_a(a);
                    self.push(code::ALU | operator_code(operator) | code::K, constant);
                }
                None => {
                    use Operator::*;
                    let commutes = matches!(operator, Add | Mul | And | Or | Xor);
                    let swap = commutes && (self.now.x.holds(a) || self.is_simple(a)) && !self.now.x.holds(b);
                    if swap {
                        self.operands(b, a)
                    } else {
                        self.operands(a, b)
                    }
                    self.push(code::ALU | operator_code(operator) | code::X, 0);
                }
            },
        }
        self.now.a = Register(vec![value]);
    }

    fn load_x(&mut self, value: ValueId) {
        if self.now.x.holds(value) {
            return;
        }
        match self.values.get(value) {
            _ if self.now.a.holds(value) => {
                self.push(code::MISC | code::TAX, 0);
                self.now.x = self.now.a.clone();
                return;
            }
            Value::Const(constant) => self.push(code::LDX | code::IMM, constant),
            Value::Len => self.push(code::LDX | code::LEN, 0),
            Value::Slot(slot) => {
                self.in_memory |= slot_bit(slot);
                let word = self.word(slot);
                self.push(code::LDX | code::MEM, word);
            }
            _ => match header_len(self.values, value) {
                Some(offset) => self.push(code::LDX | code::MSH | code::B, offset),
                None => {
                    self.load_a(value);
                    self.push(code::MISC | code::TAX, 0);
                    self.now.x = self.now.a.clone();
                    return;
                }
            },
        }
        self.now.x = Register(vec![value]);
    }
}

/// The order of nodes in the program: each behind all that lead to it, and right behind a slot that is set what
/// follows it, where that can be.
fn order(graph: &Graph, root: NodeId, reachable: &[NodeId], mut waiting: PerNode<u32>) -> Vec<NodeId> {
    let mut order = Vec::with_capacity(reachable.len());
    let mut placed = PerNode::new(graph, false);
    let mut ready = std::collections::BTreeSet::from([root]);
    let mut wanted = None;
    while let Some(id) = wanted.take().filter(|id| ready.contains(id)).or_else(|| ready.last().copied()) {
        ready.remove(&id);
        if placed.get(id) == Some(&true) {
            continue;
        }
        placed.put(id, true);
        order.push(id);
        let node = graph.get(id);
        for next in node.next() {
            if let Some(count) = waiting.get_mut(next) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert(next);
                }
            }
        }
        if let Node::Set { next, .. } = node {
            wanted = Some(next);
        }
    }
    // The verdicts are the oldest nodes and so come last: refusal is the very last one.
    debug_assert!(order.iter().rev().skip(1).all(|id| *id != REJECT));
    order
}

fn size_code(size: Size) -> u16 {
    match size {
        Size::Byte => code::B,
        Size::Half => code::H,
        Size::Word => code::W,
    }
}

fn operator_code(operator: Operator) -> u16 {
    match operator {
        Operator::Add => code::ADD,
        Operator::Sub => code::SUB,
        Operator::Mul => code::MUL,
        Operator::Div => code::DIV,
        Operator::Mod => code::MOD,
        Operator::And => code::AND,
        Operator::Or => code::OR,
        Operator::Xor => code::XOR,
        Operator::Lsh => code::LSH,
        Operator::Rsh => code::RSH,
    }
}
