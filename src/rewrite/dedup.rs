//! The frames of a capture without those that were there shortly before.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use foldhash::fast::RandomState;
use sha1::{Digest, Sha1};

use crate::decode::{Layer, Layers};
use crate::frame::{Block, Frame, Record};
use crate::guard::guarded;

/// What of frames that are otherwise the same may differ.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Ignored {
    /// The time to live of IPv4 and the hop limit of IPv6: the same packet before and behind a router.
    pub ttl: bool,
    /// The checksums of IPv4, TCP and UDP: as the sender's host has them, and as its card puts them right.
    pub checksums: bool,
    /// The addresses of stations.
    pub stations: bool,
}

/// Before which frames a copy is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// So many frames before it.
    Frames(usize),
    /// So much time before it.
    Time(Duration),
}

/// The most frames that are remembered.
const MOST: usize = 1 << 20;

/// A frame's bytes and length, in short.
type Print = [u8; 20];

/// Leaves out frames that came before.
#[derive(Debug)]
pub struct Dedup {
    window: Window,
    ignored: Ignored,
    /// The latest frames, and when each was there.
    latest: VecDeque<(Print, i128)>,
    /// How often each is among them.
    counts: HashMap<Print, u32, RandomState>,
    kept: Vec<Record>,
    changed: Vec<u8>,
    removed: u64,
}

impl Dedup {
    pub fn new(window: Window, ignored: Ignored) -> Self {
        let window = match window {
            Window::Frames(count) => Window::Frames(count.min(MOST)),
            time @ Window::Time(_) => time,
        };
        Dedup {
            window,
            ignored,
            latest: VecDeque::new(),
            counts: HashMap::default(),
            kept: Vec::new(),
            changed: Vec::new(),
            removed: 0,
        }
    }

    /// How many were left out.
    pub fn removed(&self) -> u64 {
        self.removed
    }

    /// What is kept of a block.
    pub fn block<'a>(&'a mut self, block: &Block<'a>) -> Block<'a> {
        self.kept.clear();
        for record in block.records {
            let frame = block.frame(record);
            let print = self.print(&frame);
            let now = record.time.as_nanos();
            self.forget(now);
            if self.counts.contains_key(&print) {
                self.removed = self.removed.saturating_add(1);
            } else {
                self.kept.push(*record);
            }
            // A copy renews what it is a copy of, as many may follow each other.
            self.latest.push_back((print, now));
            let count = self.counts.entry(print).or_default();
            *count = count.saturating_add(1);
        }
        Block { records: &self.kept, ..*block }
    }

    /// Drops those that are out of the window.
    fn forget(&mut self, now: i128) {
        while let Some((print, then)) = self.latest.front() {
            let is_out = match self.window {
                Window::Frames(count) => self.latest.len() >= count.max(1),
                Window::Time(time) => {
                    let passed = now.saturating_sub(*then);
                    passed > i128::try_from(time.as_nanos()).unwrap_or(i128::MAX) || self.latest.len() >= MOST
                }
            };
            if !is_out {
                return;
            }
            if let Some(count) = self.counts.get_mut(print) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.counts.remove(print);
                }
            }
            self.latest.pop_front();
        }
    }

    fn print(&mut self, frame: &Frame<'_>) -> Print {
        let mut hash = Sha1::new();
        hash.update(frame.wire_len.to_be_bytes());
        if self.ignored == Ignored::default() {
            hash.update(frame.data);
        } else {
            self.changed.clear();
            self.changed.extend_from_slice(frame.data);
            let Dedup { changed, ignored, .. } = self;
            guarded(|| blank(frame, *ignored, changed));
            hash.update(&self.changed);
        }
        hash.finalize().into()
    }
}

/// Puts zeros where frames may differ.
fn blank(frame: &Frame<'_>, ignored: Ignored, bytes: &mut [u8]) {
    let mut clear = |from: usize, len: usize| {
        if let Some(place) = bytes.get_mut(from..from.saturating_add(len)) {
            place.fill(0);
        }
    };
    let mut layers = Layers::new(frame.link_type, frame.data, frame.wire_len as usize);
    loop {
        let at = layers.rest().offset();
        let Some(layer) = layers.next() else { return };
        let field = |offset: usize| at.saturating_add(offset);
        match layer {
            Layer::Ethernet(_) if ignored.stations => clear(at, 12),
            Layer::Ipv4(_) => {
                if ignored.ttl {
                    clear(field(8), 1);
                }
                // The checksum changes with the time to live.
                if ignored.ttl || ignored.checksums {
                    clear(field(10), 2);
                }
            }
            Layer::Ipv6(_) if ignored.ttl => clear(field(7), 1),
            Layer::Tcp(_) if ignored.checksums => clear(field(16), 2),
            Layer::Udp(_) if ignored.checksums => clear(field(6), 2),
            // What an error quotes is as it was.
            Layer::Icmpv4(_) | Layer::Icmpv6(_) => return,
            _ => {}
        }
    }
}
