//! `sabueso flows`: a line for each connection, from files or live.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::Outcome;
use super::input::Input;
use super::save::{Origin, now};
use super::units;
use crate::budget::Budget;
use crate::flow::{Connection, Counts, Protocol, Tracker};
use crate::frame::Block;
use crate::output::terminal::{say, width};
use crate::output::{Sheet, flows};
use crate::pipeline::{Sink, SinkError};
use crate::roster::{Ends, Roster};

/// What one that waits for its turn takes, while the list of them may be grown by copying.
const WAITING: usize = 3 * size_of::<Waiting>();

/// Lines are handed on when this many bytes are together.
const FLUSH_AT: usize = 64 << 10;

/// Connections: who called whom, what became of it, what was said, how it ended
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso flows capture.pcap                       a line for each connection, in the order of their start
  sabueso flows capture.pcap --sort bytes -n 10    the ten largest
  sabueso flows a.pcap b.pcap --json               a line of JSON for each
  sudo sabueso flows -i eth0                       each as it ends, and the open ones at the end

Sizes are bytes of data, ↑ from the client to the server. docs/flows.md tells the names in the JSON.")]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// Lines of JSON
    #[arg(long)]
    json: bool,

    /// Order of the lines; the largest first, but for start (default: start; live, the end)
    #[arg(long, value_enum, value_name = "ORDER")]
    sort: Option<Order>,

    /// Only the first so many in that order
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,

    /// The same endpoints are one connection in whatever VLAN, virtual network or tunnel they are seen
    #[arg(long)]
    merge_networks: bool,

    /// Names of hosts from a file such as /etc/hosts, besides those that the packets tell
    #[arg(long, value_name = "FILE")]
    hosts: Option<PathBuf>,

    /// The most memory for connections: a size such as 64MiB or 1GiB. Those silent for longest make room, and are marked
    #[arg(long, value_name = "SIZE", value_parser = units::bytes, default_value = "256MiB")]
    memory: u64,
}

/// What lines are ordered by.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Order {
    Start,
    Bytes,
    Packets,
    Duration,
    /// The round trip of the handshake, else the mean time to an answer
    Rtt,
}

impl Order {
    /// What comes first has the least key.
    fn key(self, connection: &Connection) -> u64 {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let both = [connection.sent(), connection.received()];
        let largest = match self {
            Order::Start => return connection.first_frame(),
            Order::Bytes => both.iter().fold(0u64, |sum, side| sum.saturating_add(side.frame_bytes)),
            Order::Packets => both.iter().fold(0u64, |sum, side| sum.saturating_add(side.packets)),
            Order::Duration => nanos(connection.duration()),
            Order::Rtt => round_trip(connection).map_or(0, nanos),
        };
        !largest
    }
}

fn round_trip(connection: &Connection) -> Option<Duration> {
    match connection.tcp() {
        Some(tcp) => tcp.handshake_time().or(tcp.connect_time()),
        None => connection.exchanges()?.round_trips.mean(),
    }
}

/// Tells the connections of files or interfaces.
pub fn run(args: &Args) -> Result<Outcome> {
    args.input.run(|sinks, opening| {
        let is_live = matches!(opening.origin, Origin::Live(_));
        sinks.push(Flows::new(args, is_live, args.input.color.coloured())?);
        Ok(())
    })
}

/// What is told of a connection.
enum Form {
    Lines(flows::Lines),
    Json,
}

/// A connection that is over, and what is known of its ends.
struct Waiting {
    /// Those with the least are told first.
    key: u64,
    connection: Connection,
    ends: Ends,
}

/// Follows connections and tells of those that are over.
struct Flows {
    tracker: Tracker,
    roster: Roster,
    form: Form,
    /// None tells each at its end.
    order: Option<Order>,
    top: usize,
    /// Those that are over and not told yet.
    waiting: Vec<Waiting>,
    /// How many may wait.
    room: usize,
    /// Whether some had to be told before their turn.
    is_unordered: bool,
    sheet: Sheet,
    out: io::Stdout,
    /// Tell each as it ends; nobody wants to wait for it.
    is_live: bool,
}

impl Flows {
    fn new(args: &Args, is_live: bool, coloured: bool) -> Result<Self> {
        let memory = usize::try_from(args.memory).unwrap_or(usize::MAX);
        // An eighth is for names and processes, another for those that wait for their turn.
        let (known, rest) = (memory / 8, memory / 8);
        let out = io::stdout();
        let by_end = is_live && args.sort.is_none() && args.top.is_none();
        let tracker = Tracker::new(&Budget::new(memory.saturating_sub(known).saturating_sub(rest)));
        let mut roster = Roster::new(&Budget::new(known));
        if let Some(path) = &args.hosts {
            roster.hosts_file(&fs::read(path).with_context(|| format!("--hosts {}", path.display()))?);
        }
        Ok(Flows {
            tracker: tracker.with_networks_merged(args.merge_networks),
            roster,
            form: if args.json { Form::Json } else { Form::Lines(flows::Lines::new(width().unwrap_or(usize::MAX))) },
            order: (!by_end).then(|| args.sort.unwrap_or(Order::Start)),
            top: args.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX)),
            waiting: Vec::new(),
            room: rest.checked_div(WAITING).unwrap_or(0).max(1),
            is_unordered: false,
            sheet: Sheet::coloured(coloured),
            is_live,
            out,
        })
    }
}

impl Flows {
    /// Does with the connections that are over what is to be done.
    fn take(&mut self, ended: &mut Vec<Connection>) -> Result<(), SinkError> {
        for connection in ended.drain(..) {
            let ends = self.roster.ends(&connection);
            self.roster.forget(&connection);
            match self.order {
                None => self.tell(&connection, &ends)?,
                Some(order) => self.waiting.push(Waiting { key: order.key(&connection), connection, ends }),
            }
        }
        if self.waiting.len() > self.room {
            self.make_room()?;
        }
        Ok(())
    }

    /// Drops those that will never be among the first, or tells half of all before their turn.
    fn make_room(&mut self) -> Result<(), SinkError> {
        self.waiting.sort_unstable_by_key(|waiting| waiting.key);
        if self.top <= self.room / 2 {
            self.waiting.truncate(self.top);
            return Ok(());
        }
        self.is_unordered = true;
        let half = self.waiting.len() / 2;
        let waiting = std::mem::take(&mut self.waiting);
        let mut waiting = waiting.into_iter();
        waiting.by_ref().take(half).try_for_each(|Waiting { connection, ends, .. }| self.tell(&connection, &ends))?;
        self.waiting = waiting.collect();
        Ok(())
    }

    /// Tells of a connection, if it is among those that are wanted.
    fn tell(&mut self, connection: &Connection, ends: &Ends) -> Result<(), SinkError> {
        if matches!(self.form, Form::Lines(_)) && is_found_neighbour(connection) {
            return Ok(());
        }
        let Some(left) = self.top.checked_sub(1) else { return Ok(()) };
        self.top = left;
        let paths = self.tracker.paths();
        match &mut self.form {
            Form::Lines(lines) => lines.connection(&mut self.sheet, connection, ends, paths),
            Form::Json => flows::object(&mut self.sheet, connection, ends, paths),
        }
        if self.sheet.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let mut out = self.out.lock();
        self.sheet.flush_to(&mut out)?;
        Ok(out.flush()?)
    }
}

impl Sink for Flows {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        let mut ended = Vec::new();
        self.roster.block(block);
        let order = block.section.byte_order;
        for (frame, number) in block.frames().zip(first..) {
            let pushed = self.tracker.push(&frame, number, &mut |connection| ended.push(connection));
            if let Some(pushed) = pushed {
                self.roster.frame(&frame, number, order, pushed);
            }
            if !ended.is_empty() {
                self.take(&mut ended)?;
            }
        }
        if self.is_live { self.flush() } else { Ok(()) }
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        if !self.is_live {
            return Ok(());
        }
        let mut ended = Vec::new();
        self.tracker.advance(now(), &mut |connection| ended.push(connection));
        self.take(&mut ended)?;
        self.flush()
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        let order = self.order.unwrap_or(Order::Start);
        self.waiting.sort_unstable_by_key(|waiting| waiting.key);
        let mut waiting = std::mem::take(&mut self.waiting).into_iter().peekable();
        for slot in self.tracker.in_order(|connection| order.key(connection)) {
            let Some(connection) = self.tracker.take(slot) else { continue };
            let key = order.key(&connection);
            while let Some(earlier) = waiting.next_if(|earlier| earlier.key <= key) {
                self.tell(&earlier.connection, &earlier.ends)?;
            }
            let ends = self.roster.ends(&connection);
            self.tell(&connection, &ends)?;
        }
        waiting.try_for_each(|Waiting { connection, ends, .. }| self.tell(&connection, &ends))?;
        self.flush()?;
        let counts = self.tracker.counts();
        say(summary(&counts));
        if self.is_unordered {
            say("sabueso: there was no room for all at once, so that some stand before their turn: give more --memory");
        }
        Ok(())
    }
}

/// Whether it is a question for a neighbour that was answered, which is of no interest to people.
fn is_found_neighbour(connection: &Connection) -> bool {
    let is_answered = connection.exchanges().is_some_and(|exchanges| exchanges.unanswered() == 0);
    connection.protocol() == Protocol::Neighbour && is_answered
}

/// What was counted, in words.
fn summary(counts: &Counts) -> String {
    let some = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut parts = vec![some(counts.connections, "connection", "connections")];
    let told = [
        (counts.evicted, "cut short for want of room (--memory)"),
        (counts.without_ip, "packets without IP"),
        (counts.orphans, "fragments without their first"),
        (counts.failures, "packets that made a decoder fail: please report them"),
    ];
    parts.extend(told.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    parts.join(", ")
}
