//! Reading pcap.

use sabueso::file::{Format, Reader};
use sabueso::frame::{LinkType, Resolution, Source};

use crate::build::*;

#[test]
fn both_orders_and_resolutions() {
    for order in [Little, Big] {
        for (magic, fraction, nanos, resolution) in
            [(MICRO, 7, 7_000, Resolution::MICRO), (NANO, 123_456_789, 123_456_789, Resolution::NANO)]
        {
            let file = [pcap_header(order, magic, 96, 1), record(order, 5, fraction, b"frame", 1500)].concat();
            let seen = read(&file);
            assert_eq!(seen.times(), [(5, nanos)]);
            assert_eq!(seen.data(), [b"frame"]);
            assert_eq!((seen.frames[0].wire, seen.frames[0].link), (1500, LinkType::EN10MB));
            let section = &seen.sections[0];
            assert_eq!((section.number, section.byte_order), (0, order));
            assert_eq!((section.interfaces[0].snap_len, section.interfaces[0].resolution), (96, resolution));
        }
    }
}

#[test]
fn modified_records_have_eight_bytes_more() {
    for order in [Little, Big] {
        let extra = |data: &[u8]| {
            let mut record = record(order, 1, 2, data, data.len() as u32);
            record.splice(16..16, [9; 8]);
            record
        };
        let file = [pcap_header(order, MODIFIED, 65535, 1), extra(b"one"), extra(b"two!")].concat();
        let seen = read(&file);
        assert_eq!(seen.data(), [&b"one"[..], b"two!"]);
        assert_eq!(seen.times(), [(1, 2_000), (1, 2_000)]);
    }
}

#[test]
fn the_link_word_keeps_its_check_sequence_bits() {
    let file = [pcap_header(Little, MICRO, 65535, 0x2400_0001), record(Little, 0, 0, b"x", 1)].concat();
    let seen = read(&file);
    assert_eq!(seen.frames[0].link, LinkType::EN10MB);
    assert_eq!(seen.sections[0].interfaces[0].options, [raw(13, &[32])]);
    let copy = rewrite(&file, sabueso::file::WriteFormat::PcapMicro).unwrap();
    assert_eq!(copy[20..24], 0x2400_0001u32.to_ne_bytes());
}

#[test]
fn snap_length_zero_is_no_limit() {
    let data = vec![7; 300_000];
    let file = [pcap_header(Little, MICRO, 0, 1), record(Little, 0, 0, &data, 300_000)].concat();
    assert_eq!(read(&file).data(), [data]);
}

#[test]
fn more_captured_than_the_snap_length_or_the_wire_is_taken_as_tcpdump_takes_it() {
    let file = [pcap_header(Little, MICRO, 4, 1), record(Little, 0, 0, b"longer", 2)].concat();
    let seen = read(&file);
    assert_eq!((seen.data(), seen.frames[0].wire), (vec![&b"longer"[..]], 2));
}

#[test]
fn a_fraction_of_a_second_or_more_is_carried() {
    let file = [pcap_header(Little, MICRO, 0, 1), record(Little, 9, 1_000_001, b"", 0)].concat();
    assert_eq!(read(&file).times(), [(10, 1_000)]);
    let file = [pcap_header(Little, NANO, 0, 1), record(Little, u32::MAX, u32::MAX, b"", 0)].concat();
    assert_eq!(read(&file).times(), [(4_294_967_299, 294_967_295)]);
}

#[test]
fn what_is_known_after_opening() {
    let file = pcap_header(Big, NANO, 128, 113);
    let mut reader = Reader::new(Box::new(std::io::Cursor::new(file)), "f", PLAIN).unwrap();
    assert_eq!(reader.format(), Format::Pcap);
    assert_eq!((reader.link_type(), reader.snap_len()), (Some(LinkType::LINUX_SLL), Some(128)));
    assert!(reader.next_block().unwrap().is_none());
}

#[test]
fn many_records_come_in_blocks_of_about_256_kib() {
    let mut file = pcap_header(Little, MICRO, 65535, 1);
    for at in 0..5_000 {
        file.extend(record(Little, at, 0, &[at as u8; 200], 200));
    }
    let mut reader = Reader::new(Box::new(std::io::Cursor::new(file)), "f", PLAIN).unwrap();
    let (mut frames, mut blocks) = (0, 0);
    while let Some(block) = reader.next_block().unwrap() {
        assert!(block.bytes.len() <= 256 << 10);
        for frame in block.frames() {
            assert_eq!((frame.time.secs(), frame.data), (frames, &[frames as u8; 200][..]));
            frames += 1;
        }
        blocks += 1;
    }
    assert_eq!((frames, blocks), (5_000, 5));
}

#[test]
fn from_a_pipe_a_few_bytes_at_a_time() {
    let file = [pcap_header(Little, MICRO, 99, 1), record(Little, 1, 0, b"a", 1), record(Little, 2, 0, b"bc", 2)];
    for step in [1, 3, 17] {
        let seen = read_with(Drip::new(file.concat(), step), PLAIN);
        assert!(seen.error.is_none());
        assert_eq!(seen.data(), [&b"a"[..], b"bc"]);
    }
}
