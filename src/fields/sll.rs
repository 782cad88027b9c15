//! Fields of Linux cooked captures.

use std::ops::Range;

use super::{Value, Visitor};
use crate::decode::sll::{Sll, Sll2};

fields! { sll, "sll", Link, "Linux cooked capture";
    PACKET_TYPE "packet_type" Number "0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us" ["sll.pkttype" "" ""];
    HARDWARE "arphrd" Number "Hardware type of the interface, an ARPHRD_ value" ["sll.hatype" "" ""];
    SOURCE "src" Mac "Link address of the sender" ["sll.src.eth" "" ""];
    SOURCE_OTHER "src_other" Bytes "Link address of the sender, of another length than six" ["sll.src.other" "" ""];
    INTERFACE "interface_index" Number "Index of the interface on the capturing machine (version 2)" ["sll.ifindex" "" ""];
    TYPE "type" Number "Ethernet type of what is inside, or up to 1500 another kind" ["sll.etype" "" ""];
}

pub(super) fn visit<'a>(header: &Sll<'a>, out: &mut impl Visitor<'a>) {
    let [kind, hardware, protocol] = [0..2, 2..4, 14..16].map(|at| part(header.bytes(), at));
    out.put_from(kind, &PACKET_TYPE, header.packet_type());
    out.put_from(hardware, &HARDWARE, header.arphrd());
    source(header.address(), out);
    out.put_from(protocol, &TYPE, header.protocol());
}

pub(super) fn visit_v2<'a>(header: &Sll2<'a>, out: &mut impl Visitor<'a>) {
    let [protocol, interface, hardware, kind] = [0..2, 4..8, 8..10, 10..11].map(|at| part(header.bytes(), at));
    out.put_from(kind, &PACKET_TYPE, header.packet_type());
    out.put_from(hardware, &HARDWARE, header.arphrd());
    source(header.address(), out);
    out.put_from(interface, &INTERFACE, header.interface_index());
    out.put_from(protocol, &TYPE, header.protocol());
}

fn part(header: &[u8], at: Range<usize>) -> &[u8] {
    header.get(at).unwrap_or_default()
}

fn source<'a>(address: &'a [u8], out: &mut impl Visitor<'a>) {
    match *address {
        [] => {}
        [a, b, c, d, e, f] => out.put_from(address, &SOURCE, [a, b, c, d, e, f]),
        _ => out.put(&SOURCE_OTHER, Value::Bytes(address)),
    }
}
