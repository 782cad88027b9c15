//! `sabueso sort`: a capture in the order of its time.

use anyhow::Result;

use super::input::Input;
use super::rewriting::{Change, Target};
use super::{Outcome, product, units};
use crate::rewrite::Sort;

/// Makes a capture file whose packets are in the order of their time
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso sort a.pcap -o b.pcap
  sabueso sort a.pcapng b.pcapng -o both.pcapng         whatever order they are in
  sabueso sort big.pcap -o sorted.pcap --memory 1GiB

Packets of the same time stay as they came. What does not fit in memory goes through a file without a name beside the one that is
made, which is gone at the end whatever happens.")]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,

    /// The most memory for packets: a size such as 64MiB or 1GiB
    #[arg(long, value_name = "SIZE", value_parser = units::bytes, default_value = "64MiB")]
    memory: u64,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    args.target.make(&args.input, || sorting(&args.target, args.memory, false))
}

/// What puts packets in order with so many bytes of memory, and joins interfaces that are the same or keeps them apart.
pub fn sorting(target: &Target, memory: u64, joins: bool) -> Result<Change> {
    // A block of what is held stays far below the 4 GiB that places can tell.
    let window = usize::try_from(memory.clamp(1 << 20, 2 << 30)).unwrap_or(usize::MAX);
    Ok(Change::Sort(Some(Box::new(Sort::new(window, joins, product::scratch(target.path())?)))))
}
