//! TLS hellos over TCP and QUIC as tshark sees them: names, protocols, cipher suites, and JA4 made of its fields.

use std::path::Path;
use std::process::Command;

use sabueso::budget::Budget;
use sabueso::decode::application::Message;
use sabueso::decode::tls::{self, CLIENT_HELLO, ClientHello, Ja4, Transport};
use sabueso::file::{ReadOptions, Reader};
use sabueso::frame::Source;
use sabueso::reassembly::{Event, Follow, Heard};
use sha2::{Digest, Sha256};

/// The number of the frame that a hello is whole with, the host, protocols and cipher suites in it, and its fingerprint.
type Row = (u64, String, String, Vec<u16>, String);

const CAPTURES: [(&str, usize); 2] = [("tls-hellos.pcap", 8), ("quic-initials.pcap", 4)];

fn row(number: u64, body: &[u8], transport: Transport) -> Option<Row> {
    let hello = ClientHello::parse(body)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let protocols: Vec<String> = hello.alpn().map(text).collect();
    let name = hello.server_name().map(text).unwrap_or_default();
    let fingerprint = Ja4::of(&hello, transport).to_string();
    Some((number, name, protocols.join(","), hello.cipher_suites().collect(), fingerprint))
}

fn ours(path: &Path) -> Vec<Row> {
    let mut reader = Reader::open(path, ReadOptions::default()).expect("the capture");
    let mut follow = Follow::new(&Budget::new(1 << 20));
    let (mut rows, mut number) = (Vec::new(), 0);
    while let Some(block) = reader.next_block().expect("a block") {
        for frame in block.frames() {
            number += 1;
            follow.frame(&frame, |event| match event {
                Event::Heard(Heard { message: Message::Tls(tls::Message::Hello { kind, body, .. }), .. })
                    if *kind == CLIENT_HELLO =>
                {
                    rows.extend(row(number, body, Transport::Tcp));
                }
                Event::Quic(_, Some(initial)) => {
                    let hello = initial.hello.iter().filter(|hello| hello.kind == CLIENT_HELLO);
                    rows.extend(hello.filter_map(|hello| row(number, &hello.body, Transport::Quic)));
                }
                _ => {}
            });
        }
    }
    rows
}

fn numbers(list: &str) -> Vec<u16> {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16),
        None => text.parse(),
    };
    list.split(',').filter(|text| !text.is_empty()).map(|text| number(text).expect("a number")).collect()
}

/// JA4 by its description, of what tshark tells.
fn fingerprint(quic: bool, columns: &[&str]) -> String {
    let plain = |list: &str| -> Vec<u16> {
        numbers(list).into_iter().filter(|n| !(n & 0x0f0f == 0x0a0a && n >> 8 == n & 0xff)).collect()
    };
    let listed = |numbers: &[u16]| numbers.iter().map(|n| format!("{n:04x}")).collect::<Vec<_>>().join(",");
    let hash = |text: &str| match text {
        "" => "0".repeat(12),
        text => Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect(),
    };
    let [_, _, protocols, ciphers, extensions, versions, version, algorithms] = columns else { panic!("{columns:?}") };
    let (mut ciphers, mut extensions) = (plain(ciphers), plain(extensions));
    let version = plain(versions).into_iter().max().unwrap_or_else(|| numbers(version)[0]);
    let name = if extensions.contains(&0) { 'd' } else { 'i' };
    let (many_ciphers, many_extensions) = (ciphers.len(), extensions.len());
    let first = protocols.split(',').next().filter(|name| !name.is_empty()).unwrap_or("00");
    let (start, end) = (first.chars().next().unwrap(), first.chars().last().unwrap());
    ciphers.sort_unstable();
    extensions.sort_unstable();
    extensions.retain(|extension| !matches!(extension, 0 | 16));
    let algorithms = listed(&plain(algorithms));
    let behind = if algorithms.is_empty() { listed(&extensions) } else { listed(&extensions) + "_" + &algorithms };
    format!(
        "{}{}{name}{many_ciphers:02}{many_extensions:02}{start}{end}_{}_{}",
        if quic { 'q' } else { 't' },
        if version == 0x0304 { "13" } else { "12" },
        hash(&listed(&ciphers)),
        hash(&behind),
    )
}

/// None where there is no tshark.
fn theirs(path: &Path) -> Option<Vec<Row>> {
    let fields = [
        "frame.number",
        "tls.handshake.extensions_server_name",
        "tls.handshake.extensions_alpn_str",
        "tls.handshake.ciphersuite",
        "tls.handshake.extension.type",
        "tls.handshake.extensions.supported_version",
        "tls.handshake.version",
        "tls.handshake.sig_hash_alg",
    ];
    let mut command = Command::new("tshark");
    command
        .args(["-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", "tls.handshake.type == 1", "-T", "fields", "-r"])
        .arg(path);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let said = String::from_utf8_lossy(&command.output().ok()?.stdout).into_owned();
    let quic = path.ends_with("quic-initials.pcap");
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [number, name, protocols, ciphers, ..] = columns[..] else { panic!("{line}") };
        let number = number.parse().expect("a number");
        (number, name.into(), protocols.into(), numbers(ciphers), fingerprint(quic, &columns))
    };
    // A hello that has no ciphers could not be read; tshark writes control characters its own way.
    let rows = said.lines().map(row).filter(|row: &Row| !row.3.is_empty() && !row.2.contains('\\'));
    Some(rows.collect())
}

#[test]
fn tshark_sees_the_same_hellos() {
    for (name, count) in CAPTURES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
        let Some(theirs) = theirs(&path) else { return eprintln!("*skipped* tshark_sees_the_same_hellos: no tshark") };
        let ours: Vec<Row> = ours(&path).into_iter().filter(|row| !row.1.contains('\x1b')).collect();
        assert_eq!(ours, theirs, "{name}: ours, theirs");
        assert!(ours.len() == count, "{name}: {} hellos", ours.len());
    }
}
