//! Protocols by name and by number.

use super::super::ast::{Protocol, Type};
use super::super::link::Kind;
use super::super::predicate::PredId;
use super::super::value::Size;
use super::ethertype::{self, SAP_IPX, SAP_ISO, SAP_NETBEUI, SAP_STP};
use super::{Lower, Result, word};

pub(super) const TCP: u32 = 6;
pub(super) const UDP: u32 = 17;
pub(super) const SCTP: u32 = 132;
pub(super) const ICMP6: u32 = 58;
const FRAGMENT: u32 = 44;

/// OSI network layer protocol identifiers.
const CLNP: u32 = 0x81;
const ESIS: u32 = 0x82;
const ISIS: u32 = 0x83;

/// PDU types of IS-IS.
const L1_LAN_HELLO: u32 = 15;
const L2_LAN_HELLO: u32 = 16;
const POINT_TO_POINT_HELLO: u32 = 17;
const L1_LSP: u32 = 18;
const L2_LSP: u32 = 20;
const L1_CSNP: u32 = 24;
const L2_CSNP: u32 = 25;
const L1_PSNP: u32 = 26;
const L2_PSNP: u32 = 27;

impl Lower<'_> {
    /// A protocol that stands alone in the text.
    pub(super) fn protocol(&mut self, protocol: Protocol) -> Result<PredId> {
        use Protocol::*;
        match protocol {
            Link => self.fail("the link layer alone says nothing: every packet has one"),
            Radio => self.fail("'radio' can be indexed, as in 'radio[0]', but not tested"),
            Ip => self.ethertype(ethertype::IPV4),
            Ip6 => self.ethertype(ethertype::IPV6),
            Arp => self.ethertype(ethertype::ARP),
            Rarp => self.ethertype(ethertype::RARP),
            Atalk => self.ethertype(ethertype::ATALK),
            Aarp => self.ethertype(ethertype::AARP),
            Decnet => self.ethertype(ethertype::DECNET),
            Lat => self.ethertype(0x6004),
            Sca => self.ethertype(0x6007),
            Mopdl => self.ethertype(0x6001),
            Moprc => self.ethertype(0x6002),
            Iso => self.ethertype(SAP_ISO),
            Stp => self.ethertype(SAP_STP),
            Ipx => self.ethertype(SAP_IPX),
            Netbeui => self.ethertype(SAP_NETBEUI),
            Tcp => self.any_ip_protocol(TCP),
            Udp => self.any_ip_protocol(UDP),
            Sctp => self.any_ip_protocol(SCTP),
            Pim => self.any_ip_protocol(103),
            Ah => self.any_ip_protocol(51),
            Esp => self.any_ip_protocol(50),
            Icmp => self.ipv4_protocol(1),
            Igmp => self.ipv4_protocol(2),
            Igrp => self.ipv4_protocol(9),
            Vrrp | Carp => self.ipv4_protocol(112),
            Icmp6 => self.ipv6_protocol(ICMP6),
            Clnp => self.iso_protocol(CLNP),
            Esis => self.iso_protocol(ESIS),
            Isis => self.iso_protocol(ISIS),
            IsisL1 => self.isis_pdus(&[L1_PSNP, L1_CSNP, L1_LSP, L1_LAN_HELLO, POINT_TO_POINT_HELLO]),
            IsisL2 => self.isis_pdus(&[L2_PSNP, L2_CSNP, L2_LSP, L2_LAN_HELLO, POINT_TO_POINT_HELLO]),
            IsisIih => self.isis_pdus(&[POINT_TO_POINT_HELLO, L1_LAN_HELLO, L2_LAN_HELLO]),
            IsisLsp => self.isis_pdus(&[L1_LSP, L2_LSP]),
            IsisSnp => self.isis_pdus(&[L2_PSNP, L1_PSNP, L1_CSNP, L2_CSNP]),
            IsisCsnp => self.isis_pdus(&[L1_CSNP, L2_CSNP]),
            IsisPsnp => self.isis_pdus(&[L1_PSNP, L2_PSNP]),
        }
    }

    /// `proto N` behind a protocol.
    pub(super) fn proto(&mut self, protocol: Option<Protocol>, number: u32) -> Result<PredId> {
        match protocol {
            None => self.any_ip_protocol(number),
            Some(Protocol::Ip) => self.ipv4_protocol(number),
            Some(Protocol::Ip6) => self.ipv6_protocol(number),
            Some(Protocol::Link) => self.ethertype(number),
            Some(Protocol::Iso) => self.iso_protocol(number),
            Some(Protocol::Isis) => self.isis_pdus(&[number]),
            Some(other) => self.fail(format!("'{}' has no field for a protocol inside it", word(other))),
        }
    }

    /// The number of a protocol's name.
    pub(super) fn proto_number(&self, protocol: Option<Protocol>, kind: Type, name: &str) -> Result<u32> {
        const ETHER: &[(&str, u32)] = &[
            ("aarp", ethertype::AARP),
            ("arp", ethertype::ARP),
            ("atalk", ethertype::ATALK),
            ("decnet", ethertype::DECNET),
            ("ip", ethertype::IPV4),
            ("ip6", ethertype::IPV6),
            ("lat", 0x6004),
            ("loopback", 0x9000),
            ("mopdl", 0x6001),
            ("moprc", 0x6002),
            ("rarp", ethertype::RARP),
            ("sca", 0x6007),
            ("iso", SAP_ISO),
            ("stp", SAP_STP),
            ("ipx", SAP_IPX),
            ("netbeui", SAP_NETBEUI),
        ];
        const OSI: &[(&str, u32)] = &[("esis", ESIS), ("isis", ISIS), ("clnp", CLNP)];
        let in_table = |table: &[(&str, u32)]| table.iter().find(|known| known.0 == name).map(|known| known.1);
        let found = match protocol {
            None | Some(Protocol::Ip | Protocol::Ip6) => self.options.names.protocol(name).map(u32::from),
            Some(Protocol::Link) if kind == Type::Proto => in_table(ETHER),
            Some(Protocol::Iso) => in_table(OSI),
            _ => None,
        };
        match found {
            Some(number) => Ok(number),
            None => self.fail(format!("no protocol '{name}' is known here")),
        }
    }

    /// The protocol field of IPv4.
    pub(super) fn ipv4_protocol(&mut self, number: u32) -> Result<PredId> {
        let ip = self.ethertype(ethertype::IPV4)?;
        let field = self.load_network(Size::Byte, 9)?;
        let test = self.preds.equal(field, number);
        Ok(self.preds.and(ip, test))
    }

    /// The next header of IPv6, also behind one fragment header.
    fn ipv6_protocol(&mut self, number: u32) -> Result<PredId> {
        let ip6 = self.ethertype(ethertype::IPV6)?;
        let next = self.load_network(Size::Byte, 6)?;
        let direct = self.preds.equal(next, number);
        let fragment = self.preds.equal(next, FRAGMENT);
        let behind = self.load_network(Size::Byte, 40)?;
        let behind = self.preds.equal(behind, number);
        let behind = self.preds.and(fragment, behind);
        let test = self.preds.or(direct, behind);
        Ok(self.preds.and(ip6, test))
    }

    pub(super) fn any_ip_protocol(&mut self, number: u32) -> Result<PredId> {
        let ip = self.ipv4_protocol(number)?;
        let ip6 = self.ipv6_protocol(number)?;
        Ok(self.preds.or(ip, ip6))
    }

    fn iso_protocol(&mut self, number: u32) -> Result<PredId> {
        if self.state.kind == Kind::FrameRelay {
            let word = self.load_header(Size::Half, 2)?;
            return Ok(self.preds.equal(word, 0x300 | number));
        }
        let iso = self.ethertype(SAP_ISO)?;
        // Cisco HDLC pads OSI by a byte.
        let at = if self.state.kind == Kind::Hdlc { 1 } else { 0 };
        let field = self.load_no_snap(at)?;
        let test = self.preds.equal(field, number);
        Ok(self.preds.and(iso, test))
    }

    fn isis_pdus(&mut self, types: &[u32]) -> Result<PredId> {
        let isis = self.iso_protocol(ISIS)?;
        let field = self.load_no_snap(4)?;
        let tests: Vec<PredId> = types.iter().map(|t| self.preds.equal(field, *t)).collect();
        let test = self.preds.any(tests);
        Ok(self.preds.and(isis, test))
    }

    /// A byte of a network header that stands directly on 802.2.
    fn load_no_snap(&mut self, offset: u32) -> Result<super::ValueId> {
        let place = self.state.payload.past(self.state.network_no_snap);
        self.load(place, Size::Byte, offset)
    }
}
