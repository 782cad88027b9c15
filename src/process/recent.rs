//! Processes that the kernel told of: those that ended a moment ago are known here still.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::events::Event;
use super::procfs::{self, Process};

/// How many are remembered.
const MOST: usize = 4096;

/// What is remembered of a process.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub process: Process,
    pub container: Option<String>,
    pub ended: Option<Instant>,
}

/// The last processes that began.
#[derive(Debug, Default)]
pub(super) struct Recent {
    known: HashMap<u32, Known>,
    /// By when they began.
    order: VecDeque<u32>,
}

impl Recent {
    /// Takes in an event of this moment.
    pub(super) fn note(&mut self, event: &Event, now: Instant) {
        match *event {
            // What it is called shows when it runs a program; until then it is as its parent.
            Event::Forked { parent, child } => match self.known.get(&parent).cloned() {
                Some(Known { process, container, .. }) => {
                    self.add(Known { process: Process { pid: child, parent, ..process }, container, ended: None });
                }
                None => self.look_at(child),
            },
            Event::Executed { pid } => self.look_at(pid),
            Event::Exited { pid } => {
                if let Some(known) = self.known.get_mut(&pid) {
                    known.ended = Some(now);
                }
            }
        }
    }

    fn look_at(&mut self, pid: u32) {
        if let Some(process) = Process::of(pid) {
            self.add(Known { process, container: procfs::container(pid), ended: None });
        }
    }

    fn add(&mut self, known: Known) {
        let pid = known.process.pid;
        if self.known.insert(pid, known).is_none() {
            self.order.push_back(pid);
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    /// A process by its number.
    pub(super) fn get(&self, pid: u32) -> Option<&Known> {
        self.known.get(&pid)
    }

    /// Those that run, the youngest first.
    pub(super) fn running(&self) -> impl Iterator<Item = u32> {
        self.order.iter().rev().copied().filter(|pid| self.known.get(pid).is_some_and(|known| known.ended.is_none()))
    }

    /// Those that ended at most so long ago.
    pub(super) fn all_ended_within(&self, time: Duration) -> impl Iterator<Item = &Known> {
        self.known.values().filter(move |known| known.ended.is_some_and(|at| at.elapsed() <= time))
    }

    /// The one process of a user (or of any) that ended at most so long ago; none where there are several.
    pub(super) fn ended_within(&self, time: Duration, uid: Option<u32>) -> Option<&Known> {
        let of_user = |known: &&Known| uid.is_none_or(|uid| known.process.uid == uid);
        let mut all = self.all_ended_within(time).filter(of_user);
        all.next().filter(|_| all.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_ended_is_known_and_of_two_neither() {
        let mut recent = Recent::default();
        let now = Instant::now();
        recent.note(&Event::Executed { pid: std::process::id() }, now);
        for child in [4_000_001, 4_000_002] {
            recent.note(&Event::Forked { parent: std::process::id(), child }, now);
        }
        let minute = Duration::from_secs(60);
        assert_eq!(recent.running().take(2).collect::<Vec<_>>(), [4_000_002, 4_000_001]);
        assert!(recent.ended_within(minute, None).is_none());
        recent.note(&Event::Exited { pid: 4_000_001 }, now);
        let ended = recent.ended_within(minute, None).unwrap();
        assert_eq!((ended.process.pid, ended.process.parent), (4_000_001, std::process::id()));
        assert!(recent.ended_within(minute, Some(u32::MAX)).is_none());
        recent.note(&Event::Exited { pid: 4_000_002 }, now);
        assert!(recent.ended_within(minute, None).is_none());
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut recent = Recent::default();
        recent.note(&Event::Executed { pid: std::process::id() }, Instant::now());
        let mut parent = std::process::id();
        for child in 5_000_000..5_010_000 {
            recent.note(&Event::Forked { parent, child }, Instant::now());
            parent = child;
        }
        assert_eq!((recent.known.len(), recent.order.len()), (MOST, MOST));
        assert!(recent.get(5_009_999).is_some() && recent.get(5_000_000).is_none());
    }
}
