//! `sabueso repair`: what is whole of a torn or overwritten capture.

use anyhow::Result;

use super::Outcome;
use super::input::Input;
use super::rewriting::{Change, Target};

/// Makes a capture file of all whole packets of a damaged one, and says which bytes were lost
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso repair torn.pcap -o whole.pcap
  sabueso repair torn.pcapng.gz -o whole.pcapng

Reading goes on after damage where eight records in a row make sense, or all there are up to the end, so that no packet is made
up. What was skipped is told by place and length. The exit status is 1 where something was lost, 0 where nothing was.")]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    let input = Input { resync: true, ..args.input.clone() };
    args.target.make(&input, || Ok(Change::Nothing))
}
