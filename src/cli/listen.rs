//! Where to capture: the network namespace, interfaces that come and go, filters for one of them, workers.

use anyhow::{Context, Result, bail};
use clap::{ArgAction, ValueEnum};

use super::filter;
use super::flags::Flags;
use crate::live::interfaces;
use crate::live::{Capture, Change, Event, Fanout, Filter, Listening, netns};
use crate::output::terminal::{complain, say};
use crate::output::text::time_of_day;

/// By what packets are shared among workers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Sharing {
    /// A connection to a worker
    #[default]
    Hash,
    /// One after the other
    Lb,
    /// By the processor that received them
    Cpu,
    /// By the queue of the card
    Queue,
}

/// Flags about where to capture.
#[derive(clap::Args, Debug)]
pub struct Listen {
    /// Use the interfaces of this network namespace: its name, or the number of a process in it
    #[arg(long, value_name = "NAME|PID", conflicts_with = "read")]
    pub netns: Option<String>,

    /// Wait for interfaces that are not there yet, or down, and for those that go to come back
    #[arg(long)]
    pub wait: bool,

    /// Another filter for one interface, as in --filter-on 'eth0:tcp port 80'
    #[arg(long, value_name = "INTERFACE:EXPRESSION", action = ArgAction::Append)]
    pub filter_on: Vec<String>,

    /// Receive with this many sockets, each with a buffer, which share the packets of each interface
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,

    /// How they share them
    #[arg(long, value_enum, value_name = "HOW", default_value = "hash", requires = "workers")]
    pub fanout: Sharing,

    /// Say which process each packet is of, on this machine: its name, number, user and container
    #[arg(long, conflicts_with_all = ["read", "worker_files"])]
    pub processes: bool,

    /// A thread and a file for each worker: -w NAME makes NAME.0, NAME.1 and so on
    #[arg(long, requires_all = ["workers", "write"])]
    pub worker_files: bool,
}

impl Listen {
    /// Enters the network namespace, if one was named: before anything is opened or listed.
    pub fn enter(&self) -> Result<()> {
        Ok(self.netns.as_deref().map_or(Ok(()), netns::enter)?)
    }

    /// The first flag given that only a capture can heed.
    pub fn for_capture_only(&self) -> Option<&'static str> {
        let given =
            [(self.wait, "--wait"), (!self.filter_on.is_empty(), "--filter-on"), (self.workers.is_some(), "--workers")];
        given.into_iter().find(|(given, _)| *given).map(|(_, flag)| flag)
    }

    /// Refuses what can't be done, before anything is opened.
    pub fn check(&self) -> Result<()> {
        if self.wait && self.workers() > 1 {
            bail!("--wait: a socket that shares packets (--workers) can't be moved to an interface that comes back");
        }
        Ok(())
    }

    pub fn workers(&self) -> usize {
        self.workers.map_or(1, usize::from)
    }

    pub fn fanout(&self) -> Fanout {
        match self.fanout {
            Sharing::Hash => Fanout::Hash,
            Sharing::Lb => Fanout::Balance,
            Sharing::Cpu => Fanout::Cpu,
            Sharing::Queue => Fanout::Queue,
        }
    }
}

/// The interfaces asked for, else the first that is worth listening to.
pub fn names(flags: &Flags) -> Result<Vec<String>> {
    if flags.interface.is_empty() {
        let first = interfaces::list()?.into_iter().find(|i| i.up && !i.is_any());
        return Ok(vec![first.context("no interface is up; -D lists those there are")?.name]);
    }
    let named = |name: &String| match interfaces::find(name) {
        Ok(interface) => Ok(interface.name),
        Err(_) if flags.listen.wait => Ok(name.clone()),
        Err(error) => Err(error.into()),
    };
    flags.interface.iter().map(named).collect()
}

/// The filters of `--filter-on`. They are the kernel's alone: it knows whose a packet is.
pub fn filters(flags: &Flags, names: &[String], snap_len: u32) -> Result<Vec<(String, Filter)>> {
    let one = |given: &String| {
        let (name, expression) = given
            .split_once(':')
            .with_context(|| format!("--filter-on {given}: give an interface and a filter, as in eth0:tcp port 80"))?;
        let name = interfaces::find(name).map_or_else(|_| name.to_owned(), |interface| interface.name);
        if !names.contains(&name) {
            bail!("--filter-on {given}: {name} is not captured on; give it with -i");
        }
        Ok((name, filter::for_interface(flags, expression, snap_len)?))
    };
    flags.listen.filter_on.iter().map(one).collect()
}

/// Says what is captured on.
pub fn announce(flags: &Flags, capture: &Capture, snap_len: u32) {
    let chatty = flags.verbose > 0 || flags.write.is_some();
    if flags.as_tcpdump && !chatty {
        complain("verbose output suppressed, use -v[v]... for full protocol decode");
    }
    for (name, listening) in capture.listening() {
        let kind = match listening {
            Listening::To(link_type) => link_type.to_string(),
            Listening::ToEach => "as each interface has it".to_owned(),
            Listening::Waiting => {
                say(format_args!("waiting for {name}, which is not there yet"));
                continue;
            }
        };
        let line = format_args!("listening on {name}, link-type {kind}, snapshot length {snap_len} bytes");
        if flags.as_tcpdump && chatty { complain(line) } else { say(line) }
    }
}

/// Says what became of an interface.
pub fn tell_event(event: &Event) {
    let what = match event.change {
        Change::Appeared => "there",
        Change::Up => "up",
        Change::Down => "down",
        Change::Gone => "gone",
    };
    complain(format_args!("{} is {what} since {}", event.interface, time_of_day(event.time)));
}
