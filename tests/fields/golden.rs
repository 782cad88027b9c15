//! What the binary prints for some captures as JSON, columns and a tree, against `golden/`. With `GOLDEN=write` in the
//! environment those texts are made instead.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const CAPTURES: [&str; 15] = [
    "arp.pcap",
    "cooked-v2.pcap",
    "dhcp.pcap",
    "dns-over-segments.pcap",
    "dns.pcap",
    "icmp-types.pcap",
    "ipv4-fragments.pcap",
    "ipv6-fragments.pcap",
    "llc-and-snap.pcap",
    "neighbour-discovery.pcap",
    "netbios-names.pcap",
    "path-mtu.pcap",
    "snmp.pcap",
    "tcp-options.pcap",
    "vlan-stacked.pcap",
];

const OPTIONS: [&[&str]; 6] = [
    &["-c", "12", "--json"],
    &["-c", "2", "--json", "--json-bytes"],
    &["-c", "12", "--fields", "frame.number,frame.time,eth.src,src,ip.dst,sport,tcp.dst,udp.dst,dns.qname"],
    &["-c", "3", "--tree"],
    &["-c", "2", "--tree", "--offsets", "--mark", "dst,icmp6,dns.qname,arp.target_ip,dhcp.client_mac"],
    &["-c", "2", "--time", "rfc3339", "--utc", "-X", "--mark", "src,tcp,datagram"],
];

#[test]
fn captures_are_told_as_recorded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for capture in CAPTURES {
        let mut now = String::new();
        for options in OPTIONS {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sabueso"));
            let command = command.args(options).arg("-r").arg(capture).current_dir(root.join("captures"));
            let output = command.output().unwrap();
            assert!(output.status.success(), "{capture}: {output:?}");
            now.push_str(&format!("$ sabueso {} -r {capture}\n", options.join(" ")));
            now.push_str(&String::from_utf8(output.stdout).unwrap());
        }
        let path = root.join("tests/fields/golden").join(format!("{capture}.txt"));
        if env::var_os("GOLDEN").is_some_and(|wish| wish == "write") {
            fs::write(path, now).unwrap();
        } else if fs::read_to_string(&path).unwrap_or_default() != now {
            wrong.push(capture);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?} are told in another way: GOLDEN=write cargo test --test fields, and look");
}
