//! Checksums of frames under way. What covers another checksum is summed after it, so they wait until the frame is done.
//!
//! Bytes that are cut count as zeros, so a checksum is the same whether the payload is cut or filled with
//! zeros. One that was wrong is wrong again: one more than the right one, so that it tells nothing of what it was made
//! from.

use super::canvas::Canvas;
use super::counts::Counts;
use crate::decode::Span;
use crate::decode::checksum::Sum;

/// The addresses that the pseudo header of a transport protocol has, as they were and as they are now.
#[derive(Clone, Copy, Default)]
pub(super) struct Ends {
    pub original: Sum,
    pub now: Sum,
}

/// What a checksum is over beside the bytes from its header on.
pub(super) struct Pseudo {
    pub ends: Ends,
    pub protocol: u8,
    /// In bytes, as the pseudo header has it.
    pub length: usize,
}

/// A checksum that is to be made.
pub(super) struct Pending {
    /// Place of the two bytes in the frame.
    pub field: usize,
    /// Where the bytes that it covers begin and end.
    pub from: usize,
    pub end: usize,
    pub pseudo: Option<Pseudo>,
    /// Whether all that it covers was captured, so that the original can be checked.
    pub whole: bool,
    /// A checksum of zero means that there is none, so it is all ones.
    pub is_udp: bool,
}

impl Pending {
    /// The checksum at this place in a span, over all of it.
    pub fn over(span: Span<'_>, field: usize) -> Self {
        Pending {
            field: span.offset().saturating_add(field),
            from: span.offset(),
            end: span.offset().saturating_add(span.bytes().len()),
            pseudo: None,
            whole: !span.is_cut(),
            is_udp: false,
        }
    }

    /// Puts it on the canvas, where its place was captured.
    fn settle(&self, canvas: &mut Canvas<'_>, counts: &mut Counts) {
        if canvas.read::<2>(self.field).is_none() {
            return;
        }
        let pseudo = |ends: fn(&Pseudo) -> Sum| {
            self.pseudo
                .as_ref()
                .map_or(Sum::default(), |pseudo| ends(pseudo).pseudo_header(&[], &[], pseudo.protocol, pseudo.length))
        };
        let sum = |sum: Sum, bytes: &[u8]| sum.with(bytes.get(self.from..self.end).unwrap_or(&[])).finish();
        let was_wrong = self.whole && sum(pseudo(|pseudo| pseudo.ends.original), canvas.original()) != 0;
        canvas.put(self.field, &[0, 0]);
        let right = match sum(pseudo(|pseudo| pseudo.ends.now), canvas.bytes()) {
            0 if self.is_udp => u16::MAX,
            right => right,
        };
        let checksum = if was_wrong { right.wrapping_add(1).max(1) } else { right };
        counts.wrong_checksums = counts.wrong_checksums.saturating_add(was_wrong.into());
        canvas.put(self.field, &checksum.to_be_bytes());
    }
}

/// Puts checksums on a canvas, the innermost (the last) first.
pub(super) fn settle(sums: Vec<Pending>, canvas: &mut Canvas<'_>, counts: &mut Counts) {
    for sum in sums.iter().rev() {
        sum.settle(canvas, counts);
    }
}
