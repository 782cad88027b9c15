//! What an interface counted, as the pcapng block that a live capture ends with
//! (draft-ietf-opsawg-pcapng, section 4.6).

use super::options::{code, put_option};
use super::pcapng::kind;
use crate::frame::{ByteOrder, Timestamp};

/// Counters of one interface since the capture began; none where it is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InterfaceStatistics {
    /// Place in the section's interfaces.
    pub interface: u32,
    /// When they were read.
    pub time: Timestamp,
    /// Packets that the interface itself lost.
    pub lost: Option<u64>,
    /// Packets that passed the filter, dropped ones included.
    pub accepted: Option<u64>,
    /// Of these, dropped by the kernel for want of room.
    pub dropped: Option<u64>,
    /// Of these, handed over.
    pub delivered: Option<u64>,
}

impl InterfaceStatistics {
    /// The block type of a [`Note`](crate::frame::Note) with these counters.
    pub const KIND: u32 = kind::STATISTICS;

    /// The block's body, for an interface that counts time in nanoseconds.
    pub fn body(&self, order: ByteOrder) -> Vec<u8> {
        const INTERFACE_DROP: u16 = 5;
        const FILTER_ACCEPT: u16 = 6;
        const OS_DROP: u16 = 7;
        const USER_DELIVERED: u16 = 8;
        let mut body = Vec::new();
        let ticks = u64::try_from(self.time.as_nanos()).unwrap_or(0);
        let [high, low] = [ticks >> 32, ticks].map(|half| (half & 0xffff_ffff) as u32);
        for word in [self.interface, high, low] {
            order.put_u32(&mut body, word);
        }
        for (code, count) in [
            (INTERFACE_DROP, self.lost),
            (FILTER_ACCEPT, self.accepted),
            (OS_DROP, self.dropped),
            (USER_DELIVERED, self.delivered),
        ] {
            let Some(count) = count else { continue };
            let value = match order {
                ByteOrder::Little => count.to_le_bytes(),
                ByteOrder::Big => count.to_be_bytes(),
            };
            put_option(&mut body, order, code, &value);
        }
        put_option(&mut body, order, code::END, &[]);
        body
    }
}
