//! From a ring block to an index of its frames: one pass over the packet headers that the kernel wrote
//! (Linux: `struct tpacket3_hdr`, `struct sockaddr_ll`), with stripped VLAN tags put back and cooked headers
//! written in place. Every number from the kernel is checked against the block before it is used.

use super::link;
use crate::frame::{FrameFlags, Interface, LinkType, Record, Timestamp};

/// Bytes of a packet's header and the address after it: nothing of ours may be written there.
const HEAD: u32 = 68;
/// Bytes of a LINUX_SLL2 header.
pub(super) const COOKED: u32 = 20;
/// Bytes of a VLAN tag.
pub(super) const TAG: u32 = 4;
/// Bytes of the two addresses that an Ethernet frame has before its tag.
const ADDRESSES: u32 = 12;
/// Bytes of an Ethernet header.
const ETHERNET: u32 = 14;

/// How the bytes of an interface's packets become a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// An Ethernet header, into which a stripped VLAN tag goes back.
    Ethernet,
    /// The link header as it is, or none.
    Plain,
    /// A LINUX_SLL2 header in place of the link header.
    Cooked,
}

/// Where the frames of an interface belong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// Place in the section's interfaces.
    pub(super) interface: u32,
    pub(super) shape: Shape,
}

impl Place {
    /// The place of an interface that is added to these.
    pub(super) fn new(interfaces: &mut Vec<Interface>, interface: Interface) -> Place {
        let place = u32::try_from(interfaces.len()).unwrap_or(u32::MAX);
        let shape = link::shape(interface.link_type);
        interfaces.push(interface);
        Place { interface: place, shape }
    }

    /// Whether it is that of an interface of this link type.
    pub(super) fn is_of(self, interfaces: &[Interface], link_type: LinkType) -> bool {
        interfaces.get(self.interface as usize).is_some_and(|interface| interface.link_type == link_type)
    }
}

/// How far into a block the walk is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Progress {
    /// Where the next packet's header is.
    pub(super) at: usize,
    /// Packets that are left.
    pub(super) left: u32,
}

/// Bytes of a block that are walked and handed over at once: what is touched in the walk is still in the
/// processor's cache when it is copied (measured: some 15 % of the cost of a 64-byte frame).
pub(super) const PIECE: usize = 128 << 10;

/// Indexes the frames of the next piece of a block, keeping at most `limit` bytes of each. `place` tells where the
/// frames of an interface, by its number and hardware type (`ARPHRD_*`), belong. Returns how many packets
/// could not be read: then nothing is left.
pub(super) fn walk(
    block: &mut [u8],
    progress: &mut Progress,
    piece: usize,
    limit: u32,
    mut place: impl FnMut(u32, u16) -> Place,
    records: &mut Vec<Record>,
) -> u32 {
    let end = progress.at.saturating_add(piece);
    while progress.left > 0 && progress.at < end {
        let head = block.get(progress.at..).and_then(<[u8]>::first_chunk);
        let Some(packet) = head.map(Packet::parse) else { return std::mem::take(&mut progress.left) };
        let place = place(packet.index, packet.hardware);
        let Some(record) = packet.frame(block, progress.at, limit, place) else {
            return std::mem::take(&mut progress.left);
        };
        records.push(record);
        progress.left = progress.left.saturating_sub(1);
        if packet.next < HEAD {
            return std::mem::take(&mut progress.left);
        }
        progress.at = progress.at.saturating_add(packet.next as usize);
    }
    0
}

/// What the kernel says of a packet, in this machine's byte order.
#[derive(Clone, Copy, Debug)]
struct Packet {
    /// From this header to the next, in bytes; 0 in the last.
    next: u32,
    secs: u32,
    nanos: u32,
    captured: u32,
    len: u32,
    status: u32,
    /// From the header to the link header, and to the network header.
    link: u16,
    network: u16,
    tag: u16,
    tag_type: u16,
    protocol: u16,
    index: u32,
    hardware: u16,
    /// `PACKET_HOST` and so on.
    kind: u8,
    address_len: u8,
    address: [u8; 8],
}

fn part<const LEN: usize>(head: &[u8; HEAD as usize], at: usize) -> [u8; LEN] {
    head.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; LEN])
}

impl Packet {
    #[inline]
    fn parse(head: &[u8; HEAD as usize]) -> Packet {
        let word = |at| u32::from_ne_bytes(part(head, at));
        let half = |at| u16::from_ne_bytes(part(head, at));
        let [kind, address_len] = part(head, 58);
        Packet {
            next: word(0),
            secs: word(4),
            nanos: word(8),
            captured: word(12),
            len: word(16),
            status: word(20),
            link: half(24),
            network: half(26),
            tag: half(if cfg!(target_endian = "little") { 32 } else { 34 }),
            tag_type: half(36),
            protocol: u16::from_be_bytes(part(head, 50)),
            index: word(52),
            hardware: half(56),
            kind,
            address_len,
            address: part(head, 60),
        }
    }

    /// The packet whose header is at `at` as a frame, none if it does not lie within the block.
    #[inline]
    fn frame(&self, block: &mut [u8], at: usize, limit: u32, place: Place) -> Option<Record> {
        let start = u32::try_from(at).ok()?.checked_add(u32::from(self.link))?;
        let end = start.checked_add(self.captured)?;
        if end as usize > block.len() {
            return None;
        }
        let whole = Extent { start, captured: self.captured, wire: self.len };
        let extent = match place.shape {
            Shape::Ethernet if self.has_tag() => reshape(block, at, whole, Packet::put_tag_back)?,
            Shape::Cooked => reshape(block, at, whole, Packet::cook)?,
            Shape::Ethernet | Shape::Plain => whole,
        };
        Some(Record {
            time: Timestamp::new(i64::from(self.secs), u64::from(self.nanos)),
            offset: extent.start,
            cap_len: extent.captured.min(limit),
            wire_len: extent.wire,
            interface: place.interface,
            flags: self.flags(),
            options: (0, 0),
        })
    }

    fn has_tag(&self) -> bool {
        self.status & libc::TP_STATUS_VLAN_VALID != 0
    }

    fn tag_type(&self) -> u16 {
        const VLAN: u16 = 0x8100;
        if self.status & libc::TP_STATUS_VLAN_TPID_VALID != 0 { self.tag_type } else { VLAN }
    }

    /// Moves the addresses of an Ethernet frame forward and writes the tag behind them. A frame too short to
    /// have had one, or without room before it, stays as it is.
    fn put_tag_back(&self, block: &mut [u8], header: u32, whole: Extent) -> Option<Extent> {
        let start = whole.start.checked_sub(TAG).filter(|start| *start >= header.saturating_add(HEAD));
        let Some(start) = start.filter(|_| whole.captured >= ADDRESSES) else { return Some(whole) };
        let head = block.get_mut(start as usize..whole.start.saturating_add(ADDRESSES) as usize)?;
        head.copy_within(TAG as usize.., 0);
        let ([a, b], [c, d]) = (self.tag_type().to_be_bytes(), self.tag.to_be_bytes());
        *head.last_chunk_mut()? = [a, b, c, d];
        Some(Extent { start, captured: whole.captured.saturating_add(TAG), wire: whole.wire.saturating_add(TAG) })
    }

    /// Writes a LINUX_SLL2 header over the link header, and behind it the rest of a stripped tag.
    ///
    /// Of an Ethernet frame the header itself is taken for what it says: with a tag left in the bytes the
    /// kernel's protocol and network offset disagree in some cases.
    fn cook(&self, block: &mut [u8], header: u32, whole: Extent) -> Option<Extent> {
        let (link_len, protocol) = match ether_type(block, whole).filter(|_| link::ETHERNET.contains(&self.hardware)) {
            Some(ether_type) => (ETHERNET, ether_type.unwrap_or(self.protocol)),
            None => (u32::from(self.network.checked_sub(self.link)?), self.protocol),
        };
        let tag = [self.tag, protocol].map(u16::to_be_bytes);
        let (protocol, tag) = if self.has_tag() { (self.tag_type(), tag.as_flattened()) } else { (protocol, &[][..]) };
        let added = COOKED.saturating_add(u32::try_from(tag.len()).ok()?);
        let start = whole.start.checked_add(link_len)?.checked_sub(added)?;
        if start < header.checked_add(HEAD)? {
            return None;
        }
        let room = block.get_mut(start as usize..)?.get_mut(..added as usize)?;
        let (cooked, behind) = room.split_first_chunk_mut::<{ COOKED as usize }>()?;
        *cooked = self.cooked(protocol);
        behind.copy_from_slice(tag);
        let length = |of: u32| of.saturating_sub(link_len).saturating_add(added);
        Some(Extent { start, captured: length(whole.captured), wire: length(whole.wire) })
    }

    /// <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html>
    fn cooked(&self, protocol: u16) -> [u8; COOKED as usize] {
        let [p, q] = protocol.to_be_bytes();
        let [i, j, k, l] = self.index.to_be_bytes();
        let [h, t] = self.hardware.to_be_bytes();
        let [a, b, c, d, e, f, g, z] = self.address;
        [p, q, 0, 0, i, j, k, l, h, t, self.kind, self.address_len, a, b, c, d, e, f, g, z]
    }

    /// Direction and how it was received by the packet type, and the state of the checksum.
    #[inline]
    fn flags(&self) -> FrameFlags {
        // Direction in bits 0 and 1 (inbound 1, outbound 2); unicast, multicast, broadcast, promiscuous as
        // 1 to 4 in bits 2 to 4.
        let mut flags = match self.kind {
            libc::PACKET_HOST => 1 | 1 << 2,
            libc::PACKET_MULTICAST => 1 | 2 << 2,
            libc::PACKET_BROADCAST => 1 | 3 << 2,
            libc::PACKET_OTHERHOST => 1 | 4 << 2,
            libc::PACKET_OUTGOING => 2,
            _ => 0,
        };
        for (status, flag) in [
            (libc::TP_STATUS_CSUMNOTREADY, FrameFlags::CHECKSUM_NOT_READY),
            (libc::TP_STATUS_CSUM_VALID, FrameFlags::CHECKSUM_VALID),
            (TP_STATUS_GSO_TCP, FrameFlags::SEGMENTATION_OFFLOAD),
        ] {
            if self.status & status != 0 {
                flags |= flag;
            }
        }
        FrameFlags(flags)
    }
}

/// Changes a frame in place. Apart from the walk, and reading the header again, so that the walk itself keeps what
/// it reads in registers (measured: a third of its time).
#[inline(never)]
fn reshape(
    block: &mut [u8],
    at: usize,
    whole: Extent,
    change: fn(&Packet, &mut [u8], u32, Extent) -> Option<Extent>,
) -> Option<Extent> {
    let packet = block.get(at..).and_then(<[u8]>::first_chunk).map(Packet::parse)?;
    change(&packet, block, u32::try_from(at).ok()?, whole)
}

/// What is at the place of the EtherType in an Ethernet frame: none if the frame is too short, `Some(None)` if it
/// is the length of an 802.3 frame.
fn ether_type(block: &[u8], whole: Extent) -> Option<Option<u16>> {
    const SMALLEST: u16 = 0x600;
    let frame = block.get(whole.start as usize..)?.get(..whole.captured as usize)?;
    let value = u16::from_be_bytes(*frame.get(ADDRESSES as usize..)?.first_chunk()?);
    Some((value >= SMALLEST).then_some(value))
}

/// linux/if_packet.h, not in the libc crate.
const TP_STATUS_GSO_TCP: u32 = 1 << 8;

/// Where a frame's bytes are, and how many there were on the wire.
#[derive(Clone, Copy, Debug)]
struct Extent {
    start: u32,
    captured: u32,
    wire: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;
    use proptest::prelude::*;

    const ETHERNET: Place = Place { interface: 3, shape: Shape::Ethernet };
    const COOKED_PLACE: Place = Place { interface: 0, shape: Shape::Cooked };

    /// A block of one packet after another, as the kernel lays them out: Ethernet with the network header at 96.
    fn block(packets: &[(&[u8], u32, u8)]) -> Vec<u8> {
        let mut block = Vec::new();
        for (n, (data, status, kind)) in packets.iter().enumerate() {
            let mut packet = vec![0u8; (82 + data.len()).next_multiple_of(8)];
            let next = if n + 1 == packets.len() { 0 } else { packet.len() as u32 };
            for (at, word) in [(0, next), (4, 1_700_000_000), (8, 999_999_999), (20, *status), (32, 0x6064), (52, 7)] {
                packet[at..at + 4].copy_from_slice(&word.to_ne_bytes());
            }
            for (at, half) in [(24, 82u16), (26, 96), (36, 0x88a8), (50, 0x0800u16.to_be()), (56, 1)] {
                packet[at..at + 2].copy_from_slice(&half.to_ne_bytes());
            }
            for at in [12, 16] {
                packet[at..at + 4].copy_from_slice(&(data.len() as u32).to_ne_bytes());
            }
            packet[58..60].copy_from_slice(&[*kind, 6]);
            packet[60..68].copy_from_slice(&[2, 0, 0, 0, 0, 9, 0, 0]);
            packet[82..82 + data.len()].copy_from_slice(data);
            block.extend(packet);
        }
        block
    }

    fn frames(block: &mut [u8], packets: u32, limit: u32, place: Place) -> (Vec<(Vec<u8>, Record)>, u32) {
        let mut records = Vec::new();
        let mut progress = Progress { at: 0, left: packets };
        let mut unreadable = 0;
        while progress.left > 0 {
            unreadable += walk(block, &mut progress, 100, limit, |_, _| place, &mut records);
        }
        let bytes = |r: &Record| block[r.offset as usize..][..r.cap_len as usize].to_vec();
        (records.iter().map(|r| (bytes(r), *r)).collect(), unreadable)
    }

    const DATA: &[u8] = b"ddddddssssss\x08\x00payload";

    #[test]
    fn frames_follow_one_another() {
        let mut block = block(&[(DATA, 1, 0), (&DATA[..20], 1 | 8, 4), (DATA, 1 | 128 | 256, 3)]);
        let (frames, unreadable) = frames(&mut block, 3, u32::MAX, ETHERNET);
        assert_eq!((frames.len(), unreadable), (3, 0));
        assert_eq!(frames[0].0, DATA);
        assert_eq!(frames[0].1.time, Timestamp::new(1_700_000_000, 999_999_999));
        assert_eq!(frames[0].1.interface, 3);
        assert_eq!((frames[1].0.as_slice(), frames[1].1.wire_len), (&DATA[..20], 20));
        assert_eq!(frames[0].1.flags, FrameFlags(1 | 1 << 2));
        assert_eq!(frames[1].1.flags, FrameFlags(2 | FrameFlags::CHECKSUM_NOT_READY));
        assert_eq!(frames[1].1.flags.direction(), Direction::Outbound);
        let offloads = FrameFlags::CHECKSUM_VALID | FrameFlags::SEGMENTATION_OFFLOAD;
        assert_eq!(frames[2].1.flags, FrameFlags(1 | 4 << 2 | offloads));
    }

    #[test]
    fn a_stripped_tag_goes_back_behind_the_addresses() {
        let valid = libc::TP_STATUS_VLAN_VALID;
        for (status, tag) in
            [(valid, b"\x81\x00\x60\x64"), (valid | libc::TP_STATUS_VLAN_TPID_VALID, b"\x88\xa8\x60\x64")]
        {
            let (frames, _) = frames(&mut block(&[(DATA, status, 0)]), 1, u32::MAX, ETHERNET);
            assert_eq!(frames[0].0, [&DATA[..12], tag, &DATA[12..]].concat());
            assert_eq!(frames[0].1.wire_len as usize, DATA.len() + 4);
        }
        let (frames, _) = frames(&mut block(&[(&DATA[..8], valid, 0)]), 1, u32::MAX, ETHERNET);
        assert_eq!(frames[0].0, &DATA[..8], "too short to have had one");
    }

    #[test]
    fn a_cooked_header_replaces_the_link_header() {
        let header = b"\x08\x00\0\0\0\0\0\x07\0\x01\x04\x06\x02\0\0\0\0\x09\0\0";
        let (cooked, _) = frames(&mut block(&[(DATA, 1, 4)]), 1, u32::MAX, COOKED_PLACE);
        assert_eq!(cooked[0].0, [&header[..], b"payload"].concat());
        assert_eq!(cooked[0].1.wire_len, 27);

        let mut tagged = block(&[(DATA, libc::TP_STATUS_VLAN_VALID, 4)]);
        let (cooked, _) = frames(&mut tagged, 1, u32::MAX, COOKED_PLACE);
        assert_eq!(cooked[0].0, [b"\x81\x00", &header[2..], b"\x60\x64\x08\x00payload"].concat());
        assert_eq!(cooked[0].1.wire_len, 31);

        // A tag in the bytes, of which the kernel says that the network header is behind it.
        let data = b"ddddddssssss\x81\x00\x00\x64\x08\x00payload";
        let mut inside = block(&[(data, 1, 4)]);
        inside[26..28].copy_from_slice(&100u16.to_ne_bytes());
        let (cooked, _) = frames(&mut inside, 1, u32::MAX, COOKED_PLACE);
        assert_eq!(cooked[0].0, [b"\x81\x00", &header[2..], b"\x00\x64\x08\x00payload"].concat());
    }

    #[test]
    fn a_frame_with_a_length_is_cooked_by_what_the_kernel_calls_it() {
        let mut llc = block(&[(b"ddddddssssss\x00\x07payload", 1, 1)]);
        llc[50..52].copy_from_slice(&4u16.to_be_bytes());
        let (cooked, _) = frames(&mut llc, 1, u32::MAX, COOKED_PLACE);
        assert_eq!((&cooked[0].0[..2], &cooked[0].0[20..]), (&[0, 4][..], &b"payload"[..]));
    }

    #[test]
    fn the_limit_cuts_after_what_was_put_in() {
        let tagged = [(DATA, libc::TP_STATUS_VLAN_VALID, 0)];
        let (frames, _) = frames(&mut block(&tagged), 1, 16, ETHERNET);
        assert_eq!(frames[0].0, [&DATA[..12], b"\x81\x00\x60\x64"].concat());
        assert_eq!(frames[0].1.wire_len as usize, DATA.len() + 4);
    }

    #[test]
    fn what_lies_outside_the_block_is_counted_not_read() {
        let mut short = block(&[(DATA, 1, 0), (DATA, 1, 0)]);
        short.truncate(150);
        let (frames, unreadable) = frames(&mut short, 2, u32::MAX, ETHERNET);
        assert_eq!((frames.len(), unreadable), (1, 1));
    }

    proptest! {
        #[test]
        fn no_header_leads_outside_the_block(
            mut block in proptest::collection::vec(any::<u8>(), 0..400),
            small in proptest::collection::vec((0usize..400, 0u8..4), 0..40),
            first in 0usize..500,
            packets: u32,
            cooked: bool,
        ) {
            // Zeros here and there make small, plausible numbers out of random ones.
            for (at, byte) in small {
                if let Some(b) = block.get_mut(at) { *b = byte; }
            }
            let mut records = Vec::new();
            let place = if cooked { COOKED_PLACE } else { ETHERNET };
            let mut progress = Progress { at: first, left: packets };
            let unreadable = walk(&mut block, &mut progress, usize::MAX, u32::MAX, |_, _| place, &mut records);
            prop_assert!(records.len() as u64 + u64::from(unreadable) == u64::from(packets));
            for r in &records {
                prop_assert!(r.offset as usize + r.cap_len as usize <= block.len());
            }
        }
    }
}
