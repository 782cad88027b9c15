//! Called by the name tcpdump: no subcommands, tcpdump's defaults, and the words and exit codes that scripts look for.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;

use clap::{ArgAction, Parser};

use super::flags::{ColorWhen, Flags, Format, Precision};
use super::saving::Compression;

/// The version of tcpdump whose lines and flags these are.
const VERSION: &str = concat!("version 4.99.3 (as sabueso ", env!("CARGO_PKG_VERSION"), " does it)");

/// Shows, saves and reads packets, with the flags of tcpdump and some more.
#[derive(Parser, Debug)]
#[command(
    name = "tcpdump",
    version = VERSION,
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true,
    infer_long_args = true
)]
struct CommandLine {
    #[command(flatten)]
    flags: Flags,

    /// Show this help
    #[arg(short = 'h', long, action = ArgAction::Help)]
    help: Option<bool>,

    /// Show the version
    #[arg(long, action = ArgAction::Version)]
    version: Option<bool>,
}

/// Whether the program was called by this name, whatever folder it is in.
pub fn is_called(program: &OsStr) -> bool {
    Path::new(program).file_name().is_some_and(|name| name == "tcpdump")
}

/// The flags, with what tcpdump does where one was not given.
pub fn parse(args: &[OsString]) -> Result<Flags, clap::Error> {
    let mut flags = CommandLine::try_parse_from(args)?.flags;
    flags.as_tcpdump = true;
    // The last one counts.
    flags.read.drain(..flags.read.len().saturating_sub(1));
    flags.interface.drain(..flags.interface.len().saturating_sub(1));
    if !flags.read.is_empty() || flags.rare.file_list.is_some() {
        flags.interface.clear();
        // It is about capturing; a wrong name is refused all the same.
        if flags.link_type().is_ok() {
            flags.link_type = None;
        }
    }
    flags.saving.forget_what_is_in_vain(flags.write.is_some());
    if flags.color == ColorWhen::Auto {
        flags.color = ColorWhen::Never;
    }
    // Whatever a file is called, and was read from.
    if flags.write.is_some() {
        flags.format.get_or_insert(Format::Pcap);
        flags.saving.compress.get_or_insert(Compression::None);
    }
    if flags.precision().is_none() && !flags.saves_pcapng() {
        flags.precision = Some(Precision::Micro);
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Flags, clap::Error> {
        parse(&[&["tcpdump"], args].concat().iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_name_counts_in_whatever_folder() {
        for (program, is) in
            [("tcpdump", true), ("/usr/sbin/tcpdump", true), ("sabueso", false), ("tcpdump/x", false), ("", false)]
        {
            assert_eq!(is_called(OsStr::new(program)), is, "{program}");
        }
    }

    #[test]
    fn there_are_no_subcommands() {
        assert_eq!(parsed(&["filter", "tcp"]).unwrap().expression, ["filter", "tcp"]);
        assert_eq!(parsed(&["help"]).unwrap().expression, ["help"]);
    }

    #[test]
    fn the_last_counts_and_names_decide_nothing() {
        let flags = parsed(&["-i", "any", "-i", "eth0", "-w", "x.pcapng.gz"]).unwrap();
        assert_eq!(flags.interface, ["eth0"]);
        assert!(!flags.saves_pcapng() && flags.saving.is_plain(Path::new("x.pcapng.gz")));
        assert_eq!(flags.precision(), Some(Precision::Micro));
        let flags = parsed(&["-i", "any", "-r", "a", "-r", "b", "--nan"]).unwrap();
        assert!(flags.interface.is_empty() && flags.read == [Path::new("b")]);
        assert_eq!(flags.precision(), Some(Precision::Nano));
        let flags = parsed(&["-r", "a", "-y", "RAW", "-W", "3", "-G", "5", "-z", "true"]).unwrap();
        assert!(flags.link_type.is_none() && flags.saving.is_plain(Path::new("x")));
        assert!(parsed(&["-r", "a", "-y", "nosuch"]).unwrap().link_type.is_some());
    }
}
