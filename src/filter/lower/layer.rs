//! Layers: each tests that it is there, and moves the offsets for what follows.

use super::super::ast::{Labels, Layer, Operator};
use super::super::link::Kind;
use super::super::predicate::PredId;
use super::super::value::{Size, Slot, ValueId};
use super::super::{Capture, link::Link};
use super::protocol::UDP;
use super::{Base, Lower, Place, Result, ethertype};
use crate::bpf::ancillary;

const GENEVE_PORT: u32 = 6081;
const VXLAN_PORT: u32 = 4789;
const MPLS_OVER_PPP: u32 = 0x281;
const GRE: u32 = 47;
const IPV4_IN_IP: u32 = 4;
const IPV6_IN_IP: u32 = 41;

impl Lower<'_> {
    pub(super) fn layer(&mut self, layer: &Layer) -> Result<PredId> {
        match layer {
            Layer::Vlan(labels) => self.vlan(labels),
            Layer::Mpls(labels) => self.mpls(labels),
            Layer::Pppoes(labels) => self.pppoes(labels),
            Layer::Geneve(labels) => self.geneve(labels),
            Layer::Vxlan(labels) => self.vxlan(labels),
            Layer::Gre => self.gre(),
            Layer::IpIp => self.ip_in_ip(),
        }
    }

    /// The number is one of these labels; any number is where there are none.
    fn labelled(&mut self, value: ValueId, labels: &Labels, highest: u32, unit: u32) -> Result<PredId> {
        if labels.is_empty() {
            return Ok(self.preds.constant(true));
        }
        let mut tests = Vec::new();
        for (low, high) in labels {
            if *high > highest {
                return self.fail(format!("{high} is too high: the highest here is {highest}"));
            }
            tests.push(self.preds.between(value, low.wrapping_mul(unit), high.wrapping_mul(unit)));
        }
        Ok(self.preds.any(tests))
    }

    fn masked(&mut self, place: Place, size: Size, offset: u32, mask: u32) -> Result<ValueId> {
        let value = self.load(place, size, offset)?;
        Ok(self.binary_const(Operator::And, value, mask))
    }

    fn vlan(&mut self, labels: &Labels) -> Result<PredId> {
        if self.state.mpls_labels > 0 {
            return self.fail("'vlan' cannot be looked for behind 'mpls'");
        }
        if !matches!(self.state.kind, Kind::Ethernet | Kind::Wlan(_)) || self.options_are_ppi() {
            return self.fail(format!("{} carries no VLAN tags", self.link_name()));
        }
        let outermost = self.state.vlan_tags == 0 && self.state.header == self.state.outer_header;
        self.state.vlan_tags = self.state.vlan_tags.saturating_add(1);
        if outermost && self.state.kind == Kind::Ethernet && matches!(self.options.capture, Capture::Live) {
            return self.vlan_live(labels);
        }
        let tag = self.vlan_tag()?;
        let number = self.masked(self.network_place(), Size::Half, 0, 0x0fff)?;
        let number = self.labelled(number, labels, 0x0fff, 1)?;
        self.state.payload = self.state.payload.past(4);
        self.state.type_at = self.state.type_at.past(4);
        Ok(self.preds.and(tag, number))
    }

    fn options_are_ppi(&self) -> bool {
        self.state.kind == Kind::Wlan(super::Radio::Ppi)
    }

    fn vlan_tag(&mut self) -> Result<PredId> {
        let mut tags = Vec::new();
        for tag in ethertype::VLAN_TAGS {
            tags.push(self.ethertype(tag)?);
        }
        Ok(self.preds.any(tags))
    }

    /// Live, the kernel has taken the outer tag out of the packet, unless it came from a program or the card has no
    /// use for tags: a slot holds how far a tag in the packet moves what follows it.
    fn vlan_live(&mut self, labels: &Labels) -> Result<PredId> {
        self.take_word()?;
        self.take_word()?;
        let slot = self.new_slot()?;
        self.zeroed.push(slot);
        let present = self.ancillary(Size::Byte, ancillary::VLAN_TAG_PRESENT);
        let taken_out = self.preds.equal(present, 1);
        let number = self.ancillary(Size::Byte, ancillary::VLAN_TAG);
        let number = self.binary_const(Operator::And, number, 0x0fff);
        let number = self.labelled(number, labels, 0x0fff, 1)?;
        let beside = self.preds.and(taken_out, number);
        let four = self.preds.values.constant(4);
        let moved = self.preds.set(slot, four);
        let tag = self.vlan_tag()?;
        let number = self.masked(self.network_place(), Size::Half, 0, 0x0fff)?;
        let number = self.labelled(number, labels, 0x0fff, 1)?;
        let inside = self.preds.all([moved, tag, number]);
        let left_in = self.preds.not(taken_out);
        let inside = self.preds.and(left_in, inside);
        self.state.payload.base = Base::Slot(slot);
        self.state.type_at.base = Base::Slot(slot);
        Ok(self.preds.or(beside, inside))
    }

    fn mpls(&mut self, labels: &Labels) -> Result<PredId> {
        let here = if self.state.mpls_labels > 0 {
            let before = self.load(self.network_place(), Size::Byte, 0u32.wrapping_sub(2))?;
            self.preds.masked(before, 1, 0)
        } else {
            match self.state.kind {
                Kind::Ethernet | Kind::Hdlc => self.ethertype(ethertype::MPLS)?,
                Kind::Ppp if self.is_plain_ppp() => self.ethertype(MPLS_OVER_PPP)?,
                _ => return self.fail(format!("{} carries no MPLS", self.link_name())),
            }
        };
        let label = self.masked(self.network_place(), Size::Word, 0, 0xffff_f000)?;
        let label = self.labelled(label, labels, 0xf_ffff, 0x1000)?;
        self.state.network = self.state.network.wrapping_add(4);
        self.state.network_no_snap = self.state.network_no_snap.wrapping_add(4);
        self.state.mpls_labels = self.state.mpls_labels.saturating_add(1);
        Ok(self.preds.and(here, label))
    }

    /// PPP by itself or inside PPPoE, but not the variants with headers of their own.
    fn is_plain_ppp(&self) -> bool {
        self.state.header != self.state.outer_header || self.link_type.0 == 9
    }

    fn pppoes(&mut self, labels: &Labels) -> Result<PredId> {
        let session = self.ethertype(ethertype::PPPOE_SESSION)?;
        let number = self.masked(self.network_place(), Size::Word, 0, 0xffff)?;
        let number = self.labelled(number, labels, 0xffff, 1)?;
        let header = self.network_place().past(6);
        self.state.outer_kind = self.state.kind;
        self.state.outer_header = self.state.header;
        self.state.kind = Kind::Ppp;
        self.state.header = header;
        self.state.type_at = header;
        self.state.payload = header.past(2);
        self.state.network = 0;
        self.state.network_no_snap = 0;
        Ok(self.preds.and(session, number))
    }

    /// UDP to a port, and where the UDP header is: the run-time part.
    fn udp_to(&mut self, port: u32) -> Result<(PredId, ValueId)> {
        // IPv4 first, and in a slot of its own: inside the tunnel this is a different place.
        let slot = self.new_slot()?;
        let (udp, at) = self.transport_in(slot, &[UDP])?;
        let fixed = self.network_place().fixed;
        let dst = self.preds.values.load_at(Size::Half, at, fixed.wrapping_add(2));
        let dst = self.preds.equal(dst, port);
        Ok((self.preds.and(udp, dst), at))
    }

    /// A slot that is 0 where nothing sets it.
    fn zeroed_slot(&mut self) -> Result<Slot> {
        self.take_word()?;
        let slot = self.new_slot()?;
        self.zeroed.push(slot);
        Ok(slot)
    }

    fn set_sum(&mut self, slot: Slot, value: ValueId, plus: u32) -> PredId {
        let value = self.add(value, plus);
        self.preds.set(slot, value)
    }

    /// Offsets inside a tunnel that ends at `end`: a whole Ethernet frame follows, or a bare packet whose type is at
    /// another place. `frame` tells which.
    fn enter_tunnel(&mut self, frame: PredId, end: ValueId, bare_type_at: ValueId) -> Result<PredId> {
        let (type_at, header, payload) = (self.zeroed_slot()?, self.zeroed_slot()?, self.zeroed_slot()?);
        let set_header = self.set_sum(header, end, 0);
        let framed = {
            let set_type = self.set_sum(type_at, end, 12);
            let set_payload = self.set_sum(payload, end, 14);
            self.preds.all([frame, set_type, set_payload])
        };
        let bare = {
            let set_type = self.set_sum(type_at, bare_type_at, 0);
            let set_payload = self.set_sum(payload, end, 0);
            self.preds.and(set_type, set_payload)
        };
        let either = self.preds.or(framed, bare);
        let place = |slot| Place { base: Base::Slot(slot), fixed: 0 };
        let inner: Link = ethertype::INNER;
        self.state.outer_kind = self.state.kind;
        self.state.outer_header = self.state.header;
        self.state.kind = inner.kind;
        self.state.header = place(header);
        self.state.type_at = place(type_at);
        self.state.payload = place(payload);
        self.state.network = 0;
        self.state.tunnel = true;
        Ok(self.preds.and(set_header, either))
    }

    fn geneve(&mut self, labels: &Labels) -> Result<PredId> {
        let (udp, at) = self.udp_to(GENEVE_PORT)?;
        let fixed = self.network_place().fixed;
        let first = self.preds.values.load_at(Size::Byte, at, fixed.wrapping_add(8));
        let version = self.preds.masked(first, 0xc0, 0);
        let vni = self.preds.values.load_at(Size::Word, at, fixed.wrapping_add(12));
        let vni = self.binary_const(Operator::And, vni, 0xffff_ff00);
        let vni = self.labelled(vni, labels, 0xff_ffff, 0x100)?;
        let start = self.add(at, fixed.wrapping_add(8));
        let options = self.binary_const(Operator::And, first, 0x3f);
        let options = self.binary_const(Operator::Lsh, options, 2);
        let end = self.preds.values.binary(Operator::Add, start, options);
        let end = self.add(end, 8);
        let proto = self.preds.values.load_at(Size::Half, at, fixed.wrapping_add(10));
        let frame = self.preds.equal(proto, ethertype::ETHERNET_BRIDGING);
        let end_slot = self.new_slot()?;
        let set_end = self.preds.set(end_slot, end);
        let end = self.preds.values.slot(end_slot);
        let type_at = self.add(start, 2);
        let inside = self.enter_tunnel(frame, end, type_at)?;
        Ok(self.preds.all([udp, version, vni, set_end, inside]))
    }

    fn vxlan(&mut self, labels: &Labels) -> Result<PredId> {
        let (udp, at) = self.udp_to(VXLAN_PORT)?;
        let fixed = self.network_place().fixed;
        let flags = self.preds.values.load_at(Size::Byte, at, fixed.wrapping_add(8));
        let valid = self.preds.masked(flags, 0x08, 0x08);
        let vni = self.preds.values.load_at(Size::Word, at, fixed.wrapping_add(12));
        let vni = self.binary_const(Operator::And, vni, 0xffff_ff00);
        let vni = self.labelled(vni, labels, 0xff_ffff, 0x100)?;
        let end_slot = self.zeroed_slot()?;
        let set_end = self.set_sum(end_slot, at, fixed.wrapping_add(16));
        self.enter_frame(Base::Slot(end_slot));
        Ok(self.preds.all([udp, valid, vni, set_end]))
    }

    /// An Ethernet frame begins at a slot.
    fn enter_frame(&mut self, base: Base) {
        let header = Place { base, fixed: 0 };
        let inner: Link = ethertype::INNER;
        self.state.outer_kind = self.state.kind;
        self.state.outer_header = self.state.header;
        self.state.kind = inner.kind;
        self.state.header = header;
        self.state.type_at = header.past(inner.type_at);
        self.state.payload = header.past(inner.payload);
        self.state.network = inner.network;
        self.state.network_no_snap = inner.network_no_snap;
        self.state.mpls_labels = 0;
        self.state.tunnel = false;
    }

    /// GRE of version 0 with IP or Ethernet in it; its checksum, key and sequence number take 4 bytes each.
    fn gre(&mut self) -> Result<PredId> {
        let slot = self.new_slot()?;
        let (gre, at) = self.transport_in(slot, &[GRE])?;
        let fixed = self.network_place().fixed;
        let word = self.preds.values.load_at(Size::Half, at, fixed);
        let version = self.preds.masked(word, 0x0007, 0);
        let mut end = self.add(at, fixed.wrapping_add(4));
        for shift in [13u32, 11, 10] {
            let bit = self.binary_const(Operator::Rsh, word, shift);
            let bytes = self.binary_const(Operator::And, bit, 4);
            end = self.preds.values.binary(Operator::Add, end, bytes);
        }
        let proto = self.preds.values.load_at(Size::Half, at, fixed.wrapping_add(2));
        let frame = self.preds.equal(proto, ethertype::ETHERNET_BRIDGING);
        let type_at = self.add(at, fixed.wrapping_add(2));
        let end_slot = self.new_slot()?;
        let set_end = self.preds.set(end_slot, end);
        let end = self.preds.values.slot(end_slot);
        let inside = self.enter_tunnel(frame, end, type_at)?;
        self.state.mpls_labels = 0;
        Ok(self.preds.all([gre, version, set_end, inside]))
    }

    /// An IP packet directly inside another.
    fn ip_in_ip(&mut self) -> Result<PredId> {
        let slot = self.new_slot()?;
        let (carries, at) = self.transport_in(slot, &[IPV4_IN_IP, IPV6_IN_IP])?;
        let fixed = self.network_place().fixed;
        let start = self.zeroed_slot()?;
        let set = self.set_sum(start, at, fixed);
        let header = Place { base: Base::Slot(start), fixed: 0 };
        self.state.outer_kind = self.state.kind;
        self.state.outer_header = self.state.header;
        self.state.kind = Kind::IpVersion;
        self.state.header = header;
        self.state.type_at = Place::at(super::super::link::UNSET);
        self.state.payload = header;
        self.state.network = 0;
        self.state.network_no_snap = 0;
        self.state.mpls_labels = 0;
        self.state.tunnel = false;
        Ok(self.preds.and(carries, set))
    }
}
