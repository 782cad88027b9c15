//! Fields of Novell's internetwork protocol.

use super::{Part, Visitor};
use crate::decode::ipx::Ipx;

fields! { ipx, "ipx", Plain, "Internetwork packet exchange (Novell)";
    LENGTH "len" Number @2..4 "Length of header and data, in bytes" ["ipx.len" "" ""];
    SOURCE_NETWORK ("src") "network" Number @18..22 "Network of the source" ["" "" ""];
    SOURCE_NODE ("src") "node" Mac @22..28 "Node of the source" ["ipx.src.node" "" ""];
    SOURCE_SOCKET ("src") "socket" Number @28..30 "Socket of the source" ["ipx.src.socket" "" ""];
    DESTINATION_NETWORK ("dst") "network" Number @6..10 "Network of the destination" ["" "" ""];
    DESTINATION_NODE ("dst") "node" Mac @10..16 "Node of the destination" ["ipx.dst.node" "" ""];
    DESTINATION_SOCKET ("dst") "socket" Number @16..18 "Socket of the destination" ["ipx.dst.socket" "" ""];
}

pub(super) fn visit<'a>(header: &Ipx<'a>, out: &mut impl Visitor<'a>) {
    out.put(&LENGTH, header.length());
    let (source, destination) = (header.source(), header.destination());
    out.part(Part::Object("src"), |out| {
        out.put(&SOURCE_NETWORK, source.network);
        out.put(&SOURCE_NODE, source.node);
        out.put(&SOURCE_SOCKET, source.socket);
    });
    out.part(Part::Object("dst"), |out| {
        out.put(&DESTINATION_NETWORK, destination.network);
        out.put(&DESTINATION_NODE, destination.node);
        out.put(&DESTINATION_SOCKET, destination.socket);
    });
}
