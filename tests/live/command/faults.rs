//! Disks, limits and interfaces that fail.

use std::fs;

use super::*;
use crate::harness::Rights::Namespace;

/// A capture that a failing file ended: it says so, keeps whole records, and knows how many it has.
fn failed_for(ended: &Ended, file: &str, why: &str) -> u64 {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says(&format!("sabueso: {file}: can't write: {why}"));
    let kept = numbers(file);
    let count = kept.len() as u64;
    assert!(kept.into_iter().eq(0..count as u32));
    assert_eq!(ended.captured(), count, "{ended:?}");
    let lost = ended.count("dropped by sabueso");
    assert_eq!(count + lost + ended.dropped(), ended.received(), "{ended:?}");
    assert!(lost > 0);
    count
}

live_test!(a_full_disk_keeps_whole_records_and_is_told, Namespace, {
    for file in [PCAP, PCAPNG] {
        folder("64k", "755");
        let talk = Talk::new();
        let run = capture(&format!("-i here -w {file}"));
        // More than is gathered for one write: some come after it has failed.
        run.while_stopped(|| talk.send(0..30_000));
        let kept = failed_for(&run.end(), file, "No space left on device");
        assert!(kept > 500, "{kept}");
        ip("link delete here");
    }
});

live_test!(a_file_at_its_size_limit_is_an_error_and_no_signal, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = Run::start(command(&format!("prlimit --fsize=20000 sabueso -Z root -i here -w {PCAP}")));
    talk.send(0..1000);
    let kept = failed_for(&run.end(), PCAP, "File too large");
    assert!(pcap_len(kept) <= 20_000 && pcap_len(kept + 1) > 20_000, "{kept}");
});

live_test!(a_disk_that_fails_once_is_told_and_ends_it, Namespace, {
    folder("1m", "755");
    if Command::new("strace").arg("-V").output().is_err() {
        return skip("a_disk_that_fails_once_is_told_and_ends_it", "strace is not installed");
    }
    let talk = Talk::new();
    // The file's header, the first packet, then the fault.
    let fault = "-e trace=write -e inject=write:error=EIO:when=3";
    let run =
        Run::start(command(&format!("strace -f -o /mnt/trace -P {PCAP} {fault} sabueso -Z root -i here -w {PCAP}")));
    talk.send(0..1);
    until_saved(1);
    talk.send(1..500);
    let kept = failed_for(&run.end(), PCAP, "Input/output error");
    assert_eq!(kept, 1);
});

live_test!(output_to_a_device_that_is_full_is_an_error, Namespace, {
    let talk = Talk::new();
    let said = refused("sabueso -Z root -i here -w /dev/full");
    assert_eq!(said.matches("No space left on device").count(), 1, "{said}");
    for flags in ["", "-l", "--count -c 1"] {
        let lines = Run::start({
            let mut command = command("sh -c");
            let program = env!("CARGO_BIN_EXE_sabueso");
            command.arg(format!("exec {program} -Z root -i here {flags} >/dev/full"));
            command
        });
        talk.send(0..1);
        let ended = lines.end();
        assert_eq!(ended.code, Some(1), "{flags} {ended:?}");
        ended.says("No space left on device");
    }
});

/// A frame for all, with a number.
fn broadcast(n: u32) -> Vec<u8> {
    frame([255; 6], &[0x88, 0xb5], &[&[0; 56][..], &n.to_be_bytes()].concat())
}

live_test!(an_interface_that_goes_down_and_up_is_told_and_captured_on, Namespace, {
    folder("1m", "755");
    let peer = pair();
    let mut run = capture(&format!("-i here -w {PCAP}"));
    peer.run(|| send_frames("there", &[broadcast(0)]));
    for (state, frames) in [("down", 0..0), ("up", 1..5)] {
        ip(&format!("link set here {state}"));
        let line = run.told("here is");
        let (told, time) = line.split_once(" since ").unwrap();
        assert_eq!(told, format!("sabueso: here is {state}"));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        assert!(time.len() == "00:00:00.000000".len() && time.split([':', '.']).all(digits), "{time}");
        peer.run(|| send_frames("there", &frames.map(broadcast).collect::<Vec<_>>()));
    }
    run.interrupt().succeeded_with(5);
    assert!(numbers(PCAP).into_iter().eq(0..5));
});

live_test!(an_interface_that_is_deleted_ends_it_with_all_written, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here -w {PCAP}"));
    talk.send(0..500);
    ip("link delete here");
    let ended = run.end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says("sabueso: here is gone since ");
    ended.says("sabueso: here is gone");
    assert_eq!((ended.captured(), ended.received()), (500, 500), "{ended:?}");
    assert!(numbers(PCAP).into_iter().eq(0..500));
});

live_test!(one_deleted_interface_of_two_leaves_the_other_and_fails_at_the_end, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let mut run = capture(&format!("-i here -i lo -w {PCAPNG}"));
    talk.send(0..5);
    ip("link delete here");
    run.told("here is gone since");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(socket.local_addr().unwrap()).unwrap();
    say(&socket, &socket, 5..10);
    let ended = run.interrupt();
    assert_eq!((ended.code, ended.captured()), (Some(1), 10), "{ended:?}");
    assert!(numbers(PCAPNG).into_iter().eq(0..10));
});

live_test!(interfaces_that_cannot_be_captured_on_are_refused, Namespace, {
    folder("1m", "755");
    ip("link add idle type veth peer name idler");
    for (interface, message) in [
        ("none", "sabueso: there is no interface none"),
        ("99", "sabueso: there is no interface 99"),
        ("idle", "sabueso: idle is not up"),
        ("lo", "sabueso: lo is not up"),
    ] {
        let said = refused(&format!("sabueso -i {interface} -w {PCAP}"));
        assert!(said.starts_with(message), "{said}");
    }
    assert!(refused("sabueso").starts_with("sabueso: no interface is up"));
    assert!(!fs::exists(PCAP).unwrap(), "nothing is made for a capture that can't begin");
});

live_test!(without_the_capability_the_command_says_what_to_do, Namespace, {
    folder("1m", "755");
    let _talk = Talk::new();
    let said = refused(&format!("setpriv --bounding-set=-net_raw sabueso -i here -w {PCAP}"));
    for part in ["here", "CAP_NET_RAW", "sudo", &format!("setcap cap_net_raw+ep {}", env!("CARGO_BIN_EXE_sabueso"))] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert!(!fs::exists(PCAP).unwrap());
});
