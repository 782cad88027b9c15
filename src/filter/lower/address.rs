//! Ids: hosts and networks of every family, and what else a qualifier may stand before.

use std::net::{IpAddr, Ipv6Addr};

use super::super::ast::{Direction, Id, Protocol, Qualifier, Type};
use super::super::link::{Kind, UNSET};
use super::super::predicate::PredId;
use super::super::value::Size;
use super::{Lower, Result, ethertype, word};

impl Lower<'_> {
    /// A qualifier and an id.
    pub(super) fn id(&mut self, q: Qualifier, id: &Id) -> Result<PredId> {
        if q.kind == Type::Gateway {
            return self.fail("'gateway' is not supported: write 'ether host M and not host A'");
        }
        match id {
            Id::Name(name) => self.name(q, name),
            Id::Number(number) => self.number(q, *number),
            Id::Ipv4(text) => {
                if !matches!(q.kind, Type::Host | Type::Net) {
                    return self.fail("an address is only a 'host' or a 'net'");
                }
                if q.protocol == Some(Protocol::Decnet) {
                    return self.decnet_host(decnet_address(text), q.direction);
                }
                if q.protocol == Some(Protocol::Link) {
                    return self.fail("an IPv4 address is no link-layer address");
                }
                let (address, bits) = self.ipv4(text)?;
                let shift = 32u32.saturating_sub(bits);
                let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
                self.ipv4_net(q, address.checked_shl(shift).unwrap_or(0), mask)
            }
            Id::Ipv4Prefix(text, len) => {
                let (address, bits) = self.ipv4(text)?;
                if *len > 32 {
                    return self.fail("an IPv4 prefix has at most 32 bits");
                }
                let address = address.checked_shl(32u32.saturating_sub(bits)).unwrap_or(0);
                let mask = u32::MAX.checked_shl(32u32.saturating_sub(*len)).unwrap_or(0);
                self.ipv4_masked(q, address, mask)
            }
            Id::Ipv4Mask(text, mask) => {
                let (address, bits) = self.ipv4(text)?;
                let (mask, mask_bits) = self.ipv4(mask)?;
                let address = address.checked_shl(32u32.saturating_sub(bits)).unwrap_or(0);
                let mask = mask.checked_shl(32u32.saturating_sub(mask_bits)).unwrap_or(0);
                self.ipv4_masked(q, address, mask)
            }
            Id::Ipv6(address) => self.ipv6_masked(q, *address, 128),
            Id::Ipv6Prefix(address, len) => self.ipv6_masked(q, *address, *len),
            Id::Mac(address) => {
                if q.kind != Type::Host || q.protocol != Some(Protocol::Link) {
                    return self.fail("an Ethernet address needs 'ether host', 'ether src' or 'ether dst' before it");
                }
                self.ether_host(*address, q.direction)
            }
            Id::Arcnet(address) => {
                if self.state.kind != Kind::Arcnet || q.kind != Type::Host || q.protocol != Some(Protocol::Link) {
                    return self.fail("an ARCnet address is only a link-layer host on ARCnet");
                }
                self.mac_at(&[*address], q.direction, 0, 1)
            }
        }
    }

    fn number(&mut self, q: Qualifier, number: u32) -> Result<PredId> {
        match q.kind {
            Type::Host | Type::Net if q.protocol == Some(Protocol::Link) => {
                self.fail("a number is no link-layer address")
            }
            Type::Host | Type::Net if q.protocol == Some(Protocol::Decnet) => self.decnet_host(number, q.direction),
            Type::Host => self.ipv4_net(q, number, u32::MAX),
            Type::Net => {
                // A short number means the network that it begins: 10 is 10.0.0.0/8.
                let shift = if number == 0 { 0 } else { number.leading_zeros() & !7 };
                self.ipv4_net(q, number.wrapping_shl(shift), u32::MAX.wrapping_shl(shift))
            }
            Type::Port | Type::PortRange => self.port_number(q.protocol, q.direction, (number, number)),
            Type::Proto => self.proto(q.protocol, number),
            Type::ProtoChain => self.protochain(q.protocol, number),
            Type::Gateway => self.fail("'gateway' is not supported"),
        }
    }

    fn name(&mut self, q: Qualifier, name: &str) -> Result<PredId> {
        match q.kind {
            Type::Host if q.protocol == Some(Protocol::Link) => match self.options.names.ether(name) {
                Some(address) => self.ether_host(address, q.direction),
                None => self.fail(format!("no Ethernet address of '{name}' is known")),
            },
            Type::Host if q.protocol == Some(Protocol::Decnet) => self.fail("DECnet hosts have no names here"),
            Type::Host => self.host_name(q, name),
            Type::Net => match self.options.names.network(name) {
                Some(network) if network != 0 => {
                    let shift = network.leading_zeros() & !7;
                    self.ipv4_net(q, network.wrapping_shl(shift), u32::MAX.wrapping_shl(shift))
                }
                _ => self.fail(format!("no network '{name}' is known")),
            },
            Type::Port | Type::PortRange => self.port_name(q.protocol, q.direction, q.kind, name),
            Type::Proto => {
                let number = self.proto_number(q.protocol, q.kind, name)?;
                self.proto(q.protocol, number)
            }
            Type::ProtoChain => {
                let number = self.proto_number(q.protocol, q.kind, name)?;
                self.protochain(q.protocol, number)
            }
            Type::Gateway => self.fail("'gateway' is not supported"),
        }
    }

    /// Any address that a name stands for.
    fn host_name(&mut self, q: Qualifier, name: &str) -> Result<PredId> {
        let mut protocol = q.protocol;
        let mut tests = Vec::new();
        for address in self.options.names.host(name) {
            // Link types without a type field carry IP only.
            if q.protocol.is_none() && self.state.type_at.fixed == UNSET {
                protocol = Some(if address.is_ipv4() { Protocol::Ip } else { Protocol::Ip6 });
            }
            let q = Qualifier { protocol, ..q };
            match address {
                IpAddr::V4(_) if protocol == Some(Protocol::Ip6) => {}
                IpAddr::V6(_) if protocol == Some(Protocol::Ip) => {}
                IpAddr::V4(address) => tests.push(self.ipv4_net(q, address.into(), u32::MAX)?),
                IpAddr::V6(address) => tests.push(self.ipv6_net(q, address, u128::MAX)?),
            }
        }
        if tests.is_empty() {
            return self.fail(format!("no address of '{name}' is known"));
        }
        Ok(self.preds.any(tests))
    }

    /// One to four decimal parts, and how many bits they are.
    fn ipv4(&self, text: &str) -> Result<(u32, u32)> {
        let mut address = 0u32;
        let mut bits = 0u32;
        for part in text.split('.') {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            match part.parse::<u32>() {
                Ok(byte @ 0..=255) if digits => address = address.wrapping_shl(8) | byte,
                _ => return self.fail(format!("'{text}' is no IPv4 address: parts are decimal, up to 255")),
            }
            bits = bits.saturating_add(8);
        }
        Ok((address, bits))
    }

    fn ipv4_masked(&mut self, q: Qualifier, address: u32, mask: u32) -> Result<PredId> {
        if q.kind != Type::Net {
            return self.fail("a mask or prefix length is only for 'net'");
        }
        if address & !mask != 0 {
            return self.fail("bits are set in the address behind its mask or prefix");
        }
        self.ipv4_net(q, address, mask)
    }

    fn ipv6_masked(&mut self, q: Qualifier, address: Ipv6Addr, len: u32) -> Result<PredId> {
        if len > 128 {
            return self.fail("an IPv6 prefix has at most 128 bits");
        }
        let mask = u128::MAX.checked_shl(128u32.saturating_sub(len)).unwrap_or(0);
        if u128::from(address) & !mask != 0 {
            return self.fail("bits are set in the address behind its prefix");
        }
        match q.kind {
            Type::Host if len != 128 => self.fail("a prefix length is only for 'net'"),
            Type::Host | Type::Net => self.ipv6_net(q, address, mask),
            _ => self.fail("an address is only a 'host' or a 'net'"),
        }
    }

    /// Addresses of IPv4 packets, and of ARP and RARP where no protocol is named.
    fn ipv4_net(&mut self, q: Qualifier, address: u32, mask: u32) -> Result<PredId> {
        let net = (address, mask);
        match q.protocol {
            None => {
                let ip = self.ipv4_field(ethertype::IPV4, net, q.direction)?;
                if self.state.mpls_labels > 0 {
                    return Ok(ip);
                }
                let arp = self.ipv4_field(ethertype::ARP, net, q.direction)?;
                let rarp = self.ipv4_field(ethertype::RARP, net, q.direction)?;
                Ok(self.preds.any([ip, arp, rarp]))
            }
            Some(Protocol::Ip) => self.ipv4_field(ethertype::IPV4, net, q.direction),
            Some(Protocol::Arp) => self.ipv4_field(ethertype::ARP, net, q.direction),
            Some(Protocol::Rarp) => self.ipv4_field(ethertype::RARP, net, q.direction),
            Some(Protocol::Decnet) => self.decnet_host(address, q.direction),
            Some(Protocol::Ip6) => self.fail("'ip6' before an IPv4 address"),
            Some(other) => self.fail(format!("'{}' has no IPv4 addresses", word(other))),
        }
    }

    fn ipv4_field(&mut self, proto: u32, net: (u32, u32), direction: Direction) -> Result<PredId> {
        let carries = self.ethertype(proto)?;
        let (src, dst) = if proto == ethertype::IPV4 { (12, 16) } else { (14, 24) };
        let test = self.by_direction(direction, |lower, dst_wanted| {
            let value = lower.load_network(Size::Word, if dst_wanted { dst } else { src })?;
            Ok(lower.preds.masked(value, net.1, net.0))
        })?;
        Ok(self.preds.and(carries, test))
    }

    fn ipv6_net(&mut self, q: Qualifier, address: Ipv6Addr, mask: u128) -> Result<PredId> {
        match q.protocol {
            None | Some(Protocol::Ip6) => {}
            Some(other) => return self.fail(format!("'{}' has no IPv6 addresses", word(other))),
        }
        let carries = self.ethertype(ethertype::IPV6)?;
        let test = self.by_direction(q.direction, |lower, dst| {
            let mut words = Vec::new();
            let mut offset: u32 = if dst { 24 } else { 8 };
            for shift in [96u32, 64, 32, 0] {
                let part =
                    |n: u128| n.checked_shr(shift).map_or(0, |n| (n & u128::from(u32::MAX)).try_into().unwrap_or(0));
                let value = lower.load_network(Size::Word, offset)?;
                words.push(lower.preds.masked(value, part(mask), part(address.into())));
                offset = offset.wrapping_add(4);
            }
            Ok(lower.preds.all(words))
        })?;
        Ok(self.preds.and(carries, test))
    }

    /// A test of a source, a destination, either or both.
    pub(super) fn by_direction(
        &mut self,
        direction: Direction,
        mut test: impl FnMut(&mut Self, bool) -> Result<PredId>,
    ) -> Result<PredId> {
        match direction {
            Direction::Src => test(self, false),
            Direction::Dst => test(self, true),
            Direction::Both => {
                let (src, dst) = (test(self, false)?, test(self, true)?);
                Ok(self.preds.and(src, dst))
            }
            Direction::Either => {
                let (src, dst) = (test(self, false)?, test(self, true)?);
                Ok(self.preds.or(src, dst))
            }
            _ => self.fail("only addresses in 802.11 headers have these fields"),
        }
    }

    /// A link-layer address where the link type has them.
    pub(super) fn ether_host(&mut self, address: [u8; 6], direction: Direction) -> Result<PredId> {
        let (src, dst) = match (self.state.kind, self.link_type.0) {
            (Kind::Ethernet, _) => {
                let outer = self.outer_check()?;
                let test = self.mac_at(&address, direction, 6, 0)?;
                return Ok(match outer {
                    Some(outer) => self.preds.and(outer, test),
                    None => test,
                });
            }
            (Kind::Wlan(_), _) => return self.wlan_host(address, direction),
            (Kind::Llc, FDDI) => (7, 1),
            (Kind::Llc, TOKEN_RING) => (8, 2),
            (Kind::Llc, FIBRE_CHANNEL) => (10, 2),
            _ => return self.fail(format!("{} has no Ethernet addresses", self.link_name())),
        };
        self.mac_at(&address, direction, src, dst)
    }

    pub(super) fn mac_at(&mut self, address: &[u8], direction: Direction, src: u32, dst: u32) -> Result<PredId> {
        self.by_direction(direction, |lower, dst_wanted| {
            lower.bytes(lower.state.header, if dst_wanted { dst } else { src }, address)
        })
    }

    /// A DECnet address, in the long and the short form of its header, each with and without a byte of padding.
    fn decnet_host(&mut self, address: u32, direction: Direction) -> Result<PredId> {
        let carries = self.ethertype(ethertype::DECNET)?;
        let wanted = u32::from(u16::try_from(address & 0xffff).unwrap_or(0).swap_bytes());
        let test = self.by_direction(direction, |lower, dst| {
            let (short, long) = if dst { (1u32, 7u32) } else { (3, 15) };
            let mut forms = Vec::new();
            for (flags, at) in [(0x02u32, short), (0x06, long)] {
                let plain = lower.load_network(Size::Byte, 2)?;
                let plain = lower.preds.masked(plain, 0x07, flags);
                let field = lower.load_network(Size::Half, at.wrapping_add(2))?;
                let field = lower.preds.equal(field, wanted);
                forms.push(lower.preds.and(plain, field));
                let padded = lower.load_network(Size::Half, 2)?;
                let padded = lower.preds.masked(padded, 0xff07, 0x8100 | flags);
                let field = lower.load_network(Size::Half, at.wrapping_add(3))?;
                let field = lower.preds.equal(field, wanted);
                forms.push(lower.preds.and(padded, field));
            }
            Ok(lower.preds.any(forms))
        })?;
        Ok(self.preds.and(carries, test))
    }
}

pub(super) const FDDI: u16 = 10;
pub(super) const TOKEN_RING: u16 = 6;
pub(super) const FIBRE_CHANNEL: u16 = 122;
/// The two link types of ATM that are nothing but 802.2.
pub(super) const ATM_LLC: u16 = 100;

/// `area.node` as one number of 16 bits.
fn decnet_address(text: &str) -> u32 {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (area, node) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    area.wrapping_shl(10) & 0xfc00 | node & 0x03ff
}
