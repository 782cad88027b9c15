//! Lines of ICMPv6.

mod mld;
mod ndp;
mod node;
mod renumbering;
mod rpl;

use super::ip::right_checksum;
use super::udp::{quoted_port, residue};
use super::{Ip, Page, Sheet, hex};
use crate::decode::icmpv6::{self, Icmpv6};
use crate::decode::{Layer, Layers, Next};
use crate::names::system::Transport;

/// Prints one message and what is inside it; `ip` is the header around it.
pub(super) fn print<'a>(page: &mut Page<'_>, message: &Icmpv6<'a>, inside: &mut Layers<'a>, ip: Option<Ip<'a>>) {
    if page.options.verbose > 0 && !page.fragment {
        if message.span().wire() < 4 {
            return page.truncated("icmp6");
        }
        checksum(page, message, ip);
    }
    page.sheet.put("ICMP6, ");
    name(page.sheet, message.kind());
    let early_length = page.options.verbose > 0 && has_early_length(message.kind());
    if early_length {
        length(page.sheet, message);
    }
    match body(page, message, *inside) {
        None => page.truncated("icmp6"),
        Some(Told::All) => {}
        Some(Told::ButLength) if page.options.verbose > 0 => {}
        Some(Told::ButLength) => length(page.sheet, message),
    }
}

/// Whether a message's line is done, or its length should follow where there is no `-v`.
enum Told {
    All,
    ButLength,
}

fn length(sheet: &mut Sheet, message: &Icmpv6<'_>) {
    sheet.put(", length ");
    sheet.len_of(message.span().wire());
}

fn checksum(page: &mut Page<'_>, message: &Icmpv6<'_>, ip: Option<Ip<'_>>) {
    let residue = ip.and_then(|ip| residue(page, message.span(), ip, 58));
    match (residue, message.checksum()) {
        (Some(0), _) => page.sheet.put("[icmp6 sum ok] "),
        (Some(residue), Some(found)) if !page.checksum_not_ready => {
            page.sheet.put("[bad icmp6 cksum 0x");
            page.sheet.hex_padded(found, 4);
            page.sheet.put(" -> 0x");
            page.sheet.hex_padded(right_checksum(found, residue), 4);
            page.sheet.put("!] ");
        }
        (Some(_), Some(found)) => {
            page.sheet.put("[icmp6 cksum 0x");
            page.sheet.hex_padded(found, 4);
            page.sheet.put(" (offloaded)] ");
        }
        _ => {}
    }
}

fn name(sheet: &mut Sheet, kind: u8) {
    let name = match kind {
        icmpv6::UNREACHABLE => "destination unreachable",
        icmpv6::PACKET_TOO_BIG => "packet too big",
        icmpv6::TIME_EXCEEDED => "time exceeded in-transit",
        icmpv6::PARAMETER_PROBLEM => "parameter problem",
        icmpv6::ECHO_REQUEST => "echo request",
        icmpv6::ECHO_REPLY => "echo reply",
        icmpv6::LISTENER_QUERY => "multicast listener query",
        icmpv6::LISTENER_REPORT => "multicast listener report",
        icmpv6::LISTENER_DONE => "multicast listener done",
        icmpv6::ROUTER_SOLICITATION => "router solicitation",
        icmpv6::ROUTER_ADVERTISEMENT => "router advertisement",
        icmpv6::NEIGHBOUR_SOLICITATION => "neighbor solicitation",
        icmpv6::NEIGHBOUR_ADVERTISEMENT => "neighbor advertisement",
        icmpv6::REDIRECT => "redirect",
        icmpv6::ROUTER_RENUMBERING => "router renumbering",
        icmpv6::NODE_INFORMATION_QUERY => "who-are-you request",
        icmpv6::NODE_INFORMATION_REPLY => "who-are-you reply",
        icmpv6::INVERSE_SOLICITATION => "inverse neighbor solicitation",
        icmpv6::INVERSE_ADVERTISEMENT => "inverse neighbor advertisement",
        icmpv6::LISTENER_REPORT_V2 => "multicast listener report v2",
        icmpv6::HOME_AGENT_REQUEST => "ha discovery request",
        icmpv6::HOME_AGENT_REPLY => "ha discovery reply",
        icmpv6::MOBILE_PREFIX_SOLICITATION => "mobile router solicitation",
        icmpv6::MOBILE_PREFIX_ADVERTISEMENT => "mobile router advertisement",
        icmpv6::RPL => "RPL",
        200 => "mtrace response",
        201 => "mtrace message",
        kind => {
            sheet.put("unknown icmp6 type (");
            sheet.dec(kind);
            ")"
        }
    };
    sheet.put(name);
}

/// Whether `-v` shows the length behind the name, for options are shown under the line.
fn has_early_length(kind: u8) -> bool {
    matches!(
        kind,
        icmpv6::ROUTER_SOLICITATION
            | icmpv6::ROUTER_ADVERTISEMENT
            | icmpv6::NEIGHBOUR_SOLICITATION
            | icmpv6::NEIGHBOUR_ADVERTISEMENT
            | icmpv6::REDIRECT
            | icmpv6::HOME_AGENT_REPLY
            | icmpv6::MOBILE_PREFIX_ADVERTISEMENT
    )
}

/// What the message says; none where bytes for that are missing.
fn body(page: &mut Page<'_>, message: &Icmpv6<'_>, inside: Layers<'_>) -> Option<Told> {
    let code = message.code()?;
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    match message.kind() {
        icmpv6::UNREACHABLE => return unreachable(page, message, code, inside),
        icmpv6::PACKET_TOO_BIG => {
            let mtu = message.mtu()?;
            sheet.put(", mtu ");
            sheet.dec(mtu);
        }
        icmpv6::TIME_EXCEEDED => time_exceeded(sheet, message, code)?,
        icmpv6::PARAMETER_PROBLEM => parameter_problem(sheet, message, code)?,
        icmpv6::ECHO_REQUEST | icmpv6::ECHO_REPLY => {
            let (identifier, sequence) = (message.identifier()?, message.sequence()?);
            sheet.put(", id ");
            sheet.dec(identifier);
            sheet.put(", seq ");
            sheet.dec(sequence);
        }
        icmpv6::LISTENER_QUERY => mld::query(sheet, message, verbose)?,
        icmpv6::LISTENER_REPORT | icmpv6::LISTENER_DONE => mld::version_1(sheet, message),
        icmpv6::LISTENER_REPORT_V2 => mld::report(sheet, message, verbose)?,
        icmpv6::ROUTER_SOLICITATION
        | icmpv6::ROUTER_ADVERTISEMENT
        | icmpv6::NEIGHBOUR_SOLICITATION
        | icmpv6::NEIGHBOUR_ADVERTISEMENT
        | icmpv6::REDIRECT => ndp::print(sheet, message, verbose)?,
        icmpv6::NODE_INFORMATION_QUERY => {
            let whole = node::query(sheet, message, code, verbose);
            return Some(marked(page, whole));
        }
        icmpv6::NODE_INFORMATION_REPLY => {
            let whole = node::reply(sheet, message, code, verbose);
            return Some(marked(page, whole));
        }
        icmpv6::HOME_AGENT_REQUEST | icmpv6::MOBILE_PREFIX_SOLICITATION => identifier(sheet, message)?,
        icmpv6::HOME_AGENT_REPLY if verbose > 0 => home_agents(sheet, message)?,
        icmpv6::MOBILE_PREFIX_ADVERTISEMENT if verbose > 0 => mobile_prefixes(sheet, message, verbose)?,
        icmpv6::ROUTER_RENUMBERING => {
            let whole = renumbering::print(sheet, message.span(), code, verbose);
            return Some(marked(page, whole));
        }
        icmpv6::INVERSE_SOLICITATION
        | icmpv6::INVERSE_ADVERTISEMENT
        | icmpv6::HOME_AGENT_REPLY
        | icmpv6::MOBILE_PREFIX_ADVERTISEMENT => {}
        icmpv6::RPL => rpl::print(sheet, message, code, verbose)?,
        _ => {
            length(sheet, message);
            unknown(sheet, message, verbose);
            return Some(Told::All);
        }
    }
    Some(Told::ButLength)
}

/// Marks what ended before its time, in a line that goes on all the same.
fn marked(page: &mut Page<'_>, whole: Option<()>) -> Told {
    if whole.is_none() {
        page.truncated("icmp6");
    }
    Told::ButLength
}

/// A message that is not understood, in hexadecimal; from `-vv` on tcpdump leaves that to `-x`.
fn unknown(sheet: &mut Sheet, message: &Icmpv6<'_>, verbose: u8) {
    if verbose <= 1 {
        hex::indented(sheet, "\n\t", message.span().bytes());
    }
}

fn unreachable(page: &mut Page<'_>, message: &Icmpv6<'_>, code: u8, inside: Layers<'_>) -> Option<Told> {
    let sheet = &mut *page.sheet;
    sheet.put(match code {
        0 => ", unreachable route",
        1 => ",  unreachable prohibited",
        2 => ", beyond scope",
        3 => ", unreachable address",
        4 => ", unreachable port",
        _ => ", unknown unreach code (",
    });
    match code {
        0 | 1 | 3 => {
            let destination = message.quoted_destination()?;
            sheet.put(" ");
            sheet.ipv6(destination);
        }
        2 => {
            let (source, destination) = (message.quoted_source()?, message.quoted_destination()?);
            sheet.put(" ");
            sheet.ipv6(destination);
            sheet.put(", source address ");
            sheet.ipv6(source);
        }
        4 => {
            let (transport, port) = find_quoted_port(inside)?;
            sheet.put(", ");
            sheet.ipv6(message.quoted_destination()?);
            sheet.put(" ");
            quoted_port(sheet, transport, port);
        }
        _ => {
            sheet.dec(code);
            sheet.put(")");
            if page.options.verbose <= 1 {
                unknown(sheet, message, page.options.verbose);
                return Some(Told::All);
            }
        }
    }
    Some(Told::ButLength)
}

/// The transport of the quoted packet, found behind its extension headers, and its destination port.
fn find_quoted_port(mut inside: Layers<'_>) -> Option<(Transport, u16)> {
    inside.next().filter(|layer| matches!(layer, Layer::Ipv6(_)))?;
    loop {
        let transport = match inside.next_header() {
            Next::Protocol(6, _) => Transport::Tcp,
            Next::Protocol(17, _) => Transport::Udp,
            _ => {
                inside.next().filter(|layer| matches!(layer, Layer::Ipv6Extension(_)))?;
                continue;
            }
        };
        return Some((transport, inside.rest().u16_at(2)?));
    }
}

fn time_exceeded(sheet: &mut Sheet, message: &Icmpv6<'_>, code: u8) -> Option<()> {
    match code {
        0 => {
            let destination = message.quoted_destination()?;
            sheet.put(" for ");
            sheet.ipv6(destination);
        }
        1 => sheet.put(" (reassembly)"),
        code => {
            sheet.put(", unknown code (");
            sheet.dec(code);
            sheet.put(")");
        }
    }
    Some(())
}

fn parameter_problem(sheet: &mut Sheet, message: &Icmpv6<'_>, code: u8) -> Option<()> {
    message.quoted_destination()?;
    sheet.put(match code {
        0 => ", erroneous - octet ",
        1 => ", next header - octet ",
        2 => ", option - octet ",
        3 => ", incomplete header chain - octet ",
        _ => ", code-#",
    });
    sheet.dec(if code > 3 { code.into() } else { message.pointer()? });
    Some(())
}

fn identifier(sheet: &mut Sheet, message: &Icmpv6<'_>) -> Option<()> {
    let identifier = message.identifier()?;
    sheet.put(", id 0x");
    sheet.hex_padded(identifier, 4);
    Some(())
}

fn home_agents(sheet: &mut Sheet, message: &Icmpv6<'_>) -> Option<()> {
    identifier(sheet, message)?;
    let mut addresses = message.span().skip(8);
    while !addresses.is_empty() {
        let (address, rest) = addresses.split_array().ok()?;
        sheet.put(", ");
        sheet.ipv6(*address);
        addresses = rest;
    }
    Some(())
}

fn mobile_prefixes(sheet: &mut Sheet, message: &Icmpv6<'_>, verbose: u8) -> Option<()> {
    identifier(sheet, message)?;
    sheet.put(match message.sequence()? >> 14 {
        0 => "",
        1 => " O",
        2 => " M",
        _ => " MO",
    });
    ndp::options(sheet, message, verbose)
}
