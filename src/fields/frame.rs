//! Fields of the frame itself: what is known of it beside its bytes.

use super::{Packet, Value, Visitor};
use crate::frame::Direction;

fields! { frame, "frame", Plain, "Frame: what is known beside its bytes";
    NUMBER "number" Number "Place among the packets chosen, from 1" ["frame.number" "" "pcap_cnt"];
    TIME "time" Time "When it was captured" ["frame.time" "ts" "timestamp"];
    TIME_NS "time_ns" Number "The same in nanoseconds since 1970; missing behind the year 2262" ["frame.time_epoch" "ts" ""];
    INTERFACE "interface" Number "Place of its interface in the file or capture, from 0" ["frame.interface_id" "" ""];
    INTERFACE_NAME "interface_name" Text "Name of its interface, if the file tells it" ["frame.interface_name" "" "in_iface"];
    LINK_TYPE "link_type" Number "Link type: the number of a LINKTYPE_ value" ["frame.encap_type" "" "packet_info.linktype"];
    LENGTH "len" Number "Length on the wire, in bytes" ["frame.len" "" ""];
    CAPTURED "cap_len" Number "Bytes captured of it" ["frame.cap_len" "" ""];
    DIRECTION "direction" Text "in or out, where the capture tells it" ["frame.packet_flags_direction" "" "direction"];
    BYTES "bytes" Payload "All its bytes" ["frame_raw" "" "packet"];
}

/// The number of a packet, which only the choice of packets gives it.
pub static CHOSEN: &super::Field = &NUMBER;

pub(super) fn visit<'a>(packet: &Packet<'a>, out: &mut impl Visitor<'a>) {
    let frame = &packet.frame;
    out.put(&NUMBER, packet.number);
    out.put(&TIME, frame.time);
    out.maybe(&TIME_NS, i64::try_from(frame.time.as_nanos()).ok());
    out.put(&INTERFACE, frame.interface);
    let interface = packet.section.interfaces.get(frame.interface as usize);
    if out.wants(&INTERFACE_NAME) {
        out.maybe(&INTERFACE_NAME, interface.and_then(|interface| interface.name()).map(Value::Text));
    }
    out.put(&LINK_TYPE, frame.link_type.0);
    out.put(&LENGTH, frame.wire_len);
    out.put(&CAPTURED, frame.data.len());
    match frame.flags.direction() {
        Direction::Unknown => {}
        Direction::Inbound => out.put(&DIRECTION, "in"),
        Direction::Outbound => out.put(&DIRECTION, "out"),
    }
    out.put(&BYTES, Value::Bytes(frame.data));
}
