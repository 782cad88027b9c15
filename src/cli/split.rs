//! `sabueso split`: a capture in several files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::flags::{Flags, Format, Precision};
use super::input::Input;
use super::saving::Saving;
use super::{Outcome, carry_out_with, product, units};
use crate::output::terminal::complain;

/// Makes several capture files of one or more: another after so many packets, bytes or seconds
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso split a.pcap -o part.pcap --packets 100000      part-0.pcap, part-1.pcap, …
  sabueso split a.pcap -o part%i.pcapng.zst --size 100MB
  sabueso split a.pcap -o %Y%m%d-%H%M.pcap --time 10m --align

Where several rules are given, whichever comes first counts. A file that is there is not written over.")]
#[group(id = "rule", required = true, multiple = true, args = ["packets", "size", "time"])]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// What the files are called: %i stands for their number (before the ending, where there is no %), with --time %Y, %m, %d, %H,
    /// %M and %S for the time they begin with; compressed where the name ends in .gz, .zst or .lz4
    #[arg(short = 'o', long, value_name = "NAME")]
    out: PathBuf,

    /// What they are: pcapng where the name ends so, else pcap
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,

    /// How finely a pcap file keeps time: as what is read, unless told otherwise
    #[arg(long, value_enum, value_name = "PRECISION")]
    precision: Option<Precision>,

    /// Packets in each
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    packets: Option<u64>,

    /// Begin another when one is larger than this: a size such as 64MiB or 1GB
    #[arg(long, value_name = "SIZE", value_parser = units::bytes)]
    size: Option<u64>,

    /// Begin another after this time, counted from the first packet: seconds, or 5m, 1h, 1d
    #[arg(long, value_name = "TIME", value_parser = units::seconds)]
    time: Option<u32>,

    /// With --time: begin files with the minute, hour or day of local time
    #[arg(long, requires = "time")]
    align: bool,
}

/// Makes the files.
pub fn run(args: &Args) -> Result<Outcome> {
    if let Err(error) = product::spare(&args.input.files, &args.out) {
        complain(error);
        return Ok(Outcome::Usage);
    }
    if args.out.as_os_str() == "-" {
        complain("standard output is one file: give -o the name of several");
        return Ok(Outcome::Usage);
    }
    let usual = args.input.flags()?;
    let flags = Flags {
        write: Some(numbered(&args.out)),
        no_clobber: true,
        folder: product::folder_of(&args.out).map(Into::into),
        format: args.format,
        precision: args.precision,
        saving: Saving {
            rotate_packets: args.packets,
            file_size: args.size,
            rotate_seconds: args.time,
            rotate_align: args.align,
            ..usual.saving
        },
        ..usual
    };
    Ok(carry_out_with(&flags, &|sinks, opening| sinks.open(&flags, opening)))
}

/// A name with a place for a number.
fn numbered(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().as_bytes();
    if name.contains(&b'%') {
        return path.to_owned();
    }
    let (stem, ending) =
        name.split_at(name.iter().skip(1).position(|byte| *byte == b'.').map_or(name.len(), |at| at.saturating_add(1)));
    path.with_file_name(OsStr::from_bytes(&[stem, b"-%i", ending].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_before_the_ending() {
        for (name, with_number) in [
            ("a.pcap", "a-%i.pcap"),
            ("/d.d/a.pcapng.zst", "/d.d/a-%i.pcapng.zst"),
            (".a", ".a-%i"),
            ("a", "a-%i"),
            ("%H.pcap", "%H.pcap"),
            ("a%i.pcap", "a%i.pcap"),
        ] {
            assert_eq!(numbered(Path::new(name)), Path::new(with_number), "{name}");
        }
    }
}
