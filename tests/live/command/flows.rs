//! Connections of a live capture.

use super::*;
use crate::harness::Rights::Namespace;

live_test!(what_is_open_at_the_end_is_told, Namespace, {
    let talk = Talk::new();
    let run = Run::start(command("sabueso flows -Z root -i here"));
    talk.send(0..5);
    talk.answer(5..8);
    let ended = run.interrupt();
    ended.succeeded_with(8);
    ended.says("1 connection");
    let [line] = ended.text().lines().collect::<Vec<_>>()[..] else { panic!("{ended:?}") };
    for words in [" → 10.9.0.1:9 ", " udp ", "answered 1 of 1", "↑ 20 B ↓ 12 B"] {
        assert!(line.contains(words), "no {words} in {line}");
    }
});

live_test!(what_is_over_is_told_while_the_capture_goes_on, Namespace, {
    ip("link set lo up");
    let mut run = Run::start(command("sabueso flows -Z root -i lo --json"));
    let lines = run.lines();
    std::net::TcpStream::connect("127.0.0.1:81").unwrap_err();
    let line: serde_json::Value = serde_json::from_str(&lines.recv_timeout(LIMIT).unwrap()).unwrap();
    assert_eq!((&line["end"], &line["tcp"]["reset_by"]), (&"closed".into(), &"server".into()));
    assert_eq!(line["server"]["port"], 81);
    assert_eq!(run.interrupt().code, Some(0));
});
