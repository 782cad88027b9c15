//! `sabueso flows` over `captures/`: golden lines, what must hold for any capture, and the conversations of tshark.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use sabueso::budget::Budget;
use sabueso::file::{ReadOptions, Reader};
use sabueso::flow::{Connection, Protocol, Tracker};
use sabueso::frame::{Frame, Source};

fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let files = fs::read_dir(folder).expect("the captures").map(|entry| entry.expect("an entry").path());
    let is_capture = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "pcap" || kind == "pcapng");
    let mut files: Vec<_> = files.filter(is_capture).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}

/// Shows the frames of a capture as far as it can be read.
fn read(path: &Path, mut look: impl FnMut(&Frame<'_>, u64)) {
    let Ok(mut reader) = Reader::open(path, ReadOptions::default()) else { return };
    let mut number = 0;
    while let Ok(Some(block)) = reader.next_block() {
        for frame in block.frames() {
            number += 1;
            look(&frame, number);
        }
    }
}

/// The connections of a capture, whose frames may be changed first.
fn connections(path: &Path, change: impl Fn(u64, &mut Vec<u8>)) -> Vec<Connection> {
    let mut tracker = Tracker::new(&Budget::new(16 << 20));
    let mut all = Vec::new();
    read(path, |frame, number| {
        let mut data = frame.data.to_vec();
        change(number, &mut data);
        tracker.push(&Frame { data: &data, ..*frame }, number, &mut |connection| all.push(connection));
    });
    assert_eq!(tracker.counts().failures, 0, "a decoder panicked on {}", name(path));
    tracker.finish(&mut |connection| all.push(connection));
    all
}

#[test]
fn lines_and_json_are_as_recorded() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows.txt");
    let mut told = String::new();
    for path in captures() {
        let mut calls = vec!["flows", "flows --json", "flows --zeek"];
        // What is told there is made of the same; some of each kind will do.
        if ["tcp-", "closed-", "vlan-", "sctp-", "quic-", "icmp", "dns"]
            .iter()
            .any(|kind| name(&path).starts_with(kind))
        {
            calls.extend(["flows --eve", "flows --group host", "servers --all"]);
        }
        for call in calls {
            let output = Command::new(env!("CARGO_BIN_EXE_sabueso"))
                .args(call.split(' '))
                .arg(name(&path))
                .current_dir(path.parent().expect("a folder"))
                .env("TZ", "UTC")
                .stdin(Stdio::null())
                .output()
                .expect("the binary runs");
            told.push_str(&format!("$ sabueso {call} {}\n", name(&path)));
            told.push_str(&String::from_utf8(output.stdout).expect("nothing but UTF-8 is printed"));
            let summary = String::from_utf8(output.stderr).expect("nothing but UTF-8 is printed");
            told.push_str(&format!("--- {}\n", summary.lines().last().unwrap_or_default()));
        }
    }
    if env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
        fs::write(&golden, told).expect("the golden text is written");
        return;
    }
    let recorded = fs::read_to_string(&golden).expect("the golden text");
    for (number, (then, now)) in (1..).zip(recorded.lines().zip(told.lines())) {
        assert_eq!(now, then, "line {number} (GOLDEN=write cargo test --test flows makes them anew)");
    }
    assert_eq!(told.len(), recorded.len());
}

#[test]
fn every_packet_counts_once() {
    for path in captures() {
        let mut tracker = Tracker::new(&Budget::new(16 << 20));
        let mut all = Vec::new();
        let mut errors = 0;
        read(&path, |frame, number| {
            tracker.push(frame, number, &mut |connection| all.push(connection));
        });
        tracker.finish(&mut |connection| all.push(connection));
        let counts = tracker.counts();
        let packets: u64 = all.iter().map(|c| c.sent().packets + c.received().packets).sum();
        for told in all.iter().filter_map(|c| c.troubles.errors()) {
            errors += told.all().iter().map(|error| u64::from(error.count)).sum::<u64>() + u64::from(told.more());
        }
        let sum = packets + errors + counts.without_ip + counts.orphans;
        assert_eq!((sum, counts.evicted), (counts.frames, 0), "{}", name(&path));
        assert_eq!(all.len() as u64, counts.connections + counts.neighbours, "{}", name(&path));
    }
}

#[test]
fn halves_of_a_capture_have_the_packets_of_the_whole() {
    for path in captures() {
        let mut frames = 0;
        read(&path, |_, _| frames += 1);
        let ((whole, orphans), (halves, more)) = (totals(&path, frames), totals(&path, frames / 2));
        // A fragment whose first is in the other half belongs to nothing.
        if orphans == more {
            assert_eq!(whole, halves, "{}", name(&path));
        }
    }
}

/// Packets and bytes between any two endpoints, where the frames behind the first few are given to a tracker of their own, and
/// fragments that belong to nothing.
fn totals(path: &Path, first: u64) -> (BTreeMap<String, (u64, u64)>, u64) {
    let mut totals: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut orphans = 0;
    for is_second in [false, true] {
        let mut tracker = Tracker::new(&Budget::new(16 << 20));
        let mut add = |connection: Connection| {
            // A path's number is that of its tracker.
            let mut ends = [connection.client(), connection.server()];
            ends.sort();
            let (packets, bytes) = totals.entry(format!("{:?} {ends:?}", connection.protocol())).or_default();
            *packets += connection.sent().packets + connection.received().packets;
            *bytes += connection.sent().frame_bytes + connection.received().frame_bytes;
        };
        read(path, |frame, number| {
            if (number > first) == is_second {
                tracker.push(frame, number, &mut add);
            }
        });
        tracker.finish(&mut add);
        orphans += tracker.counts().orphans;
    }
    (totals, orphans)
}

#[test]
fn damaged_frames_do_no_harm() {
    for path in captures() {
        for seed in 1..4u64 {
            connections(&path, |number, data| {
                let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
                for _ in 0..3 {
                    state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(seed);
                    let at = (state >> 33) as usize % data.len().max(1);
                    if let Some(byte) = data.get_mut(at) {
                        *byte = (state >> 24) as u8;
                    }
                }
                data.truncate(data.len() - (state >> 60) as usize % (data.len() + 1));
            });
        }
    }
}

/// Packets and bytes of each direction of a TCP conversation, by tshark's number of it, which counts them by first frame.
type Totals = (u64, u64, u64, u64);

fn tshark(path: &Path) -> Option<BTreeMap<u64, Totals>> {
    let fields = ["tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "frame.len"].map(|field| ["-e", field]);
    // Of a segment that an ICMP error quotes tshark has the fields too.
    let output = Command::new("tshark")
        .args(["-n", "-T", "fields", "-Y", "tcp && !icmp && !icmpv6", "-r"])
        .arg(path)
        .args(fields.as_flattened())
        .args(["-o", "tcp.desegment_tcp_streams:false", "-o", "ip.defragment:false", "-o", "ipv6.defragment:false"])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let mut conversations: BTreeMap<u64, (Vec<String>, Totals)> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let innermost = |field: &str| field.rsplit(',').next().unwrap_or_default().to_owned();
        let [stream, length] = [fields[0], fields[4]].map(|field| innermost(field).parse::<u64>());
        let (Ok(stream), Ok(length)) = (stream, length) else { continue };
        let source: Vec<_> = fields[1..4].iter().map(|field| innermost(field)).collect();
        let (first, totals) = conversations.entry(stream).or_insert((source.clone(), (0, 0, 0, 0)));
        let (packets, bytes) =
            if *first == source { (&mut totals.0, &mut totals.1) } else { (&mut totals.2, &mut totals.3) };
        *packets += 1;
        *bytes += length;
    }
    Some(conversations.into_iter().map(|(stream, (_, totals))| (stream, totals)).collect())
}

/// What `tshark -z conv,tcp` tells, in the order of the first frames; who is first there is whoever sent first.
#[test]
fn tcp_conversations_are_those_of_tshark() {
    if Command::new("tshark").arg("-v").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: there is no tshark");
        return;
    }
    let mut compared = 0;
    let chosen = [
        "closed-ports.pcap",
        "dns.pcap",
        "loopback.pcap",
        "ssh-beginnings.pcap",
        "tcp-reset.pcap",
        "tls-hellos.pcap",
        "web-http.pcap",
        "web-tls.pcap",
    ];
    for capture in chosen {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(capture);
        let theirs: Vec<Totals> = tshark(&path).expect("tshark runs").into_values().collect();
        let mut ours: Vec<_> =
            connections(&path, |_, _| {}).into_iter().filter(|c| c.protocol() == Protocol::Tcp).collect();
        ours.retain(|c| c.sent().packets + c.received().packets > 0);
        ours.sort_by_key(Connection::first_frame);
        assert_eq!(ours.len(), theirs.len(), "{capture}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let (sent, received) = (ours.sent(), ours.received());
            let told = (sent.packets, sent.frame_bytes, received.packets, received.frame_bytes);
            let swapped = (told.2, told.3, told.0, told.1);
            assert!(*theirs == told || *theirs == swapped, "{capture}: {theirs:?} is not {told:?}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

/// Runs a command on a capture, which succeeds; what it prints.
fn told(call: &str, capture: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    command.args(call.split(' ')).arg(Path::new("captures").join(capture)).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("nothing but UTF-8 is printed")
}

/// The lines of JSON that a command prints.
fn objects(call: &str, capture: &str) -> Vec<serde_json::Value> {
    told(call, capture).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn sums_over_groups_and_servers_are_those_over_connections() {
    for capture in
        ["dns.pcap", "closed-ports.pcap", "tcp-reset.pcap", "quic-initials.pcap", "vlan-stacked.pcap", "web-http.pcap"]
    {
        let flows = objects("flows --json", capture);
        let flows: Vec<_> = flows.iter().filter(|flow| flow["protocol"] != "neighbour").collect();
        let sum = |of: &[serde_json::Value], key: &str| -> u64 { of.iter().filter_map(|one| one[key].as_u64()).sum() };
        for by in ["port", "name"] {
            let groups = objects(&format!("flows --json --group {by}"), capture);
            assert_eq!(sum(&groups, "connections"), flows.len() as u64, "{capture} by {by}");
            let packets = flows.iter().flat_map(|flow| [&flow["sent"]["packets"], &flow["received"]["packets"]]);
            assert_eq!(
                sum(&groups, "packets"),
                packets.filter_map(|count| count.as_u64()).sum::<u64>(),
                "{capture} by {by}"
            );
        }
        let has_port = |flow: &&&serde_json::Value| !flow["server"]["port"].is_null() && flow["cast"] == "unicast";
        let servers = objects("servers --all --json", capture);
        let all = ["connections", "refused", "unanswered"].map(|key| sum(&servers, key));
        assert_eq!(all.iter().sum::<u64>(), flows.iter().filter(has_port).count() as u64, "{capture}");
    }
}

#[test]
fn names_of_a_hosts_file() {
    let hosts = env::temp_dir().join(format!("sabueso-hosts-{}", std::process::id()));
    fs::write(&hosts, "198.51.100.2\tweb.lab alias # a server\n192.0.2.1 desk\n").expect("a file");
    let flows = |hosts: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
        command.args(["flows", "captures/closed-ports.pcap", "--hosts"]).arg(hosts);
        command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the binary runs")
    };
    let output = flows(&hosts);
    fs::remove_file(&hosts).expect("the file is there");
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(told.contains(" 192.0.2.1:46054 (desk) → 198.51.100.2:81 (web.lab) "), "{told}");
    // It is gone by now.
    let output = flows(&hosts);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--hosts"));
}
