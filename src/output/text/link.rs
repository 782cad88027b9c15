//! What stands before the packet on a line: the link header (`-e`), tags, cooked headers.

use super::names::{ether_type, put_ether_type};
use super::{Page, Sheet, hdlc, walk};
use crate::decode::ethernet::{Ethernet, JUMBO, QINQ, QINQ_9200, QINQ_OLD, VLAN, Vlan};
use crate::decode::loopback::Loopback;
use crate::decode::pppoe;
use crate::decode::sll::{Sll, Sll2};
use crate::decode::{Layer, Layers, Next};
use crate::frame::{Frame, LinkType, Section};

/// Prints a whole frame.
pub(super) fn frame(page: &mut Page<'_>, frame: &Frame<'_>) {
    let mut layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
    let start = layers;
    match layers.next() {
        Some(Layer::Ethernet(header)) => ethernet(page, &header, &mut layers),
        Some(Layer::Sll(header)) => sll(page, &header, frame, &mut layers),
        Some(Layer::Sll2(header)) => sll2(page, &header, frame, &mut layers),
        Some(Layer::Loopback(header)) => loopback(page, &header, frame, &mut layers),
        Some(Layer::Hdlc(header)) => hdlc::print(page, frame.link_type, &header, &mut layers),
        Some(Layer::Ppp(_)) if frame.data.len() < 4 => page.truncated("ppp"),
        _ => {
            layers = start;
            if page.options.link_header && matches!(frame.link_type, LinkType::RAW | LinkType::IPV4 | LinkType::IPV6) {
                page.sheet.put("ip: ");
            }
            walk(page, &mut layers, None);
        }
    }
}

/// Length of a frame's link header, with its tags and what 802.2 adds: where a dump that leaves them out begins.
pub(super) fn header_len(frame: &Frame<'_>) -> usize {
    let mut layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
    match layers.next() {
        Some(Layer::Ethernet(_) | Layer::Sll(_) | Layer::Sll2(_) | Layer::Loopback(_)) => {}
        // A shorter head is taken for a whole one.
        Some(Layer::Hdlc(_) | Layer::Ppp(_)) => return 4,
        Some(Layer::Pppoe(header)) if header.code() == pppoe::SESSION => return 8,
        Some(Layer::Pppoe(_)) => return 6,
        None if layers.next_header() == Next::Link(LinkType::EN10MB) => return frame.data.len(),
        _ => return 0,
    }
    loop {
        let here = layers.rest();
        match layers.next() {
            Some(Layer::Vlan(_)) => {}
            Some(Layer::Llc(header)) if !header.is_raw_ipx() => {
                let snap = if header.snap().is_some() { 5 } else { 0 };
                return here.skip(header.header_len()).skip(snap).offset();
            }
            None if matches!(layers.next_header(), Next::EtherType(VLAN | QINQ | QINQ_OLD | QINQ_9200)) => {
                return frame.data.len();
            }
            _ => return here.offset(),
        }
    }
}

/// The name of the interface, where a capture has several.
pub(super) fn interface_name(sheet: &mut Sheet, section: &Section, interface: u32) {
    let named = section.interfaces.get(interface as usize).and_then(|i| i.name());
    match named {
        Some(name) => sheet.escaped(name),
        None => {
            sheet.put("#");
            sheet.dec(interface);
        }
    }
    sheet.put(" ");
}

/// A type as `-e` has it, in words alone where `-q` is given.
fn kind(page: &mut Page<'_>, kind: u16) {
    match (page.options.quiet, ether_type(kind)) {
        (true, Some(name)) => page.sheet.put(name),
        (true, None) => {
            page.sheet.put("Unknown Ethertype (0x");
            page.sheet.hex_padded(kind, 4);
            page.sheet.put(")");
        }
        (false, _) => {
            page.sheet.put("ethertype ");
            put_ether_type(page.sheet, kind);
        }
    }
}

/// Whether a type is one whose packets get a line of their own; the others show the link header instead.
fn is_printed(layers: &Layers<'_>) -> bool {
    match layers.next_header() {
        // Not to look into nearly every packet twice.
        Next::EtherType(0x0800 | 0x86dd) => true,
        Next::EtherType(_) => {
            let mut ahead = *layers;
            ahead.next().is_some() || ahead.stop().is_some()
        }
        _ => true,
    }
}

fn addresses(page: &mut Page<'_>, header: &Ethernet<'_>) {
    page.sheet.mac(header.source());
    page.sheet.put(" > ");
    page.sheet.mac(header.destination());
    page.sheet.put(", ");
}

pub(super) fn ethernet(page: &mut Page<'_>, header: &Ethernet<'_>, layers: &mut Layers<'_>) {
    page.ethernet = Some((header.source(), header.destination()));
    // A packet without a line of its own shows the frame's header, found behind whatever tags.
    let mut inner = *layers;
    let mut tag_cut = false;
    while let Next::EtherType(0x8100 | 0x88a8 | 0x9100 | 0x9200) = inner.next_header() {
        if inner.next().is_none() {
            tag_cut = true;
            break;
        }
    }
    if page.options.link_header {
        addresses(page, header);
    } else if !is_printed(&inner) {
        // The type shown is that of the packet; the header is that of the frame.
        addresses(page, header);
        if let Next::EtherType(found) = inner.next_header() {
            kind(page, found);
        }
        length(page, header);
        *layers = inner;
        return walk(page, layers, None);
    }
    if tag_cut && layers.rest().offset() == inner.rest().offset() {
        return page.truncated("vlan");
    }
    if page.options.link_header && header.ether_type() != JUMBO {
        if header.is_length() {
            page.sheet.put("802.3");
        } else {
            kind(page, header.ether_type());
        }
        length(page, header);
    }
    walk(page, layers, None);
}

fn length(page: &mut Page<'_>, header: &Ethernet<'_>) {
    page.sheet.put(", length ");
    let whole = header.span().wire();
    match usize::from(header.ether_type()) {
        length if header.is_length() && length <= whole.saturating_sub(14) => page.sheet.len_of(length),
        _ if header.is_length() => page.sheet.len_of(whole.saturating_sub(14)),
        _ => page.sheet.len_of(whole),
    }
    page.sheet.put(": ");
}

/// A tag: with `-e` its fields and the type of what it carries.
pub(super) fn vlan<'a>(page: &mut Page<'_>, tag: &Vlan<'a>, layers: &mut Layers<'a>) {
    if page.options.link_header {
        page.sheet.put("vlan ");
        page.sheet.dec(tag.id());
        page.sheet.put(", p ");
        page.sheet.dec(tag.priority());
        if tag.drop_eligible() {
            page.sheet.put(", DEI");
        }
        page.sheet.put(", ");
        match layers.next_header() {
            // The type of a tag is told once that tag is there.
            Next::EtherType(0x8100 | 0x88a8 | 0x9100 | 0x9200) if layers.rest().bytes().len() < 4 => {
                return page.truncated("vlan");
            }
            Next::Llc if tag.ether_type() == JUMBO => {}
            Next::Llc => page.sheet.put("802.3"),
            _ if page.ethernet.is_some() => {
                kind(page, tag.ether_type());
                page.sheet.put(", ");
            }
            _ => {}
        }
    }
    // Of a cooked frame the type is told by its name alone, and without -e too.
    if page.ethernet.is_none() && !page.options.quiet && layers.next_header() != Next::Llc {
        page.sheet.put("ethertype ");
        page.sheet.put(ether_type(tag.ether_type()).unwrap_or("Unknown"));
        page.sheet.put(", ");
    }
    walk(page, layers, None);
}

/// Which way a cooked frame went, in the words of each version.
fn packet_type(kind: u16) -> &'static str {
    match kind {
        0 => "In",
        1 => "B",
        2 => "M",
        3 => "P",
        4 => "Out",
        _ => "?",
    }
}

/// What a cooked header says of the packet: its type and the length of the frame.
fn cooked(page: &mut Page<'_>, address: &[u8], protocol: u16, frame: &Frame<'_>) {
    if let Some(address) = address.first_chunk::<6>().filter(|_| address.len() == 6) {
        page.sheet.mac(*address);
        page.sheet.put(" ");
    }
    if page.options.quiet {
        return;
    }
    match protocol {
        1 => page.sheet.put("802.3"),
        4 => page.sheet.put("802.2"),
        _ => {
            page.sheet.put("ethertype ");
            put_ether_type(page.sheet, protocol);
        }
    }
    page.sheet.put(", length ");
    page.sheet.dec(frame.wire_len);
    page.sheet.put(": ");
}

fn sll<'a>(page: &mut Page<'_>, header: &Sll<'a>, frame: &Frame<'a>, layers: &mut Layers<'a>) {
    if page.options.link_header || !is_printed(layers) {
        let direction = packet_type(header.packet_type());
        for _ in direction.len()..3 {
            page.sheet.put(" ");
        }
        page.sheet.put(direction);
        page.sheet.put(" ");
        cooked(page, header.address(), header.protocol(), frame);
    }
    walk(page, layers, None);
}

fn sll2<'a>(page: &mut Page<'_>, header: &Sll2<'a>, frame: &Frame<'a>, layers: &mut Layers<'a>) {
    let direction = packet_type(header.packet_type().into());
    let index = header.interface_index();
    let before = page.sheet.len();
    match page.interface_names.get(&index) {
        Some(name) => page.sheet.escaped(name.as_bytes()),
        // A file does not tell names, and those of this machine are of no use for it; but the first interface of
        // every network namespace is lo.
        None if index == 1 => page.sheet.put("lo"),
        None => {
            page.sheet.put("if");
            page.sheet.dec(index);
        }
    }
    for _ in page.sheet.len().saturating_sub(before)..5 {
        page.sheet.put(" ");
    }
    page.sheet.put(" ");
    page.sheet.put(direction);
    for _ in direction.len()..4 {
        page.sheet.put(" ");
    }
    if page.options.link_header || !is_printed(layers) {
        page.sheet.put("ifindex ");
        page.sheet.dec(index);
        page.sheet.put(" ");
        cooked(page, header.address(), header.protocol(), frame);
    }
    walk(page, layers, None);
}

fn loopback<'a>(page: &mut Page<'_>, header: &Loopback, frame: &Frame<'a>, layers: &mut Layers<'a>) {
    let name = match (layers.next_header(), header.family()) {
        (Next::EtherType(0x0800), _) => Some("IPv4"),
        (Next::EtherType(_), _) => Some("IPv6"),
        (Next::Ipx, _) => Some("IPX"),
        (_, 6) => Some("NS"),
        (_, 16) => Some("Appletalk"),
        _ => None,
    };
    if page.options.link_header || layers.next_header() == Next::Payload {
        match (page.options.quiet, name) {
            (true, Some(name)) => page.sheet.put(name),
            (true, None) => page.sheet.put("Unknown AF "),
            (false, name) => {
                page.sheet.put("AF ");
                page.sheet.put(name.unwrap_or("Unknown"));
                page.sheet.put(" (");
            }
        }
        if !page.options.quiet || name.is_none() {
            page.sheet.dec(header.family());
        }
        page.sheet.put(if page.options.quiet { ", length " } else { "), length " });
        page.sheet.dec(frame.wire_len);
        page.sheet.put(": ");
    }
    walk(page, layers, None);
}
