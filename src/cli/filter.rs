//! Filter expressions and conditions on the command line: what is wrong with one, and what one is compiled to (`-d`).

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use clap::ArgAction;

use super::Outcome;
use super::flags::{Flags, expression, link_type};
use crate::bpf::{MAX_INSTRUCTIONS, Program};
use crate::condition::Condition;
use crate::file::{ReadOptions, Reader};
use crate::filter::{self, Capture, Selection, SystemNames};
use crate::frame::{ByteOrder, Interface, LinkType};
use crate::live::interfaces;
use crate::output::terminal::{self, complain, say};

/// An expression that can't be used: wrong usage, told with its place marked.
#[derive(Debug, thiserror::Error)]
#[error("{}", .error.message)]
pub struct Refused {
    /// Which expression.
    pub what: &'static str,
    pub expression: String,
    pub error: filter::Error,
}

impl Refused {
    /// Says what is wrong and where.
    pub fn tell(&self) -> Outcome {
        for (at, line) in self.error.render(&self.expression).lines().enumerate() {
            if at == 0 {
                complain(format_args!("{}: {line}", self.what));
            } else {
                say(line);
            }
        }
        Outcome::Usage
    }
}

/// Says what in an expression is easily misread.
fn remark(expression: &str) {
    for warning in filter::warnings(expression) {
        let about = expression.get(warning.span.start..warning.span.end).unwrap_or_default();
        complain(format_args!("filter: '{about}': {}", warning.message));
    }
}

/// The filter for the frames of files, which is right for those of the first interface of this one.
pub fn selection(flags: &Flags, reader: &Reader) -> Result<Option<Selection>> {
    let link_type = flags.link_type()?.or(reader.link_type()).unwrap_or(LinkType::EN10MB);
    check_events(flags, link_type, reader.byte_order())?;
    let Some(expression) = flags.expression()? else { return Ok(None) };
    checked(flags.selection(&expression), link_type, reader.byte_order()).map(Some)
}

/// Refuses what is wrong in the expressions of `--stop-when` and `--trigger`, which run over the frames that come.
pub fn check_events(flags: &Flags, link_type: LinkType, byte_order: ByteOrder) -> Result<()> {
    let mut expressions = flags.stop_when.iter().chain(&flags.recording.trigger);
    expressions.try_for_each(|expression| checked(flags.selection(expression), link_type, byte_order).map(drop))
}

/// A filter that has a meaning for frames of a link type.
pub fn checked(selection: Selection, link_type: LinkType, byte_order: ByteOrder) -> Result<Selection> {
    match selection.matcher(link_type, byte_order) {
        Ok(_) => {
            remark(selection.expression());
            Ok(selection)
        }
        Err(error) => Err(Refused { what: "filter", expression: selection.expression().to_owned(), error }.into()),
    }
}

/// The condition on fields (`--where`).
pub fn condition(flags: &Flags) -> Result<Option<Condition>> {
    let Some(expression) = &flags.condition else { return Ok(None) };
    match Condition::new(expression) {
        Ok(condition) => Ok(Some(condition)),
        Err(error) => Err(Refused { what: "--where", expression: expression.clone(), error }.into()),
    }
}

/// Tells how many packets a condition could not look at.
pub fn tell_failures(condition: Option<&Condition>) {
    match condition.map_or(0, Condition::failures) {
        0 => {}
        n => say(format_args!("{n} packets made a decoder fail under --where and were taken: please report them")),
    }
}

/// Tells for which frames the filter had no meaning.
pub fn tell_refusals(selection: Option<&Selection>) {
    for (link_type, error) in selection.into_iter().flat_map(Selection::refusals) {
        complain(format_args!("frames of link type {link_type} were passed over: filter: {}", error.message));
    }
}

/// The filter for live captures: what of it the kernel can decide, which may be all.
pub struct ForCapture {
    pub kernel: crate::live::Filter,
    expression: String,
    optimize: bool,
    /// Set where a program was too long for the kernel, which takes all packets then.
    too_long: Arc<AtomicBool>,
}

/// The filter for a capture, in whose kernel program there are as many link types.
pub fn for_capture(flags: &Flags, snap_len: u32, link_types: usize) -> Result<Option<ForCapture>> {
    let Some(expression) = flags.expression()? else { return Ok(None) };
    remark(&expression);
    let (text, optimize, names) = (expression.clone(), !flags.no_optimize, SystemNames);
    let too_long = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&too_long);
    // Our own checks stand before the filter.
    let most = MAX_INSTRUCTIONS.saturating_sub(64).checked_div(link_types).unwrap_or(0);
    let compile = move |link_type| {
        let options = filter::Options { snap_len, optimize, capture: Capture::Live, names: &names, netmask: Some(0) };
        let program = filter::compile(&text, link_type, &options)?;
        if program.instructions.len() <= most {
            return Ok(program);
        }
        flag.store(true, Ordering::Relaxed);
        filter::compile("", link_type, &options).map_err(Into::into)
    };
    Ok(Some(ForCapture {
        kernel: crate::live::Filter::new(expression.clone(), compile),
        expression,
        optimize,
        too_long,
    }))
}

/// The filter for one interface of a capture, all of which the kernel has to decide.
///
/// # Errors
/// Where it can't.
pub fn for_interface(flags: &Flags, expression: &str, snap_len: u32) -> Result<crate::live::Filter> {
    if filter::has_questions(expression) {
        bail!("--filter-on {expression}: no kernel can decide this; it is possible in a filter for all interfaces");
    }
    remark(expression);
    let (text, optimize, names) = (expression.to_owned(), !flags.no_optimize, SystemNames);
    let compile = move |link_type| {
        let options = filter::Options { snap_len, optimize, capture: Capture::Live, names: &names, netmask: Some(0) };
        filter::compile(&text, link_type, &options).map_err(Into::into)
    };
    Ok(crate::live::Filter::new(expression, compile))
}

impl ForCapture {
    /// What has to be decided here, once the kernel has its programs: nothing, if they decide all of it.
    ///
    /// # Errors
    /// Where the expression has no meaning for one of these interfaces.
    pub fn beside_kernel(&self, interfaces: &[Interface]) -> Result<Option<Selection>> {
        let too_long = self.too_long.load(Ordering::Relaxed);
        if !too_long && !filter::has_questions(&self.expression) {
            return Ok(None);
        }
        if too_long {
            complain("the filter is longer than a kernel takes, so sabueso itself goes through all packets");
        }
        let selection = Selection::new(&*self.expression, self.optimize).live();
        for interface in interfaces {
            if let Err(error) = selection.matcher(interface.link_type, ByteOrder::NATIVE) {
                return Err(Refused { what: "filter", expression: self.expression.clone(), error }.into());
            }
        }
        Ok(Some(selection))
    }
}

/// Shows what a filter expression is compiled to, without capturing or reading anything
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The expression, as in pcap-filter(7)
    #[arg(value_name = "EXPRESSION")]
    expression: Vec<String>,

    /// Read the expression from this file
    #[arg(short = 'F', value_name = "FILE")]
    filter_file: Option<PathBuf>,

    /// The link type of the packets
    #[arg(short = 'y', long = "linktype", value_name = "TYPE", default_value = "EN10MB")]
    link_type: String,

    /// Show each stage side by side: the tests it stands for, the graph of decisions, the program
    #[arg(long)]
    explain: bool,

    /// The program in words; -dd as C, -ddd as numbers
    #[arg(short = 'd', action = ArgAction::Count, conflicts_with = "explain")]
    dump_program: u8,

    /// Don't optimise
    #[arg(short = 'O', long = "no-optimize")]
    no_optimize: bool,

    /// What the program returns for a packet: bytes to keep
    #[arg(short = 's', long = "snapshot-length", value_name = "BYTES", default_value_t = SNAP_LEN)]
    snap_len: u32,
}

/// tcpdump's.
const SNAP_LEN: u32 = 262_144;

/// `sabueso filter`.
pub fn run(args: &Args) -> Result<Outcome> {
    let expression = expression(&args.expression, args.filter_file.as_deref())?.unwrap_or_default();
    let link_type = link_type(&args.link_type)?;
    let names = SystemNames;
    let (snap_len, optimize) = (args.snap_len, !args.no_optimize);
    let options = filter::Options { snap_len, optimize, capture: Capture::None, netmask: Some(0), names: &names };
    let program = compiled(&expression, link_type, &options)?;
    super::print(&if args.explain {
        let told = filter::explain(&expression, link_type, &options)?;
        let program = program.to_string();
        let stages = [("TESTS", &*told.predicate), ("GRAPH", &*told.graph), ("PROGRAM", &*program)];
        format!("{expression}\n\n{}", side_by_side(&stages, terminal::width().unwrap_or(usize::MAX)))
    } else {
        dumped(&program, args.dump_program)
    })?;
    Ok(Outcome::Success)
}

/// `-d`: the program for the link type of the file or interface, or of `-y`, else for Ethernet.
pub fn dump(flags: &Flags) -> Result<Outcome> {
    let (of_source, capture) = match (flags.read.first(), flags.interface.first()) {
        (Some(path), _) => {
            let reader = Reader::open(path, ReadOptions::default())?;
            (reader.link_type(), Capture::File { byte_order: reader.byte_order() })
        }
        (None, Some(name)) => (Some(interfaces::find(name)?.link_type), Capture::Live),
        (None, None) => (None, Capture::None),
    };
    let link_type = flags.link_type()?.or(of_source).unwrap_or(LinkType::EN10MB);
    let names = SystemNames;
    let snap_len = flags.snap_len.filter(|len| *len != 0).unwrap_or(SNAP_LEN);
    let options = filter::Options { snap_len, optimize: !flags.no_optimize, capture, netmask: Some(0), names: &names };
    let program = compiled(&flags.expression()?.unwrap_or_default(), link_type, &options)?;
    super::print(&dumped(&program, flags.dump_program))?;
    Ok(Outcome::Success)
}

/// The program of an expression; what is wrong or easily misread is told.
fn compiled(expression: &str, link_type: LinkType, options: &filter::Options<'_>) -> Result<Program> {
    match filter::compile(expression, link_type, options) {
        Ok(program) => {
            remark(expression);
            if filter::has_questions(expression) {
                complain("filter: the program accepts at least what is asked for; sabueso itself decides the rest");
            }
            Ok(program)
        }
        Err(error) => Err(Refused { what: "filter", expression: expression.to_owned(), error }.into()),
    }
}

/// A program in tcpdump's forms, by how many `-d` there were.
fn dumped(program: &Program, times: u8) -> String {
    match times {
        0 | 1 => program.to_string(),
        2 => program.c_text(),
        _ => program.decimal_text(),
    }
}

/// Texts under their titles in columns, or, where the width has no room for that, one below the other.
fn side_by_side(texts: &[(&str, &str)], width: usize) -> String {
    const GAP: usize = 3;
    let columns: Vec<Vec<&str>> =
        texts.iter().map(|(title, text)| [*title].into_iter().chain(text.lines()).collect()).collect();
    let widths = columns.iter().map(|lines| lines.iter().map(|line| line.chars().count()).max().unwrap_or(0));
    let widths: Vec<usize> = widths.map(|width| width.saturating_add(GAP)).collect();
    if widths.iter().copied().fold(0, usize::saturating_add) > width.saturating_add(GAP) {
        return texts.iter().map(|(title, text)| format!("{title}\n{text}\n")).collect();
    }
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut out = String::new();
    for row in 0..height {
        let cells = columns.iter().map(|lines| lines.get(row).copied().unwrap_or_default());
        let line: String = cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_where_there_is_room_for_them() {
        let texts = [("A", "one\ntwo\n"), ("B", "1\n")];
        assert_eq!(side_by_side(&texts, 7), "A     B\none   1\ntwo\n");
        assert_eq!(side_by_side(&texts, 6), "A\none\ntwo\n\nB\n1\n\n");
    }
}
