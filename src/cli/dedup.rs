//! `sabueso dedup`: a capture without the packets that are there twice.

use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use super::Outcome;
use super::input::Input;
use super::rewriting::{Change, Target};
use super::units;
use crate::rewrite::{Dedup, Ignored, Window};

/// Makes a capture file without packets that were there shortly before, as where two ports are mirrored, and says how many they were
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso dedup a.pcap -o b.pcap                          like one of the four packets before
  sabueso dedup a.pcap -o b.pcap --window 100
  sabueso dedup a.pcap -o b.pcap --within 10ms --ignore ttl,checksums,stations     before and behind a router

The file gets its name when it is whole; until then it ends in .part.")]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,

    /// A packet is compared with those before it, this many with itself (at most 1048576)
    #[arg(long, value_name = "PACKETS", value_parser = clap::value_parser!(u32).range(2..=1 << 20), default_value = "5")]
    window: u32,

    /// Instead, with those at most this long before it: 500ms, 10s
    #[arg(long, value_name = "TIME", value_parser = units::duration, conflicts_with = "window")]
    within: Option<Duration>,

    /// What may differ
    #[arg(long, value_enum, value_name = "WHAT,WHAT", value_delimiter = ',')]
    ignore: Vec<Ignore>,
}

/// What may differ.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Ignore {
    /// Time to live and hop limit
    Ttl,
    /// Those of IPv4, TCP and UDP
    Checksums,
    /// Addresses of Ethernet
    Stations,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    let ignored = Ignored {
        ttl: args.ignore.contains(&Ignore::Ttl),
        checksums: args.ignore.contains(&Ignore::Checksums),
        stations: args.ignore.contains(&Ignore::Stations),
    };
    let frames = usize::try_from(args.window).unwrap_or(usize::MAX);
    let window = args.within.map_or(Window::Frames(frames), Window::Time);
    args.target.make(&args.input, || Ok(Change::Dedup(Box::new(Dedup::new(window, ignored)))))
}
