//! One direction of a TCP connection: segments, in the order they were captured, become the bytes in the order they were
//! sent. Bytes are handed on as soon as they are next; only those behind a gap wait.

use crate::reassembly::pieces::Pieces;

/// What comes next in a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    /// Bytes, never none.
    Bytes(&'a [u8]),
    /// So many bytes were sent and not captured.
    Missing(usize),
}

/// What is asked of a segment.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// The sequence number of the first byte of the payload: with SYN, the one after that of the segment.
    pub sequence: u32,
    /// The payload, as far as it was captured.
    pub payload: &'a [u8],
    /// Its length on the wire, in bytes.
    pub wire: usize,
    /// The stream begins with it: SYN.
    pub begins: bool,
    /// The stream ends behind it: FIN.
    pub ends: bool,
}

/// One direction, from its first segment seen. Of two versions of a byte the one that was captured first stays.
#[derive(Debug, Default)]
pub struct Half {
    /// The sequence number of the byte that is next, once one is known.
    next: Option<u32>,
    /// How many bytes of the stream lie before that one.
    offset: usize,
    /// Where the bytes end that are known to have been sent.
    sent: usize,
    /// Bytes beyond a gap, by their offset in the stream.
    waiting: Pieces,
}

impl Half {
    /// How many bytes of the stream were handed on or passed over.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What the bytes that wait take of memory.
    pub fn held(&self) -> usize {
        self.waiting.taken()
    }

    /// Whether nothing is missing of what is known to have been sent.
    pub fn is_whole(&self) -> bool {
        self.offset >= self.sent
    }

    /// Takes a segment, and tells what is next with it.
    pub fn segment(&mut self, segment: &Segment<'_>, tell: &mut impl FnMut(usize, Part<'_>)) {
        // A mere acknowledgement may be a probe, which stands before what is next (RFC 9293, 3.8.4).
        if segment.wire == 0 && !segment.begins && !segment.ends {
            return;
        }
        let next = *self.next.get_or_insert(segment.sequence);
        // How far ahead of what is next, or behind it (RFC 9293, 3.4).
        let ahead = segment.sequence.wrapping_sub(next).cast_signed();
        let known = if ahead < 0 { ahead.unsigned_abs() as usize } else { 0 };
        let Some(wire) = segment.wire.checked_sub(known) else { return };
        let payload = segment.payload.get(known..).unwrap_or(&[]);
        let at = self.offset.saturating_add(usize::try_from(ahead).unwrap_or(0));
        let end = at.saturating_add(wire);
        self.sent = self.sent.max(end);
        let is_next = at == self.offset;
        if is_next && self.waiting.first().is_none_or(|first| at.saturating_add(payload.len()) <= first) {
            self.hand_on(payload, tell);
        } else if !self.waiting.has(at, payload) {
            self.waiting.insert(at, payload);
        }
        if is_next {
            // What the capture cut off does not come.
            self.advance(end, tell);
        }
    }

    /// Takes a datagram of UDP, of which so many bytes were on the wire: it is next as it comes.
    pub fn datagram(&mut self, payload: &[u8], wire: usize, tell: &mut impl FnMut(usize, Part<'_>)) {
        let end = self.offset.saturating_add(wire);
        self.hand_on(payload, tell);
        self.advance(end, tell);
    }

    /// Takes what the other side acknowledges. It has what it acknowledges: where bytes wait behind a gap before that,
    /// those in the gap were not captured.
    pub fn acknowledged(&mut self, number: u32, tell: &mut impl FnMut(usize, Part<'_>)) {
        let Some(next) = self.next else { return };
        let Ok(ahead) = usize::try_from(number.wrapping_sub(next).cast_signed()) else { return };
        let end = self.offset.saturating_add(ahead);
        while let Some(first) = self.waiting.first().filter(|first| *first < end) {
            self.advance(first.saturating_add(1), tell);
        }
    }

    /// Waits for the first of the gaps no longer: it is passed over.
    pub fn give_up(&mut self, tell: &mut impl FnMut(usize, Part<'_>)) {
        if let Some(first) = self.waiting.first() {
            self.advance(first, tell);
        }
    }

    /// Nothing comes any more: tells all that waits and every gap, up to the last byte that is known to have been sent.
    pub fn finish(&mut self, tell: &mut impl FnMut(usize, Part<'_>)) {
        self.advance(self.sent, tell);
    }

    /// Goes on up to a place at least, over gaps, and on to the next gap.
    fn advance(&mut self, end: usize, tell: &mut impl FnMut(usize, Part<'_>)) {
        loop {
            while let Some(piece) = self.waiting.take_at(self.offset) {
                self.hand_on(&piece, tell);
            }
            let stop = self.waiting.first().map_or(end, |first| first.min(end));
            let Some(missing) = stop.checked_sub(self.offset).filter(|missing| *missing > 0) else { return };
            tell(self.offset, Part::Missing(missing));
            self.pass(missing);
        }
    }

    fn hand_on(&mut self, bytes: &[u8], tell: &mut impl FnMut(usize, Part<'_>)) {
        if !bytes.is_empty() {
            tell(self.offset, Part::Bytes(bytes));
            self.pass(bytes.len());
        }
    }

    fn pass(&mut self, count: usize) {
        self.offset = self.offset.saturating_add(count);
        // It is never more than sequence numbers can tell apart.
        self.next = self.next.map(|next| next.wrapping_add(u32::try_from(count).unwrap_or(0)));
    }
}

#[cfg(test)]
mod tests;
