//! `sabueso servers`: a line for each socket that connections were made to.

use std::cmp::Reverse;
use std::io::{self, Write};

use anyhow::Result;
use clap::ValueEnum;

use super::Outcome;
use super::following::{Followed, Following, summary};
use super::input::Input;
use super::save::Origin;
use crate::frame::Block;
use crate::output::terminal::{say, width};
use crate::output::{Sheet, flows};
use crate::pipeline::{Sink, SinkError};
use crate::servers::{Server, Servers};

/// Servers: how many connections each had, refused and left without an answer, how many at once, and how fast it answered
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso servers capture.pcap                    a line for each socket that answered, the busiest first
  sabueso servers capture.pcap --sort served      the slowest first
  sabueso servers capture.pcap --all --json       those too that never answered, for programs
  sudo sabueso servers -i eth0 --for 1min --processes

docs/flows.md tells what the columns mean, and the names in the JSON.")]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// Those too that never answered
    #[arg(short = 'a', long)]
    all: bool,

    /// Lines of JSON
    #[arg(long)]
    json: bool,

    /// Order of the lines; the largest first, but for start
    #[arg(long, value_enum, value_name = "ORDER", default_value = "connections")]
    sort: Order,

    /// Only the first so many in that order
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,

    #[command(flatten)]
    following: Following,
}

/// What lines are ordered by.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Order {
    /// The first connection
    Start,
    Connections,
    /// Refused and unanswered
    Failed,
    Overflows,
    AtOnce,
    /// The time that 95 of 100 connections were served in
    Served,
    /// Both ways
    Bytes,
}

impl Order {
    /// What comes first has the greatest key; of two that are equal, the first that was seen comes first.
    fn key(self, server: &Server) -> u128 {
        match self {
            Order::Start => 0,
            Order::Connections => server.connections.into(),
            Order::Failed => u128::from(server.refused).saturating_add(server.unanswered.into()),
            Order::Overflows => server.overflows.into(),
            Order::AtOnce => server.at_once().and_then(|most| u128::try_from(most).ok()).unwrap_or(0),
            Order::Served => server.served.percentile(95).map_or(0, |time| time.as_nanos()),
            Order::Bytes => u128::from(server.received).saturating_add(server.sent.into()),
        }
    }
}

/// Tells the servers of files or interfaces.
pub fn run(args: &Args) -> Result<Outcome> {
    args.input.run(|sinks, opening| {
        sinks.push(Sums {
            is_live: matches!(opening.origin, Origin::Live(_)),
            followed: args.following.begin()?,
            servers: Servers::new(args.following.rest()),
            all: args.all,
            json: args.json,
            order: args.sort,
            top: args.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX)),
        });
        Ok(())
    })
}

/// Follows connections, and sums them up by their servers.
struct Sums {
    is_live: bool,
    followed: Followed,
    servers: Servers,
    all: bool,
    json: bool,
    order: Order,
    top: usize,
}

impl Sink for Sums {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        let Sums { followed, servers, .. } = self;
        followed.block(block, first, |connection, ends| servers.add(&connection, &ends.server));
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        let Sums { followed, servers, .. } = self;
        if self.is_live {
            followed.idle(|connection, ends| servers.add(&connection, &ends.server));
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        for slot in self.followed.tracker.in_order(|connection| connection.first_frame()) {
            if let Some((connection, ends)) = self.followed.take(slot) {
                self.servers.add(&connection, &ends.server);
            }
        }
        let servers = std::mem::replace(&mut self.servers, Servers::new(0));
        let left_out = servers.left_out;
        let mut servers = servers.finish();
        let found = servers.len();
        servers.retain(|server| self.all || server.is_open());
        let closed = found.saturating_sub(servers.len());
        servers.sort_by_cached_key(|server| Reverse(self.order.key(server)));
        servers.truncate(self.top);
        let mut out = io::stdout().lock();
        if self.json {
            let mut sheet = Sheet::new();
            for server in &servers {
                flows::server(&mut sheet, server, self.followed.tracker.paths());
                sheet.flush_to(&mut out)?;
            }
        } else {
            out.write_all(flows::servers(&servers, width().unwrap_or(usize::MAX)).as_bytes())?;
        }
        out.flush()?;
        say(summary(&self.followed.tracker.counts()));
        if closed > 0 {
            say(format_args!("{closed} that never answered are not shown (--all)"));
        }
        if left_out > 0 {
            say(format_args!("sabueso: {left_out} connections had no room among those summed up: give more --memory"));
        }
        Ok(())
    }
}
