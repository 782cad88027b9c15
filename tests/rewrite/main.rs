//! The subcommands that make captures of others, over `captures/`: nothing is lost but what is to be, and the files are those of
//! editcap, mergecap and reordercap.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::Source;

mod merging;

const CAPTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures");

/// A folder for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = env::temp_dir().join(format!("sabueso-rewrite-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sabueso(words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    command.args(words.split(' ')).env("TZ", "UTC").current_dir(CAPTURES).output().expect("the binary runs")
}

/// Runs it; it succeeds. What it says.
fn succeeds(words: &str) -> String {
    let output = sabueso(words);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(0), "sabueso {words}: {said}");
    said
}

/// Time, bytes, length on the wire and options of each frame, and the bytes of each block beside them.
type Content = (Vec<(i128, Vec<u8>, u32, Vec<u8>)>, Vec<(u32, Vec<u8>)>);

fn content(path: impl AsRef<Path>) -> Content {
    let mut reader = Reader::open(path.as_ref(), ReadOptions::default()).expect("a capture");
    let mut content = Content::default();
    while let Some(block) = reader.next_block().expect("it can be read") {
        content.1.extend(block.notes.iter().map(|note| (note.kind, block.note(note).to_vec())));
        content.0.extend(
            block
                .frames()
                .map(|frame| (frame.time.as_nanos(), frame.data.to_vec(), frame.wire_len, frame.options.to_vec())),
        );
    }
    content
}

/// Captures that are whole.
fn captures() -> Vec<String> {
    let names = fs::read_dir(CAPTURES).expect("the captures").map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("UTF-8"));
    let mut names: Vec<String> = names
        .filter(|name| !name.starts_with("damaged") && (name.ends_with(".pcap") || name.ends_with(".pcapng")))
        .collect();
    names.sort();
    names
}

#[test]
fn pcapng_keeps_all_and_comes_back_the_same() {
    let folder = Folder::new("round");
    let (one, other) = (folder.file("one.pcapng"), folder.file("other.pcapng.zst"));
    for name in captures() {
        succeeds(&format!("convert {name} -o {one}"));
        assert_eq!(content(&one), content(Path::new(CAPTURES).join(&name)), "{name}");
        succeeds(&format!("convert {one} -o {other}"));
        let again = folder.file("again.pcapng");
        succeeds(&format!("convert {other} -o {again}"));
        assert_eq!(fs::read(&again).expect("a file"), fs::read(&one).expect("a file"), "{name}");
    }
    assert!(
        fs::read_dir(&folder.0)
            .expect("it")
            .all(|entry| { !entry.expect("an entry").file_name().to_string_lossy().ends_with(".part") })
    );
}

#[test]
fn what_pcap_has_no_place_for_is_told() {
    let folder = Folder::new("losses");
    let out = folder.file("x.pcap");
    let said = succeeds(&format!("convert pcapng-blocks-all.pcapng -o {out}"));
    for words in ["blocks of names", "blocks of statistics", "blocks of secrets", "custom blocks", "write pcapng"] {
        assert!(said.contains(words), "no {words} in {said}");
    }
    assert!(!succeeds(&format!("convert arp.pcap -o {out}")).contains("no place"));
    let nano = content(Path::new(CAPTURES).join("pcap-nano-little.pcap")).0;
    succeeds(&format!("convert pcap-nano-little.pcap -o {out}"));
    assert_eq!(content(&out).0, nano, "nanoseconds are kept");
    succeeds(&format!("convert pcap-nano-little.pcap -o {out} --precision micro"));
    let micro: Vec<i128> = nano.iter().map(|frame| frame.0 / 1000 * 1000).collect();
    assert_eq!(content(&out).0.iter().map(|frame| frame.0).collect::<Vec<_>>(), micro);
}

#[test]
fn cut_takes_what_was_asked_for() {
    let folder = Folder::new("cut");
    let out = folder.file("x.pcap");
    let all = content(Path::new(CAPTURES).join("tcp-loss.pcap")).0;
    assert!(all.len() > 12);
    let cut = |words: &str| {
        succeeds(&format!("cut tcp-loss.pcap -o {out} {words}"));
        content(&out).0
    };
    let at = |places: &[usize]| places.iter().map(|place| all[place - 1].clone()).collect::<Vec<_>>();
    assert_eq!(cut("--packets 2-4,7"), at(&[2, 3, 4, 7]));
    assert_eq!(cut(&format!("--packets {}-", all.len())), at(&[all.len()]));
    assert_eq!(cut("--every 5"), all.iter().step_by(5).cloned().collect::<Vec<_>>());
    let start = all[0].0;
    let after = |nanos: i128| all.iter().filter(|frame| frame.0 >= start + nanos).cloned().collect::<Vec<_>>();
    assert_eq!(cut("--from +0.1"), after(100_000_000));
    let before: Vec<_> = all.iter().filter(|frame| frame.0 < all[0].0 + 100_000_000).cloned().collect();
    assert_eq!(cut("--to +100ms"), before);
    let counted = |words: &str| String::from_utf8(sabueso(words).stdout).expect("UTF-8");
    let line = format!("{} packets\n", after(100_000_000).len());
    assert_eq!(counted("--count -r tcp-loss.pcap --from +0.1"), line, "it is a flag of reading too");
    let within = "--from +100ms --to +0.3";
    let part = all.iter().filter(|frame| (100_000_000..300_000_000).contains(&(frame.0 - start))).count();
    assert!(part > 0);
    assert_eq!(counted(&format!("-r tcp-loss.pcap -nn {within}")).lines().count(), part);
    let info = counted(&format!("info tcp-loss.pcap --json {within}"));
    assert!(info.split("\"packets\":").nth(1).is_some_and(|rest| rest.starts_with(&format!("{part},"))), "{info}");
    let moment = all[3].0;
    let seconds = format!("@{}.{:09}", moment / 1_000_000_000, moment % 1_000_000_000);
    assert_eq!(cut(&format!("--from {seconds}")), after(moment - start));
    for (short, long) in cut("--snap 40").iter().zip(&all) {
        assert_eq!((&short.1[..], short.2), (&long.1[..long.1.len().min(40)], long.2));
    }
    let syn = cut("--filter tcp[tcpflags]&tcp-syn!=0");
    assert!(!syn.is_empty() && syn.len() < all.len());
    assert_eq!(sabueso(&format!("cut tcp-loss.pcap -o {out} --packets 3-2")).status.code(), Some(2));
}

#[test]
fn shift_moves_all_by_the_same() {
    let folder = Folder::new("shift");
    let out = folder.file("x.pcapng");
    let times = |path: &Path| content(path).0.iter().map(|frame| frame.0).collect::<Vec<_>>();
    let all = times(&Path::new(CAPTURES).join("dns.pcap"));
    let moved = |by: i128| all.iter().map(|time| time + by).collect::<Vec<_>>();
    for (by, nanos) in [("+1h", 3_600_000_000_000), ("-0.25", -250_000_000), ("10us", 10_000)] {
        succeeds(&format!("shift dns.pcap -o {out} --by {by}"));
        assert_eq!(times(Path::new(&out)), moved(nanos), "{by}");
    }
    succeeds(&format!("shift dns.pcap -o {out} --to-start 2001-09-09T01:46:40Z"));
    assert_eq!(times(Path::new(&out)), moved(1_000_000_000_000_000_000 - all[0]));
    assert_eq!(sabueso(&format!("shift dns.pcap -o {out}")).status.code(), Some(2));
}

#[test]
fn a_file_is_not_written_over_while_it_is_read() {
    let folder = Folder::new("over");
    let file = folder.file("x.pcap");
    fs::copy(Path::new(CAPTURES).join("dns.pcap"), &file).expect("a copy");
    let before = fs::read(&file).expect("a file");
    let output = sabueso(&format!("cut {file} -o {file} --packets 1"));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(&file).expect("a file"), before);
}

/// editcap is the oracle: its files hold the same frames.
#[test]
fn editcap_does_the_same() {
    if Command::new("editcap").arg("-v").output().is_err() {
        assert!(env::var_os("SABUESO_REQUIRE_ORACLES").is_none(), "editcap is not installed");
        eprintln!("*skipped*: editcap is not installed");
        return;
    }
    let folder = Folder::new("editcap");
    let (ours, theirs) = (folder.file("ours.pcapng"), folder.file("theirs.pcapng"));
    let cases = [
        ("cut tcp-loss.pcap --packets 2-9,12", "-r tcp-loss.pcap", "2-9 12"),
        ("cut tcp-loss.pcap --snap 60", "-s 60 tcp-loss.pcap", ""),
        ("shift tcp-loss.pcap --by -3.5", "-t -3.5 tcp-loss.pcap", ""),
        ("convert web-http.pcap", "web-http.pcap", ""),
        ("dedup cut-everywhere.pcap --window 5", "-D 5 cut-everywhere.pcap", ""),
        ("dedup multicast.pcap --window 1000", "-D 1000 multicast.pcap", ""),
    ];
    for (words, before, after) in cases {
        succeeds(&format!("{words} -o {ours}"));
        let mut command = Command::new("editcap");
        command.args(before.split(' ')).arg(&theirs).args(after.split(' ').filter(|word| !word.is_empty()));
        let output = command.current_dir(CAPTURES).output().expect("editcap runs");
        assert!(output.status.success(), "{output:?}");
        let frames =
            |file: &str| content(file).0.into_iter().map(|(time, data, len, _)| (time, data, len)).collect::<Vec<_>>();
        assert_eq!(frames(&ours), frames(&theirs), "{words}");
    }
}

#[test]
fn dedup_knows_a_packet_behind_a_router() {
    let folder = Folder::new("dedup");
    let (twice, out) = (folder.file("twice.pcap"), folder.file("x.pcap"));
    let bytes = fs::read(Path::new(CAPTURES).join("tcp-loss.pcap")).expect("a capture");
    let all = content(Path::new(CAPTURES).join("tcp-loss.pcap")).0;
    // Each packet is followed by a copy that a router has passed on: other stations, one hop less, another checksum.
    let mut copied = bytes[..24].to_vec();
    let mut at = 24;
    for frame in &all {
        let record = &bytes[at..at + 16 + frame.1.len()];
        at += record.len();
        copied.extend(record);
        let mut again = record.to_vec();
        if again[28..30] == [8, 0] {
            again[16..28].fill(2);
            again[16 + 14 + 8] -= 1;
            again[16 + 14 + 10] ^= 1;
        }
        copied.extend(again);
    }
    fs::write(&twice, copied).expect("a file");
    let count = |words: &str| {
        let said = succeeds(&format!("dedup {twice} -o {out} {words}"));
        let left = content(&out).0.len();
        let removed: usize =
            said.lines().find_map(|line| line.split_once(" packets were")?.0.parse().ok()).expect("a count");
        assert_eq!(left + removed, 2 * all.len());
        left
    };
    let frames = content(&twice).0;
    let alike = frames.windows(2).filter(|pair| (&pair[0].1, pair[0].2) == (&pair[1].1, pair[1].2)).count();
    assert!(alike < all.len() / 2, "most copies differ from what they are copies of");
    assert_eq!(count("--window 2"), frames.len() - alike);
    assert_eq!(count("--window 2 --ignore ttl"), frames.len() - alike, "the stations differ");
    let left = count("--window 2 --ignore ttl,stations");
    assert!(left <= all.len() && left > all.len() / 2, "{left} of {}", all.len());
    assert!(count("--within 1d --ignore ttl,stations") <= all.len());
}

/// What of one list stands in another, in order.
fn are_in_order<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    let mut rest = all.iter();
    some.iter().all(|wanted| rest.any(|one| one == wanted))
}

#[test]
fn repair_recovers_all_whole_packets_of_a_file_cut_anywhere() {
    let folder = Folder::new("torn");
    let (torn, out) = (folder.file("torn.pcap"), folder.file("whole.pcap"));
    let bytes = fs::read(Path::new(CAPTURES).join("udp-talk.pcap")).expect("a capture");
    let all = content(Path::new(CAPTURES).join("udp-talk.pcap")).0;
    // Where each record ends.
    let mut ends = vec![24];
    for frame in &all {
        ends.push(ends[ends.len() - 1] + 16 + frame.1.len());
    }
    assert_eq!(ends.last(), Some(&bytes.len()));
    let step = (bytes.len() / 150).max(1);
    for cut in (24..bytes.len()).step_by(step).chain(ends.iter().copied()) {
        fs::write(&torn, &bytes[..cut]).expect("a file");
        let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
        let output = sabueso(&format!("repair {torn} -o {out}"));
        assert_eq!(output.status.code(), Some(i32::from(!ends.contains(&cut))), "cut at {cut}: {output:?}");
        assert_eq!(content(&out).0, all[..whole], "cut at {cut}");
    }
}

#[test]
fn repair_makes_no_packet_up_and_says_what_it_left_out() {
    let folder = Folder::new("damage");
    let (torn, out) = (folder.file("torn.pcap"), folder.file("whole.pcap"));
    let bytes = fs::read(Path::new(CAPTURES).join("tcp-flags.pcap")).expect("a capture");
    let all = content(Path::new(CAPTURES).join("tcp-flags.pcap")).0;
    let mut ends = vec![24];
    for frame in &all {
        ends.push(ends[ends.len() - 1] + 16 + frame.1.len());
    }
    let mut seed = 7u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(seed >> 8).expect("it is small")
    };
    for _ in 0..60 {
        // Lengths of a record are overwritten with what no record can have.
        let hit = random() % (all.len() - 10);
        let mut damaged = bytes.clone();
        damaged[ends[hit] + 8..ends[hit] + 16].fill(0xee);
        fs::write(&torn, &damaged).expect("a file");
        let output = sabueso(&format!("repair {torn} -o {out}"));
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("at byte {}", ends[hit])) && said.contains("skipped"), "{hit}: {said}");
        let left: Vec<_> =
            all.iter().enumerate().filter(|(place, _)| *place != hit).map(|(_, frame)| frame.clone()).collect();
        let found = content(&out).0;
        assert!(are_in_order(&found, &all), "a packet was made up: record {hit}");
        assert_eq!(found, left, "record {hit}");
        assert_eq!(sabueso(&format!("repair {out} -o {torn}")).status.code(), Some(0), "what was mended is whole");
    }
}

#[test]
fn split_loses_nothing_and_keeps_to_its_rules() {
    let folder = Folder::new("split");
    let all = content(Path::new(CAPTURES).join("tcp-loss.pcap")).0;
    let parts = |words: &str| {
        let _ = fs::remove_dir_all(&folder.0);
        fs::create_dir_all(&folder.0).expect("a folder");
        succeeds(&format!("split tcp-loss.pcap -o {} {words}", folder.file("part.pcapng")));
        let mut files: Vec<PathBuf> =
            fs::read_dir(&folder.0).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
        files.sort_by_key(|file| (file.as_os_str().len(), file.clone()));
        files.iter().map(|file| content(file).0).collect::<Vec<_>>()
    };
    let by_packets = parts("--packets 7");
    assert_eq!(by_packets.concat(), all);
    assert!(by_packets.len() > 1 && by_packets[..by_packets.len() - 1].iter().all(|part| part.len() == 7));
    let by_size = parts("--size 1000");
    assert_eq!(by_size.concat(), all);
    assert!(by_size.len() > 1);
    let by_time = parts("--time 1");
    assert_eq!(by_time.concat(), all);
    for part in by_time {
        assert!(part.iter().all(|frame| frame.0 - part[0].0 < 1_000_000_000));
    }
    assert_eq!(sabueso("split tcp-loss.pcap -o x.pcap").status.code(), Some(2));
    // Names that are the same for several files cost no packet silently.
    let output = sabueso(&format!("split tcp-loss.pcap -o {} --time 1", folder.file("%Y.pcap")));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there already"), "{output:?}");
}

#[test]
fn comments_are_put_in_and_taken_out() {
    let folder = Folder::new("comment");
    let (one, other, bare) = (folder.file("one.pcapng"), folder.file("other.pcapng"), folder.file("bare.pcapng"));
    let all = content(Path::new(CAPTURES).join("dns.pcap")).0;
    succeeds(&format!("comment dns.pcap -o {one} --packet 2:first --packet 3:x --capture whole"));
    let comment = |text: &[u8]| text.to_vec();
    let commented = content(&one).0;
    assert_eq!(commented.len(), all.len());
    for (number, (with, without)) in (1..).zip(commented.iter().zip(&all)) {
        assert_eq!((&with.0, &with.1, &with.2), (&without.0, &without.1, &without.2));
        let option = match number {
            2 => comment(b"\x01\0\x05\0first\0\0\0\0\0\0\0"),
            3 => comment(b"\x01\0\x01\0x\0\0\0\0\0\0\0"),
            _ => Vec::new(),
        };
        assert_eq!(with.3, option, "packet {number}");
    }
    let told = |file: &str| String::from_utf8(sabueso(&format!("info {file}")).stdout).expect("UTF-8");
    assert!(told(&one).contains("whole"), "{}", told(&one));
    succeeds(&format!("comment {one} -o {other} --packet 2:second"));
    assert!(String::from_utf8_lossy(&content(&other).0[1].3).contains("second"));
    assert!(String::from_utf8_lossy(&content(&other).0[1].3).contains("first"));
    succeeds(&format!("comment {other} -o {bare} --remove"));
    assert_eq!(content(&bare).0, all);
    assert!(!told(&bare).contains("whole"));
    // Those that are no comments stay, byte for byte.
    succeeds(&format!("convert pcapng-blocks-all.pcapng -o {one}"));
    succeeds(&format!("comment {one} -o {other} --packet 1:new"));
    let (before, after) = (content(&one), content(&other));
    assert_eq!((before.1, &before.0[1..]), (after.1, &after.0[1..]));
    assert!(after.0[0].3.len() > before.0[0].3.len());
    assert_eq!(sabueso(&format!("comment dns.pcap -o {} --packet 1:a", folder.file("x.pcap"))).status.code(), Some(2));
    assert!(succeeds(&format!("comment dns.pcap -o {one} --packet 100000:a")).contains("no packet 100000"));
}
