//! What the subcommands that follow connections have in common.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::save::now;
use super::units;
use crate::budget::Budget;
use crate::flow::{Connection, Counts, Slot, Tracker};
use crate::frame::Block;
use crate::roster::{Ends, Roster};

/// How connections are followed.
#[derive(clap::Args, Debug)]
pub struct Following {
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

impl Following {
    /// What is so unless told otherwise.
    pub fn usual() -> Self {
        Following { merge_networks: false, hosts: None, memory: 256 << 20 }
    }

    /// An eighth of the memory, in bytes: for what is made of the connections.
    pub fn rest(&self) -> usize {
        usize::try_from(self.memory).unwrap_or(usize::MAX) / 8
    }

    /// Begins to follow: an eighth of the memory is for names and processes, three quarters are for connections.
    ///
    /// # Errors
    /// Where the file of names can't be read.
    pub fn begin(&self) -> Result<Followed> {
        let tracker = Tracker::new(&Budget::new(self.rest().saturating_mul(6)));
        let mut roster = Roster::new(&Budget::new(self.rest()));
        if let Some(path) = &self.hosts {
            roster.hosts_file(&fs::read(path).with_context(|| format!("--hosts {}", path.display()))?);
        }
        Ok(Followed { tracker: tracker.with_networks_merged(self.merge_networks), roster, ended: Vec::new() })
    }
}

/// Connections that are followed, and who is at their ends.
pub struct Followed {
    pub tracker: Tracker,
    roster: Roster,
    /// Those that are over, until they are handed over.
    ended: Vec<Connection>,
}

impl Followed {
    /// Takes the frames of a block, and hands over the connections that are over.
    pub fn block(&mut self, block: &Block<'_>, first: u64, mut over: impl FnMut(Connection, Ends)) {
        let Followed { tracker, roster, ended } = self;
        roster.block(block);
        let order = block.section.byte_order;
        for (frame, number) in block.frames().zip(first..) {
            let pushed = tracker.push(&frame, number, &mut |connection| ended.push(connection));
            if let Some(pushed) = pushed {
                roster.frame(&frame, number, order, pushed);
            }
            for connection in ended.drain(..) {
                let ends = roster.over(&connection);
                over(connection, ends);
            }
        }
    }

    /// No frame has come for a while: hands over what is over by the clock.
    pub fn idle(&mut self, mut over: impl FnMut(Connection, Ends)) {
        let Followed { tracker, roster, ended } = self;
        tracker.advance(now(), &mut |connection| ended.push(connection));
        for connection in ended.drain(..) {
            let ends = roster.over(&connection);
            over(connection, ends);
        }
    }

    /// Takes one that is still there at the end.
    pub fn take(&mut self, slot: Slot) -> Option<(Connection, Ends)> {
        let connection = self.tracker.take(slot)?;
        let ends = self.roster.over(&connection);
        Some((connection, ends))
    }
}

/// What was counted, in words.
pub fn summary(counts: &Counts) -> String {
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
