//! `sabueso shift`: a capture at another time.

use anyhow::Result;

use super::Outcome;
use super::input::Input;
use super::rewriting::{Change, Target};
use crate::frame::Timestamp;
use crate::moment::Moment;
use crate::rewrite::{Shift, Signed};

/// Makes a capture file whose packets are at other times, as far apart as they were
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso shift a.pcap -o b.pcap --by +1h
  sabueso shift a.pcap -o b.pcap --by -0.25
  sabueso shift a.pcap -o b.pcap --to-start 2026-01-01T00:00:00Z

The file gets its name when it is whole; until then it ends in .part.")]
#[group(id = "how", required = true, multiple = false, args = ["by", "to_start"])]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,

    /// Later by this, or earlier with a minus: seconds, or a number with ns, us, ms, s, m, h or d
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    by: Option<Signed>,

    /// So that the first packet is at this date and time
    #[arg(long, value_name = "MOMENT")]
    to_start: Option<Moment>,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    args.target.make(&args.input, || {
        Ok(Change::Shift(match (args.by, args.to_start) {
            (_, Some(moment)) => Shift::to(moment.in_capture(Timestamp::default())),
            (Some(by), None) => Shift::by(by),
            (None, None) => Shift::by(Signed(0)),
        }))
    })
}
