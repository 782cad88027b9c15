//! An expression to tests on bytes, for one link type.
//!
//! Terms are taken in the order of the text, because a layer (`vlan`, `mpls`, `pppoes`, `geneve`) moves the offsets
//! for all that follows it there, whatever `or`, `not` or parentheses say. [`State`] is what moves; a scope in braces
//! saves it and puts it back.

mod address;
mod ask;
mod ethertype;
mod layer;
mod link_term;
mod protocol;
mod relation;
mod signalling;
mod transport;
mod upper;
mod wlan;

use std::collections::HashMap;

pub(super) use ask::Asked;

use super::ast::{Expr, Joint, Operator, Protocol, Term};
use super::graph::{Graph, NodeId};
use super::link::{self, Kind, Link, Radio};
use super::predicate::{PredId, Predicates};
use super::value::{Size, Slot, ValueId};
use super::{Capture, Options};
use crate::bpf::{ANCILLARY, MEMORY_WORDS};
use crate::diagnostic::{Error, Span};
use crate::frame::LinkType;

/// Where something begins: a part found at run time, and a constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    base: Base,
    fixed: u32,
}

/// The part of an offset that is found at run time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Base {
    None,
    /// Length of what a radio put before the 802.11 header.
    RadioHeader,
    /// Where the payload of an 802.11 data frame or a pf log record begins.
    Payload,
    Slot(Slot),
}

impl Place {
    fn at(fixed: u32) -> Self {
        Place { base: Base::None, fixed }
    }

    fn past(self, count: u32) -> Self {
        Place { fixed: self.fixed.wrapping_add(count), ..self }
    }
}

/// Where the headers are, at some place in the text.
#[derive(Clone, Copy, Debug)]
struct State {
    kind: Kind,
    header: Place,
    /// The link header and kind outside the present ones.
    outer_kind: Kind,
    outer_header: Place,
    type_at: Place,
    payload: Place,
    network: u32,
    network_no_snap: u32,
    mpls_labels: u32,
    vlan_tags: u32,
    /// Inside a tunnel that may or may not carry a link header.
    tunnel: bool,
}

/// The whole condition of an expression.
pub(super) struct Lowered {
    pub preds: Predicates,
    pub root: PredId,
    /// Nothing in it is computed on the way: no tunnel, no chain of headers, no header that varies in length.
    pub plain: bool,
    /// It compares constants with each other, which libpcap does not see through.
    pub compares_constants: bool,
    /// There are tests of ports, which can be one for IPv4 and IPv6.
    pub has_ports: bool,
    /// Whether its graphs ask questions, or accept what they would be asked of.
    pub asks: bool,
    pub questions: Vec<Asked>,
}

impl Lowered {
    /// The graph to optimise: where libpcap sees through constants, what they decide is not read.
    pub fn graph(&self) -> (Graph, NodeId) {
        Graph::of(&self.preds, self.root, self.compares_constants, self.asks)
    }
}

/// Translates an expression. With `share`, tests of IPv4 and IPv6 ports are one, behind a slot that holds where the
/// transport header is.
pub(super) fn lower(
    expr: Option<&Expr>,
    link_type: LinkType,
    options: &Options<'_>,
    share: bool,
) -> Result<Lowered, Error> {
    let Some(link) = link::link(link_type) else {
        return Err(Error::new(Span::default(), format!("link type {} is not known", link_type.0)));
    };
    let mut lower = Lower::new(link, link_type, options, share);
    let root = match expr {
        Some(expr) => {
            let root = lower.expr(expr)?;
            lower.with_front(root)?
        }
        None => lower.preds.constant(true),
    };
    let plain = lower.slots == u8::try_from(lower.transport.len()).unwrap_or(0);
    Ok(Lowered {
        preds: lower.preds,
        root,
        plain,
        compares_constants: lower.compares_constants,
        has_ports: lower.has_ports,
        asks: true,
        questions: lower.questions,
    })
}

struct Lower<'a> {
    preds: Predicates,
    options: &'a Options<'a>,
    link_type: LinkType,
    /// What stands before the outermost 802.11 header.
    radio: Option<Radio>,
    state: State,
    /// The state at the start of the text.
    outermost: State,
    share: bool,
    slots: u8,
    /// Memory words that are taken, as libpcap counts them: a number that needs more than there are is refused.
    words: u32,
    radio_header: Option<Slot>,
    payload: Option<Slot>,
    /// Slots that may be read on paths that do not set them, and are 0 there.
    zeroed: Vec<Slot>,
    /// The slot of the transport header, by where the network header is.
    transport: HashMap<(Base, u32), Slot>,
    /// The slots of the transport header and of its payload, for `l4` and `payload`, in the same way.
    upper_slots: HashMap<(Base, u32), (Slot, Slot)>,
    compares_constants: bool,
    has_ports: bool,
    questions: Vec<Asked>,
    /// The term that is being translated.
    span: Span,
}

type Result<T, E = Error> = std::result::Result<T, E>;

impl<'a> Lower<'a> {
    fn new(link: Link, link_type: LinkType, options: &'a Options<'a>, share: bool) -> Self {
        let radio = match link.kind {
            Kind::Wlan(radio) => Some(radio),
            _ => None,
        };
        let header_base = if matches!(radio, None | Some(Radio::None)) { Base::None } else { Base::RadioHeader };
        let payload_base = if radio.is_some() || link.kind == Kind::Pflog { Base::Payload } else { Base::None };
        let header = Place { base: header_base, fixed: link.header };
        let state = State {
            kind: link.kind,
            header,
            outer_kind: link.kind,
            outer_header: header,
            type_at: Place::at(link.type_at),
            payload: Place { base: payload_base, fixed: link.payload },
            network: link.network,
            network_no_snap: link.network_no_snap,
            mpls_labels: 0,
            vlan_tags: 0,
            tunnel: false,
        };
        Lower {
            preds: Predicates::default(),
            options,
            link_type,
            radio,
            state,
            outermost: state,
            share,
            slots: 0,
            words: 0,
            radio_header: None,
            payload: None,
            zeroed: Vec::new(),
            transport: HashMap::new(),
            upper_slots: HashMap::new(),
            compares_constants: false,
            has_ports: false,
            questions: Vec::new(),
            span: Span::default(),
        }
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(Error::new(self.span, message))
    }

    /// The link type in words, for messages.
    fn link_name(&self) -> String {
        match self.link_type.description() {
            Some(description) => description.to_owned(),
            None => format!("link type {}", self.link_type.0),
        }
    }

    fn is_file(&self) -> bool {
        matches!(self.options.capture, Capture::File { .. })
    }

    fn expr(&mut self, expr: &Expr) -> Result<PredId> {
        match expr {
            Expr::Term(term, span) => {
                self.span = *span;
                self.term(term)
            }
            Expr::Not(inner) => {
                let inner = self.expr(inner)?;
                Ok(self.preds.not(inner))
            }
            Expr::Chain(first, rest) => {
                let mut all = self.expr(first)?;
                for (joint, next) in rest {
                    let next = self.expr(next)?;
                    all = match joint {
                        Joint::And => self.preds.both(all, next),
                        Joint::Or => self.preds.or(all, next),
                    };
                }
                Ok(all)
            }
        }
    }

    fn term(&mut self, term: &Term) -> Result<PredId> {
        match term {
            Term::Id(qualifier, id) => self.id(*qualifier, id),
            Term::Protocol(protocol) => self.protocol(*protocol),
            Term::Relation(left, comparison, right) => self.relation(left, *comparison, right),
            Term::Broadcast(protocol) => self.broadcast(*protocol),
            Term::Multicast(protocol) => self.multicast(*protocol),
            Term::LenAtMost(len) => {
                let value = self.preds.values.len();
                let over = self.preds.test(value, super::predicate::Op::Greater, *len);
                Ok(self.preds.not(over))
            }
            Term::LenAtLeast(len) => {
                let value = self.preds.values.len();
                Ok(self.preds.test(value, super::predicate::Op::GreaterEqual, *len))
            }
            Term::Byte { offset, test, value } => self.byte(*offset, *test, *value),
            Term::Inbound => self.direction(false),
            Term::Outbound => self.direction(true),
            Term::InterfaceIndex(index) => self.interface_index(*index),
            Term::Pppoed => self.ethertype(ethertype::PPPOE_DISCOVERY),
            Term::Question(question) => self.question(question),
            Term::Layer(layer) => self.layer(layer),
            Term::Scope(layer, body) => {
                let before = self.state;
                let outer = self.layer(layer)?;
                let inner = self.expr(body)?;
                self.state = before;
                Ok(self.preds.and(outer, inner))
            }
            Term::WlanType { value, mask } => self.wlan_type(*value, *mask),
            Term::WlanDirection(direction) => self.wlan_direction(*direction),
            Term::Llc(test) => self.llc(*test),
            Term::PfName(field, name) => self.pf_name(*field, name),
            Term::PfNumber(field, number) => self.pf_number(*field, *number),
            Term::Atm(kind) => self.atm(*kind),
            Term::SignalUnit { unit, high_speed } => self.signal_unit(*unit, *high_speed),
            Term::Field { field, high_speed, tests } => self.field(*field, *high_speed, tests),
        }
    }

    fn new_slot(&mut self) -> Result<Slot> {
        let slot = Slot(self.slots);
        self.slots = self.slots.saturating_add(1);
        if self.slots >= 64 { self.fail("too many layers in one expression") } else { Ok(slot) }
    }

    fn take_word(&mut self) -> Result<()> {
        if self.words >= MEMORY_WORDS {
            return self.fail("this needs more temporary numbers than a program has room for");
        }
        self.words = self.words.saturating_add(1);
        Ok(())
    }

    fn free_word(&mut self) {
        self.words = self.words.saturating_sub(1);
    }

    /// The run-time part of an offset.
    fn base(&mut self, base: Base) -> Result<Option<ValueId>> {
        let known = match base {
            Base::None => return Ok(None),
            Base::Slot(slot) => Some(slot),
            Base::RadioHeader => self.radio_header,
            Base::Payload => self.payload,
        };
        let slot = match known {
            Some(slot) => slot,
            None => {
                self.take_word()?;
                self.new_slot()?
            }
        };
        match base {
            Base::RadioHeader => self.radio_header = Some(slot),
            Base::Payload => self.payload = Some(slot),
            _ => {}
        }
        Ok(Some(self.preds.values.slot(slot)))
    }

    /// The bytes at an offset from a place.
    fn load(&mut self, place: Place, size: Size, offset: u32) -> Result<ValueId> {
        let fixed = place.fixed.wrapping_add(offset);
        Ok(match self.base(place.base)? {
            Some(base) => self.preds.values.load_at(size, base, fixed),
            // Offsets beyond what an unset place leads to must not read what the kernel keeps beside the packet.
            None => self.preds.load(size, fixed.min(OUTSIDE)),
        })
    }

    /// What the kernel keeps beside the packet.
    fn ancillary(&mut self, size: Size, which: u32) -> ValueId {
        self.preds.load(size, ANCILLARY.wrapping_add(which))
    }

    fn network_place(&self) -> Place {
        self.state.payload.past(self.state.network)
    }

    fn load_network(&mut self, size: Size, offset: u32) -> Result<ValueId> {
        self.load(self.network_place(), size, offset)
    }

    fn load_header(&mut self, size: Size, offset: u32) -> Result<ValueId> {
        self.load(self.state.header, size, offset)
    }

    /// Bytes from a place on are these, compared in words from the end.
    fn bytes(&mut self, place: Place, offset: u32, bytes: &[u8]) -> Result<PredId> {
        let mut parts = Vec::new();
        let mut rest = bytes;
        loop {
            let (size, count) = match rest.len() {
                0 => break,
                1 => (Size::Byte, 1usize),
                2 | 3 => (Size::Half, 2),
                _ => (Size::Word, 4),
            };
            let split = rest.len().saturating_sub(count);
            let (front, word) = rest.split_at_checked(split).unwrap_or((&[], rest));
            let number = word.iter().fold(0u32, |n, byte| n.wrapping_shl(8) | u32::from(*byte));
            let at = offset.wrapping_add(u32::try_from(split).unwrap_or(0));
            let value = self.load(place, size, at)?;
            parts.push(self.preds.equal(value, number));
            rest = front;
        }
        Ok(self.preds.all(parts))
    }

    /// What has to be computed before anything else: lengths of headers that vary, slots that may be read unset.
    fn with_front(&mut self, root: PredId) -> Result<PredId> {
        let mut front = self.wlan_front()?;
        if self.radio.is_none()
            && let Some(slot) = self.payload
        {
            front.push(self.pflog_front(slot));
        }
        for slot in self.zeroed.clone() {
            let zero = self.preds.values.constant(0);
            front.push(self.preds.set(slot, zero));
        }
        front.push(root);
        Ok(self.preds.all(front))
    }

    fn add(&mut self, a: ValueId, b: u32) -> ValueId {
        let b = self.preds.values.constant(b);
        self.preds.values.binary(Operator::Add, a, b)
    }

    fn binary_const(&mut self, operator: Operator, a: ValueId, b: u32) -> ValueId {
        let b = self.preds.values.constant(b);
        self.preds.values.binary(operator, a, b)
    }
}

/// An offset that no packet reaches, and that means nothing else to the kernel.
const OUTSIDE: u32 = 0x7fff_ffff;

/// A word as it is written in a filter.
fn word(protocol: Protocol) -> &'static str {
    super::words::protocol_word(protocol)
}
