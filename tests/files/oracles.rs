//! What capinfos, tshark and pcap-file make of the files written here.

use std::fs;
use std::process::Command;

use sabueso::file::WriteFormat;

use crate::build::*;
use crate::follow::Scratch;

/// What a program prints; `None`, said aloud, where it is not installed.
fn output(program: &str, args: &[&str]) -> Option<String> {
    match Command::new(program).args(args).output() {
        Ok(output) => {
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) => {
            eprintln!("SKIPPED: {program}: {error}");
            None
        }
    }
}

/// Two sections of either order, two interfaces, options of every level, notes.
fn file() -> Vec<u8> {
    let mut file = Vec::new();
    for order in [Little, Big] {
        let options = [option(order, 9, &[9]), option(order, 2, b"eth0"), option(order, 0, &[])].concat();
        let comment = [option(order, 1, b"a comment"), option(order, 0, &[])].concat();
        file.extend(section(order, &comment));
        file.extend(interface(order, 1, 0, &options));
        file.extend(interface(order, 1, 0, &[]));
        file.extend(packet(order, 0, 1_700_000_000_000_000_001, &[0x55; 60], 1500, &comment));
        file.extend(packet(order, 1, 1_700_000_001_000_002, &[0x66; 61], 61, &[]));
        let fields = [0, 395_812, 1_000].map(|field| u32(order, field)).concat();
        file.extend(block(order, 5, &fields));
    }
    file
}

#[test]
fn capinfos_counts_the_same() {
    let path = Scratch::new("capinfos");
    for format in [WriteFormat::PcapMicro, WriteFormat::PcapNano, WriteFormat::PcapNg] {
        fs::write(&path.0, rewrite(&file(), format).unwrap()).unwrap();
        let Some(said) = output("capinfos", &["-T", "-M", "-r", "-c", path.0.to_str().unwrap()]) else { return };
        assert_eq!(said.trim().split('\t').nth(1), Some("4"));
    }
}

#[test]
fn tshark_reads_times_lengths_names_and_comments() {
    let path = Scratch::new("tshark");
    fs::write(&path.0, rewrite(&file(), WriteFormat::PcapNg).unwrap()).unwrap();
    let fields = ["frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_name", "frame.comment"];
    let mut args = vec!["-r", path.0.to_str().unwrap(), "-T", "fields", "-E", "separator=|"];
    fields.iter().for_each(|field| args.extend(["-e", field]));
    let Some(said) = output("tshark", &args) else { return };
    let lines = said.lines().collect::<Vec<_>>();
    assert_eq!(lines[0], "1700000000.000000001|1500|60|eth0|a comment");
    assert!(lines[1].starts_with("1700000001.000002000|61|61|"), "{}", lines[1]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn pcap_file_reads_what_is_written() {
    let bytes = rewrite(&file(), WriteFormat::PcapNg).unwrap();
    let (mut rest, mut parser) = pcap_file::pcapng::PcapNgParser::new(&bytes).unwrap();
    let mut blocks = 1;
    while !rest.is_empty() {
        (rest, _) = parser.next_block(rest).unwrap();
        blocks += 1;
    }
    assert_eq!(blocks, 12);
}
