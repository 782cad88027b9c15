//! `sabueso comment`: notes for whoever reads a capture next.

use anyhow::Result;

use super::Outcome;
use super::input::Input;
use super::rewriting::{Change, Target};
use crate::output::terminal::complain;
use crate::rewrite::{Comment, OnFrame, fits};

/// Makes a capture file with comments on packets or on the whole, which pcapng has a place for
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso comment a.pcap -o b.pcapng --packet '12:the server gives up here' --packet 15:retransmitted
  sabueso comment a.pcapng -o b.pcapng --capture 'office network, after the change'
  sabueso comment a.pcapng -o b.pcapng --remove

Numbers count the packets that --filter and --where select, from 1 on over all files. Comments that are there stay, unless they
are removed. sabueso info shows them.")]
#[group(id = "what", required = true, multiple = true, args = ["packet", "capture", "remove"])]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,

    /// A comment on the packet with this number; may be given several times
    #[arg(long, value_name = "NUMBER:TEXT")]
    packet: Vec<OnFrame>,

    /// A comment on the capture as a whole; may be given several times
    #[arg(long, value_name = "TEXT", value_parser = |text: &str| fits(text).map(str::to_owned))]
    capture: Vec<String>,

    /// Take out the comments that are there
    #[arg(long)]
    remove: bool,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    if !args.target.is_pcapng() {
        complain("pcap has no place for comments: let the name end in .pcapng, or give --format pcapng");
        return Ok(Outcome::Usage);
    }
    args.target.make(&args.input, || {
        let comment = Comment::new(args.packet.iter().cloned(), args.capture.clone(), args.remove);
        Ok(Change::Comment(Box::new(comment)))
    })
}
