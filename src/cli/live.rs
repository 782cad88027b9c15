//! Capturing: `-i`, and the lists that help to choose what to give it (`-D`, `-J`, `-L`).

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use super::Outcome;
use super::confine;
use super::filter::{self, ForCapture};
use super::flags::{Flags, Way};
use super::ledger::{Fate, Ledger, Totals};
use super::listen::{self, names};
use super::maker::Maker;
use super::processes;
use super::save::{Origin, now};
use super::sinks::{Open, Opening, Sinks};
use super::workers;
use crate::attribution::Attribution;
use crate::file::{InterfaceStatistics, section_options};
use crate::frame::{Block, ByteOrder, LinkType, Note, Section, Source};
use crate::gap;
use crate::live::interfaces::{self, InterfaceInfo};
use crate::live::privileges;
use crate::live::signals::{Request, Signals};
use crate::live::timestamps::{self, TimestampType};
use crate::live::{self, Capture, CaptureOptions, Change, Direction, InterfaceDrops, Statistics};
use crate::output::terminal::{complain, safe, say};
use crate::pipeline::{self, Choice, SinkError};

/// While blocks follow one another, signals and interfaces are looked at as often: blocks may be as small as a packet.
const ATTEND_EVERY: Duration = Duration::from_millis(10);

/// How often a stalled sink is tried again, in milliseconds.
const STALL_CHECK: u8 = 100;

/// How long a stalled sink is waited for at the end.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Counters are put into a pcapng file as often, so that they are there however the capture ends.
const COUNT_EVERY: Duration = Duration::from_secs(1);

/// Captures until a signal, a count or a fault ends it.
pub fn run(flags: &Flags, open: Open<'_>) -> Result<Outcome> {
    let names = names(flags)?;
    let (options, filter) = options(flags, &names)?;
    let identity = privileges::choose(flags.user.as_deref())?;
    if flags.user.is_some() && identity.is_none() {
        complain("-Z: only root can become another user; this stays who it is");
    }
    if flags.listen.worker_files {
        return workers::run(flags, &names, (&options, filter), identity);
    }
    let mut capture = Capture::open(&names, &options).map_err(refused)?;
    if flags.saves_pcapng() {
        capture.section_mut().options = section_options();
    }
    check_kinds(flags, &capture)?;
    let selection = filter.map_or(Ok(None), |filter| filter.beside_kernel(&capture.section().interfaces))?;
    if selection.is_some() && !options.filters.is_empty() {
        bail!("--filter-on: the kernel can't decide all of the filter for the other interfaces");
    }
    let link_type = capture.section().interfaces.first().map_or(LinkType::EN10MB, |first| first.link_type);
    filter::check_events(flags, link_type, ByteOrder::NATIVE)?;
    let mut sinks = Sinks::default();
    let since = now();
    let maker = Maker::choose(flags, identity.as_ref())?;
    open(&mut sinks, Opening { origin: Origin::Live(since), owner: identity.as_ref(), folder: maker.folder })?;
    sinks.close();
    // Not before: a FIFO without a reader is waited for, and a signal must be able to end that.
    let signals = Signals::take_over().context("taking over signals")?;
    capture.wake_on(signals.waker()?);
    let known: Vec<(u32, String)> = interfaces::list()?.into_iter().map(|i| (i.index, i.name)).collect();
    sinks.begin(capture.section(), &known)?;
    let attribution = processes::start(flags, identity.as_ref())?;
    confine::capturing(identity, flags, maker.open.as_deref())?;
    listen::announce(flags, &capture, options.snap_len);
    if let Some(command) = &flags.command {
        command.launcher.go()?;
    }
    let mut run = Run {
        signals,
        capture,
        attribution,
        sinks,
        choice: flags.choice(Some(since))?.filtered(selection),
        flush_every: flags.saving.flush_interval,
        stopped: false,
        is_commanded: flags.command.is_some(),
        stalled: None,
        unwanted: 0,
        lost: 0,
        ledger: Ledger::new(flags),
    };
    let ended = run.until_the_end();
    run.tell(ended, flags.strict)
}

/// Whether a moment is past; one that was never set is.
fn is_past(moment: Option<Instant>, now: Instant) -> bool {
    moment.is_none_or(|moment| moment <= now)
}

/// A pcap file holds one link type.
pub fn check_kinds(flags: &Flags, capture: &Capture) -> Result<()> {
    let kinds = &capture.section().interfaces;
    match kinds.first() {
        Some(first) if flags.write.is_some() && !flags.saves_pcapng() => {
            let other = kinds.iter().find(|kind| kind.link_type != first.link_type);
            other.map_or(Ok(()), |other| {
                bail!("a pcap file holds one link type, not {} and {}: write pcapng", first.link_type, other.link_type)
            })
        }
        _ => Ok(()),
    }
}

/// An expression that is wrong is told as such.
pub fn refused(error: live::Error) -> anyhow::Error {
    match error {
        live::Error::Filter { ref source, ref expression, .. } => match source.downcast_ref::<crate::filter::Error>() {
            Some(wrong) => {
                filter::Refused { what: "filter", expression: expression.clone(), error: wrong.clone() }.into()
            }
            None => error.into(),
        },
        error => error.into(),
    }
}

fn options(flags: &Flags, names: &[String]) -> Result<(CaptureOptions, Option<ForCapture>)> {
    let usual = CaptureOptions::default();
    let any = names.iter().any(|name| interfaces::find(name).is_ok_and(|i| i.is_any()));
    let snap_len = flags.snap_len.filter(|len| *len != 0).unwrap_or(usual.snap_len);
    let filter = filter::for_capture(flags, snap_len, if any { 3 } else { 1 })?;
    let options = CaptureOptions {
        filter: filter.as_ref().map(|filter| filter.kernel.clone()),
        buffer_size: flags.buffer_size.map_or(usual.buffer_size, |kib| (kib as usize).saturating_mul(1024)),
        snap_len,
        promiscuous: !flags.no_promiscuous,
        direction: match flags.direction {
            Some(Way::In) => Direction::In,
            Some(Way::Out) => Direction::Out,
            Some(Way::Inout) | None => Direction::Both,
        },
        immediate: flags.immediate_mode,
        timestamp_type: flags.time_stamp_type.as_deref().map_or(Ok(TimestampType::Host), str::parse)?,
        // A pcap file holds one link type, so that of all interfaces together; pcapng keeps each one's own.
        cooked: any && !flags.saves_pcapng(),
        filters: listen::filters(flags, names, snap_len)?,
        wait: flags.listen.wait,
        workers: flags.listen.workers(),
        fanout: flags.listen.fanout(),
        ..usual
    };
    Ok((options, filter))
}

/// A capture under way.
struct Run {
    signals: Signals,
    capture: Capture,
    /// Where processes are asked for.
    attribution: Option<Attribution>,
    sinks: Sinks,
    choice: Choice,
    /// What is shown or saved is at most this old.
    flush_every: Duration,
    stopped: bool,
    /// It ends with a command.
    is_commanded: bool,
    /// Since when a sink is stalled.
    stalled: Option<Instant>,
    /// Frames that nobody asked for: not `--where`, before `--skip`, after a stop rule.
    unwanted: u64,
    /// Frames that came after a sink had failed.
    lost: u64,
    ledger: Ledger,
}

impl Run {
    /// Captures until the end. Whatever that was, what the sinks hold is delivered, each by itself.
    fn until_the_end(&mut self) -> Result<()> {
        let ended = self.hand_on();
        let counted = self.save_counters();
        let finished = self.sinks.finish();
        ended.and(counted).and(finished.map_err(Into::into))
    }

    /// Hands on what comes until all has come. What fails on the way ends the capture, not the reading of what
    /// has arrived, so that the counters are right.
    fn hand_on(&mut self) -> Result<()> {
        let mut failure: Option<anyhow::Error> = None;
        let mut flushed = Instant::now();
        let (mut counted, mut attended) = (flushed, None);
        loop {
            let now = Instant::now();
            if failure.is_some() || self.choice.is_full() || is_past(attended, now) {
                self.attend(&mut failure)?;
                attended = now.checked_add(ATTEND_EVERY);
            }
            let is_to_count = now.saturating_duration_since(counted) >= COUNT_EVERY;
            if is_to_count {
                self.ledger.tell_news(Totals::of(&self.capture.statistics()?));
                counted = now;
            }
            if self.waits_for_sinks() {
                self.signals.wait(STALL_CHECK)?;
                failure = failure.or(self.flush().err());
                continue;
            }
            let block = match self.capture.next_block() {
                Ok(Some(block)) => block,
                Ok(None) => break,
                Err(error) => {
                    failure.get_or_insert(error.into());
                    break;
                }
            };
            let count = block.records.len() as u64;
            let gap = gap::begins(&block);
            if count == 0 {
                // There was a pause, perhaps for a signal.
                attended = None;
            }
            if failure.is_some() {
                self.lost = self.lost.saturating_add(count);
                continue;
            }
            let block = match &mut self.attribution {
                Some(attribution) => attribution.attribute(block),
                None => block,
            };
            match pipeline::deliver(block, &mut self.choice, self.sinks.all()) {
                Ok(taken) => self.unwanted = self.unwanted.saturating_add(count.saturating_sub(taken as u64)),
                Err(error) => failure = Some(error.into()),
            }
            if failure.is_none() && (gap || is_to_count) {
                failure = self.save_counters().err();
            }
            if failure.is_none() && now.saturating_duration_since(flushed) >= self.flush_every {
                failure = self.flush().err();
                flushed = now;
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Whether a sink is stalled, so that packets are better left in the kernel's buffer; not for ever, once the end
    /// was asked for.
    fn waits_for_sinks(&mut self) -> bool {
        if !self.sinks.is_stalled() {
            self.stalled = None;
            return false;
        }
        let since = *self.stalled.get_or_insert_with(Instant::now);
        !self.stopped || since.elapsed() < LAST_WAIT
    }

    /// Puts what each interface counted so far into the file, where that is pcapng.
    fn save_counters(&mut self) -> Result<()> {
        let counters = self.capture.statistics()?;
        let section = self.capture.section();
        let (bytes, notes) = counter_notes(section, &counters, &self.capture.interface_drops());
        let block = Block { section, bytes: &bytes, records: &[], notes: &notes };
        pipeline::deliver(block, &mut self.choice, self.sinks.all())?;
        Ok(())
    }

    /// Looks at everything but packets.
    fn attend(&mut self, failure: &mut Option<anyhow::Error>) -> Result<()> {
        while let Some(request) = self.signals.next().context("reading signals")? {
            match request {
                // The command ends it, or goes on.
                Request::Stop(Signal::SIGINT) if self.is_commanded => {}
                Request::Stop(_) => self.stop()?,
                Request::Counters => {
                    self.tell_counters()?;
                }
                Request::Flush => *failure = failure.take().or(self.hand_on_with(Sinks::write_out).err()),
            }
        }
        self.tell_events();
        if let Some(error) = self.attribution.as_mut().and_then(Attribution::take_failure) {
            complain(format_args!("whose packets are is not known from here on: {error}"));
        }
        if self.choice.is_full() || failure.is_some() || self.choice.is_up(now()) {
            self.stop()?;
        }
        Ok(())
    }

    /// Has the sinks hand on what they hold back.
    fn flush(&mut self) -> Result<()> {
        self.hand_on_with(Sinks::idle)
    }

    fn hand_on_with(&mut self, way: fn(&mut Sinks) -> Result<(), SinkError>) -> Result<()> {
        match way(&mut self.sinks) {
            Err(SinkError::Enough(_)) => self.choice.close(0),
            flushed => flushed?,
        }
        Ok(())
    }

    fn tell_events(&mut self) {
        for event in self.capture.take_events() {
            if event.change == Change::Appeared {
                self.sinks.name_interface(event.index, &event.interface);
            }
            listen::tell_event(&event);
        }
    }

    fn stop(&mut self) -> Result<()> {
        if !std::mem::replace(&mut self.stopped, true) {
            self.stalled = None;
            self.capture.stop()?;
        }
        Ok(())
    }

    /// The last words, and what the whole came to.
    fn tell(&mut self, ended: Result<()>, strict: bool) -> Result<Outcome> {
        self.tell_events();
        let outcome = match ended {
            Ok(()) => Outcome::Success,
            Err(error) if matches!(error.downcast_ref(), Some(SinkError::Closed)) => Outcome::Success,
            Err(error) => {
                complain(super::on_one_line(&error));
                Outcome::Failed
            }
        };
        let dropped = self.tell_counters()?;
        match self.attribution.as_ref().map_or(0, Attribution::unknown) {
            0 => {}
            unknown => say(format_args!(
                "{unknown} packets left out of which nobody knows whose they are: their sockets were closed too soon (--isolate)"
            )),
        }
        filter::tell_failures(self.choice.condition());
        Ok(if outcome == Outcome::Success && strict && dropped > 0 { Outcome::Dropped } else { outcome })
    }

    /// Shows the counters. Tells how many packets were lost.
    fn tell_counters(&mut self) -> Result<u64> {
        let totals = Totals::of(&self.capture.statistics()?);
        let undelivered = self.sinks.undelivered();
        let captured = self.choice.taken().saturating_sub(undelivered);
        let fate = Fate { captured, lost: self.lost.saturating_add(undelivered), unwanted: self.unwanted };
        self.ledger.tell(&totals, &fate);
        Ok(totals.lost().saturating_add(fate.lost))
    }
}

/// What was counted on each interface of a section, as the notes of a pcapng file; `lost` is what they lost by themselves.
/// Of a socket for several interfaces nobody knows whose its packets were.
pub fn counter_notes(section: &Section, counters: &[Statistics], lost: &[InterfaceDrops]) -> (Vec<u8>, Vec<Note>) {
    let time = now();
    let mut bytes = Vec::new();
    let mut notes = Vec::new();
    for (lost, interface) in lost.iter().zip(0u32..) {
        let of = counters.iter().find(|of| of.place == Some(interface));
        let body = InterfaceStatistics {
            interface,
            time,
            lost: Some(lost.total()),
            accepted: of.map(|of| of.received),
            dropped: of.map(|of| of.dropped),
            delivered: of.map(|of| of.captured),
        }
        .body(section.byte_order);
        let place = [bytes.len(), body.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        notes.push(Note { kind: InterfaceStatistics::KIND, body: place.into() });
        bytes.extend(body);
    }
    (bytes, notes)
}

/// `-D`: what can be captured on.
pub fn list_interfaces(json: bool) -> Result<Outcome> {
    let list = interfaces::list()?;
    let text = if json {
        let list: Vec<_> = list.iter().zip(1u32..).map(|(interface, number)| as_json(interface, number)).collect();
        format!("{:#}\n", serde_json::Value::from(list))
    } else {
        list.iter().zip(1u32..).map(|(interface, number)| as_line(interface, number)).collect()
    };
    super::print(&text)?;
    Ok(Outcome::Success)
}

/// The states of an interface, in tcpdump's words.
fn states(interface: &InterfaceInfo) -> Vec<&'static str> {
    let all = [(interface.up, "Up"), (interface.running, "Running"), (interface.loopback, "Loopback")];
    all.into_iter().filter(|(is, _)| *is).map(|(_, state)| state).collect()
}

fn as_line(interface: &InterfaceInfo, number: u32) -> String {
    let mut line = format!("{number}.{}", safe(&interface.name));
    if let Some(description) = &interface.description {
        line.push_str(&format!(" ({})", safe(description)));
    }
    line.push_str(&format!(" [{}]", states(interface).join(", ")));
    let link_type = interface.link_type;
    line.push_str(&format!(" {}", link_type.name().map_or_else(|| link_type.0.to_string(), str::to_owned)));
    for address in &interface.addresses {
        line.push_str(&format!(" {address}"));
    }
    line.push('\n');
    line
}

fn as_json(interface: &InterfaceInfo, number: u32) -> serde_json::Value {
    let mac = interface.mac.map(|mac| mac.map(|byte| format!("{byte:02x}")).join(":"));
    serde_json::json!({
        "number": number,
        "name": safe(&interface.name),
        "index": interface.index,
        "up": interface.up,
        "running": interface.running,
        "loopback": interface.loopback,
        "mac": mac,
        "addresses": interface.addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "link_type": interface.link_type.0,
        "link_type_name": interface.link_type.name(),
        "description": interface.description.as_ref().map(safe),
    })
}

/// `-J`: the time stamp types of each interface asked for.
pub fn list_time_stamp_types(flags: &Flags) -> Result<Outcome> {
    let mut text = String::new();
    for name in names(flags)? {
        let name = interfaces::find(&name)?.name;
        text.push_str(&format!("Time stamp types for {} (use option -j to set):\n", safe(&name)));
        for kind in timestamps::offered(&name)? {
            text.push_str(&format!("  {} ({})\n", kind.name(), kind.description()));
        }
    }
    super::print(&text)?;
    Ok(Outcome::Success)
}

/// `-L`: the link type of each interface asked for; an interface has just one.
pub fn list_link_types(flags: &Flags) -> Result<Outcome> {
    let mut text = String::new();
    for name in names(flags)? {
        let interface = interfaces::find(&name)?;
        text.push_str(&format!("Data link types for {}:\n  {}\n", safe(&interface.name), interface.link_type));
    }
    super::print(&text)?;
    Ok(Outcome::Success)
}

/// Refuses what can't be done while capturing.
pub fn check(flags: &Flags) -> Result<()> {
    if flags.follow || flags.resync {
        bail!("--follow and --resync are about files: give one with -r FILE");
    }
    if flags.link_type.is_some() && flags.dump_program == 0 {
        bail!("-y: each interface has a link type of its own that can't be changed; -L shows it");
    }
    flags.listen.check()?;
    processes::check(flags)?;
    if flags.listen.worker_files {
        workers::check(flags)?;
    }
    if let Some(name) = &flags.time_stamp_type {
        let kind = name.parse::<TimestampType>()?;
        let by_the_clock = flags.saving.rotate_seconds.is_some() || flags.saving.longest().is_some();
        if by_the_clock && kind == TimestampType::AdapterUnsynced {
            bail!("-j {kind}: these are not the times of this machine, by which -G and --stop-after go");
        }
    }
    Ok(())
}
