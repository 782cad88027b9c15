//! libpcap as the oracle: what it accepts and refuses, and what its programs decide, through `tcpdump -ddd`.
//!
//! Skipped, and said so, without tcpdump; with `SABUESO_REQUIRE_ORACLES=1` that is a failure.

use std::fs;
use std::path::Path;
use std::process::Command;

use sabueso::bpf::{Instruction, Program};
use sabueso::file::{ReadOptions, Reader};
use sabueso::filter::{Executor, Options, SystemNames, compile};
use sabueso::frame::{LinkType, Source};

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What libpcap makes of an expression; nothing where it refuses it.
fn libpcap(link_type: &str, expression: &str, optimize: bool) -> Option<Program> {
    let optimize = if optimize { &[][..] } else { &["-O"] };
    let output =
        Command::new("tcpdump").args(["-ddd", "-y", link_type]).args(optimize).args(["--", expression]).output();
    let output = output.unwrap();
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8(output.stdout).unwrap();
    let instruction = |line: &str| {
        let numbers: Vec<u32> = line.split(' ').map(|n| n.parse().unwrap()).collect();
        Instruction { code: numbers[0] as u16, jt: numbers[1] as u8, jf: numbers[2] as u8, k: numbers[3] }
    };
    Some(Program { instructions: text.lines().skip(1).map(instruction).collect() })
}

/// Expressions with the link type each is for: those of the manual and of the list, and pairs of them.
fn expressions() -> Vec<(String, String)> {
    let manual = fs::read_to_string(folder("docs/filter.md")).unwrap();
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    for line in manual.lines() {
        match line.strip_prefix("```") {
            Some(tag) if block.is_none() => {
                let link_type = tag.strip_prefix("filter").map(|rest| rest.trim().to_owned());
                block = Some(link_type.map_or("-".to_owned(), |l| if l.is_empty() { "EN10MB".to_owned() } else { l }));
            }
            Some(_) => block = None,
            None => found.extend(block.clone().filter(|l| l != "-").map(|link_type| (link_type, line.to_owned()))),
        }
    }
    let list = fs::read_to_string(folder("tests/filter-expressions.txt")).unwrap();
    let list: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    found.extend(list.iter().map(|text| ("EN10MB".to_owned(), (*text).to_owned())));
    let plain: Vec<String> = found.iter().filter(|(l, _)| l == "EN10MB").map(|(_, text)| text.clone()).collect();
    for (text, other) in plain.iter().zip(plain.iter().cycle().skip(plain.len() / 3)) {
        found.push(("EN10MB".into(), format!("{text} and not ({other})")));
        found.push(("RAW".into(), format!("({text}) or {other}")));
        found.push(("LINUX_SLL".into(), format!("{other} and {text}")));
    }
    found
}

/// Only here: what libpcap must refuse.
fn is_new(expression: &str) -> bool {
    ["{", "vxlan", "l4[", "payload", "any {", "process \"", "pid ", "user \""]
        .iter()
        .any(|word| expression.contains(word))
}

/// Frames of a link type: those of the captures, and some of the others taken for such frames. None is cut: what is
/// read beyond the end depends on the optimiser.
fn packets(link_type: LinkType) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for entry in fs::read_dir(folder("captures")).unwrap() {
        let Ok(mut reader) = Reader::open(&entry.unwrap().path(), ReadOptions::default()) else { continue };
        while let Ok(Some(block)) = reader.next_block() {
            for frame in block.frames().take(6) {
                if frame.link_type == link_type {
                    packets.push([frame.data, &[0; 100]].concat());
                } else if frame.data.len() % 7 == 0 {
                    packets.push([frame.data, &[0; 200]].concat());
                }
            }
        }
    }
    packets
}

#[test]
fn libpcap_accepts_and_selects_the_same() {
    if Command::new("tcpdump").arg("--version").output().is_err() {
        assert!(std::env::var_os("SABUESO_REQUIRE_ORACLES").is_none(), "tcpdump is not here");
        eprintln!("*skipped* libpcap_accepts_and_selects_the_same: no tcpdump");
        return;
    }
    let mut compared = 0;
    let mut wrong = Vec::new();
    let mut known: Vec<(LinkType, Vec<Vec<u8>>)> = Vec::new();
    // libpcap follows chains in a loop, which the executor refuses: see tests/filter.rs.
    for (name, expression) in expressions().into_iter().filter(|(_, text)| !text.contains("protochain")) {
        let link_type = LinkType::parse(&name).unwrap();
        let names = SystemNames;
        let ours = compile(&expression, link_type, &Options { names: &names, ..Options::default() });
        let theirs = [true, false].map(|optimize| libpcap(&name, &expression, optimize));
        // Some programs of libpcap's read memory that they never wrote: they decide nothing.
        let executors = theirs.each_ref().map(|program| program.as_ref().map(Executor::new));
        if executors.iter().flatten().any(Result::is_err) {
            continue;
        }
        let [smart, plain] = executors.map(|executor| executor.and_then(Result::ok));
        let (Some(smart), Some(plain)) = (smart.clone().or(plain.clone()), plain) else {
            // What is new is refused by libpcap, and what it refuses else is refused here.
            if ours.is_ok() && !is_new(&expression) {
                wrong.push(format!("{name}: {expression}: only libpcap refuses it"));
            }
            continue;
        };
        let Ok(ours) = ours else {
            let nothing = ours.unwrap_err().message.contains("matches no packet");
            let theirs = packets_of(&mut known, link_type).iter().any(|packet| accepts(&plain, packet));
            if !nothing || theirs {
                wrong.push(format!("{name}: {expression}: only we refuse it"));
            }
            continue;
        };
        let ours = Executor::new(&ours).unwrap();
        compared += 1;
        for packet in packets_of(&mut known, link_type) {
            // Where libpcap's optimiser changes what is decided, either is right.
            let verdicts = [accepts(&smart, packet), accepts(&plain, packet)];
            if !verdicts.contains(&accepts(&ours, packet)) {
                wrong.push(format!("{name}: {expression} on {packet:02x?}: libpcap says {verdicts:?}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 200, "only {compared} compared");
}

fn packets_of(known: &mut Vec<(LinkType, Vec<Vec<u8>>)>, link_type: LinkType) -> &[Vec<u8>] {
    let at = known.iter().position(|(kind, _)| *kind == link_type).unwrap_or_else(|| {
        known.push((link_type, packets(link_type)));
        known.len() - 1
    });
    &known[at].1
}

fn accepts(executor: &Executor, packet: &[u8]) -> bool {
    executor.run(packet, packet.len() as u32) > 0
}
