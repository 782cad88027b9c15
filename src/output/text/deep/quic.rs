//! Lines of QUIC: one for each packet with a long header.

use super::super::{Page, Sheet};
use super::{line, tls};
use crate::decode::quic::initial::Side;
use crate::decode::quic::{Frame, Frames, Kind, Long, Version};
use crate::decode::tls::Transport;
use crate::reassembly::quic::Initial;

pub(super) fn packet(page: &mut Page<'_>, packet: &Long<'_>, initial: Option<&Initial>) {
    line(page);
    header(page.sheet, packet);
    if let Some(initial) = initial {
        self::initial(page, initial);
    }
}

fn header(sheet: &mut Sheet, packet: &Long<'_>) {
    sheet.put("QUIC ");
    if packet.version() != Version::NEGOTIATION {
        version(sheet, packet.version());
        sheet.put(" ");
    }
    sheet.put(match packet.kind() {
        Kind::Initial => "Initial",
        Kind::ZeroRtt => "0-RTT",
        Kind::Handshake => "Handshake",
        Kind::Retry => "Retry",
        Kind::VersionNegotiation => "version negotiation",
        Kind::Unknown => "packet",
    });
    for (name, id) in [(", dcid ", packet.destination_id()), (", scid ", packet.source_id())] {
        if !id.is_empty() {
            sheet.put(name);
            sheet.hex_bytes(id, "");
        }
    }
    if !packet.token().is_empty() {
        sheet.put(", token of ");
        sheet.len_of(packet.token().len());
        sheet.put(" bytes");
    }
    let mut joint = ", versions ";
    for offered in packet.versions() {
        sheet.put(joint);
        version(sheet, offered);
        joint = ",";
    }
}

fn version(sheet: &mut Sheet, version: Version) {
    match version.name() {
        Some(name) => sheet.put(name),
        None => {
            sheet.put("0x");
            sheet.hex_padded(version.0, 8);
        }
    }
}

fn initial(page: &mut Page<'_>, initial: &Initial) {
    page.sheet.put(match initial.side {
        Side::Client => ", client's ",
        Side::Server => ", server's ",
    });
    page.sheet.dec(initial.number);
    for frame in Frames::new(&initial.plain) {
        if let Frame::ConnectionClose { error, reason } = frame {
            page.sheet.put(", close with error 0x");
            page.sheet.hex(error);
            if !reason.is_empty() {
                page.sheet.put(": ");
                page.sheet.escaped(reason);
            }
        }
    }
    if let Some(hello) = &initial.hello {
        page.sheet.put(", ");
        tls::hello(page, hello.kind, &hello.body, Transport::Quic);
        if hello.packets > 1 {
            page.sheet.put(", from ");
            page.sheet.len_of(hello.packets);
            page.sheet.put(" packets");
        }
    }
}
