//! What happens at a packet that an expression selects: a run ends (`--stop-when`), a recorder writes (`--trigger`);
//! and where packets are missing, that is told. All from files, so that time is data.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::Source;

/// Seconds of a datagram, and whether it goes to the port that everything is about.
type Datagram = (u32, bool);

const EVENT: &str = "udp dst port 7";

/// A pcap file of datagrams, each with its number in its last bytes.
fn pcap(datagrams: &[Datagram]) -> Vec<u8> {
    let mut file: Vec<u8> = [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 262_144, 1].map(u32::to_le_bytes).concat();
    for ((secs, event), number) in datagrams.iter().zip(0u32..) {
        file.extend([*secs, 0, 46, 46].map(u32::to_le_bytes).as_flattened());
        file.extend(
            b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0E\0\0\x20\0\x01\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x9c\x40",
        );
        file.extend(if *event { b"\0\x07\0\x0c\0\0" } else { b"\0\x08\0\x0c\0\0" });
        file.extend(number.to_be_bytes());
    }
    file
}

/// A folder of its own for a test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sabueso-events-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Runs the command on a file of these bytes.
    fn run(&self, bytes: &[u8], args: &[&str]) -> Output {
        let read = self.path("in.pcap");
        fs::write(&read, bytes).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
        command.env("TZ", "UTC").env_remove("NO_COLOR").stdin(Stdio::null()).args(["-r", &read]).args(args);
        command.output().unwrap()
    }

    fn succeeds(&self, bytes: &[u8], args: &[&str]) -> Output {
        let output = self.run(bytes, args);
        assert!(output.status.success(), "{output:?}");
        output
    }

    /// The names of the files that were made, but for those of the test itself.
    fn made(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with("in.")).collect();
        names.sort_by_key(|name| (name.len(), name.clone()));
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The numbers of the datagrams in a file.
fn numbers(path: &str) -> Vec<u32> {
    let mut reader = Reader::open(Path::new(path), ReadOptions::default()).unwrap();
    let mut numbers = Vec::new();
    while let Some(block) = reader.next_block().unwrap() {
        numbers.extend(block.frames().map(|frame| u32::from_be_bytes(*frame.data.last_chunk().unwrap())));
    }
    numbers
}

/// Datagrams in the order of their times.
fn datagrams() -> impl Strategy<Value = Vec<Datagram>> {
    proptest::collection::vec((0u32..4, proptest::bool::weighted(0.05)), 0..120).prop_map(|steps| {
        let mut now = 1_000_000_000;
        let at = |(step, event)| {
            now += step;
            (now, event)
        };
        steps.into_iter().map(at).collect()
    })
}

/// What each file is to hold: from the event back for so long, and on for so long.
fn recordings(datagrams: &[Datagram], before: u32, after: u32) -> Vec<Vec<u32>> {
    let mut files: Vec<Vec<u32>> = Vec::new();
    let (mut until, mut free) = (0, 0);
    for ((time, event), number) in datagrams.iter().zip(0u32..) {
        if *time <= until {
            files.last_mut().unwrap().push(number);
            free = number + 1;
        } else if *event {
            let since = time - before;
            files.push((free..=number).filter(|n| datagrams[*n as usize].0 >= since).collect());
            (until, free) = (time + after, number + 1);
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_recorder_writes_what_was_before_and_after_each_event(
        datagrams in datagrams(), before in 1u32..20, after in 1u32..20, pcapng: bool,
    ) {
        let folder = Folder::new();
        let name = if pcapng { "out.pcapng" } else { "out.pcap" };
        let (out, before_flag, after_flag) = (folder.path(name), format!("{before}s"), format!("{after}s"));
        let flags = ["-w", &out, "--recorder", &before_flag, "--after", &after_flag, "--trigger", EVENT];
        let output = folder.succeeds(&pcap(&datagrams), &flags);
        let expected = recordings(&datagrams, before, after);
        let recorded: Vec<Vec<u32>> = folder.made().iter().map(|name| numbers(&folder.path(name))).collect();
        prop_assert_eq!(&recorded, &expected);
        let said = String::from_utf8(output.stderr).unwrap();
        let packets = expected.iter().flatten().count();
        let s = |count| if count == 1 { "" } else { "s" };
        let total =
            format!("{packets} packet{} recorded in {} file{}", s(packets), expected.len(), s(expected.len()));
        prop_assert!(said.contains(&total), "no {total} in {said}");
    }

    #[test]
    fn a_run_ends_with_the_first_packet_that_stops_it(
        datagrams in datagrams(), skip in 0usize..5, count in proptest::option::of(1usize..60),
    ) {
        let folder = Folder::new();
        let (out, skip_flag) = (folder.path("out.pcap"), skip.to_string());
        let mut flags = vec!["-w", &out, "--skip", &skip_flag, "--stop-when", EVENT, "-s", "30"];
        let count_flag = count.map(|count| count.to_string());
        flags.extend(count_flag.iter().flat_map(|count| ["-c", count]));
        folder.succeeds(&pcap(&datagrams), &flags);
        let rest = datagrams.get(skip..).unwrap_or(&[]);
        let first = rest.iter().position(|(_, event)| *event).map_or(rest.len(), |at| at + 1);
        let mut reader = Reader::open(Path::new(&out), ReadOptions::default()).unwrap();
        let mut times = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            times.extend(block.frames().map(|frame| frame.time.secs() as u32));
        }
        let wanted: Vec<u32> = rest[..first.min(count.unwrap_or(usize::MAX))].iter().map(|(time, _)| *time).collect();
        prop_assert_eq!(times, wanted);
    }
}

#[test]
fn an_event_is_looked_for_among_what_a_filter_selects() {
    let folder = Folder::new();
    let file = pcap(&[(1, false), (2, true), (3, false), (4, true)]);
    let out = folder.path("out.pcap");
    folder.succeeds(&file, &["-w", &out, "--stop-when", EVENT, "udp dst port 8"]);
    assert_eq!(numbers(&out), [0, 2]);
}

#[test]
fn files_are_named_by_the_time_and_none_is_written_over() {
    let folder = Folder::new();
    let file = pcap(&[(1_000_000_000, true), (1_000_000_100, true), (1_000_000_100, false), (1_000_086_400, true)]);
    let out = folder.path("x-%Y%m%d.pcap");
    let flags = ["-w", &out, "--recorder", "1MB", "--after", "1s", "--trigger", EVENT];
    folder.succeeds(&file, &flags);
    assert_eq!(folder.made(), ["x-20010909.pcap", "x-20010910.pcap", "x-20010909.pcap1"]);
    folder.succeeds(&file, &flags);
    assert_eq!(folder.made()[2..], ["x-20010909.pcap1", "x-20010909.pcap2", "x-20010909.pcap3", "x-20010910.pcap1"]);
    assert_eq!(numbers(&folder.path("x-20010909.pcap1")), [1, 2]);
}

#[test]
fn recordings_can_be_compressed() {
    let folder = Folder::new();
    let out = folder.path("x%i.pcap.zst");
    let file = pcap(&[(1, false), (2, true), (3, false), (9, true)]);
    folder.succeeds(&file, &["-w", &out, "--recorder", "1MB", "--after", "1s", "--trigger", EVENT]);
    assert_eq!(folder.made(), ["x0.pcap.zst", "x1.pcap.zst"]);
    assert_eq!((numbers(&folder.path("x0.pcap.zst")), numbers(&folder.path("x1.pcap.zst"))), (vec![0, 1, 2], vec![3]));
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_made() {
    let folder = Folder::new();
    let file = pcap(&[(1, true)]);
    let out = folder.path("out.pcap");
    let dated = folder.path("%D.pcap");
    for (flags, said) in [
        (vec!["--stop-when", "tcp and"], "filter"),
        (vec!["-w", &out, "--recorder", "1MB", "--trigger", "nosuch"], "filter"),
        (vec!["-w", &out, "--recorder", "12"], "no unit"),
        (vec!["-w", &out, "--recorder", "12x"], "is no size"),
        (vec!["-w", "-", "--recorder", "1MB"], "not with -w -"),
        (vec!["-w", &out, "--recorder", "1MB", "-C", "1"], "not with rotation"),
        (vec!["-w", &dated, "--recorder", "1MB"], "in the name of the folder"),
        (vec!["--recorder", "1MB"], "-w"),
        (vec!["--trigger", EVENT], "--recorder"),
    ] {
        let output = folder.run(&file, &flags);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(said), "{flags:?}: {told}");
        assert!(folder.made().is_empty(), "{flags:?}: {:?}", folder.made());
    }
}

/// A pcapng block.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u32 + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &len, body, &len].concat()
}

#[test]
fn a_gap_in_a_file_is_told_behind_the_line_before_it_and_is_copied() {
    let section = block(0x0a0d_0d0a, b"\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    let interface = block(1, b"\x01\0\0\0\0\0\0\0");
    let packet = |second: u32, options: &[u8]| {
        let head = [0, 0, second, 4, 4].map(u32::to_le_bytes).concat();
        block(6, &[&head, &b"data"[..], options].concat())
    };
    let gap = packet(2, b"\x04\0\x08\0\x2a\0\0\0\0\0\0\0\0\0\0\0");
    let file = [section, interface, packet(1, b""), gap.clone(), packet(3, b"")].concat();
    let folder = Folder::new();
    let output = folder.succeeds(&file, &["-t"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 3, "no other lines than those of packets");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("42 packets lost here, before packet 2 (00:00:00.000002)"), "{said}");

    let copy = folder.path("out.pcapng");
    folder.succeeds(&file, &["-w", &copy]);
    let copied = fs::read(&copy).unwrap();
    assert!(copied.windows(gap.len()).any(|bytes| bytes == gap));
}
