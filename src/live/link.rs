//! Which link type the frames of an interface have, by its hardware type (Linux: linux/if_arp.h, `ARPHRD_*`).

use crate::frame::LinkType;
use crate::live::walk::Shape;

/// Hardware types whose packets begin with an Ethernet header: Ethernet itself, Metricom, loopback.
pub(super) const ETHERNET: &[u16] = &[libc::ARPHRD_ETHER, libc::ARPHRD_METRICOM, libc::ARPHRD_LOOPBACK];

/// Hardware types whose packets begin with an IP header: tunnels, TUN, WireGuard, serial lines, modems (519).
pub(super) const RAW: &[u16] = &[
    libc::ARPHRD_NONE,
    libc::ARPHRD_TUNNEL,
    libc::ARPHRD_TUNNEL6,
    libc::ARPHRD_SIT,
    libc::ARPHRD_SLIP,
    libc::ARPHRD_CSLIP,
    libc::ARPHRD_SLIP6,
    libc::ARPHRD_CSLIP6,
    libc::ARPHRD_RAWHDLC,
    519,
];

/// Every link type that an interface captured by itself may have.
pub(super) const ALL: &[LinkType] = &[
    LinkType::EN10MB,
    LinkType::RAW,
    LinkType::IEEE802,
    LinkType::FDDI,
    LinkType::C_HDLC,
    LinkType::FRELAY,
    LinkType::IEEE802_11,
    LinkType::IEEE802_11_RADIO,
];

/// The link type of an interface captured by itself; none where its link header is of no use as the kernel
/// gives it (PPP, GRE, CAN …), so that frames are cooked.
pub(super) fn of(hardware: u16) -> Option<LinkType> {
    Some(match hardware {
        libc::ARPHRD_IEEE802 | libc::ARPHRD_IEEE802_TR => LinkType::IEEE802,
        libc::ARPHRD_FDDI => LinkType::FDDI,
        libc::ARPHRD_CISCO => LinkType::C_HDLC,
        libc::ARPHRD_FRAD => LinkType::FRELAY,
        libc::ARPHRD_IEEE80211 => LinkType::IEEE802_11,
        libc::ARPHRD_IEEE80211_RADIOTAP => LinkType::IEEE802_11_RADIO,
        _ => return common(hardware),
    })
}

/// The link type of an interface among all the others (`any`): one of the two that nearly all have, else cooked.
pub(super) fn among_others(hardware: u16) -> LinkType {
    common(hardware).unwrap_or(LinkType::LINUX_SLL2)
}

fn common(hardware: u16) -> Option<LinkType> {
    if ETHERNET.contains(&hardware) {
        Some(LinkType::EN10MB)
    } else if RAW.contains(&hardware) {
        Some(LinkType::RAW)
    } else {
        None
    }
}

/// How packets become frames of this link type.
pub(super) fn shape(link_type: LinkType) -> Shape {
    match link_type {
        LinkType::EN10MB => Shape::Ethernet,
        LinkType::LINUX_SLL2 => Shape::Cooked,
        _ => Shape::Plain,
    }
}
