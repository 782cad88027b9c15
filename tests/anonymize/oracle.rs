//! tshark and capinfos read copies: checksums are right where they were, and all packets are there at their times.

use std::fs;
use std::path::Path;
use std::process::Command;

use sabueso::anonymize::{Anonymizer, Key, Options, Payload};
use sabueso::file::{CreateOptions, Direct, Output, ReadOptions, Reader, WriteFormat, Writer};
use sabueso::frame::{Block, Record, Source, Timestamp};

use super::{KEY, captures, copy};

/// What a program writes; none where it is not there, which is a failure where it must be.
fn output(program: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let mut command = Command::new(program);
    match command.args(arguments).arg(path).env("TZ", "UTC").output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            assert!(std::env::var_os("SABUESO_REQUIRE_ORACLES").is_none(), "{program}: {error}");
            eprintln!("SKIPPED: {program}: {error}");
            None
        }
    }
}

/// Checksums that tshark knows to be bad or good, by packet. It puts no fragments together: their data is gone.
fn checksums(path: &Path) -> Option<Vec<Vec<String>>> {
    const PROTOCOLS: [&str; 6] = ["ip", "tcp", "udp", "icmp", "icmpv6", "igmp"];
    let quiet = ["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"];
    let mut arguments: Vec<String> =
        ["-n", "-T", "fields", "-E", "occurrence=a"].into_iter().chain(quiet).map(str::to_owned).collect();
    for protocol in PROTOCOLS {
        arguments.extend(["-e".to_owned(), format!("{protocol}.checksum.status")]);
        if ["ip", "tcp", "udp"].contains(&protocol) {
            arguments.extend(["-o".to_owned(), format!("{protocol}.check_checksum:TRUE")]);
        }
    }
    arguments.push("-r".to_owned());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let text = output("tshark", &arguments, path)?;
    Some(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// What tshark says of them.
const WRONG: &str = "0";
const RIGHT: &str = "1";

/// Packets with checksums that tshark finds wrong in copies alone, and why.
const UNLIKE: [(&str, usize, &str); 2] = [
    ("ipv6-extensions.pcap", 24, "ICMP in IPv6 is not known, and zeros"),
    ("ipv6-malformed.pcap", 2, "more bytes than there are: tshark takes the length for that of those there are"),
];

#[test]
fn checksums_are_right_where_they_were_by_tshark() {
    let folder = std::env::temp_dir().join(format!("sabueso-anonymize-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let [originals, copies] = ["originals.pcapng", "copies.pcapng"].map(|name| folder.join(name));
    // All captures in one file, as tshark takes long to begin.
    let mut anonymizer = Anonymizer::new(&Key::new(KEY), Options { payload: Payload::Zero, ..Options::default() });
    let [mut original, mut copy] = [&originals, &copies].map(|path| {
        Writer::new(Output::create(path, &CreateOptions::default(), &mut Direct).unwrap(), WriteFormat::PcapNg)
    });
    let mut packets = Vec::new();
    for path in captures() {
        // What those have is in others too, and tshark does not read on behind what it does not like.
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("damaged") || name.starts_with("pcap") {
            continue;
        }
        let mut reader = Reader::open(&path, ReadOptions::default()).unwrap();
        let mut number = 0;
        while let Some(block) = reader.next_block().unwrap() {
            // The options of a packet and the notes between packets have tests of their own.
            let records: Vec<Record> =
                block.records.iter().map(|record| Record { options: (0, 0), ..*record }).collect();
            let block = Block { records: &records, notes: &[], ..block };
            packets.extend(records.iter().map(|_| {
                number += 1;
                (name.clone(), number)
            }));
            original.write_block(&block).unwrap();
            copy.write_block(&anonymizer.block(&block)).unwrap();
        }
    }
    original.finish().unwrap();
    copy.finish().unwrap();

    let (Some(original), Some(copy)) = (checksums(&originals), checksums(&copies)) else { return };
    assert_eq!((original.len(), copy.len()), (packets.len(), packets.len()));
    let (mut right, mut wrong, mut made_wrong) = (0, 0, Vec::new());
    for ((original, copy), packet) in original.iter().zip(&copy).zip(packets) {
        for (original, copy) in original.iter().zip(copy) {
            // Where there are several, what is cut may have had some.
            for both in original.split(',').zip(copy.split(',')) {
                match both {
                    (RIGHT, RIGHT) => right += 1,
                    (RIGHT, WRONG) => made_wrong.push(packet.clone()),
                    // Of a packet that is not all there nobody knows whether it was wrong.
                    (WRONG, WRONG) => wrong += 1,
                    _ => {}
                }
            }
        }
    }
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(made_wrong, UNLIKE.map(|(name, number, _)| (name.to_owned(), number)));
    assert!(right > 2000 && wrong > 50, "{right} {wrong}");
}

/// Times and lengths on the wire.
fn packets(mut reader: Reader) -> Vec<(Timestamp, u32)> {
    let mut packets = Vec::new();
    while let Ok(Some(block)) = reader.next_block() {
        packets.extend(block.frames().map(|frame| (frame.time, frame.wire_len)));
    }
    packets
}

#[test]
fn all_packets_are_there_at_their_times() {
    let hour = 3_600_000_000_000;
    for path in captures() {
        let Ok(original) = Reader::open(&path, ReadOptions::default()) else { continue };
        let original = packets(original);
        let again = |shift| {
            let (bytes, _) = copy(&path, KEY, Options { shift, ..Options::default() });
            packets(Reader::new(Box::new(std::io::Cursor::new(bytes)), "copy", ReadOptions::default()).unwrap())
        };
        assert_eq!(again(0), original, "{}", path.display());
        // Times at the end of what a file can say have no room to be shifted.
        if !path.to_string_lossy().contains("time") && !path.to_string_lossy().contains("resolution") {
            let later = |time: Timestamp| Timestamp::from_nanos(time.as_nanos() + hour);
            let shifted: Vec<_> = original.into_iter().map(|(time, length)| (later(time), length)).collect();
            assert_eq!(again(hour), shifted, "{}", path.display());
        }
    }
}

#[test]
fn capinfos_reads_every_copy() {
    let folder = std::env::temp_dir().join(format!("sabueso-anonymize-capinfos-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for path in captures() {
        let (bytes, counts) = copy(&path, KEY, Options::default());
        let anonymous = folder.join("copy.pcapng");
        fs::write(&anonymous, bytes).unwrap();
        let Some(text) = output("capinfos", &["-M", "-c", "-k"], &anonymous) else { return };
        let packets = text.lines().find_map(|line| line.strip_prefix("Number of packets:")).map(str::trim);
        assert_eq!(packets, Some(counts.packets.to_string().as_str()), "{}: {text}", path.display());
        assert!(counts.packets == 0 || text.contains("Anonymized: "), "{}: {text}", path.display());
    }
    fs::remove_dir_all(&folder).unwrap();
}
