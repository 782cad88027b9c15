//! `sabueso flows --group`: connections summed up.

use std::cmp::Reverse;
use std::io::{self, Write};

use clap::ValueEnum;

use super::following::{Followed, summary};
use crate::frame::Block;
use crate::groups::{By, Group, Groups};
use crate::output::terminal::{say, width};
use crate::output::{Sheet, flows};
use crate::pipeline::{Sink, SinkError};

/// What connections are summed up by.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum GroupBy {
    /// Each address, at either end
    Host,
    /// Protocol and port of the server
    Port,
    /// Each process, at either end
    Process,
    /// What the server is called
    Name,
}

impl From<GroupBy> for By {
    fn from(by: GroupBy) -> By {
        match by {
            GroupBy::Host => By::Host,
            GroupBy::Port => By::Port,
            GroupBy::Process => By::Process,
            GroupBy::Name => By::Name,
        }
    }
}

/// What groups are ordered by: the greatest comes first.
pub type Rank = fn(&Group) -> u64;

/// Follows connections and sums them up.
pub struct Grouping {
    pub followed: Followed,
    pub groups: Groups,
    pub is_live: bool,
    pub json: bool,
    pub rank: Rank,
    pub top: usize,
}

impl Sink for Grouping {
    fn block(&mut self, block: &Block<'_>, first: u64) -> Result<(), SinkError> {
        let Grouping { followed, groups, .. } = self;
        followed.block(block, first, |connection, ends| groups.add(&connection, &ends));
        Ok(())
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        let Grouping { followed, groups, .. } = self;
        if self.is_live {
            followed.idle(|connection, ends| groups.add(&connection, &ends));
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        for slot in self.followed.tracker.in_order(|connection| connection.first_frame()) {
            if let Some((connection, ends)) = self.followed.take(slot) {
                self.groups.add(&connection, &ends);
            }
        }
        let groups = std::mem::replace(&mut self.groups, Groups::new(By::Host, 0));
        let left_out = groups.left_out;
        let mut groups = groups.finish();
        groups.sort_by_key(|(_, group)| Reverse((self.rank)(group)));
        groups.truncate(self.top);
        let mut out = io::stdout().lock();
        if self.json {
            let mut sheet = Sheet::new();
            for (key, group) in &groups {
                flows::group(&mut sheet, key, group);
                sheet.flush_to(&mut out)?;
            }
        } else {
            out.write_all(flows::groups(&groups, width().unwrap_or(usize::MAX)).as_bytes())?;
        }
        out.flush()?;
        say(summary(&self.followed.tracker.counts()));
        if left_out > 0 {
            say(format_args!(
                "sabueso: there was no room for the groups of {left_out} connections: give more --memory"
            ));
        }
        Ok(())
    }
}
