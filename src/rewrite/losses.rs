//! What a pcap file has no place for.

use std::collections::BTreeMap;

use crate::frame::{Block, RawOption};

/// What was in blocks that a pcap file has no place for, counted by what it is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Losses {
    counts: BTreeMap<&'static str, u64>,
    section: Option<u64>,
    interfaces: usize,
}

impl Losses {
    /// Counts those of a block.
    pub fn look(&mut self, block: &Block<'_>) {
        if self.section.replace(block.section.number) != Some(block.section.number) {
            self.interfaces = 0;
            self.options("options of sections", &block.section.options);
        }
        let interfaces = &block.section.interfaces;
        for interface in interfaces.get(self.interfaces..).unwrap_or(&[]) {
            self.options("options of interfaces", &interface.options);
        }
        let more = interfaces.len().saturating_sub(self.interfaces.max(1));
        self.add("interfaces apart from each other", more);
        self.interfaces = self.interfaces.max(interfaces.len());
        for note in block.notes {
            self.add(kind(note.kind), 1);
        }
        self.add(
            "packets with options or comments",
            block.records.iter().filter(|record| record.options.1 > 0).count(),
        );
    }

    fn options(&mut self, what: &'static str, options: &[RawOption]) {
        self.add(what, options.len());
    }

    fn add(&mut self, what: &'static str, more: usize) {
        if more > 0 {
            let count = self.counts.entry(what).or_default();
            *count = count.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        }
    }

    /// What there was, and how often.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.counts.iter().map(|(what, count)| (*what, *count))
    }
}

/// What a block without a frame is (draft-ietf-opsawg-pcapng, 4).
fn kind(number: u32) -> &'static str {
    match number {
        4 => "blocks of names",
        5 => "blocks of statistics",
        10 => "blocks of secrets",
        0x0bad | 0x4000_0bad => "custom blocks",
        _ => "blocks of other kinds",
    }
}
