//! From tokens to a tree of tests: `or` binds least, then `and`, then `not`.

use std::cmp::Ordering;

use regex::bytes::{Regex, RegexBuilder};

use super::literal;
use super::test::{Check, Scalar, Test};
use super::token::{Comparison, Token, tokens};
use crate::diagnostic::{Error, Span};
use crate::fields::{CHOSEN, Field, Kind, Meaning, alike, meaning};

/// How deep parentheses and `not` may nest.
const MAX_DEPTH: usize = 64;

/// The most tests of a condition.
const MAX_TESTS: usize = 1024;

/// The most memory that a pattern may take, in bytes, compiled and while it runs.
const MAX_PATTERN: usize = 1 << 20;

/// Words of the language, which are no names.
const WORDS: [&str; 6] = ["and", "or", "not", "in", "contains", "exists"];

/// How tests are joined; a test is told by its place.
#[derive(Debug)]
pub(super) enum Expression {
    Test(usize),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

impl Expression {
    /// Whether it holds, where `test` says which tests do.
    pub fn holds(&self, test: &impl Fn(usize) -> bool) -> bool {
        match self {
            Expression::Test(place) => test(*place),
            Expression::Not(inner) => !inner.holds(test),
            Expression::All(parts) => parts.iter().all(|part| part.holds(test)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(test)),
        }
    }

    /// How near it is to hold.
    pub fn nearness(&self, test: &impl Fn(usize) -> bool) -> Nearness {
        match self {
            Expression::Test(place) if test(*place) => Nearness::MET,
            Expression::Test(place) => Nearness { met: 0, total: 1, unmet: vec![*place] },
            Expression::Not(inner) if inner.holds(test) => Nearness { met: 0, total: 1, unmet: inner.tests() },
            Expression::Not(_) => Nearness::MET,
            Expression::All(parts) => {
                parts.iter().map(|part| part.nearness(test)).fold(Nearness::default(), Nearness::and)
            }
            // One that holds is all that is asked for.
            Expression::Any(parts) => {
                let nearest = parts.iter().map(|part| part.nearness(test)).max_by(Nearness::compare);
                nearest.unwrap_or_default()
            }
        }
    }

    /// The places of all tests in it.
    fn tests(&self) -> Vec<usize> {
        match self {
            Expression::Test(place) => vec![*place],
            Expression::Not(inner) => inner.tests(),
            Expression::All(parts) | Expression::Any(parts) => parts.iter().flat_map(Expression::tests).collect(),
        }
    }
}

/// How many of the tests that an expression asks for hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Nearness {
    pub met: usize,
    pub total: usize,
    /// Those whose outcome is not what it must be.
    pub unmet: Vec<usize>,
}

impl Nearness {
    const MET: Nearness = Nearness { met: 1, total: 1, unmet: Vec::new() };

    fn and(mut self, other: Nearness) -> Nearness {
        self.unmet.extend(other.unmet);
        Nearness {
            met: self.met.saturating_add(other.met),
            total: self.total.saturating_add(other.total),
            unmet: self.unmet,
        }
    }

    /// By the share of the tests that hold.
    pub fn compare(&self, other: &Nearness) -> Ordering {
        self.met.saturating_mul(other.total).cmp(&other.met.saturating_mul(self.total))
    }
}

/// A condition that was read.
pub(super) struct Parsed {
    pub tests: Vec<Test>,
    /// Where each test stands in the text.
    pub places: Vec<Span>,
    /// How they are joined.
    pub expression: Expression,
}

/// Reads a condition.
pub(super) fn parse(text: &str) -> Result<Parsed, Error> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, tests: Vec::new(), places: Vec::new() };
    let expression = parser.any()?;
    match parser.next() {
        (Token::End, _) => Ok(Parsed { tests: parser.tests, places: parser.places, expression }),
        (found, span) => Err(Error::new(span, format!("expected 'and', 'or' or the end, not {}", found.shown()))),
    }
}

struct Parser<'t, 'e> {
    tokens: &'t [(Token<'e>, Span)],
    at: usize,
    depth: usize,
    tests: Vec<Test>,
    places: Vec<Span>,
}

impl<'t, 'e> Parser<'t, 'e> {
    /// The token that is next; behind the last one the last again.
    fn peek(&self) -> (&'t Token<'e>, Span) {
        match self.tokens.get(self.at).or(self.tokens.last()) {
            Some((token, span)) => (token, *span),
            None => (&Token::End, Span::default()),
        }
    }

    fn next(&mut self) -> (&'t Token<'e>, Span) {
        let next = self.peek();
        self.at = self.at.saturating_add(1);
        next
    }

    /// Takes the next token if it is this one.
    fn take(&mut self, token: &Token<'_>) -> bool {
        let (next, _) = self.peek();
        if next == token {
            self.at = self.at.saturating_add(1);
        }
        next == token
    }

    fn expect(&mut self, token: &Token<'_>) -> Result<(), Error> {
        match self.next() {
            (found, _) if found == token => Ok(()),
            (found, span) => Err(Error::new(span, format!("expected {}, not {}", token.shown(), found.shown()))),
        }
    }

    fn any(&mut self) -> Result<Expression, Error> {
        let mut parts = vec![self.all()?];
        while self.take(&Token::Or) || self.take(&Token::Word("or")) {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, Error> {
        let mut parts = vec![self.one()?];
        while self.take(&Token::And) || self.take(&Token::Word("and")) {
            parts.push(self.one()?);
        }
        Ok(joined(parts, Expression::All))
    }

    fn one(&mut self) -> Result<Expression, Error> {
        let (_, span) = self.peek();
        if self.depth == MAX_DEPTH {
            return Err(Error::new(span, format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth = self.depth.saturating_add(1);
        let expression = if self.take(&Token::Not) || self.take(&Token::Word("not")) {
            Expression::Not(Box::new(self.one()?))
        } else if self.take(&Token::Open) {
            let inner = self.any()?;
            self.expect(&Token::Close)?;
            inner
        } else {
            self.test()?
        };
        self.depth = self.depth.saturating_sub(1);
        Ok(expression)
    }

    fn test(&mut self) -> Result<Expression, Error> {
        let (_, start) = self.peek();
        if self.tests.len() == MAX_TESTS {
            return Err(Error::new(start, format!("more than {MAX_TESTS} tests")));
        }
        let test = if self.take(&Token::Word("exists")) { self.exists()? } else { self.on_field()? };
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        let end = last.map_or(start, |(_, span)| *span);
        self.tests.push(test);
        self.places.push(start.to(end));
        Ok(Expression::Test(self.tests.len().saturating_sub(1)))
    }

    /// `exists(NAME)`.
    fn exists(&mut self) -> Result<Test, Error> {
        self.expect(&Token::Open)?;
        let (meant, _) = self.name()?;
        self.expect(&Token::Close)?;
        Ok(match meant {
            Meaning::Layer(protocol) => Test { fields: Vec::new(), check: Check::Layer(protocol), differs: false },
            Meaning::Fields(fields) => Test { fields, check: Check::There, differs: false },
        })
    }

    /// A name alone, or a name and what its values must be.
    fn on_field(&mut self) -> Result<Test, Error> {
        let (meant, name) = self.name()?;
        let (next, operator) = self.peek();
        let compares = matches!(next, Token::Comparison(_) | Token::Word("in" | "contains"));
        let fields = match meant {
            Meaning::Fields(fields) => fields,
            Meaning::Layer(protocol) if compares => {
                let error = Error::new(name, format!("'{}' is a protocol: it is there or not", protocol.name));
                return Err(error.with_help(format!("compare a field of it, such as {}", first_field(protocol))));
            }
            Meaning::Layer(protocol) => {
                return Ok(Test { fields: Vec::new(), check: Check::Layer(protocol), differs: false });
            }
        };
        let kind = fields.first().map_or(Kind::Text, |field| field.kind);
        if !compares {
            let check = if kind == Kind::Bool { Check::Is(true) } else { Check::There };
            return Ok(Test { fields, check, differs: false });
        }
        let (token, _) = self.next();
        let of = Compared { name: fields.first().map_or("", |field| field.name), kind, operator };
        let (check, differs) = match token {
            Token::Word("in") => (self.set(&of)?, false),
            Token::Word(_) => (self.contains(&of)?, false),
            Token::Comparison(Comparison::Matches) => (self.pattern(&of)?, false),
            Token::Comparison(Comparison::Equal) => (self.equal(&of)?, false),
            Token::Comparison(Comparison::Differs) => (self.equal(&of)?, true),
            Token::Comparison(order) => (self.ordered(&of, *order)?, false),
            _ => return Err(nothing(operator, "expected a comparison")),
        };
        Ok(Test { fields, check, differs })
    }

    /// A name of the vocabulary.
    fn name(&mut self) -> Result<(Meaning, Span), Error> {
        let (word, span) = match self.next() {
            (Token::Word(word), span) if !WORDS.contains(word) => (*word, span),
            (found, span) => {
                return Err(nothing(span, &format!("expected the name of a field, not {}", found.shown())));
            }
        };
        match meaning(word) {
            Some(Meaning::Fields(fields)) if fields.contains(&CHOSEN) => {
                let error = Error::new(
                    span,
                    format!("{} counts the packets that are chosen: it can't choose them", CHOSEN.name),
                );
                Err(error.with_help("--skip and -c choose by number"))
            }
            Some(meant) => Ok((meant, span)),
            None => {
                let meant = alike(word).map_or_else(String::new, |name| format!("did you mean '{name}'? "));
                let error = Error::new(span, format!("'{word}' is no field"));
                Err(error.with_help(format!("{meant}--fields help lists all fields")))
            }
        }
    }

    /// A value as it was written.
    fn value(&mut self, of: &Compared) -> Result<(&'t Token<'e>, Span), Error> {
        match self.next() {
            value @ (Token::Word(_) | Token::Quoted(_), _) => Ok(value),
            (found, span) => Err(of.wrong(span, &found.shown())),
        }
    }

    fn equal(&mut self, of: &Compared) -> Result<Check, Error> {
        if of.kind == Kind::Bool {
            return match self.value(of)? {
                (Token::Word("true" | "1"), _) => Ok(Check::Is(true)),
                (Token::Word("false" | "0"), _) => Ok(Check::Is(false)),
                (found, span) => Err(of.wrong(span, &found.shown())),
            };
        }
        let mut found = Elements::default();
        self.element(of, &mut found)?;
        Ok(found.check())
    }

    /// `{…}`, or one element alone.
    fn set(&mut self, of: &Compared) -> Result<Check, Error> {
        if of.kind == Kind::Bool {
            return Err(
                of.no_such_test("'in' looks for one of many values", "write the name alone, or 'not' before it")
            );
        }
        let mut found = Elements::default();
        if !self.take(&Token::OpenSet) {
            self.element(of, &mut found)?;
            return Ok(found.check());
        }
        loop {
            self.element(of, &mut found)?;
            if !self.take(&Token::Comma) {
                break;
            }
        }
        match self.next() {
            (Token::CloseSet, _) => Ok(found.check()),
            (other, span) => Err(Error::new(span, format!("expected ',' or '}}', not {}", other.shown()))),
        }
    }

    /// A value, or a range from one to another.
    fn element(&mut self, of: &Compared, found: &mut Elements) -> Result<(), Error> {
        let (token, span) = self.value(of)?;
        if let Some(text) = of.text(token, span)? {
            found.texts.push(text);
            return Ok(());
        }
        let (from, to) = of.range(token, span)?;
        if !self.take(&Token::Range) {
            found.ranges.push((from, to));
            return Ok(());
        }
        let (token, end) = self.value(of)?;
        let (_, last) = of.range(token, end)?;
        if !from.is_like(last) || from > last {
            return Err(Error::new(span.to(end), "this range has nothing in it: its end is before its start"));
        }
        found.ranges.push((from, last));
        Ok(())
    }

    fn ordered(&mut self, of: &Compared, order: Comparison) -> Result<Check, Error> {
        if !matches!(of.kind, Kind::Number | Kind::Time) {
            return Err(of.no_such_test("only numbers and times are less or more", "write == or in"));
        }
        let (token, span) = self.value(of)?;
        let (Scalar::Number(bound), _) = of.range(token, span)? else {
            return Err(of.wrong(span, &token.shown()));
        };
        let (from, to) = match order {
            Comparison::Less => (i128::MIN, bound.saturating_sub(1)),
            Comparison::LessOrEqual => (i128::MIN, bound),
            Comparison::Greater => (bound.saturating_add(1), i128::MAX),
            _ => (bound, i128::MAX),
        };
        Ok(Check::Among(vec![(Scalar::Number(from), Scalar::Number(to))]))
    }

    fn contains(&mut self, of: &Compared) -> Result<Check, Error> {
        if !of.has_text() {
            return Err(of.no_such_test("'contains' looks into texts and bytes", "write == or in"));
        }
        let (token, span) = self.value(of)?;
        let Some(part) = of.text(token, span)? else { return Err(of.wrong(span, &token.shown())) };
        // A pattern that is just these bytes.
        let bytes: String = part.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        pattern(&bytes, span).map(Check::Matches)
    }

    fn pattern(&mut self, of: &Compared) -> Result<Check, Error> {
        if !of.has_text() {
            return Err(of.no_such_test("'~' looks into texts and bytes", "write == or in"));
        }
        match self.next() {
            (Token::Quoted(text), span) => pattern(text, span).map(Check::Matches),
            (Token::Word(word), span) => pattern(word, span).map(Check::Matches),
            (found, span) => Err(Error::new(span, format!("expected a pattern in quotes, not {}", found.shown()))),
        }
    }
}

/// Values to compare with, ordered ones as ranges.
#[derive(Default)]
struct Elements {
    ranges: Vec<(Scalar, Scalar)>,
    texts: Vec<Vec<u8>>,
}

impl Elements {
    fn check(self) -> Check {
        if self.texts.is_empty() { Check::Among(self.ranges) } else { Check::Texts(self.texts) }
    }
}

/// What is compared: for its types and for messages.
struct Compared {
    name: &'static str,
    kind: Kind,
    operator: Span,
}

impl Compared {
    fn has_text(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Bytes | Kind::Payload)
    }

    /// The bytes of a value, where the field has texts or bytes.
    fn text(&self, token: &Token<'_>, span: Span) -> Result<Option<Vec<u8>>, Error> {
        match (token, self.kind) {
            (Token::Quoted(text), Kind::Text | Kind::Bytes | Kind::Payload) => Ok(Some(text.as_bytes().to_vec())),
            (Token::Word(word), Kind::Text) => Ok(Some(word.as_bytes().to_vec())),
            (Token::Word(word), Kind::Bytes | Kind::Payload) => {
                literal::bytes(word).map(Some).ok_or_else(|| self.wrong(span, &token.shown()))
            }
            _ => Ok(None),
        }
    }

    /// The first and the last value that a value of an ordered kind stands for.
    fn range(&self, token: &Token<'_>, span: Span) -> Result<(Scalar, Scalar), Error> {
        let text = match token {
            Token::Word(word) => word,
            Token::Quoted(text) => text.as_str(),
            _ => "",
        };
        literal::range(self.kind, text).ok_or_else(|| self.wrong(span, &token.shown()))
    }

    fn wrong(&self, span: Span, found: &str) -> Error {
        Error::new(span, format!("{} takes {}, not {found}", self.name, literal::example(self.kind)))
    }

    fn no_such_test(&self, why: &str, help: &str) -> Error {
        let kind = self.kind.name();
        Error::new(self.operator, format!("{why}, and {} is of the kind '{kind}'", self.name)).with_help(help)
    }
}

/// What to say where something is missing.
fn nothing(span: Span, message: &str) -> Error {
    Error::new(span, message).with_help("a condition is such as: tcp.dst == 443 and not ip.src in 10.0.0.0/8")
}

fn first_field(protocol: &crate::fields::Protocol) -> &'static str {
    protocol.fields.first().map_or("", |field: &&'static Field| field.name)
}

fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn pattern(text: &str, span: Span) -> Result<Regex, Error> {
    let built = RegexBuilder::new(text).unicode(false).size_limit(MAX_PATTERN).dfa_size_limit(MAX_PATTERN).build();
    built.map_err(|error| {
        let told = error.to_string();
        let reason = told.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Error::new(span, format!("this is no pattern: {reason}"))
    })
}
