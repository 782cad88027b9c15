//! Fields of the hot standby router protocol.

use super::Visitor;
use crate::decode::hsrp::Hsrp;
use crate::decode::{Short, Span};

fields! { hsrp, "hsrp", Plain, "Hot standby router protocol (RFC 2281)";
    VERSION "version" Number @0..1 "0 for version 1" ["hsrp.version" "" ""];
    OPERATION "opcode" Number @1..2 "0 hello, 1 coup, 2 resignation" ["hsrp.opcode" "" ""];
    STATE "state" Number @2..3 "0 initial, 1 learn, 2 listen, 4 speak, 8 standby, 16 active" ["hsrp.state" "" ""];
    HELLO_TIME "hello_time" Number @3..4 "Time between hellos, in seconds" ["hsrp.hellotime" "" ""];
    HOLD_TIME "hold_time" Number @4..5 "How long a hello holds, in seconds" ["hsrp.holdtime" "" ""];
    PRIORITY "priority" Number @5..6 "Priority of the sender" ["hsrp.priority" "" ""];
    GROUP "group" Number @6..7 "Group" ["hsrp.group" "" ""];
    ADDRESS "address" Ip @16..20 "Address that the routers share" ["hsrp.virt_ip" "" ""];
}

/// Length of a message, in bytes.
const LENGTH: usize = 20;

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Hsrp::of(span);
    out.maybe(&VERSION, message.version());
    out.maybe(&OPERATION, message.operation());
    out.maybe(&STATE, message.state());
    if let Some([hello, hold]) = message.times() {
        out.put(&HELLO_TIME, hello);
        out.put(&HOLD_TIME, hold);
    }
    out.maybe(&PRIORITY, message.priority());
    out.maybe(&GROUP, message.group());
    out.maybe(&ADDRESS, message.address());
    if span.bytes().len() < LENGTH { Err(span.short(LENGTH)) } else { Ok(()) }
}
