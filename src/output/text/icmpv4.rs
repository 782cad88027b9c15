//! Lines of ICMP for IPv4.

use super::ip::right_checksum;
use super::udp::quoted_port;
use super::{Page, Sheet, hex, walk};
use crate::decode::Layers;
use crate::decode::icmpv4::{self, Extensions, Icmpv4, Label, Object};
use crate::names::system::Transport;

/// Prints one message and what is inside it.
pub(super) fn print<'a>(page: &mut Page<'_>, message: &Icmpv4<'a>, inside: &mut Layers<'a>) {
    let start = page.sheet.len();
    page.sheet.put("ICMP ");
    if summary(page.sheet, message).is_none() {
        page.sheet.truncate(start);
        return page.truncated("icmp");
    }
    page.sheet.put(", length ");
    page.sheet.len_of(message.span().wire());
    if page.options.verbose == 0 {
        return;
    }
    if !page.fragment && checksum(page, message).is_none() {
        return page.truncated("icmp");
    }
    if message.is_error() {
        page.sheet.put("\n\t");
        let Some(1..) = message.quoted().total_len() else { return page.truncated("icmp") };
        walk(page, inside, None);
    }
    if let Some(extensions) = message.extensions()
        && multi_part(page, &extensions).is_none()
    {
        page.truncated("icmp");
    }
}

/// Tells of a wrong checksum; none where there is none in a message that is not cut.
fn checksum(page: &mut Page<'_>, message: &Icmpv4<'_>) -> Option<()> {
    if let Some(residue @ 1..) = message.checksum_residue() {
        let found = message.checksum()?;
        page.sheet.put(" (wrong icmp cksum ");
        page.sheet.hex(found);
        page.sheet.put(" (->");
        page.sheet.hex(right_checksum(found, residue));
        page.sheet.put(")!)");
    }
    Some(())
}

/// What the message is about; none where bytes for that are missing.
fn summary(sheet: &mut Sheet, message: &Icmpv4<'_>) -> Option<()> {
    match message.kind() {
        icmpv4::ECHO_REQUEST => echo(sheet, "echo request, id ", ", seq ", message)?,
        icmpv4::ECHO_REPLY => echo(sheet, "echo reply, id ", ", seq ", message)?,
        icmpv4::UNREACHABLE => unreachable(sheet, message)?,
        icmpv4::REDIRECT => redirect(sheet, message)?,
        icmpv4::ROUTER_ADVERTISEMENT => routers(sheet, message)?,
        icmpv4::TIME_EXCEEDED => {
            message.quoted().destination()?;
            match message.code() {
                0 => sheet.put("time exceeded in-transit"),
                1 => sheet.put("ip reassembly time exceeded"),
                code => {
                    sheet.put("time exceeded-#");
                    sheet.dec(code);
                }
            }
        }
        icmpv4::PARAMETER_PROBLEM => match message.code() {
            0 => {
                sheet.put("parameter problem - octet ");
                sheet.dec(message.pointer()?);
            }
            code => {
                sheet.put("parameter problem - code ");
                sheet.dec(code);
            }
        },
        icmpv4::MASK_REPLY => {
            sheet.put("address mask is 0x");
            sheet.hex_padded(message.mask()?, 8);
        }
        icmpv4::TIMESTAMP_REQUEST => echo(sheet, "time stamp query id ", " seq ", message)?,
        icmpv4::TIMESTAMP_REPLY => {
            echo(sheet, "time stamp reply id ", " seq ", message)?;
            for (name, time) in [": org ", ", recv ", ", xmit "].into_iter().zip(message.times()?) {
                sheet.put(name);
                time_of_day(sheet, time);
            }
        }
        icmpv4::SOURCE_QUENCH => sheet.put("source quench"),
        icmpv4::ROUTER_SOLICITATION => sheet.put("router solicitation"),
        icmpv4::INFORMATION_REQUEST => sheet.put("information request"),
        icmpv4::INFORMATION_REPLY => sheet.put("information reply"),
        icmpv4::MASK_REQUEST => sheet.put("address mask request"),
        kind => {
            sheet.put("type-#");
            sheet.dec(kind);
        }
    }
    Some(())
}

fn echo(sheet: &mut Sheet, name: &'static str, joint: &'static str, message: &Icmpv4<'_>) -> Option<()> {
    sheet.put(name);
    sheet.dec(message.identifier()?);
    sheet.put(joint);
    sheet.dec(message.sequence()?);
    Some(())
}

fn unreachable(sheet: &mut Sheet, message: &Icmpv4<'_>) -> Option<()> {
    let quoted = message.quoted();
    let destination = quoted.destination()?;
    let (before, after) = match message.code() {
        0 => ("net ", " unreachable"),
        1 => ("host ", " unreachable"),
        2 | 3 => ("", " "),
        4 => ("", " unreachable - need to frag"),
        5 => ("", " unreachable - source route failed"),
        6 => ("net ", " unreachable - unknown"),
        7 => ("host ", " unreachable - unknown"),
        8 => ("", " unreachable - source host isolated"),
        9 => ("net ", " unreachable - admin prohibited"),
        10 => ("host ", " unreachable - admin prohibited"),
        11 => ("net ", " unreachable - tos prohibited"),
        12 => ("host ", " unreachable - tos prohibited"),
        13 => ("host ", " unreachable - admin prohibited filter"),
        14 => ("host ", " unreachable - host precedence violation"),
        15 => ("host ", " unreachable - precedence cutoff"),
        _ => ("", " unreachable - #"),
    };
    sheet.put(before);
    sheet.ipv4(destination);
    sheet.put(after);
    match message.code() {
        2 => {
            sheet.put("protocol ");
            sheet.dec(quoted.protocol()?);
            sheet.put(" unreachable");
        }
        3 => {
            match quoted.protocol()? {
                6 => quoted_port(sheet, Transport::Tcp, quoted.destination_port()?),
                17 => quoted_port(sheet, Transport::Udp, quoted.destination_port()?),
                protocol => {
                    sheet.put("protocol ");
                    sheet.dec(protocol);
                    sheet.put(" port ");
                    sheet.dec(quoted.destination_port()?);
                }
            }
            sheet.put(" unreachable");
        }
        4 => match message.mtu()? {
            0 => {}
            mtu => {
                sheet.put(" (mtu ");
                sheet.dec(mtu);
                sheet.put(")");
            }
        },
        16.. => sheet.dec(message.code()),
        _ => {}
    }
    Some(())
}

fn redirect(sheet: &mut Sheet, message: &Icmpv4<'_>) -> Option<()> {
    let (name, to) = match message.code() {
        0 => ("redirect ", " to net "),
        1 => ("redirect ", " to host "),
        2 => ("redirect-tos ", " to net "),
        3 => ("redirect-tos ", " to host "),
        _ => ("redirect-#", " to "),
    };
    sheet.put(name);
    if message.code() > 3 {
        sheet.dec(message.code());
        sheet.put(" ");
    }
    sheet.ipv4(message.quoted().destination()?);
    sheet.put(to);
    sheet.ipv4(message.gateway()?);
    Some(())
}

fn routers(sheet: &mut Sheet, message: &Icmpv4<'_>) -> Option<()> {
    let routers = message.routers();
    sheet.put("router advertisement lifetime ");
    let lifetime = routers.lifetime()?;
    let (hours, minutes, seconds) = (lifetime / 3600, lifetime / 60 % 60, lifetime % 60);
    if hours > 0 {
        sheet.dec(hours);
        sheet.put(":");
        sheet.dec_padded(minutes.into(), 2);
        sheet.put(":");
        sheet.dec_padded(seconds.into(), 2);
    } else if minutes > 0 {
        sheet.dec(minutes);
        sheet.put(":");
        sheet.dec_padded(seconds.into(), 2);
    } else {
        sheet.dec(seconds);
    }
    sheet.put(" ");
    sheet.dec(routers.count()?);
    sheet.put(":");
    let size = routers.entry_size()?;
    if size != 2 {
        sheet.put(" [size ");
        sheet.dec(size);
        sheet.put("]");
        return Some(());
    }
    for entry in routers.entries() {
        let (address, preference) = entry?;
        sheet.put(" {");
        sheet.ipv4(address);
        sheet.put(" ");
        sheet.dec(preference);
        sheet.put("}");
    }
    Some(())
}

/// Milliseconds since midnight as a time of day.
fn time_of_day(sheet: &mut Sheet, milliseconds: u32) {
    let seconds = milliseconds / 1000;
    sheet.dec_padded((seconds / 3600).into(), 2);
    sheet.put(":");
    sheet.dec_padded((seconds / 60 % 60).into(), 2);
    sheet.put(":");
    sheet.dec_padded((seconds % 60).into(), 2);
    sheet.put(".");
    sheet.dec_padded((milliseconds % 1000).into(), 3);
}

/// The objects behind a quoted packet; none where bytes of one are missing.
fn multi_part(page: &mut Page<'_>, extensions: &Extensions<'_>) -> Option<()> {
    let sheet = &mut *page.sheet;
    // The header and the first byte of an object.
    extensions.span().u8_at(4)?;
    let residue = extensions.checksum_residue();
    if !extensions.is_announced() && residue.is_some_and(|residue| residue != 0) {
        return Some(());
    }
    sheet.put("\n\tICMP Multi-Part extension v");
    sheet.dec(extensions.version()?);
    if extensions.version() != Some(2) {
        sheet.put(" packet not supported");
        return Some(());
    }
    if let Some(residue) = residue {
        sheet.put(", checksum 0x");
        sheet.hex_padded(extensions.checksum()?, 4);
        sheet.put(if residue == 0 { " (correct), length " } else { " (incorrect), length " });
        sheet.len_of(extensions.span().wire());
    }
    for object in extensions.objects() {
        multi_part_object(sheet, &object.ok()?)?;
    }
    Some(())
}

fn multi_part_object(sheet: &mut Sheet, object: &Object<'_>) -> Option<()> {
    sheet.put("\n\t  ");
    sheet.put(match object.class {
        1 => "MPLS Stack Entry",
        2 => "Interface Identification",
        _ => "unknown",
    });
    sheet.put(" Object (");
    sheet.dec(object.class);
    sheet.put("), Class-Type: ");
    sheet.dec(object.kind);
    sheet.put(", length ");
    sheet.dec(object.length);
    if !object.is_possible() {
        return Some(());
    }
    if (object.class, object.kind) != (1, 1) {
        hex::indented(sheet, "\n\t    ", object.payload.bytes());
        return Some(());
    }
    let label = Label(object.payload.u32_at(0)?);
    sheet.put("\n\t    label ");
    sheet.dec(label.value());
    sheet.put(", tc ");
    sheet.dec(label.traffic_class());
    sheet.put(if label.is_bottom() { ", [S], ttl " } else { ", ttl " });
    sheet.dec(label.ttl());
    Some(())
}
