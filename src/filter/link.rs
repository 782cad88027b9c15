//! Link types: where each says what it carries, and how.
//!
//! A row a link type. Numbers are those of <https://www.tcpdump.org/linktypes.html>; offsets are from the start of
//! the packet.

use crate::frame::LinkType;

/// How a link type tells what it carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A type word, or a length of at most 1500 and an 802.2 header.
    Ethernet,
    /// A type word, with 802.2 frames marked by one value of it.
    Cooked,
    /// A type word with Ethernet types.
    EtherType,
    /// A PPP protocol number.
    Ppp,
    /// PPP as BSD/OS has it, which also marks compressed headers.
    PppBsdOs,
    /// As Ethernet types, OSI as 0xfefe.
    Hdlc,
    /// An 802.2 header.
    Llc,
    /// An 802.2 header after the pseudo-header of SunATM, or an emulated LAN.
    SunAtm,
    /// 802.11 data frames carry an 802.2 header; everything before it varies in length.
    Wlan(Radio),
    /// The version in the first byte of the packet.
    IpVersion,
    /// IPv4 only.
    Ipv4,
    /// IPv6 only.
    Ipv6,
    /// An address family, in the byte order of the machine that wrote it.
    Family,
    /// An address family in network byte order.
    FamilyBig,
    Pflog,
    Arcnet,
    /// AppleTalk only.
    LocalTalk,
    FrameRelay,
    /// Only the bytes that all packets of this link type begin with are tested: value, mask.
    Magic(u32, u32),
    IpNet,
    /// Nothing above the link layer can be tested.
    Opaque,
}

/// What stands before an 802.11 header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Radio {
    None,
    Prism,
    Avs,
    Radiotap,
    Ppi,
}

/// An offset that a link type does not have. Sums with it wrap, and so end outside every packet or, as ever in this
/// language, at a place without meaning.
pub(super) const UNSET: u32 = u32::MAX;

/// What is known of a link type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Link {
    pub kind: Kind,
    /// Where the link header begins.
    pub header: u32,
    /// Where the type is.
    pub type_at: u32,
    /// Where the payload begins.
    pub payload: u32,
    /// From the payload to the network header, as most protocols have it.
    pub network: u32,
    /// The same for protocols that stand directly on 802.2.
    pub network_no_snap: u32,
}

const fn row(kind: Kind, type_at: u32, payload: u32, network: u32, network_no_snap: u32) -> Link {
    Link { kind, header: 0, type_at, payload, network, network_no_snap }
}

/// The highest link type that files may have.
const HIGHEST: u16 = 301;

/// What is known of a link type; nothing if there is none with this number.
pub(super) fn link(link_type: LinkType) -> Option<Link> {
    let juniper = |type_at, payload, network, no_snap| {
        row(Kind::Magic(0x4d47_4300, 0xffff_ff00), type_at, payload, network, no_snap)
    };
    let netanalyzer = |header: u32| Link {
        kind: Kind::Ethernet,
        header,
        type_at: header.saturating_add(12),
        payload: header.saturating_add(14),
        network: 0,
        network_no_snap: 3,
    };
    Some(match link_type.0 {
        0 => row(Kind::Family, 0, 4, 0, 0),
        1 => ETHERNET,
        6 => row(Kind::Llc, 14, 14, 8, 3),
        7 => row(Kind::Arcnet, 2, 6, 0, 0),
        8 => row(Kind::IpVersion, UNSET, 16, 0, 0),
        9 | 50 | 166 => row(Kind::Ppp, 2, 4, 0, 0),
        10 => row(Kind::Llc, 13, 13, 8, 3),
        51 => row(Kind::Ppp, 6, 8, 0, 0),
        99 => row(Kind::EtherType, 6, 44, 0, 0),
        100 | 106 => row(Kind::Llc, 0, 0, 8, 3),
        12 | 101 => row(Kind::IpVersion, UNSET, 0, 0, 0),
        102 => row(Kind::IpVersion, UNSET, 24, 0, 0),
        103 => row(Kind::PppBsdOs, 5, 24, 0, 0),
        104 => row(Kind::Hdlc, 2, 4, 0, 0),
        105 => row(Kind::Wlan(Radio::None), 24, 0, 8, 3),
        107 => row(Kind::FrameRelay, UNSET, 0, 0, 0),
        108 => row(Kind::FamilyBig, 0, 4, 0, 0),
        109 => row(Kind::Family, 0, 12, 0, 0),
        113 => row(Kind::Cooked, 14, 16, 0, 0),
        114 => row(Kind::LocalTalk, UNSET, 0, 0, 0),
        117 => row(Kind::Pflog, 0, 0, 0, 0),
        119 => row(Kind::Wlan(Radio::Prism), 24, 0, 8, 3),
        122 => row(Kind::Llc, 16, 16, 8, 3),
        123 => row(Kind::SunAtm, 4, 4, 8, 3),
        127 => row(Kind::Wlan(Radio::Radiotap), 24, 0, 8, 3),
        129 => row(Kind::Arcnet, 4, 8, 0, 0),
        130 | 131 | 134 | 179..=181 => juniper(4, 4, 0, UNSET),
        132 => juniper(6, UNSET, UNSET, UNSET),
        133 => juniper(6, 12, 0, UNSET),
        135 => juniper(8, 8, 0, 10),
        136 => juniper(12, UNSET, UNSET, UNSET),
        137 => juniper(4, 4, 0, 10),
        138 => row(Kind::EtherType, 16, 18, 0, 0),
        163 => row(Kind::Wlan(Radio::Avs), 24, 0, 8, 3),
        164 => juniper(12, 12, 0, UNSET),
        165 => row(Kind::Magic(0x55ff_0000, 0xffff_0000), UNSET, UNSET, UNSET, UNSET),
        167 | 178 => juniper(16, 14, 18, 21),
        168 => juniper(4, 6, 0, UNSET),
        183 | 200 => juniper(18, UNSET, UNSET, UNSET),
        192 => row(Kind::Wlan(Radio::Ppi), 24, 0, 8, 3),
        194 | 232..=234 | 238 => juniper(8, UNSET, UNSET, UNSET),
        226 => row(Kind::IpNet, 1, 24, 0, UNSET),
        228 => row(Kind::Ipv4, UNSET, 0, 0, 0),
        229 => row(Kind::Ipv6, UNSET, 0, 0, 0),
        240 => netanalyzer(4),
        241 => netanalyzer(12),
        276 => row(Kind::EtherType, 0, 20, 0, 0),
        246 => row(Kind::Opaque, UNSET, 4, 0, 0),
        other if other <= HIGHEST => row(Kind::Opaque, UNSET, UNSET, UNSET, UNSET),
        _ => return None,
    })
}

/// Ethernet, also inside other layers.
pub(super) const ETHERNET: Link = row(Kind::Ethernet, 12, 14, 0, 3);

/// Where the fields of signalling system 7 are: length, the same for high-speed links, service information, codes,
/// link selection. High-speed links have all but the length 3 bytes later.
pub(super) struct Signalling {
    pub length: u32,
    pub length_high_speed: u32,
    pub service: u32,
    pub codes: u32,
    pub selection: u32,
}

/// The fields of signalling system 7 in link types that carry it.
pub(super) fn signalling(link_type: LinkType) -> Option<Signalling> {
    let at = match link_type.0 {
        140 => 2u32,
        139 => 6,
        197 => 22,
        _ => return None,
    };
    let past = |n| at.saturating_add(n);
    Some(Signalling { length: at, length_high_speed: past(2), service: past(1), codes: past(2), selection: past(5) })
}
