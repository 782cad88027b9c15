//! Columns say what JSON says, and are separated as they should be.

use std::collections::BTreeMap;

use sabueso::fields::{self, Kind};
use sabueso::output::Sheet;
use sabueso::output::columns::{Error, Writer};

use crate::packets::{all, capture, each, json, leaves};

fn line(writer: &mut Writer, packet: &fields::Packet<'_>) -> String {
    let mut sheet = Sheet::new();
    writer.packet(&mut sheet, packet);
    String::from_utf8(sheet.as_bytes().to_vec()).unwrap()
}

#[test]
fn columns_say_what_json_says() {
    // Texts are escaped in ways of their own.
    let chosen: Vec<_> = fields::all().filter(|field| !matches!(field.kind, Kind::Text)).collect();
    let names: Vec<_> = chosen.iter().map(|field| field.name).collect();
    let mut writer = Writer::new(&names.join(","), b'\t').unwrap();
    all(|packet| {
        let (text, value) = json(packet, true);
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        leaves(&value, "", &mut |name, value| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            told.entry(name.to_owned()).or_default().push(value);
        });
        let line = line(&mut writer, packet);
        for (name, cell) in names.iter().zip(line.trim_end_matches('\n').split('\t')) {
            // serde_json sorts keys: the order of an outer and an inner packet is lost.
            let mut cell: Vec<_> = cell.split(',').filter(|value| !value.is_empty()).collect();
            let mut expected = told.remove(*name).unwrap_or_default();
            expected.retain(|value| !value.is_empty());
            cell.sort_unstable();
            expected.sort_unstable();
            assert_eq!(cell, expected, "{name}: {text}");
        }
    });
}

#[test]
fn an_outer_value_stands_before_an_inner_one() {
    let mut writer = Writer::new("frame.number,ip.src,icmp.type", b'\t').unwrap();
    let mut lines = Vec::new();
    each(&capture("path-mtu.pcap"), |packet| lines.push(line(&mut writer, packet)));
    assert_eq!(lines[2], "3\t192.0.2.254,192.0.2.1\t3,8\n");
}

#[test]
fn values_that_hold_the_separator_are_quoted() {
    let mut writer = Writer::new("ip.src, icmp.type", b',').unwrap();
    let mut sheet = Sheet::new();
    writer.header(&mut sheet);
    assert_eq!(sheet.as_bytes(), b"ip.src,icmp.type\n");
    let mut lines = Vec::new();
    each(&capture("path-mtu.pcap"), |packet| lines.push(line(&mut writer, packet)));
    assert_eq!(lines[2], "\"192.0.2.254,192.0.2.1\",\"3,8\"\n");
}

#[test]
fn a_name_may_be_tsharks_or_stand_for_several_fields() {
    let mut writer = Writer::new("ip.ttl,src,udp.dstport,dns.qry.name", b'\t').unwrap();
    let mut lines = Vec::new();
    each(&capture("dns.pcap"), |packet| lines.push(line(&mut writer, packet)));
    assert!(lines.iter().any(|line| line.contains("\t53\t")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("2001:db8")), "{lines:?}");
}

#[test]
fn what_is_no_field_is_told() {
    let error = |list| Writer::new(list, b'\t').unwrap_err();
    assert_eq!(error("ip.src,tcp.scr"), Error::Unknown { name: "tcp.scr".to_owned(), meant: Some("tcp.src") });
    assert_eq!(error("tcp"), Error::Protocol("tcp".to_owned()));
    assert_eq!(error(" , "), Error::Empty);
    assert_eq!(error("tcp.scr").to_string(), "'tcp.scr' is no field (meant 'tcp.src'?); --fields help lists them");
}

#[test]
fn absent_values_leave_empty_cells() {
    let mut writer = Writer::new("tcp.src,frame.number,tcp.dst", b';').unwrap();
    let mut first = String::new();
    each(&capture("arp.pcap"), |packet| {
        if packet.number == 1 {
            first = line(&mut writer, packet);
        }
    });
    assert_eq!(first, ";1;\n");
}
