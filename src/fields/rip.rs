//! Fields of RIP versions 1 and 2.

use super::{Part, Visitor};
use crate::decode::rip::{AUTHENTICATION, ENTRY, Entry, Rip};
use crate::decode::{Short, Span};

fields! { rip, "rip", Plain, "Routing information protocol (RFC 1058, RFC 2453)";
    COMMAND "command" Number "1 request, 2 response" ["rip.command" "" ""];
    VERSION "version" Number "Version" ["rip.version" "" ""];
    AUTHENTICATED "authentication" Number "How it is authenticated: 2 password, 3 keyed digest" ["rip.auth.type" "" ""];
    FAMILY ("route") "family" Number "Address family: 2 is IPv4, 0 asks for all routes" ["rip.family" "" ""];
    TAG ("route") "tag" Number "Tag of a route (version 2)" ["rip.route_tag" "" ""];
    DESTINATION ("route") "destination" Ip "Where a route leads" ["rip.ip" "" ""];
    MASK ("route") "mask" Ip "Its network mask (version 2)" ["rip.netmask" "" ""];
    NEXT_HOP ("route") "next_hop" Ip "Its next hop (version 2)" ["rip.next_hop" "" ""];
    METRIC ("route") "metric" Number "Its metric: 16 is out of reach" ["rip.metric" "" ""];
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let message = Rip::parse(span)?;
    out.put(&COMMAND, message.command);
    out.put(&VERSION, message.version);
    if message.entries.u16_at(0) == Some(AUTHENTICATION) {
        out.maybe(&AUTHENTICATED, message.entries.u16_at(2));
    }
    let entries = message.entries.bytes().chunks(ENTRY).map(|bytes| Span::new(bytes, bytes.len()));
    let mut routes = entries.filter_map(Entry::parse).filter(|entry| entry.family != AUTHENTICATION).peekable();
    if routes.peek().is_some() {
        out.part(Part::Group("route"), |out| {
            for route in routes {
                out.part(Part::Item, |out| {
                    out.put(&FAMILY, route.family);
                    out.put(&DESTINATION, route.destination);
                    if message.version == 2 {
                        out.put(&TAG, route.tag);
                        out.put(&MASK, route.mask.to_be_bytes());
                        out.put(&NEXT_HOP, route.next_hop);
                    }
                    out.put(&METRIC, route.metric);
                });
            }
        });
    }
    if span.is_cut() { Err(span.short(span.wire())) } else { Ok(()) }
}
