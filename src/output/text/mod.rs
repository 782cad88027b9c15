//! A frame as the line tcpdump 4.99 prints for it; one protocol a file, as in `decode`.
//!
//! [`Printer`] puts a frame on the sheet: number, time, link layer, then [`walk`] leads from each layer's
//! printer to the next. A printer takes the view, the layers behind it and the [`Page`].

pub mod arp;
mod carp;
mod cdp;
mod deep;
mod dhcp;
mod dhcpv6;
pub(super) mod dns;
mod dtp;
mod dvmrp;
mod eapol;
mod eigrp;
mod erspan;
mod geneve;
mod gre;
mod hdlc;
pub(super) mod hex;
mod hsrp;
pub mod icmpv4;
pub mod icmpv6;
pub mod igmp;
mod ip;
mod ipsec;
mod ipv6;
mod ipx;
mod isis;
mod link;
pub mod llc;
mod lldp;
mod loopback_test;
mod mpls;
mod mptcp;
mod multicast;
pub(super) mod names;
mod natt;
mod ntp;
mod ospf;
mod packet_type;
mod payload;
mod pim;
mod pimv1;
mod ppp;
mod pppoe;
mod pptp;
mod process;
mod radius;
mod resp;
mod rip;
mod ripng;
mod sctp;
mod sequences;
mod slow;
mod snmp;
mod stp;
mod syslog;
mod tcp;
mod tcp_md5;
mod telnet;
mod tftp;
mod time;
mod txtproto;
mod udld;
mod udp;
mod vrrp;
mod vtp;
mod vxlan;
mod vxlan_gpe;
mod words;

pub use crate::decode::Ip;
pub use hex::Dump;
pub use packet_type::PacketType;
pub(in crate::output) use time::Clock;
pub use time::{TimeStyle, date_and_time, show_utc, time_of_day, zone};
pub(super) use words::organisation_of;

use std::collections::BTreeMap;

use super::marks::Marks;
use super::{Sheet, Style};
use crate::budget::Budget;
use crate::decode::{IpVersion, Layer, Layers, Next, Span, Stop, ethernet};
use crate::fields::Packet;
use crate::frame::{Frame, FrameFlags, LinkType, Section};
use crate::guard;
use crate::owner::View;
use crate::reassembly::{Follow, Losses};

/// What to show of each frame; the names are those of tcpdump's flags.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How often `-v` was given.
    pub verbose: u8,
    /// `-q`
    pub quiet: bool,
    /// `-e`
    pub link_header: bool,
    /// `-S`
    pub absolute_sequence: bool,
    /// `-K`
    pub no_checksums: bool,
    /// `-#`
    pub number: bool,
    /// `--lengths`
    pub lengths: bool,
    /// `-t` to `-ttttt`
    pub time: TimeStyle,
    /// Nine digits of a second, not six: `--nano`.
    pub nanoseconds: bool,
    /// `-x`, `-X`, `-A` and their doubles.
    pub dump: Dump,
    /// Further lines for what tcpdump does not tell: `--deep`.
    pub deep: bool,
    /// Autonomous system numbers in two parts: `-b`.
    pub as_dot: bool,
    /// What every datagram of UDP is read as: `-T`.
    pub packet_type: Option<PacketType>,
    /// The secret that signs segments of TCP: `-M`.
    pub tcp_secret: Option<Vec<u8>>,
    /// Tell the process that the packet is of, where the capture says it.
    pub owners: bool,
}

/// What printers write on, and what they need to know to do it.
#[derive(Debug)]
pub struct Page<'p> {
    pub sheet: &'p mut Sheet,
    pub options: &'p Options,
    /// The frame says that its checksums were left to the card, so that wrong ones are no fault.
    pub checksum_not_ready: bool,
    /// Source and destination of the frame's Ethernet header, where it has one.
    pub ethernet: Option<([u8; 6], [u8; 6])>,
    /// The packet is a fragment: a checksum covers more than what is here.
    fragment: bool,
    /// What a message of PPP is marked with where the capture cut it: its own name, or that of the frames it is in.
    ppp: &'static str,
    /// Where a routing header sends the packet in the end: what transport checksums cover.
    final_destination: Option<[u8; 16]>,
    interface_names: &'p BTreeMap<u32, String>,
    sequences: &'p mut sequences::Sequences,
    /// Where the frame's text begins on the sheet.
    start: usize,
}

/// A frame's text ends at this many bytes, and says so: a hostile one could ask for many times its own length.
const MAX_TEXT: usize = 1 << 16;

impl Page<'_> {
    /// Whether the frame's text has come to its limit: what repeats must end.
    pub fn is_full(&self) -> bool {
        self.sheet.len().saturating_sub(self.start) > MAX_TEXT
    }

    /// Tells that `protocol`'s bytes end before their time: ` [|protocol]`.
    pub fn truncated(&mut self, protocol: &'static str) {
        self.sheet.put(" [|");
        self.sheet.put(protocol);
        self.sheet.put("]");
    }

    /// Shows bytes that no printer knows, unless a dump of the frame that has them was asked for anyway, or `-q`.
    pub fn unknown(&mut self, bytes: &[u8]) {
        if self.shows_unknown() {
            hex::hex_and_ascii(self.sheet, bytes);
        }
    }

    /// Whether bytes that no printer knows are shown in hexadecimal.
    pub fn shows_unknown(&self) -> bool {
        !self.options.quiet && matches!(self.options.dump, Dump::None | Dump::Ascii | Dump::AsciiWithLink)
    }
}

/// Turns frames into lines; a decoder that fails costs its own packet's text alone. Keeps what must be remembered from frame to frame: relative sequence numbers and
/// the time of the first and the last one.
#[derive(Debug)]
pub struct Printer {
    options: Options,
    clock: time::Clock,
    sequences: sequences::Sequences,
    /// Where further lines are wanted.
    follow: Option<Follow>,
    marks: Option<Marks>,
    failures: u64,
    show_interfaces: bool,
    /// Names of interfaces by the index that a cooked header tells.
    interface_names: BTreeMap<u32, String>,
}

impl Printer {
    /// A printer whose memory comes out of `budget`.
    pub fn new(options: Options, budget: &Budget) -> Self {
        let clock = time::Clock::new(options.time, options.nanoseconds);
        let follow = options.deep.then(|| Follow::new(budget));
        Printer {
            options,
            clock,
            sequences: sequences::Sequences::new(budget),
            follow,
            marks: None,
            failures: 0,
            show_interfaces: false,
            interface_names: BTreeMap::new(),
        }
    }

    /// Marks some bytes where frames are dumped.
    pub fn mark(&mut self, marks: Option<Marks>) {
        self.marks = marks;
    }

    /// Whether each line begins with the interface's name, as where there are several.
    pub fn show_interfaces(&mut self, show: bool) {
        self.show_interfaces = show;
    }

    /// Tells what an interface of this machine is called, for cooked headers captured here and now.
    pub fn name_interface(&mut self, index: u32, name: &str) {
        self.interface_names.insert(index, name.to_owned());
    }

    /// How many packets made a decoder panic: a fault of ours, each shown raw.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// What was waited for and given up, where fragments and segments are put together.
    pub fn losses(&self) -> Losses {
        self.follow.as_ref().map_or_else(Losses::default, Follow::losses)
    }

    /// Puts the lines of a frame on the sheet, the last line's end included; `number` counts from 1.
    pub fn frame(&mut self, sheet: &mut Sheet, section: &Section, frame: &Frame<'_>, number: u64) {
        if self.options.number {
            for _ in number.checked_ilog10().unwrap_or(0)..4 {
                sheet.put(" ");
            }
            sheet.dec(number);
            sheet.put("  ");
        }
        if invalid_header(sheet, frame) {
            return sheet.put("]\n");
        }
        sheet.style(Style::Dim);
        self.clock.stamp(sheet, frame.time);
        sheet.style(Style::Plain);
        if self.options.lengths {
            sheet.put("caplen ");
            sheet.len_of(frame.data.len());
            sheet.put(", len ");
            sheet.dec(frame.wire_len);
            sheet.put(", ");
        }
        if self.show_interfaces {
            link::interface_name(sheet, section, frame.interface);
        }
        let start = sheet.len();
        let done = guarded(sheet, |sheet| {
            let mut page = Page {
                start: sheet.len(),
                sheet,
                options: &self.options,
                checksum_not_ready: frame.flags.has(FrameFlags::CHECKSUM_NOT_READY),
                ethernet: None,
                fragment: false,
                ppp: "ppp",
                final_destination: None,
                interface_names: &self.interface_names,
                sequences: &mut self.sequences,
            };
            link::frame(&mut page, frame);
            let owners = page.options.owners;
            if let Some(owner) = View::of(frame, section.byte_order).filter(|_| owners) {
                process::print(page.sheet, &owner);
            }
            if let Some(follow) = &mut self.follow {
                follow.frame(frame, |event| deep::print(&mut page, event));
            }
        });
        if done.is_none() {
            self.failures = self.failures.saturating_add(1);
            sheet.put("[decoder failed, shown raw]");
            hex::hex_and_ascii(sheet, frame.data);
        }
        if sheet.len().saturating_sub(start) > MAX_TEXT {
            sheet.truncate(start.saturating_add(MAX_TEXT));
            sheet.put(" [text cut]");
        }
        if self.options.dump != Dump::None && done.is_some() {
            let packet = Packet { number, section, frame: *frame, said: None };
            let marked = self.marks.as_mut().map_or(&[][..], |marks| marks.find(&packet));
            hex::dump(sheet, self.options.dump, frame.data, link::header_len(frame), marked);
        }
        sheet.put("\n");
    }
}

/// Runs what may have a fault on hostile bytes: if it panics, the sheet is as before and nothing is returned.
fn guarded<T>(sheet: &mut Sheet, print: impl FnOnce(&mut Sheet) -> T) -> Option<T> {
    let before = sheet.len();
    let done = guard::guarded(|| print(sheet));
    if done.is_none() {
        sheet.truncate(before);
    }
    done
}

/// Tells what is impossible about a frame's lengths; whether there was something.
fn invalid_header(sheet: &mut Sheet, frame: &Frame<'_>) -> bool {
    let (captured, wire) = (frame.data.len(), frame.wire_len as usize);
    let mut joint = "[Invalid header:";
    let mut tell = |sheet: &mut Sheet, before: &'static str, what: &'static str| {
        sheet.put(joint);
        sheet.put(before);
        sheet.put(what);
        joint = ",";
    };
    if captured == 0 {
        tell(sheet, " ", "caplen==0");
    }
    if wire == 0 {
        tell(sheet, " ", "len==0");
    } else if wire < captured {
        tell(sheet, " ", "len(");
        sheet.len_of(wire);
        sheet.put(") < caplen(");
        sheet.len_of(captured);
        sheet.put(")");
    }
    joint != "[Invalid header:"
}

/// Prints all that is left of a packet, beginning with the next layer. `ip` is the IP header around it.
pub fn walk<'a>(page: &mut Page<'_>, layers: &mut Layers<'a>, ip: Option<Ip<'a>>) {
    let Some(layer) = layers.next() else { return end(page, layers, ip) };
    match layer {
        Layer::Ethernet(header) => link::ethernet(page, &header, layers),
        Layer::Sll(_) | Layer::Sll2(_) | Layer::Loopback(_) => walk(page, layers, ip),
        Layer::Hdlc(frame) => hdlc::print(page, LinkType::C_HDLC, &frame, layers),
        Layer::Slarp(message) => hdlc::slarp(page, &message),
        Layer::Ppp(frame) => ppp::print(page, &frame, layers),
        Layer::PppControl(message) => ppp::control(page, &message),
        Layer::PppAuthentication(message) => ppp::authentication(page, &message),
        Layer::Pppoe(header) => pppoe::print(page, &header, layers),
        Layer::Isis(message) => isis::print(page, &message),
        Layer::Lldp(message) => lldp::print(page, &message),
        Layer::Cdp(message) => cdp::print(page, &message),
        Layer::Dtp(message) => dtp::print(page, &message),
        Layer::Udld(message) => udld::print(page, &message),
        Layer::Vtp(message) => vtp::print(page, &message),
        Layer::Slow(message) => slow::print(page, &message),
        Layer::Eapol(frame) => eapol::print(page, &frame, layers),
        Layer::Eap(packet) => eapol::packet(page, &packet),
        Layer::LoopbackTest(message) => loopback_test::print(page, &message),
        Layer::Vlan(tag) => link::vlan(page, &tag, layers),
        Layer::Llc(llc) => llc::print(page, &llc, layers),
        Layer::Ipx(header) => ipx::print(page, &header, layers),
        Layer::Arp(arp) => arp::print(page, &arp),
        Layer::Ipv4(header) => ip::print(page, &header, layers),
        Layer::Ipv6(header) => ipv6::print(page, &header, layers),
        Layer::Ipv6Extension(header) => ipv6::extension(page, &header, layers, ip),
        Layer::Tcp(segment) => tcp::print(page, &segment, ip),
        Layer::Udp(datagram) => udp::print(page, &datagram, layers, ip),
        Layer::Icmpv4(message) => icmpv4::print(page, &message, layers),
        Layer::Icmpv6(message) => icmpv6::print(page, &message, layers, ip),
        Layer::Igmp(message) => igmp::print(page, &message),
        Layer::Vxlan(header) => vxlan::print(page, &header, layers),
        Layer::VxlanGpe(header) => vxlan_gpe::print(page, &header, layers),
        Layer::Geneve(header) => geneve::print(page, &header, layers),
        Layer::Erspan(header) => erspan::print(page, &header, layers),
        Layer::Gre(header) => gre::print(page, &header, layers),
        Layer::Mpls(stack) => mpls::print(page, &stack, layers),
        Layer::Eigrp(message) => eigrp::print(page, &message),
        Layer::Vrrp(message) if page.options.packet_type == Some(PacketType::Carp) => {
            carp::print(page, message.span(), ip)
        }
        Layer::Vrrp(message) => vrrp::print(page, &message, ip),
        Layer::Authentication(header) => ipsec::authentication(page, &header, layers, ip),
        Layer::Encapsulated(header) => ipsec::encapsulated(page, &header),
        Layer::Compression(header) => ipsec::compression(page, &header),
        Layer::Ospf(packet) => ospf::print(page, &packet, ip),
        Layer::Pim(message) => pim::print(page, &message, layers, ip),
        Layer::Sctp(packet) => sctp::print(page, &packet, ip),
    }
}

/// None where some of the bytes were not captured.
fn whole(span: Span<'_>) -> Option<()> {
    (!span.is_cut()).then_some(())
}

/// Tells that a message can't be right; none where some of what is left of it was not captured.
fn invalid(sheet: &mut Sheet, rest: Span<'_>) -> Option<()> {
    sheet.put(" (invalid)");
    whole(rest)
}

/// Whether somebody here knows what a tunnel carries.
fn carried(inside: &Layers<'_>) -> bool {
    let mut ahead = *inside;
    ahead.next().is_some() || ahead.stop().is_some()
}

/// Where no layer follows: says what should have been there, as tcpdump does.
fn end<'a>(page: &mut Page<'_>, layers: &Layers<'a>, ip: Option<Ip<'a>>) {
    let rest = layers.rest();
    match layers.stop() {
        Some(stop) => stopped(page, &stop, rest, ip),
        None => match layers.next_header() {
            Next::Protocol(kind, _) | Next::Fragment(kind) => ip::unknown_protocol(page, kind, rest, ip),
            Next::PppProtocol(number) => ppp::unknown(page, number, layers),
            Next::EtherType(_) | Next::Payload | Next::Llc | Next::Snap(_) | Next::Vxlan | Next::Otv | Next::Geneve => {
                page.unknown(rest.bytes())
            }
            Next::Ppp | Next::Isis | Next::Ipx | Next::Slarp | Next::Eap(_) | Next::Erspan | Next::VxlanGpe => {}
            Next::Ip | Next::Link(LinkType::RAW | LinkType::IPV4 | LinkType::IPV6) if rest.bytes().is_empty() => {
                page.truncated("ip")
            }
            Next::Ip | Next::Link(LinkType::RAW | LinkType::IPV4 | LinkType::IPV6) => {
                page.sheet.put("unknown ip ");
                page.sheet.dec(rest.u8_at(0).unwrap_or(0) >> 4);
            }
            Next::Link(_) => {
                page.sheet.put("UNSUPPORTED");
                hex::hex_and_ascii(page.sheet, rest.bytes());
            }
        },
    }
}

fn stopped<'a>(page: &mut Page<'_>, stop: &Stop, rest: Span<'a>, ip: Option<Ip<'a>>) {
    if stop.short.cause == crate::decode::Cause::Depth {
        page.sheet.put("[more than ");
        page.sheet.dec(crate::decode::MAX_LAYERS);
        page.sheet.put(" layers]");
        return;
    }
    match stop.what {
        Next::Link(LinkType::EN10MB) | Next::Protocol(ethernet::IP_PROTOCOL, _) => page.truncated("ether"),
        Next::Link(LinkType::NULL | LinkType::LOOP) => page.truncated("null"),
        Next::Link(LinkType::PPP | LinkType::PPP_PPPD) | Next::Ppp => page.truncated("ppp"),
        Next::EtherType(0x880b) if rest.is_empty() => {}
        Next::EtherType(0x880b) => page.sheet.put(":  [|ppp]"),
        Next::Link(link @ (LinkType::PPP_SERIAL | LinkType::C_HDLC)) => hdlc::malformed(page, link, rest),
        Next::Link(LinkType::PPP_ETHER) | Next::EtherType(0x8863 | 0x8864 | 0x3c12 | 0x3c13) => {
            pppoe::malformed(page, rest)
        }
        Next::Link(LinkType::LINUX_SLL) => page.truncated("sll"),
        Next::Link(LinkType::LINUX_SLL2) => page.truncated("sll2"),
        Next::EtherType(0x0800) | Next::Protocol(4, _) => ip::malformed(page, rest),
        Next::EtherType(0x86dd) | Next::Protocol(41, _) => ipv6::malformed(page, rest),
        Next::Ip | Next::Link(_) if rest.u8_at(0).is_some_and(|b| b >> 4 == 6) => ipv6::malformed(page, rest),
        Next::Ip | Next::Link(_) => ip::malformed(page, rest),
        Next::EtherType(0x888e) => page.truncated("eap"),
        Next::Eap(_) => eapol::malformed(page, stop.short.cause),
        Next::Snap(_) => vtp::malformed(page, rest),
        Next::Erspan => page.truncated("erspan"),
        Next::Isis | Next::PppProtocol(0x0023) => isis::malformed(page),
        Next::Ipx | Next::PppProtocol(0x002b | 0x8137) => ipx::malformed(page, false),
        Next::EtherType(0x8137) => ipx::malformed(page, true),
        Next::PppProtocol(0x0021 | 0x002f | 0x0800) => ip::malformed(page, rest),
        Next::PppProtocol(0x0057 | 0x86dd) => ipv6::malformed(page, rest),
        Next::PppProtocol(0x0281 | 0x0283) => mpls::malformed(page, rest),
        Next::PppProtocol(_) | Next::Slarp => {}
        Next::EtherType(0x0806 | 0x8035) => page.truncated("arp"),
        Next::EtherType(0x8847 | 0x8848) => mpls::malformed(page, rest),
        Next::EtherType(_) => page.truncated("vlan"),
        Next::Llc => {
            page.truncated("llc");
            hex::hex_and_ascii(page.sheet, rest.bytes());
        }
        Next::Protocol(6, _) => tcp::malformed(page, rest, ip),
        Next::Protocol(17, _) => udp::malformed(page, rest, ip),
        Next::Protocol(1, _) => page.truncated("icmp"),
        Next::Protocol(2, _) if page.options.quiet => page.sheet.put("igmp"),
        Next::Protocol(2, _) => page.truncated("igmp"),
        Next::Protocol(47, _) => gre::malformed(page, rest),
        Next::Protocol(crate::decode::vrrp::PROTOCOL, _) if page.options.packet_type == Some(PacketType::Carp) => {
            page.truncated("carp");
        }
        Next::Protocol(crate::decode::vrrp::PROTOCOL, _) => {
            page.sheet.put("VRRP");
            page.truncated("vrrp");
        }
        Next::Protocol(crate::decode::ospf::PROTOCOL, IpVersion::V6) => page.truncated("ospf3"),
        Next::Protocol(crate::decode::ospf::PROTOCOL, _) => page.truncated("ospf2"),
        Next::Protocol(crate::decode::pim::PROTOCOL, _) => page.truncated("pim"),
        Next::Protocol(crate::decode::ipsec::AUTHENTICATION, _) => ipsec::malformed(page, rest),
        Next::Protocol(crate::decode::ipsec::ENCAPSULATED, _) => page.truncated("esp"),
        Next::Protocol(crate::decode::ipsec::COMPRESSION, _) => page.truncated("ipcomp"),
        Next::Protocol(crate::decode::sctp::PROTOCOL, _) => sctp::malformed(page, rest),
        Next::Vxlan => vxlan::malformed(page, rest),
        Next::Otv => vxlan::malformed_otv(page, rest),
        Next::VxlanGpe => vxlan_gpe::malformed(page, rest),
        Next::Protocol(crate::decode::eigrp::PROTOCOL, _) => page.truncated("eigrp"),
        Next::Geneve => geneve::malformed(page, rest),
        Next::Protocol(58, _) if rest.is_empty() => page.sheet.put("ICMP6, length 0 (invalid)"),
        Next::Protocol(58, _) => page.truncated("icmp6"),
        Next::Protocol(kind, _) | Next::Fragment(kind) => ipv6::malformed_extension(page, kind, rest),
        Next::Payload => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoder_that_panics_costs_its_own_text_alone() {
        let mut sheet = Sheet::new();
        sheet.put("before ");
        let failed = guarded(&mut sheet, |sheet| {
            sheet.put("half a line");
            assert!(guard::is_guarded());
            panic!("a fault")
        });
        let failed: Option<()> = failed;
        assert!(failed.is_none() && !guard::is_guarded());
        assert_eq!(guarded(&mut sheet, |sheet| sheet.put("after")), Some(()));
        assert_eq!(sheet.as_bytes(), b"before after");
    }
}
