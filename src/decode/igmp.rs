//! IGMP versions 1 to 3 (RFC 1112, RFC 2236, RFC 3376), and what else was given its protocol number.

use super::checksum;
use super::multicast::{GroupRecords, addresses};
use super::{Next, Short, Span};

/// Message types.
pub const QUERY: u8 = 0x11;
pub const V1_REPORT: u8 = 0x12;
pub const DVMRP: u8 = 0x13;
pub const PIM_V1: u8 = 0x14;
pub const V2_REPORT: u8 = 0x16;
pub const LEAVE: u8 = 0x17;
pub const MTRACE_RESPONSE: u8 = 0x1e;
pub const MTRACE: u8 = 0x1f;
pub const V3_REPORT: u8 = 0x22;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Igmp<'a> {
    kind: u8,
    span: Span<'a>,
}

impl<'a> Igmp<'a> {
    /// # Errors
    /// Where not even the type was captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (&[kind], _) = span.split_array()?;
        Ok((Igmp { kind, span }, Next::Payload, span.skip(8)))
    }

    /// The whole message.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The message type, such as [`QUERY`].
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// The second byte: a query's code for the longest time to answer in, or another protocol's own type.
    pub fn code(&self) -> Option<u8> {
        self.span.u8_at(1)
    }

    /// The checksum over the message.
    pub fn checksum(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// The multicast group of a query, a report of version 1 or 2, or a leave.
    pub fn group(&self) -> Option<[u8; 4]> {
        self.span.array_at(4)
    }

    /// How many sources a version 3 query says it names.
    pub fn query_source_count(&self) -> Option<u16> {
        self.span.u16_at(10)
    }

    /// The sources of a version 3 query; none for one that was not captured.
    pub fn query_sources(&self) -> impl Iterator<Item = Option<[u8; 4]>> + use<'a> {
        addresses(self.span.skip(12), self.query_source_count().unwrap_or(0))
    }

    /// How many groups a version 3 report says it tells of.
    pub fn record_count(&self) -> Option<u16> {
        self.span.u16_at(6)
    }

    /// The group records of a version 3 report.
    pub fn records(&self) -> GroupRecords<'a, 4> {
        GroupRecords::new(self.span.skip(8), self.record_count().unwrap_or(0))
    }

    /// The sum over the message: 0 where its checksum is right, none where not all of it was captured.
    pub fn checksum_residue(&self) -> Option<u16> {
        (!self.span.is_cut()).then(|| checksum::of(self.span.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_gives_its_records() {
        let bytes = [0x22, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 224, 0, 0, 251, 3, 0, 0, 0, 224, 0, 0, 252];
        let (igmp, next, _) = Igmp::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((igmp.kind(), next, igmp.record_count()), (V3_REPORT, Next::Payload, Some(2)));
        let groups: Vec<_> = igmp.records().map(|r| r.group()).collect();
        assert_eq!(groups, [Some([224, 0, 0, 251]), Some([224, 0, 0, 252])]);
    }

    #[test]
    fn the_checksum_needs_all_bytes() {
        let bytes = [0x16, 0, 0x09, 0x04, 224, 0, 0, 251];
        let (igmp, ..) = Igmp::parse(Span::new(&bytes, 8)).unwrap();
        assert_eq!((igmp.checksum_residue(), igmp.group()), (Some(0), Some([224, 0, 0, 251])));
        let (igmp, ..) = Igmp::parse(Span::new(&bytes[..6], 8)).unwrap();
        assert_eq!((igmp.checksum_residue(), igmp.group()), (None, None));
    }
}
