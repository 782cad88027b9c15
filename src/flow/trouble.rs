//! What goes wrong with a connection. Few have any of it, so it is kept apart.

use std::time::Duration;

use super::icmp::{Errors, IcmpError};
use super::key::{Pair, Side};
use super::moment::{Mark, Tries};

/// What went wrong with one side's segments; sizes in bytes of data.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Trouble {
    /// Segments that it sent again, and the data in them.
    pub retransmitted: u32,
    pub retransmitted_bytes: u64,
    /// Of these, those that the other side had acknowledged before.
    pub spurious: u32,
    /// Of these, those that came after three ACKs of the same (RFC 5681, 3.2).
    pub fast: u32,
    /// Times that the other side told of data that came twice (D-SACK, RFC 2883).
    pub reported_duplicates: u32,
    /// Segments that were overtaken by later ones.
    pub out_of_order: u32,
    /// Segments that sent something again together with something new.
    pub overlapping: u32,
    /// ACKs that it repeated while data was under way to it.
    pub duplicate_acks: u32,
    /// Times that it closed its window, and how long that lasted, in nanoseconds, where it opened it again.
    pub zero_windows: u32,
    pub zero_window_nanos: u64,
    /// Probes of whether the other side still takes nothing, or is still there.
    pub window_probes: u32,
    pub keep_alives: u32,
    /// Data that the other side acknowledged and the capture does not have.
    pub unseen_bytes: u64,
    /// Segments with an urgent pointer.
    pub urgent: u32,
    /// Data that it sent after the other side's FIN, and after a reset.
    pub bytes_after_fin: u64,
    pub bytes_after_reset: u64,
    /// What it sent last and again (a SYN, data, the question whether the other side is there), while that was silent.
    pub again: Option<Tries>,
    /// SYNs and resets with numbers that the other side would not believe (RFC 5961).
    pub strays: u32,
    pub(super) duplicates_in_a_row: u32,
    /// Since when its window is closed, in nanoseconds.
    shut_since: Option<u64>,
    holes: Vec<Hole>,
}

/// Data that was skipped so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hole {
    /// Sequence numbers, the second one behind it.
    pub from: u32,
    pub to: u32,
    /// When it was noted, in nanoseconds since the start.
    pub nanos: u64,
}

/// How many holes are remembered; the oldest goes.
const HOLES: usize = 16;

/// Whether a sequence number is not behind another.
fn reaches(number: u32, other: u32) -> bool {
    number.wrapping_sub(other).cast_signed() >= 0
}

impl Trouble {
    /// How long its window was closed in all.
    pub fn zero_window_time(&self) -> Duration {
        Duration::from_nanos(self.zero_window_nanos)
    }

    pub(super) fn note_stray(&mut self) {
        self.strays = self.strays.saturating_add(1);
    }

    /// It tries again what was first tried then.
    pub(super) fn try_again(&mut self, first: Mark, now: Mark) {
        self.again.get_or_insert_with(|| Tries::new(first)).add(now);
    }

    pub(super) fn note_hole(&mut self, hole: Hole) {
        if self.holes.len() >= HOLES {
            self.holes.remove(0);
        }
        self.holes.push(hole);
    }

    /// Some data has come: the hole that it belongs to, where it is in one. What is left of that stays.
    pub(super) fn fill_hole(&mut self, from: u32, to: u32) -> Option<Hole> {
        let place = self.holes.iter().position(|hole| reaches(from, hole.from) && !reaches(from, hole.to))?;
        let hole = self.holes.remove(place);
        if !reaches(hole.from, from) {
            self.note_hole(Hole { to: from, ..hole });
        }
        if !reaches(to, hole.to) {
            self.note_hole(Hole { from: to, ..hole });
        }
        Some(hole)
    }

    /// All below a number was acknowledged: how much of it is in holes, which are none any more.
    pub(super) fn close_holes(&mut self, number: u32) -> u32 {
        let mut lost = 0u32;
        self.holes.retain_mut(|hole| {
            let end = if reaches(number, hole.to) { hole.to } else { number };
            if !reaches(end, hole.from) {
                return true;
            }
            lost = lost.saturating_add(end.wrapping_sub(hole.from));
            hole.from = end;
            hole.from != hole.to
        });
        lost
    }

    /// The window is closed; whether that is new.
    pub(super) fn shut_window(&mut self, nanos: u64) -> bool {
        let is_new = self.shut_since.is_none();
        if is_new {
            self.zero_windows = self.zero_windows.saturating_add(1);
            self.shut_since = Some(nanos);
        }
        is_new
    }

    /// The window is open.
    pub(super) fn open_window(&mut self, nanos: u64) {
        if let Some(since) = self.shut_since.take() {
            self.zero_window_nanos = self.zero_window_nanos.saturating_add(nanos.saturating_sub(since));
        }
    }
}

/// The trouble of both sides, and what others told of it, where there was any.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Troubles(Option<Box<All>>);

#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct All {
    sides: Pair<Trouble>,
    errors: Errors,
}

impl Troubles {
    /// That of one side's segments.
    pub fn of(&self, side: Side) -> Option<&Trouble> {
        self.0.as_ref().map(|all| all.sides.of(side))
    }

    /// The ICMP errors about the connection.
    pub fn errors(&self) -> Option<&Errors> {
        self.0.as_ref().map(|all| &all.errors)
    }

    pub(super) fn get_mut(&mut self, side: Side) -> Option<&mut Trouble> {
        self.0.as_mut().map(|all| all.sides.of_mut(side))
    }

    pub(super) fn of_mut(&mut self, side: Side) -> &mut Trouble {
        self.0.get_or_insert_default().sides.of_mut(side)
    }

    pub(super) fn add_error(&mut self, error: IcmpError) {
        self.0.get_or_insert_default().errors.add(error);
    }

    /// What this side tried again was answered.
    pub(super) fn answer(&mut self, side: Side) {
        if let Some(trouble) = self.get_mut(side) {
            trouble.again = None;
        }
    }

    /// Bytes that it takes elsewhere.
    pub(super) fn elsewhere(&self) -> usize {
        let Some(all) = &self.0 else { return 0 };
        let holes = all.sides.lower.holes.capacity().saturating_add(all.sides.higher.holes.capacity());
        let holes = holes.saturating_mul(size_of::<Hole>());
        size_of::<All>().saturating_add(holes).saturating_add(all.errors.elsewhere())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hole(from: u32, to: u32) -> Hole {
        Hole { from, to, nanos: 0 }
    }

    #[test]
    fn holes_are_filled_from_any_side() {
        let mut trouble = Trouble::default();
        trouble.note_hole(hole(u32::MAX - 9, 20));
        assert_eq!(trouble.fill_hole(0, 5), Some(hole(u32::MAX - 9, 20)));
        assert_eq!(trouble.holes, [hole(u32::MAX - 9, 0), hole(5, 20)]);
        assert_eq!(trouble.fill_hole(30, 40), None);
        assert_eq!(trouble.fill_hole(5, 20), Some(hole(5, 20)));
        assert_eq!(trouble.close_holes(u32::MAX - 4), 5);
        assert_eq!(trouble.close_holes(100), 5);
        assert!(trouble.holes.is_empty());
    }

    #[test]
    fn holes_are_bounded() {
        let mut trouble = Trouble::default();
        (0..100).for_each(|n| trouble.note_hole(hole(n * 10, n * 10 + 5)));
        assert_eq!(trouble.holes.len(), HOLES);
        assert_eq!(trouble.fill_hole(0, 5), None);
    }
}
