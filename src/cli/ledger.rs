//! The ledger of a capture: what was received, what was lost and where, and what would have helped.

use super::flags::Flags;
use crate::live::{InterfaceDrops, Statistics};
use crate::output::terminal::{complain, say};

/// Counters of all the interfaces together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    pub received: u64,
    /// By the kernel, for want of room in its buffer.
    pub dropped: u64,
    /// How often that was full.
    pub freezes: u64,
    /// Packets that it held then, all times together.
    pub held: u64,
    /// Its size in bytes, that of the largest.
    pub ring: u64,
    pub unreadable: u64,
    pub at_interface: InterfaceDrops,
}

impl Totals {
    pub fn of(statistics: &[Statistics]) -> Self {
        let sum = |of: fn(&Statistics) -> u64| statistics.iter().map(of).fold(0, u64::saturating_add);
        let at_interface =
            statistics.iter().map(|of| of.at_interface).fold(InterfaceDrops::default(), InterfaceDrops::and);
        Totals {
            received: sum(|of| of.received),
            dropped: sum(|of| of.dropped),
            freezes: sum(|of| of.freezes),
            held: sum(|of| of.held),
            ring: statistics.iter().map(|of| of.ring).max().unwrap_or(0),
            unreadable: sum(|of| of.unreadable),
            at_interface,
        }
    }

    /// Packets that never came to us.
    pub fn lost(&self) -> u64 {
        self.dropped.saturating_add(self.at_interface.total())
    }
}

/// What became of the packets that did come to us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fate {
    pub captured: u64,
    /// Taken and not delivered.
    pub lost: u64,
    /// Not wanted.
    pub unwanted: u64,
}

/// Says what is to be said of losses.
#[derive(Debug)]
pub struct Ledger {
    /// As far as it was told.
    told: Totals,
    /// Every packet is made a line.
    lines: bool,
    whole_packets: bool,
}

impl Ledger {
    pub fn new(flags: &Flags) -> Self {
        Ledger {
            told: Totals::default(),
            lines: !flags.count && (flags.write.is_none() || flags.print),
            whole_packets: flags.snap_len.is_none_or(|len| len == 0),
        }
    }

    /// Tells what was lost since this was last told.
    pub fn tell_news(&mut self, totals: Totals) {
        let told = std::mem::replace(&mut self.told, totals);
        match totals.dropped.saturating_sub(told.dropped) {
            0 => {}
            n => complain(format_args!("the kernel dropped {} for want of room in its buffer (-B)", packets(n))),
        }
        match totals.at_interface.total().saturating_sub(told.at_interface.total()) {
            0 => {}
            n => complain(format_args!("{} lost by the interface, before any capture could see them", packets(n))),
        }
    }

    /// Shows the counters, which add up: received = captured + dropped by kernel + what is told behind that. What the
    /// interface dropped was never received.
    pub fn tell(&self, totals: &Totals, fate: &Fate) {
        say(format_args!("{} captured", packets(fate.captured)));
        say(format_args!("{} received by filter", packets(totals.received)));
        say(format_args!("{} dropped by kernel", packets(totals.dropped)));
        let InterfaceDrops { dropped, missed, overruns } = totals.at_interface;
        for (count, what) in [
            (totals.at_interface.total(), "dropped by interface"),
            (fate.lost, "dropped by sabueso, as the output had failed"),
            (fate.unwanted, "passed over, as --where, --skip, the stop rules or the filter ask"),
            (totals.unreadable, "unreadable"),
        ] {
            if count > 0 {
                say(format_args!("{} {what}", packets(count)));
            }
        }
        if totals.dropped > 0 {
            say(self.advice(totals));
        }
        if missed > 0 || overruns > 0 {
            say(format_args!(
                "the card missed {missed} and overran {overruns} times: `ethtool -G INTERFACE rx N` makes its ring larger"
            ));
        }
        if dropped > 0 {
            say(format_args!(
                "the interface dropped {dropped}: `sysctl net.core.netdev_max_backlog=N` makes the queue behind it larger"
            ));
        }
    }

    /// The setting that would have helped.
    fn advice(&self, totals: &Totals) -> String {
        /// A buffer that is full so seldom was too small for a burst; more often, it is we who are too slow.
        const BURSTS: u64 = 3;
        let times = if totals.freezes == 1 { "once".to_owned() } else { format!("{} times", totals.freezes) };
        let enough = enough(totals).map_or_else(|| "no buffer".to_owned(), |kib| format!("-B {kib}"));
        if totals.freezes <= BURSTS {
            return format!("the kernel's buffer was full {times}: {enough} would have held the rest");
        }
        let slow = if self.lines {
            "-w FILE is faster than lines, and a filter selects less; "
        } else if self.whole_packets {
            "-s 128 keeps just the headers, and a filter selects less; "
        } else {
            "a filter selects less; "
        };
        format!("the kernel's buffer was full {times}: {slow}{enough} would help against bursts alone")
    }
}

/// The size of a buffer, in KiB, that would have had room for what was dropped as well, going by what the one that there is
/// held when it was full; none if there is none so large.
fn enough(totals: &Totals) -> Option<u64> {
    /// What `-B` takes.
    const MOST: u64 = 2 << 20;
    let times = totals.dropped.div_ceil(totals.held.max(1)).saturating_add(1);
    let kib = totals.ring.div_ceil(1024).saturating_mul(times);
    kib.checked_next_power_of_two().filter(|kib| *kib <= MOST)
}

/// So many packets.
fn packets(count: u64) -> String {
    format!("{count} packet{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_fits_what_happened() {
        let ledger = |lines, whole_packets| Ledger { told: Totals::default(), lines, whole_packets };
        // What was dropped is 9 times what was held.
        let totals = |freezes| Totals { dropped: 9000, held: 1000, ring: 64 << 10, freezes, ..Totals::default() };
        let burst = "the kernel's buffer was full once: -B 1024 would have held the rest";
        assert_eq!(ledger(true, true).advice(&totals(1)), burst);
        let slow = "the kernel's buffer was full 10 times: -w FILE is faster than lines, and a filter selects less; \
                    -B 1024 would help against bursts alone";
        assert_eq!(ledger(true, true).advice(&totals(10)), slow);
        assert!(ledger(false, true).advice(&totals(10)).contains("-s 128"));
        assert!(!ledger(false, false).advice(&totals(10)).contains("-s"));
        let endless = Totals { dropped: u64::MAX, ..totals(1) };
        assert!(ledger(false, false).advice(&endless).contains("no buffer"));
    }

    #[test]
    fn totals_are_those_of_all_interfaces() {
        let at_interface = InterfaceDrops { dropped: 1, missed: 2, overruns: 3 };
        let one = Statistics { received: 10, dropped: 3, freezes: 1, at_interface, ..Statistics::default() };
        let totals = Totals::of(&[one.clone(), one]);
        assert_eq!((totals.received, totals.dropped, totals.freezes, totals.lost()), (20, 6, 2, 18));
    }
}
