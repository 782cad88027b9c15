//! Reading capture files: `-r`.

use std::path::Path;

use anyhow::Result;

use super::Outcome;
use super::confine;
use super::filter;
use super::flags::Flags;
use super::maker::Maker;
use super::progress::{Progress, Watched};
use super::save::Origin;
use super::sinks::{Open, Opening, Sinks};
use crate::file::{self, ReadOptions, Reader};
use crate::live::privileges::{self, Identity};
use crate::output::terminal::{complain, safe, say};
use crate::pipeline::{self, Choice};
use crate::rewrite::{Merge, Union};

/// What files that are read side by side share for their buffers, in bytes.
const WINDOW: usize = 16 << 20;

/// Reads one file after the other, or all side by side.
pub fn run(flags: &Flags, open: Open<'_>) -> Result<Outcome> {
    let mut read = Read {
        flags,
        open,
        choice: flags.choice(None)?,
        sinks: Sinks::default(),
        progress: Progress::of(flags),
        outcome: Outcome::Success,
    };
    let done = match flags.merge {
        Some(joins) => read.side_by_side(joins),
        None => flags.read.iter().enumerate().try_for_each(|(at, path)| {
            let last = at.saturating_add(1) == flags.read.len();
            if read.choice.is_full() { Ok(()) } else { read.file(path, last) }
        }),
    };
    // Whatever happened, what was good before it is delivered.
    let finished = read.sinks.finish();
    done?;
    finished?;
    filter::tell_refusals(read.choice.selection());
    filter::tell_failures(read.choice.condition());
    Ok(read.outcome)
}

struct Read<'f> {
    flags: &'f Flags,
    open: Open<'f>,
    choice: Choice,
    sinks: Sinks,
    progress: Option<Progress>,
    outcome: Outcome,
}

impl Read<'_> {
    /// Reads a file. One that can't be opened or goes wrong is told, and the next one read.
    fn file(&mut self, path: &Path, last: bool) -> Result<()> {
        let flags = self.flags;
        let options = ReadOptions { resync: flags.resync, follow: flags.follow };
        let mut reader = match Reader::open(path, options) {
            Ok(reader) => reader,
            Err(error) => return self.failed(&error),
        };
        if flags.list_link_types {
            return list_link_types(path, &reader);
        }
        if flags.announces {
            announce(path, &reader);
        }
        self.open_sinks(&reader)?;
        if last {
            confine::all_is_open(flags)?;
        }
        self.sinks.begin_file(path, &reader);
        self.choice.begin_source();
        let done = {
            let mut watched = Watched::new(&mut reader, self.progress.as_mut());
            pipeline::run(&mut watched, &mut self.choice, self.sinks.all())
        };
        let notices = reader.take_notices();
        for notice in &notices {
            complain(notice);
            self.outcome = Outcome::Failed;
        }
        if !matches!(done, Err(pipeline::Error::Sink(_))) {
            self.sinks.end_file(done.is_ok() && notices.is_empty())?;
        }
        match done {
            Ok(()) => Ok(()),
            Err(pipeline::Error::Sink(error)) => Err(error.into()),
            Err(pipeline::Error::Source(error)) => self.failed(&error),
        }
    }

    /// Opens the sinks when the first file is open, and closes the sandbox.
    fn open_sinks(&mut self, reader: &Reader) -> Result<()> {
        if !self.sinks.is_empty() {
            return Ok(());
        }
        let flags = self.flags;
        let choice = std::mem::take(&mut self.choice);
        self.choice = choice.filtered(filter::selection(flags, reader)?);
        let owner = owner(flags)?;
        let maker = Maker::choose(flags, owner.as_ref())?;
        let origin = Origin::File(reader.resolution());
        (self.open)(&mut self.sinks, Opening { origin, owner: owner.as_ref(), folder: maker.folder })?;
        self.sinks.close();
        confine::reading(flags, maker.open.as_deref())
    }

    /// Reads all files at once, frames in the order of their time. One that can't be opened or goes wrong is told.
    fn side_by_side(&mut self, joins: bool) -> Result<()> {
        let flags = self.flags;
        let buffer = WINDOW.checked_div(flags.read.len()).unwrap_or(WINDOW).clamp(4 << 10, 256 << 10);
        let mut readers = Vec::new();
        for path in &flags.read {
            let options = ReadOptions { resync: flags.resync, follow: false };
            match Reader::open_small(path, options, buffer) {
                Ok(reader) => readers.push(reader),
                Err(error) => self.failed(&error)?,
            }
        }
        let Some(first) = readers.first() else { return Ok(()) };
        self.open_sinks(first)?;
        confine::all_is_open(flags)?;
        let mut merged = Merge::new(readers, Union::new(joins));
        let done = pipeline::run(&mut merged, &mut self.choice, self.sinks.all());
        for notice in merged.take_notices() {
            complain(notice);
            self.outcome = Outcome::Failed;
        }
        for error in merged.take_failures() {
            self.failed(&error)?;
        }
        if merged.disordered() > 0 {
            complain(format_args!(
                "{} packets are older than one before them in their file, and stay behind it: sabueso sort puts all in order",
                merged.disordered()
            ));
        }
        match done {
            Ok(()) => Ok(()),
            Err(pipeline::Error::Sink(error)) => Err(error.into()),
            Err(pipeline::Error::Source(error)) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &file::Error) -> Result<()> {
        self.sinks.idle()?;
        complain(error);
        self.outcome = Outcome::Failed;
        Ok(())
    }
}

/// Whose the files are that are written, if not ours: what runs after each of them must be able to read it.
fn owner(flags: &Flags) -> Result<Option<Identity>> {
    Ok(match &flags.user {
        Some(user) => privileges::choose(Some(user))?,
        None if flags.saving.after_rotation.is_some() => privileges::invoker(None)?,
        None => None,
    })
}

fn announce(path: &Path, reader: &Reader) {
    let mut line = format!("reading from file {}", path.display());
    if let Some(link_type) = reader.link_type() {
        line.push_str(&format!(", link-type {link_type}"));
    }
    if let Some(snap_len) = reader.snap_len() {
        line.push_str(&format!(", snapshot length {snap_len}"));
    }
    say(line);
}

fn list_link_types(path: &Path, reader: &Reader) -> Result<()> {
    let name = safe(path.display());
    let list = match reader.link_type() {
        Some(link_type) => format!("Data link types for {name} (use option -y to set):\n  {link_type}\n"),
        None => format!("Data link types for {name}: none, as it describes no interface\n"),
    };
    super::print(&list)
}
