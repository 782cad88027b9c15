//! Fields of TCP.

use super::{Part, Value, Visitor};
use crate::decode::tcp::{self, ACK, AE, CWR, ECE, FIN, Opt, PSH, RST, SYN, Tcp, URG};

fields! { tcp, "tcp", Plain, "Transmission control protocol (RFC 9293)";
    SOURCE "src" Number @0..2 "Source port" ["tcp.srcport" "conn.id.orig_p" "src_port"];
    DESTINATION "dst" Number @2..4 "Destination port" ["tcp.dstport" "conn.id.resp_p" "dest_port"];
    SEQUENCE "seq" Number @4..8 "Sequence number as it stands in the header" ["tcp.seq_raw" "" ""];
    ACKNOWLEDGMENT "ack" Number @8..12 "Acknowledgment number as it stands in the header" ["tcp.ack_raw" "" ""];
    HEADER_LENGTH "header_len" Number @12..13 "Length of the header, in bytes" ["tcp.hdr_len" "" ""];
    BITS ("flags") "bits" Number @12..14 "All flags, FIN the lowest bit" ["tcp.flags" "conn.history" "tcp.tcp_flags"];
    IS_FIN ("flags") "fin" Bool @13..14 "The sender has sent all" ["tcp.flags.fin" "" "tcp.fin"];
    IS_SYN ("flags") "syn" Bool @13..14 "Opens a connection" ["tcp.flags.syn" "" "tcp.syn"];
    IS_RST ("flags") "rst" Bool @13..14 "Resets the connection" ["tcp.flags.reset" "" "tcp.rst"];
    IS_PSH ("flags") "psh" Bool @13..14 "To be handed on at once" ["tcp.flags.push" "" "tcp.psh"];
    IS_ACK ("flags") "ack" Bool @13..14 "The acknowledgment number counts" ["tcp.flags.ack" "" "tcp.ack"];
    IS_URG ("flags") "urg" Bool @13..14 "The urgent pointer counts" ["tcp.flags.urg" "" "tcp.urg"];
    IS_ECE ("flags") "ece" Bool @13..14 "Congestion was met, or ECN offered" ["tcp.flags.ece" "" "tcp.ecn"];
    IS_CWR ("flags") "cwr" Bool @13..14 "The congestion window was reduced" ["tcp.flags.cwr" "" "tcp.cwr"];
    IS_AE ("flags") "ae" Bool @12..13 "Accurate ECN" ["tcp.flags.ae" "" ""];
    WINDOW "window" Number @14..16 "Window as it stands in the header, not scaled" ["tcp.window_size_value" "" ""];
    CHECKSUM "checksum" Number @16..18 "Checksum" ["tcp.checksum" "" ""];
    URGENT "urgent" Number @18..20 "Urgent pointer" ["tcp.urgent_pointer" "" ""];
    OPTION_KINDS ("options") "kinds" Number "The kind of each option, in order" ["tcp.option_kind" "" ""];
    MSS ("options") "mss" Number "Largest segment that the sender takes, in bytes" ["tcp.options.mss_val" "" ""];
    WINDOW_SHIFT ("options") "window_shift" Number "Window scale: by how many bits windows are shifted" ["tcp.options.wscale.shift" "" ""];
    SACK_PERMITTED ("options") "sack_permitted" Bool "Selective acknowledgments are understood" ["" "" ""];
    SACK ("options") "sack" Number "Edges of the blocks received, left and right in turn" ["" "" ""];
    TIME_VALUE ("options") "ts_value" Number "Timestamp" ["tcp.options.timestamp.tsval" "" ""];
    TIME_ECHO ("options") "ts_echo" Number "Timestamp that is echoed" ["tcp.options.timestamp.tsecr" "" ""];
    PAYLOAD_LENGTH "payload_len" Number "Length of the payload on the wire, in bytes" ["tcp.len" "" ""];
    PAYLOAD "payload" Payload "What it carries, as far as it was captured" ["tcp.payload" "" "payload"];
}

pub(super) fn visit<'a>(segment: &Tcp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&SOURCE, segment.source_port());
    out.put(&DESTINATION, segment.destination_port());
    out.put(&SEQUENCE, segment.sequence());
    out.put(&ACKNOWLEDGMENT, segment.acknowledgment());
    out.put(&HEADER_LENGTH, segment.header_len());
    let flags = segment.flags();
    out.part(Part::Object("flags"), |out| {
        out.put(&BITS, flags);
        out.put(&IS_FIN, flags & FIN != 0);
        out.put(&IS_SYN, flags & SYN != 0);
        out.put(&IS_RST, flags & RST != 0);
        out.put(&IS_PSH, flags & PSH != 0);
        out.put(&IS_ACK, flags & ACK != 0);
        out.put(&IS_URG, flags & URG != 0);
        out.put(&IS_ECE, flags & ECE != 0);
        out.put(&IS_CWR, flags & CWR != 0);
        out.put(&IS_AE, flags & AE != 0);
    });
    out.put(&WINDOW, segment.window());
    out.put(&CHECKSUM, segment.checksum());
    out.put(&URGENT, segment.urgent_pointer());
    let bytes = segment.options().bytes();
    if !bytes.is_empty() {
        out.part(Part::Object("options"), |out| options(bytes, out));
    }
    out.put(&PAYLOAD_LENGTH, segment.payload().wire());
    if !segment.payload().bytes().is_empty() {
        out.put(&PAYLOAD, Value::Bytes(segment.payload().bytes()));
    }
}

/// The options: each kind once, as only the first of it counts.
fn options<'a>(bytes: &'a [u8], out: &mut impl Visitor<'a>) {
    out.list_from(bytes, &OPTION_KINDS, tcp::options(bytes).map(|option| option.kind));
    let mut told = [false; 256];
    for Opt { kind, body } in tcp::options(bytes) {
        if std::mem::replace(told.get_mut(usize::from(kind)).unwrap_or(&mut false), true) {
            continue;
        }
        match (kind, body) {
            (2, &[high, low]) => out.put_from(body, &MSS, u16::from_be_bytes([high, low])),
            (3, &[shift]) => out.put_from(body, &WINDOW_SHIFT, shift),
            (4, []) => out.put(&SACK_PERMITTED, true),
            (5, edges) => out.list_from(body, &SACK, edges.as_chunks().0.iter().map(|edge| u32::from_be_bytes(*edge))),
            (8, times) if let ([value, echo], []) = times.as_chunks::<4>() => {
                out.put_from(value, &TIME_VALUE, u32::from_be_bytes(*value));
                out.put_from(echo, &TIME_ECHO, u32::from_be_bytes(*echo));
            }
            _ => {}
        }
    }
}
