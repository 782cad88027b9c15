//! Group records and interval codes, which IGMPv3 (RFC 3376) and MLDv2 (RFC 3810) share but for the size of
//! their addresses.

use super::Span;

/// Length of a record's part before its addresses, in bytes.
const FIXED: usize = 4;

/// The group records of a report; `N` is the size of an address in bytes.
#[derive(Clone, Copy, Debug)]
pub struct GroupRecords<'a, const N: usize> {
    rest: Span<'a>,
    left: u16,
}

impl<'a, const N: usize> GroupRecords<'a, N> {
    /// `count` records from the start of `span` on.
    pub(super) fn new(span: Span<'a>, count: u16) -> Self {
        GroupRecords { rest: span, left: count }
    }
}

impl<'a, const N: usize> Iterator for GroupRecords<'a, N> {
    type Item = GroupRecord<'a, N>;

    /// The next record; the last one may be short, where the report ends before its time.
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let record = GroupRecord { span: self.rest };
        self.rest = self.rest.skip(record.needed());
        if record.span.wire() < record.needed() {
            self.left = 0;
        }
        Some(record)
    }
}

/// What a report says of one group (RFC 3376, 4.2.4; RFC 3810, 5.2.4).
#[derive(Clone, Copy, Debug)]
pub struct GroupRecord<'a, const N: usize> {
    /// The record and all behind it.
    span: Span<'a>,
}

impl<'a, const N: usize> GroupRecord<'a, N> {
    /// The record type: 1 and 2 tell a state, 3 and 4 a change of filter mode, 5 and 6 of sources.
    pub fn kind(&self) -> Option<u8> {
        self.span.u8_at(0)
    }

    /// The group's address.
    pub fn group(&self) -> Option<[u8; N]> {
        self.span.array_at(FIXED)
    }

    /// How many sources are said to follow.
    pub fn source_count(&self) -> Option<u16> {
        self.span.u16_at(2)
    }

    /// The sources; none for one that was not captured.
    pub fn sources(&self) -> impl Iterator<Item = Option<[u8; N]>> + use<'a, N> {
        addresses(self.span.skip(FIXED.wrapping_add(N)), self.source_count().unwrap_or(0))
    }

    /// Whether the packet has room for the record's fixed part and its group.
    pub fn has_group(&self) -> bool {
        self.span.wire() >= FIXED.wrapping_add(N)
    }

    /// Whether the packet has room for all its sources.
    pub fn has_sources(&self) -> bool {
        self.span.wire() >= self.addresses_end()
    }

    fn addresses_end(&self) -> usize {
        let sources = usize::from(self.source_count().unwrap_or(0));
        FIXED.wrapping_add(N.wrapping_mul(sources.wrapping_add(1)))
    }

    /// Length of the whole record, with its auxiliary data (in units of 4 bytes).
    fn needed(&self) -> usize {
        let auxiliary = usize::from(self.span.u8_at(1).unwrap_or(0)).wrapping_mul(4);
        self.addresses_end().wrapping_add(auxiliary)
    }
}

/// `count` addresses of `N` bytes, one after the other; none for one that was not captured.
pub(super) fn addresses<'a, const N: usize>(
    span: Span<'a>,
    count: u16,
) -> impl Iterator<Item = Option<[u8; N]>> + use<'a, N> {
    (0..usize::from(count)).map(move |place| span.array_at(place.wrapping_mul(N)))
}

/// The value of a code that counts 1 by 1 up to 127 and then in powers of two (RFC 3376, 4.1.1 and 4.1.7).
pub fn interval(code: u8) -> u32 {
    if code < 128 {
        return code.into();
    }
    let exponent = u32::from(code >> 4 & 7).wrapping_add(3);
    u32::from(code & 0x0f | 0x10) << exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_follow_each_other() {
        let bytes = [
            4, 0, 0, 0, 224, 0, 0, 251, // no sources
            1, 1, 0, 1, 232, 1, 1, 1, 10, 0, 0, 1, 9, 9, 9, 9, // one, and auxiliary data
            6, 0, 0, 2, 232, 1, 1, 2, 10, 0, 0, 2, // two, of which one is there
        ];
        let records: Vec<_> = GroupRecords::<4>::new(Span::new(&bytes, bytes.len()), 9).collect();
        assert_eq!(records.iter().map(|r| r.kind()).collect::<Vec<_>>(), [Some(4), Some(1), Some(6)]);
        assert_eq!(records[1].sources().collect::<Vec<_>>(), [Some([10, 0, 0, 1])]);
        assert_eq!(records[2].sources().collect::<Vec<_>>(), [Some([10, 0, 0, 2]), None]);
        assert!(records[1].has_sources() && records[2].has_group() && !records[2].has_sources());
    }

    #[test]
    fn a_count_without_bytes_ends_at_once() {
        let records = GroupRecords::<16>::new(Span::new(&[], 0), u16::MAX);
        assert_eq!(records.filter(|r| !r.has_group()).count(), 1);
    }

    #[test]
    fn codes_above_127_are_floating_point() {
        assert_eq!([0, 127, 128, 0x8f, 255].map(interval), [0, 127, 128, 248, 31744]);
    }
}
