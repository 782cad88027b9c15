//! Terms about the link layer: broadcast and multicast, direction, interface, kinds of 802.2 frames, pf's log.

use super::super::Capture;
use super::super::ast::{Direction, LlcTest, Operator, PfName, PfNumber, Protocol};
use super::super::link::Kind;
use super::super::predicate::{Op, PredId};
use super::super::value::{Size, Slot};
use super::address::{ATM_LLC, FDDI, FIBRE_CHANNEL, TOKEN_RING};
use super::{Lower, Result, ethertype};
use crate::bpf::ancillary;

/// What this machine sent, in the packet type of a cooked header and of the kernel (`PACKET_OUTGOING`).
const SENT: u32 = 4;

/// PPP with a direction in front.
const PPP_PPPD: u16 = 166;
const LINUX_SLL2: u16 = 276;
const SLIP: u16 = 8;

/// Offsets in an OpenBSD pf log record (`struct pfloghdr`).
const PF_ACTION: u32 = 2;
const PF_REASON: u32 = 3;
const PF_INTERFACE: u32 = 4;
const PF_RULESET: u32 = 20;
const PF_RULE: u32 = 36;
const PF_SUBRULE: u32 = 40;
const PF_DIRECTION: u32 = 60;
/// Length of the names in it, with a zero at the end.
const PF_NAME: usize = 16;

impl Lower<'_> {
    pub(super) fn broadcast(&mut self, protocol: Option<Protocol>) -> Result<PredId> {
        match protocol {
            None | Some(Protocol::Link) => match self.state.kind {
                Kind::Arcnet => self.mac_at(&[0], Direction::Dst, 0, 1),
                Kind::Ethernet | Kind::Wlan(_) | Kind::Llc if self.link_type.0 != ATM_LLC => {
                    self.ether_host([0xff; 6], Direction::Dst)
                }
                _ => self.fail(format!("{} has no broadcasts", self.link_name())),
            },
            Some(Protocol::Ip) => {
                let Some(netmask) = self.options.netmask else {
                    return self.fail("'ip broadcast' needs a network mask, and none is known");
                };
                let ip = self.ethertype(ethertype::IPV4)?;
                let address = self.load_network(Size::Word, 16)?;
                let zeros = self.preds.masked(address, !netmask, 0);
                let ones = self.preds.masked(address, !netmask, !netmask);
                let test = self.preds.or(zeros, ones);
                Ok(self.preds.and(ip, test))
            }
            Some(_) => self.fail("only the link layer and 'ip' have broadcasts"),
        }
    }

    pub(super) fn multicast(&mut self, protocol: Option<Protocol>) -> Result<PredId> {
        match protocol {
            None | Some(Protocol::Link) => match (self.state.kind, self.link_type.0) {
                (Kind::Arcnet, _) => self.mac_at(&[0], Direction::Dst, 0, 1),
                (Kind::Ethernet, _) => {
                    let outer = self.outer_check()?;
                    let test = self.group_bit(0)?;
                    Ok(match outer {
                        Some(outer) => self.preds.and(outer, test),
                        None => test,
                    })
                }
                (Kind::Wlan(_), _) => self.wlan_multicast(),
                (Kind::Llc, FDDI) => self.group_bit(1),
                (Kind::Llc, TOKEN_RING | FIBRE_CHANNEL) => self.group_bit(2),
                _ => self.fail(format!("{} has no multicasts", self.link_name())),
            },
            Some(Protocol::Ip) => {
                let ip = self.ethertype(ethertype::IPV4)?;
                let byte = self.load_network(Size::Byte, 16)?;
                let test = self.preds.test(byte, Op::GreaterEqual, 224);
                Ok(self.preds.and(ip, test))
            }
            Some(Protocol::Ip6) => {
                let ip6 = self.ethertype(ethertype::IPV6)?;
                let byte = self.load_network(Size::Byte, 24)?;
                let test = self.preds.equal(byte, 0xff);
                Ok(self.preds.and(ip6, test))
            }
            Some(_) => self.fail("only the link layer, 'ip' and 'ip6' have multicasts"),
        }
    }

    /// The lowest bit of a link-layer address's first byte.
    pub(super) fn group_bit(&mut self, offset: u32) -> Result<PredId> {
        self.header_bit(offset, 1)
    }

    /// Some of these bits are set in a byte of the link header.
    pub(super) fn header_bit(&mut self, offset: u32, bits: u32) -> Result<PredId> {
        let byte = self.load_header(Size::Byte, offset)?;
        Ok(self.preds.test(byte, Op::AnyBit, bits))
    }

    /// The link type of the packet; 0 inside another layer.
    fn outermost_link(&self) -> u16 {
        if self.state.header == self.state.outer_header { self.link_type.0 } else { 0 }
    }

    /// `inbound` and `outbound`.
    pub(super) fn direction(&mut self, outbound: bool) -> Result<PredId> {
        // Where the direction is, and the values that mean in and out.
        let (size, offset, inside, outside) = match (self.state.kind, self.outermost_link()) {
            (Kind::IpNet, _) => (Size::Half, 2, 2, 1),
            (Kind::Pflog, _) => (Size::Byte, PF_DIRECTION, 1, 2),
            (Kind::Ppp, PPP_PPPD) => (Size::Byte, 0, 0, 1),
            (Kind::Magic(0x4d47_4300, _), _) => {
                let byte = self.load_header(Size::Byte, 3)?;
                return Ok(self.preds.masked(byte, 1, u32::from(!outbound)));
            }
            _ => {
                let sent = match (self.state.kind, self.outermost_link()) {
                    (Kind::IpVersion, SLIP) => {
                        let byte = self.load_header(Size::Byte, 0)?;
                        let received = self.preds.equal(byte, 0);
                        self.preds.not(received)
                    }
                    (Kind::Cooked, _) => {
                        let kind = self.load_header(Size::Half, 0)?;
                        self.preds.equal(kind, SENT)
                    }
                    (Kind::EtherType, LINUX_SLL2) => {
                        let kind = self.load_header(Size::Byte, 10)?;
                        self.preds.equal(kind, SENT)
                    }
                    _ if self.is_file() => {
                        return self.fail(format!("files of {} do not tell the direction", self.link_name()));
                    }
                    _ => {
                        let kind = self.ancillary(Size::Half, ancillary::PACKET_TYPE);
                        self.preds.equal(kind, SENT)
                    }
                };
                return Ok(if outbound { sent } else { self.preds.not(sent) });
            }
        };
        let value = self.load_header(size, offset)?;
        Ok(self.preds.equal(value, if outbound { outside } else { inside }))
    }

    pub(super) fn interface_index(&mut self, index: u32) -> Result<PredId> {
        let value = if self.outermost_link() == LINUX_SLL2 {
            self.load_header(Size::Word, 4)?
        } else if self.is_file() {
            return self.fail(format!("files of {} do not tell the interface index", self.link_name()));
        } else if self.options.capture == Capture::Received {
            return self.fail("'ifindex' is for the kernel alone: it can't stand beside 'payload' texts or 'any { }'");
        } else {
            self.ancillary(Size::Word, ancillary::INTERFACE_INDEX)
        };
        Ok(self.preds.equal(value, index))
    }

    pub(super) fn llc(&mut self, test: LlcTest) -> Result<PredId> {
        let frame = match (self.state.kind, self.link_type.0) {
            (Kind::Ethernet, _) => {
                let llc = self.is_802_3()?;
                // ff ff is IPX alone.
                let saps = self.load_llc(Size::Half, 0)?;
                let ipx = self.preds.equal(saps, 0xffff);
                let not_ipx = self.preds.not(ipx);
                self.preds.and(llc, not_ipx)
            }
            (Kind::SunAtm, _) => self.atm_protocol(super::signalling::ATM_LLC)?,
            (Kind::Llc, TOKEN_RING | FDDI | ATM_LLC) => self.preds.constant(true),
            (Kind::Wlan(_), _) => self.wlan_data_frame()?,
            _ => return self.fail(format!("{} has no 802.2 headers to test", self.link_name())),
        };
        if test == LlcTest::Any {
            return Ok(frame);
        }
        let control = self.load_llc(Size::Byte, 2)?;
        let kind = match test {
            LlcTest::Any => return Ok(frame),
            LlcTest::Information => {
                let other = self.preds.test(control, Op::AnyBit, 1);
                self.preds.not(other)
            }
            LlcTest::Supervisory => self.preds.masked(control, 0x03, 1),
            LlcTest::Unnumbered => self.preds.masked(control, 0x03, 3),
            LlcTest::SupervisoryCommand(command) => self.preds.masked(control, 0x0f, command.into()),
            LlcTest::UnnumberedCommand(command) => self.preds.masked(control, 0xef, command.into()),
        };
        Ok(self.preds.and(frame, kind))
    }

    fn only_pflog(&self) -> Result<()> {
        if self.state.kind == Kind::Pflog {
            return Ok(());
        }
        self.fail("this tests a pf log, and the link type is another")
    }

    pub(super) fn pf_name(&mut self, field: PfName, name: &str) -> Result<PredId> {
        self.only_pflog()?;
        if name.len() >= PF_NAME {
            return self.fail(format!("names in a pf log have at most {} characters", PF_NAME.saturating_sub(1)));
        }
        let offset = match field {
            PfName::Interface => PF_INTERFACE,
            PfName::Ruleset => PF_RULESET,
        };
        self.bytes(self.state.header, offset, name.as_bytes())
    }

    pub(super) fn pf_number(&mut self, field: PfNumber, number: u32) -> Result<PredId> {
        self.only_pflog()?;
        let (size, offset) = match field {
            PfNumber::Rule => (Size::Word, PF_RULE),
            PfNumber::Subrule => (Size::Word, PF_SUBRULE),
            PfNumber::Reason => (Size::Byte, PF_REASON),
            PfNumber::Action => (Size::Byte, PF_ACTION),
        };
        let value = self.load_header(size, offset)?;
        Ok(self.preds.equal(value, number))
    }

    /// The length of a pf log record, rounded up to a multiple of 4.
    pub(super) fn pflog_front(&mut self, slot: Slot) -> PredId {
        let len = self.preds.load(Size::Byte, 0);
        let len = self.add(len, 3);
        let len = self.binary_const(Operator::And, len, !3);
        self.preds.set(slot, len)
    }
}
