//! The words of the language: keywords, and names for numbers.

use super::ast::{Atm, Direction, Field, PfName, PfNumber, Protocol, SignalUnit, Type};
use super::token::Kind;

/// A keyword.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Word {
    Protocol(Protocol),
    Src,
    Dst,
    WlanAddress(Direction),
    Type(Type),
    Mask,
    Less,
    Greater,
    Byte,
    Broadcast,
    Multicast,
    Len,
    Inbound,
    Outbound,
    InterfaceIndex,
    Vlan,
    Mpls,
    Pppoed,
    Pppoes,
    Geneve,
    WlanType,
    WlanSubtype,
    WlanDirection,
    Llc,
    PfName(PfName),
    PfNumber(PfNumber),
    Atm(Atm),
    Field(Field, bool),
    SignalUnit(SignalUnit, bool),
}

/// The token that a word is, if it is more than a plain name.
pub(super) fn lookup(word: &str) -> Option<Kind> {
    if let "and" | "or" | "not" = word {
        return ["and", "or", "not"].into_iter().find(|sign| *sign == word).map(Kind::Sign);
    }
    if let Some((_, protocol)) = PROTOCOLS.iter().find(|(name, _)| *name == word) {
        return Some(Kind::Word(Word::Protocol(*protocol)));
    }
    if let Some((_, keyword)) = KEYWORDS.iter().find(|(name, _)| *name == word) {
        return Some(Kind::Word(*keyword));
    }
    NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, number)| Kind::Number(*number))
}

#[rustfmt::skip]
const PROTOCOLS: &[(&str, Protocol)] = &[
    ("link", Protocol::Link), ("ether", Protocol::Link), ("ppp", Protocol::Link), ("slip", Protocol::Link),
    ("fddi", Protocol::Link), ("tr", Protocol::Link), ("wlan", Protocol::Link), ("ip", Protocol::Ip),
    ("ip6", Protocol::Ip6), ("arp", Protocol::Arp), ("rarp", Protocol::Rarp), ("tcp", Protocol::Tcp),
    ("udp", Protocol::Udp), ("sctp", Protocol::Sctp), ("icmp", Protocol::Icmp), ("icmp6", Protocol::Icmp6),
    ("igmp", Protocol::Igmp), ("igrp", Protocol::Igrp), ("pim", Protocol::Pim), ("vrrp", Protocol::Vrrp),
    ("carp", Protocol::Carp), ("ah", Protocol::Ah), ("esp", Protocol::Esp), ("atalk", Protocol::Atalk),
    ("aarp", Protocol::Aarp), ("decnet", Protocol::Decnet), ("lat", Protocol::Lat), ("sca", Protocol::Sca),
    ("moprc", Protocol::Moprc), ("mopdl", Protocol::Mopdl), ("iso", Protocol::Iso), ("esis", Protocol::Esis),
    ("es-is", Protocol::Esis), ("isis", Protocol::Isis), ("is-is", Protocol::Isis), ("clnp", Protocol::Clnp),
    ("stp", Protocol::Stp), ("ipx", Protocol::Ipx), ("netbeui", Protocol::Netbeui), ("l1", Protocol::IsisL1),
    ("l2", Protocol::IsisL2), ("iih", Protocol::IsisIih), ("lsp", Protocol::IsisLsp), ("snp", Protocol::IsisSnp),
    ("csnp", Protocol::IsisCsnp), ("psnp", Protocol::IsisPsnp), ("radio", Protocol::Radio),
];

#[rustfmt::skip]
const KEYWORDS: &[(&str, Word)] = &[
    ("src", Word::Src),
    ("dst", Word::Dst),
    ("addr1", Word::WlanAddress(Direction::Wlan(1))),
    ("address1", Word::WlanAddress(Direction::Wlan(1))),
    ("addr2", Word::WlanAddress(Direction::Wlan(2))),
    ("address2", Word::WlanAddress(Direction::Wlan(2))),
    ("addr3", Word::WlanAddress(Direction::Wlan(3))),
    ("address3", Word::WlanAddress(Direction::Wlan(3))),
    ("addr4", Word::WlanAddress(Direction::Wlan(4))),
    ("address4", Word::WlanAddress(Direction::Wlan(4))),
    ("ra", Word::WlanAddress(Direction::WlanReceiver)),
    ("ta", Word::WlanAddress(Direction::WlanTransmitter)),
    ("host", Word::Type(Type::Host)),
    ("net", Word::Type(Type::Net)),
    ("port", Word::Type(Type::Port)),
    ("portrange", Word::Type(Type::PortRange)),
    ("proto", Word::Type(Type::Proto)),
    ("protochain", Word::Type(Type::ProtoChain)),
    ("gateway", Word::Type(Type::Gateway)),
    ("mask", Word::Mask),
    ("less", Word::Less),
    ("greater", Word::Greater),
    ("byte", Word::Byte),
    ("broadcast", Word::Broadcast),
    ("multicast", Word::Multicast),
    ("len", Word::Len),
    ("length", Word::Len),
    ("inbound", Word::Inbound),
    ("outbound", Word::Outbound),
    ("ifindex", Word::InterfaceIndex),
    ("vlan", Word::Vlan),
    ("mpls", Word::Mpls),
    ("pppoed", Word::Pppoed),
    ("pppoes", Word::Pppoes),
    ("geneve", Word::Geneve),
    ("type", Word::WlanType),
    ("subtype", Word::WlanSubtype),
    ("direction", Word::WlanDirection),
    ("dir", Word::WlanDirection),
    ("llc", Word::Llc),
    ("on", Word::PfName(PfName::Interface)),
    ("ifname", Word::PfName(PfName::Interface)),
    ("rset", Word::PfName(PfName::Ruleset)),
    ("ruleset", Word::PfName(PfName::Ruleset)),
    ("rnr", Word::PfNumber(PfNumber::Rule)),
    ("rulenum", Word::PfNumber(PfNumber::Rule)),
    ("srnr", Word::PfNumber(PfNumber::Subrule)),
    ("subrulenum", Word::PfNumber(PfNumber::Subrule)),
    ("reason", Word::PfNumber(PfNumber::Reason)),
    ("action", Word::PfNumber(PfNumber::Action)),
    ("lane", Word::Atm(Atm::Lane)),
    ("metac", Word::Atm(Atm::Metac)),
    ("bcc", Word::Atm(Atm::Bcc)),
    ("oam", Word::Atm(Atm::Oam)),
    ("oamf4", Word::Atm(Atm::OamF4)),
    ("oamf4ec", Word::Atm(Atm::OamF4Ec)),
    ("oamf4sc", Word::Atm(Atm::OamF4Sc)),
    ("sc", Word::Atm(Atm::Sc)),
    ("ilmic", Word::Atm(Atm::Ilmic)),
    ("connectmsg", Word::Atm(Atm::ConnectMsg)),
    ("metaconnect", Word::Atm(Atm::MetaConnect)),
    ("vpi", Word::Field(Field::Vpi, false)),
    ("vci", Word::Field(Field::Vci, false)),
    ("sio", Word::Field(Field::Sio, false)),
    ("opc", Word::Field(Field::Opc, false)),
    ("dpc", Word::Field(Field::Dpc, false)),
    ("sls", Word::Field(Field::Sls, false)),
    ("hsio", Word::Field(Field::Sio, true)),
    ("hopc", Word::Field(Field::Opc, true)),
    ("hdpc", Word::Field(Field::Dpc, true)),
    ("hsls", Word::Field(Field::Sls, true)),
    ("fisu", Word::SignalUnit(SignalUnit::Fisu, false)),
    ("lssu", Word::SignalUnit(SignalUnit::Lssu, false)),
    ("lsu", Word::SignalUnit(SignalUnit::Lssu, false)),
    ("msu", Word::SignalUnit(SignalUnit::Msu, false)),
    ("hfisu", Word::SignalUnit(SignalUnit::Fisu, true)),
    ("hlssu", Word::SignalUnit(SignalUnit::Lssu, true)),
    ("hmsu", Word::SignalUnit(SignalUnit::Msu, true)),
];

/// Offsets, types and flags with names, usable wherever a number is.
#[rustfmt::skip]
const NUMBERS: &[(&str, u32)] = &[
    ("icmptype", 0), ("icmpcode", 1), ("icmp-echoreply", 0),
    ("icmp-unreach", 3), ("icmp-sourcequench", 4), ("icmp-redirect", 5),
    ("icmp-echo", 8), ("icmp-routeradvert", 9), ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11), ("icmp-paramprob", 12), ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14), ("icmp-ireq", 15), ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17), ("icmp-maskreply", 18), ("icmp6type", 0),
    ("icmp6code", 1), ("icmp6-destinationunreach", 1), ("icmp6-packettoobig", 2),
    ("icmp6-timeexceeded", 3), ("icmp6-parameterproblem", 4), ("icmp6-echo", 128),
    ("icmp6-echoreply", 129), ("icmp6-multicastlistenerquery", 130), ("icmp6-multicastlistenerreportv1", 131),
    ("icmp6-multicastlistenerdone", 132), ("icmp6-routersolicit", 133), ("icmp6-routeradvert", 134),
    ("icmp6-neighborsolicit", 135), ("icmp6-neighboradvert", 136), ("icmp6-redirect", 137),
    ("icmp6-routerrenum", 138), ("icmp6-nodeinformationquery", 139), ("icmp6-nodeinformationresponse", 140),
    ("icmp6-ineighbordiscoverysolicit", 141), ("icmp6-ineighbordiscoveryadvert", 142), ("icmp6-multicastlistenerreportv2", 143),
    ("icmp6-homeagentdiscoveryrequest", 144), ("icmp6-homeagentdiscoveryreply", 145), ("icmp6-mobileprefixsolicit", 146),
    ("icmp6-mobileprefixadvert", 147), ("icmp6-certpathsolicit", 148), ("icmp6-certpathadvert", 149),
    ("icmp6-multicastrouteradvert", 151), ("icmp6-multicastroutersolicit", 152), ("icmp6-multicastrouterterm", 153),
    ("tcpflags", 13), ("tcp-fin", 0x01), ("tcp-syn", 0x02),
    ("tcp-rst", 0x04), ("tcp-push", 0x08), ("tcp-ack", 0x10),
    ("tcp-urg", 0x20), ("tcp-ece", 0x40), ("tcp-cwr", 0x80),
];

/// Types of 802.11 frames, as bits of the first byte.
pub(super) const WLAN_TYPES: &[(&str, u32)] =
    &[("data", 0x08), ("mgt", 0x00), ("management", 0x00), ("ctl", 0x04), ("control", 0x04)];

/// Subtypes of 802.11 frames: type, name, bits of the first byte. Where no type is given, the first one counts.
#[rustfmt::skip]
pub(super) const WLAN_SUBTYPES: &[(u32, &str, u32)] = &[
    (0x00, "assocreq", 0x00), (0x00, "assoc-req", 0x00),
    (0x00, "assocresp", 0x10), (0x00, "assoc-resp", 0x10),
    (0x00, "reassocreq", 0x20), (0x00, "reassoc-req", 0x20),
    (0x00, "reassocresp", 0x30), (0x00, "reassoc-resp", 0x30),
    (0x00, "probereq", 0x40), (0x00, "probe-req", 0x40),
    (0x00, "proberesp", 0x50), (0x00, "probe-resp", 0x50),
    (0x00, "beacon", 0x80),
    (0x00, "atim", 0x90),
    (0x00, "disassoc", 0xa0), (0x00, "disassociation", 0xa0),
    (0x00, "auth", 0xb0), (0x00, "authentication", 0xb0),
    (0x00, "deauth", 0xc0), (0x00, "deauthentication", 0xc0),
    (0x04, "ps-poll", 0xa0),
    (0x04, "rts", 0xb0),
    (0x04, "cts", 0xc0),
    (0x04, "ack", 0xd0),
    (0x04, "cf-end", 0xe0),
    (0x04, "cf-end-ack", 0xf0),
    (0x08, "data", 0x00),
    (0x08, "data-cf-ack", 0x10),
    (0x08, "data-cf-poll", 0x20),
    (0x08, "data-cf-ack-poll", 0x30),
    (0x08, "null", 0x40),
    (0x08, "cf-ack", 0x50),
    (0x08, "cf-poll", 0x60),
    (0x08, "cf-ack-poll", 0x70),
    (0x08, "qos-data", 0x80),
    (0x08, "qos-data-cf-ack", 0x90),
    (0x08, "qos-data-cf-poll", 0xa0),
    (0x08, "qos-data-cf-ack-poll", 0xb0),
    (0x08, "qos", 0xc0),
    (0x08, "qos-cf-poll", 0xe0),
    (0x08, "qos-cf-ack-poll", 0xf0),
];

/// Which way an 802.11 frame crosses the distribution system.
pub(super) const WLAN_DIRECTIONS: &[(&str, u32)] = &[("nods", 0), ("tods", 1), ("fromds", 2), ("dstods", 3)];

/// Supervisory 802.2 frames.
pub(super) const LLC_SUPERVISORY: &[(&str, u32)] = &[("rr", 0x01), ("rnr", 0x05), ("rej", 0x09)];

/// Unnumbered 802.2 frames.
#[rustfmt::skip]
pub(super) const LLC_UNNUMBERED: &[(&str, u32)] = &[
    ("ui", 0x03), ("ua", 0x63), ("disc", 0x43), ("dm", 0x0f), ("sabme", 0x6f), ("test", 0xe3), ("xid", 0xaf), ("frmr", 0x87),
];

/// Why pf logged a packet.
#[rustfmt::skip]
pub(super) const PF_REASONS: &[(&str, u32)] = &[
    ("match", 0), ("bad-offset", 1), ("fragment", 2), ("short", 3), ("normalize", 4), ("memory", 5),
    ("bad-timestamp", 6), ("congestion", 7), ("ip-option", 8), ("proto-cksum", 9), ("state-mismatch", 10),
    ("state-insert", 11), ("state-limit", 12), ("src-limit", 13), ("synproxy", 14),
];

/// What pf did with a packet.
#[rustfmt::skip]
pub(super) const PF_ACTIONS: &[(&str, u32)] = &[
    ("pass", 0), ("accept", 0), ("drop", 1), ("block", 1), ("scrub", 2), ("noscrub", 3), ("nat", 4), ("nonat", 5),
    ("binat", 6), ("nobinat", 7), ("rdr", 8), ("nordr", 9),
];

/// The number of a name in one of the tables above, in any case.
pub(super) fn number_of(table: &[(&str, u32)], name: &str) -> Option<u32> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, number)| *number)
}

/// The word for a protocol.
pub(super) fn protocol_word(protocol: Protocol) -> &'static str {
    PROTOCOLS.iter().find(|known| known.1 == protocol).map_or("?", |known| known.0)
}
