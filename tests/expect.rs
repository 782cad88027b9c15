//! `sabueso expect`: what it ends with, and what it says of the packet that came nearest.

use std::path::Path;
use std::process::Command;

/// The exit status, and what is said on standard error but for the first line.
fn expect(arguments: &[&str]) -> (i32, String) {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
    let output =
        command.arg("expect").args(arguments).current_dir(captures).env("TZ", "UTC").output().expect("it runs");
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    let said = said.lines().filter(|line| !line.starts_with("reading from")).collect::<Vec<_>>().join("\n");
    (output.status.code().expect("it ends by itself"), said)
}

#[test]
fn what_is_there_is_no_failure() {
    let fulfilled = [
        &["dns.pcap", "dns.qname ~ \"missing\" and udp.dst == 53"][..],
        &["dns.pcap", "dns.qname ~ \"missing\" and udp.dst == 53", "--count", "1"],
        &["dns.pcap", "dns and udp", "--count", "12", "--within", "1s"],
        &["dns.pcap", "dns and udp", "--count", "2..", "--within", "5ms"],
        &["dns.pcap", "icmp", "--count", "0"],
        &["dns.pcap", "dns-over-segments.pcap", "tcp.flags.syn", "--count", "..99"],
        &["dns.pcap", "frame", "--filter", "udp port 53", "--count", "12"],
    ];
    for arguments in fulfilled {
        assert_eq!(expect(arguments), (0, String::new()), "{arguments:?}");
    }
}

#[test]
fn the_nearest_packet_is_shown_with_what_it_lacks() {
    let (status, said) = expect(&["dns.pcap", "dns.qname ~ \"missing\" and udp.dst == 54 and ip"]);
    assert_eq!(status, 1);
    let expected =
        "sabueso: expected 1 or more packets that fulfil 'dns.qname ~ \"missing\" and udp.dst == 54 and ip', found 0
nearest is packet 11 at 23:00:08.254097, which fulfils 2 of 3:
    23:00:08.254097 IP 192.0.2.1.51934 > 198.51.100.2.53: 3837+ [1au] A? missing.example. (56)
    but not udp.dst == 54: it has 53";
    assert_eq!(said, expected);
}

#[test]
fn too_many_and_too_late_are_failures() {
    let (status, said) = expect(&["dns.pcap", "dns", "--count", "2"]);
    assert_eq!((status, said.as_str()), (1, "sabueso: expected 2 packets that fulfil 'dns', found at least 3"));
    let (status, said) =
        expect(&["dns.pcap", "dns.qname ~ \"missing\" and not dns.response", "--count", "2", "--within", "1ms"]);
    assert_eq!(status, 1);
    assert!(said.contains("from first to last"), "{said}");
}

#[test]
fn wrong_usage_is_told_before_anything_is_read() {
    let (status, said) = expect(&["nosuch.pcap", "tcp port 80"]);
    assert_eq!(status, 2);
    assert!(said.contains("this is a filter: give it with --filter"), "{said}");
    assert_eq!(expect(&["dns.pcap", "dns.qname <"]).0, 2);
    assert_eq!(expect(&["dns.pcap", "dns", "--count", "5..2"]).0, 2);
    assert_eq!(expect(&["dns.pcap"]).0, 2);
    assert_eq!(expect(&["nosuch.pcap", "dns"]).0, 1);
}
