//! IP datagrams from their fragments (RFC 791, 3.2; RFC 8200, 4.5).
//!
//! ```
//! use sabueso::budget::Budget;
//! use sabueso::decode::{Layer, Layers};
//! use sabueso::file::{ReadOptions, Reader};
//! use sabueso::frame::Source;
//! use sabueso::reassembly::fragments::{Fragment, Fragments};
//!
//! let mut fragments = Fragments::new(&Budget::new(1 << 20));
//! let mut lengths = Vec::new();
//! let mut reader = Reader::open("captures/ipv4-fragments.pcap".as_ref(), ReadOptions::default())?;
//! while let Some(block) = reader.next_block()? {
//!     for frame in block.frames() {
//!         for layer in Layers::new(frame.link_type, frame.data, frame.wire_len as usize) {
//!             if let Layer::Ipv4(header) = layer
//!                 && let Some(fragment) = Fragment::of_ipv4(&header)
//!                 && let Some(datagram) = fragments.push(&fragment, frame.time).whole
//!             {
//!                 lengths.push(datagram.bytes.len());
//!             }
//!         }
//!     }
//! }
//! assert_eq!(lengths[..2], [520, 520]);
//! # Ok::<(), sabueso::file::Error>(())
//! ```

use std::net::IpAddr;
use std::time::Duration;

use super::Losses;
use super::pieces::{Overlap, Pieces};
use super::store::Store;
use crate::budget::Budget;
use crate::decode::ipv4::Ipv4;
use crate::decode::ipv6::{Extension, Ipv6};
use crate::decode::{IpVersion, Layers, Next, Span};
use crate::frame::Timestamp;

/// How long the rest of a datagram is waited for, from its first fragment on (RFC 8200, 4.5; RFC 1122, 3.3.2).
pub const LIFETIME: Duration = Duration::from_secs(60);
/// The most that an IP packet's length can say.
const MAX_DATAGRAM: usize = 65_535;
/// No link carries less than 68 bytes of a packet (RFC 791, 3.2), so none makes smaller parts than this of one.
const LEAST: usize = 48;
const TCP: u8 = 6;

/// One fragment of a datagram.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    key: Key,
    protocol: u8,
    offset: usize,
    more: bool,
    /// Bytes of the header that stays in front when the datagram is whole, as far as it counts for its length.
    header: usize,
    payload: Span<'a>,
}

/// What the fragments of a datagram have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
    /// Of IPv4 alone.
    protocol: Option<u8>,
}

/// What is wrong with a fragment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A part of it came before.
    Overlap(Overlap),
    /// All of it lies within what came before: what the attack of this name does.
    Teardrop(Overlap),
    /// Smaller than any link makes it, or with a part of a TCP header that another fragment should have had
    /// (RFC 1858, RFC 3128): filters may not see what they filter by.
    Tiny,
    /// It ends beyond the 65,535 bytes that a datagram can have: the "ping of death". It is left out.
    BeyondLimit {
        /// The length that the datagram would have, in bytes.
        length: usize,
    },
    /// Not the last, and not a multiple of 8 bytes long. It is left out.
    Uneven,
    /// Another fragment says that the datagram ends elsewhere.
    EndsDiffer,
}

/// What became of a fragment.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub faults: Vec<Fault>,
    /// The datagram, where this was the last that was missing.
    pub whole: Option<Datagram>,
}

/// A datagram that is whole again.
#[derive(Clone, Debug)]
pub struct Datagram {
    /// The protocol of its payload (of IPv6: the header that the first fragment begins with).
    pub protocol: u8,
    /// The payload: all behind the IP header, or behind the fragment header of IPv6.
    pub bytes: Vec<u8>,
    /// How many fragments came of it, repeated ones too.
    pub fragments: usize,
    /// Some bytes came in two versions; those that came first are here.
    pub has_versions: bool,
}

/// A datagram on its way.
#[derive(Debug, Default)]
struct Parts {
    pieces: Pieces,
    protocol: Option<u8>,
    end: Option<usize>,
    fragments: usize,
    has_versions: bool,
}

impl Datagram {
    /// Its layers, beginning with that of [`protocol`](Self::protocol).
    pub fn layers(&self, version: IpVersion) -> Layers<'_> {
        Layers::at(Next::Protocol(self.protocol, version), Span::new(&self.bytes, self.bytes.len()))
    }
}

impl<'a> Fragment<'a> {
    /// The fragment that an IPv4 packet is, if it is one.
    pub fn of_ipv4(header: &Ipv4<'a>) -> Option<Self> {
        let key = Key {
            source: header.source().into(),
            destination: header.destination().into(),
            identification: header.identification().into(),
            protocol: Some(header.protocol()),
        };
        header.is_fragment().then(|| Fragment {
            key,
            protocol: header.protocol(),
            offset: header.fragment_offset().into(),
            more: header.more_fragments(),
            header: header.header_len(),
            payload: header.span().skip(header.header_len()),
        })
    }

    /// The fragment that an extension header of an IPv6 packet begins, if it is one. A packet that is whole in spite of
    /// the header (RFC 6946) is none.
    pub fn of_ipv6(header: &Ipv6<'a>, extension: &Extension<'a>) -> Option<Self> {
        let fragment = extension.fragment()?;
        let key = Key {
            source: header.source().into(),
            destination: header.destination().into(),
            identification: fragment.identification,
            protocol: None,
        };
        (fragment.more || fragment.offset != 0).then(|| Fragment {
            key,
            protocol: extension.next_header(),
            offset: fragment.offset.into(),
            more: fragment.more,
            header: 0,
            payload: extension.span().skip(extension.bytes().len()),
        })
    }

    /// Where its bytes end in the datagram.
    fn end(&self) -> usize {
        self.offset.saturating_add(self.payload.wire())
    }

    fn is_tiny(&self) -> bool {
        (self.more && self.payload.wire() < LEAST) || (self.protocol == TCP && self.offset == 8)
    }
}

/// The fragments that are waiting for others. At most a quarter of the budget, and [`LIFETIME`] for each datagram.
#[derive(Debug)]
pub struct Fragments(Store<Key, Parts>);

impl Fragments {
    pub fn new(budget: &Budget) -> Self {
        Fragments(Store::new(budget, LIFETIME))
    }

    /// Takes a fragment that came at a time. One that the capture cut has not what is needed, and changes nothing.
    pub fn push(&mut self, fragment: &Fragment<'_>, now: Timestamp) -> Outcome {
        let mut outcome = Outcome::default();
        let (payload, length) = (fragment.payload.bytes(), fragment.payload.wire());
        if fragment.is_tiny() {
            outcome.faults.push(Fault::Tiny);
        }
        let whole_length = fragment.end().saturating_add(fragment.header);
        if whole_length > MAX_DATAGRAM {
            outcome.faults.push(Fault::BeyondLimit { length: whole_length });
            return outcome;
        }
        if fragment.more && !length.is_multiple_of(8) {
            outcome.faults.push(Fault::Uneven);
            return outcome;
        }
        if fragment.payload.is_cut() {
            return outcome;
        }
        let Some(parts) = self.0.reserve(fragment.key, Pieces::cost(length), now) else { return outcome };
        parts.add(fragment, payload, &mut outcome.faults);
        if parts.is_whole()
            && let Some(parts) = self.0.remove(&fragment.key)
        {
            outcome.whole = Some(Datagram {
                protocol: parts.protocol.unwrap_or(fragment.protocol),
                bytes: parts.pieces.joined(0),
                fragments: parts.fragments,
                has_versions: parts.has_versions,
            });
        }
        outcome
    }

    /// Datagrams that did not become whole.
    pub fn losses(&self) -> Losses {
        self.0.losses()
    }
}

impl Parts {
    fn add(&mut self, fragment: &Fragment<'_>, payload: &[u8], faults: &mut Vec<Fault>) {
        self.fragments = self.fragments.saturating_add(1);
        if fragment.offset == 0 {
            self.protocol.get_or_insert(fragment.protocol);
        }
        if !self.pieces.has(fragment.offset, payload) {
            let before = self.pieces.held();
            let overlap = self.pieces.insert(fragment.offset, payload);
            let inside = self.pieces.held() == before;
            self.has_versions |= overlap.as_ref().is_some_and(Overlap::differs);
            faults.extend(overlap.map(if inside { Fault::Teardrop } else { Fault::Overlap }));
        }
        if !fragment.more {
            self.end.get_or_insert(fragment.end());
        }
        let beyond = self.end.is_some_and(|end| self.pieces.end() > end || (!fragment.more && fragment.end() != end));
        if beyond {
            faults.push(Fault::EndsDiffer);
        }
    }

    fn is_whole(&self) -> bool {
        self.end.is_some_and(|end| end == self.pieces.held() && end == self.pieces.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::new(0, 0)
    }

    fn fragment(identification: u32, offset: usize, more: bool, payload: &[u8]) -> Fragment<'_> {
        let key =
            Key { source: [10, 0, 0, 1].into(), destination: [10, 0, 0, 2].into(), identification, protocol: Some(17) };
        let payload = Span::new(payload, payload.len());
        Fragment { key, protocol: 17, offset, more, header: 20, payload }
    }

    fn names(outcome: &Outcome) -> Vec<&'static str> {
        let name = |fault: &Fault| match fault {
            Fault::Overlap(_) => "overlap",
            Fault::Teardrop(_) => "teardrop",
            Fault::Tiny => "tiny",
            Fault::BeyondLimit { .. } => "beyond",
            Fault::Uneven => "uneven",
            Fault::EndsDiffer => "ends",
        };
        outcome.faults.iter().map(name).collect()
    }

    #[test]
    fn in_any_order_and_twice() {
        let bytes: Vec<u8> = (0..=255).collect();
        let parts = [(0, 64), (64, 128), (128, 200), (200, 256)];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let mut fragments = Fragments::new(&Budget::new(1 << 20));
            let mut wholes = Vec::new();
            for at in order {
                for _ in 0..if at == order[0] { 2 } else { 1 } {
                    let (from, to) = parts[at];
                    let outcome = fragments.push(&fragment(1, from, to < 256, &bytes[from..to]), now());
                    assert_eq!(outcome.faults, []);
                    wholes.extend(outcome.whole);
                }
            }
            assert_eq!((wholes.len(), &wholes[0].bytes, wholes[0].fragments), (1, &bytes, 5));
            assert_eq!(fragments.losses(), Losses::default());
        }
    }

    #[test]
    fn attacks_have_names() {
        let mut fragments = Fragments::new(&Budget::new(1 << 20));
        let mut push = |fragment: &Fragment<'_>| fragments.push(fragment, now());
        assert_eq!(names(&push(&fragment(1, 0, true, &[1; 64]))), [""; 0]);
        assert_eq!(names(&push(&fragment(1, 24, false, &[2; 4]))), ["teardrop", "ends"]);
        push(&fragment(2, 0, true, &[1; 64]));
        let outcome = push(&fragment(2, 48, false, &[2; 64]));
        let Fault::Overlap(overlap) = &outcome.faults[0] else { panic!("{outcome:?}") };
        assert_eq!((overlap.offset, &overlap.kept, &overlap.other), (48, &vec![1; 16], &vec![2; 16]));
        let whole = outcome.whole.unwrap();
        assert!(whole.has_versions);
        assert_eq!(whole.bytes, [[1; 64].as_slice(), &[2; 48]].concat());
        assert_eq!(names(&push(&fragment(3, 0, true, &[0; 8]))), ["tiny"]);
        assert_eq!(names(&push(&fragment(4, 65_528, false, &[0; 100]))), ["beyond"]);
        assert_eq!(names(&push(&fragment(5, 0, true, &[0; 65]))), ["uneven"]);
        push(&fragment(6, 64, false, &[0; 8]));
        assert_eq!(names(&push(&fragment(6, 128, false, &[0; 8]))), ["ends"]);
    }

    #[test]
    fn what_never_becomes_whole_is_bounded() {
        let budget = Budget::new(4 << 20);
        let mut fragments = Fragments::new(&budget);
        for id in 0..200_000 {
            fragments.push(&fragment(id, 8, true, &[0; 1400]), now());
            assert!(budget.left() >= 3 << 20);
        }
        let losses = fragments.losses();
        assert_eq!(losses.waiting + losses.evicted, 200_000);
        fragments.push(&fragment(0, 8, true, &[0; 64]), Timestamp::new(61, 0));
        assert_eq!((fragments.losses().waiting, fragments.losses().timed_out), (1, losses.waiting));
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_kept_within_the_budget(
            parts in proptest::collection::vec((0u32..3, 0usize..40, proptest::bool::ANY, 0usize..600), 0..100)
        ) {
            let budget = Budget::new(40_000);
            let mut fragments = Fragments::new(&budget);
            for (id, offset, more, length) in parts {
                let payload = vec![id as u8; length];
                if let Some(whole) = fragments.push(&fragment(id, offset * 8, more, &payload), now()).whole {
                    proptest::prop_assert!(whole.bytes.len() <= 40 * 8 + 600);
                }
                proptest::prop_assert!(budget.left() >= 30_000);
            }
            drop(fragments);
            proptest::prop_assert_eq!(budget.left(), 40_000);
        }
    }
}
