//! Telephone networks: ATM as SunATM hands it over, and signalling system 7.

use super::super::ast::{Atm, Comparison, Field, SignalUnit};
use super::super::link;
use super::super::predicate::{Op, PredId};
use super::super::value::{Size, ValueId};
use super::{Lower, Place, Result, ethertype};

/// Offsets in SunATM's header, which has 4 bytes.
const ATM_VPI: u32 = 1;
const ATM_VCI: u32 = 2;
pub(super) const ATM_PAYLOAD: u32 = 4;
const ATM_MESSAGE_TYPE: u32 = 9;

/// What SunATM carries, in the lower half of its first byte.
const ATM_LANE: u32 = 1;
pub(super) const ATM_LLC: u32 = 2;

/// Messages of Q.2931 that set up and tear down a circuit.
const CALL_PROCEEDING: u32 = 0x02;
const SETUP: u32 = 0x05;
const CONNECT: u32 = 0x07;
const CONNECT_ACKNOWLEDGE: u32 = 0x0f;
const RELEASE: u32 = 0x4d;
const RELEASE_DONE: u32 = 0x5a;

impl Lower<'_> {
    fn only_atm(&self) -> Result<()> {
        if self.link_type.0 == 123 { Ok(()) } else { self.fail("this tests ATM, and the link type is another") }
    }

    pub(super) fn atm_protocol(&mut self, protocol: u32) -> Result<PredId> {
        let byte = self.load_header(Size::Byte, 0)?;
        Ok(self.preds.masked(byte, 0x0f, protocol))
    }

    fn circuit(&mut self, identifiers: &[u32]) -> Result<PredId> {
        let path = self.load_header(Size::Byte, ATM_VPI)?;
        let path = self.preds.equal(path, 0);
        let channel = self.load_header(Size::Half, ATM_VCI)?;
        let channels: Vec<PredId> = identifiers.iter().map(|i| self.preds.equal(channel, *i)).collect();
        let channels = self.preds.any(channels);
        Ok(self.preds.and(path, channels))
    }

    fn messages(&mut self, circuit: u32, types: &[u32]) -> Result<PredId> {
        let circuit = self.circuit(&[circuit])?;
        let field = self.load_header(Size::Byte, ATM_MESSAGE_TYPE)?;
        let types: Vec<PredId> = types.iter().map(|t| self.preds.equal(field, *t)).collect();
        let types = self.preds.any(types);
        Ok(self.preds.and(circuit, types))
    }

    pub(super) fn atm(&mut self, kind: Atm) -> Result<PredId> {
        self.only_atm()?;
        match kind {
            Atm::Metac => self.circuit(&[1]),
            Atm::Bcc => self.circuit(&[2]),
            Atm::OamF4Sc => self.circuit(&[3]),
            Atm::OamF4Ec => self.circuit(&[4]),
            Atm::Oam | Atm::OamF4 => self.circuit(&[3, 4]),
            Atm::Sc => self.circuit(&[5]),
            Atm::Ilmic => self.circuit(&[16]),
            Atm::ConnectMsg => {
                self.messages(5, &[RELEASE_DONE, RELEASE, CONNECT_ACKNOWLEDGE, CONNECT, SETUP, CALL_PROCEEDING])
            }
            Atm::MetaConnect => self.messages(1, &[RELEASE_DONE, RELEASE, CONNECT, SETUP, CALL_PROCEEDING]),
            Atm::Lane => {
                let lane = self.atm_protocol(ATM_LANE)?;
                // An Ethernet frame follows, behind a marker of 2 bytes.
                let inner = ethertype::INNER;
                let header = Place::at(ATM_PAYLOAD.wrapping_add(2));
                self.state.outer_kind = self.state.kind;
                self.state.outer_header = self.state.header;
                self.state.kind = inner.kind;
                self.state.header = header;
                self.state.type_at = header.past(inner.type_at);
                self.state.payload = header.past(inner.payload);
                self.state.network = inner.network;
                self.state.network_no_snap = inner.network_no_snap;
                Ok(lane)
            }
        }
    }

    pub(super) fn signal_unit(&mut self, unit: SignalUnit, high_speed: bool) -> Result<PredId> {
        let Some(at) = link::signalling(self.link_type) else {
            return self.fail("this tests signalling system 7, and the link type is another");
        };
        // A length of 0, of 1 or 2, and above, tell the units apart.
        let (len, one, two) = if high_speed {
            (self.whole(Size::Half, at.length_high_speed, 0xff80), 0x80, 0x100)
        } else {
            (self.whole(Size::Byte, at.length, 0x3f), 1, 2)
        };
        Ok(match unit {
            SignalUnit::Fisu => self.preds.equal(len, 0),
            SignalUnit::Lssu => self.preds.between(len, one, two),
            SignalUnit::Msu => self.preds.test(len, Op::Greater, two),
        })
    }

    /// Bytes from the start of the packet, under a mask.
    fn whole(&mut self, size: Size, offset: u32, mask: u32) -> ValueId {
        let value = self.preds.load(size, offset);
        self.binary_const(super::Operator::And, value, mask)
    }

    /// Any of some tests of a field of ATM or signalling system 7.
    pub(super) fn field(&mut self, field: Field, high_speed: bool, tests: &[(Comparison, u32)]) -> Result<PredId> {
        let mut all = Vec::new();
        for (comparison, number) in tests {
            let (value, number) = self.field_value(field, high_speed, *number)?;
            let (op, wanted) = match comparison {
                Comparison::Equal => (Op::Equal, true),
                Comparison::NotEqual => (Op::Equal, false),
                Comparison::Greater => (Op::Greater, true),
                Comparison::LessEqual => (Op::Greater, false),
                Comparison::GreaterEqual => (Op::GreaterEqual, true),
                Comparison::Less => (Op::GreaterEqual, false),
            };
            let test = self.preds.test(value, op, number);
            all.push(if wanted { test } else { self.preds.not(test) });
        }
        Ok(self.preds.any(all))
    }

    /// A field, and a number as it stands in that field.
    fn field_value(&mut self, field: Field, high_speed: bool, number: u32) -> Result<(ValueId, u32)> {
        if let Field::Vpi | Field::Vci = field {
            self.only_atm()?;
            let value = match field {
                Field::Vpi => self.load_header(Size::Byte, ATM_VPI)?,
                _ => self.load_header(Size::Half, ATM_VCI)?,
            };
            return Ok((value, number));
        }
        let Some(at) = link::signalling(self.link_type) else {
            return self.fail("this tests signalling system 7, and the link type is another");
        };
        let highest = match field {
            Field::Sio => 255,
            Field::Sls => 15,
            _ => 16383,
        };
        if number > highest {
            return self.fail(format!("{number} is too high: the highest here is {highest}"));
        }
        let past = |at: u32| at.saturating_add(if high_speed { 3 } else { 0 });
        Ok(match field {
            Field::Sio => (self.whole(Size::Byte, past(at.service), u32::MAX), number),
            Field::Sls => (self.whole(Size::Byte, past(at.selection), 0xf0), number.wrapping_shl(4)),
            // Point codes of 14 bits lie across bytes in little-endian order.
            Field::Dpc => {
                let number = (number & 0xff).wrapping_shl(24) | (number & 0x3f00).wrapping_shl(8);
                (self.whole(Size::Word, past(at.codes), 0xff3f_0000), number)
            }
            _ => {
                let number = (number & 0x3c00).wrapping_shr(10)
                    | (number & 0x3fc).wrapping_shl(6)
                    | (number & 3).wrapping_shl(22);
                (self.whole(Size::Word, past(at.codes), 0x00c0_ff0f), number)
            }
        })
    }
}
