//! What a subcommand looks at: capture files, or what comes on interfaces.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use clap::{ArgAction, Parser};

use super::command_line::CommandLine;
use super::flags::{ColorWhen, Flags};
use super::listen::Listen;
use super::saving::Saving;
use super::sinks::{Opening, Sinks};
use super::{Outcome, carry_out_with, units};
use crate::live::sandbox::Level;
use crate::moment::Moment;

/// Flags about which packets a subcommand looks at.
#[derive(clap::Args, Clone, Debug)]
pub struct Input {
    /// Capture files (- for standard input), read one after the other
    #[arg(value_name = "FILE", required_unless_present = "interface")]
    pub files: Vec<PathBuf>,

    /// Capture on this interface instead, by its name or its number in -D; any for all of them; several may be given
    #[arg(short = 'i', long = "interface", value_name = "INTERFACE", action = ArgAction::Append, conflicts_with = "files")]
    pub interface: Vec<String>,

    /// Only packets that this filter expression selects, as in pcap-filter(7)
    #[arg(short = 'f', long, value_name = "EXPRESSION")]
    pub filter: Option<String>,

    /// Only packets whose fields fulfil this condition
    #[arg(long = "where", value_name = "CONDITION")]
    pub condition: Option<String>,

    /// Of files, from this moment on: a date and time, a time on the first packet's day, @ and seconds since 1970, or + and a time
    /// after it
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true, conflicts_with = "interface")]
    pub from: Option<Moment>,

    /// Of files, up to this moment, without it
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true, conflicts_with = "interface")]
    pub to: Option<Moment>,

    /// End after this many packets
    #[arg(short = 'c', value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub stop_after: Option<u64>,

    /// End after this time: of packets in files, by the clock while capturing
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    pub longest: Option<Duration>,

    /// Take packets to have this link type, whatever the file says
    #[arg(short = 'y', long = "linktype", value_name = "TYPE", conflicts_with = "interface")]
    pub link_type: Option<String>,

    /// Go on after damage in a file at the next record that makes sense; say what was skipped
    #[arg(long, conflicts_with = "interface")]
    pub resync: bool,

    /// Don't ask interfaces for frames that are not for this machine
    #[arg(short = 'p', long = "no-promiscuous-mode", requires = "interface")]
    pub no_promiscuous: bool,

    /// Size of the kernel's buffer for each interface, in KiB (default 65536)
    #[arg(short = 'B', long = "buffer-size", value_name = "KIB", requires = "interface",
          value_parser = clap::value_parser!(u32).range(1..=2 << 20))]
    pub buffer_size: Option<u32>,

    /// Use the interfaces of this network namespace: its name, or the number of a process in it
    #[arg(long, value_name = "NAME|PID", requires = "interface")]
    pub netns: Option<String>,

    /// Find out which process each packet is of
    #[arg(long, requires = "interface")]
    pub processes: bool,

    /// Become this user once everything is open (by default who called sudo, else sabueso, else nobody)
    #[arg(short = 'Z', long = "relinquish-privileges", value_name = "USER")]
    pub user: Option<String>,

    /// How much of the sandbox there must be: require (all), best-effort (what the kernel has) or off
    #[arg(long, value_name = "LEVEL", default_value_t)]
    pub sandbox: Level,

    /// Read the files side by side, packets in the order of their time; whether interfaces that are the same are joined.
    #[arg(skip)]
    pub merge: Option<bool>,

    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: ColorWhen,
}

impl Input {
    /// The flags with which the bare command would look at the same packets.
    pub fn flags(&self) -> Result<Flags> {
        let usual = CommandLine::try_parse_from(["sabueso"])?.flags;
        Ok(Flags {
            read: self.files.clone(),
            interface: self.interface.clone(),
            expression: self.filter.iter().cloned().collect(),
            condition: self.condition.clone(),
            from: self.from,
            to: self.to,
            stop_after: self.stop_after,
            link_type: self.link_type.clone(),
            resync: self.resync,
            no_promiscuous: self.no_promiscuous,
            buffer_size: self.buffer_size,
            user: self.user.clone(),
            sandbox: self.sandbox,
            color: self.color,
            merge: self.merge,
            announces: false,
            saving: Saving { stop_time: self.longest, ..usual.saving },
            listen: Listen { netns: self.netns.clone(), processes: self.processes, ..usual.listen },
            ..usual
        })
    }

    /// Whether what is shown is coloured.
    pub fn is_coloured(&self) -> bool {
        self.color.coloured()
    }

    /// Hands the packets to sinks, which are opened once the source is and before the sandbox is closed.
    ///
    /// # Errors
    /// Those of opening; what fails later is told, and the outcome says so.
    pub fn run(&self, open: impl Fn(&mut Sinks, Opening<'_>) -> Result<()>) -> Result<Outcome> {
        self.run_making_files(None, open)
    }

    /// The same with sinks that make files in a folder.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_making_files(
        &self,
        folder: Option<&Path>,
        open: impl Fn(&mut Sinks, Opening<'_>) -> Result<()>,
    ) -> Result<Outcome> {
        let flags = Flags { folder: folder.map(Path::to_owned), ..self.flags()? };
        Ok(carry_out_with(&flags, &open))
    }
}
