//! `sabueso dns` over captures: what is expected stands in `dns.txt`; with `GOLDEN=write` in the environment it is made anew
//! (`scripts/golden` does that).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

const SHOWN: [&str; 3] = ["dns.pcap", "dns-over-segments.pcap", "application-protocols.pcap"];

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    command.arg("dns").args(arguments).current_dir(captures()).env("TZ", "UTC").output().expect("the binary runs")
}

#[test]
fn questions_and_answers_are_as_recorded() {
    let mut printed = String::new();
    for capture in SHOWN.iter().filter(|capture| captures().join(capture).exists()) {
        for options in [&[][..], &["--failed"], &["--json"]] {
            let output = run(&[options, &[capture]].concat());
            assert!(output.status.success(), "{capture}");
            let text = String::from_utf8(output.stdout).expect("nothing but UTF-8 is printed");
            printed += &format!("$ sabueso dns {} {capture}\n{text}\n", options.join(" "));
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dns.txt");
    if env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        return fs::write(path, printed).expect("dns.txt is written");
    }
    assert_eq!(printed, fs::read_to_string(path).expect("dns.txt"));
}

#[test]
fn every_capture_gives_valid_json_and_no_control_byte() {
    let mut questions = 0;
    for entry in fs::read_dir(captures()).expect("the captures") {
        let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
        if !name.ends_with(".pcap") && !name.ends_with(".pcapng") {
            continue;
        }
        let lines = String::from_utf8(run(&["--json", "--resync", &name]).stdout).expect("UTF-8");
        for line in lines.lines() {
            let object: serde_json::Value =
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{name}: {e}: {line}"));
            assert_eq!(object["schema"], 1);
            let asked = object["asked"].as_u64().expect("a number");
            assert!(asked > 0 || object["answer"].is_object(), "{name}: {line}");
            questions += asked;
        }
        let text = run(&["--resync", &name]).stdout;
        assert!(text.iter().all(|byte| *byte >= b' ' || *byte == b'\n'), "{name}");
    }
    assert!(questions >= 10, "only {questions} questions");
}
