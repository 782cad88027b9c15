//! `sabueso merge` and `sort`.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::Source;

use crate::{CAPTURES, Content, Folder, captures, content, sabueso, succeeds};

/// Time, bytes and length on the wire of each frame.
fn frames(path: impl AsRef<Path>) -> Vec<(i128, Vec<u8>, u32)> {
    content(path).0.into_iter().map(|(time, data, len, _)| (time, data, len)).collect()
}

/// Runs a program that is the oracle, if it is there.
fn oracle(program: &str, words: &str) -> bool {
    match Command::new(program).args(words.split(' ')).current_dir(CAPTURES).output() {
        Ok(output) => {
            assert!(output.status.success(), "{program} {words}: {output:?}");
            true
        }
        Err(_) => {
            assert!(env::var_os("SABUESO_REQUIRE_ORACLES").is_none(), "{program} is not installed");
            eprintln!("*skipped*: {program} is not installed");
            false
        }
    }
}

#[test]
fn mergecap_does_the_same() {
    let folder = Folder::new("mergecap");
    let (ours, theirs) = (folder.file("ours.pcapng"), folder.file("theirs.pcapng"));
    for files in [
        "tcp-loss.pcap dns.pcap web-http.pcap",
        "arp.pcap arp.pcap",
        "udp-talk.pcap pcap-nano-little.pcap tcp-loss.pcap",
    ] {
        succeeds(&format!("merge {files} -o {ours}"));
        if oracle("mergecap", &format!("-w {theirs} {files}")) {
            assert_eq!(frames(&ours), frames(&theirs), "{files}");
        }
        succeeds(&format!("merge {files} -o {ours} --append"));
        if oracle("mergecap", &format!("-a -w {theirs} {files}")) {
            assert_eq!(frames(&ours), frames(&theirs), "{files}");
        }
    }
}

#[test]
fn reordercap_does_the_same() {
    let folder = Folder::new("reordercap");
    let (mixed, ours, theirs) = (folder.file("mixed.pcap"), folder.file("ours.pcap"), folder.file("theirs.pcap"));
    succeeds(&format!(
        "merge tcp-loss.pcap dns.pcap web-http.pcap arp.pcap tcp-loss.pcap -o {mixed} --append --precision micro"
    ));
    succeeds(&format!("sort {mixed} -o {ours}"));
    let sorted = frames(&ours);
    assert!(sorted.is_sorted_by_key(|frame| frame.0) && !frames(&mixed).is_sorted_by_key(|frame| frame.0));
    if oracle("reordercap", &format!("{mixed} {theirs}")) {
        assert_eq!(sorted, frames(&theirs));
    }
}

/// Everything that is in the files, in no order: also what stands beside the packets.
fn sorted((mut frames, mut notes): Content) -> Content {
    frames.sort();
    notes.sort();
    (frames, notes)
}

#[test]
fn all_captures_together_keep_all_that_each_of_them_has() {
    let folder = Folder::new("all");
    let (merged, joined, in_order) = (folder.file("m.pcapng"), folder.file("j.pcapng"), folder.file("s.pcapng"));
    let names: Vec<String> = captures().into_iter().filter(|name| !name.contains("big")).collect();
    let all = names.join(" ");
    let mut wanted = Content::default();
    for name in &names {
        let (frames, notes) = content(Path::new(CAPTURES).join(name));
        wanted.0.extend(frames);
        wanted.1.extend(notes);
    }
    // Options of packets and blocks of statistics tell of places that are others now: their number counts.
    let plain = |content: Content| {
        let (frames, notes) = content;
        let frames = frames.into_iter().map(|(time, data, len, _)| (time, data, len, Vec::new())).collect();
        sorted((frames, notes.into_iter().map(|(kind, _)| (kind, Vec::new())).collect()))
    };
    let wanted = plain(wanted);
    succeeds(&format!("merge {all} -o {merged}"));
    succeeds(&format!("merge {all} -o {joined} --join"));
    succeeds(&format!("sort {all} -o {in_order} --memory 1MiB"));
    for file in [&merged, &joined, &in_order] {
        assert_eq!(plain(content(file)), wanted, "{file}");
    }
    assert!(content(&in_order).0.is_sorted_by_key(|frame| frame.0));
    assert!(interfaces(&joined) < interfaces(&merged));
    assert!(interfaces(&merged) >= names.len() - 1);
}

fn interfaces(path: &str) -> usize {
    let mut reader = Reader::open(path.as_ref(), ReadOptions::default()).expect("a capture");
    let mut count = 0;
    while let Some(block) = reader.next_block().expect("it can be read") {
        assert_eq!(block.section.number, 0);
        count = block.section.interfaces.len();
    }
    count
}

#[test]
fn more_files_than_may_be_open_are_merged() {
    const FILES: u32 = 10_000;
    let folder = Folder::new("many");
    let header = &fs::read(Path::new(CAPTURES).join("arp.pcap")).expect("a capture")[..24];
    for number in 0..FILES {
        let mut file = header.to_vec();
        // Two packets; those of all files stand between each other.
        for second in [1000 + number, 5000 + (number * 7919) % FILES] {
            file.extend([second, 0, 4, 4].into_iter().flat_map(u32::to_ne_bytes));
            file.extend(number.to_ne_bytes());
        }
        fs::write(folder.0.join(format!("{number:05}.pcap")), file).expect("a file");
    }
    let out = folder.file("out");
    let script =
        format!("ulimit -n 1024; cd {} && {} merge *.pcap -o {out}", folder.0.display(), env!("CARGO_BIN_EXE_sabueso"));
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert!(output.status.success(), "{output:?}");
    let frames = frames(&out);
    assert_eq!(frames.len(), 2 * FILES as usize);
    assert!(frames.is_sorted_by_key(|frame| frame.0));
    let mut numbers: Vec<&[u8]> = frames.iter().map(|frame| &frame.1[..]).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), FILES as usize);
}

#[test]
fn a_damaged_file_does_not_keep_the_others_from_being_merged() {
    let folder = Folder::new("damaged");
    let (torn, out) = (folder.file("torn.pcap"), folder.file("out.pcap"));
    let bytes = fs::read(Path::new(CAPTURES).join("dns.pcap")).expect("a capture");
    fs::write(&torn, &bytes[..bytes.len() - 3]).expect("a file");
    let output = sabueso(&format!("merge {torn} arp.pcap no-such.pcap -o {out}"));
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("torn.pcap: record") && said.contains("no-such.pcap: can't open"), "{said}");
    let whole = content(Path::new(CAPTURES).join("dns.pcap")).0.len() - 1;
    assert_eq!(frames(&out).len(), whole + content(Path::new(CAPTURES).join("arp.pcap")).0.len());
}

#[test]
fn packets_of_which_nothing_was_captured_are_merged_and_sorted_too() {
    let folder = Folder::new("empty");
    let (file, out) = (folder.file("empty.pcap"), folder.file("out.pcap"));
    let mut bytes = fs::read(Path::new(CAPTURES).join("arp.pcap")).expect("a capture")[..24].to_vec();
    (0..5u32).for_each(|second| bytes.extend([second, 0, 0, 60].into_iter().flat_map(u32::to_ne_bytes)));
    fs::write(&file, bytes).expect("a file");
    for command in ["merge", "sort"] {
        succeeds(&format!("{command} {file} -o {out}"));
        assert_eq!(frames(&out), frames(&file), "{command}");
    }
}

#[test]
fn a_full_disk_leaves_no_file_that_passes_for_whole() {
    let folder = Folder::new("full");
    let (mixed, out) = (folder.file("mixed.pcap"), folder.file("out.pcap"));
    let many = ["tcp-loss.pcap"; 400].join(" ");
    succeeds(&format!("merge {many} -o {mixed} --append"));
    assert!(fs::metadata(&mixed).expect("a file").len() > 900_000);
    // The limit of a file's size stands for the end of the disk: for the nameless file here.
    let script = format!("ulimit -f 200; exec {} sort {mixed} -o {out}", env!("CARGO_BIN_EXE_sabueso"));
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let left: Vec<_> = fs::read_dir(&folder.0).expect("it").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(left, ["mixed.pcap"], "{output:?}");
}
