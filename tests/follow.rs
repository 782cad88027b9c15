//! `sabueso follow` from the outside: its forms, its files, and tshark as the oracle of what streams hold.
//!
//! The oracle is skipped, and said so, without tshark; with `SABUESO_REQUIRE_ORACLES=1` that is a failure.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    command.env("TZ", "UTC").env_remove("NO_COLOR").stdin(Stdio::null()).arg("follow").args(args);
    command.output().unwrap()
}

/// What it prints about one of our captures.
fn follow(name: &str, args: &[&str]) -> Vec<u8> {
    let path = capture(name);
    let output = run(&[&[path.to_str().unwrap()], args].concat());
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

fn text(name: &str, args: &[&str]) -> String {
    String::from_utf8(follow(name, args)).unwrap()
}

/// A folder of its own for a test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sabueso-follow-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn text_shows_whose_turn_it_is() {
    let shown = text("web-http.pcap", &["--flow", "0"]);
    let begin = "#0 22:59:50.832606 192.0.2.1:58408 → 198.51.100.2:80\nGET / HTTP/1.1\nHost: 198.51.100.2\n\
                 Accept-Encoding: identity\n\n#0 22:59:50.833215 192.0.2.1:58408 ← 198.51.100.2:80\nHTTP/1.1 200 OK\n";
    assert!(shown.starts_with(begin), "{shown}");
    assert!(shown.ends_with("name=value\n#0 22:59:50.971753 192.0.2.1:58408 — 198.51.100.2:80 closed by both sides\n"));
    let coloured = text("web-http.pcap", &["--color", "always"]);
    assert!(coloured.contains("\x1b[36mGET / HTTP/1.1\n") && coloured.contains("\x1b[33mHTTP/1.1 200 OK\n"));
}

#[test]
fn hexadecimal_has_the_offsets_of_the_stream() {
    let shown = text("web-http.pcap", &["--hex", "--server"]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[1], "00000000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  HTTP/1.1.200.OK.");
    let body = lines.iter().position(|line| line.starts_with("00000089")).unwrap();
    assert_eq!(lines[body], "00000089  3c 68 31 3e 73 61 62 75  65 73 6f 3c 2f 68 31 3e  <h1>sabueso</h1>");
    assert_eq!(lines[body + 1], "00000099  0a                                                .");
    assert!(!shown.contains('→'), "the client is left out");
}

#[test]
fn raw_is_the_bytes_alone() {
    let sides = ["--client", "--server"].map(|side| follow("web-http.pcap", &["--raw", side]));
    assert!(sides[0].starts_with(b"GET / HTTP/1.1\r\n") && sides[1].starts_with(b"HTTP/1.1 200 OK\r\n"));
    let both = follow("web-http.pcap", &["--raw"]);
    assert_eq!(both.len(), sides[0].len() + sides[1].len());
    assert!(both.starts_with(&sides[0][..65]) && both[65..].starts_with(&sides[1][..100]));
}

#[test]
fn connections_are_chosen_by_number_or_by_their_first_packets() {
    let numbers = |args: &[&str]| {
        let lines = text("web-tls.pcap", &[&["--json"], args].concat());
        let mut numbers: Vec<u64> =
            lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["flow"].as_u64().unwrap()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    assert_eq!(numbers(&[]), [0, 1, 2]);
    assert_eq!(numbers(&["--flow", "0,2-3"]), [0, 2]);
    assert_eq!(numbers(&["--flow", "dst port 443"]).len(), 3);
    assert_eq!(numbers(&["--flow", "src port 443"]), [0; 0], "whose first packet");
    let wrong = run(&[capture("web-tls.pcap").to_str().unwrap(), "--flow", "port port"]);
    assert_eq!(wrong.status.code(), Some(2));
    let wrong = run(&[capture("web-tls.pcap").to_str().unwrap(), "--flow", "1-x"]);
    assert_eq!(wrong.status.code(), Some(1));
}

#[test]
fn a_file_for_each_side_holds_its_bytes() {
    let folder = Folder::new();
    let out = folder.path("streams");
    let output = run(&[capture("web-http.pcap").to_str().unwrap(), "--out", &out]);
    assert!(output.status.success(), "{output:?}");
    let mut names: Vec<_> =
        fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let stem = "0_tcp_192.0.2.1_58408_198.51.100.2_80";
    assert_eq!(names, [format!("{stem}.client"), format!("{stem}.server")]);
    for (name, side) in names.iter().zip(["--client", "--server"]) {
        let file = fs::read(Path::new(&out).join(name)).unwrap();
        assert_eq!(file, follow("web-http.pcap", &["--raw", side]));
    }
    // Again, over what is there.
    assert!(run(&[capture("web-http.pcap").to_str().unwrap(), "--out", &out]).status.success());
}

#[test]
fn what_is_missing_is_a_hole_in_a_file_and_told() {
    let folder = Folder::new();
    let output = run(&[capture("web-http-snapped.pcap").to_str().unwrap(), "--out", &folder.path("")]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("bytes missing in capture, in "));
    let shown = text("web-http-snapped.pcap", &["--client"]);
    assert!(shown.contains("[35 bytes missing in capture]\n"), "{shown}");
    let name = fs::read_dir(&folder.0).unwrap().map(|e| e.unwrap().path()).find(|p| p.extension().unwrap() == "client");
    let file = fs::read(name.unwrap()).unwrap();
    assert!(file.starts_with(b"GET / HTTP/1.1\r\n") && file[30..65] == [0; 35] && file[65..].starts_with(b"GET /"));
}

/// What each side of a stream sent, in turn.
type Turns = Vec<(String, Vec<u8>)>;

fn add(turns: &mut Turns, from: &str, bytes: &[u8]) {
    match turns.last_mut() {
        Some((last, sent)) if last == from => sent.extend_from_slice(bytes),
        _ => turns.push((from.to_owned(), bytes.to_vec())),
    }
}

/// The streams of a capture by their transport and place among those of that; who speaks is told by address and port.
fn ours(name: &str) -> BTreeMap<(String, usize), Turns> {
    let mut flows: BTreeMap<u64, (String, Turns)> = BTreeMap::new();
    for line in text(name, &["--json"]).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let word = |name: &str| line[name].as_str().unwrap().to_owned();
        let (_, turns) =
            flows.entry(line["flow"].as_u64().unwrap()).or_insert_with(|| (word("transport"), Turns::new()));
        let Some(from) = line["from"].as_str() else { continue };
        let address = word(from);
        let address = if address.contains(':') { format!("[{address}]") } else { address };
        let from = format!("{address}:{}", line[&format!("{from}_port")]);
        let bytes = match (&line["text"], &line["base64"], &line["missing"]) {
            (Value::String(text), ..) => text.as_bytes().to_vec(),
            (_, Value::String(base64), _) => decode(base64),
            (.., count) => format!("[{count} bytes missing in capture file]\0").into_bytes(),
        };
        add(turns, &from, &bytes);
    }
    let mut counts = BTreeMap::<String, usize>::new();
    let number = |(transport, turns): (String, Turns)| {
        let count = counts.entry(transport.clone()).or_default();
        *count += 1;
        ((transport, *count - 1), turns)
    };
    flows.into_values().map(number).collect()
}

fn decode(base64: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits = base64.bytes().filter(|c| *c != b'=').map(digit).collect::<Vec<u8>>();
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0u32, |bits, digit| bits << 6 | u32::from(*digit)) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

/// What tshark says to these arguments.
fn tshark(name: &str, args: &[String]) -> Option<String> {
    let output = Command::new("tshark").arg("-nr").arg(capture(name)).args(args).output();
    match output {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
        Err(error) if std::env::var_os("SABUESO_REQUIRE_ORACLES").is_none() => {
            eprintln!("SKIPPED: tshark: {error}");
            None
        }
        Err(error) => panic!("tshark: {error}"),
    }
}

#[test]
fn streams_are_what_tshark_says_they_are() {
    for name in [
        "tcp-conversation.pcap",
        "tcp-half-close.pcap",
        "tcp-keepalive.pcap",
        "tcp-loss.pcap",
        "tcp-malformed.pcap",
        "tcp-reset.pcap",
        "tcp-sequence-wrap.pcap",
        "tcp-zero-window.pcap",
        "web-http.pcap",
        "web-http-ipv6.pcap",
        "web-tls.pcap",
        "dns.pcap",
        "dns-over-segments.pcap",
        "http2-beginnings.pcap",
        "ipv4-fragments.pcap",
        "ipv6-fragments.pcap",
        "radius.pcap",
    ] {
        let ours = ours(name);
        let mut args = vec!["-q".to_owned()];
        for (transport, number) in ours.keys() {
            args.extend(["-z".to_owned(), format!("follow,{transport},raw,{number}")]);
        }
        let Some(said) = tshark(name, &args) else { return };
        let mut theirs: BTreeMap<(String, usize), Turns> = BTreeMap::new();
        let (mut key, mut nodes) = ((String::new(), 0), [String::new(), String::new()]);
        for line in said.lines() {
            if let Some(rest) = line.strip_prefix("Filter: ") {
                let (transport, number) = rest.split_once(".stream eq ").unwrap();
                key = (transport.to_owned(), number.parse().unwrap());
                theirs.entry(key.clone()).or_default();
            } else if let Some(rest) = line.strip_prefix("Node ") {
                let (number, end) = rest.split_once(": ").unwrap();
                nodes[number.parse::<usize>().unwrap()] = end.to_owned();
            } else if !line.trim().is_empty() && line.trim().bytes().all(|c| c.is_ascii_hexdigit()) {
                let (pairs, _) = line.trim().as_bytes().as_chunks::<2>();
                let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
                let bytes: Vec<u8> = pairs.iter().map(byte).collect();
                add(theirs.get_mut(&key).unwrap(), &nodes[usize::from(line.starts_with('\t'))], &bytes);
            }
        }
        assert_eq!(ours, theirs, "{name}");
    }
}
