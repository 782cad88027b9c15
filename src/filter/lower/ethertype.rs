//! Which protocol the link layer carries: one question, and as many answers as there are link types.

use super::super::ast::Operator;
use super::super::link::Kind;
use super::super::predicate::{Op, PredId};
use super::super::value::Size;
use super::super::{Capture, link};
use super::{Lower, Place, Result};
use crate::frame::ByteOrder;

pub(super) const IPV4: u32 = 0x0800;
pub(super) const ARP: u32 = 0x0806;
pub(super) const RARP: u32 = 0x8035;
pub(super) const IPV6: u32 = 0x86dd;
pub(super) const DECNET: u32 = 0x6003;
pub(super) const ATALK: u32 = 0x809b;
pub(super) const AARP: u32 = 0x80f3;
pub(super) const VLAN_TAGS: [u32; 3] = [0x8100, 0x88a8, 0x9100];
pub(super) const MPLS: u32 = 0x8847;
pub(super) const PPPOE_DISCOVERY: u32 = 0x8863;
pub(super) const PPPOE_SESSION: u32 = 0x8864;
pub(super) const ETHERNET_BRIDGING: u32 = 0x6558;
const XEROX_NS: u32 = 0x0600;
const IPX: u32 = 0x8137;

/// Service access points of 802.2, which share one number space with Ethernet types.
pub(super) const SAP_ISO: u32 = 0xfe;
pub(super) const SAP_STP: u32 = 0x42;
pub(super) const SAP_IPX: u32 = 0xe0;
pub(super) const SAP_NETBEUI: u32 = 0xf0;
const SAP_IP: u32 = 0x06;
const SAP_SNAP: u8 = 0xaa;

/// Up to here a type word is a length, and a protocol number an 802.2 access point.
pub(super) const MAX_LENGTH: u32 = 1500;

/// Frames with an 802.2 header, or with IPX alone, in the type word of Linux's cooked header.
const COOKED_802_2: u32 = 4;
const COOKED_802_3: u32 = 1;

impl Lower<'_> {
    /// The packet carries this Ethernet type or 802.2 access point.
    pub(super) fn ethertype(&mut self, proto: u32) -> Result<PredId> {
        if self.state.mpls_labels > 0 {
            return self.behind_mpls(proto);
        }
        match self.state.kind {
            Kind::Ethernet => {
                let test = self.ethernet_type(proto)?;
                if self.state.tunnel {
                    return Ok(test);
                }
                Ok(match self.outer_check()? {
                    Some(outer) => self.preds.and(outer, test),
                    None => test,
                })
            }
            Kind::Cooked => self.cooked_type(proto),
            Kind::EtherType => self.type_word(proto),
            Kind::Ppp => self.type_word(ppp_protocol(proto)),
            Kind::PppBsdOs if proto == IPV4 => {
                let tests = [self.type_word(0x21)?, self.type_word(0x2d)?, self.type_word(0x2f)?];
                Ok(self.preds.any(tests))
            }
            Kind::PppBsdOs => self.type_word(ppp_protocol(proto)),
            Kind::Hdlc if proto == SAP_ISO => self.type_word(0xfefe),
            Kind::Hdlc => self.type_word(proto),
            Kind::Llc => self.llc_type(proto),
            Kind::SunAtm => {
                let llc = self.atm_protocol(super::signalling::ATM_LLC)?;
                let test = self.llc_type(proto)?;
                Ok(self.preds.and(llc, test))
            }
            Kind::Wlan(_) => {
                let data = self.wlan_data_frame()?;
                let test = self.llc_type(proto)?;
                Ok(self.preds.and(data, test))
            }
            Kind::IpVersion => match proto {
                IPV4 => self.version(self.state.header, 0x40),
                IPV6 => self.version(self.state.header, 0x60),
                _ => Ok(self.preds.constant(false)),
            },
            Kind::Ipv4 => Ok(self.preds.constant(proto == IPV4)),
            Kind::Ipv6 => Ok(self.preds.constant(proto == IPV6)),
            Kind::Family | Kind::FamilyBig => self.family_of(proto),
            Kind::Pflog => match proto {
                IPV4 => self.header_byte(1, 2),
                IPV6 => self.header_byte(1, 10),
                _ => Ok(self.preds.constant(false)),
            },
            Kind::Arcnet => {
                let types: &[u32] = match proto {
                    IPV4 => &[0xd4, 0xf0],
                    IPV6 => &[0xc4],
                    ARP => &[0xd5, 0xf1],
                    RARP => &[0xd6],
                    ATALK => &[0xdd],
                    _ => &[],
                };
                self.any_type(Size::Byte, types)
            }
            Kind::LocalTalk => Ok(self.preds.constant(proto == ATALK)),
            Kind::FrameRelay => {
                let types: &[u32] = match proto {
                    IPV4 => &[0x3cc],
                    IPV6 => &[0x38e],
                    SAP_ISO => &[0x381, 0x382, 0x383],
                    _ => &[],
                };
                let value = self.load_header(Size::Half, 2)?;
                let tests: Vec<PredId> = types.iter().map(|t| self.preds.equal(value, *t)).collect();
                Ok(self.preds.any(tests))
            }
            Kind::Magic(magic, mask) => {
                let value = self.load_header(Size::Word, 0)?;
                Ok(self.preds.masked(value, mask, magic))
            }
            Kind::IpNet => match proto {
                IPV4 => self.any_type(Size::Byte, &[2]),
                IPV6 => self.any_type(Size::Byte, &[26]),
                _ => Ok(self.preds.constant(false)),
            },
            Kind::Opaque => self.fail(format!("protocols cannot be tested on {}", self.link_name())),
        }
    }

    /// Whether tests for IPv4 and IPv6 exclude each other.
    pub(super) fn versions_exclusive(&self) -> bool {
        self.state.mpls_labels > 0 || !matches!(self.state.kind, Kind::Magic(..))
    }

    fn type_word(&mut self, value: u32) -> Result<PredId> {
        self.any_type(Size::Half, &[value])
    }

    fn any_type(&mut self, size: Size, types: &[u32]) -> Result<PredId> {
        let value = self.load(self.state.type_at, size, 0)?;
        let tests: Vec<PredId> = types.iter().map(|t| self.preds.equal(value, *t)).collect();
        Ok(self.preds.any(tests))
    }

    fn header_byte(&mut self, offset: u32, value: u32) -> Result<PredId> {
        let byte = self.load_header(Size::Byte, offset)?;
        Ok(self.preds.equal(byte, value))
    }

    pub(super) fn version(&mut self, place: Place, version: u32) -> Result<PredId> {
        let byte = self.load(place, Size::Byte, 0)?;
        Ok(self.preds.masked(byte, 0xf0, version))
    }

    /// The type word is a length, so that an 802.2 header follows.
    pub(super) fn is_802_3(&mut self) -> Result<PredId> {
        let value = self.load(self.state.type_at, Size::Half, 0)?;
        let over = self.preds.test(value, Op::Greater, MAX_LENGTH);
        Ok(self.preds.not(over))
    }

    /// The first bytes of the payload, which may be an 802.2 header.
    pub(super) fn load_llc(&mut self, size: Size, offset: u32) -> Result<super::ValueId> {
        self.load(self.state.payload, size, offset)
    }

    /// Both access points are this one.
    fn both_saps(&mut self, sap: u32) -> Result<PredId> {
        let saps = self.load_llc(Size::Half, 0)?;
        Ok(self.preds.equal(saps, sap.wrapping_mul(0x101)))
    }

    /// A whole 802.2 and SNAP header.
    fn snap(&mut self, organisation: u32, proto: u32) -> Result<PredId> {
        let [_, a, b, c] = organisation.to_be_bytes();
        let [_, _, d, e] = proto.to_be_bytes();
        self.bytes(self.state.payload, 0, &[SAP_SNAP, SAP_SNAP, 3, a, b, c, d, e])
    }

    fn appletalk_snap(&mut self, proto: u32) -> Result<PredId> {
        self.snap(if proto == ATALK { 0x08_0007 } else { 0 }, proto)
    }

    fn ethernet_type(&mut self, proto: u32) -> Result<PredId> {
        match proto {
            SAP_ISO | SAP_IP | SAP_NETBEUI => {
                let llc = self.is_802_3()?;
                let saps = self.both_saps(proto)?;
                Ok(self.preds.and(llc, saps))
            }
            SAP_IPX => {
                // Four ways: Ethernet II; and with a length, IPX alone (which begins with ff ff), 802.2 or SNAP.
                let own = self.type_word(IPX)?;
                let llc = self.is_802_3()?;
                let snap = self.snap(0, IPX)?;
                let byte = self.load_llc(Size::Byte, 0)?;
                let sap = self.preds.equal(byte, SAP_IPX);
                let alone = self.both_saps(0xff)?;
                let inner = self.preds.any([snap, sap, alone]);
                let inner = self.preds.and(llc, inner);
                Ok(self.preds.or(own, inner))
            }
            ATALK | AARP => {
                let own = self.type_word(proto)?;
                let llc = self.is_802_3()?;
                let snap = self.appletalk_snap(proto)?;
                let inner = self.preds.and(llc, snap);
                Ok(self.preds.or(own, inner))
            }
            sap if sap <= MAX_LENGTH => {
                let llc = self.is_802_3()?;
                let byte = self.load(self.state.type_at, Size::Byte, 2)?;
                let test = self.preds.equal(byte, sap);
                Ok(self.preds.and(llc, test))
            }
            _ => self.type_word(proto),
        }
    }

    fn cooked_type(&mut self, proto: u32) -> Result<PredId> {
        match proto {
            SAP_ISO | SAP_IP | SAP_NETBEUI => {
                let llc = self.type_word(COOKED_802_2)?;
                let saps = self.both_saps(proto)?;
                Ok(self.preds.and(llc, saps))
            }
            SAP_IPX => {
                let own = self.type_word(IPX)?;
                let raw = self.type_word(COOKED_802_3)?;
                let llc = self.type_word(COOKED_802_2)?;
                let byte = self.load_llc(Size::Byte, 0)?;
                let sap = self.preds.equal(byte, SAP_IPX);
                let snap = self.snap(0, IPX)?;
                let inner = self.preds.or(sap, snap);
                let inner = self.preds.and(llc, inner);
                Ok(self.preds.any([own, raw, inner]))
            }
            ATALK | AARP => {
                let own = self.type_word(proto)?;
                let llc = self.type_word(COOKED_802_2)?;
                let snap = self.appletalk_snap(proto)?;
                let inner = self.preds.and(llc, snap);
                Ok(self.preds.or(own, inner))
            }
            sap if sap <= MAX_LENGTH => {
                let llc = self.type_word(COOKED_802_2)?;
                let byte = self.load_header(Size::Byte, self.state.payload.fixed)?;
                let test = self.preds.equal(byte, sap);
                Ok(self.preds.and(llc, test))
            }
            _ => self.type_word(proto),
        }
    }

    fn llc_type(&mut self, proto: u32) -> Result<PredId> {
        match proto {
            SAP_ISO | SAP_IP | SAP_NETBEUI => self.both_saps(proto),
            ATALK => self.appletalk_snap(proto),
            sap if sap <= MAX_LENGTH => {
                let byte = self.load_llc(Size::Byte, 0)?;
                Ok(self.preds.equal(byte, sap))
            }
            _ => {
                let word = self.load_llc(Size::Half, 6)?;
                Ok(self.preds.equal(word, proto))
            }
        }
    }

    fn family_of(&mut self, proto: u32) -> Result<PredId> {
        // IPv6 has a number of its own in each system that writes files; a live capture is Linux's.
        let families: &[u32] = match (proto, self.is_file()) {
            (IPV4, _) => &[2],
            (IPV6, true) => &[24, 28, 30],
            (IPV6, false) => &[10],
            _ => return Ok(self.preds.constant(false)),
        };
        let order = match (self.state.kind, &self.options.capture) {
            (Kind::FamilyBig, _) => ByteOrder::Big,
            (_, Capture::File { byte_order }) => *byte_order,
            _ => ByteOrder::NATIVE,
        };
        let value = self.load_header(Size::Word, 0)?;
        let tests: Vec<PredId> = families
            .iter()
            .map(|family| {
                let family = if order == ByteOrder::Little { family.swap_bytes() } else { *family };
                self.preds.equal(value, family)
            })
            .collect();
        Ok(self.preds.any(tests))
    }

    /// Behind the last label there is IPv4 or IPv6, told by its version.
    fn behind_mpls(&mut self, proto: u32) -> Result<PredId> {
        let version = match proto {
            IPV4 => 0x40,
            IPV6 => 0x60,
            _ => return self.fail("behind 'mpls' only 'ip' and 'ip6' can be tested"),
        };
        let place = self.network_place();
        let label = self.load(place, Size::Byte, 0u32.wrapping_sub(2))?;
        let bottom = self.preds.masked(label, 1, 1);
        let test = self.version(place, version)?;
        Ok(self.preds.and(bottom, test))
    }

    /// What must hold for a link header inside another layer to be there at all.
    pub(super) fn outer_check(&mut self) -> Result<Option<PredId>> {
        if self.state.tunnel {
            let header = self.base(self.state.header.base)?;
            let payload = self.base(self.state.payload.base)?;
            return Ok(match (header, payload) {
                (Some(header), Some(payload)) => {
                    let same = self.preds.compare(header, Op::Equal, payload);
                    Some(self.preds.not(same))
                }
                _ => None,
            });
        }
        if self.state.outer_kind == Kind::SunAtm && self.state.kind == Kind::Ethernet {
            // An emulated LAN: control frames begin with ff 00.
            let marker = self.load(self.state.outer_header, Size::Half, super::signalling::ATM_PAYLOAD)?;
            let control = self.preds.equal(marker, 0xff00);
            return Ok(Some(self.preds.not(control)));
        }
        Ok(None)
    }

    /// Four times the header length in an IPv4 header: its length in bytes.
    pub(super) fn ipv4_header_len(&mut self) -> Result<super::ValueId> {
        let byte = self.load_network(Size::Byte, 0)?;
        let words = self.binary_const(Operator::And, byte, 0xf);
        Ok(self.binary_const(Operator::Lsh, words, 2))
    }
}

/// The PPP protocol number for an Ethernet type or access point.
fn ppp_protocol(proto: u32) -> u32 {
    match proto {
        IPV4 => 0x21,
        IPV6 => 0x57,
        DECNET => 0x27,
        ATALK => 0x29,
        XEROX_NS => 0x25,
        SAP_ISO => 0x23,
        SAP_STP => 0x31,
        SAP_IPX => 0x2b,
        other => other,
    }
}

/// What inner Ethernet frames look like.
pub(super) const INNER: link::Link = link::ETHERNET;
