//! A capture in several files, against a model of which files there must be and what they hold.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use sabueso::file::{
    CreateOptions, Direct, Error, Keep, Method, Names, OnFull, Rotation, Series, SeriesEvent, SeriesOptions,
    WriteFormat,
};
use sabueso::frame::{Block, ByteOrder, FrameFlags, Interface, LinkType, Record, Resolution, Section, Timestamp};

use crate::build::*;

/// A folder of its own for each test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sabueso-rotation-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The numbers of the frames in each file, by its name.
    fn numbers(&self) -> BTreeMap<String, Vec<u32>> {
        let entries = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap());
        let numbers = |path: &Path| {
            let seen = read(&fs::read(path).unwrap());
            seen.frames.iter().map(|frame| u32::from_be_bytes(*frame.data.first_chunk().unwrap())).collect()
        };
        entries.map(|entry| (entry.file_name().into_string().unwrap(), numbers(&entry.path()))).collect()
    }

    fn size(&self) -> u64 {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn section() -> Section {
    let interfaces = vec![Interface::new(LinkType::EN10MB, 0, Resolution::NANO)];
    Section { number: 0, byte_order: ByteOrder::NATIVE, options: Vec::new(), interfaces }
}

fn names(pattern: &Path, rotation: &Rotation, method: Option<Method>) -> Names {
    match rotation.is_any() {
        true => Names::new(pattern, rotation.numbers, rotation.seconds.is_some(), method),
        false => Names::fixed(pattern),
    }
}

fn options(folder: &Folder, name: &str, rotation: Rotation) -> SeriesOptions {
    SeriesOptions {
        names: names(&folder.file(name), &rotation, None),
        format: WriteFormat::PcapNano,
        create: CreateOptions::default(),
        rotation,
        method: None,
        on_full: OnFull::Stop,
        sync: false,
        append: false,
        live_since: None,
    }
}

/// A frame of the model: its time in seconds, and its length.
type Sent = (i64, u32);

/// Frames as blocks of so many each; a frame begins with its number.
fn blocks(frames: &[Sent], size: usize) -> Vec<(Vec<u8>, Vec<Record>)> {
    let numbered: Vec<(u32, &Sent)> = (0..).zip(frames).collect();
    let block = |chunk: &[(u32, &Sent)]| {
        let (mut bytes, mut records) = (Vec::new(), Vec::new());
        for (number, (secs, len)) in chunk {
            let offset = bytes.len() as u32;
            bytes.extend(number.to_be_bytes());
            bytes.resize((offset + len) as usize, 0);
            let (time, flags) = (Timestamp::new(*secs, 1), FrameFlags::default());
            let (cap_len, wire_len) = (*len, *len);
            records.push(Record { time, offset, cap_len, wire_len, interface: 0, flags, options: (0, 0) });
        }
        (bytes, records)
    };
    numbered.chunks(size).map(block).collect()
}

/// Writes frames until enough are taken, and ends the series; how many were taken, and the files as they were closed.
fn write(options: SeriesOptions, frames: &[Sent], size: usize, mut watch: impl FnMut()) -> (usize, Vec<String>) {
    let closed = Rc::new(RefCell::new(Vec::new()));
    let list = closed.clone();
    let after = move |path: &Path| list.borrow_mut().push(path.file_name().unwrap().to_str().unwrap().to_owned());
    let mut series = Series::open(options, Box::new(Direct), Box::new(after)).unwrap();
    let section = section();
    let mut taken = 0;
    for (bytes, records) in blocks(frames, size) {
        let count = series.write(&Block { section: &section, bytes: &bytes, records: &records, notes: &[] }).unwrap();
        taken += count;
        watch();
        if count < records.len() {
            break;
        }
    }
    series.finish().unwrap();
    watch();
    assert_eq!(series.lost(), 0);
    let closed = closed.borrow().clone();
    (taken, closed)
}

/// The files that rules make of frames, in their order, and how many frames are taken.
fn model(frames: &[Sent], rules: &Rotation) -> (usize, Vec<(String, Vec<u32>)>) {
    const HEADER: u64 = 24;
    let Some(first) = frames.first() else {
        return (0, if rules.seconds.is_some() { vec![] } else { vec![(name(rules, 0, 0), vec![])] });
    };
    let width = rules.seconds.map(i64::from);
    let (mut start, mut number) = (first.0, 0);
    let mut files = vec![(name(rules, start, 0), vec![])];
    let mut size = HEADER;
    for (at, (secs, len)) in (0u32..).zip(frames) {
        let held = files.last().unwrap().1.len() as u64;
        let late = width.is_some_and(|width| secs - start >= width);
        let full =
            held > 0 && (rules.bytes.is_some_and(|most| size > most) || rules.frames.is_some_and(|most| held >= most));
        if late || full {
            if rules.stop.is_some_and(|most| files.len() as u64 >= most) {
                return (at as usize, files);
            }
            if late {
                (start, number) = (start + (secs - start) / width.unwrap() * width.unwrap(), 0);
            } else {
                number = rules.numbers.map_or(number + 1, |all| (number + 1) % all);
            }
            files.push((name(rules, start, number), vec![]));
            size = HEADER;
        }
        files.last_mut().unwrap().1.push(at);
        size += 16 + u64::from(*len);
    }
    (frames.len(), files)
}

fn name(rules: &Rotation, start: i64, number: u64) -> String {
    let time = if rules.seconds.is_some() { start.to_string() } else { "%s".to_owned() };
    match rules.numbers {
        Some(all) if all > 1 => format!("{time}.pcap{number:0width$}", width = (all - 1).to_string().len()),
        _ if number == 0 => format!("{time}.pcap"),
        _ => format!("{time}.pcap{number}"),
    }
}

/// What is left of files of which only the newest are kept, where a name that comes again replaces the old file.
fn kept(files: &[(String, Vec<u32>)], most: Option<u64>) -> BTreeMap<String, Vec<u32>> {
    let mut ring: Vec<&(String, Vec<u32>)> = Vec::new();
    for file in files {
        ring.retain(|old| old.0 != file.0);
        ring.push(file);
        if most.is_some_and(|most| ring.len() as u64 > most) {
            ring.remove(0);
        }
    }
    ring.into_iter().cloned().collect()
}

fn rules() -> impl Strategy<Value = Rotation> {
    let rule = (
        proptest::option::of(1u64..40_000),
        proptest::option::of(1u64..60),
        proptest::option::of(1u32..50),
        proptest::option::of(1u64..5),
        proptest::option::of(1u64..5),
        proptest::option::of(1u64..8),
    );
    rule.prop_map(|(bytes, frames, seconds, numbers, files, stop)| {
        let any = bytes.is_some() || frames.is_some() || seconds.is_some();
        let files = files.filter(|_| any);
        Rotation {
            bytes,
            frames,
            seconds,
            aligned: false,
            numbers: numbers.filter(|_| bytes.is_some() || frames.is_some()),
            keep: Keep { files, bytes: None },
            stop: stop.filter(|_| any),
        }
    })
}

/// Frames whose times mostly go on, now and then by a lot or back.
fn frames(most: u32) -> impl Strategy<Value = Vec<Sent>> {
    let step = prop_oneof![5 => Just(0i64), 5 => 1i64..9, 1 => -5i64..0, 1 => 100i64..100_000];
    proptest::collection::vec((step, 4..most), 0..150).prop_map(|steps| {
        let mut time = 1_700_000_000;
        let sent = steps.into_iter().map(|(step, len)| {
            time += step;
            (time, len)
        });
        sent.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn the_files_are_those_of_the_model(rules in rules(), frames in frames(3_000), size in 1usize..60) {
        let folder = Folder::new();
        let (taken, files) = model(&frames, &rules);
        let many = rules.is_any();
        let (wrote, closed) = write(options(&folder, "%s.pcap", rules), &frames, size, || {});
        prop_assert_eq!(wrote, taken);
        prop_assert_eq!(closed, files.iter().map(|file| file.0.clone()).collect::<Vec<_>>());
        let most = rules.keep.files.filter(|_| many);
        prop_assert_eq!(folder.numbers(), kept(&files, most));
    }

    #[test]
    fn a_budget_is_never_exceeded_and_the_newest_files_are_kept(
        bytes in proptest::option::of(1u64..40_000), seconds in 1u32..50, budget in 10_000u64..100_000,
        frames in frames(3_000), size in 1usize..60
    ) {
        let folder = Folder::new();
        let keep = Keep { files: None, bytes: Some(budget) };
        let rules = Rotation { bytes, seconds: Some(seconds), keep, ..Rotation::default() };
        let half = bytes.unwrap_or(u64::MAX).min(budget / 2);
        let (_, files) = model(&frames, &Rotation { bytes: Some(half), ..rules });
        let watch = || assert!(folder.size() <= budget, "{} of {budget}", folder.size());
        write(options(&folder, "%s.pcap", rules), &frames, size, watch);
        let left = folder.numbers();
        let newest = files[files.len() - left.len()..].iter().cloned().collect();
        prop_assert_eq!(&left, &newest);
        let longest = 3_016;
        prop_assert!(left.len() == files.len() || folder.size() + half + longest + 24 > budget, "more could be kept");
    }

    #[test]
    fn compressed_files_hold_the_same(
        rules in rules(), frames in frames(9_000), size in 1usize..60,
        method in prop_oneof![Just(Method::Gzip), Just(Method::Zstd), Just(Method::Lz4)]
    ) {
        let (folder, plain) = (Folder::new(), Folder::new());
        let packed = SeriesOptions { method: Some(method), ..options(&folder, "%s.pcap", rules) };
        let closed = write(packed, &frames, size, || {});
        prop_assert_eq!(closed, write(options(&plain, "%s.pcap", rules), &frames, size, || {}));
        prop_assert_eq!(folder.numbers(), plain.numbers());
    }
}

#[test]
fn files_of_earlier_runs_count() {
    let folder = Folder::new();
    for name in ["1600000000.pcap", "1600000001.pcap7", "notes.pcap", "16.pcapx"] {
        fs::write(folder.file(name), pcap_header(Little, MICRO, 0, 1)).unwrap();
    }
    let keep = Keep { files: Some(2), bytes: None };
    let rules = Rotation { seconds: Some(10), keep, ..Rotation::default() };
    write(options(&folder, "%s.pcap", rules), &[(1_700_000_000, 9), (1_700_000_010, 9)], 1, || {});
    let left: Vec<String> = folder.numbers().into_keys().collect();
    assert_eq!(left, ["16.pcapx", "1700000000.pcap", "1700000010.pcap", "notes.pcap"]);
}

#[test]
fn names_that_cannot_be_told_from_others_are_refused_where_old_files_go() {
    let folder = Folder::new();
    let keep = Keep { files: Some(2), bytes: None };
    let rules = Rotation { seconds: Some(10), keep, ..Rotation::default() };
    for pattern in ["%Z.pcap", "%H/x.pcap"] {
        let opened = Series::open(options(&folder, pattern, rules), Box::new(Direct), Box::new(|_: &Path| {}));
        assert!(matches!(opened, Err(Error::Name { .. })), "{pattern}");
    }
}

#[test]
fn a_live_series_goes_by_the_clock_where_nothing_comes() {
    let folder = Folder::new();
    let at = |secs| Timestamp::new(secs, 500_000_000);
    let rules = Rotation { seconds: Some(10), stop: Some(3), ..Rotation::default() };
    let live = SeriesOptions { live_since: Some(at(1000)), ..options(&folder, "%s.pcap", rules) };
    let mut series = Series::open(live, Box::new(Direct), Box::new(|_: &Path| {})).unwrap();
    series.start(&section());
    let names = || folder.numbers().into_keys().collect::<Vec<_>>();
    assert!(series.idle(at(1009)).unwrap());
    assert_eq!(names(), ["1000.pcap"]);
    assert!(series.idle(at(1010)).unwrap());
    // The clock may jump.
    assert!(series.idle(at(1033)).unwrap());
    assert_eq!(names(), ["1000.pcap", "1010.pcap", "1030.pcap"]);
    assert!(!series.idle(at(1041)).unwrap(), "three files are complete");
    assert_eq!(series.take_events(), [SeriesEvent::Complete { files: 3 }]);
    series.finish().unwrap();
}

#[test]
fn each_file_begins_with_all_that_is_known_of_the_interfaces() {
    let folder = Folder::new();
    let rules = Rotation { frames: Some(1), ..Rotation::default() };
    let ng = SeriesOptions { format: WriteFormat::PcapNg, ..options(&folder, "c", rules) };
    write(ng, &[(1, 9), (2, 9)], 2, || {});
    for name in ["c", "c1"] {
        let seen = read(&fs::read(folder.file(name)).unwrap());
        assert_eq!((seen.frames.len(), &seen.sections[0].interfaces), (1, &section().interfaces));
    }
}

#[test]
fn each_file_that_replaces_the_one_before_is_told_once() {
    let folder = Folder::new();
    let rules = Rotation { seconds: Some(1), ..Rotation::default() };
    let mut series = Series::open(options(&folder, "c", rules), Box::new(Direct), Box::new(|_: &Path| {})).unwrap();
    let section = section();
    for (bytes, records) in blocks(&[(1, 9), (2, 9), (3, 9)], 3) {
        series.write(&Block { section: &section, bytes: &bytes, records: &records, notes: &[] }).unwrap();
    }
    assert!(matches!(&series.take_events()[..], [SeriesEvent::Replaced { .. }]));
    series.finish().unwrap();
    assert_eq!(folder.numbers()["c"], [2]);
}

/// Appends two frames to what a file holds.
fn append(bytes: &[u8], format: WriteFormat) -> Result<(Vec<u8>, Vec<SeriesEvent>), Error> {
    let folder = Folder::new();
    fs::write(folder.file("c"), bytes).unwrap();
    let rules = Rotation::default();
    let options = SeriesOptions { append: true, format, ..options(&folder, "c", rules) };
    let mut series = Series::open(options, Box::new(Direct), Box::new(|_: &Path| {}))?;
    let section = section();
    for (bytes, records) in blocks(&[(1, 9), (2, 9)], 3) {
        series.write(&Block { section: &section, bytes: &bytes, records: &records, notes: &[] })?;
    }
    series.finish()?;
    Ok((fs::read(folder.file("c")).unwrap(), series.take_events()))
}

#[test]
fn appending_cuts_a_torn_end_off_first_and_says_so() {
    let native = ByteOrder::NATIVE;
    let whole = [pcap_header(native, NANO, 0, 1), record(native, 7, 8, b"frame", 5)].concat();
    let ng = [crate::build::section(Big, &[]), interface(Big, 1, 0, &[]), packet(Big, 0, 7, b"frame", 5, &[])].concat();
    for (whole, format) in [(whole, WriteFormat::PcapNano), (ng, WriteFormat::PcapNg)] {
        let torn = [&whole[..], &whole[24..30]].concat();
        for (bytes, cut) in [(&whole, 0), (&torn, 6)] {
            let (after, events) = append(bytes, format).unwrap();
            assert!(after.starts_with(&whole), "{format:?}");
            assert_eq!(read(&after).frames.len(), 3);
            let told = events.iter().map(|event| match event {
                SeriesEvent::Repaired { bytes, .. } => *bytes,
                other => panic!("{other}"),
            });
            assert!(told.eq((cut > 0).then_some(cut)), "{events:?}");
        }
        for bytes in [&whole[..0], &whole[..11]] {
            assert_eq!(read(&append(bytes, format).unwrap().0).frames.len(), 2, "not even a header");
        }
        let other = if format == WriteFormat::PcapNg { WriteFormat::PcapNano } else { WriteFormat::PcapMicro };
        assert!(append(&whole, other).unwrap_err().to_string().contains("another kind"));
    }
}

#[test]
fn appending_to_a_file_of_another_link_type_or_a_damaged_one_is_refused() {
    let native = ByteOrder::NATIVE;
    let raw = pcap_header(native, NANO, 0, 101);
    assert!(matches!(append(&raw, WriteFormat::PcapNano), Err(Error::Unwritable { .. })));
    let damaged = [pcap_header(native, NANO, 0, 1), vec![0xff; 40]].concat();
    assert!(matches!(append(&damaged, WriteFormat::PcapNano), Err(Error::Damaged { .. })));
}
