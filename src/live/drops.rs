//! What an interface itself lost, by its own counters: packets that no socket ever saw.

/// Packets that an interface could not receive (`struct rtnl_link_stats64` of linux/if_link.h).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InterfaceDrops {
    /// Received and dropped before anybody saw them: no memory, a queue that was full (`rx_dropped`).
    pub dropped: u64,
    /// Missed by the card for want of room in its ring (`rx_missed_errors`).
    pub missed: u64,
    /// Overruns of the card's own memory (`rx_fifo_errors`).
    pub overruns: u64,
}

impl InterfaceDrops {
    /// From the attribute `IFLA_STATS64` of an rtnetlink message.
    pub(super) fn parse(attribute: &[u8]) -> Option<Self> {
        let counter = |at: usize| attribute.chunks_exact(8).nth(at)?.first_chunk().map(|b| u64::from_ne_bytes(*b));
        Some(InterfaceDrops { dropped: counter(6)?, overruns: counter(14)?, missed: counter(15)? })
    }

    /// All together.
    pub fn total(self) -> u64 {
        self.dropped.saturating_add(self.missed).saturating_add(self.overruns)
    }

    /// What was added since the counters stood there. One that was set back has counted nothing.
    pub(super) fn since(self, base: Self) -> Self {
        InterfaceDrops {
            dropped: self.dropped.saturating_sub(base.dropped),
            missed: self.missed.saturating_sub(base.missed),
            overruns: self.overruns.saturating_sub(base.overruns),
        }
    }

    /// Those of two interfaces together.
    pub fn and(self, other: Self) -> Self {
        InterfaceDrops {
            dropped: self.dropped.saturating_add(other.dropped),
            missed: self.missed.saturating_add(other.missed),
            overruns: self.overruns.saturating_add(other.overruns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_stand_where_the_kernel_puts_them() {
        let attribute: Vec<u8> = (0u64..25).flat_map(u64::to_ne_bytes).collect();
        let drops = InterfaceDrops { dropped: 6, overruns: 14, missed: 15 };
        assert_eq!(InterfaceDrops::parse(&attribute), Some(drops));
        assert_eq!(drops.total(), 35);
        assert_eq!(InterfaceDrops::parse(&attribute[..100]), None);
        assert_eq!(drops.since(InterfaceDrops { dropped: 1, missed: 20, overruns: 14 }).total(), 5);
    }
}
