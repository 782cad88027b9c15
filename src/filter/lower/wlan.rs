//! 802.11: headers whose length is found at run time, and addresses whose place depends on the kind of frame.

use super::super::ast::{Direction, Operator};
use super::super::link::{Kind, Radio};
use super::super::predicate::{Op, PredId};
use super::super::value::{Size, Slot, ValueId};
use super::{Lower, Result};

/// Bits of the first byte: the frame's type.
const NOT_MANAGEMENT: u32 = 0x08;
const CONTROL_BIT: u32 = 0x04;
const TYPE: u32 = 0x0c;
const CONTROL: u32 = 0x04;
const SUBTYPE: u32 = 0xf0;
const CLEAR_TO_SEND: u32 = 0xc0;
const ACKNOWLEDGE: u32 = 0xd0;
/// Bits of the second byte: across the distribution system.
const TO_DS: u32 = 0x01;
const FROM_DS: u32 = 0x02;
const DS: u32 = 0x03;

/// The shortest header of a data frame.
const DATA_HEADER: u32 = 24;
/// An old radio header that never varies.
const PRISM_LEN: u32 = 144;
const AVS_MAGIC: u32 = 0x8021_1000;
const PPI_802_11: u32 = 105;

impl Lower<'_> {
    fn not_header_bit(&mut self, offset: u32, bits: u32) -> Result<PredId> {
        let set = self.header_bit(offset, bits)?;
        Ok(self.preds.not(set))
    }

    pub(super) fn wlan_data_frame(&mut self) -> Result<PredId> {
        let not_control = self.not_header_bit(0, CONTROL_BIT)?;
        let data = self.header_bit(0, NOT_MANAGEMENT)?;
        Ok(self.preds.and(not_control, data))
    }

    pub(super) fn wlan_type(&mut self, value: u32, mask: u32) -> Result<PredId> {
        if !matches!(self.state.kind, Kind::Wlan(_)) || self.state.kind == Kind::Wlan(Radio::Ppi) {
            return self.fail("only 802.11 headers have these types");
        }
        let byte = self.load_header(Size::Byte, 0)?;
        Ok(self.preds.masked(byte, mask, value))
    }

    pub(super) fn wlan_direction(&mut self, direction: u32) -> Result<PredId> {
        if !matches!(self.state.kind, Kind::Wlan(_)) || self.state.kind == Kind::Wlan(Radio::Ppi) {
            return self.fail("only 802.11 headers have this direction");
        }
        let byte = self.load_header(Size::Byte, 1)?;
        Ok(self.preds.masked(byte, DS, direction))
    }

    fn wlan_address(&mut self, address: [u8; 6], offset: u32) -> Result<PredId> {
        self.bytes(self.state.header, offset, &address)
    }

    fn not_control(&mut self) -> Result<PredId> {
        let byte = self.load_header(Size::Byte, 0)?;
        let control = self.preds.masked(byte, TYPE, CONTROL);
        Ok(self.preds.not(control))
    }

    /// Neither of the two control frames that have one address only.
    fn has_transmitter(&mut self) -> Result<PredId> {
        let not_control = self.not_control()?;
        let byte = self.load_header(Size::Byte, 0)?;
        let mut others = Vec::new();
        for subtype in [CLEAR_TO_SEND, ACKNOWLEDGE] {
            let this = self.preds.masked(byte, SUBTYPE, subtype);
            others.push(self.preds.not(this));
        }
        let others = self.preds.all(others);
        Ok(self.preds.or(not_control, others))
    }

    pub(super) fn wlan_host(&mut self, address: [u8; 6], direction: Direction) -> Result<PredId> {
        match direction {
            Direction::Src => self.by_frame(|lower, offset| lower.wlan_address(address, offset), true),
            Direction::Dst => self.by_frame(|lower, offset| lower.wlan_address(address, offset), false),
            Direction::Both => {
                let src = self.wlan_host(address, Direction::Src)?;
                let dst = self.wlan_host(address, Direction::Dst)?;
                Ok(self.preds.and(src, dst))
            }
            Direction::Either => {
                let src = self.wlan_host(address, Direction::Src)?;
                let dst = self.wlan_host(address, Direction::Dst)?;
                Ok(self.preds.or(src, dst))
            }
            Direction::Wlan(1) => self.wlan_address(address, 4),
            Direction::Wlan(2) => {
                let has = self.has_transmitter()?;
                let test = self.wlan_address(address, 10)?;
                Ok(self.preds.and(has, test))
            }
            Direction::Wlan(3) => {
                let has = self.not_control()?;
                let test = self.wlan_address(address, 16)?;
                Ok(self.preds.and(has, test))
            }
            Direction::Wlan(_) => {
                let byte = self.load_header(Size::Byte, 1)?;
                let has = self.preds.masked(byte, DS, DS);
                let test = self.wlan_address(address, 24)?;
                Ok(self.preds.and(has, test))
            }
            Direction::WlanReceiver => {
                let has = self.header_bit(0, NOT_MANAGEMENT)?;
                let test = self.wlan_address(address, 4)?;
                Ok(self.preds.and(has, test))
            }
            Direction::WlanTransmitter => {
                let data_or_control = self.header_bit(0, NOT_MANAGEMENT)?;
                let has = self.has_transmitter()?;
                let test = self.wlan_address(address, 10)?;
                Ok(self.preds.all([data_or_control, has, test]))
            }
        }
    }

    pub(super) fn wlan_multicast(&mut self) -> Result<PredId> {
        self.by_frame(|lower, offset| lower.group_bit(offset), false)
    }

    /// A test of the source or destination address, wherever this kind of frame has it; control frames have none.
    fn by_frame(&mut self, mut test: impl FnMut(&mut Self, u32) -> Result<PredId>, source: bool) -> Result<PredId> {
        let not_control = self.not_header_bit(0, CONTROL_BIT)?;
        let management = self.not_header_bit(0, NOT_MANAGEMENT)?;
        let near = test(self, if source { 10 } else { 4 })?;
        let management = self.preds.and(management, near);
        let data = self.header_bit(0, NOT_MANAGEMENT)?;
        // A source is further on if the frame comes from the distribution system, a destination if it goes there.
        let (bit, far) = if source {
            let direct = self.not_header_bit(1, TO_DS)?;
            let third = test(self, 16)?;
            let third = self.preds.and(direct, third);
            let bridged = self.header_bit(1, TO_DS)?;
            let fourth = test(self, 24)?;
            let fourth = self.preds.and(bridged, fourth);
            (FROM_DS, self.preds.or(third, fourth))
        } else {
            (TO_DS, test(self, 16)?)
        };
        let not_bit = self.not_header_bit(1, bit)?;
        let near = self.preds.and(not_bit, near);
        let set = self.header_bit(1, bit)?;
        let far = self.preds.and(set, far);
        let address = self.preds.or(near, far);
        let data = self.preds.and(data, address);
        let either = self.preds.or(management, data);
        Ok(self.preds.and(not_control, either))
    }

    /// What finds the lengths of the radio header and the 802.11 header, if anything needs them.
    pub(super) fn wlan_front(&mut self) -> Result<Vec<PredId>> {
        let Some(radio) = self.radio else { return Ok(Vec::new()) };
        let mut front = Vec::new();
        if radio == Radio::Ppi {
            let inner = self.preds.load(Size::Word, 4);
            front.push(self.preds.equal(inner, PPI_802_11.swap_bytes()));
        }
        if self.payload.is_some() && radio != Radio::None {
            self.base(super::Base::RadioHeader)?;
        }
        if let Some(slot) = self.radio_header {
            front.push(self.radio_front(radio, slot));
        }
        if let Some(payload) = self.payload {
            let header = match self.radio_header {
                Some(slot) => self.preds.values.slot(slot),
                None => self.preds.values.constant(0),
            };
            front.push(self.payload_front(radio, header, payload));
        }
        Ok(front)
    }

    fn radio_front(&mut self, radio: Radio, slot: Slot) -> PredId {
        match radio {
            Radio::None => self.preds.constant(true),
            Radio::Prism => {
                // Some drivers that say Prism send AVS headers.
                let magic = self.preds.load(Size::Word, 0);
                let avs = self.preds.masked(magic, 0xffff_f000, AVS_MAGIC);
                let len = self.preds.load(Size::Word, 4);
                let set_avs = self.preds.set(slot, len);
                let set_avs = self.preds.and(avs, set_avs);
                let len = self.preds.values.constant(PRISM_LEN);
                let set_prism = self.preds.set(slot, len);
                self.preds.or(set_avs, set_prism)
            }
            Radio::Avs => {
                let len = self.preds.load(Size::Word, 4);
                self.preds.set(slot, len)
            }
            Radio::Radiotap | Radio::Ppi => {
                let high = self.preds.load(Size::Byte, 3);
                let high = self.binary_const(Operator::Lsh, high, 8);
                let low = self.preds.load(Size::Byte, 2);
                let len = self.preds.values.binary(Operator::Or, low, high);
                self.preds.set(slot, len)
            }
        }
    }

    /// Sets where the payload of a data frame begins; of another frame, where it would.
    fn payload_front(&mut self, radio: Radio, header: ValueId, payload: Slot) -> PredId {
        let control = self.preds.values.load_at(Size::Byte, header, 0);
        let not_management = self.preds.test(control, Op::AnyBit, NOT_MANAGEMENT);
        let is_control = self.preds.test(control, Op::AnyBit, CONTROL_BIT);
        let not_control = self.preds.not(is_control);
        // The bit that says there is a QoS field, moved to say how long it is.
        let qos = self.binary_const(Operator::And, control, 0x80);
        let qos = self.binary_const(Operator::Rsh, qos, 6);
        let sum = self.preds.values.binary(Operator::Add, qos, header);
        let end = self.add(sum, DATA_HEADER);
        let mut data = self.preds.set(payload, end);
        if radio == Radio::Radiotap {
            let padded = self.radiotap_padding();
            let rounded = self.add(end, 3);
            let rounded = self.binary_const(Operator::And, rounded, !3);
            let rounded = self.preds.set(payload, rounded);
            let padded = self.preds.and(padded, rounded);
            data = self.preds.or(padded, data);
        }
        let end = self.add(header, DATA_HEADER);
        let other = self.preds.set(payload, end);
        let data = self.preds.all([not_management, not_control, data]);
        self.preds.or(data, other)
    }

    /// Whether a radiotap header says that the payload was moved to a multiple of 4.
    fn radiotap_padding(&mut self) -> PredId {
        let present = self.preds.load(Size::Word, 4);
        let flags = self.preds.test(present, Op::AnyBit, 0x0200_0000);
        let extended = self.preds.test(present, Op::AnyBit, 0x80);
        let simple = self.preds.not(extended);
        let timestamp = self.preds.test(present, Op::AnyBit, 0x0100_0000);
        let mut pad_at = |offset| {
            let byte = self.preds.load(Size::Byte, offset);
            self.preds.test(byte, Op::AnyBit, 0x20)
        };
        let (behind, direct) = (pad_at(16), pad_at(8));
        let behind = self.preds.and(timestamp, behind);
        let no_timestamp = self.preds.not(timestamp);
        let direct = self.preds.and(no_timestamp, direct);
        let padded = self.preds.or(behind, direct);
        self.preds.all([flags, simple, padded])
    }
}
