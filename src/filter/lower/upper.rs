//! `l4[…]` and `payload[…]`: bytes behind IPv4 and IPv6 alike.
//!
//! IPv4 counts with its first fragment only, IPv6 with its first fragment and with one extension header in front.

use super::super::ast::{Operator, Upper};
use super::super::predicate::{Op, PredId};
use super::super::value::{Size, Slot, ValueId};
use super::protocol::{TCP, UDP};
use super::{Lower, Result, ethertype};

/// IPv6 extension headers that tell their own length: hop-by-hop options, routing, destination options.
const EXTENSIONS: [u32; 3] = [0, 43, 60];
const FRAGMENT: u32 = 44;

impl Lower<'_> {
    /// What must hold for there to be such bytes, and where they begin: the part found at run time.
    pub(super) fn upper(&mut self, upper: Upper) -> Result<(PredId, ValueId)> {
        let network = self.network_place();
        let slots = match self.upper_slots.get(&(network.base, network.fixed)) {
            Some(slots) => *slots,
            None => {
                let slots = (self.new_slot()?, self.new_slot()?);
                self.upper_slots.insert((network.base, network.fixed), slots);
                slots
            }
        };
        let (transport, payload) = slots;
        match upper {
            Upper::Transport => {
                let there = self.transport_header(None, transport)?;
                Ok((there, self.preds.values.slot(transport)))
            }
            Upper::Payload => {
                let at = self.preds.values.slot(transport);
                let tcp = self.transport_header(Some(TCP), transport)?;
                let words = self.preds.values.load_at(Size::Byte, at, network.fixed.wrapping_add(12));
                let words = self.binary_const(Operator::And, words, 0xf0);
                let len = self.binary_const(Operator::Rsh, words, 2);
                let behind = self.preds.values.binary(Operator::Add, at, len);
                let set = self.preds.set(payload, behind);
                let tcp = self.preds.and(tcp, set);
                let udp = self.transport_header(Some(UDP), transport)?;
                let behind = self.add(at, 8);
                let set = self.preds.set(payload, behind);
                let udp = self.preds.and(udp, set);
                let either = self.preds.or(tcp, udp);
                Ok((either, self.preds.values.slot(payload)))
            }
        }
    }

    /// The packet has a transport header (of this protocol), and the slot says where.
    fn transport_header(&mut self, protocol: Option<u32>, slot: Slot) -> Result<PredId> {
        let ip = self.ethertype(ethertype::IPV4)?;
        let field = self.load_network(Size::Byte, 9)?;
        let wanted = self.is_protocol(field, protocol);
        let first = self.first_fragment()?;
        let place = self.ipv4_transport_place()?;
        let set = self.preds.set(slot, place);
        let ip = self.preds.all([ip, wanted, first, set]);

        let ip6 = self.ethertype(ethertype::IPV6)?;
        let next = self.load_network(Size::Byte, 6)?;
        let behind = self.load_network(Size::Byte, 40)?;
        let behind = self.is_protocol(behind, protocol);
        let extension = {
            let tests = EXTENSIONS.map(|kind| self.preds.equal(next, kind));
            let extension = self.preds.any(tests);
            let len = self.load_network(Size::Byte, 41)?;
            let len = self.add(len, 1);
            let len = self.binary_const(Operator::Lsh, len, 3);
            let set = self.set_behind_ipv6(slot, Some(len))?;
            self.preds.all([extension, behind, set])
        };
        let fragment = {
            let fragment = self.preds.equal(next, FRAGMENT);
            let offset = self.load_network(Size::Half, 42)?;
            let later = self.preds.test(offset, Op::AnyBit, 0xfff8);
            let first = self.preds.not(later);
            let len = self.preds.values.constant(8);
            let set = self.set_behind_ipv6(slot, Some(len))?;
            self.preds.all([fragment, first, behind, set])
        };
        let direct = {
            let wanted = self.is_protocol(next, protocol);
            let others =
                EXTENSIONS.into_iter().chain([FRAGMENT]).map(|kind| self.preds.equal(next, kind)).collect::<Vec<_>>();
            let other = self.preds.any(others);
            let last = self.preds.not(other);
            let set = self.set_behind_ipv6(slot, None)?;
            self.preds.all([wanted, last, set])
        };
        let any = self.preds.any([extension, fragment, direct]);
        let ip6 = self.preds.and(ip6, any);
        Ok(self.preds.or(ip, ip6))
    }

    fn is_protocol(&mut self, field: ValueId, protocol: Option<u32>) -> PredId {
        match protocol {
            Some(protocol) => self.preds.equal(field, protocol),
            None => self.preds.constant(true),
        }
    }

    /// Sets the slot to where an IPv6 header ends, and perhaps another of some length.
    fn set_behind_ipv6(&mut self, slot: Slot, len: Option<ValueId>) -> Result<PredId> {
        let mut place = match self.base(self.network_place().base)? {
            Some(base) => self.add(base, 40),
            None => self.preds.values.constant(40),
        };
        if let Some(len) = len {
            place = self.preds.values.binary(Operator::Add, len, place);
        }
        Ok(self.preds.set(slot, place))
    }
}
