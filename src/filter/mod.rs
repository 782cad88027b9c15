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
//! | `optimize`: `simplify`, `thread`, `facts`, `search`, `tidy` | a smaller one that decides the same |
//! | `emit`, `memory`, `layout` | a [`Program`] |
//! | `check` | whether a kernel would take it |
//!
//! The same program runs in the kernel, attached to a socket, and in the [`Executor`] over the frames of a file. What no
//! program can tell (the text of a payload, the process, packets inside packets) a [`Matcher`] decides here, behind a program that
//! accepts at least as much.
//! The language is described in pcap-filter(7).

mod ast;
mod check;
mod emit;
mod execute;
mod explain;
mod facts;
mod graph;
mod layout;
mod link;
mod lower;
mod matcher;
mod memory;
mod names;
mod optimize;
mod parser;
mod predicate;
mod search;
mod selection;
mod simplify;
mod thread;
mod tidy;
mod token;
mod value;
mod warn;
mod words;

pub use crate::diagnostic::{Error, Span};
pub use check::{CheckError, check};
pub use execute::Executor;
pub use explain::{Explanation, explain};
pub use matcher::{Matcher, asks_for_processes, has_questions};
pub use names::{Names, NoNames, SystemNames, Transport};
pub use selection::Selection;
pub use warn::{Warning, warnings};

use crate::bpf::Program;
use crate::frame::{ByteOrder, LinkType};
use ast::Expr;
use lower::{Asked, Lowered, lower};

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
    /// From a live capture as this process gets it: the tag is back in its place, the direction known.
    Received,
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
/// Where the expression has questions that no program can answer (`payload contains`, `payload ~`, `pid`, `process`, `user`, `any { }`), this one
/// accepts all that the expression does and perhaps more: a [`Matcher`] decides.
///
/// # Errors
/// The expression is wrong, does not fit the link type, names what is not known, needs more memory words than a
/// program has, or can match no packet (only with `optimize`, as tcpdump has it).
pub fn compile(expression: &str, link_type: LinkType, options: &Options<'_>) -> Result<Program, Error> {
    program(expression, link_type, options, false).map(|(program, _)| program)
}

/// The program of an expression, and the questions that it asks. Without `asks` it asks none, and accepts what they
/// would be asked of.
fn program(
    expression: &str,
    link_type: LinkType,
    options: &Options<'_>,
    asks: bool,
) -> Result<(Program, Vec<Asked>), Error> {
    let tokens = token::tokens(expression)?;
    program_of(parser::parse(&tokens)?.as_ref(), Span { start: 0, end: expression.len() }, link_type, options, asks)
}

fn program_of(
    expr: Option<&Expr>,
    whole: Span,
    link_type: LinkType,
    options: &Options<'_>,
    asks: bool,
) -> Result<(Program, Vec<Asked>), Error> {
    let lowered = |share| lower(expr, link_type, options, share).map(|lowered| Lowered { asks, ..lowered });
    let first = lowered(false)?;
    let questions = first.questions.clone();
    let program = if !options.optimize {
        optimize::unoptimized(first, options.snap_len)
    } else if optimize::matches_nothing(&first) {
        return Err(Error::new(whole, "the expression matches no packet at all"));
    } else {
        let has_ports = first.has_ports;
        let mut programs = optimize::programs(first, options.snap_len);
        if has_ports {
            programs.extend(optimize::programs(lowered(true)?, options.snap_len));
        }
        programs.into_iter().min_by_key(|program| program.instructions.len())
    };
    let program = program.ok_or_else(|| Error::new(whole, "the expression needs too many temporary numbers"))?;
    match check::check_rules(&program, asks) {
        Ok(()) => Ok((program, questions)),
        Err(problem) => Err(Error::new(whole, format!("the expression makes no valid program: {problem}"))),
    }
}
