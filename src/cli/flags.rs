//! The flags of capture and read, as tcpdump has them, and our own.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{ArgAction, ValueEnum};

use super::listen::Listen;
use super::rare::Rare;
use super::recorder::Recording;
use super::run::Commanded;
use super::saving::Saving;
use super::view::View;
use crate::file::{Method, WriteFormat};
use crate::filter::Selection;
use crate::frame::{LinkType, Resolution, Timestamp};
use crate::limits::Limits;
use crate::live::sandbox::Level;
use crate::moment::{Moment, Window};
use crate::output::text::{Dump, Options};
use crate::output::{terminal, tree};
use crate::pipeline::Choice;

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorWhen {
    /// Whether standard output gets colour.
    pub fn coloured(self) -> bool {
        match self {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
        }
    }
}

/// Which way packets go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Way {
    In,
    Out,
    Inout,
}

/// The format of a capture file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    Pcap,
    Pcapng,
}

/// Whether a file is to be pcapng: as is said, else as its name says.
pub fn is_pcapng(path: &Path, format: Option<Format>) -> bool {
    let name = path.with_extension("");
    let path = if Method::of_name(path).is_some() { &name } else { path };
    let by_name =
        || path.extension().is_some_and(|e| e.eq_ignore_ascii_case("pcapng") || e.eq_ignore_ascii_case("ntar"));
    format.map_or_else(by_name, |format| format == Format::Pcapng)
}

/// The precision of a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Precision {
    Micro,
    Nano,
}

/// The flags without a subcommand.
#[derive(clap::Args, Debug)]
pub struct Flags {
    /// Read packets from this file (- for standard input); several are read one after the other
    #[arg(short = 'r', value_name = "FILE", action = ArgAction::Append)]
    pub read: Vec<PathBuf>,

    /// Capture on this interface, by its name or its number in -D; any for all of them; several may be given
    #[arg(short = 'i', long = "interface", value_name = "INTERFACE", action = ArgAction::Append)]
    pub interface: Vec<String>,

    /// List the interfaces that can be captured on, and end
    #[arg(short = 'D', long = "list-interfaces")]
    pub list_interfaces: bool,

    /// Print a line of JSON for each packet: every layer and field; with -D the interfaces as JSON
    #[arg(long, conflicts_with_all = ["fields", "tree"])]
    pub json: bool,

    /// With --json: also the bytes of the frame and of payloads
    #[arg(long, requires = "json")]
    pub json_bytes: bool,

    /// Print these fields of each packet, tabs between them; help lists all fields, docs/fields.md describes them
    #[arg(long, value_name = "NAME,NAME", conflicts_with = "tree")]
    pub fields: Option<String>,

    /// With --fields: what stands between them: tab, comma (CSV), semicolon, space or a character
    #[arg(long, value_name = "SEPARATOR", default_value = "tab", value_parser = separator, requires = "fields")]
    pub separator: u8,

    /// With --fields: no line of their names first
    #[arg(long, requires = "fields")]
    pub no_header: bool,

    /// Print every layer and field of each packet, one a line
    #[arg(long)]
    pub tree: bool,

    /// Only packets whose fields fulfil this condition, such as 'dns.qname ~ "x" and ip.src in 10.0.0.0/8'
    #[arg(long = "where", value_name = "CONDITION")]
    pub condition: Option<String>,

    /// Read the filter expression from this file
    #[arg(short = 'F', value_name = "FILE")]
    pub filter_file: Option<PathBuf>,

    /// Show the compiled filter and end: -d in words, -dd as C, -ddd as numbers
    #[arg(short = 'd', action = ArgAction::Count)]
    pub dump_program: u8,

    /// Don't optimise the filter
    #[arg(short = 'O', long = "no-optimize")]
    pub no_optimize: bool,

    /// Write packets to this file (- for standard output) instead of printing them
    #[arg(short = 'w', value_name = "FILE")]
    pub write: Option<PathBuf>,

    /// Format of the file to write; by default that of its name's ending, else pcap
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// Refuse to write over a file that is there
    #[arg(long, requires = "write")]
    pub no_clobber: bool,

    /// Print packets even if they are written to a file
    #[arg(long)]
    pub print: bool,

    /// End after this many packets
    #[arg(short = 'c', value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub stop_after: Option<u64>,

    /// End with the first packet that this filter selects, and have it among those before
    #[arg(long, value_name = "EXPRESSION")]
    pub stop_when: Option<String>,

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

    /// Don't ask interfaces for frames that are not for this machine
    #[arg(short = 'p', long = "no-promiscuous-mode")]
    pub no_promiscuous: bool,

    /// Capture only what is received, or sent
    #[arg(short = 'Q', long = "direction", value_enum, value_name = "DIRECTION")]
    pub direction: Option<Way>,

    /// Size of the kernel's buffer for each interface, in KiB (default 65536)
    #[arg(short = 'B', long = "buffer-size", value_name = "KIB", value_parser = clap::value_parser!(u32).range(1..=2 << 20))]
    pub buffer_size: Option<u32>,

    /// Show packets as soon as the kernel can hand them over, at some cost
    #[arg(long)]
    pub immediate_mode: bool,

    /// Take time stamps of this type
    #[arg(short = 'j', long = "time-stamp-type", value_name = "TYPE")]
    pub time_stamp_type: Option<String>,

    /// List the time stamp types of the interface, and end
    #[arg(short = 'J', long = "list-time-stamp-types")]
    pub list_time_stamp_types: bool,

    /// Become this user once everything is open (by default who called sudo, else sabueso, else nobody)
    #[arg(short = 'Z', long = "relinquish-privileges", value_name = "USER")]
    pub user: Option<String>,

    /// How much of the sandbox there must be: require (all), best-effort (what the kernel has) or off
    #[arg(long, value_name = "LEVEL", default_value_t)]
    pub sandbox: Level,

    /// End with status 3 where a packet was dropped
    #[arg(long)]
    pub strict: bool,

    /// Show hosts, ports and stations as numbers: so it is in any case, but with --resolve and by the name tcpdump
    #[arg(short = 'n', action = ArgAction::Count)]
    pub numeric: u8,

    /// Show names of hosts without their domain
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

    /// Show what tcpdump does not, as further lines: TLS, QUIC, SSH and HTTP/2 as they begin, datagrams from their fragments
    #[arg(long)]
    pub deep: bool,

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

    /// Of files, only packets from this moment on: a date and time, a time on the first packet's day (12:00), @ and seconds since
    /// 1970, or + and a time after it (+90, +5m)
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true, requires = "read")]
    pub from: Option<Moment>,

    /// Of files, only packets up to this moment, without it
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true, requires = "read")]
    pub to: Option<Moment>,

    /// Only packets that this filter expression selects, as in pcap-filter(7)
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = false)]
    pub expression: Vec<String>,

    /// Say which file is read: not where a subcommand does
    #[arg(skip = true)]
    pub announces: bool,

    #[command(flatten)]
    pub saving: Saving,

    #[command(flatten)]
    pub recording: Recording,

    #[command(flatten)]
    pub listen: Listen,

    /// Read the files side by side, packets in the order of their time; whether interfaces that are the same are joined.
    #[arg(skip)]
    pub merge: Option<bool>,

    /// The folder that a subcommand makes its files in.
    #[arg(skip)]
    pub folder: Option<PathBuf>,

    #[command(flatten)]
    pub view: View,

    #[command(flatten)]
    pub rare: Rare,

    /// Called by the name tcpdump: what it does in any way of its own, is done so.
    /// A command whose packets alone are wanted.
    #[arg(skip)]
    pub command: Option<Commanded>,

    #[arg(skip)]
    pub as_tcpdump: bool,
}

/// A separator by its name, or as it is.
fn separator(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab", _) | (_, [b'\t']) => Ok(b'\t'),
        ("comma", _) => Ok(b','),
        ("semicolon", _) => Ok(b';'),
        ("space", _) => Ok(b' '),
        (_, [b'"']) => Err("a quote stands around values, not between them".to_owned()),
        (_, &[character]) if character.is_ascii_graphic() || character == b' ' => Ok(character),
        _ => Err("give tab, comma, semicolon, space or one printable ASCII character".to_owned()),
    }
}

/// A filter expression, from a file or else from words; none where it is empty.
///
/// # Errors
/// Where the file can't be read, or is not text.
pub fn expression(words: &[String], file: Option<&Path>) -> Result<Option<String>> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("-F {}", path.display()))?,
        None => words.join(" "),
    };
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

/// A link type by its name or number.
///
/// # Errors
/// Where there is no such type.
pub fn link_type(text: &str) -> Result<LinkType> {
    LinkType::parse(text)
        .with_context(|| format!("-y {text}: no such link type; give a name such as EN10MB, or a number"))
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

    /// Whether numbers are shown as names.
    pub fn resolves(&self) -> bool {
        self.numeric == 0 && (self.rare.resolve || self.as_tcpdump)
    }

    /// The link type that packets are taken to have (`-y`).
    ///
    /// # Errors
    /// Where there is no such type.
    pub fn link_type(&self) -> Result<Option<LinkType>> {
        self.link_type.as_deref().map(link_type).transpose()
    }

    /// The filter expression, from the command line or a file; none where it is empty.
    ///
    /// # Errors
    /// Where the file can't be read, or is not text.
    pub fn expression(&self) -> Result<Option<String>> {
        expression(&self.expression, self.filter_file.as_deref())
    }

    /// The first flag given that only a capture can heed.
    pub fn for_capture_only(&self) -> Option<&'static str> {
        let given = [
            (self.direction.is_some(), "-Q"),
            (self.buffer_size.is_some(), "-B"),
            (self.time_stamp_type.is_some(), "-j"),
            (self.immediate_mode, "--immediate-mode"),
            (self.strict, "--strict"),
            (!self.interface.is_empty(), "-i"),
        ];
        // tcpdump takes its own flags of this kind and does not heed them.
        let mut given = given.into_iter().filter(|(given, flag)| *given && !(self.as_tcpdump && *flag != "--strict"));
        given.next().map(|(_, flag)| flag).or_else(|| self.listen.for_capture_only())
    }

    /// An expression over the frames that are read, or captured.
    pub fn selection(&self, expression: &str) -> Selection {
        let selection = Selection::new(expression, !self.no_optimize);
        if self.read.is_empty() { selection.live() } else { selection }
    }

    /// Whether something is read that comes as it is made, such as a pipe: then nothing is held back.
    pub fn reads_stream(&self) -> bool {
        self.read.iter().any(|path| !path.metadata().is_ok_and(|file| file.is_file()))
    }

    /// Which frames are wanted, but for the filter; a live capture tells when it began.
    ///
    /// # Errors
    /// As [`link_type`](Self::link_type), and where the condition is wrong.
    pub fn choice(&self, since: Option<Timestamp>) -> Result<Choice> {
        let snap_len = self.snap_len.filter(|len| *len != 0);
        let count = self.saving.most_packets(self.stop_after);
        let limits = Limits { bytes: self.saving.most_bytes(), duration: self.saving.longest(), since };
        let choice = Choice::new(self.skip, count, snap_len, self.link_type()?).limited(limits);
        let choice = choice.within(Window::new(self.from, self.to));
        let stop_when = self.stop_when.as_deref().map(|expression| self.selection(expression));
        Ok(choice.on_condition(super::filter::condition(self)?).until(stop_when))
    }

    /// Whether files are made after the run has begun.
    pub fn makes_files_later(&self) -> bool {
        self.saving.rotation().is_any() || self.recording.recorder.is_some()
    }

    /// Whether packets are written to a pcapng file: by flag or by its name.
    pub fn saves_pcapng(&self) -> bool {
        let Some(path) = &self.write else { return false };
        is_pcapng(path, self.format)
    }

    /// What a file is written in: its precision is that of the flags, else as it was read, else microseconds.
    pub fn write_format(&self, read: Option<Resolution>) -> WriteFormat {
        let fine = |r| !matches!(r, Resolution::Decimal(0..=6) | Resolution::Binary(0..=19));
        let nano = match self.precision() {
            Some(precision) => precision == Precision::Nano,
            None => read.is_some_and(fine),
        };
        match (self.saves_pcapng(), nano) {
            (true, _) => WriteFormat::PcapNg,
            (false, true) => WriteFormat::PcapNano,
            (false, false) => WriteFormat::PcapMicro,
        }
    }

    /// What lines show.
    pub fn text_options(&self) -> Options {
        Options {
            verbose: self.verbose,
            quiet: self.quiet,
            link_header: self.link_header,
            absolute_sequence: self.absolute_sequence,
            no_checksums: self.no_checksums,
            number: self.number,
            lengths: self.lengths,
            time: self.view.time_style(self.time),
            nanoseconds: self.precision() == Some(Precision::Nano),
            deep: self.deep,
            as_dot: self.rare.as_dot,
            packet_type: self.rare.packet_type,
            owners: !self.as_tcpdump,
            tcp_secret: self.rare.tcp_secret.as_ref().map(|secret| secret.as_bytes().to_vec()),
            dump: self.dump(),
        }
    }

    /// How the bytes of a packet are shown.
    fn dump(&self) -> Dump {
        match (self.hex_ascii, self.hex, self.ascii) {
            (1, ..) => Dump::HexAscii,
            (2.., ..) => Dump::HexAsciiWithLink,
            (0, 1, _) => Dump::Hex,
            (0, 2.., _) => Dump::HexWithLink,
            (0, 0, _) if self.view.mark.is_some() => Dump::HexAsciiWithLink,
            (0, 0, 1) => Dump::Ascii,
            (0, 0, 2..) => Dump::AsciiWithLink,
            (0, 0, 0) => Dump::None,
        }
    }

    /// What trees show.
    ///
    /// # Errors
    /// As [`View::marks`].
    pub fn tree_options(&self) -> Result<tree::Options> {
        let (width, offsets) = (terminal::width(), self.view.offsets);
        Ok(tree::Options { width, offsets, dump: self.dump(), marks: self.view.marks()? })
    }

    /// The flag that asks for records of packets in place of lines, if one does.
    pub fn records(&self) -> Option<&'static str> {
        let given = [(self.json, "--json"), (self.fields.is_some(), "--fields"), (self.tree, "--tree")];
        given.into_iter().find(|(given, _)| *given).map(|(_, flag)| flag)
    }

    /// Whether lines are coloured.
    pub fn coloured(&self) -> bool {
        self.color.coloured()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::CommandLine;
    use clap::Parser;

    fn parsed(args: &[&str]) -> Result<Flags, clap::Error> {
        CommandLine::try_parse_from([&["sabueso"], args].concat()).map(|line| line.flags)
    }

    #[test]
    fn tcpdumps_ways_of_writing() {
        let flags = parsed(&["-nnvvttttr", "a", "-r-", "-s0", "-c", "5", "-XX", "-#"]).unwrap();
        assert_eq!((flags.numeric, flags.verbose, flags.time, flags.hex_ascii), (2, 2, 4, 2));
        assert_eq!(flags.read, [PathBuf::from("a"), PathBuf::from("-")]);
        assert_eq!((flags.snap_len, flags.stop_after, flags.number), (Some(0), Some(5), true));
        assert!(parsed(&["-c", "0"]).is_err());
        assert!(parsed(&["--nosuch"]).is_err());
    }
}
