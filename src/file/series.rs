//! A capture written to one file after the other: when the next one begins, what becomes of the old ones, and what
//! to do about a full disk.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::period::{Period, Periods};
use super::ring::{Keep, Ring};
use super::rotation::{OnFull, Rotation, SeriesEvent, SeriesOptions};
use super::writer::Limit;
use super::{Error, Folder, Output, Writer, append};
use crate::frame::{Block, Section, Timestamp};

/// How long a file of a live capture stays open past its time: frames from before it may be on their way still.
const GRACE: i128 = 200_000_000;

/// How long to wait before a full disk is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// A capture on its way into files.
pub struct Series {
    options: SeriesOptions,
    periods: Option<Periods>,
    period: Option<Period>,
    /// Of the file under way, within its period.
    number: u64,
    folder: Box<dyn Folder>,
    ring: Ring,
    /// Nothing before the first file.
    writer: Option<Writer>,
    current: Option<PathBuf>,
    last: Option<PathBuf>,
    /// What a next file begins with.
    section: Option<Section>,
    /// Files begun.
    begun: u64,
    /// Frames taken; of these, in finished files, and given up while the disk was full.
    handed: u64,
    done: u64,
    gap: u64,
    waiting: Option<Wait>,
    /// Nothing is waited for any more.
    ending: bool,
    broken: bool,
    events: Vec<SeriesEvent>,
    after: Box<dyn FnMut(&Path)>,
}

/// What may help a write that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Remedy {
    /// Removing the oldest file.
    MakeRoom,
    Wait,
    GiveUp,
}

/// A wait for the disk or the reader of a pipe.
#[derive(Clone, Copy, Debug)]
struct Wait {
    /// When it was last tried.
    tried: Instant,
    /// Frames given up before.
    gap: u64,
    /// It is the disk.
    full: bool,
}

impl Series {
    /// Begins a series: makes the first file, unless its name is to tell the time of the first frame. `after` is
    /// called with the name of each file once it is closed.
    ///
    /// # Errors
    /// Where the file can't be made, or what was there can't be gone on with.
    pub fn open(
        options: SeriesOptions,
        folder: Box<dyn Folder>,
        after: Box<dyn FnMut(&Path)>,
    ) -> Result<Series, Error> {
        let rotation = options.rotation;
        let zone = options.names.zone();
        let periods = rotation.seconds.map(|seconds| Periods::new(seconds, rotation.aligned, zone));
        let mut series = Series {
            periods,
            period: None,
            number: 0,
            folder,
            ring: Ring::new(rotation.keep),
            writer: None,
            current: None,
            last: None,
            section: None,
            begun: 0,
            handed: 0,
            done: 0,
            gap: 0,
            waiting: None,
            ending: false,
            broken: false,
            events: Vec::new(),
            after,
            options,
        };
        if rotation.keep.bytes.is_some() || rotation.keep.files.is_some() && rotation.numbers.is_none() {
            series.ring.count_old(&series.options.names)?;
        }
        // Of a wrong pattern this is the time to tell.
        series.options.names.name(0, Timestamp::new(0, 0))?;
        if series.options.append {
            series.append()?;
        } else if let Some(now) = series.options.live_since {
            series.begin(now)?;
        } else if !series.options.names.tell_time() {
            series.make()?;
        }
        Ok(series)
    }

    /// Puts the header of the first file down.
    pub fn start(&mut self, section: &Section) {
        self.section = Some(section.clone());
        if let Some(writer) = &mut self.writer {
            writer.start(section);
        }
    }

    /// Takes a block's frames. Tells how many: less than all of them where the last file is complete.
    ///
    /// # Errors
    /// Those of the [`Writer`]; where the next file can't be made or an old one not be removed.
    pub fn write(&mut self, block: &Block<'_>) -> Result<usize, Error> {
        if let Some(first) = block.records.first()
            && (self.writer.is_none() || self.period.is_none())
        {
            self.begin(first.time)?;
        }
        if self.options.rotation.is_any() && self.section.as_ref() != Some(block.section) {
            self.section = Some(block.section.clone());
        }
        let before = self.handed;
        let all = block.records.len();
        let mut from = 0;
        loop {
            if self.waiting.is_some() {
                self.try_again()?;
            }
            let limit = self.limit();
            let Some(writer) = &mut self.writer else { return Ok(all) };
            if let Err(error) = writer.write_until(block, &mut from, &limit) {
                self.handed = before.saturating_add(all as u64);
                if self.waiting.is_none() || !matches!(error, Error::Write { .. }) {
                    self.carry_on(error)?;
                    continue;
                }
                // As much is held as may be.
                self.gap = self.gap.saturating_add(all.saturating_sub(from) as u64);
                return Ok(all);
            }
            self.handed = before.saturating_add(from as u64);
            match block.records.get(from) {
                None => return Ok(from),
                Some(next) if !self.rotate(next.time)? => return Ok(from),
                Some(_) => {}
            }
        }
    }

    /// Writes out what is held back, and of a live capture begins a file whose time has come. Whether more is wanted.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn idle(&mut self, now: Timestamp) -> Result<bool, Error> {
        if self.waiting.is_some() && !self.try_again()? {
            return Ok(true);
        }
        let due = self.period.filter(|period| now.as_nanos() >= period.end.as_nanos().saturating_add(GRACE));
        if self.options.live_since.is_some() && due.is_some() && !self.rotate(now)? {
            return Ok(false);
        }
        self.flush()?;
        Ok(true)
    }

    /// Writes out what is held back.
    ///
    /// # Errors
    /// Those of the [`Writer`].
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.waiting.is_some() {
            return Ok(());
        }
        match self.writer.as_mut().map(Writer::flush) {
            Some(Err(error)) => self.carry_on(error),
            _ => Ok(()),
        }
    }

    /// Ends the file under way, and with it the series.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn finish(&mut self) -> Result<(), Error> {
        self.ending = true;
        if self.waiting.take().is_some()
            && let Some(Err(error)) = self.writer.as_mut().map(Writer::retry)
        {
            self.carry_on(error)?;
        }
        self.end()?;
        Ok(())
    }

    /// Whether the disk is full or the reader stalls, so that what comes now is held or lost.
    pub fn is_stalled(&self) -> bool {
        self.waiting.is_some()
    }

    /// Frames taken that are in no file.
    pub fn lost(&self) -> u64 {
        let whole = self.writer.as_ref().filter(|_| self.current.is_some()).map_or(0, Writer::whole);
        if self.broken { self.handed.saturating_sub(self.done).saturating_sub(whole) } else { self.gap }
    }

    /// What happened since this was last asked.
    pub fn take_events(&mut self) -> Vec<SeriesEvent> {
        std::mem::take(&mut self.events)
    }

    /// When the file under way is to end; not before what it holds is written.
    fn limit(&self) -> Limit {
        if self.waiting.is_some() {
            return Limit::NONE;
        }
        let Rotation { bytes, frames, keep, .. } = self.options.rotation;
        // So that there is always an older file to remove.
        let half = keep.bytes.map_or(u64::MAX, |bytes| bytes / 2);
        Limit {
            bytes: bytes.unwrap_or(u64::MAX).min(half),
            frames: frames.unwrap_or(u64::MAX),
            until: self.period.map(|period| period.end),
        }
    }

    /// The time of the first frame, or of the capture, is known.
    fn begin(&mut self, time: Timestamp) -> Result<(), Error> {
        self.period = self.periods.as_ref().map(|periods| periods.first(time));
        if self.writer.is_none() { self.make() } else { Ok(()) }
    }

    /// Begins the next file, for frames from that time on; not where no further file is wanted.
    fn rotate(&mut self, time: Timestamp) -> Result<bool, Error> {
        if self.options.rotation.stop.is_some_and(|files| self.begun >= files) {
            self.events.push(SeriesEvent::Complete { files: self.begun });
            return Ok(false);
        }
        if !self.end()? {
            return Ok(true);
        }
        let next = self.number.saturating_add(1);
        match (&self.periods, self.period) {
            (Some(periods), Some(period)) if time >= period.end => {
                self.period = Some(periods.next(period, time));
                // A number that alone tells files apart goes on.
                self.number = if self.options.names.tell_by_number() { next } else { 0 };
            }
            _ => self.number = self.options.rotation.numbers.and_then(|all| next.checked_rem(all)).unwrap_or(next),
        }
        self.make().map_err(|error| self.broken_by(error))?;
        Ok(true)
    }

    /// Ends the file under way. Not where the disk is full and there is a wait for room.
    fn end(&mut self) -> Result<bool, Error> {
        if self.current.is_none() {
            return Ok(true);
        }
        let len = loop {
            let Some(writer) = &mut self.writer else { return Ok(true) };
            match writer.end(self.options.sync) {
                Ok(()) => {
                    self.done = self.done.saturating_add(writer.whole());
                    break writer.output().len();
                }
                Err(error) => self.carry_on(error)?,
            }
            if self.waiting.is_some() {
                return Ok(false);
            }
        };
        if let Some(path) = self.current.take() {
            (self.after)(&path);
            self.last = Some(path.clone());
            let Rotation { keep, .. } = self.options.rotation;
            if keep != Keep::default() || self.options.on_full == OnFull::Ring {
                self.ring.add(path, len);
            }
        }
        Ok(true)
    }

    /// Makes the next file.
    fn make(&mut self) -> Result<(), Error> {
        let start = self.period.map_or(Timestamp::new(0, 0), |period| period.start);
        let path = self.options.names.name(self.number, start)?;
        self.ring.make_place(&path, &mut *self.folder)?;
        let output = loop {
            match Output::create(&path, &self.options.create, &mut *self.folder) {
                Err(Error::Open { source, .. })
                    if is_full(&source)
                        && self.options.on_full == OnFull::Ring
                        && self.ring.remove_oldest(&mut *self.folder)? => {}
                made => break made?,
            }
        };
        if self.options.rotation.numbers != Some(1) && self.last.as_ref() == Some(&path) && self.begun == 1 {
            self.events.push(SeriesEvent::Replaced { file: path.display().to_string() });
        }
        self.take_up(path, output);
        Ok(())
    }

    fn take_up(&mut self, path: PathBuf, mut output: Output) -> &mut Writer {
        output.set_room(self.ring.room());
        self.current = Some(path);
        self.begun = self.begun.saturating_add(1);
        let SeriesOptions { format, method, .. } = self.options;
        let writer = match self.writer.take() {
            Some(mut writer) => {
                writer.go_on(output);
                writer
            }
            None => Writer::compressed(output, format, method),
        };
        let writer = self.writer.insert(writer);
        if let Some(section) = &self.section {
            writer.start(section);
        }
        writer
    }

    /// Takes up the file that is there.
    fn append(&mut self) -> Result<(), Error> {
        let path = self.options.names.name(0, Timestamp::new(0, 0))?;
        let Some(found) = append::open(&path, self.options.format)? else { return self.make() };
        if found.torn > 0 {
            self.events.push(SeriesEvent::Repaired { file: path.display().to_string(), bytes: found.torn });
        }
        let writer = self.take_up(path, found.output);
        if let Some(link_type) = found.link_type {
            writer.is_begun(link_type);
        }
        Ok(())
    }

    /// Deals with a write that failed. Where it is well again, or waited for, this is no error.
    fn carry_on(&mut self, mut error: Error) -> Result<(), Error> {
        let live = self.options.live_since.is_some();
        loop {
            let Error::Write { source, torn: false, .. } = &error else { return Err(self.broken_by(error)) };
            match self.remedy(source) {
                Remedy::Wait if live && !self.ending => {
                    let full = is_full(source);
                    if full {
                        self.events.push(SeriesEvent::Waiting { file: self.current_name() });
                    }
                    self.waiting = Some(Wait { tried: Instant::now(), gap: self.gap, full });
                    return Ok(());
                }
                Remedy::Wait if live => return Err(self.broken_by(error)),
                // The reader of a pipe has been waited for as it was written.
                Remedy::Wait if is_stalled(source) => {}
                Remedy::Wait => thread::sleep(RETRY),
                Remedy::MakeRoom => match self.ring.remove_oldest(&mut *self.folder) {
                    Ok(true) => {}
                    Ok(false) => return Err(self.broken_by(error)),
                    Err(other) => return Err(self.broken_by(other)),
                },
                Remedy::GiveUp => return Err(self.broken_by(error)),
            }
            let room = self.ring.room();
            let Some(writer) = &mut self.writer else { return Ok(()) };
            writer.output().set_room(room);
            match writer.retry() {
                Ok(()) => return Ok(()),
                Err(again) => error = again,
            }
        }
    }

    fn remedy(&self, error: &io::Error) -> Remedy {
        // That is also what the system says of a disk quota, where old files are just as much in the way.
        if self.options.rotation.keep.bytes.is_some() && error.kind() == io::ErrorKind::QuotaExceeded {
            return Remedy::MakeRoom;
        }
        match self.options.on_full {
            _ if is_stalled(error) => Remedy::Wait,
            _ if !is_full(error) => Remedy::GiveUp,
            OnFull::Stop => Remedy::GiveUp,
            OnFull::Wait => Remedy::Wait,
            OnFull::Ring => Remedy::MakeRoom,
        }
    }

    /// Whether what waits could be written; tried now and then.
    fn try_again(&mut self) -> Result<bool, Error> {
        let (Some(wait), Some(writer)) = (self.waiting, &mut self.writer) else { return Ok(true) };
        if wait.tried.elapsed() < RETRY {
            return Ok(false);
        }
        match writer.retry() {
            Ok(()) => {
                self.waiting = None;
                let lost = self.gap.saturating_sub(wait.gap);
                if wait.full || lost > 0 {
                    self.events.push(SeriesEvent::Resumed { file: self.current_name(), lost });
                }
                Ok(true)
            }
            Err(Error::Write { source, torn: false, .. }) if is_full(&source) || is_stalled(&source) => {
                self.waiting = Some(Wait { tried: Instant::now(), ..wait });
                Ok(false)
            }
            Err(error) => Err(self.broken_by(error)),
        }
    }

    fn current_name(&self) -> String {
        self.current.as_ref().map_or_else(String::new, |path| path.display().to_string())
    }

    /// Nothing more is written. What the writer could not encode is lost; and what it could not write as well, where
    /// that is what failed.
    fn broken_by(&mut self, error: Error) -> Error {
        self.waiting = None;
        match &error {
            Error::Unwritable { .. } => {
                let taken = self.writer.as_ref().map_or(0, Writer::taken);
                let kept = self.done.saturating_add(taken).saturating_add(self.gap);
                self.gap = self.gap.saturating_add(self.handed.saturating_sub(kept));
            }
            _ => self.broken = true,
        }
        error
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn is_stalled(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

impl fmt::Debug for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series").field("options", &self.options).field("writer", &self.writer).finish_non_exhaustive()
    }
}
