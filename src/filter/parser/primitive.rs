//! Terms that begin with their own keyword: layers, link-layer kinds, lengths, directions, log fields, signalling.

use super::super::ast::{
    ByteTest, Comparison, Expr, Labels, Layer, LlcTest, OwnerTest, PfNumber, Protocol, Question, Term,
};
use super::super::token::Kind;
use super::super::words::{self, Word};
use super::arithmetic::comparison;
use super::{Operand, Parser};
use crate::diagnostic::{Error, Span};

impl Parser<'_> {
    /// A term that may have a protocol before it: `broadcast`, `multicast`, 802.11 types.
    pub(super) fn after_protocol(&mut self, protocol: Option<Protocol>) -> Result<Option<Term>, Error> {
        let Kind::Word(word) = *self.peek() else { return Ok(None) };
        Ok(Some(match word {
            Word::Broadcast => {
                self.advance();
                Term::Broadcast(protocol)
            }
            Word::Multicast => {
                self.advance();
                Term::Multicast(protocol)
            }
            Word::WlanType => {
                self.advance();
                self.wlan_type()?
            }
            Word::WlanSubtype => {
                self.advance();
                let (span, name) = (self.span(), self.name("an 802.11 subtype")?);
                let known = words::WLAN_SUBTYPES.iter().find(|known| known.1.eq_ignore_ascii_case(&name));
                let Some((kind, _, subtype)) = known else {
                    return Err(Error::new(span, format!("'{name}' is no 802.11 subtype")));
                };
                Term::WlanType { value: kind | subtype, mask: 0xfc }
            }
            Word::WlanDirection => {
                self.advance();
                Term::WlanDirection(self.number_or(words::WLAN_DIRECTIONS, "nods, tods, fromds, dstods")?)
            }
            _ => return Ok(None),
        }))
    }

    fn wlan_type(&mut self) -> Result<Term, Error> {
        let span = self.span();
        let kind = self.number_or(words::WLAN_TYPES, "mgt, ctl, data")?;
        if kind & !0x0c != 0 {
            return Err(Error::new(span, "an 802.11 type is one of 0, 4, 8, 12"));
        }
        if self.peek() != &Kind::Word(Word::WlanSubtype) {
            return Ok(Term::WlanType { value: kind, mask: 0x0c });
        }
        self.advance();
        let span = self.span();
        let subtype = if let Kind::Name(name) = self.peek() {
            let known = words::WLAN_SUBTYPES.iter().find(|s| s.0 == kind && s.1.eq_ignore_ascii_case(name));
            let Some((_, _, subtype)) = known else {
                return Err(Error::new(span, format!("'{name}' is no subtype of this 802.11 type")));
            };
            self.advance();
            *subtype
        } else {
            self.number()?
        };
        if subtype & !0xf0 != 0 {
            return Err(Error::new(span, "an 802.11 subtype is a multiple of 16 up to 240"));
        }
        Ok(Term::WlanType { value: kind | subtype, mask: 0xfc })
    }

    /// A term that begins with a keyword of its own.
    pub(super) fn primitive(&mut self, start: Span) -> Result<Option<Operand>, Error> {
        let Kind::Word(word) = *self.peek() else { return Ok(None) };
        self.advance();
        let term = match word {
            Word::Less => Term::LenAtMost(self.number()?),
            Word::Greater => Term::LenAtLeast(self.number()?),
            Word::Byte => self.byte()?,
            Word::Inbound => Term::Inbound,
            Word::Outbound => Term::Outbound,
            Word::InterfaceIndex => Term::InterfaceIndex(self.number()?),
            Word::Pppoed => Term::Pppoed,
            Word::Llc => Term::Llc(self.llc()?),
            Word::PfName(field) => Term::PfName(field, self.name("a name")?),
            Word::PfNumber(field) => Term::PfNumber(field, self.pf_number(field)?),
            Word::Atm(kind) => Term::Atm(kind),
            Word::SignalUnit(unit, high_speed) => Term::SignalUnit { unit, high_speed },
            Word::Field(field, high_speed) => Term::Field { field, high_speed, tests: self.field_tests()? },
            Word::Vlan | Word::Mpls | Word::Pppoes | Word::Geneve => {
                let labels = self.labels()?;
                let layer = match word {
                    Word::Vlan => Layer::Vlan(labels),
                    Word::Mpls => Layer::Mpls(labels),
                    Word::Pppoes => Layer::Pppoes(labels),
                    _ => Layer::Geneve(labels),
                };
                return self.layer_term(layer, start).map(Some);
            }
            _ => {
                self.at = self.at.saturating_sub(1);
                return Ok(None);
            }
        };
        let expr = Expr::Term(term, self.since(start));
        Ok(Some(Operand { expr, head: None, is_id: false }))
    }

    /// `payload contains "…"`, `payload ~ "…"`, `pid 1`, `process "…"`, `user "…"` and `any { … }`: no words here are keywords, but none of this could
    /// begin otherwise.
    pub(super) fn question(&mut self) -> Result<Option<Question>, Error> {
        let Kind::Name(name) = self.peek() else { return Ok(None) };
        let question = match (name.as_str(), self.peek_past(1)) {
            ("payload", Kind::Name(verb)) if verb == "contains" => {
                self.advance();
                self.advance();
                Question::Contains(self.text()?)
            }
            ("payload", Kind::Sign("~")) => {
                self.advance();
                self.advance();
                let span = self.span();
                let pattern = self.text()?;
                Question::Matches(String::from_utf8(pattern).map_err(|_| {
                    Error::new(span, "a regular expression is text").with_help("write '\\\\xff' for a byte")
                })?)
            }
            ("pid", Kind::Number(_)) => {
                self.advance();
                Question::Owner(OwnerTest::Pid(self.number()?))
            }
            ("process", Kind::Text(_)) => {
                self.advance();
                Question::Owner(OwnerTest::Name(self.text()?))
            }
            ("user", Kind::Text(_)) => {
                self.advance();
                Question::Owner(OwnerTest::User(self.text()?))
            }
            ("user", Kind::Number(_)) => {
                self.advance();
                Question::Owner(OwnerTest::Uid(self.number()?))
            }
            ("any", Kind::Sign("{")) => {
                self.advance();
                self.advance();
                let body = self.nested(|p| p.expression(None))?;
                self.expect("}")?;
                Question::Anywhere(Box::new(body))
            }
            _ => return Ok(None),
        };
        Ok(Some(question))
    }

    fn text(&mut self) -> Result<Vec<u8>, Error> {
        match self.peek().clone() {
            Kind::Text(text) => {
                self.advance();
                Ok(text)
            }
            _ => Err(self.unexpected("a text in quotation marks").with_help("as in 'payload contains \"GET\"'")),
        }
    }

    /// A layer whose name is no keyword, so that it stays usable as the name of a host or port: where such an id
    /// could stand, a number or brace must follow.
    pub(super) fn named_layer(&mut self, id_possible: bool) -> Result<Option<Layer>, Error> {
        let Kind::Name(name) = self.peek() else { return Ok(None) };
        let followed = matches!(self.peek_past(1), Kind::Number(_) | Kind::Sign("{" | "("));
        if id_possible && !followed {
            return Ok(None);
        }
        let layer = match name.as_str() {
            "vxlan" => {
                self.advance();
                return Ok(Some(Layer::Vxlan(self.labels()?)));
            }
            "gre" if self.peek_past(1) == &Kind::Sign("{") => Layer::Gre,
            "ipip" if self.peek_past(1) == &Kind::Sign("{") => Layer::IpIp,
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(layer))
    }

    /// Nothing, a number (perhaps in parentheses), or a set of numbers and ranges in braces.
    fn labels(&mut self) -> Result<Labels, Error> {
        let mut depth: usize = 0;
        while self.take("(") {
            depth = depth.saturating_add(1);
        }
        if let Kind::Number(value) = *self.peek() {
            self.advance();
            for _ in 0..depth {
                self.expect(")")?;
            }
            return Ok(vec![(value, value)]);
        }
        if depth > 0 {
            return Err(self.unexpected("a number"));
        }
        let second = matches!(self.peek_past(2), Kind::Sign("," | "}" | "-"));
        let is_set = match self.peek_past(1) {
            Kind::Number(_) => second,
            Kind::Name(name) => range(name).is_some(),
            _ => false,
        };
        let mut labels = Vec::new();
        if !is_set || !self.take("{") {
            return Ok(labels);
        }
        loop {
            let span = self.span();
            let label = match self.peek() {
                Kind::Name(name) => {
                    let label = range(name).ok_or_else(|| self.unexpected("a number or a range such as 100-200"))?;
                    self.advance();
                    label
                }
                _ => {
                    let low = self.number()?;
                    (low, if self.take("-") { self.number()? } else { low })
                }
            };
            if label.0 > label.1 {
                return Err(Error::new(self.since(span), "this range ends before it begins"));
            }
            labels.push(label);
            if self.take("}") {
                return Ok(labels);
            }
            self.expect(",").map_err(|_| self.unexpected("',' or '}'"))?;
        }
    }

    fn byte(&mut self) -> Result<Term, Error> {
        let offset = self.number()?;
        let test = match self.sign() {
            Some("=") => ByteTest::Equal,
            Some("<") => ByteTest::Less,
            Some(">") => ByteTest::Greater,
            Some("&") => ByteTest::And,
            Some("|") => ByteTest::Or,
            _ => return Err(self.unexpected("one of = < > & |")),
        };
        self.advance();
        Ok(Term::Byte { offset, test, value: self.number()? })
    }

    fn llc(&mut self) -> Result<LlcTest, Error> {
        // `rnr` is a keyword for pf, and the name of an 802.2 frame.
        if self.peek() == &Kind::Word(Word::PfNumber(PfNumber::Rule)) {
            self.advance();
            return Ok(LlcTest::SupervisoryCommand(0x05));
        }
        let Kind::Name(name) = self.peek() else { return Ok(LlcTest::Any) };
        let command = |table| words::number_of(table, name).and_then(|n| u8::try_from(n).ok());
        let test = match name.to_ascii_lowercase().as_str() {
            "i" => LlcTest::Information,
            "s" => LlcTest::Supervisory,
            "u" => LlcTest::Unnumbered,
            _ => match (command(words::LLC_SUPERVISORY), command(words::LLC_UNNUMBERED)) {
                (Some(command), _) => LlcTest::SupervisoryCommand(command),
                (None, Some(command)) => LlcTest::UnnumberedCommand(command),
                _ => return Err(Error::new(self.span(), format!("'{name}' is no kind of 802.2 frame"))),
            },
        };
        self.advance();
        Ok(test)
    }

    fn pf_number(&mut self, field: PfNumber) -> Result<u32, Error> {
        match field {
            PfNumber::Rule | PfNumber::Subrule => self.number(),
            PfNumber::Reason => self.number_or(words::PF_REASONS, "match, bad-offset, fragment, short and others"),
            PfNumber::Action => {
                let (span, name) = (self.span(), self.name("pass, block, nat or another action")?);
                words::number_of(words::PF_ACTIONS, &name)
                    .ok_or_else(|| Error::new(span, format!("'{name}' is no action of pf")))
            }
        }
    }

    /// A number, a comparison with one, or a list of them in parentheses.
    fn field_tests(&mut self) -> Result<Vec<(Comparison, u32)>, Error> {
        if let Some(test) = self.sign().and_then(comparison) {
            self.advance();
            return Ok(vec![(test, self.number()?)]);
        }
        if !self.take("(") {
            return Ok(vec![(Comparison::Equal, self.number()?)]);
        }
        let mut tests = Vec::new();
        loop {
            tests.push((Comparison::Equal, self.number()?));
            if !self.take("or") {
                self.expect(")")?;
                return Ok(tests);
            }
        }
    }

    fn name(&mut self, expected: &str) -> Result<String, Error> {
        match self.peek().clone() {
            Kind::Name(name) => {
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    /// A number, or a name of one.
    fn number_or(&mut self, table: &[(&str, u32)], expected: &str) -> Result<u32, Error> {
        match self.peek() {
            Kind::Number(_) => self.number(),
            Kind::Name(name) => {
                let number = words::number_of(table, name)
                    .ok_or_else(|| Error::new(self.span(), format!("'{name}' is not known here: {expected}")))?;
                self.advance();
                Ok(number)
            }
            _ => Err(self.unexpected(expected)),
        }
    }
}

/// `100-200`, which is one word for the lexer.
fn range(name: &str) -> Option<(u32, u32)> {
    let (low, high) = name.split_once('-')?;
    Some((low.parse().ok()?, high.parse().ok()?))
}
