//! Filter expressions and conditions on the command line: what is wrong with one, and what one is compiled to (`-d`).

use anyhow::Result;

use super::Outcome;
use super::flags::Flags;
use crate::condition::Condition;
use crate::file::{ReadOptions, Reader};
use crate::filter::{self, Capture, Selection, SystemNames};
use crate::frame::LinkType;
use crate::live::interfaces;
use crate::output::terminal::say;

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
                say(format_args!("sabueso: {}: {line}", self.what));
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
        say(format_args!("sabueso: filter: '{about}': {}", warning.message));
    }
}

/// The filter for the frames of files, which is right for those of the first interface of this one.
pub fn selection(flags: &Flags, reader: &Reader) -> Result<Option<Selection>> {
    let Some(expression) = flags.expression()? else { return Ok(None) };
    let selection = Selection::new(expression, !flags.no_optimize);
    let link_type = flags.link_type()?.or(reader.link_type()).unwrap_or(LinkType::EN10MB);
    match selection.program(link_type, reader.byte_order()) {
        Ok(_) => {
            remark(selection.expression());
            Ok(Some(selection))
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
        say(format_args!("sabueso: frames of link type {link_type} were passed over: filter: {}", error.message));
    }
}

/// The filter for live captures.
pub fn for_capture(flags: &Flags, snap_len: u32) -> Result<Option<crate::live::Filter>> {
    let Some(expression) = flags.expression()? else { return Ok(None) };
    remark(&expression);
    let (text, optimize, names) = (expression.clone(), !flags.no_optimize, SystemNames::default());
    let compile = move |link_type| {
        let options = filter::Options { snap_len, optimize, capture: Capture::Live, names: &names, netmask: Some(0) };
        filter::compile(&text, link_type, &options).map_err(Into::into)
    };
    Ok(Some(crate::live::Filter::new(expression, compile)))
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
    let names = SystemNames::default();
    let snap_len = flags.snap_len.filter(|len| *len != 0).unwrap_or(262_144);
    let options = filter::Options { snap_len, optimize: !flags.no_optimize, capture, netmask: Some(0), names: &names };
    let expression = flags.expression()?.unwrap_or_default();
    let program = match filter::compile(&expression, link_type, &options) {
        Ok(program) => program,
        Err(error) => return Err(Refused { what: "filter", expression, error }.into()),
    };
    remark(&expression);
    super::print(&match flags.dump_program {
        _ if flags.explain => {
            let told = filter::explain(&expression, link_type, &options)?;
            format!("{expression}\n\n{}\n{}\n{program}", told.predicate, told.graph)
        }
        1 => program.to_string(),
        2 => program.c_text(),
        _ => program.decimal_text(),
    })?;
    Ok(Outcome::Success)
}
