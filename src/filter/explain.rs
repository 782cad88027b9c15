//! An expression at each stage of its compilation, as text for people.

use std::fmt::Write as _;

use super::ast::Operator;
use super::graph::{Graph, Node, NodeId};
use super::lower::lower;
use super::optimize;
use super::predicate::{Op, Pred, PredId, Predicates, Test};
use super::tidy::header_len;
use super::value::{Size, Slot, Value, ValueId, Values};
use super::{Error, Options, compile, parser, token};
use crate::bpf::Program;
use crate::frame::LinkType;

/// What an expression is compiled to, stage by stage.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The tests that must hold, a line each, indented under the `all of` and `any of` that join them.
    pub predicate: String,
    /// The optimised decision graph, a node a line: a test, then where it goes on if it holds and if not.
    pub graph: String,
    pub program: Program,
}

/// Compiles an expression and tells how: `[12:2]` are two bytes at offset 12, `a`, `b` … variables set on the way.
///
/// ```
/// use sabueso::filter::{Options, explain};
/// use sabueso::frame::LinkType;
///
/// let told = explain("arp", LinkType::EN10MB, &Options::default()).unwrap();
/// assert_eq!(told.predicate, "[12:2] = 0x806\n");
/// assert_eq!(told.graph, "1: [12:2] = 0x806 ? accept : refuse\n");
/// ```
///
/// # Errors
/// As [`compile`].
pub fn explain(expression: &str, link_type: LinkType, options: &Options<'_>) -> Result<Explanation, Error> {
    let program = compile(expression, link_type, options)?;
    let tokens = token::tokens(expression)?;
    let expr = parser::parse(&tokens)?;
    let mut lowered = lower(expr.as_ref(), link_type, options, false)?;
    let mut predicate = String::new();
    tell_predicate(&mut predicate, &lowered.preds, lowered.root, 0);
    let (graph, root) = if options.optimize { optimize::smallest(&mut lowered) } else { lowered.graph() };
    let graph = tell_graph(&graph, root, &lowered.preds.values);
    Ok(Explanation { predicate, graph, program })
}

fn tell_predicate(text: &mut String, preds: &Predicates, pred: PredId, depth: usize) {
    let mut line = |what: &str| {
        let _ = writeln!(text, "{:indent$}{what}", "", indent = depth.saturating_mul(2));
    };
    match preds.get(pred) {
        Pred::Const(true) => line("every packet"),
        Pred::Const(false) => line("no packet"),
        Pred::Test(test) => line(&test_text(test, &preds.values)),
        Pred::Set(slot, value) => line(&format!("{} := {}", slot_text(slot), value_text(value, &preds.values))),
        Pred::Not(inner) => {
            line("not");
            tell_predicate(text, preds, inner, depth.saturating_add(1));
        }
        Pred::And(..) | Pred::Or(..) => {
            let is_and = matches!(preds.get(pred), Pred::And(..));
            line(if is_and { "all of" } else { "any of" });
            for part in parts(preds, pred, is_and) {
                tell_predicate(text, preds, part, depth.saturating_add(1));
            }
        }
    }
}

/// The parts of a row of conditions joined alike, which are nested to the left.
fn parts(preds: &Predicates, pred: PredId, is_and: bool) -> Vec<PredId> {
    let mut parts = Vec::new();
    let mut left = pred;
    loop {
        match preds.get(left) {
            Pred::And(a, b) if is_and => {
                parts.push(b);
                left = a;
            }
            Pred::Or(a, b) if !is_and => {
                parts.push(b);
                left = a;
            }
            _ => break,
        }
    }
    parts.push(left);
    parts.reverse();
    parts
}

fn tell_graph(graph: &Graph, root: NodeId, values: &Values) -> String {
    let nodes = graph.reachable(root);
    let name = |id: NodeId| match graph.get(id) {
        Node::Verdict(true) => "accept".to_owned(),
        Node::Verdict(false) => "refuse".to_owned(),
        _ => nodes.iter().position(|node| *node == id).map_or(0, |n| n.saturating_add(1)).to_string(),
    };
    let mut text = String::new();
    for id in &nodes {
        let _ = match graph.get(*id) {
            Node::Verdict(_) if *id == root => writeln!(text, "{}", name(*id)),
            Node::Verdict(_) => Ok(()),
            Node::Test { test, yes, no } => {
                writeln!(text, "{}: {} ? {} : {}", name(*id), test_text(test, values), name(yes), name(no))
            }
            Node::Set { slot, value, next } => {
                writeln!(text, "{}: {} := {}, {}", name(*id), slot_text(slot), value_text(value, values), name(next))
            }
        };
    }
    text
}

fn test_text(test: Test, values: &Values) -> String {
    let (value, other) = (value_text(test.value, values), value_text(test.other, values));
    match test.op {
        Op::Equal => format!("{value} = {other}"),
        Op::Greater => format!("{value} > {other}"),
        Op::GreaterEqual => format!("{value} >= {other}"),
        Op::AnyBit => format!("{value} & {other} != 0"),
    }
}

fn slot_text(slot: Slot) -> String {
    match char::from_u32(u32::from(slot.0).saturating_add(u32::from('a'))) {
        Some(letter @ 'a'..='z') => letter.to_string(),
        _ => format!("v{}", slot.0),
    }
}

fn value_text(value: ValueId, values: &Values) -> String {
    if let Some(offset) = header_len(values, value) {
        return format!("4*([{offset}] & 0xf)");
    }
    let bytes = |size| match size {
        Size::Byte => "",
        Size::Half => ":2",
        Size::Word => ":4",
    };
    match values.get(value) {
        Value::Const(number @ 0..=9) => number.to_string(),
        Value::Const(number) => format!("0x{number:x}"),
        Value::Len => "len".to_owned(),
        Value::Slot(slot) => slot_text(slot),
        Value::Load(size, offset) => format!("[{offset}{}]", bytes(size)),
        Value::LoadAt(size, base, offset) => format!("[{} + {offset}{}]", value_text(base, values), bytes(size)),
        Value::Answer(number, at) => format!("question {number} of [{}]", value_text(at, values)),
        Value::Negate(inner) => format!("-{}", value_text(inner, values)),
        Value::Binary(operator, a, b) => {
            let sign = match operator {
                Operator::Add => "+",
                Operator::Sub => "-",
                Operator::Mul => "*",
                Operator::Div => "/",
                Operator::Mod => "%",
                Operator::And => "&",
                Operator::Or => "|",
                Operator::Xor => "^",
                Operator::Lsh => "<<",
                Operator::Rsh => ">>",
            };
            format!("({} {sign} {})", value_text(a, values), value_text(b, values))
        }
    }
}
