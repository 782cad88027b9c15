//! `sabueso anonymize`: capture files that can be shown to others.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::json;

use super::Outcome;
use super::input::Input;
use super::product::{self, Product};
use super::units;
use crate::anonymize::{Anonymizer, Counts, Keep, Key, Options, Payload};
use crate::file::WriteFormat;
use crate::frame::Block;
use crate::output::terminal::{complain, say};
use crate::pipeline::{Sink, SinkError};

/// What becomes of bytes that are not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum PayloadName {
    /// They are gone; packets keep their lengths on the wire
    Cut,
    /// They are zeros
    Zero,
}

/// What of a file stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum KeepName {
    /// Comments of sections, interfaces and packets
    Comments,
    /// Which hardware, system and program captured
    System,
    /// Names and descriptions of interfaces
    Interfaces,
    /// Secrets that open what is encrypted
    Secrets,
    /// Names of hosts, with their true addresses
    Names,
}

/// Makes a copy of captures without what tells of people and places: addresses, names, payload
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  sabueso anonymize a.pcap -o b.pcapng                      other addresses and names, no payload
  head -c 32 /dev/urandom > key; chmod 600 key
  sabueso anonymize --key key a.pcap -o a-shared.pcapng     the same pseudonyms
  sabueso anonymize --key key b.pcap -o b-shared.pcapng     in both files
  sabueso anonymize --payload zero --shift-time=-90d a.pcap -o b.pcapng.zst

Addresses keep their prefixes (Crypto-PAn), names their domains; ports, flags, sequence numbers, lengths and times stay.
What is not known to be harmless is cut, and what was cut is told at the end. docs/anonymize.md has all of it.")]
pub struct Args {
    #[command(flatten)]
    input: Input,

    /// The file to make, pcapng (compressed where it ends in .gz, .zst or .lz4); - for standard output
    #[arg(short = 'o', long, value_name = "OUT")]
    out: PathBuf,

    /// A file with the key for all pseudonyms, 32 bytes or 64 hexadecimal digits; without it there is one for this run alone
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,

    /// What becomes of payload and of all that is not known
    #[arg(long, value_enum, value_name = "HOW", default_value = "cut")]
    payload: PayloadName,

    /// Keep the first three bytes of station addresses: who made the interface
    #[arg(long)]
    keep_vendor: bool,

    /// Keep these as they are, which are dropped otherwise
    #[arg(long, value_enum, value_name = "WHAT,WHAT", value_delimiter = ',')]
    keep: Vec<KeepName>,

    /// Add this to all times (90m, 36h, 30d; with a minus before it, take it away)
    #[arg(long, value_name = "TIME", value_parser = shift, allow_hyphen_values = true, default_value = "0")]
    shift_time: i128,

    /// Tell what was done as a line of JSON on standard output
    #[arg(long)]
    json: bool,
}

/// A length of time with a sign, in nanoseconds.
fn shift(text: &str) -> Result<i128, String> {
    if text == "0" {
        return Ok(0);
    }
    let (text, sign) = match text.strip_prefix('-') {
        Some(text) => (text, -1),
        None => (text.strip_prefix('+').unwrap_or(text), 1),
    };
    let nanos = i128::try_from(units::duration(text)?.as_nanos()).map_err(|error| error.to_string())?;
    Ok(nanos.saturating_mul(sign))
}

pub fn run(args: &Args) -> Result<Outcome> {
    if let Err(error) = args.check() {
        complain(error);
        return Ok(Outcome::Usage);
    }
    let key = match &args.key {
        Some(file) => key_of(file)?,
        None => random_key()?,
    };
    let options = Options {
        payload: match args.payload {
            PayloadName::Cut => Payload::Cut,
            PayloadName::Zero => Payload::Zero,
        },
        keep_vendor: args.keep_vendor,
        keep: args.keep.iter().map(|name| name.keep()).collect(),
        shift: args.shift_time,
    };
    args.input.run_making_files(product::folder_of(&args.out), |sinks, opening| {
        sinks.push(Anonymous {
            anonymizer: Anonymizer::new(&key, options.clone()),
            product: Product::open(&args.out, WriteFormat::PcapNg, opening)?,
            json: args.json,
        });
        Ok(())
    })
}

impl Args {
    /// Refuses what can't be.
    fn check(&self) -> Result<()> {
        if self.json && self.out.as_os_str() == "-" {
            bail!("-o - writes packets on standard output: --json would put text between them");
        }
        product::spare(&self.input.files, &self.out)
    }
}

fn key_of(path: &Path) -> Result<Key> {
    /// No key is longer, with white space around it.
    const MOST: u64 = 4096;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
    read.with_context(|| format!("--key {}", path.display()))?;
    Key::parse(&bytes).with_context(|| {
        format!("--key {}: a key is 32 bytes, or 64 hexadecimal digits; this is neither", path.display())
    })
}

fn random_key() -> Result<Key> {
    let mut bytes = [0; Key::LEN];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.context("/dev/urandom gives no key: give one with --key")?;
    Ok(Key::new(bytes))
}

impl KeepName {
    fn keep(self) -> Keep {
        match self {
            KeepName::Comments => Keep::Comments,
            KeepName::System => Keep::System,
            KeepName::Interfaces => Keep::Interfaces,
            KeepName::Secrets => Keep::Secrets,
            KeepName::Names => Keep::Names,
        }
    }
}

/// The sink that writes the copy.
struct Anonymous {
    anonymizer: Anonymizer,
    product: Product,
    json: bool,
}

impl Sink for Anonymous {
    fn block(&mut self, block: &Block<'_>, _: u64) -> Result<(), SinkError> {
        self.product.write(&self.anonymizer.block(block))
    }

    fn idle(&mut self) -> Result<(), SinkError> {
        self.product.flush()
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        self.product.finish()?;
        let counts = self.anonymizer.counts();
        if self.json {
            writeln!(std::io::stdout(), "{}", as_json(counts))?;
        } else {
            tell(counts);
        }
        Ok(())
    }
}

fn as_json(counts: &Counts) -> serde_json::Value {
    json!({
        "packets": counts.packets,
        "captured": counts.captured,
        "left": counts.left,
        "cut": counts.cut,
        "dropped": counts.dropped,
        "wrong_checksums": counts.wrong_checksums,
        "unknown_checksums": counts.unknown_checksums,
        "failures": counts.failures,
    })
}

fn tell(counts: &Counts) {
    let s = |count| if count == 1 { "" } else { "s" };
    let Counts { packets, captured, left, .. } = counts;
    complain(format_args!("{packets} packet{} anonymized; {left} of {captured} bytes are left", s(*packets)));
    for (what, counts) in [("cut in so many packets", &counts.cut), ("dropped", &counts.dropped)] {
        let list: Vec<String> = counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
        if !list.is_empty() {
            say(format_args!("{what}: {}", list.join(", ")));
        }
    }
    for (count, what) in [
        (counts.wrong_checksums, "were wrong, and are wrong again: one more than the right one"),
        (counts.unknown_checksums, "are over fragments that are gone, and zero"),
    ] {
        if count > 0 {
            say(format_args!("checksums: {count} {what}"));
        }
    }
    if counts.failures > 0 {
        say(format_args!("{} packets made a decoder fail and are empty: please report them", counts.failures));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_has_a_sign() {
        assert_eq!(shift("2s"), Ok(2_000_000_000));
        assert_eq!(shift("+2s"), shift("2s"));
        assert_eq!(shift("-1500ms"), Ok(-1_500_000_000));
        assert_eq!(shift("0"), Ok(0));
        assert!(shift("-").is_err() && shift("--2s").is_err() && shift("1y").is_err());
    }
}
