//! The command: its files, its key, what it says.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::capture;

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("sabueso-anonymize-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs the command in this folder.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
        command.arg("anonymize").args(arguments).current_dir(&self.0).output().unwrap()
    }

    /// What a run makes that must succeed.
    fn made(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.run(&[arguments, &["-o", "made.pcapng"]].concat());
        assert!(output.status.success(), "{output:?}");
        fs::read(self.path("made.pcapng")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_key_makes_the_same_pseudonyms_each_time_and_no_key_others() {
    let folder = Folder::new("key");
    let dns = capture("dns.pcap");
    let dns = dns.to_str().unwrap();
    fs::write(folder.path("bytes"), [0x2a; 32]).unwrap();
    fs::write(folder.path("digits"), "2A".repeat(32) + "\n").unwrap();
    let with_key = folder.made(&["--key", "bytes", dns]);
    assert_eq!(folder.made(&["--key", "digits", dns]), with_key);
    let without = folder.made(&[dns]);
    assert_ne!(without, with_key);
    assert_ne!(folder.made(&[dns]), without);
    assert_eq!(folder.names(), ["bytes", "digits", "made.pcapng"]);

    fs::write(folder.path("short"), "too short").unwrap();
    for (key, says) in [("short", "32 bytes"), ("none", "No such file")] {
        let output = folder.run(&["--key", key, dns, "-o", "other.pcapng"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(says), "{output:?}");
    }
    assert!(!folder.path("other.pcapng").exists());
}

#[test]
fn a_capture_is_not_written_over_itself_and_nothing_half_has_its_name() {
    let folder = Folder::new("files");
    fs::copy(capture("dns.pcap"), folder.path("a.pcap")).unwrap();
    let before = fs::read(folder.path("a.pcap")).unwrap();
    let output = folder.run(&["a.pcap", "-o", "a.pcap"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(fs::read(folder.path("a.pcap")).unwrap(), before);

    // What is there stays until the new one is whole; a missing input makes none.
    fs::write(folder.path("old.pcapng"), "old").unwrap();
    let output = folder.run(&["missing.pcap", "-o", "old.pcapng"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(fs::read(folder.path("old.pcapng")).unwrap(), b"old");
    assert_eq!(folder.names(), ["a.pcap", "old.pcapng"]);

    assert!(folder.run(&["a.pcap", "-o", "old.pcapng"]).status.success());
    assert!(fs::read(folder.path("old.pcapng")).unwrap().starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));
    assert_eq!(folder.names(), ["a.pcap", "old.pcapng"]);

    // The good part of a damaged capture is delivered, and the status tells.
    let damaged = capture("damaged-pcap-cut-body.pcap");
    let output = folder.run(&[damaged.to_str().unwrap(), "-o", "good.pcapng"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(folder.names(), ["a.pcap", "good.pcapng", "old.pcapng"]);
}

#[test]
fn standard_output_and_compression_are_as_elsewhere() {
    let folder = Folder::new("out");
    fs::write(folder.path("key"), [1; 32]).unwrap();
    let dns = capture("dns.pcap");
    let dns = dns.to_str().unwrap();
    let plain = folder.made(&["--key", "key", dns]);
    let output = folder.run(&["--key", "key", dns, "-o", "-"]);
    assert!(output.status.success() && output.stdout == plain);
    assert!(folder.run(&["--key", "key", dns, "-o", "made.pcapng.zst"]).status.success());
    let output = folder.run(&["--key", "key", dns, "-o", "-", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let packed = fs::read(folder.path("made.pcapng.zst")).unwrap();
    assert!(packed.starts_with(b"\x28\xb5\x2f\xfd") && packed.len() < plain.len());
}

#[test]
fn what_was_done_is_told() {
    let folder = Folder::new("told");
    let lldp = capture("lldp.pcap");
    let output = folder.run(&[lldp.to_str().unwrap(), "-o", "a.pcapng"]);
    let said = text(&output.stderr);
    assert!(said.contains("packets anonymized") && said.contains("LLDP"), "{said}");
    let output = folder.run(&[lldp.to_str().unwrap(), "-o", "a.pcapng", "--json"]);
    let counts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts["cut"]["LLDP"], counts["packets"]);
    assert!(counts["left"].as_u64() < counts["captured"].as_u64());
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn what_is_asked_for_is_kept() {
    let folder = Folder::new("kept");
    let all = capture("pcapng-blocks-all.pcapng");
    let all = all.to_str().unwrap();
    // Blocks by their types, which stand at the beginning of each.
    let kinds = |bytes: &[u8]| {
        let (mut kinds, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            kinds.push(word(at));
            at += word(at + 4) as usize;
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };
    let (section, interface, names, statistics, packet, secrets) = (0x0a0d_0d0a, 1, 4, 5, 6, 10);
    assert_eq!(kinds(&folder.made(&[all])), [interface, statistics, packet, section]);
    assert_eq!(
        kinds(&folder.made(&["--keep", "names,secrets", all])),
        [interface, names, statistics, packet, secrets, section]
    );
    // Statistics have times.
    assert_eq!(kinds(&folder.made(&["--shift-time", "-1h", all])), [interface, packet, section]);
}
