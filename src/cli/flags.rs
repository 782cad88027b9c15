//! The flags of capture and read, as tcpdump has them, and our own.

use std::path::PathBuf;

use clap::{ArgAction, Parser, ValueEnum};

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// The format of a capture file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    Pcap,
    Pcapng,
}

/// The precision of a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Precision {
    Micro,
    Nano,
}

/// Reads capture files and shows what is in them, in tcpdump's manner: sabueso -r FILE.
#[derive(Parser, Debug)]
#[command(
    name = "sabueso",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true,
    after_help = "Examples:
  sabueso -r capture.pcapng              a line for each packet
  sabueso -nn -v -X -r capture.pcap      with header fields, checksums and bytes
  sabueso -r old.pcap -w new.pcapng      copy into another format
  sabueso --count -r a.pcap -r b.pcap    how many packets two files hold

Exit status: 0 success (also where nothing matched, and where the reader of the output has gone),
1 a file or the output failed (everything good before the fault was delivered), 2 wrong usage."
)]
pub struct Flags {
    /// Read packets from this file (- for standard input); several are read one after the other
    #[arg(short = 'r', value_name = "FILE", action = ArgAction::Append)]
    pub read: Vec<PathBuf>,

    /// Write packets to this file (- for standard output) instead of printing them
    #[arg(short = 'w', value_name = "FILE")]
    pub write: Option<PathBuf>,

    /// Format of the file to write; by default that of its name's ending, else pcap
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// Print packets even if they are written to a file
    #[arg(long)]
    pub print: bool,

    /// End after this many packets
    #[arg(short = 'c', value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub stop_after: Option<u64>,

    /// Pass over this many packets first
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub skip: u64,

    /// Only count packets
    #[arg(long)]
    pub count: bool,

    /// Take at most this many bytes of each packet (0: all)
    #[arg(short = 's', long = "snapshot-length", value_name = "BYTES")]
    pub snap_len: Option<u32>,

    /// Take packets to have this link type, whatever the file says
    #[arg(short = 'y', long = "linktype", value_name = "TYPE")]
    pub link_type: Option<String>,

    /// List the link types of the file, and end
    #[arg(short = 'L', long = "list-data-link-types")]
    pub list_link_types: bool,

    /// Go on after damage in a file at the next record that makes sense; say what was skipped
    #[arg(long)]
    pub resync: bool,

    /// At the end of a file wait for more, as tail -f does
    #[arg(long)]
    pub follow: bool,

    /// Accepted for tcpdump's sake: addresses and ports are numbers anyway
    #[arg(short = 'n', action = ArgAction::Count)]
    pub numeric: u8,

    /// Accepted for tcpdump's sake: there are no host names to cut
    #[arg(short = 'N')]
    pub no_domain: bool,

    /// Show the link-level header
    #[arg(short = 'e')]
    pub link_header: bool,

    /// Show less
    #[arg(short = 'q')]
    pub quiet: bool,

    /// Show more: header fields and checksums; -vv yet more
    #[arg(short = 'v', action = ArgAction::Count)]
    pub verbose: u8,

    /// -t no time, -tt seconds since 1970, -ttt since the packet before, -tttt with the date, -ttttt since the first packet
    #[arg(short = 't', action = ArgAction::Count)]
    pub time: u8,

    /// Show TCP sequence numbers as they are, not counted from the start of the connection
    #[arg(short = 'S', long = "absolute-tcp-sequence-numbers")]
    pub absolute_sequence: bool,

    /// Don't verify checksums
    #[arg(short = 'K', long = "dont-verify-checksums")]
    pub no_checksums: bool,

    /// Show bytes in hexadecimal; -xx with the link header
    #[arg(short = 'x', action = ArgAction::Count)]
    pub hex: u8,

    /// Show bytes in hexadecimal and ASCII; -XX with the link header
    #[arg(short = 'X', action = ArgAction::Count)]
    pub hex_ascii: u8,

    /// Show bytes in ASCII; -AA with the link header
    #[arg(short = 'A', action = ArgAction::Count)]
    pub ascii: u8,

    /// Show a packet number before each line
    #[arg(short = '#', long)]
    pub number: bool,

    /// Show captured and original length before each line
    #[arg(long)]
    pub lengths: bool,

    /// Hand on each line as it is made
    #[arg(short = 'l')]
    pub line_buffered: bool,

    /// Hand on each packet to the file as it comes
    #[arg(short = 'U', long = "packet-buffered")]
    pub packet_buffered: bool,

    /// Precision of times, shown and written
    #[arg(long = "time-stamp-precision", value_enum, value_name = "PRECISION")]
    pub precision: Option<Precision>,

    /// Short for --time-stamp-precision=micro
    #[arg(long, conflicts_with = "nano")]
    pub micro: bool,

    /// Short for --time-stamp-precision=nano
    #[arg(long)]
    pub nano: bool,

    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: ColorWhen,

    /// Show this help
    #[arg(short = 'h', long, action = ArgAction::Help)]
    help: Option<bool>,

    /// Show the version
    #[arg(long, action = ArgAction::Version)]
    version: Option<bool>,

    /// A filter expression
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = false)]
    pub expression: Vec<String>,

    #[command(flatten)]
    pub missing: Missing,
}

macro_rules! missing {
    ($($field:ident $short:literal $($value:ident)?;)*) => {
        /// Flags of tcpdump that are not here yet: known, so that each can be refused by name.
        #[derive(clap::Args, Debug)]
        pub struct Missing {
            $(#[arg(short = $short, hide = true $(, num_args = missing!(@$value))?)]
            $field: Option<Option<String>>,)*
        }

        impl Missing {
            /// The first that was given.
            pub fn given(&self) -> Option<char> {
                $(if self.$field.is_some() { return Some($short); })*
                None
            }
        }
    };
    (@ value) => { 1 };
    (@) => { 0 };
}

missing! {
    asn_numbers 'b';
    buffer_size 'B' value;
    file_size 'C' value;
    list_interfaces 'D';
    dump_program 'd';
    ipsec_secret 'E' value;
    filter_file 'F' value;
    foreign_numeric 'f';
    rotate_seconds 'G' value;
    mesh 'H';
    interface 'i' value;
    monitor_mode 'I';
    time_stamp_type 'j' value;
    list_time_stamp_types 'J';
    mib_module 'm' value;
    tcp_secret 'M' value;
    no_optimizer 'O';
    no_promiscuous 'p';
    direction 'Q' value;
    packet_type 'T' value;
    nfs_handles 'u';
    file_list 'V' value;
    file_count 'W' value;
    after_rotation 'z' value;
    relinquish 'Z' value;
}

impl Flags {
    /// The precision asked for, where one was.
    pub fn precision(&self) -> Option<Precision> {
        match (self.nano, self.micro) {
            (true, _) => Some(Precision::Nano),
            (_, true) => Some(Precision::Micro),
            _ => self.precision,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Flags::command().debug_assert();
    }

    #[test]
    fn tcpdumps_ways_of_writing() {
        let flags =
            Flags::try_parse_from(["sabueso", "-nnvvttttr", "a", "-r-", "-s0", "-c", "5", "-XX", "-#"]).unwrap();
        assert_eq!((flags.numeric, flags.verbose, flags.time, flags.hex_ascii), (2, 2, 4, 2));
        assert_eq!(flags.read, [PathBuf::from("a"), PathBuf::from("-")]);
        assert_eq!((flags.snap_len, flags.stop_after, flags.number), (Some(0), Some(5), true));
        assert!(Flags::try_parse_from(["sabueso", "-c", "0"]).is_err());
        assert!(Flags::try_parse_from(["sabueso", "--nosuch"]).is_err());
    }

    #[test]
    fn a_flag_that_is_not_there_yet_is_known() {
        let flags = Flags::try_parse_from(["sabueso", "-i", "eth0", "-r", "x"]).unwrap();
        assert_eq!(flags.missing.given(), Some('i'));
        let flags = Flags::try_parse_from(["sabueso", "-dd", "-r", "x"]);
        assert!(flags.is_ok_and(|f| f.missing.given() == Some('d')));
    }
}
