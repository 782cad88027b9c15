//! What must hold of a packet, as tests joined by and, or and not: the stage between the language and the graph.

use super::ast::Operator;
use super::value::{Size, Slot, Value, ValueId, Values, slot_bit};

/// A condition in [`Predicates`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct PredId(u32);

/// How two numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Op {
    Equal,
    Greater,
    GreaterEqual,
    /// Some bit is set in both.
    AnyBit,
}

/// One comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Test {
    pub value: ValueId,
    pub op: Op,
    pub other: ValueId,
}

/// A condition. The left side is decided first, and the right side only if it matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pred {
    Const(bool),
    Test(Test),
    /// Always true, and sets a slot.
    Set(Slot, ValueId),
    And(PredId, PredId),
    Or(PredId, PredId),
    Not(PredId),
}

/// All conditions of an expression, and the numbers that they test.
#[derive(Clone, Debug, Default)]
pub(super) struct Predicates {
    pub values: Values,
    list: Vec<Pred>,
    /// Of each condition.
    parts: Vec<Parts>,
}

/// What a condition has in it.
#[derive(Clone, Copy, Default, Debug)]
struct Parts {
    asks: bool,
    /// Slots, a bit each.
    reads: u64,
    sets: u64,
}

impl Predicates {
    pub fn get(&self, id: PredId) -> Pred {
        self.list.get(id.0 as usize).copied().unwrap_or(Pred::Const(false))
    }

    fn add(&mut self, pred: Pred) -> PredId {
        let parts = match pred {
            Pred::Const(_) => Parts::default(),
            Pred::Test(test) => Parts {
                asks: self.is_question(test),
                reads: self.values.slots(test.value) | self.values.slots(test.other),
                sets: 0,
            },
            Pred::Set(slot, value) => Parts { asks: false, reads: self.values.slots(value), sets: slot_bit(slot) },
            Pred::Not(inner) => self.parts(inner),
            Pred::And(a, b) | Pred::Or(a, b) => {
                let (a, b) = (self.parts(a), self.parts(b));
                Parts { asks: a.asks || b.asks, reads: a.reads | b.reads, sets: a.sets | b.sets }
            }
        };
        self.parts.push(parts);
        let id = PredId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(pred);
        id
    }

    pub fn constant(&mut self, value: bool) -> PredId {
        self.add(Pred::Const(value))
    }

    pub fn and(&mut self, a: PredId, b: PredId) -> PredId {
        match (self.get(a), self.get(b)) {
            (Pred::Const(true), _) => b,
            (Pred::Const(false), _) | (_, Pred::Const(true)) => a,
            _ => self.add(Pred::And(a, b)),
        }
    }

    pub fn or(&mut self, a: PredId, b: PredId) -> PredId {
        match (self.get(a), self.get(b)) {
            (Pred::Const(false), _) => b,
            (Pred::Const(true), _) | (_, Pred::Const(false)) => a,
            _ => self.add(Pred::Or(a, b)),
        }
    }

    pub fn not(&mut self, a: PredId) -> PredId {
        match self.get(a) {
            Pred::Const(value) => self.constant(!value),
            Pred::Not(inner) => inner,
            _ => self.add(Pred::Not(a)),
        }
    }

    /// All of these; true for none.
    pub fn all(&mut self, preds: impl IntoIterator<Item = PredId>) -> PredId {
        let mut preds = preds.into_iter();
        match preds.next() {
            Some(first) => preds.fold(first, |a, b| self.and(a, b)),
            None => self.constant(true),
        }
    }

    /// Any of these; false for none.
    pub fn any(&mut self, preds: impl IntoIterator<Item = PredId>) -> PredId {
        let mut preds = preds.into_iter();
        match preds.next() {
            Some(first) => preds.fold(first, |a, b| self.or(a, b)),
            None => self.constant(false),
        }
    }

    pub fn set(&mut self, slot: Slot, value: ValueId) -> PredId {
        self.add(Pred::Set(slot, value))
    }

    /// A comparison of two numbers; decided at once where both are constant.
    pub fn compare(&mut self, value: ValueId, op: Op, other: ValueId) -> PredId {
        match (self.values.as_const(value), self.values.as_const(other)) {
            (Some(a), Some(b)) => self.constant(holds(a, op, b)),
            (None, Some(wanted)) if op == Op::Equal => self.equal_constant(value, wanted, other),
            _ => self.add(Pred::Test(Test { value, op, other })),
        }
    }

    /// A test for equality with a constant; of bits, if it is one of bits.
    fn equal_constant(&mut self, value: ValueId, wanted: u32, other: ValueId) -> PredId {
        if let Value::Binary(Operator::And, masked, mask) = self.values.get(value)
            && let Some(bits) = self.values.as_const(mask)
        {
            if wanted == 0 {
                let some = self.add(Pred::Test(Test { value: masked, op: Op::AnyBit, other: mask }));
                return self.not(some);
            }
            if wanted == bits && bits.is_power_of_two() {
                return self.add(Pred::Test(Test { value: masked, op: Op::AnyBit, other: mask }));
            }
        }
        if let Some((inner, wanted)) = self.values.without_constant(value, wanted) {
            return self.equal(inner, wanted);
        }
        self.add(Pred::Test(Test { value, op: Op::Equal, other }))
    }

    /// A comparison with a constant.
    pub fn test(&mut self, value: ValueId, op: Op, constant: u32) -> PredId {
        let other = self.values.constant(constant);
        self.compare(value, op, other)
    }

    pub fn equal(&mut self, value: ValueId, constant: u32) -> PredId {
        self.test(value, Op::Equal, constant)
    }

    /// Whether the number under a mask is this constant.
    pub fn masked(&mut self, value: ValueId, mask: u32, constant: u32) -> PredId {
        let mask = self.values.constant(mask);
        let masked = self.values.binary(Operator::And, value, mask);
        self.equal(masked, constant)
    }

    pub fn between(&mut self, value: ValueId, low: u32, high: u32) -> PredId {
        if low == high {
            return self.equal(value, low);
        }
        let from = self.test(value, Op::GreaterEqual, low);
        let over = self.test(value, Op::Greater, high);
        let to = self.not(over);
        self.and(from, to)
    }

    /// Both of these. What a question costs, only those packets should that everything else is true of: what asks
    /// none comes first, unless it needs what the other finds on the way.
    pub fn both(&mut self, a: PredId, b: PredId) -> PredId {
        let (first, second) = (self.parts(a), self.parts(b));
        let apart = first.sets & second.reads == 0 && second.sets & first.reads == 0;
        if first.asks && !second.asks && apart { self.and(b, a) } else { self.and(a, b) }
    }

    /// Whether a test is of a question's answer.
    pub fn is_question(&self, test: Test) -> bool {
        matches!(self.values.get(test.value), Value::Answer(..))
    }

    fn parts(&self, id: PredId) -> Parts {
        self.parts.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// The bytes at a fixed offset.
    pub fn load(&mut self, size: Size, offset: u32) -> ValueId {
        self.values.load(size, offset)
    }
}

/// Whether a comparison of two constants holds.
pub(super) fn holds(a: u32, op: Op, b: u32) -> bool {
    match op {
        Op::Equal => a == b,
        Op::Greater => a > b,
        Op::GreaterEqual => a >= b,
        Op::AnyBit => a & b != 0,
    }
}
