//! Comparisons of numbers computed from the packet.

use super::super::ast::{Arith, ArithKind, ByteTest, Comparison, Operator, Protocol};
use super::super::link::{self, Kind};
use super::super::predicate::{Op, PredId};
use super::super::value::{Size, ValueId};
use super::{Lower, Place, Result, ethertype, word};

/// A number, and what must hold of the packet for it to mean something.
struct Computed {
    value: ValueId,
    guard: Option<PredId>,
    /// What must hold wherever the number stands, because it finds where the number is.
    finds: Option<PredId>,
}

impl Computed {
    fn plain(value: ValueId) -> Self {
        Computed { value, guard: None, finds: None }
    }
}

impl Lower<'_> {
    pub(super) fn relation(&mut self, left: &Arith, comparison: Comparison, right: &Arith) -> Result<PredId> {
        let left = self.arith(left)?;
        let right = self.arith(right)?;
        self.free_word();
        self.free_word();
        let constant = |value| self.preds.values.as_const(value).is_some();
        self.compares_constants |= constant(left.value) && constant(right.value);
        let test = self.comparison(left.value, comparison, right.value);
        let guards = [left.guard, right.guard, left.finds, right.finds, Some(test)];
        Ok(self.preds.all(guards.into_iter().flatten()))
    }

    fn comparison(&mut self, a: ValueId, comparison: Comparison, b: ValueId) -> PredId {
        use Comparison::*;
        // A constant goes to the right, where instructions have room for it.
        let swap = self.preds.values.as_const(a).is_some() && self.preds.values.as_const(b).is_none();
        let (a, comparison, b) = match (swap, comparison) {
            (false, _) => (a, comparison, b),
            (true, Equal | NotEqual) => (b, comparison, a),
            (true, Greater) => (b, Less, a),
            (true, GreaterEqual) => (b, LessEqual, a),
            (true, Less) => (b, Greater, a),
            (true, LessEqual) => (b, GreaterEqual, a),
        };
        match comparison {
            Equal => self.preds.compare(a, Op::Equal, b),
            Greater => self.preds.compare(a, Op::Greater, b),
            GreaterEqual => self.preds.compare(a, Op::GreaterEqual, b),
            NotEqual | Less | LessEqual => {
                let opposite = match comparison {
                    NotEqual => Op::Equal,
                    Less => Op::GreaterEqual,
                    _ => Op::Greater,
                };
                let opposite = self.preds.compare(a, opposite, b);
                self.preds.not(opposite)
            }
        }
    }

    fn arith(&mut self, arith: &Arith) -> Result<Computed> {
        match &arith.kind {
            ArithKind::Number(number) => {
                self.take_word()?;
                Ok(Computed::plain(self.preds.values.constant(*number)))
            }
            ArithKind::Len => {
                self.take_word()?;
                Ok(Computed::plain(self.preds.values.len()))
            }
            ArithKind::Negate(inner) => {
                let inner = self.arith(inner)?;
                Ok(Computed { value: self.preds.values.negate(inner.value), ..inner })
            }
            ArithKind::Binary(operator, left, right) => {
                let span = right.span;
                let a = self.arith(left)?;
                let b = self.arith(right)?;
                self.free_word();
                self.span = span;
                self.operand(*operator, a.value, b.value, leftmost(right))?;
                // What the right side requires of the packet is not asked, as ever in this language.
                let value = self.preds.values.binary(*operator, a.value, b.value);
                let finds = self.both(a.finds, b.finds);
                Ok(Computed { value, guard: a.guard, finds })
            }
            ArithKind::Load(protocol, index, size) => {
                let inner = self.arith(index)?;
                self.take_word()?;
                self.free_word();
                self.span = arith.span;
                self.indexed(*protocol, inner, size_of(*size))
            }
            ArithKind::LoadUpper(upper, index, size) => {
                let inner = self.arith(index)?;
                self.span = arith.span;
                let (there, place) = self.upper(*upper)?;
                let at = self.preds.values.binary(Operator::Add, place, inner.value);
                let value = self.preds.values.load_at(size_of(*size), at, self.network_place().fixed);
                let guard = self.both(inner.guard, inner.finds);
                Ok(Computed { value, guard: None, finds: self.both(guard, Some(there)) })
            }
        }
    }

    /// Refuses operands that no operation has. libpcap looks at the first literal of the right side as well, though
    /// more may follow it; so does this, to refuse what it refuses.
    fn operand(&self, operator: Operator, a: ValueId, b: ValueId, first: Option<u32>) -> Result<()> {
        let values = &self.preds.values;
        match (operator, first, values.as_const(a), values.as_const(b)) {
            (Operator::Div | Operator::Mod, Some(0), _, _) | (Operator::Div | Operator::Mod, _, _, Some(0)) => {
                self.fail("division by zero")
            }
            (Operator::Lsh | Operator::Rsh, Some(32..), _, _)
            | (Operator::Lsh | Operator::Rsh, _, None, Some(32..)) => self.fail("a shift by more than 31 bits"),
            _ => Ok(()),
        }
    }

    /// Bytes of a protocol's header.
    fn indexed(&mut self, protocol: Protocol, index: Computed, size: Size) -> Result<Computed> {
        use Protocol::*;
        match protocol {
            Link => {
                let value = self.load_indexed(self.state.header, size, index.value)?;
                Ok(Computed { value, ..index })
            }
            Radio => {
                if !matches!(self.state.kind, Kind::Wlan(link::Radio::Avs | link::Radio::Prism | link::Radio::Radiotap))
                {
                    return self.fail("this link type has no radio header");
                }
                let value = self.load_indexed(Place::at(0), size, index.value)?;
                Ok(Computed { value, ..index })
            }
            Ip | Ip6 | Arp | Rarp | Atalk | Decnet | Lat | Sca | Moprc | Mopdl => {
                let carries = self.protocol(protocol)?;
                let value = self.load_indexed(self.network_place(), size, index.value)?;
                Ok(self.guarded(value, [index.guard, Some(carries)], index.finds))
            }
            Tcp | Udp | Sctp | Icmp | Igmp | Igrp | Pim | Vrrp | Carp => {
                let ip = self.ethertype(ethertype::IPV4)?;
                let carries = self.protocol(protocol)?;
                let first = self.first_fragment()?;
                let header = self.ipv4_transport_place()?;
                let at = self.preds.values.binary(Operator::Add, header, index.value);
                let value = self.preds.values.load_at(size, at, self.network_place().fixed);
                Ok(self.guarded(value, [Some(ip), index.guard, Some(carries), Some(first)], index.finds))
            }
            Icmp6 => {
                let ip6 = self.ethertype(ethertype::IPV6)?;
                let next = self.load_network(Size::Byte, 6)?;
                let carries = self.preds.equal(next, super::protocol::ICMP6);
                let value = self.load_indexed(self.network_place().past(40), size, index.value)?;
                Ok(self.guarded(value, [index.guard, Some(ip6), Some(carries)], index.finds))
            }
            other => self.fail(format!("bytes of '{}' cannot be indexed", word(other))),
        }
    }

    fn load_indexed(&mut self, place: Place, size: Size, index: ValueId) -> Result<ValueId> {
        if place.base == super::Base::None
            && let Some(index) = self.preds.values.as_const(index)
            && place.fixed.checked_add(index).is_some_and(|sum| sum < super::OUTSIDE)
        {
            return self.load(place, size, index);
        }
        let at = match self.base(place.base)? {
            Some(base) => self.preds.values.binary(Operator::Add, base, index),
            None => index,
        };
        Ok(self.preds.values.load_at(size, at, place.fixed))
    }

    fn guarded<const N: usize>(
        &mut self,
        value: ValueId,
        guards: [Option<PredId>; N],
        finds: Option<PredId>,
    ) -> Computed {
        let guard = self.preds.all(guards.into_iter().flatten());
        Computed { value, guard: Some(guard), finds }
    }

    fn both(&mut self, a: Option<PredId>, b: Option<PredId>) -> Option<PredId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.preds.and(a, b)),
            (a, b) => a.or(b),
        }
    }

    /// `byte N op V`, from the link header.
    pub(super) fn byte(&mut self, offset: u32, test: ByteTest, value: u32) -> Result<PredId> {
        let byte = self.load_header(Size::Byte, offset)?;
        Ok(match test {
            ByteTest::Equal => self.preds.equal(byte, value),
            ByteTest::Greater => self.preds.test(byte, Op::Greater, value),
            ByteTest::Less => {
                let least = self.preds.test(byte, Op::GreaterEqual, value);
                self.preds.not(least)
            }
            ByteTest::And => self.preds.test(byte, Op::AnyBit, value),
            ByteTest::Or => {
                let either = self.binary_const(Operator::Or, byte, value);
                let none = self.preds.equal(either, 0);
                self.preds.not(none)
            }
        })
    }
}

/// The literal that a number's text begins with, not counting signs, parentheses and the names of headers.
fn leftmost(arith: &Arith) -> Option<u32> {
    match &arith.kind {
        ArithKind::Number(number) => Some(*number),
        ArithKind::Len => None,
        ArithKind::Load(_, inner, _)
        | ArithKind::LoadUpper(_, inner, _)
        | ArithKind::Negate(inner)
        | ArithKind::Binary(_, inner, _) => leftmost(inner),
    }
}

fn size_of(bytes: u32) -> Size {
    match bytes {
        1 => Size::Byte,
        2 => Size::Half,
        _ => Size::Word,
    }
}
