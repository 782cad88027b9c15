//! Files that are cut, damaged, hostile or no capture files.

use std::io;

use sabueso::file::{self, Cause, Damage, Error, Format, Reader};

use crate::build::*;

fn fault(file: Vec<u8>) -> (Report, Error) {
    let mut seen = read_with(io::Cursor::new(file), PLAIN);
    let error = seen.error.take().expect("a fault");
    (seen, error)
}

/// A small pcap file in pieces.
fn pcap() -> Vec<Vec<u8>> {
    let record = |n: u32, data: &[u8]| record(Little, 1_700_000_000 + n, n, data, data.len() as u32);
    vec![pcap_header(Little, MICRO, 65535, 1), record(1, b"one"), record(2, b"second"), record(3, b"the third")]
}

/// A small pcapng file in pieces.
fn pcapng() -> Vec<Vec<u8>> {
    vec![
        section(Big, &option(Big, 1, b"x")),
        interface(Big, 1, 0, &[]),
        packet(Big, 0, 1, b"one", 3, &[]),
        block(Big, 5, &[0; 12]),
        packet(Big, 0, 2, b"second", 6, &[]),
    ]
}

#[test]
fn cut_anywhere_all_before_the_cut_is_handed_over() {
    for pieces in [pcap(), pcapng()] {
        let file = pieces.concat();
        let whole = read(&file);
        let mut edges = vec![0];
        pieces.iter().for_each(|piece| edges.push(edges.last().unwrap() + piece.len()));
        for cut in 0..=file.len() {
            let seen = read_with(io::Cursor::new(file[..cut].to_vec()), PLAIN);
            let start = *edges.iter().rfind(|edge| **edge <= cut).unwrap();
            assert_eq!(seen.frames, whole.frames[..seen.frames.len()]);
            let frames = if start == 0 { 0 } else { read(&file[..start]).frames.len() };
            match seen.error {
                Some(Error::Empty { .. }) => assert_eq!(cut, 0),
                Some(Error::Unknown { .. }) => assert!(cut < 4),
                Some(Error::Cut { place, needed, available }) => {
                    assert_eq!((place.offset, available), (start as u64, (cut - start) as u64));
                    assert!(needed > available);
                    assert_eq!(frames, seen.frames.len());
                }
                None => assert!(start == cut && frames == seen.frames.len(), "cut at {cut}"),
                other => panic!("cut at {cut}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_fault_names_file_record_offset_needed_and_available() {
    let mut file = pcap().concat();
    file.truncate(file.len() - 4);
    let (_, error) = fault(file);
    assert_eq!(error.to_string(), "test: record 3 at byte 65: the file is cut: needed 25 bytes, available 21");
    let mut pieces = pcap();
    pieces[2][8..12].copy_from_slice(&[0xf0, 0xff, 0xff, 0xff]);
    let (seen, error) = fault(pieces.concat());
    assert_eq!(
        error.to_string(),
        "test: record 2 at byte 43: damaged: more bytes captured than a record may hold: \
         needed 4294967280, available 262144"
    );
    assert_eq!(seen.data(), [b"one"]);
}

#[test]
fn an_error_of_the_system_is_neither_cut_nor_damaged() {
    struct Broken(io::Cursor<Vec<u8>>);
    impl io::Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("the disk is gone")),
                count => Ok(count),
            }
        }
    }
    let seen = read_with(Broken(io::Cursor::new(pcap().concat())), PLAIN);
    assert_eq!(seen.frames.len(), 3);
    let error = seen.error.unwrap();
    assert!(matches!(error, Error::Read { .. }));
    assert_eq!(error.to_string(), "test: record 4 at byte 90: can't read: the disk is gone");
}

#[test]
fn what_is_no_capture_file() {
    for (bytes, message) in [
        (&b""[..], "test: the file is empty"),
        (b"#!/bin/sh", "test: not a capture file: it begins with 23 21 2f 62"),
        (b"\x1f\x8b\x08\x00....", "test: record 1 at byte 0: can't read: the gzip stream in it is cut"),
        (b"\xfd7zXZ\0", "test: compressed with xz: decompress it first"),
    ] {
        assert_eq!(fault(bytes.to_vec()).1.to_string(), message);
    }
    let mut old = pcap_header(Big, MICRO, 1, 1);
    old[5] = 1;
    assert!(matches!(fault(old).1, Error::Version { format: Format::Pcap, major: 1, .. }));
    assert!(matches!(Reader::open("/nonexistent".as_ref(), PLAIN), Err(Error::Open { .. })));
}

#[test]
fn damaged_blocks_by_name() {
    let (shb, idb) = (section(Little, &[]), interface(Little, 1, 0, &[]));
    let good = packet(Little, 0, 1, b"good", 4, &[]);
    let change = |at: usize, value: u32| {
        let mut bad = packet(Little, 0, 2, b"abcd", 4, &[]);
        bad[at..at + 4].copy_from_slice(&value.to_le_bytes());
        bad
    };
    let overrun = [&u16(Little, 2)[..], &u16(Little, 500), b"eth0"].concat();
    for (bad, damage) in [
        (change(4, 0), Damage::BlockLength),
        (change(4, 13), Damage::BlockLength),
        (change(32, 99), Damage::Trailer),
        (change(36 - 4, 40), Damage::Trailer),
        (change(8, 1), Damage::Interface),
        (change(20, 5), Damage::CaptureLength),
        (vec![0; 16], Damage::BlockLength),
        (block(Little, 6, &[0; 16]), Damage::Body),
        (block(Little, 3, &u32(Little, 9)), Damage::CaptureLength),
        (block(Little, 1, &[0; 4]), Damage::Body),
        (interface(Little, 1, 0, &overrun), Damage::Options),
        (block(Little, 0x0a0d0d0a, &[0; 16]), Damage::ByteOrder),
    ] {
        let (seen, error) = fault([&shb[..], &idb, &good, &bad, &good].concat());
        assert_eq!(seen.data(), [b"good"], "{damage}");
        match error {
            Error::Damaged { place, damage: found, .. } => {
                assert_eq!((place.record, place.offset, found), (4, 84, damage));
            }
            other => panic!("{damage}: {other}"),
        }
    }
}

#[test]
fn a_hostile_length_costs_no_memory() {
    let start = [section(Little, &[]), interface(Little, 1, 0, &[])].concat();
    let mut files = vec![
        [&pcap_header(Little, MICRO, 0, 1)[..], &[0; 8], &u32(Little, 16 << 20), &[0; 100]].concat(),
        [&pcap_header(Little, MICRO, 0xffff_ffff, 1)[..], &[0; 8], &u32(Little, 15 << 20), &[0; 100]].concat(),
    ];
    for (kind, len) in [(6, 16 << 20), (0x99, 16 << 20), (6, 0xffff_fffc), (0x99, 0xffff_fffc), (1, 0xffff_fff0)] {
        files.push([&start[..], &u32(Little, kind), &u32(Little, len), &[0; 100]].concat());
    }
    for file in files {
        for options in [PLAIN, RESYNC] {
            let drip = Drip::new(file.clone(), 64);
            let asked = drip.asked.clone();
            let seen = read_with(drip, options);
            assert_eq!(seen.error.is_none(), options.resync);
            assert!(*asked.lock().unwrap() <= 256 << 10);
        }
    }
}

#[test]
fn too_many_interfaces_or_options() {
    let mut file = section(Little, &[]);
    (0..=file::MAX_INTERFACES).for_each(|_| file.extend(interface(Little, 1, 0, &[])));
    assert!(matches!(fault(file).1, Error::TooLarge { needed: 65_537, .. }));
    let options = option(Little, 1, b"").repeat(file::MAX_OPTIONS + 1);
    let (_, error) = fault(section(Little, &options));
    assert!(matches!(error, Error::TooLarge { what: "options of a block", needed: 1025, .. }));
    // Options of a packet are not taken apart: any number is kept.
    let start = [section(Little, &[]), interface(Little, 1, 0, &[])].concat();
    let seen = read(&[start, packet(Little, 0, 1, b"", 0, &options)].concat());
    assert_eq!(seen.frames[0].options, options);
}

#[test]
fn a_packet_block_over_the_limit_is_refused_and_any_other_passed_over() {
    let start = [section(Little, &[]), interface(Little, 1, 0, &[])].concat();
    let good = packet(Little, 0, 1, b"good", 4, &[]);
    let big = vec![0; file::MAX_BLOCK];
    let (seen, error) = fault([&start[..], &good, &block(Little, 6, &big), &good].concat());
    assert_eq!(seen.data(), [b"good"]);
    assert!(matches!(error, Error::TooLarge { what: "bytes of a packet block", .. }));
    let seen = read(&[&start[..], &good, &block(Little, 0x99, &big), &good].concat());
    assert_eq!(seen.data(), [b"good", b"good"]);
    assert_eq!(seen.notices.len(), 1);
    assert_eq!((seen.notices[0].bytes, seen.notices[0].cause), (big.len() as u64 + 12, Cause::TooLarge));
    let (_, error) = fault([&start[..], &block(Little, 0x99, &big)[..1_000_000]].concat());
    assert!(matches!(error, Error::Cut { available: 1_000_000, .. }));
}

#[test]
fn the_longest_records_are_read_and_written() {
    let data = vec![7; file::MAX_RECORD];
    let len = data.len() as u32;
    let file = [pcap_header(Little, MICRO, 0, 1), record(Little, 1, 2, &data, len), record(Little, 1, 3, b"x", 1)];
    let seen = read(&file.concat());
    assert_eq!(seen.frames.len(), 2);
    let copy = rewrite(&file.concat(), file::WriteFormat::PcapNg).unwrap();
    assert!(read(&copy).frames == seen.frames);
}

#[test]
fn resync_goes_on_behind_garbage() {
    for (pieces, at) in [(pcap(), 2), (pcapng(), 3)] {
        let whole = read(&pieces.concat());
        for garbage in [vec![0xff; 4097], vec![0x11; 63], b"\x06\0\0\0 and so on".to_vec()] {
            let mut file = pieces.clone();
            file.insert(at, garbage.clone());
            let offset = file[..at].concat().len() as u64;
            for step in [1, 1_000_000] {
                let seen = read_with(Drip::new(file.concat(), step), RESYNC);
                assert!(seen.error.is_none());
                assert_eq!(seen.frames, whole.frames);
                assert_eq!(seen.notices.len(), 1);
                let notice = &seen.notices[0];
                assert_eq!((notice.place.offset, notice.bytes), (offset, garbage.len() as u64));
            }
        }
    }
}

#[test]
fn resync_says_what_it_left_out() {
    let mut pieces = pcap();
    pieces.insert(2, vec![0xff; 100]);
    let seen = read_with(io::Cursor::new(pieces.concat()), RESYNC);
    assert_eq!(
        seen.notices[0].to_string(),
        "test: record 2 at byte 43: skipped 100 bytes: more bytes captured than a record may hold"
    );
}

#[test]
fn resync_passes_over_a_framed_block_whole() {
    // The damaged packet carries what looks like a block.
    let inner = packet(Little, 0, 9, b"no packet of this file", 22, &[]);
    let mut bad = packet(Little, 7, 1, &inner, inner.len() as u32, &[]);
    let good = packet(Little, 0, 1, b"good", 4, &[]);
    let file = [section(Little, &[]), interface(Little, 1, 0, &[]), bad.clone(), good.clone()].concat();
    assert_eq!(read_with(io::Cursor::new(file), RESYNC).data(), [b"good"]);
    // Too long to be held, it is looked into: that can't be told from a length that lies.
    bad[4] = 0xfc;
    let file = [section(Little, &[]), interface(Little, 1, 0, &[]), good.clone(), bad].concat();
    assert_eq!(read_with(io::Cursor::new(file), RESYNC).data()[0], b"good");
}

#[test]
fn resync_believes_no_block_before_a_section_header() {
    let mut bad = section(Big, &[]);
    bad[8] = 0;
    let part = pcapng().concat();
    let file = [&bad[..], &interface(Big, 1, 0, &[]), &packet(Big, 0, 1, b"lost", 4, &[]), &part].concat();
    let seen = read_with(io::Cursor::new(file), RESYNC);
    assert_eq!(seen.frames, read(&part).frames);
    assert_eq!(seen.sections.len(), 1);
}

#[test]
fn resync_invents_no_packet_from_the_rest_of_a_cut_one() {
    for pieces in [pcap(), pcapng()] {
        let (file, whole) = (pieces.concat(), read(&pieces.concat()));
        for cut in 24..file.len() {
            let seen = read_with(io::Cursor::new(file[..cut].to_vec()), RESYNC);
            assert!(seen.error.is_none() || cut < 40);
            assert_eq!(seen.frames, whole.frames[..seen.frames.len()]);
        }
    }
}
