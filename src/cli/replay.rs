//! `sabueso replay`: sends what a capture holds, at the pace it was recorded or another.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::prctl::set_timerslack;
use nix::sys::time::TimeSpec;

use super::flags::expression;
use super::{Outcome, confine, filter};
use crate::file::{ReadOptions, Reader};
use crate::filter::Selection;
use crate::frame::{Block, ByteOrder, Frame, LinkType, Source};
use crate::live::pace::{Pace, Speed};
use crate::live::sandbox::Level;
use crate::live::signals::{Request, Signals};
use crate::live::{Sender, netns, privileges, sandbox};
use crate::output::terminal::{complain, say};
use crate::pipeline::Choice;

/// Sends the packets of capture files out of an interface, as they are
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sudo sabueso replay capture.pcap -i eth0                    as it was recorded
  sudo sabueso replay a.pcap b.pcapng -i eth0 --speed 10x     two, ten times as fast
  sudo sabueso replay a.pcap -i eth0 --speed max --loop forever
  sudo sabueso replay a.pcap -i eth0 -- udp port 53           only what a filter selects

Ethernet captures go out of Ethernet interfaces, raw IP captures out of TUN and its like. SIGINT and SIGTERM
end it, SIGUSR1 shows how far it is.")]
pub struct Args {
    /// The files, one after the other (- for standard input)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Send on this interface, by its name or its number in -D
    #[arg(short = 'i', long, value_name = "INTERFACE")]
    interface: String,

    /// Use the interfaces of this network namespace: its name, or the number of a process in it
    #[arg(long, value_name = "NAME|PID")]
    netns: Option<String>,

    /// 2x: twice as fast as recorded; 1000: so many packets a second; max: as fast as the interface takes them
    #[arg(long, value_name = "SPEED", default_value = "1x")]
    speed: Speed,

    /// Send everything so many times, or forever
    #[arg(long = "loop", value_name = "TIMES", default_value = "1", value_parser = times)]
    times: Times,

    /// End after this many packets
    #[arg(short = 'c', value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// Hand packets to the driver past the queueing discipline: faster, and unseen by other captures here
    #[arg(long)]
    qdisc_bypass: bool,

    /// End with status 3 where a packet was not sent
    #[arg(long)]
    strict: bool,

    /// Become this user once everything is open (by default who called sudo, else sabueso, else nobody)
    #[arg(short = 'Z', long = "relinquish-privileges", value_name = "USER")]
    user: Option<String>,

    /// How much of the sandbox there must be: require (all), best-effort (what the kernel has) or off
    #[arg(long, value_name = "LEVEL", default_value_t)]
    sandbox: Level,

    /// Read the filter expression from this file
    #[arg(short = 'F', value_name = "FILE")]
    filter_file: Option<PathBuf>,

    /// Only packets that this filter expression selects, as in pcap-filter(7)
    #[arg(last = true, value_name = "EXPRESSION")]
    expression: Vec<String>,
}

/// How often to send everything; none: without end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Times(Option<u64>);

fn times(text: &str) -> Result<Times, String> {
    match (text, text.parse()) {
        ("forever", _) => Ok(Times(None)),
        (_, Ok(times @ 1..)) => Ok(Times(Some(times))),
        _ => Err("give a number from 1, or forever".to_owned()),
    }
}

/// Sends until all is sent, or a signal or a fault ends it.
pub fn run(args: &Args) -> Result<Outcome> {
    let mut inputs = args.files.iter().map(|path| Input::open(path)).collect::<Result<Vec<Input>>>()?;
    let identity = privileges::choose(args.user.as_deref())?;
    args.netns.as_deref().map_or(Ok(()), netns::enter)?;
    let sender = Sender::open(&args.interface, args.qdisc_bypass)?;
    for input in &mut inputs {
        input.check(&sender, args.times)?;
    }
    let kind = sender.link_type().unwrap_or(LinkType::EN10MB);
    let selection = match expression(&args.expression, args.filter_file.as_deref())? {
        Some(text) => Some(filter::checked(Selection::new(text, true), kind, ByteOrder::NATIVE)?),
        None => None,
    };
    let signals = Signals::take_over().context("taking over signals")?;
    set_timerslack(1).context("asking for exact timers")?;
    confine::sending(identity, args.sandbox)?;
    say(format_args!("sending on {}", takes(&sender)));
    if !sender.has_carrier()? {
        complain(format_args!("{} has no carrier yet: waiting for one", sender.interface().name));
    }
    let mut replay = Replay {
        sender,
        signals,
        pace: Pace::new(args.speed),
        choice: Choice::new(0, args.count, None, None).filtered(selection),
        started: Instant::now(),
        now: Duration::ZERO,
        cut: 0,
        of_another_kind: 0,
        stopped: false,
    };
    let ended = replay.send_all(&mut inputs, args.times);
    replay.tell();
    filter::tell_refusals(replay.choice.selection());
    ended?;
    Ok(if args.strict && replay.unsent() > 0 { Outcome::Dropped } else { Outcome::Success })
}

/// A file to send, opened while there were the rights to.
struct Input {
    path: PathBuf,
    file: File,
}

impl Input {
    fn open(path: &Path) -> Result<Input> {
        let file = if path.as_os_str() == "-" {
            File::from(io::stdin().as_fd().try_clone_to_owned()?)
        } else {
            File::open(path).with_context(|| path.display().to_string())?
        };
        Ok(Input { path: path.to_owned(), file })
    }

    /// Whether it can be read again.
    fn is_lasting(&self) -> bool {
        self.file.metadata().is_ok_and(|file| file.is_file())
    }

    fn reader(&self) -> Result<Reader> {
        let file = Box::new(self.file.try_clone()?);
        Ok(Reader::new(file, &self.path.display().to_string(), ReadOptions::default())?)
    }

    /// Refuses, before anything is sent, a file of another link type than the interface sends, and one that is to be
    /// sent again and can't be read again.
    fn check(&mut self, sender: &Sender, times: Times) -> Result<()> {
        if self.is_lasting() {
            accepted(&self.path, &self.reader()?, sender)?;
            self.file.rewind()?;
        } else if times != Times(Some(1)) {
            bail!("{}: what comes from a pipe can't be sent again: --loop needs a file", self.path.display());
        }
        Ok(())
    }
}

/// A pcapng file may have interfaces of several kinds, of which the first says nothing.
fn accepted(path: &Path, reader: &Reader, sender: &Sender) -> Result<()> {
    let found = reader.link_type().filter(|_| reader.format() == crate::file::Format::Pcap);
    match found.filter(|found| !sender.accepts(*found)) {
        Some(found) => bail!("{}: frames of link type {found} can't be sent on {}", path.display(), takes(sender)),
        None => Ok(()),
    }
}

/// An interface, and what it takes.
fn takes(sender: &Sender) -> String {
    let kind = sender.link_type().map_or("none that files have".to_owned(), |kind| kind.to_string());
    format!("{}, whose link type is {kind}", sender.interface().name)
}

/// A replay under way.
struct Replay {
    sender: Sender,
    signals: Signals,
    pace: Pace,
    choice: Choice,
    started: Instant,
    /// Time since then, as far as it was looked at.
    now: Duration,
    /// Frames of which the file has only the head.
    cut: u64,
    /// Frames of a link type that the interface does not send.
    of_another_kind: u64,
    stopped: bool,
}

/// How long to wait where the interface takes no more: about as long as a card needs for some dozen frames.
const CONGESTED: Duration = Duration::from_micros(100);

/// So many frames are given to the kernel at once: enough to make the call cheap, few enough to be in the cache.
const BATCH: usize = 64;

impl Replay {
    fn send_all(&mut self, inputs: &mut [Input], times: Times) -> Result<()> {
        let mut pass: u64 = 0;
        while times.0.is_none_or(|times| pass < times) && !self.is_over() {
            let before = self.choice.taken();
            for input in &mut *inputs {
                if pass > 0 {
                    input.file.rewind()?;
                }
                self.send_file(input)?;
            }
            if self.choice.taken() == before {
                break;
            }
            pass = pass.saturating_add(1);
        }
        self.drain()?;
        if self.of_another_kind > 0 && self.sender.sent() == Default::default() {
            bail!("no frame is of a link type that can be sent on {}", takes(&self.sender));
        }
        Ok(())
    }

    fn send_file(&mut self, input: &Input) -> Result<()> {
        let mut reader = input.reader()?;
        accepted(&input.path, &reader, &self.sender)?;
        self.choice.begin_source();
        self.pace.begin_recording();
        while !self.is_over() {
            // Everything good before damage is sent first.
            let Some(block) = reader.next_block().inspect_err(|_| drop(self.drain()))? else { break };
            self.send_block(block)?;
            self.attend()?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.stopped || self.choice.is_full()
    }

    fn send_block(&mut self, block: Block<'_>) -> Result<()> {
        let mut choice = std::mem::take(&mut self.choice);
        let (block, _) = choice.of(block, |_| {});
        let done = block.frames().try_for_each(|frame| if self.stopped { Ok(()) } else { self.send(&frame) });
        self.choice = choice;
        done
    }

    fn send(&mut self, frame: &Frame<'_>) -> Result<()> {
        if !self.sender.accepts(frame.link_type) {
            self.of_another_kind = self.of_another_kind.saturating_add(1);
            return Ok(());
        }
        if (frame.data.len() as u64) < u64::from(frame.wire_len) {
            self.cut = self.cut.saturating_add(1);
        }
        let due = self.pace.due(frame.time);
        if due > self.now {
            self.wait_until(due)?;
        }
        while !self.stopped && !self.sender.queue(frame.data) {
            // With nothing queued the ring is full of what is on its way.
            if self.sender.queued() > 0 { self.flush() } else { self.pause(CONGESTED) }?;
        }
        if self.sender.queued() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Waits for a moment, with nothing held back.
    fn wait_until(&mut self, due: Duration) -> Result<()> {
        self.now = self.started.elapsed();
        if due > self.now {
            self.drain()?;
        }
        while due > self.now && !self.stopped {
            self.pause(due.saturating_sub(self.now))?;
        }
        Ok(())
    }

    /// Gives everything to the kernel.
    fn drain(&mut self) -> Result<()> {
        while self.sender.queued() > 0 && !self.stopped {
            self.flush()?;
        }
        Ok(())
    }

    /// Gives the kernel what it takes; a little later, where that is not all.
    fn flush(&mut self) -> Result<()> {
        if self.sender.flush()? { Ok(()) } else { self.pause(CONGESTED) }
    }

    /// Waits, at most so long, and less if a signal comes.
    fn pause(&mut self, wait: Duration) -> Result<()> {
        // What takes longer is asked for again.
        let wait = wait.min(Duration::from_secs(3600));
        match ppoll(&mut [PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)], Some(TimeSpec::from(wait)), None) {
            Ok(_) | Err(nix::Error::EINTR) => {}
            Err(error) => return Err(error).context("waiting"),
        }
        self.now = self.started.elapsed();
        self.attend()
    }

    fn attend(&mut self) -> Result<()> {
        while let Some(request) = self.signals.next().context("reading signals")? {
            match request {
                Request::Stop(_) => self.stopped = true,
                Request::Counters => self.tell(),
                Request::Flush => {}
            }
        }
        Ok(sandbox::check()?)
    }

    /// Frames that were to be sent and were not.
    fn unsent(&self) -> u64 {
        let sent = self.sender.sent();
        [sent.too_long, sent.refused, self.of_another_kind, self.sender.queued() as u64]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// What it came to so far.
    fn tell(&self) {
        let sent = self.sender.sent();
        let seconds = self.started.elapsed().as_secs_f64().max(1e-9);
        say(format_args!(
            "{} sent, {} bytes in {seconds:.3} s ({:.0} packets/s, {:.3} Mbit/s)",
            packets(sent.frames),
            sent.bytes,
            sent.frames as f64 / seconds,
            sent.bytes as f64 * 8.0 / seconds / 1e6
        ));
        let (name, mtu) = (&self.sender.interface().name, self.sender.mtu());
        for (count, why) in [
            (sent.too_long, format!("not sent: too long for {name}, whose MTU is {mtu}")),
            (sent.refused, format!("not sent: refused by the kernel as no frames for {name}")),
            (self.of_another_kind, format!("not sent: of another link type than {name}")),
            (self.sender.queued() as u64, format!("not sent, as {name} had not taken them at the end")),
            (self.cut, "cut in the capture, and sent as short as that".to_owned()),
        ] {
            if count > 0 {
                say(format_args!("{} {why}", packets(count)));
            }
        }
    }
}

fn packets(count: u64) -> String {
    format!("{count} packet{}", if count == 1 { "" } else { "s" })
}
