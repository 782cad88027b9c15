//! Fields of Ethernet's loopback protocol.

use super::Visitor;
use crate::decode::loopback_test::LoopbackTest;

fields! { loopback_test, "loop", Plain, "Configuration testing protocol (Ethernet loopback)";
    SKIP_COUNT "skip_count" Number @0..2 "Bytes of functions that are done with" ["loop.skipcount" "" ""];
    FUNCTION "function" Number "What is to be done next: 1 reply, 2 forward" ["loop.function" "" ""];
}

pub(super) fn visit<'a>(message: &LoopbackTest<'a>, out: &mut impl Visitor<'a>) {
    out.maybe(&SKIP_COUNT, message.skip_count());
    out.maybe(&FUNCTION, message.function());
}
