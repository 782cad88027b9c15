//! Fields of IS-IS.

use super::Visitor;
use crate::decode::isis::Isis;

fields! { isis, "isis", Plain, "IS-IS (ISO/IEC 10589): the head that all messages share";
    TYPE "type" Number @4..5 "15 to 17 hello, 18 and 20 link state, 24 and 25 complete, 26 and 27 partial sequence numbers" ["isis.type" "" ""];
    HEAD_LENGTH "header_len" Number @1..2 "Length of the head of its type, in bytes" ["isis.len" "" ""];
    IDENTIFIER_LENGTH "id_len" Number @3..4 "Length of a system's identifier, in bytes; 0 stands for 6" ["isis.sysid_len" "" ""];
    MAX_AREAS "max_areas" Number @7..8 "The most areas that a system may be in; 0 stands for 3" ["isis.max_area_adr" "" ""];
}

pub(super) fn visit<'a>(message: &Isis<'a>, out: &mut impl Visitor<'a>) {
    out.put(&TYPE, message.kind());
    out.put(&HEAD_LENGTH, message.head_len());
    out.put(&IDENTIFIER_LENGTH, message.identifier_len());
    out.put(&MAX_AREAS, message.max_areas());
}
