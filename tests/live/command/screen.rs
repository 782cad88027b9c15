//! Lines as they come, and pipes whose reader goes.

use std::io::Cursor;

use super::*;
use crate::harness::Rights::Namespace;

live_test!(a_line_comes_without_waiting_for_the_next, Namespace, {
    let talk = Talk::new();
    for flags in ["", "-l", "--immediate-mode"] {
        let mut run = capture(&format!("-i here -nn -t {flags}"));
        let lines = run.lines();
        let port = talk.there.local_addr().unwrap().port();
        for n in 0..3 {
            talk.send(n..n + 1);
            let line = lines.recv_timeout(LIMIT).unwrap();
            assert_eq!(line, format!("IP 10.9.0.2.{port} > 10.9.0.1.9: UDP, length 4"));
        }
        run.interrupt().succeeded_with(3);
        assert!(lines.recv().is_err(), "nothing but the lines");
    }
});

live_test!(a_reader_that_goes_ends_it_quietly, Namespace, {
    let talk = Talk::new();
    for flags in ["", "-l", "-w -", "-U -w -"] {
        let mut run = capture(&format!("-i here {flags}"));
        drop(run.output.take());
        until("the end", || {
            talk.send(0..1);
            run.child.try_wait().unwrap()
        });
        let ended = run.end();
        assert_eq!(ended.code, Some(0), "{flags} {ended:?}");
        assert!(!ended.said.iter().any(|line| line.starts_with("sabueso:") && !line.contains("running as")));
    }
});

live_test!(a_reader_that_goes_costs_the_file_nothing, Namespace, {
    folder("1m", "777");
    let talk = Talk::new();
    let mut run = capture(&format!("-i here -l --print -w {PCAP}"));
    drop(run.output.take());
    let mut sent = 0;
    until("the end", || {
        talk.send(sent..sent + 1);
        sent += 1;
        run.child.try_wait().unwrap()
    });
    let ended = run.end();
    let kept = numbers(PCAP);
    assert_eq!(kept.len() as u64, ended.captured(), "{ended:?}");
    assert!(!kept.is_empty() && kept.iter().copied().eq(0..kept.len() as u32));
});

live_test!(packets_on_standard_output_are_a_capture_file, Namespace, {
    let talk = Talk::new();
    for flags in ["", "--format pcapng"] {
        let run = capture(&format!("-i here -w - {flags}"));
        talk.send(0..100);
        let ended = run.interrupt();
        ended.succeeded_with(100);
        let mut reader = Reader::new(Box::new(Cursor::new(ended.output)), "-", ReadOptions::default()).unwrap();
        let mut frames = Vec::new();
        while take(&mut reader, &mut frames) {}
        assert!(frames.iter().map(number).eq(0..100));
    }
});

live_test!(by_the_name_tcpdump_hosts_are_named_from_within_the_sandbox, Namespace, {
    folder("1m", "755");
    fs::write("/mnt/hosts", format!("{HERE} here.example\n{THERE} there.example\n")).unwrap();
    fs::write("/mnt/nsswitch.conf", "hosts: files\n").unwrap();
    for name in ["hosts", "nsswitch.conf"] {
        let mounted = command(&format!("mount --bind /mnt/{name} /etc/{name}")).status().unwrap();
        assert!(mounted.success());
    }
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sabueso"), "/mnt/tcpdump").unwrap();
    let talk = Talk::new();
    let port = talk.there.local_addr().unwrap().port();
    for (flags, from) in [("", "there.example"), ("-N", "there"), ("-f", "there.example"), ("-n", THERE)] {
        let mut run = Run::start(command(&format!("/mnt/tcpdump -Z root -i here -t -q {flags}")));
        assert_eq!(run.said[0], "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode");
        let lines = run.lines();
        talk.send(0..1);
        let line = lines.recv_timeout(LIMIT).unwrap();
        assert!(line.starts_with(&format!("IP {from}.{port} > ")), "{flags}: {line}");
        let ended = run.interrupt();
        assert_eq!((ended.code, ended.captured()), (Some(0), 1), "{ended:?}");
        let ours = ["captured", "received by filter", "dropped by kernel"];
        assert!(ended.said.iter().skip(2).all(|line| ours.iter().any(|words| line.ends_with(words))), "{ended:?}");
    }
});
