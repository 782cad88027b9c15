//! Tokens to an expression, by recursive descent.
//!
//! The language has two oddities that shape this file. A bare id (`443` in `port 80 or 443`) takes the qualifier of
//! the term just before it, so every function is told that qualifier and tells its own. And an opening parenthesis
//! may begin an expression, a list of ids, a number or arithmetic: [`Parser::group`] finds out which on the way.

mod arithmetic;
mod primitive;

use super::ast::{Expr, Id, Joint, Layer, Protocol, Qualifier, Term, Type};
use super::token::{Kind, Token};
use super::words::Word;
use crate::diagnostic::{Error, Span};
use arithmetic::Number;

/// How deep parentheses, braces, signs and negations may nest.
pub(super) const MAX_DEPTH: usize = 128;

/// Reads a whole expression; `None` if there is nothing but blanks, which means every packet.
pub(super) fn parse(tokens: &[Token]) -> Result<Option<Expr>, Error> {
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    if parser.peek() == &Kind::End {
        return Ok(None);
    }
    let expr = parser.expression(None)?;
    if parser.peek() != &Kind::End {
        return Err(parser.unexpected("'and', 'or' or the end"));
    }
    Ok(Some(expr))
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

/// What an operand of `and` or `or` turned out to be.
struct Operand {
    expr: Expr,
    /// The qualifier that a bare id after it would take.
    head: Option<Qualifier>,
    /// Whether it was an id that took the qualifier before it.
    is_id: bool,
}

/// What stood between parentheses.
enum Group {
    Number(Number),
    Ids(Expr),
    Expr(Expr),
}

static END: Kind = Kind::End;

impl Parser<'_> {
    fn peek(&self) -> &Kind {
        self.peek_past(0)
    }

    fn peek_past(&self, count: usize) -> &Kind {
        self.tokens.get(self.at.saturating_add(count)).map_or(&END, |token| &token.kind)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(Span::default(), |token| token.span)
    }

    /// From the start of one place to the last token taken.
    fn since(&self, start: Span) -> Span {
        let last = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |token| token.span);
        start.to(last)
    }

    fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn sign(&self) -> Option<&'static str> {
        match self.peek() {
            Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    /// Takes a sign if it is the next token.
    fn take(&mut self, sign: &str) -> bool {
        let found = self.sign() == Some(sign);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Error> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("'{sign}'"))) }
    }

    fn unexpected(&self, expected: &str) -> Error {
        let found = match self.peek() {
            Kind::End => "the end of the expression",
            Kind::Sign(sign) => sign,
            Kind::Word(_) => "this keyword",
            Kind::Number(_) => "a number",
            Kind::Ipv4(_) | Kind::Ipv6(_) | Kind::Mac(_) | Kind::Arcnet(_) => "an address",
            Kind::Name(_) => "a name",
            Kind::Text(_) => "a text",
        };
        let error = Error::new(self.span(), format!("expected {expected}, found {found}"));
        match self.peek() {
            Kind::Name(name) if name.contains('-') && name.starts_with("len") => {
                error.with_help("a '-' with no blank before it belongs to a name: write 'len - …'")
            }
            Kind::Name(name) if name.contains('-') && name.starts_with(|c: char| c.is_ascii_digit()) => {
                error.with_help("a '-' with no blank before it belongs to a name: put blanks around it")
            }
            Kind::Name(name) if super::words::lookup(&name.to_ascii_lowercase()).is_some() => {
                error.with_help(format!("keywords are in lower case: '{}'", name.to_ascii_lowercase()))
            }
            Kind::Name(_) | Kind::Ipv4(_) | Kind::Ipv6(_) if expected == TERM => {
                error.with_help("say what it is, as in 'host 10.0.0.1', 'net 10.0.0.0/8' or 'port 80'")
            }
            Kind::Number(_) if expected == TERM => error.with_help("say what it is, as in 'port 80' or 'len = 80'"),
            Kind::Mac(_) if expected == TERM => error.with_help("write 'ether host' before an Ethernet address"),
            _ => error,
        }
    }

    /// Runs `inner` one level deeper.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::new(self.span(), format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth = self.depth.saturating_add(1);
        let result = inner(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// Terms joined by `and` and `or`; `before` is the qualifier in front of the parenthesis that it stands in.
    fn expression(&mut self, before: Option<Qualifier>) -> Result<Expr, Error> {
        let first = self.operand(before, false)?;
        self.chain(first.expr, first.head)
    }

    /// The rest of an expression after its first operand.
    fn chain(&mut self, first: Expr, mut head: Option<Qualifier>) -> Result<Expr, Error> {
        let mut rest = Vec::new();
        while let Some(joint) = self.joint() {
            let next = self.operand(head, true)?;
            head = next.head;
            rest.push((joint, next.expr));
        }
        Ok(if rest.is_empty() { first } else { Expr::Chain(Box::new(first), rest) })
    }

    fn joint(&mut self) -> Option<Joint> {
        let joint = match self.sign()? {
            "and" => Joint::And,
            "or" => Joint::Or,
            _ => return None,
        };
        self.advance();
        Some(joint)
    }

    /// A term, or where `ids` are allowed an id that takes the qualifier `before`.
    fn operand(&mut self, before: Option<Qualifier>, ids: bool) -> Result<Operand, Error> {
        let start = self.span();
        if self.take("not") {
            let inner = self.nested(|p| p.operand(before, ids))?;
            return Ok(Operand { expr: Expr::Not(Box::new(inner.expr)), ..inner });
        }
        if let Some(question) = self.question()? {
            let expr = Expr::Term(Term::Question(question), self.since(start));
            return Ok(Operand { expr, head: None, is_id: false });
        }
        if let Some(layer) = self.named_layer(ids && before.is_some())? {
            return self.layer_term(layer, start);
        }
        let number = match self.peek() {
            Kind::Sign("(") => {
                self.advance();
                match self.nested(|p| p.group(before, ids))? {
                    Group::Expr(expr) => return Ok(Operand { expr, head: before, is_id: false }),
                    Group::Ids(expr) => return Ok(Operand { expr, head: before, is_id: true }),
                    Group::Number(number) => Some(number),
                }
            }
            Kind::Sign("-") | Kind::Number(_) | Kind::Word(Word::Len) => Some(self.primary()?),
            Kind::Word(Word::Protocol(_)) | Kind::Name(_) if self.peek_past(1) == &Kind::Sign("[") => {
                Some(self.primary()?)
            }
            _ => None,
        };
        if let Some(number) = number {
            return match number {
                Number::Plain(value, span) if !self.continues_arithmetic() => {
                    if !ids {
                        return Err(self.unexpected("an operator and another number"));
                    }
                    let qualifier = self.inherited(before, span)?;
                    let expr = Expr::Term(Term::Id(qualifier, Id::Number(value)), span);
                    Ok(Operand { expr, head: before, is_id: true })
                }
                number => Ok(Operand { expr: self.relation(number)?, head: None, is_id: false }),
            };
        }
        if let Some(operand) = self.qualified(start)? {
            return Ok(operand);
        }
        if let Some(operand) = self.primitive(start)? {
            return Ok(operand);
        }
        if ids && self.begins_id() {
            let qualifier = self.inherited(before, start)?;
            return Ok(Operand { expr: self.id(qualifier)?, head: before, is_id: true });
        }
        Err(self.unexpected(TERM))
    }

    /// What stands after an opening parenthesis, which may be an expression, ids, or a number; takes the closing one.
    fn group(&mut self, before: Option<Qualifier>, ids: bool) -> Result<Group, Error> {
        let start = self.span();
        let number = match self.peek() {
            Kind::Sign("(") => {
                self.advance();
                match self.nested(|p| p.group(before, ids))? {
                    Group::Number(number) => Some(number),
                    Group::Expr(expr) => return self.group_end(expr, before),
                    Group::Ids(_) => return Err(Error::new(start, "a list of ids cannot begin with another list")),
                }
            }
            Kind::Sign("-") | Kind::Number(_) | Kind::Word(Word::Len) => Some(self.primary()?),
            Kind::Word(Word::Protocol(_)) | Kind::Name(_) if self.peek_past(1) == &Kind::Sign("[") => {
                Some(self.primary()?)
            }
            _ => None,
        };
        if let Some(number) = number {
            if let Number::Plain(value, span) = number
                && !self.continues_arithmetic()
            {
                if self.take(")") {
                    return Ok(Group::Number(Number::Plain(value, span)));
                }
                if !ids {
                    return Err(self.unexpected("an operator or ')'"));
                }
                let qualifier = self.inherited(before, span)?;
                let first = Expr::Term(Term::Id(qualifier, Id::Number(value)), span);
                return self.ids_end(first, qualifier);
            }
            let number = self.operations(number, 0)?;
            if self.take(")") {
                return Ok(Group::Number(number));
            }
            let relation = self.relation(number)?;
            return self.group_end(relation, None);
        }
        let first = self.operand(before, ids)?;
        match (first.is_id, before) {
            (true, Some(qualifier)) => self.ids_end(first.expr, qualifier),
            _ => self.group_end(first.expr, first.head),
        }
    }

    fn group_end(&mut self, first: Expr, head: Option<Qualifier>) -> Result<Group, Error> {
        let expr = self.chain(first, head)?;
        self.expect(")")?;
        Ok(Group::Expr(expr))
    }

    /// The rest of a list of ids, up to its closing parenthesis.
    fn ids_end(&mut self, first: Expr, qualifier: Qualifier) -> Result<Group, Error> {
        let mut rest = Vec::new();
        while let Some(joint) = self.joint() {
            rest.push((joint, self.id(qualifier)?));
        }
        self.expect(")")?;
        Ok(Group::Ids(if rest.is_empty() { first } else { Expr::Chain(Box::new(first), rest) }))
    }

    /// The qualifier for a bare id.
    fn inherited(&self, before: Option<Qualifier>, span: Span) -> Result<Qualifier, Error> {
        before.ok_or_else(|| {
            Error::new(span, "no qualifier is left for this: what stands before is no 'host', 'port' or the like")
                .with_help("repeat the qualifier, as in 'port 443'")
        })
    }

    fn begins_id(&self) -> bool {
        matches!(self.peek(), Kind::Name(_) | Kind::Ipv4(_) | Kind::Ipv6(_) | Kind::Mac(_) | Kind::Arcnet(_))
            || self.peek() == &Kind::Sign("{")
    }

    /// An id, its negation, a list of ids in parentheses, or a set in braces.
    fn id(&mut self, qualifier: Qualifier) -> Result<Expr, Error> {
        let start = self.span();
        let id = match self.peek().clone() {
            Kind::Sign("not") => {
                self.advance();
                return Ok(Expr::Not(Box::new(self.nested(|p| p.id(qualifier))?)));
            }
            Kind::Sign("(") => {
                self.advance();
                return match self.nested(|p| p.group(Some(qualifier), true))? {
                    Group::Ids(expr) => Ok(expr),
                    Group::Number(Number::Plain(value, span)) => {
                        Ok(Expr::Term(Term::Id(qualifier, Id::Number(value)), span))
                    }
                    _ => Err(Error::new(self.since(start), "expected ids only in these parentheses")),
                };
            }
            Kind::Sign("{") => return self.set(qualifier),
            Kind::Number(value) => Id::Number(value),
            Kind::Name(name) => Id::Name(name),
            Kind::Mac(address) => Id::Mac(address),
            Kind::Arcnet(address) => Id::Arcnet(address),
            Kind::Ipv6(address) => {
                self.advance();
                let id = if self.take("/") { Id::Ipv6Prefix(address, self.number()?) } else { Id::Ipv6(address) };
                return Ok(Expr::Term(Term::Id(qualifier, id), self.since(start)));
            }
            Kind::Ipv4(text) => {
                self.advance();
                let id = if self.take("/") {
                    Id::Ipv4Prefix(text, self.number()?)
                } else if self.peek() == &Kind::Word(Word::Mask) {
                    self.advance();
                    let Kind::Ipv4(mask) = self.peek().clone() else {
                        return Err(self.unexpected("a network mask such as 255.255.0.0"));
                    };
                    self.advance();
                    Id::Ipv4Mask(text, mask)
                } else {
                    Id::Ipv4(text)
                };
                return Ok(Expr::Term(Term::Id(qualifier, id), self.since(start)));
            }
            _ => return Err(self.unexpected("an address, a number or a name")),
        };
        self.advance();
        if matches!((&id, qualifier.kind), (Id::Number(_), Type::Net)) && self.sign() == Some("/") {
            let error = Error::new(self.span(), "a prefix length needs a network of two parts or more");
            return Err(error.with_help("write 10.0.0.0/8 rather than 10/8"));
        }
        Ok(Expr::Term(Term::Id(qualifier, id), start))
    }

    /// `{80, 443, 8000-8100}`: any of these.
    fn set(&mut self, qualifier: Qualifier) -> Result<Expr, Error> {
        self.expect("{")?;
        let mut members = Vec::new();
        loop {
            let start = self.span();
            let port_range = Qualifier { kind: Type::PortRange, ..qualifier };
            let member = match (qualifier.kind, self.peek(), self.peek_past(1), self.peek_past(2)) {
                (Type::Port, Kind::Name(name), _, _) if name.contains('-') => {
                    let id = Id::Name(name.clone());
                    self.advance();
                    Expr::Term(Term::Id(port_range, id), start)
                }
                (Type::Port, Kind::Number(low), Kind::Sign("-"), Kind::Number(high)) => {
                    let id = Id::Name(format!("{low}-{high}"));
                    self.at = self.at.saturating_add(3);
                    Expr::Term(Term::Id(port_range, id), self.since(start))
                }
                (_, Kind::Sign(_), _, _) => return Err(self.unexpected("an address, a number or a name")),
                _ => self.id(qualifier)?,
            };
            members.push((Joint::Or, member));
            if self.take("}") {
                break;
            }
            self.expect(",").map_err(|_| self.unexpected("',' or '}'"))?;
        }
        let (_, first) = members.remove(0);
        Ok(if members.is_empty() { first } else { Expr::Chain(Box::new(first), members) })
    }

    /// A qualifier and its id, or a protocol alone.
    fn qualified(&mut self, start: Span) -> Result<Option<Operand>, Error> {
        let protocol = match self.peek() {
            Kind::Word(Word::Protocol(protocol)) => {
                let protocol = *protocol;
                self.advance();
                Some(protocol)
            }
            _ => None,
        };
        if let Some(qualifier) = self.qualifier(protocol)? {
            let expr = self.id(qualifier)?;
            return Ok(Some(Operand { expr, head: Some(qualifier), is_id: false }));
        }
        if let Some(term) = self.after_protocol(protocol)? {
            let expr = Expr::Term(term, self.since(start));
            return Ok(Some(Operand { expr, head: None, is_id: false }));
        }
        Ok(protocol.map(|protocol| {
            let expr = Expr::Term(Term::Protocol(protocol), start);
            Operand { expr, head: None, is_id: false }
        }))
    }

    /// Direction and type, either of which may be missing, but not both.
    fn qualifier(&mut self, protocol: Option<Protocol>) -> Result<Option<Qualifier>, Error> {
        use super::ast::Direction::{Both, Dst, Either, Src};
        let Kind::Word(word) = *self.peek() else { return Ok(None) };
        let direction = match word {
            Word::Src | Word::Dst => {
                self.advance();
                let (own, other) = if word == Word::Src { (Src, Word::Dst) } else { (Dst, Word::Src) };
                match self.joint() {
                    None => own,
                    Some(joint) if self.peek() == &Kind::Word(other) => {
                        self.advance();
                        if joint == Joint::Or { Either } else { Both }
                    }
                    Some(_) => return Err(self.unexpected("the other of 'src' and 'dst'")),
                }
            }
            Word::WlanAddress(direction) => {
                self.advance();
                direction
            }
            Word::Type(kind) => {
                self.advance();
                return Ok(Some(Qualifier { protocol, direction: Either, kind }));
            }
            _ => return Ok(None),
        };
        let kind = match self.peek() {
            Kind::Word(Word::Type(kind @ (Type::Host | Type::Net | Type::Port | Type::PortRange))) => {
                let kind = *kind;
                self.advance();
                kind
            }
            _ => Type::Host,
        };
        Ok(Some(Qualifier { protocol, direction, kind }))
    }

    /// A layer, and the scope behind it if there are braces.
    fn layer_term(&mut self, layer: Layer, start: Span) -> Result<Operand, Error> {
        let term = if self.take("{") {
            let body = self.nested(|p| p.expression(None))?;
            self.expect("}")?;
            Term::Scope(layer, Box::new(body))
        } else {
            Term::Layer(layer)
        };
        let expr = Expr::Term(term, self.since(start));
        Ok(Operand { expr, head: None, is_id: false })
    }
}

/// What is expected where a term must stand.
const TERM: &str = "a protocol, a qualifier such as 'host' or 'port', or a comparison";
