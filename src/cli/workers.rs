//! A file and a thread for each worker (`--worker-files`): nothing is shared where packets pass, so that each of many
//! queues of a card can have a processor of its own.

use std::ffi::OsString;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};

use super::filter::ForCapture;
use super::flags::Flags;
use super::ledger::{Fate, Ledger, Totals};
use super::live::counter_notes;
use super::{Outcome, confine, listen};
use crate::file::{CreateOptions, Direct, Error, Output, Writer, section_options};
use crate::frame::{Block, Source};
use crate::gap;
use crate::live::privileges::Identity;
use crate::live::signals::{Request, Signals};
use crate::live::{Capture, CaptureOptions, InterfaceDrops, Statistics, sandbox};
use crate::output::terminal::{complain, say};

/// What is in a file is at most this old.
const FLUSH_EVERY: Duration = Duration::from_millis(100);

/// How often counters are put into the file, and drops told.
const COUNT_EVERY: Duration = Duration::from_secs(1);

/// How often it is looked whether a worker has ended, in milliseconds.
const LOOK_EVERY: u8 = 100;

/// Refuses what a worker does not do.
pub fn check(flags: &Flags) -> Result<()> {
    let Some(path) = &flags.write else { bail!("--worker-files: give the name of the files with -w") };
    for (given, flag) in [
        (path.as_os_str() == "-", "-w -"),
        (flags.print, "--print"),
        (flags.count, "--count"),
        (flags.condition.is_some(), "--where"),
        (flags.stop_after.is_some(), "-c"),
        (flags.skip > 0, "--skip"),
        (flags.stop_when.is_some(), "--stop-when"),
        (flags.recording.recorder.is_some(), "--recorder"),
        (flags.packet_buffered, "-U"),
        (!flags.saving.is_plain(path), "rotation, compression or a stop rule"),
    ] {
        if given {
            bail!("{flag} needs all packets in one place: not with --worker-files");
        }
    }
    Ok(())
}

/// Captures with a thread a worker until a signal or a fault ends it.
pub fn run(
    flags: &Flags,
    names: &[String],
    (options, filter): (&CaptureOptions, Option<ForCapture>),
    identity: Option<Identity>,
) -> Result<Outcome> {
    let path = flags.write.as_deref().unwrap_or(Path::new(""));
    let captures = Capture::open_workers(names, options).map_err(super::live::refused)?;
    if let Some(first) = captures.first() {
        super::live::check_kinds(flags, first)?;
    }
    if filter.map_or(Ok(None), |filter| filter.beside_kernel(&[]))?.is_some() {
        bail!("--worker-files: the kernel can't decide all of this filter");
    }
    let owner = identity.as_ref().map(|identity| (identity.uid.as_raw(), identity.gid.as_raw()));
    let create = CreateOptions { clobber: !flags.no_clobber, owner };
    let mut workers = Vec::new();
    for (mut capture, number) in captures.into_iter().zip(0u32..) {
        if flags.saves_pcapng() {
            capture.section_mut().options = section_options();
        }
        let path = numbered(path, number);
        let mut writer = Writer::new(Output::create(&path, &create, &mut Direct)?, flags.write_format(None));
        writer.start(capture.section());
        writer.flush()?;
        let (bell, ringer) = pipe()?;
        capture.wake_on(bell.try_clone()?.into());
        let told = Arc::new(Told::default());
        let worker = Worker { path, capture, writer, bell, told: Arc::clone(&told), first: number == 0, lost: 0 };
        workers.push((worker, told, ringer));
    }
    let signals = Signals::take_over().context("taking over signals")?;
    // Before any thread is there: each would have to do it for itself.
    confine::capturing(identity, flags, None)?;
    if let Some((worker, ..)) = workers.first() {
        listen::announce(flags, &worker.capture, options.snap_len);
    }
    let mut running = Vec::new();
    for (worker, told, ringer) in workers {
        let name = format!("worker {}", running.len());
        let thread = thread::Builder::new().name(name).spawn(move || worker.work()).context("starting a thread")?;
        running.push(Running { thread, told, ringer });
    }
    watch(&signals, &mut running)?;
    finish(running, &Ledger::new(flags), flags.strict)
}

/// `name.0` and so on.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    name.into()
}

/// What a worker and the main thread tell each other.
#[derive(Debug, Default)]
struct Told {
    stop: AtomicBool,
    captured: AtomicU64,
}

/// A thread that captures, as the main thread sees it.
struct Running {
    thread: JoinHandle<Worked>,
    told: Arc<Told>,
    ringer: PipeWriter,
}

/// What a worker came to.
struct Worked {
    path: PathBuf,
    statistics: Vec<Statistics>,
    /// Frames in its file.
    captured: u64,
    /// Frames that came after its file had failed, or that the file lacks.
    lost: u64,
    failure: Option<anyhow::Error>,
}

/// Waits until the end is asked for, or a worker has ended; then all are to end.
fn watch(signals: &Signals, running: &mut [Running]) -> Result<()> {
    let mut stop = false;
    while !stop {
        match poll(&mut [PollFd::new(signals.as_fd(), PollFlags::POLLIN)], LOOK_EVERY) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error).context("waiting for signals"),
        }
        while let Some(request) = signals.next().context("reading signals")? {
            match request {
                Request::Stop(_) => stop = true,
                Request::Counters => {
                    let captured = running.iter().map(|r| r.told.captured.load(Ordering::Relaxed));
                    say(format_args!("{} packets captured", captured.fold(0, u64::saturating_add)));
                }
                // They are at most as old as FLUSH_EVERY.
                Request::Flush => {}
            }
        }
        stop |= running.iter().any(|running| running.thread.is_finished()) || sandbox::check().is_err();
    }
    for Running { told, ringer, .. } in running {
        told.stop.store(true, Ordering::Relaxed);
        // One that has ended hears it no more.
        let _ = ringer.write_all(&[0]);
    }
    Ok(())
}

/// What the workers came to, together.
fn finish(running: Vec<Running>, ledger: &Ledger, strict: bool) -> Result<Outcome> {
    let mut outcome = Outcome::Success;
    let (mut captured, mut lost, mut statistics) = (0u64, 0u64, Vec::new());
    for Running { thread, .. } in running {
        let mut worked = thread.join().map_err(|_| anyhow!("a worker failed by a fault of sabueso"))?;
        if let Some(failure) = worked.failure {
            complain(super::on_one_line(&failure));
            outcome = Outcome::Failed;
        }
        say(format_args!("{} packets in {}", worked.captured, worked.path.display()));
        captured = captured.saturating_add(worked.captured);
        lost = lost.saturating_add(worked.lost);
        statistics.append(&mut worked.statistics);
    }
    let totals = Totals::of(&statistics);
    ledger.tell(&totals, &Fate { captured, lost, unwanted: 0 });
    sandbox::check()?;
    let lost = totals.lost().saturating_add(lost);
    Ok(if outcome == Outcome::Success && strict && lost > 0 { Outcome::Dropped } else { outcome })
}

struct Worker {
    path: PathBuf,
    capture: Capture,
    writer: Writer,
    bell: PipeReader,
    told: Arc<Told>,
    /// The one that tells what all see.
    first: bool,
    lost: u64,
}

impl Worker {
    fn work(mut self) -> Worked {
        let ended = self.capture_all();
        let counted = self.count();
        let mut statistics = self.capture.statistics();
        if !self.first {
            // All see the same interfaces.
            statistics.iter_mut().flatten().for_each(|of| of.at_interface = InterfaceDrops::default());
        }
        let Worker { path, writer, told, lost, .. } = self;
        let taken = told.captured.load(Ordering::Relaxed);
        let finished = writer.finish().map_err(anyhow::Error::from);
        let failed = ended.and(counted).and(finished);
        let missing = failed.as_ref().err().map_or(0, |error| missing(error, taken));
        let (statistics, uncounted) = statistics.map_or_else(|e| (Vec::new(), Err(e.into())), |s| (s, Ok(())));
        Worked {
            path,
            statistics,
            captured: taken.saturating_sub(missing),
            lost: lost.saturating_add(missing),
            failure: failed.and(uncounted).err(),
        }
    }

    /// Writes what comes until all has come. A failure ends the capture, not the reading of what has arrived, so that
    /// the counters are right.
    fn capture_all(&mut self) -> Result<()> {
        let mut failure: Option<anyhow::Error> = None;
        let (mut stopped, mut flushed, mut counted) = (false, Instant::now(), Instant::now());
        let mut dropped = 0;
        loop {
            let asked = self.told.stop.load(Ordering::Relaxed);
            if !stopped && (asked || failure.is_some()) {
                if asked {
                    self.bell.read_exact(&mut [0])?;
                }
                self.capture.stop()?;
                stopped = true;
            }
            for event in self.capture.take_events() {
                if self.first {
                    listen::tell_event(&event);
                }
            }
            let block = match self.capture.next_block() {
                Ok(Some(block)) => block,
                Ok(None) => break,
                Err(error) => return failure.map_or(Err(error.into()), Err),
            };
            let count = block.records.len() as u64;
            let gap = gap::begins(&block);
            if failure.is_some() {
                self.lost = self.lost.saturating_add(count);
                continue;
            }
            if count > 0 {
                failure = self.writer.write_block(&block).err().map(Into::into);
                self.told.captured.fetch_add(count, Ordering::Relaxed);
            }
            if failure.is_none() && flushed.elapsed() >= FLUSH_EVERY {
                failure = self.writer.flush().err().map(Into::into);
                flushed = Instant::now();
            }
            if failure.is_none() && gap {
                failure = self.count().err();
            }
            if failure.is_none() && counted.elapsed() >= COUNT_EVERY {
                failure = self.count().err();
                dropped = self.tell_drops(dropped)?;
                counted = Instant::now();
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Puts what was counted so far into the file, where it can hold that.
    fn count(&mut self) -> Result<()> {
        let counters = self.capture.statistics()?;
        let section = self.capture.section();
        let (bytes, notes) = counter_notes(section, &counters, &self.capture.interface_drops());
        Ok(self.writer.write_block(&Block { section, bytes: &bytes, records: &[], notes: &notes })?)
    }

    /// Tells of packets that the kernel dropped since this was last told.
    fn tell_drops(&mut self, told: u64) -> Result<u64> {
        let dropped = self.capture.statistics()?.iter().map(|s| s.dropped).fold(0, u64::saturating_add);
        if dropped > told {
            let new = dropped.saturating_sub(told);
            complain(format_args!(
                "the kernel dropped {new} packets for {}: more --workers, or -B",
                self.path.display()
            ));
        }
        Ok(dropped)
    }
}

/// How many of the frames that were taken a failed file lacks.
fn missing(failure: &anyhow::Error, taken: u64) -> u64 {
    match failure.downcast_ref() {
        Some(Error::Write { whole, .. }) => taken.saturating_sub(*whole),
        Some(Error::Unwritable { frame, .. }) => taken.saturating_add(1).saturating_sub(*frame),
        _ => 0,
    }
}
