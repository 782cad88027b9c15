//! `sabueso convert`: a capture in another format.

use anyhow::Result;

use super::Outcome;
use super::input::Input;
use super::rewriting::{Change, Target};

/// Makes a capture file of another format, precision or compression, and says what it has no place for
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso convert a.pcap -o a.pcapng
  sabueso convert a.pcapng.gz -o a.pcap.zst
  sabueso convert a.pcap b.pcap -o both.pcapng          one behind the other
  sabueso convert a.pcapng -o a.pcap --precision micro

The file gets its name when it is whole; until then it ends in .part. -y says that packets have another link type.")]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    args.target.make(&args.input, || Ok(Change::Nothing))
}
