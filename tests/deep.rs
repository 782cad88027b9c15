//! The further lines of `--deep`, and the fields that tell the same: what they say of the captures made for them, and that every
//! other line stays as it is.
//!
//! `deep.txt` has what is expected; with `GOLDEN=write` in the environment it is made anew (`scripts/golden` does that).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The captures that `deep.txt` shows.
const SHOWN: [&str; 8] = [
    "tls-hellos.pcap",
    "quic-initials.pcap",
    "ssh-beginnings.pcap",
    "http2-beginnings.pcap",
    "dns-over-segments.pcap",
    "hostile-fragments.pcap",
    "ipv4-fragments.pcap",
    "ipv6-fragments.pcap",
];

const LINES: [&str; 2] = ["-nn -t --deep", "-nn -t -q -v --deep"];

/// The same as fields, of the first three captures.
const FIELDS: [&str; 3] = [
    "--json --where quic",
    "--fields src,tls.type,tls.version,tls.sni,tls.alpn,tls.ciphers,tls.ja4,tls.resumes --where tls",
    "--fields src,tcp.seq,ssh.banner --where ssh",
];

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// What the binary prints, on standard output and on standard error.
fn print(options: &[&str], capture: &str) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    let output = command.args(options).args(["-r", capture]).current_dir(captures()).output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("nothing but UTF-8 is printed");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn further_lines_are_as_recorded() {
    let mut printed = String::new();
    let lines = SHOWN.iter().flat_map(|capture| LINES.map(|options| (options, *capture)));
    let fields = SHOWN[..3].iter().flat_map(|capture| FIELDS.map(|options| (options, *capture)));
    for (options, capture) in lines.chain(fields) {
        let (text, remarks) = print(&options.split(' ').collect::<Vec<_>>(), capture);
        let lost = remarks.lines().filter(|line| line.contains("left in parts")).collect::<String>();
        printed += &format!("$ sabueso {options} -r {capture}\n{text}{lost}\n\n");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/deep.txt");
    if env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        return fs::write(path, printed).expect("deep.txt is written");
    }
    let recorded = fs::read_to_string(path).expect("deep.txt");
    let different = recorded.lines().zip(printed.lines()).find(|(then, now)| then != now);
    assert_eq!(different, None, "recorded, and now");
    assert_eq!(recorded.lines().count(), printed.lines().count());
}

#[test]
fn all_other_lines_stay_as_they_are() {
    let mut further = 0;
    for entry in fs::read_dir(captures()).expect("the captures") {
        let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
        if !name.ends_with(".pcap") && !name.ends_with(".pcapng") {
            continue;
        }
        let (plain, _) = print(&["-nn", "-e"], &name);
        let (deep, _) = print(&["-nn", "-e", "--deep"], &name);
        let mut expected = plain.lines().peekable();
        for line in deep.lines() {
            if expected.next_if_eq(&line).is_none() {
                assert!(line.starts_with("    "), "{name}: {line}");
                further += 1;
            }
        }
        assert_eq!(expected.next(), None, "{name}");
    }
    assert!(further > 50, "only {further} further lines");
}
