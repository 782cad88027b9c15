//! The flags about files that are written, and when a run ends: rotation, what is kept, compression, stop rules.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{ArgAction, ValueEnum};

use super::units;
use crate::file::{Keep, Method, Names, OnFull, Rotation};

/// How to compress.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Compression {
    Gzip,
    Zstd,
    Lz4,
    /// Not even where the name ends as if it were
    None,
}

/// What to do about a full disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Full {
    /// End with status 1
    Stop,
    /// Go on when there is room again; what comes meanwhile is lost, and counted
    Wait,
    /// Remove the oldest file
    Ring,
}

/// Flags about files that are written.
#[derive(clap::Args, Debug)]
pub struct Saving {
    /// Begin another file when one is larger than this, in millions of bytes, or with a unit (500k, 2GiB, 50GB)
    #[arg(short = 'C', value_name = "SIZE", value_parser = units::millions)]
    pub file_size: Option<u64>,

    /// Begin another file every so many seconds (or 5m, 1h, 1d), traffic or not; the name may tell the time, as
    /// %Y%m%d-%H%M%S does
    #[arg(short = 'G', value_name = "SECONDS", value_parser = units::seconds)]
    pub rotate_seconds: Option<u32>,

    /// With -C: keep this many files, then write over the first; with -G: end after this many; with both: keep this
    /// many, and remove the oldest
    #[arg(short = 'W', value_name = "FILES", value_parser = clap::value_parser!(u64).range(1..))]
    pub file_count: Option<u64>,

    /// Begin another file after this many packets
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..), requires = "write")]
    pub rotate_packets: Option<u64>,

    /// With -G: begin files with the minute, hour or day of local time, not with the first
    #[arg(long, requires = "rotate_seconds")]
    pub rotate_align: bool,

    /// Keep at most so many bytes of files with such names, those of earlier runs included; remove the oldest
    #[arg(long, value_name = "SIZE", value_parser = units::bytes)]
    pub keep: Option<u64>,

    /// Keep at most this many files with such names, those of earlier runs included; remove the oldest
    #[arg(long, value_name = "FILES", value_parser = clap::value_parser!(u64).range(1..))]
    pub keep_files: Option<u64>,

    /// Run COMMAND FILE after each file that is complete, the last one too, as whoever called sudo and never as root; it
    /// is not waited for
    #[arg(short = 'z', value_name = "COMMAND")]
    pub after_rotation: Option<String>,

    /// Compress what is written; by default as the name's ending says (.gz, .zst, .lz4)
    #[arg(long, value_enum, value_name = "METHOD", requires = "write")]
    pub compress: Option<Compression>,

    /// What to do when the disk is full; by default ring where old files are removed anyway, else stop
    #[arg(long, value_enum, value_name = "ACTION", requires = "write")]
    pub on_full: Option<Full>,

    /// Have each file on its disk, not just with the system, when it is complete
    #[arg(long, requires = "write")]
    pub sync: bool,

    /// Write behind the last packet of the file that is there; a torn end is cut off first
    #[arg(long, requires = "write", conflicts_with = "no_clobber")]
    pub append: bool,

    /// Hand packets to the file at least this often while capturing
    #[arg(long, value_name = "TIME", value_parser = units::duration, default_value = "100ms")]
    pub flush_interval: Duration,

    /// End when the packets fill a pcap file of this size
    #[arg(long, value_name = "SIZE", value_parser = units::bytes)]
    pub stop_bytes: Option<u64>,

    /// End when this many files are complete
    #[arg(long, value_name = "FILES", value_parser = clap::value_parser!(u64).range(1..))]
    pub stop_files: Option<u64>,

    /// End after this time (10s, 5m, 1h); of a file by the time of its packets
    #[arg(long = "stop-after", value_name = "TIME", value_parser = units::duration)]
    pub stop_time: Option<Duration>,

    /// As dumpcap has it: duration:SECONDS, filesize:KB, files:COUNT or packets:COUNT
    #[arg(short = 'a', long, value_name = "CONDITION", action = ArgAction::Append, value_parser = stop_rule)]
    pub autostop: Vec<StopRule>,
}

/// A stop rule in dumpcap's form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopRule {
    Duration(Duration),
    Bytes(u64),
    Files(u64),
    Packets(u64),
}

fn stop_rule(text: &str) -> Result<StopRule, String> {
    let wrong = || format!("'{text}' is none of duration:SECONDS, filesize:KB, files:COUNT, packets:COUNT");
    let (name, value) = text.split_once(':').ok_or_else(wrong)?;
    let count: u64 = value.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
    Ok(match name {
        "duration" => StopRule::Duration(Duration::from_secs(count)),
        "filesize" => StopRule::Bytes(count.checked_mul(1000).ok_or_else(wrong)?),
        "files" => StopRule::Files(count),
        "packets" => StopRule::Packets(count),
        _ => return Err(wrong()),
    })
}

/// The least of a flag and the values of the rules.
fn least<T: Ord + Copy>(flag: Option<T>, rules: &[StopRule], value: impl Fn(&StopRule) -> Option<T>) -> Option<T> {
    flag.into_iter().chain(rules.iter().filter_map(value)).min()
}

impl Saving {
    /// The most packets, where a rule says so.
    pub fn most_packets(&self, flag: Option<u64>) -> Option<u64> {
        least(flag, &self.autostop, |rule| if let StopRule::Packets(n) = *rule { Some(n) } else { None })
    }

    /// The most bytes.
    pub fn most_bytes(&self) -> Option<u64> {
        least(self.stop_bytes, &self.autostop, |rule| if let StopRule::Bytes(n) = *rule { Some(n) } else { None })
    }

    /// The longest time.
    pub fn longest(&self) -> Option<Duration> {
        least(self.stop_time, &self.autostop, |rule| if let StopRule::Duration(d) = *rule { Some(d) } else { None })
    }

    fn most_files(&self) -> Option<u64> {
        least(self.stop_files, &self.autostop, |rule| if let StopRule::Files(n) = *rule { Some(n) } else { None })
    }

    /// When files end, and which are kept. `-W` is a ring with a rule that has numbers in names, with `-G` alone the end.
    pub fn rotation(&self) -> Rotation {
        let numbered = self.file_size.is_some() || self.rotate_packets.is_some();
        let ring = self.file_count.filter(|_| numbered);
        let end = self.file_count.filter(|_| !numbered);
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Rotation {
            bytes: self.file_size,
            frames: self.rotate_packets,
            seconds: self.rotate_seconds,
            aligned: self.rotate_align,
            numbers: ring,
            keep: Keep { files: least(ring, self.keep_files), bytes: self.keep },
            stop: least(end, self.most_files()),
        }
    }

    /// What files are called that are written after this pattern.
    pub fn names(&self, pattern: &Path) -> Names {
        let rotation = self.rotation();
        match rotation.is_any() {
            true => Names::new(pattern, rotation.numbers, rotation.seconds.is_some(), self.method(pattern)),
            false => Names::fixed(pattern),
        }
    }

    pub fn method(&self, path: &Path) -> Option<Method> {
        match self.compress {
            None => Method::of_name(path),
            Some(Compression::Gzip) => Some(Method::Gzip),
            Some(Compression::Zstd) => Some(Method::Zstd),
            Some(Compression::Lz4) => Some(Method::Lz4),
            Some(Compression::None) => None,
        }
    }

    pub fn on_full(&self) -> OnFull {
        match self.on_full {
            Some(Full::Stop) => OnFull::Stop,
            Some(Full::Wait) => OnFull::Wait,
            Some(Full::Ring) => OnFull::Ring,
            None if self.rotation().keep != Keep::default() => OnFull::Ring,
            None => OnFull::Stop,
        }
    }

    /// Whether one file is written as it comes, until a signal ends that.
    pub fn is_plain(&self, path: &Path) -> bool {
        let rules = self.stop_bytes.is_some() || self.stop_time.is_some() || !self.autostop.is_empty();
        let ways = self.after_rotation.is_some() || self.on_full.is_some() || self.sync || self.append;
        !(self.rotation().is_any() || rules || ways || self.method(path).is_some())
    }

    /// Forgets, as tcpdump does, what is said of files where none is written, or of several where there is one.
    pub fn forget_what_is_in_vain(&mut self, writes: bool) {
        if !writes {
            (self.file_size, self.rotate_seconds, self.after_rotation) = (None, None, None);
        }
        if !self.rotation().is_any() {
            self.file_count = None;
        }
    }

    /// Refuses what can't be.
    pub fn check(&self, write: Option<&Path>) -> Result<()> {
        let rotation = self.rotation();
        let any = rotation.is_any();
        for (given, flag, about) in [
            (self.file_count.is_some(), "-W", "counts the files of a rotation"),
            (self.keep.is_some(), "--keep", "removes old files of a rotation"),
            (self.keep_files.is_some(), "--keep-files", "removes old files of a rotation"),
            (self.most_files().is_some(), "--stop-files", "counts the files of a rotation"),
            (self.on_full == Some(Full::Ring), "--on-full=ring", "removes old files of a rotation"),
        ] {
            if given && !any {
                bail!("{flag} {about}: give it with -w and one of -C, -G or --rotate-packets");
            }
        }
        let in_vain = [
            (self.file_size.is_some(), "-C"),
            (self.rotate_seconds.is_some(), "-G"),
            (self.after_rotation.is_some(), "-z"),
        ];
        if let (None, Some((_, flag))) = (write, in_vain.iter().find(|(given, _)| *given)) {
            bail!("{flag} is about files that are written: give it with -w FILE");
        }
        if any && write.is_some_and(|path| path.as_os_str() == "-") {
            bail!("-w -: standard output is one file, which can't be rotated");
        }
        if any && self.append {
            bail!("--append goes on with one file: it can't be rotated");
        }
        if self.append && write.is_some_and(|path| self.method(path).is_some()) {
            bail!("--append: a compressed file can't be gone on with");
        }
        if self.keep.is_some_and(|bytes| bytes < LEAST_KEEP) {
            bail!("--keep: less than {LEAST_KEEP} bytes may not hold two packets");
        }
        Ok(())
    }
}

/// The least budget: twice what the longest packets and a file's header take.
const LEAST_KEEP: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::CommandLine;
    use clap::Parser;

    fn parsed(args: &str) -> Saving {
        let args = ["sabueso", "-w", "x"].into_iter().chain(args.split_whitespace());
        CommandLine::try_parse_from(args).unwrap().flags.saving
    }

    #[test]
    fn the_file_count_means_what_tcpdump_says_and_with_both_rules_a_ring() {
        let rotation = |args| parsed(args).rotation();
        let keep = |files| Keep { files, bytes: None };
        let seen = rotation("-C 1 -W 3");
        assert_eq!((seen.bytes, seen.numbers, seen.keep, seen.stop), (Some(1_000_000), Some(3), keep(Some(3)), None));
        let seen = rotation("-G 60 -W 3");
        assert_eq!((seen.seconds, seen.numbers, seen.keep, seen.stop), (Some(60), None, keep(None), Some(3)));
        let seen = rotation("-G 1h -C 5k -W 3 --keep-files 2 --stop-files 9 -a files:7");
        assert_eq!((seen.seconds, seen.bytes, seen.numbers), (Some(3600), Some(5120), Some(3)));
        assert_eq!((seen.keep, seen.stop), (keep(Some(2)), Some(7)));
    }

    #[test]
    fn dumpcaps_rules_are_ours() {
        let saving = parsed("-a duration:10 -a packets:5 -a filesize:3 --stop-bytes 1MB --stop-after 5s");
        assert_eq!((saving.most_packets(Some(7)), saving.most_packets(Some(2))), (Some(5), Some(2)));
        assert_eq!((saving.most_bytes(), saving.longest()), (Some(3000), Some(Duration::from_secs(5))));
        assert!(stop_rule("duration").is_err() && stop_rule("files:0").is_err() && stop_rule("nosuch:1").is_err());
    }

    #[test]
    fn a_full_disk_takes_old_files_where_they_go_anyway() {
        for (args, action) in [
            ("", OnFull::Stop),
            ("-C 1", OnFull::Stop),
            ("-C 1 -W 3", OnFull::Ring),
            ("-G 1 -W 3", OnFull::Stop),
            ("-G 1 --keep 2MB", OnFull::Ring),
            ("-C 1 --on-full wait --keep-files 3", OnFull::Wait),
        ] {
            assert_eq!(parsed(args).on_full(), action, "{args}");
        }
    }
}
