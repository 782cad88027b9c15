//! `sabueso cut`: some packets of a capture, or less of each.

use anyhow::Result;

use super::Outcome;
use super::input::Input;
use super::rewriting::{Change, Target};
use crate::rewrite::{Cut, Kept, Numbers};

/// Makes a capture file of some packets of others: by filter, condition, time or number, every so many-th, or less of each
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso cut a.pcap -o b.pcap --from 12:00 --to 12:01
  sabueso cut a.pcap -o b.pcap --from +60 --to +90s         from the first packet on
  sabueso cut a.pcap -o b.pcap --from 2026-11-24T12:00:00Z
  sabueso cut a.pcap -o b.pcap --packets 1-10,20,30-
  sabueso cut a.pcap -o b.pcap --filter 'tcp port 80' --snap 96
  sabueso cut a.pcap -o b.pcap --every 100

Numbers count the packets that --from, --to, --filter and --where select, from 1 on over all files. The file gets its name when
it is whole; until then it ends in .part.")]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,

    /// Packets with these numbers
    #[arg(long, value_name = "1-10,20,30-", allow_hyphen_values = true)]
    packets: Option<Numbers>,

    /// Of these the first, and each so many-th after it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,

    /// At most so many bytes of each packet
    #[arg(short = 's', long, value_name = "BYTES")]
    snap: Option<u32>,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    args.target.make(&args.input, || {
        Ok(Change::Cut(Cut::new(Kept { numbers: args.packets.clone(), every: args.every, snap_len: args.snap })))
    })
}
