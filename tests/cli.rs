//! The command line: what it refuses, what it ends with, where it says what.

#[path = "cli/saving.rs"]
mod saving;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const UDP: &[u8] = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0E\0\0\x20\0\x01\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x9c\x40\x27\x0f\0\x0c\0\0data";

/// A pcap file with so many datagrams, a second apart.
fn pcap(packets: u32) -> Vec<u8> {
    let mut file = vec![];
    for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 262_144, 1] {
        file.extend(word.to_le_bytes());
    }
    for n in 0..packets {
        file.extend(record(n));
    }
    file
}

fn record(n: u32) -> Vec<u8> {
    let mut bytes = vec![];
    for word in [1_000_000_000 + n, n, UDP.len() as u32, UDP.len() as u32] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(UDP);
    bytes
}

/// A folder of its own for a test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sabueso-cli-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sabueso() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    command.env("TZ", "UTC").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    sabueso().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[track_caller]
fn refused(args: &[&str], code: i32, words: &str) {
    let output = run(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stderr));
    assert!(text(&output.stderr).contains(words), "{args:?} says {:?}, not {words:?}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "", "{args:?}: complaints are not data");
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(1));
    let file = path(&file);
    refused(&["--nosuch"], 2, "--nosuch");
    refused(&["-c", "0", "-r", file], 2, "0");
    refused(&["-c", "many", "-r", file], 2, "many");
    refused(&["-y", "NOSUCH", "-r", file], 2, "NOSUCH: no such link type");
    refused(&["--format", "pcapng", "-r", file], 2, "-w");
    refused(&["--follow", "-r", file, "-r", file], 2, "--follow");
    refused(&["-Q", "in", "-r", file], 2, "-Q is about capturing");
    refused(&["-r", file, "-w", "-", "--print"], 2, "-w -");
    refused(&["-r", "/nonexistent.pcap"], 1, "/nonexistent.pcap");
    refused(&["-r", path(&folder.0)], 1, "can't read");
    let unwritable = folder.0.join("no/such/folder.pcap");
    refused(&["-r", file, "-w", path(&unwritable)], 1, "folder.pcap: can't open");
}

#[test]
fn a_filter_selects_before_anything_is_counted() {
    let folder = Folder::new();
    let file = folder.file("10.pcap", &pcap(10));
    let expression = folder.file("filter", b"udp\nport 9999\n");
    for (args, expected) in [
        (&["udp", "port", "9999"][..], "10 packets\n"),
        (&["tcp or udp port 1"], "0 packets\n"),
        (&["-F", path(&expression), "-c", "3"], "3 packets\n"),
        (&["-O", "udp and len = 46", "--skip", "8"], "2 packets\n"),
        (&["-y", "RAW", "udp"], "0 packets\n"),
    ] {
        let output = sabueso().args(["--count", "-r", path(&file)]).args(args).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), expected), "{args:?}");
    }
}

#[test]
fn a_condition_chooses_what_is_counted_printed_and_written() {
    let folder = Folder::new();
    let file = folder.file("10.pcap", &pcap(10));
    let copy = folder.0.join("copy.pcap");
    let condition = "udp.payload contains 'data' and frame.time >= 1000000004";
    let output = run(&["--count", "-r", path(&file), "--where", condition]);
    assert_eq!(text(&output.stdout), "6 packets\n");
    let output = run(&["-r", path(&file), "--where", condition, "-c", "2", "-w", path(&copy)]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
    let output = run(&["-r", path(&copy), "--fields", "frame.number,frame.time"]);
    let expected = "frame.number\tframe.time\n1\t2001-09-09T01:46:44.000004000Z\n2\t2001-09-09T01:46:45.000005000Z\n";
    assert_eq!(text(&output.stdout), expected);
    let output = run(&["-t", "-r", path(&file), "--where", condition, "udp", "--skip", "5"]);
    assert_eq!(text(&output.stdout), "IP 10.0.0.1.40000 > 10.0.0.2.9999: UDP, length 4\n");
    for args in [&["-r", path(&file)][..], &["-i", "lo"]] {
        let output = sabueso().args(args).args(["--where", "udp.scr == 1\x1b"]).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{said}");
        assert!(said.starts_with("sabueso: --where: ") && said.contains("^") && !said.contains('\x1b'), "{said}");
    }
}

#[test]
fn packets_are_written_and_told_as_records_at_once() {
    let folder = Folder::new();
    let file = folder.file("3.pcap", &pcap(3));
    let copy = folder.0.join("copy.pcap");
    let output = run(&["-r", path(&file), "-w", path(&copy), "--json"]);
    let lines: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["udp"]["dst"].as_u64()).collect::<Vec<_>>(), [Some(9999); 3]);
    assert_eq!(text(&run(&["--count", "-r", path(&copy)]).stdout), "3 packets\n");
    let output =
        run(&["-r", path(&file), "-c", "1", "--separator", ";", "--no-header", "--fields", "src,udp.src,eth.type"]);
    assert_eq!(text(&output.stdout), "10.0.0.1;40000;2048\n");
    let output = run(&["-r", path(&file), "-c", "1", "--tree"]);
    assert!(text(&output.stdout).contains("  udp.dst                        9999\n"), "{output:?}");
    let output = run(&["--fields", "help"]);
    assert!(text(&output.stdout).contains("  tcp.flags.syn                  bool     Opens a connection\n"));
}

#[test]
fn records_that_can_not_be_are_refused() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(1));
    let file = path(&file);
    refused(&["-r", file, "--fields", "udp.scr"], 2, "'udp.scr' is no field (meant 'udp.src'?)");
    refused(&["-r", file, "--fields", "udp"], 2, "'udp' is a protocol");
    refused(&["-r", file, "--fields", "udp.src", "--separator", "ab"], 2, "tab, comma");
    refused(&["-r", file, "--json", "--tree"], 2, "cannot be used with");
    refused(&["-r", file, "--json", "--count"], 2, "--count only counts");
    refused(&["-r", file, "--json", "-w", "-"], 2, "--json would put text");
}

#[test]
fn names_in_a_filter_are_known_for_link_types_that_come_late() {
    let folder = Folder::new();
    let mut raw = pcap(10);
    raw[20] = 101;
    let (ethernet, raw) = (folder.file("ethernet.pcap", &pcap(10)), folder.file("raw.pcap", &raw));
    let expression = "not host localhost and not port domain";
    let output = run(&["--count", "-r", path(&ethernet), "-r", path(&raw), expression]);
    assert_eq!(text(&output.stdout), "20 packets\n", "{}", text(&output.stderr));
}

#[test]
fn a_wrong_filter_is_shown_with_its_place_marked() {
    for args in [&["-d", "udp and 10.0.0.1"][..], &["-d", "port nosuch"], &["-d", "udp and (\x1b[31m"]] {
        let output = run(args);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{args:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("sabueso: filter: ") && said.contains("^") && !said.contains('\x1b'), "{said}");
    }
}

#[test]
fn a_compiled_filter_is_shown() {
    for (flag, first) in [("-d", "(000) ldh      [12]"), ("-dd", "{ 0x28, 0, 0, 0x0000000c },"), ("-ddd", "4")] {
        let output = run(&[flag, "arp"]);
        assert_eq!((output.status.code(), text(&output.stdout).lines().next()), (Some(0), Some(first)));
    }
}

#[test]
fn a_filter_is_explained_and_remarked_on() {
    let output = run(&["filter", "--explain", "vlan or arp"]);
    let shown = text(&output.stdout);
    assert!(shown.contains("any of ") && shown.contains(" ? accept : ") && shown.contains("(000) ldh"), "{shown}");
    assert!(text(&output.stderr).contains("'vlan': this moves the offsets"), "{}", text(&output.stderr));
}

#[test]
fn control_bytes_of_arguments_and_file_names_are_escaped() {
    for args in [&["-r", "\x1b[31mevil\u{9b}2J\u{202e}"][..], &["--\x1b[31mevil"], &["-y", "\x1b[31m", "-r", "x"]] {
        let output = run(args);
        assert_ne!(output.status.code(), Some(0));
        let said = text(&output.stderr);
        assert!(said.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}')), "{said:?}");
    }
}

#[test]
fn help_and_version_are_data() {
    for (flag, words) in [("--help", "Usage: sabueso"), ("-h", "Usage: sabueso"), ("--version", "sabueso ")] {
        let output = run(&[flag]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains(words));
        assert_eq!(text(&output.stderr), "");
    }
}

#[test]
fn lines_go_to_one_stream_and_messages_to_the_other() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(2));
    let output = run(&["-nn", "-r", path(&file)]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "01:46:40.000000 IP 10.0.0.1.40000 > 10.0.0.2.9999: UDP, length 4\n\
         01:46:41.000001 IP 10.0.0.1.40000 > 10.0.0.2.9999: UDP, length 4\n"
    );
    let said = format!("reading from file {}, link-type EN10MB (Ethernet), snapshot length 262144\n", path(&file));
    assert_eq!(text(&output.stderr), said);
}

#[test]
fn a_cut_file_delivers_what_is_whole_and_fails() {
    let folder = Folder::new();
    let whole = pcap(3);
    let file = folder.file("cut.pcap", &whole[..whole.len() - 1]);
    let output = run(&["-t", "-r", path(&file)]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).lines().count(), 2);
    let said = text(&output.stderr).lines().last().unwrap();
    assert!(said.contains("cut.pcap: record 3 at byte 148: the file is cut: needed 62 bytes, available 61"), "{said}");
}

#[test]
fn the_next_file_is_read_though_one_is_damaged() {
    let folder = Folder::new();
    let whole = pcap(3);
    let cut = folder.file("cut.pcap", &whole[..whole.len() - 1]);
    let good = folder.file("good.pcap", &whole);
    let output = run(&["-t", "-r", path(&cut), "-r", path(&good)]);
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(1), 5));
}

#[test]
fn what_was_read_before_a_failure_is_delivered() {
    let folder = Folder::new();
    let good = folder.file("good.pcap", &pcap(3));
    let mut other = pcap(2);
    other[20] = 101;
    let other = folder.file("raw.pcap", &other);
    let to = folder.0.join("out.pcap");
    for failing in ["/nonexistent.pcap", path(&other)] {
        let output = run(&["--print", "-t", "-r", path(&good), "-r", failing, "-w", path(&to)]);
        assert_eq!(output.status.code(), Some(1), "{failing}");
        assert_eq!(fs::read(&to).unwrap(), pcap(3), "{failing}");
        assert!(text(&output.stdout).lines().count() >= 3, "{failing}");
    }
}

#[test]
fn a_file_is_not_written_over_itself() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(3));
    refused(&["-r", path(&file), "-w", path(&file)], 2, "written over while it is read");
    assert_eq!(fs::read(&file).unwrap(), pcap(3));
}

#[test]
fn a_file_at_its_size_limit_keeps_whole_records() {
    let folder = Folder::new();
    let file = folder.file("long.pcap", &pcap(50_000));
    let to = folder.0.join("out.pcap");
    let command = format!("ulimit -f 100; exec {} -r {} -w {}", env!("CARGO_BIN_EXE_sabueso"), path(&file), path(&to));
    let output = Command::new("bash").args(["-c", &command]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!((fs::read(&to).unwrap().len() - 24) % 62, 0);
}

#[test]
fn damage_is_passed_over_where_that_is_asked() {
    let folder = Folder::new();
    let mut bytes = pcap(2);
    bytes.extend([0xff; 100]);
    (2..12).for_each(|n| bytes.extend(record(n)));
    let file = folder.file("hole.pcap", &bytes);
    let output = run(&["--resync", "-t", "-r", path(&file)]);
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(1), 12));
    assert!(text(&output.stderr).contains("skipped 100 bytes"), "{}", text(&output.stderr));
}

#[test]
fn frames_are_counted_skipped_and_limited() {
    let folder = Folder::new();
    let (one, ten) = (folder.file("1.pcap", &pcap(1)), folder.file("10.pcap", &pcap(10)));
    let (one, ten) = (path(&one), path(&ten));
    for (args, expected) in [
        (&["--count", "-r", one][..], "1 packet\n"),
        (&["--count", "-r", ten], "10 packets\n"),
        (&["--count", "-r", ten, "-c", "4"], "4 packets\n"),
        (&["--count", "-r", ten, "--skip", "7"], "3 packets\n"),
        (&["--count", "-r", ten, "--skip", "7", "-c", "2"], "2 packets\n"),
        (&["--count", "-r", ten, "--skip", "70"], "0 packets\n"),
        (&["--count", "-r", ten, "-r", one, "--skip", "5", "-c", "6"], "6 packets\n"),
        (&["-t", "-#", "-r", ten, "--skip", "9"], "    1  IP 10.0.0.1.40000 > 10.0.0.2.9999: UDP, length 4\n"),
        (
            &["-t", "--lengths", "-s", "40", "-r", one],
            "caplen 40, len 46, IP 10.0.0.1.40000 > 10.0.0.2.9999:  [|udp]\n",
        ),
        (&["-t", "-y", "RAW", "-r", one], "unknown ip 0\n"),
    ] {
        let output = run(args);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), expected), "{args:?}");
    }
}

#[test]
fn link_types_are_listed() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(1));
    let output = run(&["-L", "-r", path(&file)]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).ends_with("(use option -y to set):\n  EN10MB (Ethernet)\n"));
}

#[test]
fn a_file_is_written_in_the_format_of_its_name_or_as_asked() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(3));
    for (name, more, magic) in [
        ("x.pcap", &[][..], &b"\xd4\xc3\xb2\xa1"[..]),
        ("x.cap", &["--nano"], b"\x4d\x3c\xb2\xa1"),
        ("x.pcapng", &[], b"\x0a\x0d\x0d\x0a"),
        ("y.pcap", &["--format", "pcapng"], b"\x0a\x0d\x0d\x0a"),
        ("y.pcapng", &["--format", "pcap"], b"\xd4\xc3\xb2\xa1"),
    ] {
        let to = folder.0.join(name);
        let output = sabueso().args(["-r", path(&file), "-w", path(&to)]).args(more).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
        assert!(fs::read(&to).unwrap().starts_with(magic), "{name}");
        assert_eq!(text(&run(&["--count", "-r", path(&to)]).stdout), "3 packets\n");
    }
}

#[test]
fn a_file_goes_through_standard_input_and_output() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(3));
    let input = File::open(&file).unwrap();
    let output = sabueso().args(["-r", "-", "-w", "-"]).stdin(input).output().unwrap();
    assert_eq!((output.status.code(), output.stdout == pcap(3)), (Some(0), true));
    let both = folder.0.join("b.pcap");
    let output = run(&["-t", "--print", "-r", path(&file), "-w", path(&both)]);
    assert_eq!((text(&output.stdout).lines().count(), fs::read(&both).unwrap()), (3, pcap(3)));
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let folder = Folder::new();
    let file = folder.file("long.pcap", &pcap(20_000));
    for more in [&[][..], &["-l"], &["-w", "-"]] {
        let mut child = sabueso()
            .args(["-r", path(&file)])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 10]).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr).lines().count()), (Some(0), 1), "{more:?}");
    }
}

#[test]
fn a_full_output_is_a_failure() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(3));
    for args in [&["-r", path(&file)][..], &["--count", "-r", path(&file)], &["-r", path(&file), "-w", "-"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output =
            sabueso().args(args).stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("No space left on device"), "{}", text(&output.stderr));
    }
}

#[test]
fn a_growing_file_is_followed_from_any_byte() {
    let folder = Folder::new();
    let whole = pcap(3);
    let (first, second) = whole.split_at(whole.len() - 70);
    let file = folder.file("grow.pcap", first);
    let mut child = sabueso()
        .args(["--follow", "-c", "3", "-t", "-r", path(&file)])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("IP "), "shown before more comes");
    OpenOptions::new().append(true).open(&file).unwrap().write_all(second).unwrap();
    assert_eq!(lines.map_while(Result::ok).count(), 2);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn colour_is_for_those_who_ask() {
    let folder = Folder::new();
    let file = folder.file("a.pcap", &pcap(1));
    let plain = run(&["-r", path(&file)]).stdout;
    assert!(!plain.contains(&0x1b), "none into a pipe");
    let coloured = run(&["--color", "always", "-r", path(&file)]).stdout;
    assert!(coloured.contains(&0x1b));
    let stripped: String = text(&coloured)
        .split('\x1b')
        .map(|part| part.split_once('m').filter(|(n, _)| n.starts_with('[')).map_or(part, |(_, rest)| rest))
        .collect();
    assert_eq!(stripped, text(&plain), "colour changes nothing else");
    let never = sabueso().args(["--color", "never", "-r", path(&file)]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert_eq!(never.stdout, plain);
}
