//! The command line as a whole: the flags of capture and read, or a subcommand.

use clap::{ArgAction, Parser, Subcommand};

use super::flags::Flags;
use super::{
    anonymize, comment, confine, convert, cut, dedup, dns, expect, filter, flows, follow, helper, info, merge, repair,
    replay, run, servers, shift, sockets, sort, split,
};

/// Captures packets, or reads capture files, and shows or saves what is in them, in tcpdump's manner.
#[derive(Parser, Debug)]
#[command(
    name = "sabueso",
    version,
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    args_override_self = true,
    args_conflicts_with_subcommands = true,
    subcommand_value_name = "SUBCOMMAND",
    after_help = "Examples:
  sudo sabueso -i eth0                   a line for each packet on eth0
  sudo sabueso -i wg0 --wait -w x.pcap   wait for an interface, and again when it goes
  sudo sabueso replay x.pcap -i eth0     send what was captured
  sudo sabueso -i any -w all.pcapng      save what all interfaces see, each frame with its own
  sabueso -r capture.pcapng              a line for each packet
  sabueso -nn -v -X -r capture.pcap      with header fields, checksums and bytes
  sabueso -r old.pcap -w new.pcapng      copy into another format
  sabueso --count -r a.pcap -r b.pcap    how many packets two files hold
  sabueso flows capture.pcap             a line for each connection
  sabueso -r a.pcap --json               a line of JSON for each packet
  sabueso -r a.pcap --fields frame.time,ip.src,ip.dst --where 'tcp.flags.syn and tcp.dst in {80, 443}'

Exit status: 0 success (also where nothing matched, and where the reader of the output has gone),
1 a file, an interface or the output failed (everything good before the fault was delivered),
2 wrong usage, 3 packets were dropped and --strict was given.

While capturing, SIGINT, SIGTERM and SIGHUP end it with everything kept, SIGUSR1 shows counters,
SIGUSR2 writes out what is buffered. Capturing needs the capability CAP_NET_RAW and nothing else; it is
given up, and root with it, before the first packet is looked at."
)]
pub struct CommandLine {
    #[command(flatten)]
    pub flags: Flags,

    #[command(subcommand)]
    pub command: Option<Command>,

    /// Show this help
    #[arg(short = 'h', long, action = ArgAction::Help, global = true)]
    help: Option<bool>,

    /// Show the version
    #[arg(long, action = ArgAction::Version)]
    version: Option<bool>,
}

/// What tcpdump never did.
#[derive(Subcommand, Debug)]
pub enum Command {
    Filter(filter::Args),
    Follow(follow::Args),
    Replay(replay::Args),
    Dns(dns::Args),
    Expect(expect::Args),
    Comment(comment::Args),
    Convert(convert::Args),
    Cut(cut::Args),
    Dedup(dedup::Args),
    Merge(merge::Args),
    Sort(sort::Args),
    Split(split::Args),
    Repair(repair::Args),
    Shift(shift::Args),
    Info(info::Args),
    Anonymize(anonymize::Args),
    Flows(flows::Args),
    Servers(servers::Args),
    Run(run::Args),
    Sockets(sockets::Args),
    #[command(subcommand, hide = true)]
    Helper(helper::Role),
    #[command(hide = true)]
    SandboxSelfTest(confine::SelfTest),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_subcommand_is_the_first_word_alone() {
        let line = |args: &[&str]| CommandLine::try_parse_from([&["sabueso"], args].concat()).unwrap();
        assert!(line(&["filter", "tcp"]).command.is_some());
        let line = line(&["-n", "filter", "tcp"]);
        assert!(line.command.is_none());
        assert_eq!(line.flags.expression, ["filter", "tcp"]);
    }
}
