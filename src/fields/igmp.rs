//! Fields of IGMP.

use super::Visitor;
use crate::decode::igmp::{self, Igmp};

fields! { igmp, "igmp", Plain, "Internet group management protocol (RFC 3376)";
    TYPE "type" Number @0..1 "0x11 query, 0x12, 0x16 and 0x22 reports of version 1 to 3, 0x17 leave" ["igmp.type" "" ""];
    CODE "code" Number @1..2 "A query's code for the longest time to answer in" ["igmp.max_resp" "" ""];
    CHECKSUM "checksum" Number @2..4 "Checksum" ["igmp.checksum" "" ""];
    GROUP "group" Ip "Multicast groups queried, reported or left" ["igmp.maddr" "" ""];
    SOURCE "source" Ip "Sources that a version 3 query names" ["igmp.saddr" "" ""];
}

pub(super) fn visit<'a>(message: &Igmp<'a>, out: &mut impl Visitor<'a>) {
    out.put(&TYPE, message.kind());
    out.maybe(&CODE, message.code());
    out.maybe(&CHECKSUM, message.checksum());
    match message.kind() {
        igmp::V3_REPORT => out.list(&GROUP, message.records().filter_map(|record| record.group())),
        igmp::QUERY => {
            out.list(&GROUP, message.group());
            out.list(&SOURCE, message.query_sources().map_while(|source| source));
        }
        igmp::V1_REPORT | igmp::V2_REPORT | igmp::LEAVE => out.list(&GROUP, message.group()),
        _ => {}
    }
}
