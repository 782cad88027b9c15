//! Reading pcapng, and writing what was read.

use sabueso::file::{Error, Format, Reader, WriteFormat};
use sabueso::frame::{ByteOrder, Direction, FrameFlags, LinkType, Resolution};

use crate::build::*;

/// What a copy as pcapng holds must be what the file holds; returns that.
fn kept(file: &[u8]) -> Report {
    let seen = read(file);
    let copy = read(&rewrite(file, WriteFormat::PcapNg).unwrap());
    assert_eq!(copy.frames, seen.frames);
    assert_eq!(copy.notes, seen.notes);
    assert_eq!(copy.sections.len(), seen.sections.len());
    for (copy, section) in copy.sections.iter().zip(&seen.sections) {
        assert_eq!(
            (copy.number, copy.byte_order, &copy.interfaces),
            (section.number, section.byte_order, &section.interfaces)
        );
        assert!(copy.options == section.options || section.options.is_empty());
    }
    seen
}

#[test]
fn both_orders() {
    for order in [Little, Big] {
        let file =
            [section(order, &[]), interface(order, 1, 96, &[]), packet(order, 0, 0x1_0000_0000, b"frame", 1500, &[])];
        let seen = kept(&file.concat());
        assert_eq!(seen.times(), [(4294, 967_296_000)]);
        assert_eq!((seen.data(), seen.frames[0].wire), (vec![&b"frame"[..]], 1500));
        assert_eq!(seen.sections[0].byte_order, order);
        assert_eq!(seen.sections[0].interfaces[0].snap_len, 96);
    }
}

#[test]
fn a_section_may_change_the_order_and_the_interfaces() {
    let file = [
        section(Little, &option(Little, 1, b"first")),
        interface(Little, 1, 0, &option(Little, 2, b"eth0")),
        packet(Little, 0, 1, b"a", 1, &[]),
        section(Big, &option(Big, 1, b"second")),
        interface(Big, 113, 0, &option(Big, 2, b"any")),
        interface(Big, 101, 0, &[]),
        packet(Big, 1, 2, b"b", 1, &[]),
        packet(Big, 0, 3, b"c", 1, &[]),
        section(Little, &[]),
    ];
    let seen = kept(&file.concat());
    let links = seen.frames.iter().map(|f| (f.section, f.link)).collect::<Vec<_>>();
    assert_eq!(links, [(0, LinkType::EN10MB), (1, LinkType::RAW), (1, LinkType::LINUX_SLL)]);
    let sections = seen.sections.iter().map(|s| (s.number, s.byte_order, s.interfaces.len())).collect::<Vec<_>>();
    assert_eq!(sections, [(0, ByteOrder::Little, 1), (1, ByteOrder::Big, 2), (2, ByteOrder::Little, 0)]);
    assert_eq!(seen.sections[1].options, [raw(1, b"second")]);
    assert_eq!(seen.sections[1].interfaces[0].name(), Some(&b"any"[..]));
}

#[test]
fn interfaces_may_come_between_packets() {
    let file = [
        section(Big, &[]),
        interface(Big, 1, 0, &[]),
        packet(Big, 0, 1, b"a", 1, &[]),
        interface(Big, 228, 0, &[]),
        packet(Big, 1, 2, b"b", 1, &[]),
    ];
    let seen = kept(&file.concat());
    assert_eq!(seen.frames.iter().map(|f| f.link).collect::<Vec<_>>(), [LinkType::EN10MB, LinkType::IPV4]);
}

#[test]
fn every_resolution_and_offset() {
    for (tsresol, ticks, secs, nanos, resolution) in [
        (3u8, 1_002, 1, 2_000_000, Resolution::Decimal(3)),
        (6, 1_000_002, 1, 2_000, Resolution::MICRO),
        (9, 1_000_000_002, 1, 2, Resolution::NANO),
        (12, 1_000_000_002_999, 1, 2, Resolution::Decimal(12)),
        (0x7f, u64::MAX, 0, 0, Resolution::Decimal(127)),
        (0x8a, 1536, 1, 500_000_000, Resolution::Binary(10)),
        (0xff, u64::MAX, 0, 0, Resolution::Binary(127)),
    ] {
        for order in [Little, Big] {
            for offset in [0i64, 1_000, -1_000] {
                let bytes = if order == Big { offset.to_be_bytes() } else { offset.to_le_bytes() };
                let options = [option(order, 9, &[tsresol]), option(order, 14, &bytes), option(order, 0, &[])].concat();
                let file =
                    [section(order, &[]), interface(order, 1, 0, &options), packet(order, 0, ticks, b"", 0, &[])];
                let seen = kept(&file.concat());
                assert_eq!(seen.times(), [(secs + offset, nanos)], "{tsresol:#x}");
                assert_eq!(seen.sections[0].interfaces[0].resolution, resolution);
                assert_eq!(seen.sections[0].interfaces[0].options, [raw(14, &bytes)]);
            }
        }
    }
}

#[test]
fn simple_packets_are_cut_by_the_snap_length() {
    for (snap_len, captured) in [(0, 6), (4, 4)] {
        let body = [&u32(Little, 6)[..], &padded(&b"packet"[..captured])].concat();
        let file = [section(Little, &[]), interface(Little, 1, snap_len, &[]), block(Little, 3, &body)];
        let seen = kept(&file.concat());
        assert_eq!((seen.data(), seen.frames[0].wire), (vec![&b"packet"[..captured]], 6));
        assert_eq!(seen.times(), [(0, 0)]);
    }
}

#[test]
fn old_packet_blocks() {
    for order in [Little, Big] {
        let fields = [0, 5_000_000, 3, 3].map(|field| u32(order, field)).concat();
        let options = [option(order, 2, &u32(order, 2)), option(order, 0, &[])].concat();
        let body = [&u16(order, 1)[..], &u16(order, 0xffff), &fields, b"old\0", &options].concat();
        let file =
            [section(order, &[]), interface(order, 1, 0, &[]), interface(order, 101, 0, &[]), block(order, 2, &body)];
        let seen = kept(&file.concat());
        assert_eq!((seen.times(), seen.data()), (vec![(5, 0)], vec![&b"old"[..]]));
        assert_eq!((seen.frames[0].interface, seen.frames[0].link), (1, LinkType::RAW));
        assert_eq!(seen.frames[0].direction(), Direction::Outbound);
    }
}

#[test]
fn packet_options_are_kept_as_they_stand() {
    let options = [
        option(Little, 1, b"a comment"),
        option(Little, 1, b"\xff\xfe not UTF-8"),
        option(Little, 2, &u32(Little, 1 | FrameFlags::CHECKSUM_NOT_READY)),
        option(Little, 3, b"\x02hash"),
        option(Little, 4, &[1, 0, 0, 0, 0, 0, 0, 0]),
        option(Little, 5, &[5; 8]),
        option(Little, 6, &[6; 4]),
        option(Little, 7, b"\x01verdict"),
        option(Little, 2988, b"\0\0\0\x01custom"),
        option(Little, 0x7fff, b"unknown"),
        option(Little, 0, &[]),
    ];
    let file = [
        section(Little, &[]),
        interface(Little, 1, 0, &[]),
        packet(Little, 0, 1, b"abc", 3, &options.concat()),
        packet(Little, 0, 1, b"no end mark", 11, &option(Little, 1, b"c")),
    ];
    let seen = kept(&file.concat());
    assert_eq!(seen.frames[0].options, options.concat());
    assert_eq!(seen.frames[0].direction(), Direction::Inbound);
    assert!(seen.frames[0].flags.has(FrameFlags::CHECKSUM_NOT_READY));
}

#[test]
fn damaged_packet_options_cost_no_packet() {
    let options = [&u16(Little, 1)[..], &u16(Little, 60_000), b"abcd"].concat();
    let file = [section(Little, &[]), interface(Little, 1, 0, &[]), packet(Little, 0, 1, b"abcd", 4, &options)];
    let seen = kept(&file.concat());
    assert_eq!((seen.data(), &seen.frames[0].options), (vec![&b"abcd"[..]], &options));
}

#[test]
fn section_and_interface_options_are_kept() {
    let shb = [option(Big, 2, b"hardware"), option(Big, 3, b"os"), option(Big, 4, b"app"), option(Big, 1, b"\xc3(")];
    let idb = [
        option(Big, 2, b"\xffeth0\x1b["),
        option(Big, 3, b"description"),
        option(Big, 11, b"\0tcp"),
        option(Big, 12, b"Linux"),
        option(Big, 8, &[0; 8]),
        option(Big, 2989, b"\0\0\0\x01custom"),
        option(Big, 0, &[]),
    ];
    let file = [section(Big, &shb.concat()), interface(Big, 1, 0, &idb.concat()), packet(Big, 0, 1, b"a", 1, &[])];
    let seen = kept(&file.concat());
    assert_eq!(seen.sections[0].options.len(), 4);
    assert_eq!(seen.sections[0].interfaces[0].options.len(), 6);
    assert_eq!(seen.sections[0].interfaces[0].name(), Some(&b"\xffeth0\x1b["[..]));
}

#[test]
fn blocks_without_a_packet_are_kept_in_their_place() {
    let note = |kind: u32| block(Big, kind, &kind.to_be_bytes());
    let file = [
        section(Big, &[]),
        interface(Big, 1, 0, &[]),
        note(4),
        packet(Big, 0, 1, b"a", 1, &[]),
        note(5),
        note(0xbad),
        packet(Big, 0, 2, b"b", 1, &[]),
        note(9),
        note(10),
        note(0x4000_0bad),
        note(0x8000_1234),
        block(Big, 0x77, &[]),
    ];
    let seen = kept(&file.concat());
    let order = seen.notes.iter().map(|(kind, _, before)| (*kind, *before)).collect::<Vec<_>>();
    let expected = [(4, 0), (5, 1), (0xbad, 1), (9, 2), (10, 2), (0x4000_0bad, 2), (0x8000_1234, 2), (0x77, 2)];
    assert_eq!(order, expected);
    assert_eq!(seen.notes[1].1, 5u32.to_be_bytes());
}

#[test]
fn what_is_known_after_opening() {
    let file = [section(Big, &[]), interface(Big, 113, 77, &[]), packet(Big, 0, 0, b"", 0, &[])].concat();
    for step in [1, 1_000] {
        let reader = Reader::new(Box::new(Drip::new(file.clone(), step)), "f", PLAIN).unwrap();
        assert_eq!(reader.format(), Format::PcapNg);
        assert_eq!((reader.link_type(), reader.snap_len()), (Some(LinkType::LINUX_SLL), Some(77)));
    }
    let reader = Reader::new(Box::new(std::io::Cursor::new(section(Big, &[]))), "f", PLAIN).unwrap();
    assert_eq!((reader.link_type(), reader.snap_len()), (None, None));
}

#[test]
fn another_version_is_refused() {
    let mut file = section(Little, &[]);
    file[14] = 1;
    match read_with(std::io::Cursor::new(file), PLAIN).error {
        Some(Error::Version { format: Format::PcapNg, major: 1, minor: 1, .. }) => {}
        other => panic!("{other:?}"),
    }
}
