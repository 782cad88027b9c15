//! Ports, and the header chains of IPv6 and AH.

use super::super::ast::{Direction, Operator, Protocol, Type};
use super::super::names::Transport;
use super::super::predicate::{Op, PredId};
use super::super::value::{Size, Slot, ValueId};
use super::protocol::{SCTP, TCP, UDP};
use super::{Base, Lower, Result, ethertype, word};

/// How many headers in a row `protochain` looks behind.
const CHAIN: usize = 8;

const AUTHENTICATION: u32 = 51;

impl Lower<'_> {
    /// `port` or `portrange` and a number.
    pub(super) fn port_number(
        &mut self,
        protocol: Option<Protocol>,
        direction: Direction,
        (low, high): (u32, u32),
    ) -> Result<PredId> {
        let all = [SCTP, TCP, UDP];
        let protocols: &[u32] = match protocol {
            None => &all,
            Some(Protocol::Tcp) => &[TCP],
            Some(Protocol::Udp) => &[UDP],
            Some(Protocol::Sctp) => &[SCTP],
            Some(other) => return self.fail(format!("'{}' has no ports", word(other))),
        };
        self.ports(protocols, direction, (low, high))
    }

    /// `port` or `portrange` and a name.
    pub(super) fn port_name(
        &mut self,
        protocol: Option<Protocol>,
        direction: Direction,
        kind: Type,
        name: &str,
    ) -> Result<PredId> {
        let ((low, first), (high, second)) = match (kind, name.split_once('-')) {
            (Type::PortRange, Some((low, high))) => (self.service(low)?, self.service(high)?),
            (Type::PortRange, None) => return self.fail(format!("'{name}' is no range of ports: write 8000-8100")),
            _ => {
                let service = self.service(name)?;
                (service, service)
            }
        };
        // A name that is known for one transport means that one.
        let known = if first == second { first } else { None };
        let wanted = match protocol {
            Some(Protocol::Tcp) => Some(Transport::Tcp),
            Some(Protocol::Udp) => Some(Transport::Udp),
            Some(Protocol::Sctp) => Some(Transport::Sctp),
            None => known,
            Some(other) => return self.fail(format!("'{}' has no ports", word(other))),
        };
        if known.is_some() && known != wanted {
            return self.fail(format!("'{name}' is a port of another transport protocol"));
        }
        let protocols: &[u32] = match wanted {
            None => &[SCTP, TCP, UDP],
            Some(Transport::Tcp) => &[TCP],
            Some(Transport::Udp) => &[UDP],
            Some(Transport::Sctp) => &[SCTP],
        };
        self.ports(protocols, direction, (low, high))
    }

    /// The port that a name or a decimal number stands for, and the transport if the name is known for one only.
    fn service(&self, name: &str) -> Result<(u32, Option<Transport>)> {
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
            return Ok((name.parse().unwrap_or(u32::MAX), None));
        }
        let port = |transport| self.options.names.service(name, transport);
        match (port(Transport::Tcp), port(Transport::Udp), port(Transport::Sctp)) {
            (Some(tcp), Some(udp), _) if tcp == udp => Ok((tcp.into(), None)),
            (Some(tcp), _, _) => Ok((tcp.into(), Some(Transport::Tcp))),
            (None, Some(udp), _) => Ok((udp.into(), Some(Transport::Udp))),
            (None, None, Some(sctp)) => Ok((sctp.into(), Some(Transport::Sctp))),
            (None, None, None) => self.fail(format!("no port '{name}' is known")),
        }
    }

    /// Ports in a range, of any of these protocols, in IPv4 and IPv6.
    pub(super) fn ports(&mut self, protocols: &[u32], direction: Direction, range: (u32, u32)) -> Result<PredId> {
        let range = (range.0.min(range.1), range.0.max(range.1));
        if range.1 > 0xffff {
            return self.fail(format!("{} is no port: the highest is 65535", range.1));
        }
        if !matches!(direction, Direction::Either | Direction::Src | Direction::Dst | Direction::Both) {
            return self.fail("an 802.11 address qualifier cannot stand before a port");
        }
        self.has_ports = true;
        if self.share && self.versions_exclusive() {
            let (either, place) = self.transport(protocols)?;
            let ports = self.port_fields(place, direction, range);
            return Ok(self.preds.and(either, ports));
        }
        let ip6 = self.ipv6_transport(protocols)?;
        let place = self.ipv6_transport_place()?;
        let ports = self.port_fields(place, direction, range);
        let ip6 = self.preds.and(ip6, ports);
        let ip = self.ipv4_transport(protocols)?;
        let place = self.ipv4_transport_place()?;
        let ports = self.port_fields(place, direction, range);
        let ip = self.preds.and(ip, ports);
        Ok(self.preds.or(ip6, ip))
    }

    /// One of these protocols in a first fragment, and a slot with where its header is, from the network header on.
    pub(super) fn transport(&mut self, protocols: &[u32]) -> Result<(PredId, ValueId)> {
        let network = self.network_place();
        let key = (network.base, network.fixed);
        let slot = match self.transport.get(&key) {
            Some(slot) => *slot,
            None => {
                let slot = self.new_slot()?;
                self.transport.insert(key, slot);
                slot
            }
        };
        self.transport_in(slot, protocols)
    }

    /// The same, in a given slot.
    pub(super) fn transport_in(&mut self, slot: Slot, protocols: &[u32]) -> Result<(PredId, ValueId)> {
        let ip6 = self.ipv6_transport(protocols)?;
        let place = self.ipv6_transport_place()?;
        let set = self.preds.set(slot, place);
        let ip6 = self.preds.and(ip6, set);
        let ip = self.ipv4_transport(protocols)?;
        let place = self.ipv4_transport_place()?;
        let set = self.preds.set(slot, place);
        let ip = self.preds.and(ip, set);
        let either = self.preds.or(ip6, ip);
        Ok((either, self.preds.values.slot(slot)))
    }

    fn ipv6_transport(&mut self, protocols: &[u32]) -> Result<PredId> {
        let ip6 = self.ethertype(ethertype::IPV6)?;
        let next = self.load_network(Size::Byte, 6)?;
        let tests: Vec<PredId> = protocols.iter().map(|p| self.preds.equal(next, *p)).collect();
        let test = self.preds.any(tests);
        Ok(self.preds.and(ip6, test))
    }

    fn ipv4_transport(&mut self, protocols: &[u32]) -> Result<PredId> {
        let ip = self.ethertype(ethertype::IPV4)?;
        let field = self.load_network(Size::Byte, 9)?;
        let tests: Vec<PredId> = protocols.iter().map(|p| self.preds.equal(field, *p)).collect();
        let test = self.preds.any(tests);
        let first = self.first_fragment()?;
        Ok(self.preds.all([ip, test, first]))
    }

    /// Where the transport header is: the run-time part, to which the fixed part of the network header is added.
    fn ipv6_transport_place(&mut self) -> Result<ValueId> {
        Ok(match self.base(self.network_place().base)? {
            Some(base) => self.add(base, 40),
            None => self.preds.values.constant(40),
        })
    }

    pub(super) fn ipv4_transport_place(&mut self) -> Result<ValueId> {
        let base = self.base(self.network_place().base)?;
        let len = self.ipv4_header_len()?;
        Ok(match base {
            Some(base) => self.preds.values.binary(Operator::Add, base, len),
            None => len,
        })
    }

    /// The packet is no fragment of IPv4, or the first one.
    pub(super) fn first_fragment(&mut self) -> Result<PredId> {
        let field = self.load_network(Size::Half, 6)?;
        let later = self.preds.test(field, Op::AnyBit, 0x1fff);
        Ok(self.preds.not(later))
    }

    fn port_fields(&mut self, place: ValueId, direction: Direction, (low, high): (u32, u32)) -> PredId {
        let fixed = self.network_place().fixed;
        let src = self.preds.values.load_at(Size::Half, place, fixed);
        let dst = self.preds.values.load_at(Size::Half, place, fixed.wrapping_add(2));
        let src = self.preds.between(src, low, high);
        let dst = self.preds.between(dst, low, high);
        match direction {
            Direction::Src => src,
            Direction::Dst => dst,
            Direction::Both => self.preds.and(src, dst),
            _ => self.preds.or(src, dst),
        }
    }

    /// A protocol anywhere in the chain of headers, up to [`CHAIN`] of them behind the first.
    pub(super) fn protochain(&mut self, protocol: Option<Protocol>, number: u32) -> Result<PredId> {
        if self.state.payload.base != Base::None {
            return self.fail("'protochain' cannot follow headers behind a link header that varies in length");
        }
        match protocol {
            None => {
                let ip = self.protochain(Some(Protocol::Ip), number)?;
                let ip6 = self.protochain(Some(Protocol::Ip6), number)?;
                return Ok(self.preds.or(ip, ip6));
            }
            Some(Protocol::Ip | Protocol::Ip6) => {}
            Some(other) => return self.fail(format!("'{}' has no chain of headers", word(other))),
        }
        self.take_word()?;
        self.free_word();
        let ip6 = protocol == Some(Protocol::Ip6);
        let guard = self.ethertype(if ip6 { ethertype::IPV6 } else { ethertype::IPV4 })?;
        let (next, place) = (self.new_slot()?, self.new_slot()?);
        let field = self.load_network(Size::Byte, if ip6 { 6 } else { 9 })?;
        let start = if ip6 { self.preds.values.constant(40) } else { self.ipv4_header_len()? };
        let set_next = self.preds.set(next, field);
        let set_place = self.preds.set(place, start);
        let chain = self.header_chain(next, place, ip6, number);
        Ok(self.preds.all([guard, set_next, set_place, chain]))
    }

    /// The protocol in `next`, or one that headers from `place` on lead to.
    fn header_chain(&mut self, next: Slot, place: Slot, ip6: bool, number: u32) -> PredId {
        let fixed = self.network_place().fixed;
        let (here, at) = (self.preds.values.slot(next), self.preds.values.slot(place));
        let following = self.preds.values.load_at(Size::Byte, at, fixed);
        let len = self.preds.values.load_at(Size::Byte, at, fixed.wrapping_add(1));
        let mut advance = |plus: u32, unit: u32| {
            let len = self.add(len, plus);
            let len = self.binary_const(Operator::Mul, len, unit);
            let sum = self.preds.values.binary(Operator::Add, at, len);
            let set_next = self.preds.set(next, following);
            let set_place = self.preds.set(place, sum);
            self.preds.and(set_next, set_place)
        };
        let (option, authentication) = (advance(1, 8), advance(2, 4));
        let mut chain = self.preds.constant(false);
        for round in 0..=CHAIN {
            let found = self.preds.equal(here, number);
            if round == 0 {
                chain = found;
                continue;
            }
            let is_option: Vec<PredId> =
                if ip6 { [0, 60, 43, 44].map(|n| self.preds.equal(here, n)).into() } else { Vec::new() };
            let is_option = self.preds.any(is_option);
            let option = self.preds.and(is_option, option);
            let is_authentication = self.preds.equal(here, AUTHENTICATION);
            let authentication = self.preds.and(is_authentication, authentication);
            let step = self.preds.or(option, authentication);
            let on = self.preds.and(step, chain);
            chain = self.preds.or(found, on);
        }
        chain
    }
}
