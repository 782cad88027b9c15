//! Lines of PIM version 2.

use std::net::IpAddr;

use super::udp::residue;
use super::words::{Words, duration, number, word};
use super::{Ip, Page, Sheet, hex, walk};
use crate::decode::pim::{Encoded, HEADER, PROTOCOL, Pim, REGISTER_HEADER, kind};
use crate::decode::{Layers, Next, Span};

const KINDS: Words = &[
    (0, "Hello"),
    (1, "Register"),
    (2, "Register Stop"),
    (3, "Join / Prune"),
    (4, "Bootstrap"),
    (5, "Assert"),
    (6, "Graft"),
    (7, "Graft Acknowledgement"),
    (8, "Candidate RP Advertisement"),
    (9, "Prune Refresh"),
    (10, "DF Election"),
    (11, "ECMP Redirect"),
];

/// Options of a hello (IANA's registry, as far as tcpdump 4.99 knows it).
const OPTIONS: Words = &[
    (1, "Hold Time"),
    (2, "LAN Prune Delay"),
    (18, "DR Priority (Old)"),
    (19, "DR Priority"),
    (20, "Generation ID"),
    (21, "State Refresh Capability"),
    (22, "Bi-Directional Capability"),
    (24, "Address List"),
    (65001, "Address List (Old)"),
];

/// Prints a message and the packet that it registers.
pub(super) fn print<'a>(page: &mut Page<'_>, message: &Pim<'a>, layers: &mut Layers<'a>, ip: Option<Ip<'a>>) {
    let verbose = page.options.verbose > 0;
    let sheet = &mut *page.sheet;
    let name = word(KINDS, message.kind()).unwrap_or("Unknown Type");
    number(sheet, "PIMv", message.version());
    if message.version() == 2 && !verbose {
        sheet.put(", ");
        sheet.put(name);
    }
    sheet.put(", length ");
    sheet.len_of(message.span().wire());
    if message.version() != 2 || !verbose {
        return;
    }
    sheet.put("\n\t");
    sheet.put(name);
    match fields(page, message, ip) {
        Some(()) if layers.next_header() == Next::Ip && message.span().wire() >= HEADER => walk(page, layers, None),
        Some(()) => {}
        None => page.truncated("pimv2"),
    }
}

/// All that the message says before a packet inside it; none where bytes are missing.
fn fields(page: &mut Page<'_>, message: &Pim<'_>, ip: Option<Ip<'_>>) -> Option<()> {
    let span = message.span();
    for least in [2, HEADER] {
        if span.wire() < least {
            page.sheet.put("[length ");
            page.sheet.len_of(span.wire());
            page.sheet.put(if least == 2 { " < 2] (invalid)" } else { " < 4] (invalid)" });
            return Some(());
        }
        if least == 2 && message.reserved()? & 15 != 0 {
            page.sheet.put(", RFC2117-encoding");
        }
    }
    let size = message.reserved()? & 15;
    checksum(page, message, ip)?;
    let body = Body { size, rest: span.skip(HEADER) };
    match message.kind() {
        kind::HELLO => hello(page, body.rest, size),
        kind::REGISTER => register(page.sheet, body.rest),
        kind::JOIN_PRUNE | kind::GRAFT | kind::GRAFT_ACK => join_prune(page, body, message.kind() != kind::GRAFT_ACK),
        kind::BOOTSTRAP => bootstrap(page, body),
        kind::ELECTION => election(page.sheet, body, message.reserved()? >> 4),
        kind => small(page.sheet, body, kind),
    }
}

fn checksum(page: &mut Page<'_>, message: &Pim<'_>, ip: Option<Ip<'_>>) -> Option<()> {
    let found = message.checksum()?;
    page.sheet.put(", cksum 0x");
    page.sheet.hex_padded(found, 4);
    let of = |length: usize| match ip {
        Some(ip @ Ip::V6(_)) => residue(page, message.span().limit(length), ip, PROTOCOL),
        _ => message.checksum_residue(length),
    };
    let whole = message.span().wire();
    let left = match message.kind() {
        // Over the header alone, or by some over all (RFC 7761, 4.9.3).
        kind::REGISTER => match of(REGISTER_HEADER) {
            Some(1..) => of(whole),
            left => left,
        },
        _ => of(whole),
    };
    page.sheet.put(match left {
        _ if found == 0 => " (unverified)",
        None => " (unverified)",
        Some(0) => " (correct)",
        Some(_) => " (incorrect)",
    });
    Some(())
}

/// What is left of a message, and the length of its addresses where that is not told with each.
struct Body<'a> {
    size: u8,
    rest: Span<'a>,
}

/// What an address stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Unicast,
    Group,
    Source,
}

impl<'a> Body<'a> {
    /// Prints the next address.
    fn address(&mut self, sheet: &mut Sheet, role: Role) -> Option<()> {
        let (encoded, rest) = Encoded::parse(self.rest, self.size, role != Role::Unicast)?;
        self.rest = rest;
        let whole = match encoded.address {
            IpAddr::V4(address) => {
                sheet.ipv4(address.octets());
                32
            }
            IpAddr::V6(address) => {
                sheet.ipv6(address.octets());
                128
            }
        };
        if role == Role::Unicast {
            return Some(());
        }
        if encoded.mask != whole {
            number(sheet, "/", encoded.mask);
        }
        match (encoded.flags, role) {
            (0, _) => {}
            (flags, Role::Group) => {
                sheet.put("(0x");
                sheet.hex_padded(flags, 2);
                sheet.put(")");
            }
            (flags, _) => {
                sheet.put("(");
                for (_, letter) in [(4, "S"), (2, "W"), (1, "R")].iter().filter(|(bit, _)| flags & bit != 0) {
                    sheet.put(letter);
                }
                if flags & 0xf8 != 0 {
                    sheet.put("+0x");
                    sheet.hex_padded(flags & 0xf8, 2);
                }
                sheet.put(")");
            }
        }
        Some(())
    }

    /// Words and the address behind them.
    fn named(&mut self, sheet: &mut Sheet, words: &'static str, role: Role) -> Option<()> {
        sheet.put(words);
        self.address(sheet, role)
    }

    /// Goes over four bytes of the packet, whether they were captured or not.
    fn skip_word(&mut self) -> Option<()> {
        self.rest = (self.rest.wire() >= 4).then(|| self.rest.skip(4))?;
        Some(())
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_array().ok()?;
        self.rest = rest;
        Some(*bytes)
    }
}

fn hello(page: &mut Page<'_>, span: Span<'_>, size: u8) -> Option<()> {
    let mut rest = span;
    while !rest.is_empty() && !page.is_full() {
        let (kind, length) = (rest.u16_at(0)?, rest.u16_at(2)?);
        page.sheet.put("\n\t  ");
        page.sheet.put(word(OPTIONS, kind).unwrap_or("Unknown"));
        number(page.sheet, " Option (", kind);
        number(page.sheet, "), length ", length);
        page.sheet.put(", Value: ");
        let (value, behind) = rest.skip(4).split(length.into()).ok()?;
        if !option(page, kind, value, size)? {
            return Some(());
        }
        if page.options.verbose > 1 {
            hex::indented(page.sheet, "\n\t    ", value);
        }
        rest = behind;
    }
    Some(())
}

/// The value of an option; whether its length is right. None where an address can't be read.
fn option(page: &mut Page<'_>, kind: u16, value: &[u8], size: u8) -> Option<bool> {
    let verbose = page.options.verbose;
    let sheet = &mut *page.sheet;
    match (kind, value) {
        (1, [a, b]) => duration(sheet, u16::from_be_bytes([*a, *b]).into()),
        (2, [a, b, c, d]) => {
            number(sheet, "\n\t    T-bit=", a >> 7);
            number(sheet, ", LAN delay ", u16::from_be_bytes([a & 0x7f, *b]));
            number(sheet, "ms, Override interval ", u16::from_be_bytes([*c, *d]));
            sheet.put("ms");
        }
        (18 | 19, []) => sheet.put("Bi-Directional Capability (Old)"),
        (18 | 19, [a, b, c, d]) => sheet.dec(u32::from_be_bytes([*a, *b, *c, *d])),
        (20, [_, _, _, _]) => {
            sheet.put("0x");
            sheet.hex_bytes(value, "");
        }
        (21, [version, interval, reserved @ ..]) if value.len() == 4 => {
            number(sheet, "v", *version);
            if *interval != 0 {
                sheet.put(", interval ");
                duration(sheet, (*interval).into());
            }
            if reserved != [0, 0] {
                sheet.put(" ?0x");
                sheet.hex_bytes(reserved, "");
                sheet.put("?");
            }
        }
        (1 | 2 | 18..=21, _) => {
            sheet.put("[option length ");
            sheet.len_of(value.len());
            sheet.put(if kind == 1 { " != 2] (invalid)" } else { " != 4] (invalid)" });
            return Some(false);
        }
        (22, _) => {}
        (24 | 65001, _) => {
            let mut body = Body { size, rest: Span::new(value, value.len()) };
            while verbose > 1 && !body.rest.is_empty() {
                body.named(sheet, "\n\t    ", Role::Unicast)?;
            }
        }
        _ if verbose <= 1 => hex::indented(sheet, "\n\t    ", value),
        _ => {}
    }
    Some(true)
}

fn register(sheet: &mut Sheet, span: Span<'_>) -> Option<()> {
    let flags = span.u32_at(0)?;
    sheet.put(", Flags [ ");
    sheet.put(word(&[(0x8000_0000, "Border"), (0x4000_0000, "Null")], flags).unwrap_or("none"));
    sheet.put(" ]\n\t");
    let inside = span.skip(4);
    match inside.u8_at(0)? >> 4 {
        0 => {
            let (source, destination) = inside.array_at(12).zip(inside.array_at(16))?;
            sheet.put("IP-Null-header ");
            sheet.ipv4(source);
            sheet.put(" > ");
            sheet.ipv4(destination);
        }
        4 | 6 => {}
        version => number(sheet, "IP ver ", version),
    }
    Some(())
}

/// Joins and prunes, and grafts, which have the same form; an acknowledgment has no neighbor and no time.
fn join_prune(page: &mut Page<'_>, mut body: Body<'_>, to_neighbor: bool) -> Option<()> {
    const FOR_EVER: u16 = 0xffff;
    let sheet = &mut *page.sheet;
    if to_neighbor {
        body.named(sheet, ", upstream-neighbor: ", Role::Unicast)?;
    }
    let [_, groups, high, low] = body.take()?;
    number(sheet, "\n\t  ", groups);
    sheet.put(" group(s)");
    if to_neighbor {
        sheet.put(", holdtime: ");
        match u16::from_be_bytes([high, low]) {
            FOR_EVER => sheet.put("infinite"),
            time => duration(sheet, time.into()),
        }
    }
    for group in 1..=groups {
        number(page.sheet, "\n\t    group #", group);
        body.named(page.sheet, ": ", Role::Group)?;
        let [a, b, c, d] = body.take()?;
        let (joined, pruned) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        number(page.sheet, ", joined sources: ", joined);
        number(page.sheet, ", pruned sources: ", pruned);
        for (words, count) in [("\n\t      joined source #", joined), ("\n\t      pruned source #", pruned)] {
            for source in 1..=count {
                if page.is_full() {
                    return Some(());
                }
                number(page.sheet, words, source);
                body.named(page.sheet, ": ", Role::Source)?;
            }
        }
    }
    Some(())
}

fn bootstrap(page: &mut Page<'_>, mut body: Body<'_>) -> Option<()> {
    let tag = body.take().map(u16::from_be_bytes)?;
    page.sheet.put(" tag=");
    page.sheet.hex(tag);
    number(page.sheet, " hashmlen=", body.rest.u8_at(0)?);
    let [_, priority] = body.take()?;
    number(page.sheet, " BSRprio=", priority);
    body.named(page.sheet, " BSR=", Role::Unicast)?;
    let mut group = 0u32;
    while !body.rest.is_empty() && !page.is_full() {
        number(page.sheet, " (group", group);
        body.named(page.sheet, ": ", Role::Group)?;
        number(page.sheet, " RPcnt=", body.rest.u8_at(0)?);
        let fragments = body.rest.u8_at(1)?;
        number(page.sheet, " FRPcnt=", fragments);
        body.skip_word()?;
        for point in 0..fragments {
            if body.rest.is_empty() {
                break;
            }
            number(page.sheet, " RP", point);
            body.named(page.sheet, "=", Role::Unicast)?;
            page.sheet.put(",holdtime=");
            let time = body.rest.u16_at(0)?;
            duration(page.sheet, time.into());
            number(page.sheet, ",prio=", body.rest.u8_at(2)?);
            body.skip_word()?;
        }
        page.sheet.put(")");
        group = group.saturating_add(1);
    }
    Some(())
}

/// Which router forwards to a shared tree both ways (RFC 5015, 3.7).
fn election(sheet: &mut Sheet, mut body: Body<'_>, subtype: u8) -> Option<()> {
    sheet.put("\n\t  ");
    sheet.put(word(&[(1, "Offer"), (2, "Winner"), (3, "Backoff"), (4, "Pass")], subtype).unwrap_or("Unknown"));
    body.named(sheet, ", rpa=", Role::Unicast)?;
    let preference = body.take().map(u32::from_be_bytes)?;
    number(sheet, " sender pref=", preference);
    number(sheet, " sender metric=", body.take().map(u32::from_be_bytes)?);
    let words = match subtype {
        3 => ["\n\t  offer addr=", " offer pref=", " offer metric="],
        4 => ["\n\t  new winner addr=", " new winner pref=", " new winner metric="],
        _ => return Some(()),
    };
    let [address, preference, metric] = words;
    body.named(sheet, address, Role::Unicast)?;
    number(sheet, preference, body.take().map(u32::from_be_bytes)?);
    number(sheet, metric, body.take().map(u32::from_be_bytes)?);
    if subtype == 3 {
        number(sheet, " interval ", body.take().map(u16::from_be_bytes)?);
        sheet.put("ms");
    }
    Some(())
}

/// The messages of a few fields.
fn small(sheet: &mut Sheet, mut body: Body<'_>, message: u8) -> Option<()> {
    match message {
        kind::REGISTER_STOP => {
            body.named(sheet, " group=", Role::Group)?;
            body.named(sheet, " source=", Role::Unicast)?;
        }
        kind::ASSERT => {
            body.named(sheet, " group=", Role::Group)?;
            body.named(sheet, " src=", Role::Unicast)?;
            let [a, b, c, d, metric @ ..] = body.take::<8>()?;
            if a & 0x80 != 0 {
                sheet.put(" RPT");
            }
            number(sheet, " pref=", u32::from_be_bytes([a & 0x7f, b, c, d]));
            number(sheet, " metric=", u32::from_be_bytes(metric));
        }
        kind::CANDIDATE => {
            let count = body.rest.u8_at(0)?;
            number(sheet, " prefix-cnt=", count);
            number(sheet, " prio=", body.rest.u8_at(1)?);
            let [_, _, high, low] = body.take()?;
            let time = u16::from_be_bytes([high, low]);
            sheet.put(" holdtime=");
            duration(sheet, time.into());
            body.named(sheet, " RP=", Role::Unicast)?;
            for group in 0..count {
                if body.rest.is_empty() {
                    break;
                }
                number(sheet, " Group", group);
                body.named(sheet, "=", Role::Group)?;
            }
        }
        kind::REFRESH => {
            body.named(sheet, " src=", Role::Unicast)?;
            body.named(sheet, " grp=", Role::Group)?;
            body.named(sheet, " forwarder=", Role::Unicast)?;
            sheet.put(" TUNR ");
            duration(sheet, body.rest.u16_at(0)?.into());
        }
        kind => {
            number(sheet, " [type ", kind);
            sheet.put("]");
        }
    }
    Some(())
}
