//! `sabueso merge`: captures in one, by time.

use anyhow::Result;
use nix::sys::resource::{Resource, getrlimit};

use super::Outcome;
use super::input::Input;
use super::rewriting::{Change, Target};
use super::sort::sorting;

/// What is open beside the files to merge, and some more.
const OTHER_FILES: u64 = 64;
/// Memory for packets where there are too many files to open at once, in bytes.
const MEMORY: u64 = 64 << 20;

/// Makes one capture file of several, packets in the order of their time, each interface of each file apart
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso merge a.pcap b.pcapng -o both.pcapng
  sabueso merge ring/*.pcap -o all.pcapng --join        one interface where they are the same in everything
  sabueso merge a.pcap b.pcap -o both.pcap --append     one behind the other

Of packets of the same time those of the file named first come first. A file that is not in order itself stays so: sabueso sort
puts all in order. More files than may be open at once are read one after the other, and put in order through a file without a
name beside the one that is made.")]
pub struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    target: Target,

    /// One file behind the other, whatever the time of their packets
    #[arg(long, conflicts_with = "join")]
    append: bool,

    /// Make one interface of those that are the same in everything
    #[arg(long)]
    join: bool,
}

/// Makes the file.
pub fn run(args: &Args) -> Result<Outcome> {
    if args.append {
        return args.target.make(&args.input, || Ok(Change::Nothing));
    }
    let (most, _) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if args.input.files.len() as u64 > most.saturating_sub(OTHER_FILES) {
        return args.target.make(&args.input, || sorting(&args.target, MEMORY, args.join));
    }
    let input = Input { merge: Some(args.join), ..args.input.clone() };
    args.target.make(&input, || Ok(Change::Nothing))
}
