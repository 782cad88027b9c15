//! `sabueso flows`: a line for each connection, from files or live.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::Outcome;
use super::following::{Followed, Following, summary};
use super::grouping::{GroupBy, Grouping, Rank};
use super::input::Input;
use super::save::Origin;
use crate::flow::{Connection, Protocol};
use crate::frame::{Block, Timestamp};
use crate::groups::Groups;
use crate::output::terminal::{say, width};
use crate::output::{Sheet, flows};
use crate::pipeline::{Sink, SinkError};
use crate::roster::Ends;

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
  sabueso flows capture.pcap --group host -n 20    the twenty hosts that said and heard the most
  sabueso flows capture.pcap --zeek > conn.log     for what reads Zeek's logs
  sudo sabueso flows -i eth0                       each as it ends, and the open ones at the end

Sizes are bytes of data, ↑ from the client to the server. docs/flows.md tells the names in the JSON.")]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// Lines of JSON
    #[arg(long)]
    json: bool,

    /// Lines of Zeek's conn.log
    #[arg(long, conflicts_with = "json")]
    zeek: bool,

    /// Flow events of Suricata's EVE, a line of JSON each
    #[arg(long, conflicts_with_all = ["json", "zeek"])]
    eve: bool,

    /// Sum up connections that have this in common: a line for each group
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with_all = ["zeek", "eve"])]
    group: Option<GroupBy>,

    /// Order of the lines; the largest first, but for start (default: start; live, the end)
    #[arg(long, value_enum, value_name = "ORDER")]
    sort: Option<Order>,

    /// Only the first so many in that order
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,

    #[command(flatten)]
    following: Following,
}

impl Args {
    /// How many lines there are at most.
    fn top(&self) -> usize {
        self.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX))
    }
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
    /// The same for groups.
    fn rank(self) -> Result<Rank> {
        Ok(match self {
            Order::Start => |group| !group.first_frame,
            Order::Bytes => |group| group.sent.saturating_add(group.received),
            Order::Packets => |group| group.packets,
            Order::Duration | Order::Rtt => bail!("--sort: a group of connections has no duration and no round trip"),
        })
    }

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
        if let Some(by) = args.group {
            sinks.push(Grouping {
                followed: args.following.begin()?,
                groups: Groups::new(by.into(), args.following.rest()),
                is_live,
                json: args.json,
                rank: args.sort.unwrap_or(Order::Bytes).rank()?,
                top: args.top(),
            });
            return Ok(());
        }
        sinks.push(Flows::new(args, is_live, args.input.color.coloured())?);
        Ok(())
    })
}

/// What is told of a connection.
enum Form {
    Lines(flows::Lines),
    Json,
    /// When the latest connection began; none until the head was told.
    Zeek(Option<Timestamp>),
    Eve,
}

impl Form {
    fn of(args: &Args) -> Self {
        match (args.json, args.zeek, args.eve) {
            (true, ..) => Form::Json,
            (_, true, _) => Form::Zeek(None),
            (.., true) => Form::Eve,
            _ => Form::Lines(flows::Lines::new(width().unwrap_or(usize::MAX))),
        }
    }
}

/// A connection that is over, and what is known of its ends.
struct Waiting {
    /// Those with the least are told first.
    key: u64,
    connection: Connection,
    ends: Ends,
}

/// Follows connections and tells of those that are over.
pub struct Flows {
    followed: Followed,
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
    out: Box<dyn Write>,
    /// Tell each as it ends; nobody wants to wait for it.
    is_live: bool,
}

impl Flows {
    /// What is told of a command's connections, at the end, where it does not stand in the way of what it says itself.
    pub fn summary(json: bool, coloured: bool) -> Result<Self> {
        let following = Following::usual();
        Ok(Flows {
            followed: following.begin()?,
            form: if json { Form::Json } else { Form::Lines(flows::Lines::new(width().unwrap_or(usize::MAX))) },
            order: Some(Order::Start),
            top: usize::MAX,
            waiting: Vec::new(),
            room: following.rest().checked_div(WAITING).unwrap_or(0).max(1),
            is_unordered: false,
            sheet: Sheet::coloured(coloured),
            is_live: true,
            out: Box::new(io::stderr()),
        })
    }

    fn new(args: &Args, is_live: bool, coloured: bool) -> Result<Self> {
        let by_end = is_live && args.sort.is_none() && args.top.is_none();
        Ok(Flows {
            followed: args.following.begin()?,
            form: Form::of(args),
            order: (!by_end).then(|| args.sort.unwrap_or(Order::Start)),
            top: args.top(),
            waiting: Vec::new(),
            room: args.following.rest().checked_div(WAITING).unwrap_or(0).max(1),
            is_unordered: false,
            sheet: Sheet::coloured(coloured),
            is_live,
            out: Box::new(io::stdout()),
        })
    }
}

impl Flows {
    /// Does with the connections that are over what is to be done.
    fn take(&mut self, ended: Vec<(Connection, Ends)>) -> Result<(), SinkError> {
        for (connection, ends) in ended {
            match self.order {
                None => self.tell(&connection, &ends)?,
                Some(order) => self.waiting.push(Waiting { key: order.key(&connection), connection, ends }),
            }
        }
        if self.waiting.len() > self.room { self.make_room() } else { Ok(()) }
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
        let paths = self.followed.tracker.paths();
        match &mut self.form {
            Form::Lines(lines) => lines.connection(&mut self.sheet, connection, ends, paths),
            Form::Json => flows::object(&mut self.sheet, connection, ends, paths),
            Form::Eve => flows::eve(&mut self.sheet, connection, paths),
            Form::Zeek(last) => {
                let start = connection.start();
                if last.is_none() {
                    flows::zeek::head(&mut self.sheet, start);
                }
                *last = Some(last.map_or(start, |last| last.max(start)));
                flows::zeek::line(&mut self.sheet, connection, paths);
            }
        }
        if self.sheet.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.sheet.flush_to(&mut self.out)?;
        Ok(self.out.flush()?)
    }
}

impl Sink for Flows {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        let mut ended = Vec::new();
        self.followed.block(block, first, |connection, ends| ended.push((connection, ends)));
        self.take(ended)?;
        if self.is_live { self.flush() } else { Ok(()) }
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        if !self.is_live {
            return Ok(());
        }
        let mut ended = Vec::new();
        self.followed.idle(|connection, ends| ended.push((connection, ends)));
        self.take(ended)?;
        self.flush()
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        let order = self.order.unwrap_or(Order::Start);
        self.waiting.sort_unstable_by_key(|waiting| waiting.key);
        let mut waiting = std::mem::take(&mut self.waiting).into_iter().peekable();
        for slot in self.followed.tracker.in_order(|connection| order.key(connection)) {
            let Some((connection, ends)) = self.followed.take(slot) else { continue };
            let key = order.key(&connection);
            while let Some(earlier) = waiting.next_if(|earlier| earlier.key <= key) {
                self.tell(&earlier.connection, &earlier.ends)?;
            }
            self.tell(&connection, &ends)?;
        }
        waiting.try_for_each(|Waiting { connection, ends, .. }| self.tell(&connection, &ends))?;
        if let Form::Zeek(Some(last)) = self.form {
            flows::zeek::foot(&mut self.sheet, last);
        }
        self.flush()?;
        say(summary(&self.followed.tracker.counts()));
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
