//! Connections of TCP segment by segment: what is told of each story.

use std::time::Duration;

use super::testing::{Lab, Segment};
use super::*;
use crate::decode::tcp::{ACK, FIN, PSH, RST, SYN, URG};

/// What went wrong with the client's segments.
fn client_trouble(connection: &Connection) -> Trouble {
    connection.troubles.of(connection.client).cloned().unwrap_or_default()
}

/// What went wrong with the server's.
fn server_trouble(connection: &Connection) -> Trouble {
    connection.troubles.of(connection.client.other()).cloned().unwrap_or_default()
}

fn data(sequence: u32, payload: usize) -> Segment {
    Segment::client(PSH | ACK, sequence, 501, payload)
}

fn ack(acknowledgment: u32) -> Segment {
    Segment::server(ACK, 501, acknowledgment, 0)
}

#[test]
fn a_segment_that_comes_again_late_is_a_retransmission() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(200_000, data(101, 100));
    lab.segment(1000, ack(201));
    let connection = lab.only();
    let trouble = client_trouble(&connection);
    assert_eq!((trouble.retransmitted, trouble.retransmitted_bytes, trouble.spurious), (1, 100, 0));
    // Nobody knows which of the two the ACK is for.
    assert_eq!(connection.tcp().unwrap().sides.of(connection.client).round_trips.count(), 0);
}

#[test]
fn what_was_acknowledged_before_is_sent_again_in_vain() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(1000, ack(201));
    lab.segment(1000, data(101, 100));
    assert_eq!(client_trouble(&lab.only()).spurious, 1);
}

#[test]
fn three_equal_acks_bring_a_segment_back_fast() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(0, data(301, 100));
    lab.segment(1000, ack(201));
    for sequence in [401, 501, 601] {
        lab.segment(10, data(sequence, 100));
        lab.segment(1000, ack(201));
    }
    lab.segment(2000, data(201, 100));
    lab.segment(1000, ack(701));
    let connection = lab.only();
    let trouble = client_trouble(&connection);
    assert_eq!((trouble.retransmitted, trouble.fast, trouble.out_of_order), (1, 1, 0));
    assert_eq!(server_trouble(&connection).duplicate_acks, 3);
    assert_eq!(trouble.unseen_bytes, 0);
}

#[test]
fn a_segment_that_was_overtaken_is_no_retransmission() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(201, 100));
    lab.segment(100, data(101, 100));
    lab.segment(1000, ack(301));
    let trouble = client_trouble(&lab.only());
    assert_eq!((trouble.retransmitted, trouble.out_of_order, trouble.unseen_bytes), (0, 1, 0));
}

#[test]
fn acknowledged_bytes_that_are_not_in_the_capture_are_counted_once() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(1000, ack(1201));
    lab.segment(10, ack(1201));
    lab.segment(0, data(1301, 100));
    lab.segment(1000, ack(1401));
    let connection = lab.only();
    let tcp = connection.tcp().unwrap();
    assert_eq!(client_trouble(&connection).unseen_bytes, 1000 + 100);
    assert_eq!(tcp.history.letters(connection.client).collect::<String>(), "ShADaG");
}

#[test]
fn an_ack_of_what_can_not_be_is_no_loss() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(0, ack(201u32.wrapping_add(1 << 30)));
    lab.segment(0, ack(201u32.wrapping_sub(1 << 31)));
    lab.segment(1000, ack(201));
    assert_eq!(client_trouble(&lab.only()).unseen_bytes, 0);
}

#[test]
fn data_that_is_partly_old_overlaps() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(10, data(151, 100));
    lab.segment(1000, ack(251));
    let trouble = client_trouble(&lab.only());
    assert_eq!((trouble.overlapping, trouble.retransmitted, trouble.unseen_bytes), (1, 0, 0));
}

#[test]
fn a_closed_window_is_timed_and_probed() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(1000, Segment { window: 0, ..ack(201) });
    lab.segment(200_000, data(200, 0));
    lab.segment(100, Segment { window: 0, ..ack(201) });
    lab.segment(99_900, Segment { window: 500, ..ack(201) });
    let connection = lab.only();
    let trouble = server_trouble(&connection);
    assert_eq!((trouble.zero_windows, trouble.zero_window_time()), (1, Duration::from_millis(300)));
    assert_eq!((client_trouble(&connection).window_probes, client_trouble(&connection).keep_alives), (1, 0));
    assert_eq!(connection.tcp().unwrap().sides.of(connection.client.other()).window, 500);
}

#[test]
fn a_keep_alive_is_no_data() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(1000, ack(201));
    lab.segment(60_000_000, Segment::client(ACK, 200, 501, 0));
    lab.segment(1000, ack(201));
    lab.segment(60_000_000, Segment::client(ACK, 200, 501, 1));
    lab.segment(1000, ack(201));
    let connection = lab.only();
    let trouble = client_trouble(&connection);
    assert_eq!((trouble.keep_alives, trouble.retransmitted), (2, 0));
    assert_eq!(server_trouble(&connection).duplicate_acks, 0);
}

#[test]
fn windows_are_scaled_where_both_sides_scale() {
    let mut lab = Lab::new();
    let options = |shift| vec![2, 4, 5, 0xb4, 1, 3, 3, shift, 4, 2, 1, 1];
    lab.segment(0, Segment { options: options(7), ..Segment::client(SYN, 100, 0, 0) });
    lab.segment(10, Segment { options: options(200), ..Segment::server(SYN | ACK, 500, 101, 0) });
    lab.segment(10, Segment::client(ACK, 101, 501, 0));
    lab.segment(10, ack(101));
    let connection = lab.only();
    let tcp = connection.tcp().unwrap();
    let (client, server) = (tcp.sides.of(connection.client), tcp.sides.of(connection.client.other()));
    assert_eq!((client.window, server.window), (1000 << 7, 1000 << 14));
    assert_eq!((client.max_segment.unwrap().get(), client.allows_selective_acks()), (1460, true));
    assert!(!client.has_time_stamps());
}

#[test]
fn after_a_half_close_the_other_side_may_go_on() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, Segment::client(FIN | ACK, 101, 501, 0));
    lab.segment(1000, Segment::server(PSH | ACK, 501, 102, 300));
    lab.segment(1000, Segment::client(ACK, 102, 801, 0));
    let connection = lab.only();
    let tcp = connection.tcp().unwrap();
    assert_eq!(server_trouble(&connection).bytes_after_fin, 300);
    assert!(tcp.is_finished(connection.client) && !tcp.is_finished(connection.client.other()));
    assert_eq!((connection.end, connection.class()), (End::Open, Class::Open));
}

#[test]
fn two_that_call_each_other_are_one_connection() {
    let mut lab = Lab::new();
    lab.segment(0, Segment::client(SYN, 100, 0, 0));
    lab.segment(10, Segment::server(SYN, 500, 0, 0));
    lab.segment(10, Segment::client(SYN | ACK, 100, 501, 0));
    lab.segment(10, Segment::server(SYN | ACK, 500, 101, 0));
    let connection = lab.only();
    let tcp = connection.tcp().unwrap();
    assert!(tcp.is_simultaneous());
    assert_eq!(tcp.established.map(|mark| mark.nanos()), Some(30_000));
    let retransmitted = |side| connection.troubles.of(side).map_or(0, |trouble| trouble.retransmitted);
    assert_eq!((connection.client().port, retransmitted(Side::Lower)), (40000, 0));
}

#[test]
fn a_syn_that_is_sent_again_is_counted_and_not_measured() {
    let mut lab = Lab::new();
    lab.segment(0, Segment::client(SYN, 100, 0, 0));
    lab.segment(1_000_000, Segment::client(SYN, 100, 0, 0));
    lab.segment(3_000_000, Segment::server(SYN | ACK, 500, 101, 0));
    lab.segment(10, Segment::client(ACK, 101, 501, 0));
    let connection = lab.only();
    let tcp = connection.tcp().unwrap();
    assert_eq!(tcp.sides.of(connection.client).syns, 2);
    assert_eq!((tcp.connect_time(), tcp.handshake_time()), (Some(Duration::from_secs(4)), None));
    let trouble = connection.troubles.of(connection.client).unwrap();
    assert_eq!((trouble.retransmitted, trouble.again), (0, None), "it was answered");
}

#[test]
fn a_reset_out_of_the_window_ends_nothing() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, Segment::server(RST, 5_000_000, 0, 0));
    let connection = lab.only();
    assert_eq!(connection.tcp().unwrap().reset(), None);
    assert_eq!(server_trouble(&connection).strays, 1);
}

#[test]
fn a_reset_tells_who_and_when_and_data_behind_it_is_counted() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(10, Segment::server(RST | ACK, 501, 201, 0));
    lab.segment(10, data(201, 50));
    let connection = lab.only();
    let reset = connection.tcp().unwrap().reset().unwrap();
    assert_eq!((reset.by, connection.frame(reset.mark)), (connection.client.other(), Some(5)));
    assert_eq!((client_trouble(&connection).bytes_after_reset, connection.end), (50, End::Closed));
}

#[test]
fn urgent_data_shows() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, Segment { flags: PSH | ACK | URG, ..data(101, 1) });
    assert_eq!(client_trouble(&lab.only()).urgent, 1);
}

#[test]
fn roles_are_known_from_the_answer_or_guessed_from_ports() {
    let mut lab = Lab::new();
    lab.segment(0, Segment::server(SYN | ACK, 500, 101, 0));
    let connection = lab.only();
    assert_eq!((connection.client().port, connection.roles), (40000, Roles::Answered));
    let mut lab = Lab::new();
    lab.segment(0, ack(101));
    let connection = lab.only();
    assert_eq!((connection.client().port, connection.roles), (40000, Roles::Ports));
}

#[test]
fn a_receiver_tells_of_duplicates() {
    let mut lab = Lab::new();
    lab.handshake();
    lab.segment(0, data(101, 100));
    lab.segment(1000, ack(201));
    lab.segment(10, data(101, 100));
    let mut options = vec![1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 5, 10];
    options.extend([101u32, 201].map(u32::to_be_bytes).as_flattened());
    lab.segment(10, Segment { options, ..ack(201) });
    assert_eq!(client_trouble(&lab.only()).reported_duplicates, 1);
}

#[test]
fn numbers_may_wrap() {
    let mut lab = Lab::new();
    let start = u32::MAX - 49;
    lab.segment(0, Segment::client(SYN, start - 1, 0, 0));
    lab.segment(10, Segment::server(SYN | ACK, 500, start, 0));
    lab.segment(10, Segment::client(PSH | ACK, start, 501, 100));
    lab.segment(10, Segment::client(PSH | ACK, 50, 501, 100));
    lab.segment(1000, ack(150));
    let connection = lab.only();
    assert_eq!((connection.sent().payload_bytes, &connection.troubles), (200, &Troubles::default()));
    assert_eq!(connection.tcp().unwrap().sides.of(connection.client).round_trips.count(), 1);
}
