//! Captures that go on for long: files in turn, little room, readers that stall.

use std::fs::File;
use std::io::Write;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use sabueso::frame::Source;

use super::*;
use crate::harness::Rights::Namespace;

/// The files of `/mnt` and the numbers in each, in the order of their first numbers.
fn files() -> Vec<(String, Vec<u32>)> {
    let names = fs::read_dir("/mnt").unwrap().map(|entry| entry.unwrap().path().display().to_string());
    let mut files: Vec<_> = names.map(|name| (name.clone(), numbers(&name))).collect();
    files.sort_by_key(|file| file.1.first().copied());
    files
}

fn all(files: &[(String, Vec<u32>)]) -> Vec<u32> {
    files.iter().flat_map(|file| file.1.clone()).collect()
}

live_test!(no_packet_is_lost_between_two_files, Namespace, {
    folder("8m", "755");
    let talk = Talk::new();
    for (flags, format) in [("-C 50k", ""), ("--rotate-packets 77", ".pcapng"), ("--rotate-packets 500", ".zst")] {
        let run = capture(&format!("-i here -w /mnt/c{format} {flags}"));
        talk.send(0..5_000);
        run.interrupt().succeeded_with(5_000);
        let files = files();
        assert!(files.len() >= 5_000 * 62 / (50 << 10), "{flags}");
        assert!(all(&files).into_iter().eq(0..5_000), "{flags}");
        files.iter().for_each(|file| fs::remove_file(&file.0).unwrap());
    }
});

live_test!(a_ring_on_a_disk_too_small_for_it_goes_on_with_the_newest, Namespace, {
    for flags in ["-C 200k -W 3", "-C 100k --on-full ring", "-G 3600 --keep 1MB"] {
        folder(if flags.contains("keep") { "8m" } else { "500k" }, "755");
        let talk = Talk::new();
        let run = capture(&format!("-i here -w /mnt/c%i {flags}"));
        let sent = if flags.contains("keep") { 50_000 } else { 20_000 };
        talk.send(0..sent);
        run.interrupt().succeeded_with(sent.into());
        let kept = all(&files());
        let first = kept[0];
        assert!(kept.len() > 2_000 && first > 0, "{flags}: {} from {first}", kept.len());
        assert!(kept.into_iter().eq(first..sent), "{flags}: from {first}");
        let size: u64 = files().iter().map(|file| fs::metadata(&file.0).unwrap().len()).sum();
        assert!(size <= 1_000_000);
        ip("link delete here");
    }
});

live_test!(a_file_ends_by_the_clock_though_nothing_comes, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture("-i here -w /mnt/c-%s -G 1 -W 3");
    talk.send(0..10);
    let ended = run.end();
    ended.says("Maximum file limit reached: 3");
    ended.succeeded_with(10);
    let files = files();
    assert_eq!(files.len(), 3);
    assert!(all(&files).into_iter().eq(0..10));
});

live_test!(a_capture_ends_after_its_time_though_nothing_comes, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    let run = capture(&format!("-i here -w {PCAP} --stop-after 1s"));
    talk.send(0..10);
    run.end().succeeded_with(10);
});

live_test!(a_full_disk_is_waited_for_and_nothing_is_lost_that_memory_holds, Namespace, {
    folder("2m", "755");
    let talk = Talk::new();
    let filler = fs::write("/mnt/filler", vec![0; 1900 << 10]);
    filler.unwrap();
    let mut run = capture(&format!("-i here -w {PCAP} --on-full wait"));
    talk.send(0..20_000);
    run.told("the disk is full: waiting for room");
    talk.send(20_000..25_000);
    fs::remove_file("/mnt/filler").unwrap();
    run.told("going on; packets lost meanwhile: 0");
    talk.send(25_000..26_000);
    run.interrupt().succeeded_with(26_000);
    assert!(numbers(PCAP).into_iter().eq(0..26_000));
});

live_test!(a_full_disk_that_is_waited_for_in_vain_is_told_with_what_was_lost, Namespace, {
    folder("256k", "755");
    let talk = Talk::new();
    let mut run = capture(&format!("-i here -w {PCAP} --on-full wait"));
    talk.send(0..30_000);
    run.told("the disk is full: waiting for room");
    let ended = run.interrupt();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let kept = numbers(PCAP);
    assert_eq!(ended.captured(), kept.len() as u64);
    assert_eq!(ended.captured() + ended.count("dropped by sabueso") + ended.dropped(), ended.received());
    assert!(kept.into_iter().eq(0..ended.captured() as u32));
});

live_test!(a_folder_that_goes_is_told_when_the_next_file_is_due, Namespace, {
    folder("1m", "755");
    fs::create_dir("/mnt/gone").unwrap();
    let talk = Talk::new();
    let run = capture("-i here -w /mnt/gone/c --rotate-packets 100");
    talk.send(0..150);
    until("the second file", || fs::exists("/mnt/gone/c1").unwrap().then_some(()));
    fs::remove_dir_all("/mnt/gone").unwrap();
    talk.send(150..250);
    let ended = run.end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.says("/mnt/gone/c2: can't open: No such file or directory");
    assert_eq!(ended.captured() + ended.count("dropped by sabueso"), ended.received(), "{ended:?}");
});

live_test!(signals_are_heeded_while_a_reader_stalls, Namespace, {
    folder("1m", "755");
    let talk = Talk::new();
    mkfifo(PCAP, Mode::from_bits_truncate(0o644)).unwrap();
    let opened = thread::spawn(|| File::open(PCAP).unwrap());
    let mut run = capture(&format!("-i here -w {PCAP}"));
    let mut reader = opened.join().unwrap();
    talk.send(0..5_000);
    run.signal(Signal::SIGUSR1);
    run.told("packets received by filter");
    // It reads on: nothing was lost.
    let read = thread::spawn(move || {
        let mut copy = File::create("/mnt/copy").unwrap();
        let mut left = pcap_len(5_000);
        let mut bytes = [0; 4096];
        while left > 0 {
            let most = bytes.len().min(left as usize);
            let count = reader.read(&mut bytes[..most]).unwrap();
            copy.write_all(&bytes[..count]).unwrap();
            left -= count as u64;
        }
        reader
    });
    let _stalled = read.join().unwrap();
    assert!(numbers("/mnt/copy").into_iter().eq(0..5_000));
    // And stalls again, at the end.
    talk.send(5_000..10_000);
    let ended = run.interrupt();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.captured() + ended.count("dropped by sabueso"), 10_000, "{ended:?}");
});

live_test!(killed_it_leaves_compressed_files_that_can_be_read, Namespace, {
    folder("8m", "755");
    let talk = Talk::new();
    for ending in ["gz", "zst", "lz4"] {
        let file = format!("/mnt/c.{ending}");
        let run = capture(&format!("-i here -w {file}"));
        talk.send(0..1_000);
        // What is held back is out soon, with no signal and nothing more to come.
        until("all in the file", || (held(&file).len() == 1_000).then_some(()));
        run.signal(Signal::SIGKILL);
        assert_eq!(run.end().code, None);
        assert!(held(&file).into_iter().eq(0..1_000), "{ending}");
    }
});

/// The numbers in a file that may have no end.
fn held(file: &str) -> Vec<u32> {
    let Ok(mut reader) = Reader::open(Path::new(file), ReadOptions::default()) else { return vec![] };
    let mut held = vec![];
    while let Ok(Some(block)) = reader.next_block() {
        held.extend(block.frames().map(|frame| u32::from_be_bytes(*frame.data.last_chunk().unwrap())));
    }
    held
}
