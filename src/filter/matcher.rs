//! An expression for one link type, decided whole: its program, and the questions that the program asks.

use super::ast::{Expr, OwnerTest, Question, Term};
use super::execute::Beside;
use super::lower::Asked;
use super::{Capture, Error, Executor, Options, Span, parser, program_of, token};
use crate::decode::{Layer, Layers};
use crate::frame::{ByteOrder, Direction, Frame, LinkType};
use crate::owner::View;

/// Whether an expression has questions that no kernel can answer, so that a [`Matcher`] must decide.
pub fn has_questions(expression: &str) -> bool {
    asks(expression, &|_| true)
}

/// Whether an expression asks for the process that a packet is of.
pub fn asks_for_processes(expression: &str) -> bool {
    asks(expression, &|question| matches!(question, Question::Owner(_)))
}

fn asks(expression: &str, is_so: &impl Fn(&Question) -> bool) -> bool {
    let parsed = token::tokens(expression).and_then(|tokens| parser::parse(&tokens));
    matches!(parsed, Ok(Some(expr)) if holds_a_question(&expr, is_so))
}

fn holds_a_question(expr: &Expr, is_so: &impl Fn(&Question) -> bool) -> bool {
    let holds = |expr: &Expr| holds_a_question(expr, is_so);
    match expr {
        Expr::Term(Term::Question(question), _) => {
            is_so(question) || matches!(question, Question::Anywhere(body) if holds(body))
        }
        Expr::Term(Term::Scope(_, body), _) => holds(body),
        Expr::Term(..) => false,
        Expr::Not(inner) => holds(inner),
        Expr::Chain(first, rest) => holds(first) || rest.iter().any(|(_, next)| holds(next)),
    }
}

/// Decides which frames of a link type an expression selects.
///
/// ```
/// use sabueso::filter::{Matcher, Options};
/// use sabueso::frame::LinkType;
///
/// let get = Matcher::new("payload ~ \"^GET /\"", LinkType::RAW, &Options::default()).unwrap();
/// let packet = b"E\0\0\x22\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x10\0\x10\0\0\x0e\0\0GET /x";
/// assert!(get.matches(LinkType::RAW, packet, packet.len() as u32));
/// assert!(!get.matches(LinkType::RAW, &packet[..31], packet.len() as u32));
/// ```
#[derive(Clone, Debug)]
pub struct Matcher {
    executor: Executor,
    questions: Vec<Decider>,
    /// That of the numbers in a frame's options.
    order: ByteOrder,
}

#[derive(Clone, Debug)]
enum Decider {
    Payload(regex::bytes::Regex),
    Owner(OwnerTest),
    /// A matcher for each link type for which the expression has a meaning.
    Anywhere(Vec<(LinkType, Matcher)>),
}

impl Matcher {
    /// # Errors
    /// As [`compile`](super::compile).
    pub fn new(expression: &str, link_type: LinkType, options: &Options<'_>) -> Result<Self, Error> {
        let tokens = token::tokens(expression)?;
        let whole = Span { start: 0, end: expression.len() };
        Self::of(parser::parse(&tokens)?.as_ref(), whole, link_type, options)
    }

    fn of(expr: Option<&Expr>, whole: Span, link_type: LinkType, options: &Options<'_>) -> Result<Self, Error> {
        let (program, asked) = program_of(expr, whole, link_type, options, true)?;
        let executor = Executor::asking(&program).map_err(|problem| Error::new(whole, problem.to_string()))?;
        let decider = |asked| match asked {
            Asked::Payload(regex) => Decider::Payload(regex),
            Asked::Owner(test) => Decider::Owner(test),
            Asked::Anywhere(body) => Decider::Anywhere(
                [link_type, LinkType::EN10MB, LinkType::RAW]
                    .into_iter()
                    .enumerate()
                    .filter(|(place, kind)| *place == 0 || *kind != link_type)
                    // It is right for the outermost packet, or there would be no program.
                    .filter_map(|(_, kind)| Some((kind, Self::of(Some(&body), whole, kind, options).ok()?)))
                    .collect(),
            ),
        };
        let order = match options.capture {
            Capture::File { byte_order } => byte_order,
            _ => ByteOrder::NATIVE,
        };
        Ok(Matcher { executor, questions: asked.into_iter().map(decider).collect(), order })
    }

    /// Whether a frame is selected, of which `data` was captured and `wire_len` bytes were on the wire.
    pub fn matches(&self, link_type: LinkType, data: &[u8], wire_len: u32) -> bool {
        let (direction, owner, questions) = (Direction::Unknown, (&[][..], self.order), &*self.questions);
        self.decide(&Subject { link_type, data, wire_len, direction, owner, questions })
    }

    /// The same for a frame whose direction may be known.
    #[inline]
    pub fn matches_frame(&self, frame: &Frame<'_>) -> bool {
        self.decide(&Subject {
            link_type: frame.link_type,
            data: frame.data,
            wire_len: frame.wire_len,
            direction: frame.flags.direction(),
            owner: (frame.options, self.order),
            questions: &self.questions,
        })
    }

    #[inline]
    fn decide(&self, subject: &Subject<'_>) -> bool {
        self.executor.run_beside(subject.data, subject.wire_len, subject) != 0
    }
}

/// A frame that questions are asked of.
struct Subject<'a> {
    link_type: LinkType,
    data: &'a [u8],
    wire_len: u32,
    direction: Direction,
    /// The options that may tell of its process, and their byte order.
    owner: (&'a [u8], ByteOrder),
    questions: &'a [Decider],
}

/// `PACKET_HOST` and `PACKET_OUTGOING` of linux/if_packet.h.
const RECEIVED: u32 = 0;
const SENT: u32 = 4;

impl Beside for Subject<'_> {
    fn packet_type(&self) -> Option<u32> {
        match self.direction {
            Direction::Inbound => Some(RECEIVED),
            Direction::Outbound => Some(SENT),
            Direction::Unknown => None,
        }
    }

    fn answer(&self, question: u32, at: u32) -> bool {
        match self.questions.get(question as usize) {
            Some(Decider::Payload(regex)) => regex.is_match(self.payload(at as usize)),
            Some(Decider::Owner(test)) => {
                let (options, order) = self.owner;
                View::read(options, order).is_some_and(|owner| test.holds(&owner))
            }
            Some(Decider::Anywhere(matchers)) => self.anywhere(matchers),
            None => false,
        }
    }
}

impl<'a> Subject<'a> {
    fn layers(&self) -> Layers<'a> {
        Layers::new(self.link_type, self.data, self.wire_len as usize)
    }

    /// What is carried from an offset on, as far as the headers say that it goes.
    fn payload(&self, at: usize) -> &'a [u8] {
        let mut layers = self.layers();
        while let Some(layer) = layers.next() {
            let rest = layers.rest();
            if rest.offset() == at && matches!(layer, Layer::Tcp(_) | Layer::Udp(_)) {
                return rest.bytes();
            }
        }
        self.data.get(at..).unwrap_or(&[])
    }

    /// Whether the frame is so, or a frame or packet inside it.
    fn anywhere(&self, matchers: &[(LinkType, Matcher)]) -> bool {
        let is_so = |kind: LinkType, data: &[u8], wire: usize| {
            let of_kind = matchers.iter().find(|(known, _)| *known == kind);
            of_kind.is_some_and(|(_, matcher)| {
                let wire_len = u32::try_from(wire).unwrap_or(u32::MAX);
                let (direction, owner, questions) = (self.direction, self.owner, &*matcher.questions);
                matcher.decide(&Subject { link_type: kind, data, wire_len, direction, owner, questions })
            })
        };
        if is_so(self.link_type, self.data, self.wire_len as usize) {
            return true;
        }
        let mut layers = self.layers();
        let mut addresses: &[u8] = &[];
        // Whether what comes next was seen already, as part of the frame around it.
        let mut seen = true;
        loop {
            let (start, bytes) = (layers.rest(), layers.rest().bytes());
            let Some(layer) = layers.next() else { return false };
            let found = match layer {
                Layer::Ethernet(_) => {
                    addresses = bytes.get(..ADDRESSES).unwrap_or(&[]);
                    // The outermost one was looked at.
                    let inner = start.offset() > 0;
                    seen = true;
                    inner && is_so(LinkType::EN10MB, bytes, start.wire())
                }
                Layer::Vlan(_) => {
                    // As it would be without the tag.
                    let untagged = [addresses, bytes.get(2..).unwrap_or(&[])].concat();
                    let wire = start.wire().saturating_add(ADDRESSES).saturating_sub(2);
                    !addresses.is_empty() && is_so(LinkType::EN10MB, &untagged, wire)
                }
                Layer::Ipv4(_) | Layer::Ipv6(_) => {
                    let before = std::mem::replace(&mut seen, false);
                    !before && is_so(LinkType::RAW, bytes, start.wire())
                }
                Layer::Mpls(_) => {
                    seen = false;
                    false
                }
                // What an error quotes is no packet of its own.
                Layer::Icmpv4(_) | Layer::Icmpv6(_) => return false,
                _ => false,
            };
            if found {
                return true;
            }
        }
    }
}

/// Bytes of the two addresses that an Ethernet header begins with.
const ADDRESSES: usize = 12;
