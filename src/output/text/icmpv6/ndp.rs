//! Lines of neighbour discovery.

use crate::decode::icmpv6::{self, Icmpv6};
use crate::decode::ndp::{self, NdpOption};
use crate::output::Sheet;
use crate::output::text::hex;

/// Prints one message; none where bytes for that are missing.
pub(super) fn print(sheet: &mut Sheet, message: &Icmpv6<'_>, verbose: u8) -> Option<()> {
    match message.kind() {
        icmpv6::ROUTER_ADVERTISEMENT if verbose > 0 => router(sheet, message)?,
        icmpv6::NEIGHBOUR_SOLICITATION => {
            let target = message.target()?;
            sheet.put(", who has ");
            sheet.ipv6(target);
        }
        icmpv6::NEIGHBOUR_ADVERTISEMENT => {
            let target = message.target()?;
            sheet.put(", tgt is ");
            sheet.ipv6(target);
            if verbose > 0 {
                let names = [(0x80, "router"), (0x40, "solicited"), (0x20, "override")];
                flags(sheet, message.neighbour_flags()?, &names);
            }
        }
        icmpv6::REDIRECT => {
            let destination = message.redirected()?;
            let target = message.target()?;
            sheet.put(", ");
            sheet.ipv6(destination);
            sheet.put(" to ");
            sheet.ipv6(target);
        }
        _ => {}
    }
    if verbose > 0 { options(sheet, message, verbose) } else { Some(()) }
}

fn router(sheet: &mut Sheet, message: &Icmpv6<'_>) -> Option<()> {
    let router = message.router()?;
    sheet.put("\n\thop limit ");
    sheet.dec(router.hop_limit);
    let names = [(0x80, "managed"), (0x40, "other stateful"), (0x20, "home agent"), (0x02, "ipv6 only")];
    flags(sheet, router.flags, &names);
    sheet.put(", pref ");
    sheet.put(preference(router.flags));
    sheet.put(", router lifetime ");
    sheet.dec(router.lifetime);
    sheet.put("s, reachable time ");
    sheet.dec(router.reachable);
    sheet.put("ms, retrans timer ");
    sheet.dec(router.retransmit);
    sheet.put("ms");
    Some(())
}

/// The names of the bits that are set, or `none`.
fn flags(sheet: &mut Sheet, bits: u8, names: &[(u8, &'static str)]) {
    sheet.put(", Flags [");
    let mut joint = "";
    for (_, name) in names.iter().filter(|(bit, _)| bits & bit != 0) {
        sheet.put(joint);
        sheet.put(name);
        joint = ", ";
    }
    sheet.put(if joint.is_empty() { "none]" } else { "]" });
}

/// The preference of a router or route (RFC 4191, 2.1).
fn preference(flags: u8) -> &'static str {
    match flags >> 3 & 3 {
        0 => "medium",
        1 => "high",
        2 => "rsv",
        _ => "low",
    }
}

/// A lifetime in seconds.
fn lifetime(sheet: &mut Sheet, seconds: u32) {
    if seconds == u32::MAX {
        return sheet.put("infinity");
    }
    sheet.dec(seconds);
    sheet.put("s");
}

/// The options, each on a line of its own, with its bytes under it from `-vv` on.
pub(super) fn options(sheet: &mut Sheet, message: &Icmpv6<'_>, verbose: u8) -> Option<()> {
    for found in message.options() {
        let option = found.ok()?;
        sheet.put("\n\t  ");
        sheet.put(match option.kind() {
            ndp::SOURCE_LINK_ADDRESS => "source link-address",
            ndp::TARGET_LINK_ADDRESS => "destination link-address",
            ndp::PREFIX => "prefix info",
            ndp::REDIRECTED_HEADER => "redirected header",
            ndp::MTU => "mtu",
            ndp::ADVERTISEMENT_INTERVAL => "advertisement interval",
            ndp::HOME_AGENT => "homeagent information",
            ndp::ROUTE => "route info",
            ndp::DNS_SERVERS => "rdnss",
            ndp::DNS_SEARCH => "dnssl",
            _ => "unknown",
        });
        sheet.put(" option (");
        sheet.dec(option.kind());
        sheet.put("), length ");
        sheet.len_of(option.len());
        sheet.put(" (");
        sheet.dec(option.units());
        sheet.put("): ");
        if !value(sheet, &option)? && verbose <= 1 {
            hex::indented(sheet, "\n\t  ", option.body());
            return Some(());
        }
        if verbose > 1 {
            hex::indented(sheet, "\n\t    ", option.body());
        }
    }
    Some(())
}

/// What an option says; whether its type is known.
fn value(sheet: &mut Sheet, option: &NdpOption<'_>) -> Option<bool> {
    match option.kind() {
        ndp::SOURCE_LINK_ADDRESS | ndp::TARGET_LINK_ADDRESS => sheet.hex_bytes(option.body(), ":"),
        ndp::PREFIX => prefix(sheet, option)?,
        ndp::REDIRECTED_HEADER => hex::indented(sheet, "\n\t    ", option.bytes()),
        ndp::MTU => {
            sheet.put(" ");
            sheet.dec(option.number()?);
            sheet.put(if option.units() == 1 { "" } else { "bad option length" });
        }
        ndp::ADVERTISEMENT_INTERVAL => {
            sheet.put(" ");
            sheet.dec(option.number()?);
            sheet.put("ms");
        }
        ndp::HOME_AGENT => {
            let (preference, lifetime) = option.home_agent()?;
            sheet.put(" preference ");
            sheet.dec(preference);
            sheet.put(", lifetime ");
            sheet.dec(lifetime);
        }
        ndp::ROUTE => {
            let route = option.route()?;
            sheet.put(" ");
            sheet.ipv6(route.address);
            sheet.put("/");
            sheet.dec(route.len);
            sheet.put(", pref=");
            sheet.put(preference(route.flags));
            sheet.put(", lifetime=");
            lifetime(sheet, route.lifetime);
        }
        ndp::DNS_SERVERS => {
            sheet.put(" lifetime ");
            sheet.dec(option.number()?);
            sheet.put("s,");
            for server in option.servers() {
                sheet.put(" addr: ");
                sheet.ipv6(server);
            }
        }
        ndp::DNS_SEARCH => {
            sheet.put(" lifetime ");
            sheet.dec(option.number()?);
            sheet.put("s, domain(s):");
            domains(sheet, option.domains())?;
        }
        _ => return Some(false),
    }
    Some(true)
}

fn prefix(sheet: &mut Sheet, option: &NdpOption<'_>) -> Option<()> {
    let prefix = option.prefix()?;
    sheet.ipv6(prefix.address);
    sheet.put("/");
    sheet.dec(prefix.len);
    sheet.put(if option.units() == 4 { "" } else { "badlen" });
    flags(sheet, prefix.flags, &[(0x80, "onlink"), (0x40, "auto"), (0x20, "router")]);
    sheet.put(", valid time ");
    lifetime(sheet, prefix.valid);
    sheet.put(", pref. time ");
    lifetime(sheet, prefix.preferred);
    Some(())
}

/// Domain names, of which none is compressed, up to an empty one; none where one does not end.
fn domains(sheet: &mut Sheet, mut bytes: &[u8]) -> Option<()> {
    while bytes.first().is_some_and(|len| *len != 0) {
        sheet.put(" ");
        loop {
            let (len, rest) = bytes.split_first()?;
            if *len == 0 {
                bytes = rest;
                break;
            }
            let (label, rest) = rest.split_at_checked(usize::from(*len))?;
            sheet.caret(label);
            sheet.put(".");
            bytes = rest;
        }
    }
    Some(())
}
