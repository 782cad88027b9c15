//! Questions: what only this process can find out, behind all that a program can.

use regex::bytes::{Regex, RegexBuilder};

use super::super::ast::{Expr, OwnerTest, Question, Upper};
use super::super::link::Kind;
use super::super::predicate::PredId;
use super::super::{Capture, parser, token};
use super::{Lower, Result};
use crate::bpf::ancillary;

/// A question that a program asks, by its place in the list.
#[derive(Clone, Debug)]
pub(in crate::filter) enum Asked {
    /// Of what TCP or UDP carries.
    Payload(Regex),
    /// Of the process that the packet is of.
    Owner(OwnerTest),
    /// Of the packet and all packets inside it.
    Anywhere(Box<Expr>),
}

/// Questions of one expression.
const MOST: usize = 64;

/// Bytes that a regular expression may take when it is compiled.
const REGEX_SIZE: usize = 1 << 20;

/// What a packet must have for there to be another in it that decoding finds.
const MAY_HOLD_ANOTHER: &str = "ip proto 4 or ip proto 41 or ip proto 47 or udp port {4789, 6081}
    or ip6 and not (ip6 proto 6 or 17 or 58)";
/// The same where there are Ethernet types: tags, MPLS, PPPoE.
const MAY_BE_TAGGED: &str = "ether proto 0x8100 or 0x88a8 or 0x9100 or 0x9200 or 0x8847 or 0x8848 or 0x8864";

impl Lower<'_> {
    pub(super) fn question(&mut self, question: &Question) -> Result<PredId> {
        match question {
            Question::Contains(bytes) => {
                let literal: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
                self.payload(&literal)
            }
            Question::Matches(pattern) => self.payload(pattern),
            Question::Owner(test) => {
                let whole = self.preds.values.constant(0);
                self.ask(Asked::Owner(test.clone()), whole)
            }
            Question::Anywhere(body) => self.anywhere(body),
        }
    }

    /// Of what the transport header of the layer that the text is at carries.
    fn payload(&mut self, pattern: &str) -> Result<PredId> {
        let regex = match RegexBuilder::new(pattern).unicode(false).size_limit(REGEX_SIZE).build() {
            Ok(regex) => regex,
            Err(error) => {
                let error = error.to_string();
                let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
                return self.fail(format!("this is no regular expression: {why}"));
            }
        };
        let (there, place) = self.upper(Upper::Payload)?;
        let at = self.add(place, self.network_place().fixed);
        let answer = self.ask(Asked::Payload(regex), at)?;
        Ok(self.preds.and(there, answer))
    }

    fn ask(&mut self, asked: Asked, at: super::ValueId) -> Result<PredId> {
        let number = match u8::try_from(self.questions.len()) {
            Ok(number) if self.questions.len() < MOST => number,
            _ => return self.fail(format!("more than {MOST} questions of payloads, processes and 'any'")),
        };
        self.questions.push(asked);
        let answer = self.preds.values.answer(number, at);
        Ok(self.preds.equal(answer, 1))
    }

    /// Asked of the whole packet, wherever the text is; only where that itself is so, or may hold another that is.
    fn anywhere(&mut self, body: &Expr) -> Result<PredId> {
        let (before, span) = (self.state, self.span);
        self.state = self.outermost;
        let may_hold = self.may_hold_another()?;
        self.state = self.outermost;
        let outermost = self.expr(body)?;
        self.state = before;
        self.span = span;
        let worth_it = self.preds.or(may_hold, outermost);
        let whole = self.preds.values.constant(0);
        let answer = self.ask(Asked::Anywhere(Box::new(body.clone())), whole)?;
        Ok(self.preds.and(worth_it, answer))
    }

    fn may_hold_another(&mut self) -> Result<PredId> {
        let ethernet = self.state.kind == Kind::Ethernet;
        if !ethernet && self.state.kind != Kind::IpVersion {
            return Ok(self.preds.constant(true));
        }
        let mut ways = Vec::new();
        if ethernet {
            if self.options.capture == Capture::Live {
                let tag = self.ancillary(super::Size::Byte, ancillary::VLAN_TAG_PRESENT);
                ways.push(self.preds.equal(tag, 1));
            }
            ways.push(self.text(MAY_BE_TAGGED)?);
        }
        ways.push(self.text(MAY_HOLD_ANOTHER)?);
        Ok(self.preds.any(ways))
    }

    fn text(&mut self, text: &str) -> Result<PredId> {
        match parser::parse(&token::tokens(text)?)? {
            Some(expr) => self.expr(&expr),
            None => Ok(self.preds.constant(true)),
        }
    }
}
