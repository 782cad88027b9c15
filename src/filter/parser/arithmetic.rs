//! Arithmetic and comparisons.
//!
//! Precedence from low to high: `|`, `&`, shifts, `+ -`, `* /`, unary minus. `%` and `^` have none: they take the
//! single operand on their left and everything on their right, as they always have in this language.

use super::super::ast::{Arith, ArithKind, Comparison, Expr, Operator, Term, Upper};
use super::super::token::Kind;
use super::super::words::Word;
use super::Parser;
use crate::diagnostic::{Error, Span};

/// The most operations in one number.
const MAX_OPERATIONS: usize = 1000;

/// A number that is being read.
pub(super) enum Number {
    /// A literal, perhaps in parentheses: it may yet turn out to be an id.
    Plain(u32, Span),
    Computed(Arith),
}

impl Number {
    fn arith(self) -> Arith {
        match self {
            Number::Plain(value, span) => Arith { kind: ArithKind::Number(value), span },
            Number::Computed(arith) => arith,
        }
    }
}

/// An operator and its precedence; `None` binds whatever stands around it.
fn operator(sign: &str) -> Option<(Operator, Option<u8>)> {
    Some(match sign {
        "|" => (Operator::Or, Some(1)),
        "&" => (Operator::And, Some(2)),
        "<<" => (Operator::Lsh, Some(3)),
        ">>" => (Operator::Rsh, Some(3)),
        "+" => (Operator::Add, Some(4)),
        "-" => (Operator::Sub, Some(4)),
        "*" => (Operator::Mul, Some(5)),
        "/" => (Operator::Div, Some(5)),
        "%" => (Operator::Mod, None),
        "^" => (Operator::Xor, None),
        _ => return None,
    })
}

/// Above every operator that has a precedence.
const UNARY: u8 = 6;

pub(super) fn comparison(sign: &str) -> Option<Comparison> {
    Some(match sign {
        "=" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessEqual,
        _ => return None,
    })
}

impl Parser<'_> {
    /// Whether a number just read goes on as arithmetic or a comparison.
    pub(super) fn continues_arithmetic(&self) -> bool {
        self.sign().is_some_and(|sign| operator(sign).is_some() || comparison(sign).is_some())
    }

    /// A literal number.
    pub(super) fn number(&mut self) -> Result<u32, Error> {
        match *self.peek() {
            Kind::Number(value) => {
                self.advance();
                Ok(value)
            }
            _ => Err(self.unexpected("a number")),
        }
    }

    /// A whole comparison whose left side has begun with `first`.
    pub(super) fn relation(&mut self, first: Number) -> Result<Expr, Error> {
        let left = self.operations(first, 0)?.arith();
        let Some(comparison) = self.sign().and_then(comparison) else {
            return Err(self.unexpected("a comparison such as '=' or '>'"));
        };
        self.advance();
        let right = self.primary()?;
        let right = self.operations(right, 0)?.arith();
        let span = left.span.to(right.span);
        Ok(Expr::Term(Term::Relation(left, comparison, right), span))
    }

    /// The operations that follow a first operand and bind at least as tightly as `least`.
    pub(super) fn operations(&mut self, first: Number, least: u8) -> Result<Number, Error> {
        let mut left = first;
        let mut count: usize = 0;
        while let Some((operator, precedence)) = self.sign().and_then(operator) {
            if precedence.is_some_and(|p| p < least) {
                break;
            }
            count = count.saturating_add(1);
            if count > MAX_OPERATIONS {
                return Err(Error::new(self.span(), format!("more than {MAX_OPERATIONS} operations in one number")));
            }
            self.advance();
            let right_least = precedence.map_or(0, |p| p.saturating_add(1));
            let right = self.nested(|p| {
                let right = p.primary()?;
                p.operations(right, right_least)
            })?;
            let (a, b) = (left.arith(), right.arith());
            let span = a.span.to(b.span);
            left = Number::Computed(Arith { kind: ArithKind::Binary(operator, Box::new(a), Box::new(b)), span });
        }
        Ok(left)
    }

    /// A literal, `len`, bytes of a header, a negation, or arithmetic in parentheses.
    pub(super) fn primary(&mut self) -> Result<Number, Error> {
        let start = self.span();
        let bracket = self.peek_past(1) == &Kind::Sign("[");
        let kind = match self.peek() {
            Kind::Number(value) => {
                let value = *value;
                self.advance();
                return Ok(Number::Plain(value, start));
            }
            Kind::Word(Word::Len) => {
                self.advance();
                ArithKind::Len
            }
            Kind::Sign("-") => {
                self.advance();
                let operand = self.nested(|p| {
                    let operand = p.primary()?;
                    p.operations(operand, UNARY)
                })?;
                ArithKind::Negate(Box::new(operand.arith()))
            }
            Kind::Sign("(") => {
                self.advance();
                let inner = self.nested(|p| {
                    let first = p.primary()?;
                    p.operations(first, 0)
                })?;
                self.expect(")")?;
                return Ok(inner);
            }
            Kind::Word(Word::Protocol(protocol)) if bracket => {
                let protocol = *protocol;
                let (index, size) = self.index()?;
                ArithKind::Load(protocol, index, size)
            }
            Kind::Name(name) if bracket => {
                let upper = match name.as_str() {
                    "l4" => Upper::Transport,
                    "payload" => Upper::Payload,
                    _ => return Err(Error::new(start, format!("'{name}' is no header to take bytes from"))),
                };
                let (index, size) = self.index()?;
                ArithKind::LoadUpper(upper, index, size)
            }
            _ => return Err(self.unexpected("a number, 'len' or bytes such as 'ip[0]'")),
        };
        Ok(Number::Computed(Arith { kind, span: self.since(start) }))
    }

    /// A header's name, already looked at, and the index in brackets behind it: offset and size.
    fn index(&mut self) -> Result<(Box<Arith>, u32), Error> {
        self.advance();
        self.advance();
        let index = self.nested(|p| {
            let first = p.primary()?;
            p.operations(first, 0)
        })?;
        let size = if self.take(":") { self.size()? } else { 1 };
        self.expect("]")?;
        Ok((Box::new(index.arith()), size))
    }

    fn size(&mut self) -> Result<u32, Error> {
        let span = self.span();
        match self.number()? {
            size @ (1 | 2 | 4) => Ok(size),
            _ => Err(Error::new(span, "1, 2 or 4 bytes can be read at once")),
        }
    }
}
