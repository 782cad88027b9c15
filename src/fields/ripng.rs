//! Fields of RIPng.

use super::{Part, Visitor};
use crate::decode::rip::{ENTRY, Rip, Route6};
use crate::decode::{Short, Span};

fields! { ripng, "ripng", Plain, "Routing information protocol for IPv6 (RFC 2080)";
    COMMAND "command" Number "1 request, 2 response" ["ripng.cmd" "" ""];
    VERSION "version" Number "Version" ["ripng.version" "" ""];
    PREFIX ("route") "prefix" Ip "Where a route leads" ["ripng.rte.ipv6_prefix" "" ""];
    LENGTH ("route") "prefix_length" Number "Length of the prefix, in bits" ["ripng.rte.prefix_length" "" ""];
    TAG ("route") "tag" Number "Tag of a route" ["ripng.rte.route_tag" "" ""];
    METRIC ("route") "metric" Number "Its metric: 16 is out of reach, 255 says that the prefix is a next hop" ["ripng.rte.metric" "" ""];
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Rip::parse(span)?;
    out.put(&COMMAND, message.command);
    out.put(&VERSION, message.version);
    let entries = message.entries.bytes().chunks(ENTRY).map(|bytes| Span::new(bytes, bytes.len()));
    let mut routes = entries.filter_map(Route6::parse).peekable();
    if routes.peek().is_some() {
        out.part(Part::Group("route"), |out| {
            for route in routes {
                out.part(Part::Item, |out| {
                    out.put(&PREFIX, route.prefix);
                    out.put(&LENGTH, route.length);
                    out.put(&TAG, route.tag);
                    out.put(&METRIC, route.metric);
                });
            }
        });
    }
    if span.is_cut() { Err(span.short(span.wire())) } else { Ok(()) }
}
