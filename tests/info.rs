//! `sabueso info` over captures: capinfos counts the same, and what is printed is safe and valid.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

fn all() -> Vec<String> {
    let names = fs::read_dir(captures()).expect("the captures");
    let names = names.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".pcap") || name.ends_with(".pcapng")).collect();
    names.sort();
    names
}

fn info(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    command.arg("info").args(arguments).current_dir(captures()).env("TZ", "UTC").output().expect("the binary runs")
}

fn object(name: &str) -> Option<serde_json::Value> {
    let output = info(&["--json", "--hash", "sha256,ripemd160,sha1", name]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let objects: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{name}: {e}"))).collect();
    assert!(objects.len() <= 1, "{name}");
    objects.into_iter().next()
}

/// Captures of which capinfos says something else, and why.
const UNLIKE: [(&str, &str); 5] = [
    ("damaged-pcap-hole.pcap", "zeros are packets without bytes, which it counts otherwise"),
    (
        "pcap-fractions.pcap",
        "fractions of a second that are more than one are carried here, and taken as they stand there",
    ),
    ("pcapng-time-extreme.pcapng", "it can't tell times beyond those of its calendar"),
    ("pcapng-simple-packets.pcapng", "as the next"),
    ("pcapng-blocks-all.pcapng", "a packet without a time has the first there is here, and none there"),
];

#[test]
fn capinfos_counts_the_same() {
    let mut compared = 0;
    for name in all() {
        // Numbers with a point have one everywhere, times are those of UTC.
        let mut command = Command::new("capinfos");
        let output = match command.args(["-T", "-M", "-r", &name]).current_dir(captures()).env("TZ", "UTC").output() {
            Ok(output) => output,
            Err(error) => {
                assert!(std::env::var_os("SABUESO_REQUIRE_ORACLES").is_none(), "capinfos: {error}");
                return eprintln!("SKIPPED: capinfos: {error}");
            }
        };
        // What capinfos gives up, it says nothing of.
        if !output.status.success() {
            continue;
        }
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let theirs: Vec<&str> = said.trim_end_matches('\n').split('\t').collect();
        let [_, _, _, _, _, _, _, packets, size, bytes, duration, first, last, .., order, _, _, _, _] = theirs[..]
        else {
            panic!("{name}: {said}")
        };
        let Some(ours) = object(&name) else {
            // Of a version that nobody knows, capinfos reads what it takes for packets.
            assert!(name.starts_with("damaged"), "{name}");
            continue;
        };
        if ours["damaged"] == true || UNLIKE.iter().any(|(unlike, _)| *unlike == name) {
            continue;
        }
        let number = |key: &str| ours[key].as_u64().unwrap_or_default().to_string();
        assert_eq!((number("packets").as_str(), number("size").as_str()), (packets, size), "{name}");
        assert_eq!(number("bytes"), bytes, "{name}");
        let hashes: Vec<&str> = theirs[17..20].to_vec();
        let our_hashes = ["sha256", "ripemd160", "sha1"].map(|hash| ours["hashes"][hash].as_str().unwrap_or_default());
        assert_eq!(our_hashes, hashes[..], "{name}");
        // Without packets it knows of no order.
        assert!(packets == "0" || ours["in_order"] == (order == "True"), "{name}");
        let moment = |key: &str| ours[key].as_str().unwrap_or("n/a").replace('T', " ");
        // They give as many digits as the file's times have.
        for (time, key) in [(first, "first"), (last, "last")] {
            // A time of zero is none to it.
            let is_known = time != "n/a" && ours["packets"] != 0 && ours["first_ns"] != 0;
            assert!(!is_known || moment(key).starts_with(time), "{name}: {} {time}", moment(key));
        }
        if ours["first_ns"] == 0 {
            continue;
        }
        let nanos = ours["duration_ns"].as_u64().unwrap_or_default() as f64;
        assert!((duration.parse().unwrap_or(0.0) - nanos / 1e9).abs() < 1e-6, "{name}: {duration} {nanos}");
        compared += 1;
    }
    assert!(compared > 50, "only {compared} compared");
}

#[test]
fn pages_and_tables_of_every_capture_hold_no_control_byte() {
    for name in all() {
        for options in [&["--long"][..], &["--json"]] {
            let output = info(&[options, &[&name]].concat());
            assert!(output.stdout.iter().all(|byte| *byte >= b' ' || *byte == b'\n'), "{name}");
            assert!(output.status.code().is_some_and(|code| code < 2), "{name}");
        }
    }
}

#[test]
fn several_files_are_a_table() {
    let output = info(&["dns.pcap", "dhcp.pcap", "damaged-pcap-cut-body.pcap", "nosuch.pcap"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[1].contains(" 34 ") && lines[1].ends_with("dns.pcap"), "{text}");
    assert!(lines[3].ends_with("(damaged)"), "{text}");
}

#[test]
fn what_a_page_says() {
    let output = info(&["--hash", "none", "pcapng-options-all.pcapng"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    for expected in ["format        pcapng", "comments", "interfaces\n  0  ", "protocols\n  eth "] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
}
