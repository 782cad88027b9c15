//! Files that are written: rotation, compression, stop rules, and what is left of them after a kill.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::*;
use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::Source;

/// Bytes of a record of these files.
const RECORD: usize = 16 + UDP.len();

/// The microseconds of each frame, which are its number here, and whether the file is whole.
fn numbers(path: &Path) -> (Vec<u32>, bool) {
    let mut found = vec![];
    let Ok(mut reader) = Reader::open(path, ReadOptions::default()) else { return (found, false) };
    loop {
        match reader.next_block() {
            Ok(Some(block)) => found.extend(block.frames().map(|frame| frame.time.nanos() / 1000)),
            Ok(None) => return (found, true),
            Err(_) => return (found, false),
        }
    }
}

/// What stands in each file of a folder, by its name; all must be whole.
fn files(folder: &Path) -> BTreeMap<String, Vec<u32>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let held = entries.map(|entry| {
        let (held, whole) = numbers(&entry.path());
        assert!(whole, "{entry:?}");
        (entry.file_name().into_string().unwrap(), held)
    });
    held.collect()
}

/// Copies so many packets with these flags; what they end with, and the files that come of it.
fn copied(packets: u32, name: &str, flags: &str) -> (Output, BTreeMap<String, Vec<u32>>) {
    let (folder, out) = (Folder::new(), Folder::new());
    let input = folder.file("in.pcap", &pcap(packets));
    let mut args = vec!["-r", path(&input), "-w"];
    let output = out.0.join(name);
    args.push(path(&output));
    args.extend(flags.split_whitespace());
    (run(&args), files(&out.0))
}

#[test]
fn files_are_named_and_filled_as_the_flags_say() {
    for (name, flags, expected) in [
        ("c", "", &[("c", 0..10)][..]),
        ("c", "--rotate-packets 4", &[("c", 0..4), ("c1", 4..8), ("c2", 8..10)]),
        ("c", "--rotate-packets 4 -W 2", &[("c0", 8..10), ("c1", 4..8)]),
        ("c", "--rotate-packets 4 -W 11", &[("c00", 0..4), ("c01", 4..8), ("c02", 8..10)]),
        ("c%i.pcap", "--rotate-packets 4 -W 2", &[("c0.pcap", 8..10), ("c1.pcap", 4..8)]),
        ("c.gz", "--rotate-packets 5", &[("c.gz", 0..5), ("c1.gz", 5..10)]),
        ("c", "-C 1k", &[("c", 0..10)]),
        ("c-%M%S", "-G 5", &[("c-4640", 0..5), ("c-4645", 5..10)]),
        ("c-%M%S", "-G 15 --rotate-align", &[("c-4640", 0..5), ("c-4645", 5..10)]),
        (
            "c-%M%S",
            "-G 5 --rotate-packets 3",
            &[("c-4640", 0..3), ("c-46401", 3..5), ("c-4645", 5..8), ("c-46451", 8..10)],
        ),
        ("c-%M%S", "-G 5 --rotate-packets 3 -W 2", &[("c-46450", 5..8), ("c-46451", 8..10)]),
        ("c-%M%S", "-G 3 -W 2", &[("c-4640", 0..3), ("c-4643", 3..6)]),
        ("c-%M%S", "-G 3 --keep-files 2", &[("c-4646", 6..9), ("c-4649", 9..10)]),
        ("c", "--rotate-packets 3 --stop-files 2", &[("c", 0..3), ("c1", 3..6)]),
        ("c", "--rotate-packets 3 -c 7", &[("c", 0..3), ("c1", 3..6), ("c2", 6..7)]),
    ] {
        let (output, files) = copied(10, name, flags);
        assert_eq!(output.status.code(), Some(0), "{flags}: {}", text(&output.stderr));
        let expected = expected.iter().map(|(name, held)| ((*name).to_owned(), held.clone().collect()));
        assert_eq!(files, expected.collect(), "{name} {flags}");
    }
    let (_, files) = copied(100, "c", "-C 1k -W 3");
    assert!(files.keys().eq(["c0", "c1", "c2"]));
    // 1024 bytes are passed by the seventeenth: a header of 24, and 62 for each.
    assert_eq!((files["c0"].len(), files["c1"].first()), (17, Some(&68)));
}

#[test]
fn a_run_ends_where_a_rule_says_so() {
    let size = |packets: usize| format!("--stop-bytes {}", 24 + RECORD * packets);
    for (flags, packets) in [
        ("--stop-after 4".to_owned(), 4),
        ("-a duration:4 -a packets:6".to_owned(), 4),
        ("-a packets:3 -c 5".to_owned(), 3),
        (size(7), 7),
        (format!("--stop-bytes {}", 24 + RECORD * 7 - 1), 6),
        ("-a filesize:1".to_owned(), 15),
        ("--stop-after 1h".to_owned(), 20),
    ] {
        let (output, files) = copied(20, "c", &flags);
        assert_eq!(output.status.code(), Some(0), "{flags}");
        assert!(files["c"].iter().copied().eq(0..packets), "{flags}: {files:?}");
    }
}

#[test]
fn what_is_printed_is_what_is_saved() {
    let (output, files) = copied(10, "c", "--rotate-packets 3 --stop-files 2 --print -t");
    assert_eq!(text(&output.stdout).lines().count(), 6);
    assert_eq!(files.len(), 2);
    assert!(text(&output.stderr).contains("Maximum file limit reached: 2"));
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let folder = Folder::new();
    let input = folder.file("in.pcap", &pcap(1));
    let out = folder.0.join("o");
    for (flags, words) in [
        ("-W 3", "-W counts the files"),
        ("--keep 5MB", "--keep removes old files"),
        ("--on-full ring", "--on-full=ring removes old files"),
        ("--stop-files 2", "--stop-files counts"),
        ("-C 1 --append", "--append goes on with one file"),
        ("--append --compress gzip", "a compressed file can't be gone on with"),
        ("-C 1 --keep 10k", "may not hold two packets"),
        ("-C 1x", "'1x' is no size"),
        ("-G 0", "'0' is no length of time"),
        ("-a nosuch:1", "'nosuch:1' is none of"),
    ] {
        let args = [&["-r", path(&input), "-w", path(&out)][..], &flags.split_whitespace().collect::<Vec<_>>()];
        refused(&args.concat(), 2, words);
    }
    let one = folder.file("c1", &pcap(1));
    refused(&["-r", path(&one), "-w", path(&folder.0.join("c")), "-C", "1"], 2, "would be written over");
    refused(&["-r", path(&input), "-w", "-", "-C", "1"], 2, "standard output is one file");
    refused(&["-r", path(&input), "-w", "c%!", "-G", "5"], 1, "can't be the name of a file");
    refused(&["-r", path(&input), "-C", "5"], 2, "-w");
    assert!(!out.exists());
}

#[test]
fn compressed_files_are_read_by_us_and_by_others() {
    for (ending, program) in [("gz", "gzip"), ("zst", "zstd"), ("lz4", "lz4")] {
        for (name, flags) in
            [(format!("c.pcapng.{ending}"), String::new()), ("c".to_owned(), format!("--compress {program}"))]
        {
            let (folder, out) = (Folder::new(), Folder::new());
            let input = folder.file("in.pcap", &pcap(500));
            let packed = out.0.join(&name);
            let flags = flags.split_whitespace().collect::<Vec<_>>();
            let output = run(&[&["-r", path(&input), "-w", path(&packed)][..], &flags].concat());
            assert!(output.status.success());
            assert!(numbers(&packed).0.into_iter().eq(0..500), "{name}");
            let bytes = fs::read(&packed).unwrap();
            assert!(bytes.len() < 20_000, "{name}: {}", bytes.len());
            match Command::new(program).arg("-dc").stdin(File::open(&packed).unwrap()).output() {
                Err(_) => println!("skipped: {program} is not installed"),
                Ok(plain) => {
                    assert!(plain.status.success(), "{}", text(&plain.stderr));
                    assert_eq!(plain.stdout.starts_with(b"\x0a\x0d\x0d\x0a"), name.contains("pcapng"));
                }
            }
            // A file that is broken off gives all that was whole, and says that it is cut.
            let cut = folder.file("cut", &bytes[..bytes.len() - 9]);
            let output = run(&["--count", "-r", path(&cut)]);
            assert_eq!(output.status.code(), Some(1), "{name}");
            assert!(
                text(&output.stderr).contains(&format!("the {program} stream in it is")),
                "{}",
                text(&output.stderr)
            );
        }
    }
}

#[test]
fn a_torn_file_is_repaired_before_it_is_gone_on_with() {
    let folder = Folder::new();
    let input = folder.file("in.pcap", &pcap(3));
    let torn = pcap(2);
    let file = folder.file("c", &torn[..torn.len() - 5]);
    let output = run(&["-r", path(&input), "-w", path(&file), "--append"]);
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("its end was torn: 57 bytes were cut off"), "{}", text(&output.stderr));
    assert_eq!(numbers(&file), (vec![0, 0, 1, 2], true));
}

#[test]
fn a_failure_to_sync_or_close_is_a_failure_to_write() {
    if Command::new("strace").arg("-V").output().is_err() {
        return println!("skipped: strace is not installed");
    }
    let folder = Folder::new();
    let input = folder.file("in.pcap", &pcap(3));
    for (call, flag) in [("fsync", Some("--sync")), ("close", None)] {
        let to = folder.0.join(call);
        let inject = format!("inject={call}:error=EIO");
        let mut traced = Command::new("strace");
        traced.args(["-o", path(&folder.0.join("trace")), "-P", path(&to), "-e", &inject]);
        let output =
            traced.args([env!("CARGO_BIN_EXE_sabueso"), "-r", path(&input), "-w", path(&to)]).args(flag).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(1), "{call}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("can't write: Input/output error"), "{}", text(&output.stderr));
    }
}

#[test]
fn a_command_runs_after_each_file_with_the_whole_of_it() {
    let (folder, out) = (Folder::new(), Folder::new());
    let input = folder.file("in.pcap", &pcap(10));
    let log = folder.file("log", b"");
    // Root has the command run as somebody else.
    fs::set_permissions(&log, fs::Permissions::from_mode(0o666)).unwrap();
    let script =
        folder.file("after", format!("#!/bin/sh\necho \"${{1##*/}} $(wc -c <\"$1\")\" >>{}\n", path(&log)).as_bytes());
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let to = out.0.join("c");
    let output = run(&["-r", path(&input), "-w", path(&to), "--rotate-packets", "4", "-z", path(&script)]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let begun = Instant::now();
    let lines = loop {
        let lines = fs::read_to_string(&log).unwrap_or_default();
        if lines.lines().count() == 3 {
            break lines;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{lines}");
        std::thread::yield_now();
    };
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort();
    let size = |packets| 24 + RECORD * packets;
    assert_eq!(lines, [format!("c {}", size(4)), format!("c1 {}", size(4)), format!("c2 {}", size(2))]);
    let output = run(&["-r", path(&input), "-w", path(&to), "-z", "/nosuch/command"]);
    assert_eq!(output.status.code(), Some(0), "the files are what counts");
    assert!(text(&output.stderr).contains("-z /nosuch/command"), "{}", text(&output.stderr));
}

#[test]
fn killed_at_any_moment_it_leaves_files_that_can_be_read() {
    let mut seed = 1u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for round in 0..100 {
        let out = Folder::new();
        let method = ["none", "gzip", "zstd", "lz4"][round % 4];
        let to = out.0.join("c%i");
        let args = ["-r", "-", "-w", path(&to), "--rotate-packets", "7", "-W", "1000", "--compress", method];
        let mut child = sabueso().args(args).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let bytes = pcap(random(3000) as u32);
        let mut input = child.stdin.take().unwrap();
        for piece in bytes.chunks(1 + random(5000) as usize) {
            input.write_all(piece).unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut names: Vec<PathBuf> = fs::read_dir(&out.0).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let last = names.pop();
        let mut next = 0;
        for name in names {
            let (held, whole) = numbers(&name);
            assert!(whole && held.into_iter().eq(next..next + 7), "{method}: {name:?} is not the last");
            next += 7;
        }
        if let Some(last) = last {
            let held = numbers(&last).0;
            let count = held.len() as u32;
            assert!(count <= 7 && held.into_iter().eq(next..next + count), "{method}: {last:?}");
        }
    }
}
