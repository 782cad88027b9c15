//! Fields of syslog.

use super::{Value, Visitor};
use crate::decode::syslog::{Priority, parts};
use crate::decode::{Short, Span};

fields! { syslog, "syslog", Plain, "Messages of syslog over UDP (RFC 3164, RFC 5424)";
    FACILITY "facility" Number "What part of the system says it" ["syslog.facility" "syslog.facility" ""];
    SEVERITY "severity" Number "From 0 emergency to 7 debug" ["syslog.level" "syslog.severity" ""];
    MESSAGE "message" Text "All behind the priority" ["syslog.msg" "syslog.message" ""];
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let text = match Priority::parse(span) {
        Priority::Is(priority, text) => {
            let (facility, severity) = parts(priority);
            out.put(&FACILITY, facility);
            out.put(&SEVERITY, severity);
            text
        }
        Priority::Cut | Priority::None => span,
    };
    out.put(&MESSAGE, Value::Text(text.bytes()));
    if span.is_cut() { Err(span.short(span.wire())) } else { Ok(()) }
}
