//! Conditions on the fields of a packet (`--where`): a small typed language over the vocabulary of [`fields`](crate::fields).
//!
//! ```text
//! dns.qname ~ "(?i)example" and not ip.src in {10.0.0.0/8, 192.168.0.1..192.168.0.9}
//! tcp.flags.syn and tcp.dst != 443        vxlan        exists(dhcp.hostname)
//! ```
//!
//! | file | gives |
//! |---|---|
//! | `token` | tokens with their places |
//! | `parser` | the tree of tests, or what is wrong and where |
//! | `literal` | what a written value is, by the kind of the field |
//! | `test` | one test on the values of a field |
//!
//! A name means any occurrence: a test is true where one of the field's values in the packet passes it. But
//! `!=` is true where the field is there and none of its values is equal.

mod literal;
mod parser;
mod test;
mod token;

use crate::budget::Budget;
use crate::diagnostic::{Error, Span};
use crate::fields::{Field, Listener, Packet, Part, Protocol, Value, Visitor, Wanted, visit};
use crate::guard::guarded;
use parser::{Expression, Parsed};
use test::{Check, Test};

/// What a condition that listens may keep, in bytes, beside what printing may.
const MEMORY: usize = Budget::FOR_PRINTING / 4;

/// A condition that a packet fulfils or not.
#[derive(Debug)]
pub struct Condition {
    text: String,
    tests: Vec<Test>,
    /// Where each test stands in the text.
    places: Vec<Span>,
    expression: Expression,
    wanted: Wanted,
    /// Where a test asks for what several packets say together.
    listener: Option<Listener>,
    failures: u64,
    /// What the tests found in the packet that is looked at.
    found: Vec<Found>,
    scratch: Vec<u8>,
}

/// How near a packet came to fulfil a condition.
#[derive(Clone, Debug, Default)]
pub struct Nearness {
    /// How many of the tests it asks for hold, and how many these are. Of alternatives the nearest counts.
    pub met: usize,
    pub total: usize,
    /// The others: where each stands in the text, and the fields it is about.
    pub unmet: Vec<(Span, Vec<&'static Field>)>,
}

/// What one test found in a packet.
#[derive(Clone, Copy, Default, Debug)]
struct Found {
    /// The field was there.
    there: bool,
    /// A value passed.
    passed: bool,
}

impl Condition {
    /// Reads a condition.
    ///
    /// ```
    /// use sabueso::condition::Condition;
    /// assert!(Condition::new("ip.ttl < 5 or icmp").is_ok());
    /// let error = Condition::new("tcp.dst == 10.0.0.1").unwrap_err();
    /// assert_eq!((error.span.start, error.span.end), (11, 19));
    /// ```
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn new(text: &str) -> Result<Self, Error> {
        let Parsed { tests, places, expression } = parser::parse(text)?;
        let mut wanted = Wanted::NONE;
        for test in &tests {
            test.fields.iter().for_each(|field| wanted.add(field));
            if let Check::Layer(protocol) = test.check {
                wanted.add_layers(protocol);
            }
        }
        let listener = Listener::for_wanted(&wanted, &Budget::new(MEMORY));
        let found = vec![Found::default(); tests.len()];
        Ok(Condition {
            text: text.to_owned(),
            places,
            tests,
            expression,
            wanted,
            listener,
            failures: 0,
            found,
            scratch: Vec::new(),
        })
    }

    /// Whether a packet fulfils it. One that makes a decoder fail does: it is not lost by a fault of ours.
    pub fn accepts(&mut self, packet: &Packet<'_>) -> bool {
        self.found.fill(Found::default());
        let fulfilled = guarded(|| {
            let heard = match (packet.said, &mut self.listener) {
                (None, Some(listener)) if listener.concerns(&packet.frame) => Some(listener.hear(&packet.frame)),
                _ => None,
            };
            visit(&Packet { said: packet.said.or(heard.as_ref()), ..*packet }, self);
        });
        if fulfilled.is_none() {
            self.failures = self.failures.saturating_add(1);
            return true;
        }
        self.expression.holds(&|test| self.passed(test))
    }

    /// Whether a test passed in the packet looked at last.
    fn passed(&self, test: usize) -> bool {
        let found = self.found.get(test).copied().unwrap_or_default();
        match self.tests.get(test) {
            Some(test) if test.differs => found.there && !found.passed,
            _ => found.passed,
        }
    }

    /// How near the packet that was looked at last came.
    pub fn nearness(&self) -> Nearness {
        let parser::Nearness { met, total, unmet } = self.expression.nearness(&|test| self.passed(test));
        let tests = unmet.into_iter().filter_map(|at| self.places.get(at).zip(self.tests.get(at)));
        Nearness { met, total, unmet: tests.map(|(place, test)| (*place, test.fields.clone())).collect() }
    }

    /// What stands at a place of the condition.
    pub fn text(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Whether it asks for fields of a protocol.
    pub fn has_layers(&self, protocol: &'static Protocol) -> bool {
        self.wanted.has_layers(protocol)
    }

    /// How many packets made a decoder panic: a fault of ours.
    pub fn failures(&self) -> u64 {
        self.failures
    }
}

impl<'a> Visitor<'a> for Condition {
    #[inline]
    fn wants(&self, field: &'static Field) -> bool {
        self.wanted.has(field)
    }

    #[inline]
    fn wants_layers(&self, protocol: &'static Protocol) -> bool {
        self.wanted.has_layers(protocol)
    }

    fn begin(&mut self, part: Part) {
        let Part::Layer(layer) = part else { return };
        for (test, found) in self.tests.iter().zip(&mut self.found) {
            if matches!(test.check, Check::Layer(protocol) if protocol == layer) {
                *found = Found { there: true, passed: true };
            }
        }
    }

    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        for (test, found) in self.tests.iter().zip(&mut self.found) {
            if !found.passed && test.fields.contains(&field) {
                *found = Found { there: true, passed: test.check.passes(&value, &mut self.scratch) };
            }
        }
    }
}
