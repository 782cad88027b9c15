//! What signals do, and what is in the file after each.

use std::fs;
use std::path::Path;

use nix::sys::signal::Signal;
use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::Source;

use super::*;
use crate::harness::Rights::Namespace;

live_test!(a_signal_to_end_loses_nothing_that_came_before_it, Namespace, {
    folder("16m", "755");
    let talk = Talk::new();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for file in [PCAP, PCAPNG] {
            let run = capture(&format!("-i here -w {file}"));
            talk.send(0..2000);
            run.signal(signal);
            run.end().succeeded_with(2000);
            assert!(numbers(file).into_iter().eq(0..2000), "{signal}, {file}");
        }
    }
});

live_test!(nohup_keeps_a_capture_running, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = Run::start(command(&format!("nohup sabueso -Z root -i here -w {PCAP}")));
    run.signal(Signal::SIGHUP);
    talk.send(0..10);
    until_saved(10);
    run.interrupt().succeeded_with(10);
});

live_test!(sigusr1_shows_counters_and_goes_on, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let mut run = capture(&format!("-i here -U -w {PCAP}"));
    talk.send(0..10);
    until_saved(10);
    run.signal(Signal::SIGUSR1);
    assert_eq!(run.told("captured"), "10 packets captured");
    assert_eq!(run.told("received"), "10 packets received by filter");
    assert_eq!(run.told("dropped"), "0 packets dropped by kernel");
    talk.send(10..20);
    run.interrupt().succeeded_with(20);
    assert!(numbers(PCAP).into_iter().eq(0..20));
});

live_test!(sigusr2_writes_out_what_there_is_and_goes_on, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here -w {PCAP}"));
    for end in [10, 20, 30] {
        talk.send(end - 10..end);
        run.signal(Signal::SIGUSR2);
        until_saved(u64::from(end));
        assert!(numbers(PCAP).into_iter().eq(0..end));
    }
    run.interrupt().succeeded_with(30);
});

live_test!(a_file_without_packets_is_a_file_all_the_same, Namespace, {
    folder("1m", "755");
    let _talk = Talk::new();
    for file in [PCAP, PCAPNG] {
        let run = capture(&format!("-i here -w {file}"));
        assert_eq!(read(file).len(), 0, "from the start");
        run.interrupt().succeeded_with(0);
        assert_eq!(read(file).len(), 0);
    }
});

live_test!(sigkill_leaves_at_most_one_torn_record, Namespace, {
    folder("16m", "755");
    let talk = Talk::new();
    for moment in [0, 1, 10, 100, 1000, 5000] {
        let run = capture(&format!("-i here -w {PCAP}"));
        talk.send(0..500);
        until_saved(500);
        // Whatever is on its way when it comes.
        talk.send(500..500 + moment);
        run.signal(Signal::SIGKILL);
        assert_eq!(run.end().code, None);

        let mut reader = Reader::open(Path::new(PCAP), ReadOptions::default()).unwrap();
        let mut whole: Vec<u32> = Vec::new();
        let torn = loop {
            match reader.next_block() {
                Ok(Some(block)) => {
                    whole.extend(block.frames().map(|f| u32::from_be_bytes(*f.data.last_chunk().unwrap())));
                }
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        let len = fs::metadata(PCAP).unwrap().len();
        let count = whole.len() as u64;
        assert!(count >= 500, "{count} of what was in the file");
        assert!(whole.into_iter().eq(0..count as u32));
        assert_eq!(torn, len != pcap_len(count));
        assert!(len < pcap_len(count + 1), "no whole record is missed");
    }
});
