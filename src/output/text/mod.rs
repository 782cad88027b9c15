//! A frame as the line tcpdump 4.99 prints for it; one protocol a file, as in `decode`.
//!
//! Each printer takes the view, the layers behind it and the [`Page`]; [`walk`] leads from one to the next.

pub mod arp;
pub mod icmpv4;
pub mod icmpv6;
pub mod igmp;
pub mod llc;

use super::Sheet;
use crate::decode::{Layer, Layers, ipv4::Ipv4, ipv6::Ipv6};

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
}

/// What printers write on, and what they need to know to do it.
#[derive(Debug)]
pub struct Page<'p> {
    pub sheet: &'p mut Sheet,
    pub options: &'p Options,
    /// The frame says that its checksums were left to the card, so that wrong ones are no fault.
    pub checksum_not_ready: bool,
}

/// The IP header around a transport header.
#[derive(Clone, Copy, Debug)]
pub enum Ip<'a> {
    /// Version 4.
    V4(Ipv4<'a>),
    /// Version 6.
    V6(Ipv6<'a>),
}

/// Prints all that is left of a packet, beginning with the next layer. `ip` is the IP header around it.
pub fn walk<'a>(page: &mut Page<'_>, layers: &mut Layers<'a>, ip: Option<Ip<'a>>) {
    while let Some(layer) = layers.next() {
        match layer {
            Layer::Arp(arp) => return arp::print(page, &arp),
            Layer::Llc(llc) => return llc::print(page, &llc, layers),
            Layer::Igmp(igmp) => return igmp::print(page, &igmp),
            Layer::Icmpv4(icmp) => return icmpv4::print(page, &icmp, layers),
            Layer::Icmpv6(icmp) => return icmpv6::print(page, &icmp, layers, ip),
            _ => {}
        }
    }
}
