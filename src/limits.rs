//! When a run has enough: so many bytes, so long a time.

use std::time::Duration;

use crate::frame::{Record, Timestamp};

/// Limits beyond which no frame is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// The size of a pcap file that holds the frames, in bytes.
    pub bytes: Option<u64>,
    /// Counted from the first frame, unless a start is known.
    pub duration: Option<Duration>,
    /// When the time began.
    pub since: Option<Timestamp>,
}

/// The headers of a pcap file and of a record in it, in bytes (draft-ietf-opsawg-pcap).
const FILE_HEADER: u64 = 24;
const RECORD_HEADER: u64 = 16;

/// What is left to these limits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowance {
    limits: Limits,
    used: u64,
}

impl Allowance {
    pub fn new(limits: Limits) -> Self {
        Allowance { limits, used: FILE_HEADER }
    }

    /// How many of these frames, the next in a row, are within the limits.
    pub fn take(&mut self, records: &[Record]) -> usize {
        if self.limits.bytes.is_none() && self.limits.duration.is_none() {
            return records.len();
        }
        records.iter().take_while(|record| self.takes(record)).count()
    }

    fn takes(&mut self, record: &Record) -> bool {
        let size = self.used.saturating_add(RECORD_HEADER).saturating_add(record.cap_len.into());
        let since = *self.limits.since.get_or_insert(record.time);
        if self.limits.bytes.is_some_and(|most| size > most) || self.is_over(since, record.time) {
            return false;
        }
        self.used = size;
        true
    }

    /// Whether the time is up.
    pub fn is_up(&self, now: Timestamp) -> bool {
        self.limits.since.is_some_and(|since| self.is_over(since, now))
    }

    fn is_over(&self, since: Timestamp, time: Timestamp) -> bool {
        let limit = self.limits.duration.map(|duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX));
        limit.is_some_and(|limit| time.as_nanos().saturating_sub(since.as_nanos()) >= limit)
    }
}
