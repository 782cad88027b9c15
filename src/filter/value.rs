//! Numbers that a program can compute from a packet, each kept once.
//!
//! Equal numbers have equal ids, so that "is this already known?" is a comparison of two integers.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::ast::Operator;

/// A number in [`Values`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct ValueId(u32);

/// A variable that a program sets on the way, once on any path before it is read there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Slot(pub u8);

/// How many bytes a load reads, in network byte order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Size {
    Byte,
    Half,
    Word,
}

/// How a number comes about. All arithmetic is of 32 bits and wraps. A load outside the captured bytes, or a
/// division by zero, ends the program: the packet is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Value {
    Const(u32),
    /// Length on the wire.
    Len,
    Slot(Slot),
    /// The bytes at a fixed offset.
    Load(Size, u32),
    /// The bytes at a computed offset and a constant; the sum of the two does not wrap.
    LoadAt(Size, ValueId, u32),
    /// The answer to a question about the packet from this offset on: 0 or 1.
    Answer(u8, ValueId),
    Negate(ValueId),
    Binary(Operator, ValueId, ValueId),
}

/// Offsets from here on are never inside a packet.
const OUTSIDE: u32 = 1 << 31;

/// All numbers of a program.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    list: Vec<Value>,
    /// For each number the slots that it reads, a bit each.
    slots: Vec<u64>,
    ids: HashMap<Value, ValueId, FixedState>,
}

impl Values {
    pub fn get(&self, id: ValueId) -> Value {
        self.list.get(id.0 as usize).copied().unwrap_or(Value::Const(0))
    }

    fn intern(&mut self, value: Value) -> ValueId {
        if let Some(id) = self.ids.get(&value) {
            return *id;
        }
        let slots = match value {
            Value::Const(_) | Value::Len | Value::Load(..) => 0,
            Value::Slot(slot) => slot_bit(slot),
            Value::LoadAt(_, a, _) | Value::Answer(_, a) | Value::Negate(a) => self.slots(a),
            Value::Binary(_, a, b) => self.slots(a) | self.slots(b),
        };
        let id = ValueId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(value);
        self.slots.push(slots);
        self.ids.insert(value, id);
        id
    }

    /// The slots that a number reads, a bit each.
    pub fn slots(&self, id: ValueId) -> u64 {
        self.slots.get(id.0 as usize).copied().unwrap_or(0)
    }

    pub fn constant(&mut self, value: u32) -> ValueId {
        self.intern(Value::Const(value))
    }

    pub fn as_const(&self, id: ValueId) -> Option<u32> {
        match self.get(id) {
            Value::Const(value) => Some(value),
            _ => None,
        }
    }

    pub fn len(&mut self) -> ValueId {
        self.intern(Value::Len)
    }

    pub fn slot(&mut self, slot: Slot) -> ValueId {
        self.intern(Value::Slot(slot))
    }

    pub fn load(&mut self, size: Size, offset: u32) -> ValueId {
        self.intern(Value::Load(size, offset))
    }

    /// The bytes at `base + offset`, where the sum does not wrap.
    pub fn load_at(&mut self, size: Size, base: ValueId, offset: u32) -> ValueId {
        match self.get(base) {
            Value::Const(base) if u64::from(base).saturating_add(offset.into()) < OUTSIDE.into() => {
                self.load(size, base.wrapping_add(offset))
            }
            // A constant part of the base goes into the offset where nothing can have wrapped.
            Value::Binary(Operator::Add, a, b) if self.as_const(b).is_some() => {
                let constant = self.as_const(b).unwrap_or(0);
                let highest = u64::from(self.max(a)).saturating_add(constant.into()).saturating_add(offset.into());
                if highest < OUTSIDE.into() {
                    self.load_at(size, a, offset.wrapping_add(constant))
                } else {
                    self.intern(Value::LoadAt(size, base, offset))
                }
            }
            _ => self.intern(Value::LoadAt(size, base, offset)),
        }
    }

    /// The answer to a question of this number, asked of the packet from `at` on.
    pub fn answer(&mut self, question: u8, at: ValueId) -> ValueId {
        self.intern(Value::Answer(question, at))
    }

    pub fn negate(&mut self, a: ValueId) -> ValueId {
        match self.get(a) {
            Value::Const(a) => self.constant(a.wrapping_neg()),
            _ => self.intern(Value::Negate(a)),
        }
    }

    /// `a operator b`, folded where both are constant; a division by a constant 0 is left as it is.
    pub fn binary(&mut self, operator: Operator, a: ValueId, b: ValueId) -> ValueId {
        use Operator::*;
        match (self.as_const(a), self.as_const(b)) {
            (Some(x), Some(y)) => {
                if let Some(folded) = apply(operator, x, y) {
                    return self.constant(folded);
                }
            }
            (_, Some(0)) if matches!(operator, Add | Sub | Or | Xor | Lsh | Rsh) => return a,
            (Some(0), _) if matches!(operator, Add | Or | Xor) => return b,
            (_, Some(1)) if matches!(operator, Mul | Div) => return a,
            (_, Some(0)) if matches!(operator, And | Mul) => return b,
            (_, Some(u32::MAX)) if operator == And => return a,
            // Constants to the right, where instructions have room for them.
            (Some(_), None) if matches!(operator, Add | Mul | And | Or | Xor) => return self.binary(operator, b, a),
            (None, Some(y)) if operator == Add => {
                if let Value::Binary(Add, inner, c) = self.get(a)
                    && let Some(c) = self.as_const(c)
                {
                    let sum = self.constant(c.wrapping_add(y));
                    return self.binary(Add, inner, sum);
                }
            }
            _ => {}
        }
        self.intern(Value::Binary(operator, a, b))
    }

    /// For a number that is another one plus, minus or xor a constant: that other one, and what it is when this is
    /// `wanted`.
    pub fn without_constant(&self, id: ValueId, wanted: u32) -> Option<(ValueId, u32)> {
        let Value::Binary(operator, inner, constant) = self.get(id) else { return None };
        let constant = self.as_const(constant)?;
        match operator {
            Operator::Add => Some((inner, wanted.wrapping_sub(constant))),
            Operator::Sub => Some((inner, wanted.wrapping_add(constant))),
            Operator::Xor => Some((inner, wanted ^ constant)),
            _ => None,
        }
    }

    /// Whether it reads the packet.
    pub fn reads(&self, id: ValueId) -> bool {
        match self.get(id) {
            Value::Const(_) | Value::Len | Value::Slot(_) => false,
            Value::Load(_, offset) => offset < crate::bpf::ANCILLARY,
            Value::LoadAt(..) | Value::Answer(..) => true,
            Value::Negate(a) => self.reads(a),
            Value::Binary(_, a, b) => self.reads(a) || self.reads(b),
        }
    }

    /// No value of this number is greater.
    pub fn max(&self, id: ValueId) -> u32 {
        match self.get(id) {
            Value::Const(value) => value,
            Value::Answer(..) => 1,
            Value::Load(Size::Byte, _) | Value::LoadAt(Size::Byte, ..) => 0xff,
            Value::Load(Size::Half, _) | Value::LoadAt(Size::Half, ..) => 0xffff,
            Value::Binary(operator, a, b) => {
                let (x, y) = (self.max(a), self.max(b));
                match operator {
                    Operator::Add => x.saturating_add(y),
                    Operator::And => x.min(y),
                    Operator::Or | Operator::Xor => {
                        let bits = u32::BITS.saturating_sub(x.max(y).leading_zeros());
                        1u64.checked_shl(bits).and_then(|v| u32::try_from(v.saturating_sub(1)).ok()).unwrap_or(u32::MAX)
                    }
                    Operator::Lsh => match self.as_const(b) {
                        Some(y) => u64::from(x).checked_shl(y).and_then(|v| u32::try_from(v).ok()).unwrap_or(u32::MAX),
                        None => u32::MAX,
                    },
                    Operator::Rsh => self.as_const(b).and_then(|y| x.checked_shr(y)).unwrap_or(x),
                    Operator::Div => self.as_const(b).and_then(|y| x.checked_div(y)).unwrap_or(x),
                    Operator::Mod => self.as_const(b).map_or(x, |y| x.min(y.saturating_sub(1))),
                    Operator::Mul => x.saturating_mul(y),
                    Operator::Sub => u32::MAX,
                }
            }
            // Slots hold offsets into headers.
            Value::Slot(_) => 0xffff,
            Value::Len | Value::Load(Size::Word, _) | Value::LoadAt(Size::Word, ..) | Value::Negate(_) => u32::MAX,
        }
    }

    /// The same number with constants or other numbers in place of slots.
    pub fn with_slots(&mut self, id: ValueId, value_of: &dyn Fn(Slot) -> Option<ValueId>) -> ValueId {
        if self.slots(id) == 0 {
            return id;
        }
        match self.get(id) {
            Value::Slot(slot) => value_of(slot).unwrap_or(id),
            Value::LoadAt(size, base, offset) => {
                let base = self.with_slots(base, value_of);
                self.load_at(size, base, offset)
            }
            Value::Answer(question, at) => {
                let at = self.with_slots(at, value_of);
                self.answer(question, at)
            }
            Value::Negate(a) => {
                let a = self.with_slots(a, value_of);
                self.negate(a)
            }
            Value::Binary(operator, a, b) => {
                let (a, b) = (self.with_slots(a, value_of), self.with_slots(b, value_of));
                self.binary(operator, a, b)
            }
            Value::Const(_) | Value::Len | Value::Load(..) => id,
        }
    }
}

/// The bit of a slot in a set of slots.
pub(super) fn slot_bit(slot: Slot) -> u64 {
    1u64.checked_shl(slot.0.into()).unwrap_or(0)
}

/// What an operation gives; nothing for a division by zero.
pub(super) fn apply(operator: Operator, a: u32, b: u32) -> Option<u32> {
    Some(match operator {
        Operator::Add => a.wrapping_add(b),
        Operator::Sub => a.wrapping_sub(b),
        Operator::Mul => a.wrapping_mul(b),
        Operator::Div => a.checked_div(b)?,
        Operator::Mod => a.checked_rem(b)?,
        Operator::And => a & b,
        Operator::Or => a | b,
        Operator::Xor => a ^ b,
        Operator::Lsh => a.checked_shl(b).unwrap_or(0),
        Operator::Rsh => a.checked_shr(b).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_fold_and_move_into_offsets() {
        let mut v = Values::default();
        let byte = v.load(Size::Byte, 14);
        let (three, four) = (v.constant(3), v.constant(4));
        let sum = v.binary(Operator::Add, three, byte);
        let sum = v.binary(Operator::Add, sum, four);
        let load = v.load_at(Size::Half, sum, 10);
        assert_eq!(v.get(load), Value::LoadAt(Size::Half, byte, 17));
        let word = v.load(Size::Word, 0);
        let sum = v.binary(Operator::Add, word, four);
        let load = v.load_at(Size::Half, sum, 10);
        assert_eq!(v.get(load), Value::LoadAt(Size::Half, sum, 10), "the sum may have wrapped");
        let load = v.load_at(Size::Byte, three, 4);
        assert_eq!(v.get(load), Value::Load(Size::Byte, 7));
    }

    #[test]
    fn operations_are_those_of_the_kernel() {
        assert_eq!(apply(Operator::Lsh, 1, 32), Some(0));
        assert_eq!(apply(Operator::Sub, 0, 1), Some(u32::MAX));
        assert_eq!(apply(Operator::Div, 1, 0), None);
        assert_eq!(apply(Operator::Mod, 1, 0), None);
    }
}
