//! Gaps: packets that were lost before a frame travel with it, as its pcapng option `epb_dropcount`
//! (draft-ietf-opsawg-pcapng, section 4.3.1), from where they were counted to whoever shows or saves the frame.

use crate::frame::{Block, ByteOrder, Frame};

/// Bytes of the option list that [`options`] makes.
pub const LEN: usize = 16;

const DROP_COUNT: u16 = 4;
const VALUE_LEN: u16 = 8;

/// The option list of a frame before which this many packets were lost, in this machine's byte order.
pub fn options(lost: u64) -> [u8; LEN] {
    let mut list = [0; LEN];
    let [code, len] = [DROP_COUNT, VALUE_LEN].map(u16::to_ne_bytes);
    // What is left of it is the mark of the list's end.
    for (to, from) in list.iter_mut().zip([&code[..], &len, &lost.to_ne_bytes()].concat()) {
        *to = from;
    }
    list
}

/// How many packets were lost before a frame of a section with this byte order.
#[inline]
pub fn before(frame: &Frame<'_>, order: ByteOrder) -> u64 {
    if frame.options.is_empty() { 0 } else { stated(frame.options, order).unwrap_or(0) }
}

/// Whether a captured block begins behind a gap: its frames have no other options.
pub fn begins(block: &Block<'_>) -> bool {
    block.records.first().is_some_and(|first| first.options.1 > 0)
}

/// The value of the first drop count in an option list.
fn stated(mut list: &[u8], order: ByteOrder) -> Option<u64> {
    let half = |bytes| match order {
        ByteOrder::Little => u16::from_le_bytes(bytes),
        ByteOrder::Big => u16::from_be_bytes(bytes),
    };
    loop {
        let (&[c, d, l, m], rest) = list.split_first_chunk()?;
        let len = half([l, m]);
        match (half([c, d]), len) {
            (0, _) => return None,
            (DROP_COUNT, VALUE_LEN) => {
                let value = *rest.first_chunk()?;
                return Some(match order {
                    ByteOrder::Little => u64::from_le_bytes(value),
                    ByteOrder::Big => u64::from_be_bytes(value),
                });
            }
            _ => list = rest.get(usize::from(len).next_multiple_of(4)..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameFlags, LinkType, Timestamp};
    use proptest::prelude::*;

    fn lost(options: &[u8], order: ByteOrder) -> u64 {
        let (time, flags, link_type) = (Timestamp::default(), FrameFlags::default(), LinkType::EN10MB);
        before(&Frame { time, data: &[], wire_len: 0, interface: 0, link_type, flags, options }, order)
    }

    #[test]
    fn a_count_stands_behind_other_options_in_either_byte_order() {
        assert_eq!(lost(b"\0\x01\0\x05hello\0\0\0\0\x04\0\x08\0\0\0\0\0\0\x01\x02\0\0\0\0", ByteOrder::Big), 258);
        assert_eq!(lost(b"\x02\0\x04\0\x01\0\0\0\x04\0\x08\0\x02\x01\0\0\0\0\0\0", ByteOrder::Little), 258);
        assert_eq!(lost(b"\0\0\0\0\x04\0\x08\0\x02\x01\0\0\0\0\0\0", ByteOrder::Little), 0, "behind the end");
        assert_eq!(lost(b"\x04\0\x04\0\x02\x01\0\0", ByteOrder::Little), 0, "of another length");
        assert_eq!(lost(&[], ByteOrder::Little), 0);
    }

    proptest! {
        #[test]
        fn what_is_put_down_is_read(count: u64) {
            prop_assert_eq!(lost(&options(count), ByteOrder::NATIVE), count);
        }

        #[test]
        fn no_options_can_do_harm(options in proptest::collection::vec(any::<u8>(), 0..40)) {
            lost(&options, ByteOrder::Little);
            lost(&options, ByteOrder::Big);
        }
    }
}
