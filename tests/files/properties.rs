//! What must hold for any bytes.

use std::io;

use proptest::prelude::*;
use sabueso::file::WriteFormat;
use sabueso::frame::ByteOrder;

use crate::build::*;

fn order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(Little), Just(Big)]
}

/// A valid pcapng file of several sections.
fn pcapng() -> impl Strategy<Value = Vec<u8>> {
    let frames = prop::collection::vec((any::<u64>(), prop::collection::vec(any::<u8>(), 0..40), any::<u32>()), 0..5);
    let part = (order(), any::<u8>(), any::<i64>(), any::<u16>(), frames, prop::collection::vec(any::<u8>(), 0..9));
    prop::collection::vec(part, 1..4).prop_map(|parts| {
        let mut file = Vec::new();
        for (order, tsresol, offset, link, frames, text) in parts {
            let bytes = if order == Big { offset.to_be_bytes() } else { offset.to_le_bytes() };
            let options = [option(order, 14, &bytes), option(order, 9, &[tsresol]), option(order, 2, &text)].concat();
            file.extend(section(order, &option(order, 1, &text)));
            file.extend(interface(order, link, 0, &options));
            for (ticks, data, wire) in frames {
                let flags = option(order, 2, &u32(order, wire));
                file.extend(packet(order, 0, ticks, &data, wire, &flags));
                file.extend(block(order, 0xbad, &padded(&text)));
            }
        }
        file
    })
}

/// A valid pcap file.
fn pcap() -> impl Strategy<Value = Vec<u8>> {
    let frames =
        prop::collection::vec((any::<u32>(), 0u32..2_000_000, prop::collection::vec(any::<u8>(), 0..40)), 0..9);
    (order(), prop_oneof![Just(MICRO), Just(NANO)], any::<u16>(), frames).prop_map(|(order, magic, link, frames)| {
        let mut file = pcap_header(order, magic, 65_535, link.into());
        for (secs, fraction, data) in frames {
            // The last second is left for the fraction to be carried into.
            file.extend(record(order, secs & !3, fraction, &data, data.len() as u32));
        }
        file
    })
}

proptest! {
    #[test]
    fn a_pcapng_file_is_read_written_and_read_the_same(file in pcapng()) {
        let (seen, copy) = (read(&file), read(&rewrite(&file, WriteFormat::PcapNg).unwrap()));
        prop_assert_eq!(&copy.frames, &seen.frames);
        prop_assert_eq!(&copy.notes, &seen.notes);
        prop_assert_eq!(&copy.sections, &seen.sections);
    }

    #[test]
    fn a_pcap_file_is_read_written_and_read_the_same(file in pcap()) {
        let seen = read(&file);
        for format in [WriteFormat::PcapNano, WriteFormat::PcapNg] {
            prop_assert_eq!(&read(&rewrite(&file, format).unwrap()).frames, &seen.frames);
        }
    }

    #[test]
    fn a_damaged_file_is_read_to_an_end_and_alike_however_it_comes(
        file in prop_oneof![pcap(), pcapng()],
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
        cut in any::<prop::sample::Index>(),
        step in 1usize..50,
    ) {
        let mut file = file;
        for (at, value) in changes {
            let at = at.index(file.len());
            file[at] = value;
        }
        file.truncate(cut.index(file.len()) + 1);
        for options in [PLAIN, RESYNC] {
            let whole = read_with(io::Cursor::new(file.clone()), options);
            let drip = read_with(Drip::new(file.clone(), step), options);
            prop_assert_eq!(&drip.frames, &whole.frames);
            prop_assert_eq!(&drip.notices, &whole.notices);
            prop_assert_eq!(drip.error.map(|e| e.to_string()), whole.error.map(|e| e.to_string()));
        }
    }

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300), start in 0usize..4) {
        let starts = [vec![], pcap_header(Little, MICRO, 0, 1), section(Big, &[]), pcap_header(Big, MODIFIED, 9, 1)];
        let file = [&starts[start][..], &bytes].concat();
        read_with(io::Cursor::new(file.clone()), PLAIN);
        read_with(io::Cursor::new(file), RESYNC);
    }
}
