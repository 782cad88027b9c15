//! The flight recorder: `--recorder`. Frames stay in memory, and when something happens (`--trigger`, SIGUSR2) those
//! before it go to a new file, and those of a while after it; then it waits for the next time.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::flags::Flags;
use super::save::{Origin, now};
use super::units;
use crate::file::{self, CreateOptions, Folder, Method, Names, Output, WriteFormat, Writer};
use crate::filter::Selection;
use crate::frame::{Block, Record, Section, Timestamp};
use crate::history::{Bounds, History, earlier, later};
use crate::live::privileges::Identity;
use crate::output::terminal::{complain, say};
use crate::output::text::time_of_day;
use crate::pipeline::{Sink, SinkError};

/// What `--recorder` keeps where it names just a time.
const MOST: usize = 256 << 20;

/// How much later than the last frame wanted it may be until that has surely come.
const SETTLED: Duration = Duration::from_secs(1);

/// The flags of the flight recorder.
#[derive(clap::Args, Debug)]
pub struct Recording {
    /// Keep packets in memory, so much or so long (64MB, 30s, or both: 64MB,30s); when something happens, write them to a
    /// new file named by -w (with the time, as %Y%m%d-%H%M%S has it), and then wait for the next time
    #[arg(long, value_name = "SIZE|TIME", requires = "write", conflicts_with = "count")]
    pub recorder: Option<Bounds>,

    /// With --recorder: what happens is a packet that this filter selects (or SIGUSR2)
    #[arg(long, value_name = "EXPRESSION", requires = "recorder")]
    pub trigger: Option<String>,

    /// With --recorder: go on writing for so long
    #[arg(long, value_name = "TIME", requires = "recorder", value_parser = units::duration, default_value = "10s")]
    pub after: Duration,
}

impl Recording {
    /// Refuses what can't be.
    pub fn check(&self, flags: &Flags) -> Result<()> {
        let saving = &flags.saving;
        for (given, flag) in [
            (flags.write.as_deref().is_some_and(|path| path.as_os_str() == "-"), "-w -"),
            (saving.rotation().is_any(), "rotation"),
            (saving.append, "--append"),
            (saving.after_rotation.is_some(), "-z"),
            (saving.on_full.is_some(), "--on-full"),
            (saving.sync, "--sync"),
        ] {
            if given && self.recorder.is_some() {
                bail!("--recorder makes a file each time something happens: not with {flag}");
            }
        }
        Ok(())
    }
}

impl FromStr for Bounds {
    type Err = String;

    /// A size, a time, or both with a comma between: `64MB`, `30s`, `1GiB,5m`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut bounds = Bounds { bytes: MOST, span: None };
        for part in text.split(',') {
            match part.trim_start_matches(|c: char| c.is_ascii_digit()) {
                "" => return Err(format!("'{part}' has no unit: give a size such as 64MB, or a time such as 30s")),
                "ms" | "s" | "m" | "min" | "h" | "d" => bounds.span = Some(units::duration(part)?),
                _ => bounds.bytes = usize::try_from(units::bytes(part)?).unwrap_or(usize::MAX),
            }
        }
        Ok(bounds)
    }
}

/// Remembers frames, and writes them when it is triggered.
pub struct Recorder {
    history: History,
    bounds: Bounds,
    trigger: Option<Selection>,
    after: Duration,
    files: Files,
    /// None while nothing has happened.
    event: Option<Event>,
    /// What a live capture began with: then time goes on without frames.
    live: Option<Section>,
    written: u64,
    lost: u64,
}

/// A file under way.
struct Event {
    writer: Writer,
    until: Timestamp,
    /// Frames given to the writer.
    frames: u64,
}

impl Recorder {
    /// What the flags ask for, with files named after `path` and made for `owner`.
    pub fn new(
        path: &Path,
        bounds: Bounds,
        flags: &Flags,
        origin: Origin,
        owner: Option<&Identity>,
        folder: Box<dyn Folder>,
    ) -> Result<Self> {
        let read = match origin {
            Origin::File(resolution) => resolution,
            Origin::Live(_) => None,
        };
        let method = flags.saving.method(path);
        let owner = owner.map(|identity| (identity.uid.as_raw(), identity.gid.as_raw()));
        let files = Files {
            names: Names::new(path, None, true, method),
            folder,
            options: CreateOptions { clobber: false, owner },
            format: flags.write_format(read),
            method,
            last: (PathBuf::new(), 0),
            count: 0,
        };
        let (sample, parent) = (files.names.name(0, Timestamp::default())?, path.parent());
        ensure!(sample.parent() == parent, "-w {}: a time can't be in the name of the folder", path.display());
        Ok(Recorder {
            history: History::new(bounds),
            bounds,
            trigger: flags.recording.trigger.as_deref().map(|expression| flags.selection(expression)),
            after: flags.recording.after,
            files,
            event: None,
            live: None,
            written: 0,
            lost: 0,
        })
    }

    /// Begins a file with what is remembered, for something that happened at this time.
    fn start(&mut self, time: Timestamp) -> Result<(), SinkError> {
        let (output, path) = self.files.create(time)?;
        complain(format_args!("triggered at {}, recording to {}", time_of_day(time), path.display()));
        let mut event = Event {
            writer: Writer::compressed(output, self.files.format, self.files.method),
            until: later(time, self.after),
            frames: 0,
        };
        if self.history.frames() == 0
            && let Some(section) = &self.live
        {
            event.writer.start(section);
        }
        let since = self.bounds.span.map(|span| earlier(time, span));
        let mut wanted: Vec<Record> = Vec::new();
        let mut done = Ok(());
        for block in self.history.blocks() {
            wanted.clear();
            wanted.extend(block.records.iter().filter(|record| since.is_none_or(|since| record.time >= since)));
            event.frames = event.frames.saturating_add(wanted.len() as u64);
            done = done.and_then(|()| event.writer.write_block(&Block { records: &wanted, ..block }));
        }
        self.history.clear();
        self.event = Some(event);
        self.checked(done)
    }

    /// Ends the file under way, where there is one.
    fn end(&mut self) -> Result<(), SinkError> {
        let Some(Event { writer, frames, .. }) = self.event.take() else { return Ok(()) };
        self.written = self.written.saturating_add(frames);
        let finished = writer.finish();
        self.counted(finished, frames)
    }

    fn checked(&mut self, result: Result<(), file::Error>) -> Result<(), SinkError> {
        let frames = self.event.as_ref().map_or(0, |event| event.frames);
        self.counted(result, frames)
    }

    /// Notes how many of the frames for a file it lacks.
    fn counted(&mut self, result: Result<(), file::Error>, frames: u64) -> Result<(), SinkError> {
        self.lost = match &result {
            Err(file::Error::Write { whole, .. }) => frames.saturating_sub(*whole),
            Err(file::Error::Unwritable { frame, .. }) => frames.saturating_add(1).saturating_sub(*frame),
            _ => self.lost,
        };
        Ok(result?)
    }
}

impl Sink for Recorder {
    fn begin(&mut self, section: &Section, _: &[(u32, String)]) -> Result<(), SinkError> {
        self.live = Some(section.clone());
        Ok(())
    }

    fn block(&mut self, block: &Block<'_>, _: u64) -> Result<(), SinkError> {
        let mut rest = *block;
        loop {
            match &mut self.event {
                None => {
                    let order = rest.section.byte_order;
                    let trigger = self.trigger.as_mut();
                    let at = trigger.and_then(|t| rest.records.iter().position(|r| t.selects(&rest.frame(r), order)));
                    let (before, after) = split(&rest, at);
                    self.history.push(&before);
                    let Some(happened) = after.records.first() else { return Ok(()) };
                    self.start(happened.time)?;
                    rest = after;
                }
                Some(event) => {
                    let until = event.until;
                    let (wanted, after) = split(&rest, rest.records.iter().position(|record| record.time > until));
                    event.frames = event.frames.saturating_add(wanted.records.len() as u64);
                    let written = event.writer.write_block(&wanted);
                    self.checked(written)?;
                    if after.records.is_empty() {
                        return Ok(());
                    }
                    self.end()?;
                    rest = after;
                }
            }
        }
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        let Some(event) = &mut self.event else { return Ok(()) };
        if self.live.is_some() && now() > later(event.until, SETTLED) {
            return self.end();
        }
        let flushed = event.writer.flush();
        self.checked(flushed)
    }

    fn write_out(&mut self) -> Result<(), SinkError> {
        match &self.event {
            None => self.start(now()),
            Some(_) => self.idle(),
        }
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        let ended = self.end();
        let (written, files) = (self.written.saturating_sub(self.lost), self.files.count);
        let s = |count| if count == 1 { "" } else { "s" };
        say(format_args!("{written} packet{} recorded in {files} file{}", s(written), s(files)));
        ended
    }

    fn undelivered(&self) -> u64 {
        self.lost
    }
}

/// The frames of a block before a place, and those from it on; all before, where there is none.
fn split<'a>(block: &Block<'a>, at: Option<usize>) -> (Block<'a>, Block<'a>) {
    let at = at.unwrap_or(block.records.len());
    let (before, after) = block.records.split_at_checked(at).unwrap_or((block.records, &[]));
    let between = match after.first() {
        Some(first) => block.notes.partition_point(|note| note.body.0 < first.offset),
        None => block.notes.len(),
    };
    let (notes_before, notes_after) = block.notes.split_at_checked(between).unwrap_or((block.notes, &[]));
    (Block { records: before, notes: notes_before, ..*block }, Block { records: after, notes: notes_after, ..*block })
}

/// The files that are made, one each time; none is ever written over.
struct Files {
    names: Names,
    folder: Box<dyn Folder>,
    options: CreateOptions,
    format: WriteFormat,
    method: Option<Method>,
    /// The last name, without a number, and its number.
    last: (PathBuf, u64),
    count: u64,
}

impl Files {
    /// The most files of the same name.
    const MOST: u64 = 1_000_000;

    /// Makes the file for something that happened at this time: the first of its name that is not there.
    fn create(&mut self, time: Timestamp) -> Result<(Output, PathBuf), file::Error> {
        let name = self.names.name(0, time)?;
        let mut number = if self.last.0 == name { self.last.1.saturating_add(1) } else { 0 };
        loop {
            let path = self.names.name(number, time)?;
            match Output::create(&path, &self.options, self.folder.as_mut()) {
                Ok(output) => {
                    self.last = (name, number);
                    self.count = self.count.saturating_add(1);
                    return Ok((output, path));
                }
                Err(file::Error::Open { source, .. })
                    if source.kind() == io::ErrorKind::AlreadyExists && number < Self::MOST =>
                {
                    number = number.saturating_add(1);
                }
                Err(error) => return Err(error),
            }
        }
    }
}
