//! What an expression may mean other than its writer thinks: it is right, but its order matters.

use super::ast::{Arith, ArithKind, Expr, Id, Joint, Protocol, Qualifier, Question, Term};
use super::{parser, token};
use crate::diagnostic::{Error, Span};

/// A remark on an expression that compiles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// What it is about.
    pub span: Span,
    pub message: String,
}

/// What in an expression is easily misread. Nothing, if it is wrong: then compiling tells.
///
/// ```
/// let warnings = sabueso::filter::warnings("vlan 5 or ip");
/// assert_eq!(warnings[0].span.start, 0);
/// assert!(sabueso::filter::warnings("vlan 5 { tcp } or ip").is_empty());
/// ```
pub fn warnings(expression: &str) -> Vec<Warning> {
    let parsed: Result<Option<Expr>, Error> = token::tokens(expression).and_then(|tokens| parser::parse(&tokens));
    let Ok(Some(expr)) = parsed else { return Vec::new() };
    let mut seen = Seen::default();
    seen.expr(&expr);
    if seen.ip6
        && let Some((protocol, span)) = seen.ipv4_only
    {
        let message = format!("'{protocol}[…]' reads IPv4 packets only: write 'l4[…]' for both versions");
        seen.warnings.push(Warning { span, message });
    }
    seen.warnings
}

#[derive(Default)]
struct Seen {
    warnings: Vec<Warning>,
    /// IPv6 is named.
    ip6: bool,
    /// The first bytes taken from a transport header, which only IPv4 packets have.
    ipv4_only: Option<(&'static str, Span)>,
}

impl Seen {
    /// Looks through an expression; gives the last layer in it that moves offsets for what follows.
    fn expr(&mut self, expr: &Expr) -> Option<Span> {
        match expr {
            Expr::Term(term, span) => self.term(term, *span),
            Expr::Not(inner) => self.expr(inner),
            Expr::Chain(first, rest) => self.chain(first, rest),
        }
    }

    fn chain(&mut self, first: &Expr, rest: &[(Joint, Expr)]) -> Option<Span> {
        let mut layer = self.expr(first);
        let mut before = first;
        // Whether an alternative that is no mere further id was joined, and whether that was remarked on.
        let (mut alternative, mut told) = (false, false);
        for (joint, next) in rest {
            if *joint == Joint::Or
                && let Some(span) = layer.take()
            {
                let message = "this moves the offsets for all that follows it, on the other side of 'or' too: \
                               write 'vlan 5 { … }' to keep it to itself";
                self.warnings.push(Warning { span, message: message.to_owned() });
            }
            if *joint == Joint::And && alternative && !told {
                told = true;
                let message = "'and' and 'or' bind equally, from left to right: this 'and' takes all before it; \
                               use parentheses";
                self.warnings.push(Warning { span: span(next), message: message.to_owned() });
            }
            alternative |= *joint == Joint::Or && (qualifier(before).is_none() || qualifier(before) != qualifier(next));
            layer = self.expr(next).or(layer);
            before = next;
        }
        layer
    }

    fn term(&mut self, term: &Term, span: Span) -> Option<Span> {
        match term {
            Term::Layer(_) => return Some(span),
            Term::Scope(_, body) | Term::Question(Question::Anywhere(body)) => {
                self.expr(body);
            }
            Term::Protocol(Protocol::Ip6 | Protocol::Icmp6) | Term::Id(_, Id::Ipv6(_) | Id::Ipv6Prefix(..)) => {
                self.ip6 = true;
            }
            Term::Id(Qualifier { protocol: Some(Protocol::Ip6), .. }, _) => self.ip6 = true,
            Term::Relation(left, _, right) => {
                self.arith(left);
                self.arith(right);
            }
            _ => {}
        }
        None
    }

    fn arith(&mut self, arith: &Arith) {
        match &arith.kind {
            ArithKind::Number(_) | ArithKind::Len => {}
            ArithKind::Load(protocol, index, _) => {
                match protocol {
                    Protocol::Ip6 | Protocol::Icmp6 => self.ip6 = true,
                    Protocol::Tcp | Protocol::Udp | Protocol::Sctp => {
                        self.ipv4_only.get_or_insert((super::words::protocol_word(*protocol), arith.span));
                    }
                    _ => {}
                }
                self.arith(index);
            }
            ArithKind::LoadUpper(_, inner, _) | ArithKind::Negate(inner) => self.arith(inner),
            ArithKind::Binary(_, a, b) => {
                self.arith(a);
                self.arith(b);
            }
        }
    }
}

fn qualifier(expr: &Expr) -> Option<Qualifier> {
    match expr {
        Expr::Term(Term::Id(qualifier, _), _) => Some(*qualifier),
        Expr::Term(..) => None,
        Expr::Not(inner) => qualifier(inner),
        Expr::Chain(first, _) => qualifier(first),
    }
}

fn span(expr: &Expr) -> Span {
    match expr {
        Expr::Term(_, span) => *span,
        Expr::Not(inner) => span(inner),
        Expr::Chain(first, rest) => rest.last().map_or(span(first), |(_, last)| span(first).to(span(last))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easily_misread_is_told() {
        let table = [
            ("vlan 5 or ip", vec![(0, "moves the offsets")]),
            ("tcp and (mpls or ip)", vec![(9, "moves the offsets")]),
            ("vlan and ip", vec![]),
            ("vlan { ip } or arp", vec![]),
            ("tcp or udp and host 10.0.0.1", vec![(20, "bind equally")]),
            ("(tcp or udp) and host 10.0.0.1", vec![]),
            ("port 80 or 443 and host 10.0.0.1", vec![]),
            ("tcp and udp or icmp", vec![]),
            ("ip6 and tcp[13] = 2", vec![(8, "IPv4 packets only")]),
            ("tcp[13] = 2", vec![]),
            ("tcp and", vec![]),
        ];
        for (expression, expected) in table {
            let found = warnings(expression);
            assert_eq!(found.len(), expected.len(), "{expression}: {found:?}");
            for (warning, (start, message)) in found.iter().zip(expected) {
                assert_eq!(warning.span.start, start, "{expression}");
                assert!(warning.message.contains(message), "{expression}: {}", warning.message);
            }
        }
    }
}
