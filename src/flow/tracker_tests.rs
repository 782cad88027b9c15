//! What the tracker makes of frames, from outside.

use std::time::Duration;

use super::testing::{Lab, Segment, ipv4, udp};
use super::*;
use crate::decode::tcp::{ACK, FIN, PSH, RST, SYN};
use crate::frame::LinkType;

const A: ([u8; 4], u16) = ([10, 0, 0, 1], 40000);
const B: ([u8; 4], u16) = ([10, 0, 0, 2], 53);

#[test]
fn a_request_an_answer_and_an_orderly_end() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(10, Segment::client(PSH | ACK, 101, 501, 78));
    lab.segment(1000, Segment::server(ACK, 501, 179, 0));
    lab.segment(11_000, Segment::server(PSH | ACK, 501, 179, 1200));
    lab.segment(10, Segment::server(FIN | ACK, 1701, 179, 0));
    lab.segment(10, Segment::client(FIN | ACK, 179, 1702, 0));
    lab.segment(10, Segment::server(ACK, 1702, 180, 0));
    let connection = lab.only();
    let tcp = connection.tcp().unwrap();
    assert_eq!((connection.client().port, connection.server().port), (40000, 80));
    assert_eq!((connection.roles, connection.end), (Roles::Asked, End::Closed));
    assert_eq!((connection.sent().payload_bytes, connection.received().payload_bytes), (78, 1200));
    assert_eq!((connection.sent().packets, connection.received().packets), (4, 5));
    assert_eq!(tcp.connect_time(), Some(Duration::from_micros(1000)));
    assert_eq!(tcp.handshake_time(), Some(Duration::from_micros(1050)));
    assert_eq!(connection.service_time(), Some(Duration::from_micros(12_000)));
    assert_eq!(tcp.history.letters(connection.client).collect::<String>(), "ShADadfF");
    let server = tcp.sides.of(connection.client.other());
    assert_eq!(connection.frame(server.fin.unwrap()), Some(7));
    assert_eq!(connection.troubles, Troubles::default());
}

#[test]
fn a_port_used_again_is_another_connection() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(10, Segment::client(RST, 101, 0, 0));
    lab.segment(10, Segment::client(SYN, 90_000, 0, 0));
    lab.segment(10, Segment::server(RST | ACK, 0, 90_001, 0));
    let all = lab.finish();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].end, End::Closed);
    assert_eq!(all[1].tcp().unwrap().reset.unwrap().by, all[1].client.other());
}

#[test]
fn a_syn_within_a_living_connection_is_none() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(10, Segment::client(SYN, 90_000, 0, 0));
    lab.segment(10, Segment::client(PSH | ACK, 101, 501, 5));
    assert_eq!(lab.only().troubles, Troubles::default());
}

#[test]
fn the_same_addresses_in_two_vlans_are_two_connections() {
    let mut lab = Lab::new();
    let packet = udp(A, B, b"\0\x01\0\0");
    for vlan in [5, 6, 0] {
        let head = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, vlan, 8, 0];
        lab.frame(LinkType::EN10MB, &[&head, &packet[..]].concat());
    }
    let paths: Vec<_> = lab.tracker.open().map(|c| lab.tracker.paths().steps(c.path()).to_vec()).collect();
    assert_eq!(paths.len(), 3);
    assert!([vec![Step::Vlan(5)], vec![Step::Vlan(6)], vec![]].iter().all(|steps| paths.contains(steps)));
}

#[test]
fn the_innermost_packet_counts_and_a_tunnel_without_one_is_itself() {
    let mut lab = Lab::new();
    let inner = udp(A, B, b"\0\x01\0\0");
    let ethernet = [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0][..], &inner].concat();
    let vxlan = [&[8, 0, 0, 0, 0, 0, 7, 0][..], &ethernet].concat();
    lab.packet(&udp(([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 4789), &vxlan));
    lab.packet(&udp(([192, 0, 2, 1], 50000), ([192, 0, 2, 2], 4789), b"no tunnel"));
    lab.packet(&ipv4(4, [192, 0, 2, 2], [192, 0, 2, 1], &inner));
    let paths = lab.tracker.paths().steps(lab.tracker.open().next().unwrap().path()).to_vec();
    assert_eq!(paths, [Step::Vxlan(7)]);
    let all = lab.finish();
    assert_eq!(all.iter().map(|c| c.server().port).collect::<Vec<_>>(), [53, 4789, 53]);
    assert_ne!(all[0].path(), all[2].path());
}

#[test]
fn an_error_finds_its_connection_by_what_it_quotes() {
    let mut lab = Lab::new();
    let request = udp(A, B, b"\0\x01\0\0");
    let error = |code| ipv4(1, [10, 0, 0, 254], A.0, &[&[3, code, 0, 0, 0, 0, 0, 0][..], &request[..28]].concat());
    lab.packet(&request);
    lab.packet(&error(3));
    lab.packet(&error(3));
    lab.packet(&error(1));
    let connection = lab.only();
    let errors: Vec<_> = connection.errors.all().iter().map(|error| (error.code, error.count)).collect();
    assert_eq!((errors, connection.client().port), (vec![(3, 2), (1, 1)], 40000));
    assert_eq!((connection.sent().packets, connection.received().packets), (1, 0));
}

#[test]
fn an_error_is_joined_even_where_no_packet_was_seen() {
    let mut lab = Lab::new();
    let syn = Segment::client(SYN, 1, 0, 0).packet();
    lab.packet(&ipv4(1, [10, 0, 0, 254], A.0, &[&[3, 1, 0, 0, 0, 0, 0, 0][..], &syn[..28]].concat()));
    let connection = lab.only();
    assert_eq!((connection.protocol(), connection.server().port), (Protocol::Tcp, 80));
    assert_eq!((connection.errors.all().len(), connection.sent().packets), (1, 0));
}

#[test]
fn later_fragments_follow_their_first() {
    let mut lab = Lab::new();
    let mut datagram = udp(A, B, &[0; 24]);
    let mut later = ipv4(17, A.0, B.0, &[0; 16]);
    datagram[6] = 0x20;
    later[7] = 4;
    lab.packet(&later);
    lab.packet(&datagram);
    lab.packet(&later);
    assert_eq!(lab.tracker.counts().orphans, 1);
    let connection = lab.only();
    assert_eq!((connection.sent().packets, connection.sent().payload_bytes), (2, 24 + 16));
}

#[test]
fn a_neighbour_that_does_not_answer_shows() {
    let mut lab = Lab::new();
    let ask = |operation: u8, from: [u8; 4], to: [u8; 4]| {
        let ethernet = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, operation];
        [&ethernet[..], &[2, 0, 0, 0, 0, 1], &from, &[0; 6], &to].concat()
    };
    (0..3).for_each(|_| lab.frame(LinkType::EN10MB, &ask(1, A.0, [10, 0, 0, 9])));
    lab.frame(LinkType::EN10MB, &ask(1, A.0, B.0));
    lab.frame(LinkType::EN10MB, &ask(2, B.0, A.0));
    lab.frame(LinkType::EN10MB, &ask(1, A.0, A.0));
    assert_eq!(lab.tracker.counts().without_ip, 1);
    let all = lab.finish();
    let told: Vec<_> = all
        .iter()
        .map(|c| (c.server().address.to_string(), c.sent().packets, c.exchanges().unwrap().answered))
        .collect();
    assert_eq!(told, [("10.0.0.9".into(), 3, 0), ("10.0.0.2".into(), 1, 1)]);
    assert!(all.iter().all(|c| c.protocol() == Protocol::Neighbour && c.client().address.to_string() == "10.0.0.1"));
}

#[test]
fn what_is_silent_ends_by_the_time_of_frames() {
    let mut lab = Lab::new();
    lab.packet(&udp(A, B, b"\0\x01\0\0"));
    lab.clock += 125_000_000;
    lab.packet(&udp(A, B, b"\0\x01\0\0"));
    assert_eq!(lab.ended.len(), 1);
    assert_eq!(lab.ended[0].end, End::Idle);
    assert_eq!(lab.finish().len(), 2);
}

#[test]
fn the_least_recently_used_goes_and_the_memory_holds() {
    let mut lab = Lab::with_memory(1 << 20);
    for n in 0..20_000u32 {
        let [_, a, b, c] = n.to_be_bytes();
        lab.clock += 1000;
        lab.packet(&udp(([11, a, b, c], 1000), B, b"\0\x01\0\0"));
        if n % 100 == 0 {
            lab.packet(&udp(A, B, b"\0\x01\0\0"));
        }
    }
    let counts = lab.tracker.counts();
    let open = lab.tracker.open_count();
    assert!(open > 1000 && open < 4000, "{open}");
    assert_eq!(counts.connections, 20_001);
    assert_eq!(counts.evicted as usize, 20_001 - open);
    let kept = lab.tracker.open().find(|c| c.client().port == 40000).unwrap();
    assert_eq!(kept.sent().packets, 200);
    assert!(lab.ended.iter().all(|c| c.end == End::Evicted));
}

#[test]
fn a_connection_takes_little() {
    assert!(size_of::<Connection>() <= 360, "{}", size_of::<Connection>());
}
