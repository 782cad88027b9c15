//! The filter language of tcpdump, compiled to classic BPF.
//!
//! [`compile`] takes a text through these stages, one file each:
//!
//! | stage | gives |
//! |---|---|
//! | `token`, `words` | tokens with their places |
//! | `parser` | the expression as written (`ast`) |
//! | `lower`, `link`, `names` | tests on bytes for one link type (`predicate`, `value`) |
//! | `graph` | a decision graph without repetitions |
//! | `simplify`, `thread`, `facts`, `search`, `tidy` | a smaller one that decides the same |
//! | `emit`, `layout` | a [`Program`](crate::bpf::Program) |
//! | `check` | whether a kernel would take it |
//!
//! The same program runs in the kernel, attached to a socket, and in the [`Executor`] over the frames of a file.
//! The language is described in pcap-filter(7).

mod ast;
mod check;
mod emit;
mod error;
mod execute;
mod facts;
mod graph;
mod layout;
mod link;
mod lower;
mod names;
mod parser;
mod predicate;
mod search;
mod simplify;
mod thread;
mod tidy;
mod token;
mod value;
mod words;

pub use check::{CheckError, check};
pub use error::{Error, Span};
pub use execute::Executor;
pub use names::{Names, NoNames, SystemNames, Transport};

use crate::bpf::Program;
use crate::frame::{ByteOrder, LinkType};
use ast::Expr;
use facts::Sharpness;
use graph::{Graph, NodeId, REJECT};
use lower::lower;
use thread::thread;
use value::Values;

/// Where the packets will come from, which decides what may be asked of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Capture {
    /// From nowhere yet: what any capture could answer may be asked.
    None,
    /// From a file, which has no direction and interface index beside the packets' own bytes.
    File {
        /// The order in which its numbers were written.
        byte_order: ByteOrder,
    },
    /// From a packet socket of this machine, which has taken the outer VLAN tag out of the packet.
    Live,
}

/// What a compilation depends on beside the text and the link type.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// What the program returns for a packet that it accepts: bytes to keep.
    pub snap_len: u32,
    /// Whether to make the program small and fast.
    pub optimize: bool,
    pub capture: Capture,
    /// The network mask of the interface, in host order, for `ip broadcast`.
    pub netmask: Option<u32>,
    pub names: &'a dyn Names,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("snap_len", &self.snap_len)
            .field("optimize", &self.optimize)
            .field("capture", &self.capture)
            .field("netmask", &self.netmask)
            .finish_non_exhaustive()
    }
}

/// As without a capture: 262,144 bytes, optimised, no network mask, no names.
impl Default for Options<'_> {
    fn default() -> Self {
        Options { snap_len: 262_144, optimize: true, capture: Capture::None, netmask: Some(0), names: &NoNames }
    }
}

/// Compiles an expression for a link type. An empty one means every packet.
///
/// ```
/// use sabueso::filter::{Executor, Options, compile};
/// use sabueso::frame::LinkType;
///
/// let program = compile("ether[0] & 1 = 1 and less 100", LinkType::EN10MB, &Options::default()).unwrap();
/// let executor = Executor::new(&program).unwrap();
/// assert!(executor.run(&[0x01, 0x00, 0x5e], 60) > 0);
/// assert_eq!(executor.run(&[0x02], 60), 0);
///
/// let error = compile("tcp and 10.0.0.1", LinkType::EN10MB, &Options::default()).unwrap_err();
/// assert_eq!(error.span.start, 8);
/// ```
///
/// A long list may make a program that is too long for a kernel, which [`check`] tells; the [`Executor`] runs it.
///
/// # Errors
/// The expression is wrong, does not fit the link type, names what is not known, needs more memory words than a
/// program has, or can match no packet (only with `optimize`, as tcpdump has it).
pub fn compile(expression: &str, link_type: LinkType, options: &Options<'_>) -> Result<Program, Error> {
    let tokens = token::tokens(expression)?;
    let expr = parser::parse(&tokens)?;
    let program = if options.optimize {
        optimized(expr.as_ref(), link_type, options)?
    } else {
        let mut lowered = lower(expr.as_ref(), link_type, options, false)?;
        let (graph, root) = Graph::of(&lowered.preds, lowered.root);
        emit::emit(&graph, root, &mut lowered.preds.values, options.snap_len)
    };
    let whole = Span { start: 0, end: expression.len() };
    let program = program.ok_or_else(|| Error::new(whole, "the expression needs too many temporary numbers"))?;
    match check::check_rules(&program) {
        Ok(()) => Ok(program),
        Err(problem) => Err(Error::new(whole, format!("the expression makes no valid program: {problem}"))),
    }
}

/// The shortest program that any of the ways to optimise gives.
fn optimized(expr: Option<&Expr>, link_type: LinkType, options: &Options<'_>) -> Result<Option<Program>, Error> {
    let mut best: Option<Program> = None;
    for share in [false, true] {
        let mut lowered = lower(expr, link_type, options, share)?;
        let (graph, root) = Graph::of(&lowered.preds, lowered.root);
        let values = &lowered.preds.values;
        let small = graph.len() < SMALL;
        // What libpcap notices may drop reads of the packet; what is noticed beyond that keeps them in place.
        let (plain, plain_root) = if small { thread(&graph, root, values, Sharpness::Plain) } else { (graph, root) };
        if plain_root == REJECT && lowered.plain {
            let (graph, root) = Graph::of(&lowered.preds, lowered.root);
            if thread(&graph, root, &lowered.preds.values, Sharpness::Blunt).1 == REJECT {
                return Err(Error::new(Span::default(), "the expression matches no packet at all"));
            }
        }
        let values = &mut lowered.preds.values;
        let simplified = simplify::simplify(&plain, plain_root, values);
        let threaded = (small || simplified.is_none()).then(|| thread(&plain, plain_root, values, Sharpness::Full));
        for (graph, root) in simplified.into_iter().chain(threaded) {
            let program = finish(&graph, root, values, options.snap_len);
            if let Some(program) = program
                && best.as_ref().is_none_or(|best| program.instructions.len() < best.instructions.len())
            {
                best = Some(program);
            }
        }
        if !lowered.has_ports {
            break;
        }
    }
    Ok(best)
}

/// Graphs from this size on, which are long lists, are optimised in one way only.
const SMALL: usize = 2000;

/// The last stages, which change no decision.
fn finish(graph: &Graph, root: NodeId, values: &mut Values, snap_len: u32) -> Option<Program> {
    let (graph, root) = tidy::tidy(graph, root, values);
    let (graph, root) = search::search(&graph, root, values);
    emit::emit(&graph, root, values, snap_len)
}
