//! Counts: those asked for, those told, and that they add up.

use std::fs;

use super::*;
use crate::harness::Rights::Namespace;

live_test!(a_count_ends_it_and_the_rest_is_told, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here -c 10 -w {PCAP}"));
    // Stopped, it can't look before all have come: they are together in one block.
    run.while_stopped(|| talk.send(0..100));
    let ended = run.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(numbers(PCAP).into_iter().eq(0..10));
    assert_eq!((ended.captured(), ended.received(), ended.dropped()), (10, 100, 0), "{ended:?}");
    assert_eq!(ended.count("passed over, as --where, --skip, the stop rules or the filter ask"), 90, "{ended:?}");
});

live_test!(the_first_can_be_passed_over, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here --skip 5 -c 10 -w {PCAP}"));
    run.while_stopped(|| talk.send(0..15));
    let ended = run.end();
    assert!(numbers(PCAP).into_iter().eq(5..15));
    assert_eq!((ended.code, ended.captured(), ended.received()), (Some(0), 10, 15), "{ended:?}");
    assert_eq!(ended.count("passed over"), 5, "{ended:?}");
});

live_test!(a_condition_chooses_and_records_are_told, Namespace, {
    let talk = Talk::new();
    let run = capture("-i here -c 5 --json --where udp.payload_len>0");
    talk.send(0..5);
    let ended = run.end();
    let lines: Vec<serde_json::Value> =
        ended.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.len() == 5 && lines.iter().all(|line| line["udp"]["payload_len"].as_u64() > Some(0)), "{ended:?}");
    let run = capture("-i here --count --where tcp");
    talk.send(0..100);
    let ended = run.interrupt();
    assert_eq!((ended.text(), ended.captured(), ended.received()), ("0 packets\n", 0, 100), "{ended:?}");
    assert_eq!(ended.count("passed over"), 100, "{ended:?}");
});

live_test!(packets_can_just_be_counted, Namespace, {
    let talk = Talk::new();
    let run = capture("-i here --count");
    talk.send(0..100);
    let ended = run.interrupt();
    ended.succeeded_with(100);
    assert_eq!(ended.text(), "100 packets\n");
    let run = capture("-i here --count -c 1");
    talk.send(0..1);
    assert_eq!(run.end().text(), "1 packet\n");
});

live_test!(a_flood_is_captured_without_loss, Namespace, {
    folder("16m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here --strict -w {PCAP}"));
    talk.send(0..50_000);
    run.interrupt().succeeded_with(50_000);
    assert!(numbers(PCAP).into_iter().eq(0..50_000));
});

live_test!(what_overflows_the_buffer_is_counted_and_fails_if_strict, Namespace, {
    folder("16m", "755");
    let talk = Talk::new();
    for (flag, code) in [("", 0), ("--strict", 3)] {
        let run = capture(&format!("-i here -B 1 {flag} -w {PCAPNG}"));
        run.while_stopped(|| talk.send(0..20_000));
        let ended = run.interrupt();
        assert_eq!(ended.code, Some(code), "{ended:?}");
        let (captured, dropped) = (ended.captured(), ended.dropped());
        assert_eq!((captured + dropped, ended.received()), (20_000, 20_000), "{ended:?}");
        assert!(captured > 0 && dropped > 0);
        ended.says("-B makes it larger");
        let kept = numbers(PCAPNG);
        assert_eq!(kept.len() as u64, captured);
        assert!(kept.is_sorted_by(|a, b| a < b));
        // The same is in the file, in the counters of its interface: pcapng, section 4.6.
        let file = fs::read(PCAPNG).unwrap();
        for (option, count) in [(6u16, 20_000), (7, dropped), (8, captured)] {
            let counter = [&option.to_ne_bytes()[..], &8u16.to_ne_bytes(), &count.to_ne_bytes()].concat();
            assert!(file.windows(counter.len()).any(|bytes| bytes == counter), "{option} {count}");
        }
    }
});
