//! Replays every file of `captures/` under every line of `captures/golden/option-sets.txt` and compares what the
//! binary prints, and how it ends, with the golden text beside it.
//!
//! With `GOLDEN=write` in the environment the golden texts are made instead; `scripts/golden` does that and shows
//! what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

/// Mismatches told in full; the rest is counted.
const TOLD: usize = 10;

#[test]
fn captures_print_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let golden = folder.join("golden");
    let captures = captures(&folder);
    let option_sets = fs::read_to_string(golden.join("option-sets.txt")).expect("the option sets");
    assert!(!captures.is_empty(), "no captures in {}", folder.display());

    let halves: Vec<Vec<&String>> = (0..2).map(|half| captures.iter().skip(half).step_by(2).collect()).collect();
    let all =
        |capture: &String| option_sets.lines().map(|options| replay(&folder, capture, options)).collect::<String>();
    let replay_half =
        |half: &Vec<&String>| half.iter().map(|name| (golden_path(&golden, name), all(name))).collect::<Vec<_>>();
    let printed: BTreeMap<PathBuf, String> = thread::scope(|scope| {
        let replays: Vec<_> = halves.iter().map(|half| scope.spawn(|| replay_half(half))).collect();
        replays.into_iter().flat_map(|replay| replay.join().expect("a replay")).collect()
    });

    if env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        write(&golden, &printed);
    } else {
        compare(&golden, &printed);
    }
}

/// The names of the capture files, sorted.
fn captures(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).expect("the captures");
    let names = names.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"));
    names.filter(|name| name.ends_with(".pcap") || name.ends_with(".pcapng")).collect()
}

/// Everything about `dns.pcap` is in `dns.pcap.txt`.
fn golden_path(golden: &Path, capture: &str) -> PathBuf {
    golden.join(format!("{capture}.txt"))
}

/// The command, what it prints on standard output, then on standard error, then its exit code.
fn replay(folder: &Path, capture: &str, options: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sabueso"))
        .args(options.split_whitespace())
        .args(["-r", capture])
        .current_dir(folder)
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let stdout = String::from_utf8(output.stdout).expect("nothing but UTF-8 is printed");
    let stderr = String::from_utf8(output.stderr).expect("nothing but UTF-8 is printed");
    let code = output.status.code().expect("no signal ends it");
    format!("$ sabueso {options} -r {capture}\n{stdout}--- stderr\n{stderr}--- exit code {code}\n\n")
}

fn write(golden: &Path, printed: &BTreeMap<PathBuf, String>) {
    for stale in recorded(golden).iter().filter(|path| !printed.contains_key(*path)) {
        fs::remove_file(stale).expect("a stale golden text goes");
    }
    for (path, text) in printed {
        fs::write(path, text).expect("a golden text is written");
    }
}

fn compare(golden: &Path, printed: &BTreeMap<PathBuf, String>) {
    let stale: Vec<_> = recorded(golden).into_iter().filter(|path| !printed.contains_key(path)).collect();
    assert!(stale.is_empty(), "golden texts of no capture and option set: {stale:?}");

    let different: Vec<String> = printed
        .iter()
        .filter_map(|(path, now)| {
            let name = path.file_name().expect("a file").to_string_lossy();
            match fs::read_to_string(path) {
                Ok(then) if then == *now => None,
                Ok(then) => Some(format!("{name}: {}", first_difference(&then, now))),
                Err(error) => Some(format!("{name}: {error}\n")),
            }
        })
        .collect();
    assert!(
        different.is_empty(),
        "{} of {} outputs differ from captures/golden (scripts/golden makes them anew and shows the change):\n{}",
        different.len(),
        printed.len(),
        different.iter().take(TOLD).cloned().collect::<String>(),
    );
}

/// The golden texts that are there.
fn recorded(golden: &Path) -> BTreeSet<PathBuf> {
    let paths = fs::read_dir(golden).expect("the golden texts").map(|entry| entry.expect("an entry").path());
    paths.filter(|path| !path.ends_with("option-sets.txt")).collect()
}

fn first_difference(then: &str, now: &str) -> String {
    let (mut old, mut new) = (then.lines(), now.lines());
    let mut number = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(old), Some(new)) if old == new => number += 1,
            (None, None) => return "line ends differ\n".to_string(),
            (old, new) => {
                let [old, new] = [old, new].map(|line| line.unwrap_or("(the end)"));
                return format!("line {number}\n  golden: {old}\n  now:    {new}\n");
            }
        }
    }
}
