//! A TCP connection (RFC 9293) as someone sees it who stands beside the wire: handshake, what each side sent and acknowledged,
//! how it ended. What goes wrong on the way is in [`trouble`](super::trouble).

use std::num::NonZeroU16;
use std::time::Duration;

use super::history::{History, Letter};
use super::key::{Pair, Side};
use super::moment::{Mark, RoundTrips};
use super::trouble::{Hole, Troubles};
use crate::decode::tcp::{self, ACK, FIN, RST, SYN, URG};

/// What one side said.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TcpSide {
    /// Its first SYN, with or without ACK.
    pub syn: Option<Mark>,
    /// Its first FIN.
    pub fin: Option<Mark>,
    /// SYNs that it sent: more than one means that it had to try again.
    pub syns: u16,
    /// The largest segment that it takes, in bytes, as its SYN says.
    pub max_segment: Option<NonZeroU16>,
    /// The window that it offered last, in bytes; not scaled where the SYNs were not seen.
    pub window: u32,
    /// How long the other side took to acknowledge its data: from a segment that was sent once to the first ACK of all of it.
    pub round_trips: RoundTrips,
    /// The first sequence number, and the next that it is expected to send.
    initial: u32,
    next: u32,
    /// The highest sequence number of the other side that it acknowledged.
    acked: u32,
    sample: Sample,
    scale: u8,
    /// Which of these are known, and what its SYN said.
    flags: u8,
}

/// A segment that is measured: the number behind it, and when it was sent.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[repr(Rust, packed(4))]
struct Sample {
    nanos: u64,
    end: u32,
}

/// It sent something, or something of it was acknowledged; it acknowledged something.
const KNOWN: u8 = 64;
const ACKED: u8 = 1;
/// Its SYN had the option for window scaling, for selective acknowledgment, for time stamps.
const SCALES: u8 = 2;
const SELECTS: u8 = 4;
const STAMPS: u8 = 8;
/// A segment is measured.
const SAMPLE: u8 = 16;
/// It sent a SYN without ACK; the first reset.
const CALLS: u8 = 32;
const RESETS: u8 = 128;

/// Ahead of what is expected by more than any window can be: no sequence number of this connection (RFC 7323, 2.3).
const MAX_WINDOW: i32 = 1 << 30;

impl TcpSide {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn set(&mut self, flag: u8) {
        self.flags |= flag;
    }

    /// The shift of its window, as its SYN says (RFC 7323, 2.2).
    pub fn window_scale(&self) -> Option<u8> {
        self.has(SCALES).then_some(self.scale)
    }

    /// Whether its SYN said that it understands selective acknowledgments (RFC 2018).
    pub fn allows_selective_acks(&self) -> bool {
        self.has(SELECTS)
    }

    /// Whether its SYN had a time stamp (RFC 7323, 3).
    pub fn has_time_stamps(&self) -> bool {
        self.has(STAMPS)
    }

    /// Whether it sent a SYN without ACK: it called `connect`.
    pub fn calls(&self) -> bool {
        self.has(CALLS)
    }

    /// Its first sequence number: that of its SYN, else the one before its first byte seen.
    pub fn initial(&self) -> Option<u32> {
        self.has(KNOWN).then_some(self.initial)
    }

    fn begin(&mut self, initial: u32, next: u32) {
        self.set(KNOWN);
        (self.initial, self.next) = (initial, next);
    }

    /// What it acknowledged last: the sequence number that it expects of the other side.
    pub fn acknowledged(&self) -> Option<u32> {
        self.has(ACKED).then_some(self.acked)
    }

    fn take_options(&mut self, segment: &tcp::Tcp<'_>) {
        for option in tcp::options(segment.options().bytes()) {
            match (option.kind, option.body) {
                (2, &[high, low]) => self.max_segment = NonZeroU16::new(u16::from_be_bytes([high, low])),
                (3, &[shift]) => {
                    // A larger one counts as 14 (RFC 7323, 2.3).
                    self.scale = shift.min(14);
                    self.set(SCALES);
                }
                (4, _) => self.set(SELECTS),
                (8, _) => self.set(STAMPS),
                _ => {}
            }
        }
    }
}

/// How far one number is ahead of another in sequence space; behind it, less than 0.
fn ahead(number: u32, of: u32) -> i32 {
    number.wrapping_sub(of).cast_signed()
}

/// A segment that said it is all over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reset {
    pub mark: Mark,
    /// Who sent it.
    pub by: Side,
}

/// What is particular to TCP.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tcp {
    pub sides: Pair<TcpSide>,
    /// When both SYNs had been acknowledged: `accept` can return.
    pub established: Option<Mark>,
    reset: Option<Mark>,
    pub history: History,
}

/// A segment under way.
struct Segment<'a> {
    header: &'a tcp::Tcp<'a>,
    flags: u16,
    sequence: u32,
    /// Bytes of data.
    payload: u32,
    /// Numbers that it takes: data, SYN, FIN.
    length: u32,
    mark: Mark,
}

impl Tcp {
    /// Takes a segment; `payload` is how many bytes of data it had on the wire.
    pub(super) fn push(
        &mut self,
        side: Side,
        header: &tcp::Tcp<'_>,
        payload: u32,
        mark: Mark,
        troubles: &mut Troubles,
    ) {
        let flags = header.flags();
        let controls = u32::from(flags & SYN != 0).saturating_add(u32::from(flags & FIN != 0));
        let length = payload.saturating_add(controls);
        let segment = Segment { header, flags, sequence: header.sequence(), payload, length, mark };
        self.tell_history(side, &segment);
        if flags & SYN != 0 && !self.open(side, &segment, troubles) {
            return troubles.of_mut(side).note_stray();
        }
        if self.reset.is_some() && payload > 0 {
            let after = &mut troubles.of_mut(side).bytes_after_reset;
            *after = after.saturating_add(payload.into());
        }
        if flags & RST != 0 {
            return self.end(side, &segment, troubles);
        }
        if flags & URG != 0 {
            let urgent = &mut troubles.of_mut(side).urgent;
            *urgent = urgent.saturating_add(1);
        }
        self.send(side, &segment, troubles);
        if flags & ACK != 0 {
            self.acknowledge(side, &segment, troubles);
        }
        self.offer(side, &segment, troubles);
    }

    fn tell_history(&mut self, side: Side, segment: &Segment<'_>) {
        let flags = segment.flags;
        let letters = [
            (flags & SYN != 0 && flags & ACK == 0, Letter::Syn),
            (flags & SYN != 0 && flags & ACK != 0, Letter::SynAck),
            (flags & SYN != 0 && flags & FIN != 0, Letter::Multi),
            (flags & SYN != 0 && flags & RST != 0, Letter::Inconsistent),
            (segment.payload > 0, Letter::Data),
            (flags & FIN != 0, Letter::Fin),
            (flags & RST != 0, Letter::Reset),
            (flags & (SYN | FIN | RST) == 0 && flags & ACK != 0 && segment.payload == 0, Letter::Ack),
        ];
        letters.into_iter().filter(|(is, _)| *is).for_each(|(_, letter)| self.history.add(letter, side));
    }

    /// A SYN: the first of a side counts. One with another number is none of this connection (RFC 5961, 4).
    fn open(&mut self, side: Side, segment: &Segment<'_>, troubles: &mut Troubles) -> bool {
        let me = self.sides.of_mut(side);
        if me.initial().is_some_and(|initial| initial != segment.sequence) {
            return false;
        }
        me.syns = me.syns.saturating_add(1);
        if segment.flags & ACK == 0 {
            me.set(CALLS);
        }
        if let Some(first) = me.syn {
            troubles.of_mut(side).try_again(first, segment.mark);
        } else {
            me.syn = Some(segment.mark);
            me.take_options(segment.header);
        }
        if !me.has(KNOWN) {
            me.begin(segment.sequence, segment.sequence);
        }
        true
    }

    /// What the segment sends: new data, or data that was sent before.
    fn send(&mut self, side: Side, segment: &Segment<'_>, troubles: &mut Troubles) {
        let rtt = self.handshake_time();
        let (me, peer) = self.sides.both_mut(side);
        let end = segment.sequence.wrapping_add(segment.length);
        if !me.has(KNOWN) {
            me.begin(segment.sequence.wrapping_sub(1), end);
            return self.half_close(side, segment, troubles);
        }
        let distance = ahead(segment.sequence, me.next);
        // A probe for whether the other side is still there repeats the last number (RFC 9293, 3.8.4).
        if distance == -1 && segment.payload <= 1 && segment.length == segment.payload && peer.has(ACKED) {
            let trouble = troubles.of_mut(side);
            let count = if peer.window == 0 { &mut trouble.window_probes } else { &mut trouble.keep_alives };
            *count = count.saturating_add(1);
            trouble.try_again(segment.mark, segment.mark);
            return;
        }
        let is_syn_again = segment.flags & SYN != 0 && distance < 0;
        if segment.length == 0 || distance >= MAX_WINDOW || is_syn_again {
            return;
        }
        if distance > 0 {
            let hole = Hole { from: me.next, to: segment.sequence, nanos: segment.mark.nanos() };
            troubles.of_mut(side).note_hole(hole);
            me.next = end;
        } else if distance == 0 {
            me.next = end;
            if segment.payload > 0 && !me.has(SAMPLE) {
                me.set(SAMPLE);
                me.sample = Sample { end, nanos: segment.mark.nanos() };
            }
        } else {
            self.send_again(side, segment, rtt, troubles);
        }
        self.half_close(side, segment, troubles);
    }

    /// Data that begins below what was seen already.
    fn send_again(&mut self, side: Side, segment: &Segment<'_>, rtt: Option<Duration>, troubles: &mut Troubles) {
        let (me, peer) = self.sides.both_mut(side);
        let end = segment.sequence.wrapping_add(segment.length);
        // What was sent twice can't be measured (Karn's algorithm: RFC 6298, 3).
        me.flags &= !SAMPLE;
        let waits_for = peer.has(ACKED).then_some(peer.acked);
        let duplicates = troubles.of(side.other()).map_or(0, |trouble| trouble.duplicates_in_a_row);
        let trouble = troubles.of_mut(side);
        if ahead(end, me.next) > 0 {
            me.next = end;
            trouble.overlapping = trouble.overlapping.saturating_add(1);
            return;
        }
        let filled = trouble.fill_hole(segment.sequence, end);
        // The earliest that a lost segment can come again is a round trip later; what is not that late was overtaken, unless the
        // other side asked for it again and again.
        let patience = rtt.unwrap_or(Duration::from_millis(3)).as_nanos();
        let is_fast = duplicates >= 2 && waits_for == Some(segment.sequence);
        if let Some(hole) = filled.filter(|_| !is_fast)
            && u128::from(segment.mark.nanos().saturating_sub(hole.nanos)) < patience
        {
            trouble.out_of_order = trouble.out_of_order.saturating_add(1);
            return;
        }
        trouble.retransmitted = trouble.retransmitted.saturating_add(1);
        trouble.retransmitted_bytes = trouble.retransmitted_bytes.saturating_add(segment.payload.into());
        if waits_for.is_some_and(|acked| ahead(acked, end) >= 0) {
            trouble.spurious = trouble.spurious.saturating_add(1);
            return self.history.add(Letter::Retransmission, side);
        }
        trouble.try_again(segment.mark, segment.mark);
        if is_fast {
            trouble.fast = trouble.fast.saturating_add(1);
        }
        self.history.add(Letter::Retransmission, side);
    }

    /// A FIN, or data after that of the other side.
    fn half_close(&mut self, side: Side, segment: &Segment<'_>, troubles: &mut Troubles) {
        let (me, peer) = self.sides.both_mut(side);
        if peer.fin.is_some() && segment.payload > 0 {
            let half = &mut troubles.of_mut(side).bytes_after_fin;
            *half = half.saturating_add(segment.payload.into());
        }
        if segment.flags & FIN != 0 && me.fin.is_none() {
            me.fin = Some(segment.mark);
        }
    }

    /// What the segment acknowledges.
    fn acknowledge(&mut self, side: Side, segment: &Segment<'_>, troubles: &mut Troubles) {
        let (me, peer) = self.sides.both_mut(side);
        let number = segment.header.acknowledgment();
        if !peer.has(KNOWN) {
            peer.begin(number.wrapping_sub(1), number);
        }
        let unseen = ahead(number, peer.next);
        if unseen >= MAX_WINDOW {
            return;
        }
        let progress = if me.has(ACKED) { ahead(number, me.acked) } else { 1 };
        if progress > 0 || number == peer.next {
            troubles.answer(side.other());
        }
        me.set(ACKED);
        let mut lost = u64::from(unseen.max(0).cast_unsigned());
        if unseen > 0 {
            peer.next = number;
        }
        if progress > 0 {
            me.acked = number;
            if let Some(trouble) = troubles.get_mut(side) {
                trouble.duplicates_in_a_row = 0;
            }
            if peer.has(SAMPLE) && ahead(number, peer.sample.end) >= 0 {
                peer.flags &= !SAMPLE;
                peer.round_trips.add(segment.mark.nanos().saturating_sub(peer.sample.nanos));
            }
            if let Some(trouble) = troubles.get_mut(side.other()) {
                lost = lost.saturating_add(trouble.close_holes(number).into());
            }
        } else if progress == 0 && segment.length == 0 && number != peer.next && me.window == me.scaled(peer, segment) {
            let trouble = troubles.of_mut(side);
            trouble.duplicate_acks = trouble.duplicate_acks.saturating_add(1);
            trouble.duplicates_in_a_row = trouble.duplicates_in_a_row.saturating_add(1);
        }
        if reports_duplicate(segment.header, number) {
            let told = &mut troubles.of_mut(side.other()).reported_duplicates;
            *told = told.saturating_add(1);
        }
        if lost > 0 {
            let count = &mut troubles.of_mut(side.other()).unseen_bytes;
            *count = count.saturating_add(lost);
            self.history.add(Letter::Gap, side.other());
        }
        if self.established.is_none() && self.is_open() {
            self.established = Some(segment.mark);
        }
    }

    /// The window that the segment offers.
    fn offer(&mut self, side: Side, segment: &Segment<'_>, troubles: &mut Troubles) {
        let (me, peer) = self.sides.both_mut(side);
        me.window = me.scaled(peer, segment);
        let now = segment.mark.nanos();
        if me.window == 0 && segment.flags & (SYN | FIN) == 0 && segment.flags & ACK != 0 {
            if troubles.of_mut(side).shut_window(now) {
                self.history.add(Letter::ZeroWindow, side);
            }
        } else if let Some(trouble) = troubles.get_mut(side) {
            trouble.open_window(now);
        }
    }

    /// A reset. One whose number lies outside of what the other side takes is none (RFC 5961, 3).
    fn end(&mut self, side: Side, segment: &Segment<'_>, troubles: &mut Troubles) {
        let (me, peer) = (self.sides.of(side), self.sides.of(side.other()));
        let distance = ahead(segment.sequence, me.next).unsigned_abs();
        if self.established.is_some() && distance > peer.window.max(u16::MAX.into()) {
            return troubles.of_mut(side).note_stray();
        }
        match self.reset() {
            None => {
                self.sides.of_mut(side).set(RESETS);
                self.reset = Some(segment.mark);
            }
            // Some systems call again after a reset: then the last one counts.
            Some(reset) if self.established.is_none() && reset.by == side => self.reset = Some(segment.mark),
            Some(_) => {}
        }
    }

    /// The first reset that the other side would believe.
    pub fn reset(&self) -> Option<Reset> {
        let by = if self.sides.lower.has(RESETS) { Side::Lower } else { Side::Higher };
        self.reset.map(|mark| Reset { mark, by })
    }

    /// Bytes of a later fragment of the datagram that this side sent last.
    pub(super) fn extend(&mut self, side: Side, bytes: u32) {
        let me = self.sides.of_mut(side);
        me.next = me.next.wrapping_add(bytes);
    }

    /// Whether both SYNs were acknowledged.
    fn is_open(&self) -> bool {
        let said = |me: &TcpSide, peer: &TcpSide| {
            let heard = peer.syn.and(peer.initial()).zip(me.acknowledged());
            heard.is_some_and(|(initial, acked)| ahead(acked, initial) > 0)
        };
        said(&self.sides.lower, &self.sides.higher) && said(&self.sides.higher, &self.sides.lower)
    }

    /// Whether the handshake was seen, or something that can only come after it.
    pub fn is_established(&self) -> bool {
        let Pair { lower, higher } = &self.sides;
        self.established.is_some() || lower.syn.is_none() && higher.syn.is_none()
    }

    /// Whether both sides called `connect` to each other at the same time (RFC 9293, 3.5).
    pub fn is_simultaneous(&self) -> bool {
        self.sides.lower.calls() && self.sides.higher.calls()
    }

    /// Whether a side sent a FIN and the other acknowledged it.
    pub fn is_finished(&self, side: Side) -> bool {
        let (me, peer) = (self.sides.of(side), self.sides.of(side.other()));
        me.fin.is_some() && peer.acknowledged().is_some_and(|acked| ahead(acked, me.next) >= 0)
    }

    /// Whether nothing more can come: a reset, or both sides done.
    pub fn is_closed(&self) -> bool {
        self.reset.is_some() || self.is_finished(Side::Lower) && self.is_finished(Side::Higher)
    }

    /// Whether a SYN that a side sends begins another connection between the same ports. A SYN within one that is alive does not:
    /// its receiver only answers that (RFC 5961, 4).
    pub(super) fn begins_anew(&self, side: Side, header: &tcp::Tcp<'_>) -> bool {
        let (me, peer) = (self.sides.of(side), self.sides.of(side.other()));
        let is_call = header.flags() & (SYN | ACK | RST) == SYN;
        let is_other = me.initial().is_some_and(|initial| initial != header.sequence());
        let is_over = self.reset.is_some() || me.fin.is_some() || peer.fin.is_some() || !self.is_established();
        is_call && is_other && is_over
    }

    /// From the first SYN to the SYN that answers it: what `connect` took.
    pub fn connect_time(&self) -> Option<Duration> {
        let (lower, higher) = (self.sides.lower.syn?, self.sides.higher.syn?);
        Some(lower.after(higher).max(higher.after(lower)))
    }

    /// A round trip between the ends, as the handshake shows it: from a SYN, sent once, to the ACK of the SYN that answers it.
    pub fn handshake_time(&self) -> Option<Duration> {
        let Pair { lower, higher } = &self.sides;
        let first = if lower.syn?.nanos() <= higher.syn?.nanos() { lower } else { higher };
        (first.syns == 1).then_some(self.established?.after(first.syn?))
    }
}

impl TcpSide {
    /// The window of a segment, in bytes.
    fn scaled(&self, peer: &TcpSide, segment: &Segment<'_>) -> u32 {
        let window = u32::from(segment.header.window());
        let scales = self.has(SCALES) && peer.has(SCALES) && segment.flags & SYN == 0;
        if scales { window.wrapping_shl(self.scale.into()) } else { window }
    }
}

/// Whether an ACK tells of data that came twice (D-SACK: RFC 2883, 4).
fn reports_duplicate(header: &tcp::Tcp<'_>, number: u32) -> bool {
    // With time stamps alone the header has 32 bytes.
    header.header_len() > 32
        && tcp::options(header.options().bytes()).find(|option| option.kind == 5).is_some_and(|blocks| {
            let edge =
                blocks.body.get(4..).and_then(|right| right.first_chunk()).map(|right| u32::from_be_bytes(*right));
            edge.is_some_and(|right| ahead(number, right) >= 0)
        })
}
