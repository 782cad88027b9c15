//! One packet socket and its receive ring: opened, filtered, bound, read block by block, counted.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, getsockopt, socket, sockopt};

use super::capture::CaptureOptions;
use super::drops::InterfaceDrops;
use super::fanout::Fanout;
use super::interfaces::InterfaceInfo;
use super::program::{self, Programs, View};
use super::sys::{self, BLOCK_HEAD, Mapping, OwnBlock, Protocols};
use super::walk::{self, PIECE, Place, Progress};
use super::{Error, denied, kernel, link, timestamps};
use crate::frame::{LinkType, Record};
use crate::gap;

/// What a socket counted since it was opened. Once a stopped capture has ended,
/// `received = captured + dropped + unreadable`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// The interface's name. Text from outside.
    pub interface: String,
    /// Packets that passed the filter, dropped ones included.
    pub received: u64,
    /// Packets dropped because the ring was full.
    pub dropped: u64,
    /// How often the ring was full.
    pub freezes: u64,
    /// Packets handed over as frames.
    pub captured: u64,
    /// Packets that the full ring held, each time that some were found to be dropped.
    pub held: u64,
    /// Bytes of the ring.
    pub ring: u64,
    /// Packets whose headers made no sense (never seen from a kernel).
    pub unreadable: u64,
    /// What the interface lost before any socket saw it: not among those received, filtered or not.
    pub at_interface: InterfaceDrops,
    /// Place of the interface in the section, where its frames are of one.
    pub place: Option<u32>,
}

/// Where the frames of a ring belong.
#[derive(Debug)]
pub(super) enum Places {
    /// All of them: to one interface, or cooked.
    One(Place),
    /// By the interface each is from, as they show up.
    Each(Vec<(u32, Place)>),
}

/// A packet socket with its ring.
#[derive(Debug)]
pub(super) struct Ring {
    socket: OwnedFd,
    mapping: Mapping,
    /// The block that is to be ready next.
    turn: usize,
    /// How many blocks were given back before it.
    sequence: u64,
    gaps: Gaps,
    /// How far that block is read, where it is in part.
    progress: Option<Progress>,
    /// The kernel's number of the interface, 0 for all, [`ABSENT`] while there is none.
    pub(super) index: u32,
    programs: Programs,
    pub(super) places: Places,
    pub(super) statistics: Statistics,
    /// What was lost by interfaces of its name that have gone.
    pub(super) earlier: InterfaceDrops,
    /// Its interface is gone: nothing can come after this moment.
    pub(super) until: Option<Instant>,
}

/// The index of an interface that is not there.
pub(super) const ABSENT: u32 = u32::MAX;

impl Ring {
    /// Opens a socket for an interface, or for one that is not there yet. Nothing is received before it is bound
    /// to one and told to [`accept`](Self::accept).
    pub(super) fn open(name: &str, present: Option<&InterfaceInfo>, options: &CaptureOptions) -> Result<Ring, Error> {
        let programs = programs(name, present, options)?;
        // Protocol 0: nothing comes before the socket is bound; and then the filter is there.
        let socket = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None).map_err(denied(
            "CAP_NET_RAW",
            "capturing on",
            name,
        ))?;
        sys::attach_filter(socket.as_fd(), program::REFUSE_ALL).map_err(kernel("filtering", name))?;
        timestamps::set(socket.as_fd(), name, options.timestamp_type)?;
        let (block_size, blocks) = geometry(options.buffer_size);
        let private = u32::try_from(gap::LEN).unwrap_or(0);
        let timeout = u32::try_from(options.block_timeout().as_millis()).unwrap_or(u32::MAX);
        // One that comes back may be of another kind.
        let view = present.map(view).filter(|_| !options.wait).unwrap_or(View::Other);
        sys::set_number(socket.as_fd(), libc::PACKET_RESERVE, headroom(view, options.cooked))
            .and_then(|()| sys::set_ring(socket.as_fd(), block_size, blocks, timeout, private))
            .map_err(kernel("allocating the capture buffer for", name))?;
        let mapping =
            Mapping::new(socket.as_fd(), block_size, blocks).map_err(kernel("mapping the buffer for", name))?;
        let ring = u64::from(block_size).saturating_mul(blocks.into());
        Ok(Ring {
            socket,
            mapping,
            turn: 0,
            sequence: 0,
            gaps: Gaps::default(),
            progress: None,
            index: ABSENT,
            programs,
            places: Places::Each(Vec::new()),
            statistics: Statistics { interface: name.to_owned(), ring, ..Statistics::default() },
            earlier: InterfaceDrops::default(),
            until: None,
        })
    }

    /// Binds the socket to an interface, whose packets are refused as yet. Needs no capability.
    pub(super) fn bind(&mut self, index: u32, options: &CaptureOptions) -> Result<(), Errno> {
        if options.promiscuous && index != 0 {
            sys::join_promiscuous(self.socket.as_fd(), index)?;
        }
        sys::bind(self.socket.as_fd(), index, Protocols::All)?;
        self.index = index;
        Ok(())
    }

    /// Joins a group of sockets that share the packets of an interface; a new one without a number. Returns the number.
    pub(super) fn join(&self, fanout: Fanout, group: Option<u16>) -> Result<u16, Error> {
        let joined = sys::join_fanout(self.socket.as_fd(), fanout.mode(), group);
        joined.map_err(self.failed("sharing the packets of"))
    }

    /// Takes packets that look like this from now on. Their frames belong to this place or, without one, to those of
    /// the interfaces as they show up.
    pub(super) fn accept(&mut self, view: View, place: Option<Place>) -> Result<(), Error> {
        let Some(program) = self.programs.of(view) else {
            return Err(Error::FilterOfAnother { interface: self.statistics.interface.clone() });
        };
        sys::attach_filter(self.socket.as_fd(), program).map_err(self.failed("filtering"))?;
        self.statistics.place = place.map(|place| place.interface);
        self.places = place.map_or_else(|| Places::Each(Vec::new()), Places::One);
        Ok(())
    }

    /// Whether its interface has gone and not come back. One that never came has not gone.
    pub(super) fn is_gone(&self) -> bool {
        self.until.is_some() || self.index == ABSENT && matches!(self.places, Places::One(_))
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Takes the error that is pending on the socket.
    pub(super) fn error(&self) -> Result<Option<Errno>, Error> {
        let pending = getsockopt(&self.socket, sockopt::SocketError).map_err(self.failed("asking the socket of"))?;
        Ok((pending != 0).then(|| Errno::from_raw(pending)))
    }

    pub(super) fn failed(&self, doing: &'static str) -> impl Fn(Errno) -> Error {
        kernel(doing, &self.statistics.interface)
    }

    /// Whether the next block is ready.
    pub(super) fn is_ready(&self) -> bool {
        self.mapping.is_ready(self.turn)
    }

    /// Whether half of the blocks wait to be read.
    pub(super) fn is_pressed(&self) -> bool {
        let blocks = self.mapping.blocks();
        let ahead = self.turn.saturating_add(blocks / 2).checked_rem(blocks);
        ahead.is_some_and(|ahead| self.mapping.is_ready(ahead))
    }

    /// The bytes of the block that is read.
    pub(super) fn bytes(&mut self) -> &[u8] {
        let Some(OwnBlock { used, bytes, .. }) = self.mapping.block(self.turn) else { return &[] };
        let used = (used as usize).saturating_sub(BLOCK_HEAD).min(bytes.len());
        bytes.get(..used).unwrap_or(&[])
    }

    /// Whether the next piece is the first of its block.
    pub(super) fn is_fresh(&self) -> bool {
        self.progress.is_none()
    }

    /// Indexes the frames of the next block, or piece of one, and lends its bytes; none if it isn't ready.
    pub(super) fn read(
        &mut self,
        limit: u32,
        mut add: impl FnMut(u32, u16) -> Place,
        records: &mut Vec<Record>,
    ) -> Option<&[u8]> {
        let OwnBlock { packets, first, used, bytes } = self.mapping.block(self.turn)?;
        let used = (used as usize).saturating_sub(BLOCK_HEAD).min(bytes.len());
        let bytes = bytes.get_mut(..used)?;
        let begun = Progress { at: (first as usize).saturating_sub(BLOCK_HEAD), left: packets };
        let lost = if self.progress.is_none() { self.gaps.before(self.sequence) } else { 0 };
        let mut progress = self.progress.take().unwrap_or(begun);
        let places = &mut self.places;
        let unreadable = match places {
            Places::One(place) => walk::walk(bytes, &mut progress, PIECE, limit, |_, _| *place, records),
            Places::Each(seen) => {
                let place = |index, hardware| match seen.iter().find(|(of, _)| *of == index) {
                    Some((_, place)) => *place,
                    None => {
                        let place = add(index, hardware);
                        seen.push((index, place));
                        place
                    }
                };
                walk::walk(bytes, &mut progress, PIECE, limit, place, records)
            }
        };
        self.progress = Some(progress).filter(|progress| progress.left > 0);
        if lost > 0 {
            mark(bytes, records, lost);
        }
        let count = &mut self.statistics;
        count.unreadable = count.unreadable.saturating_add(u64::from(unreadable));
        count.captured = count.captured.saturating_add(records.len() as u64);
        Some(bytes)
    }

    /// Gives the block that was read back to the kernel, once it is read to its end.
    pub(super) fn release(&mut self) {
        if self.progress.is_some() {
            return;
        }
        let full = self.is_full();
        let packets = self.mapping.block(self.turn).map_or(0, |own| u64::from(own.packets));
        self.mapping.release(self.turn);
        if full {
            // Not before: packets are dropped until the block is given back. If it fails, so will the next count, which tells.
            let _ = self.count_beside(packets);
        }
        self.sequence = self.sequence.saturating_add(1);
        self.turn = self.turn.saturating_add(1);
        if self.turn >= self.mapping.blocks() {
            self.turn = 0;
        }
    }

    /// Whether every block is ours: the kernel drops what comes now.
    fn is_full(&self) -> bool {
        let last = self.turn.checked_sub(1).unwrap_or(self.mapping.blocks().saturating_sub(1));
        self.mapping.is_ready(last)
    }

    /// Has no further packet come in.
    pub(super) fn refuse_all(&self) -> Result<(), Error> {
        sys::attach_filter(self.socket.as_fd(), program::REFUSE_ALL).map_err(self.failed("stopping"))
    }

    /// Adds what the socket counted since the last time.
    pub(super) fn count(&mut self) -> Result<(), Error> {
        self.count_beside(0)
    }

    /// The same when a block of so many packets was just given back.
    fn count_beside(&mut self, given_back: u64) -> Result<(), Error> {
        let [received, dropped, freezes] =
            sys::statistics(self.socket.as_fd()).map_err(self.failed("counting the packets of"))?;
        // A packet is dropped where every block is ours, and ours last is as many blocks on as there are.
        self.gaps.add(self.sequence.saturating_add(self.mapping.blocks() as u64), u64::from(dropped));
        let held = if dropped > 0 { self.mapping.packets().saturating_add(given_back) } else { 0 };
        let count = &mut self.statistics;
        count.received = count.received.saturating_add(u64::from(received));
        count.dropped = count.dropped.saturating_add(u64::from(dropped));
        count.freezes = count.freezes.saturating_add(u64::from(freezes));
        count.held = count.held.saturating_add(held);
        Ok(())
    }
}

/// Packets that were dropped, and before which block, counted from the first.
#[derive(Debug, Default)]
struct Gaps(VecDeque<(u64, u64)>);

impl Gaps {
    fn add(&mut self, block: u64, lost: u64) {
        match self.0.back_mut() {
            Some((of, sum)) if *of == block => *sum = sum.saturating_add(lost),
            _ if lost > 0 => self.0.push_back((block, lost)),
            _ => {}
        }
    }

    /// Takes what was lost before a block.
    fn before(&mut self, block: u64) -> u64 {
        let mut lost: u64 = 0;
        while let Some((_, more)) = self.0.pop_front_if(|(of, _)| *of <= block) {
            lost = lost.saturating_add(more);
        }
        lost
    }
}

/// Notes how many packets were lost before the first of these frames, in the part of the block that is left to us.
fn mark(block: &mut [u8], records: &mut [Record], lost: u64) {
    if let (Some(room), Some(first)) = (block.first_chunk_mut(), records.first_mut()) {
        *room = gap::options(lost);
        first.options = (0, u32::try_from(gap::LEN).unwrap_or(0));
    }
}

/// What the sockets of an interface counted together.
pub(super) fn sum(rings: &[Ring]) -> Option<Statistics> {
    let mut statistics = rings.iter().map(|ring| &ring.statistics);
    let mut sum = statistics.next()?.clone();
    for more in statistics {
        for (to, from) in [
            (&mut sum.received, more.received),
            (&mut sum.dropped, more.dropped),
            (&mut sum.freezes, more.freezes),
            (&mut sum.captured, more.captured),
            (&mut sum.held, more.held),
            (&mut sum.unreadable, more.unreadable),
        ] {
            *to = to.saturating_add(from);
        }
    }
    Some(sum)
}

fn programs(name: &str, present: Option<&InterfaceInfo>, options: &CaptureOptions) -> Result<Programs, Error> {
    let (direction, limit, filter) = (options.direction, options.limit(), options.filter_on(name));
    // One that is not there yet is likely to be of Ethernet; a filter that is wrong is wrong for that too.
    let first = present.map_or(View::Link(LinkType::EN10MB), view);
    let programs = Programs::one(first, direction, limit, filter)?;
    Ok(if options.wait { programs.and_all(direction, limit, filter) } else { programs })
}

/// What the packets of an interface look like.
pub(super) fn view(interface: &InterfaceInfo) -> View {
    if interface.is_any() { View::Any } else { view_of(interface.hardware) }
}

/// The same by the hardware type.
pub(super) fn view_of(hardware: u16) -> View {
    link::of(hardware).map_or(View::Other, View::Link)
}

/// The link type of the frames of a ring whose packets look like this, where it is one for all of them.
pub(super) fn link_type(view: View, cooked: bool) -> Option<LinkType> {
    match view {
        View::Link(link_type) if !cooked => Some(link_type),
        View::Any if !cooked => None,
        _ => Some(LinkType::LINUX_SLL2),
    }
}

/// Bytes to keep free before each packet, beyond what the kernel leaves anyway (14 before an Ethernet header, 28
/// where there is no link header; less with tags in the bytes): for a tag, or a cooked header and a tag.
fn headroom(view: View, cooked: bool) -> u32 {
    match view {
        View::Link(LinkType::EN10MB) if !cooked => walk::TAG,
        _ => walk::TAG.saturating_mul(2),
    }
}

/// Size and number of blocks for a buffer: blocks of 1 MiB, smaller ones where there would be few of them, but none too
/// small for the longest packet. (Measured: with 256 KiB a 64-byte frame costs a fifth more, as each block wakes us up;
/// with a pause so that several come at once, a 1514-byte frame does, as its bytes have left the cache.)
fn geometry(buffer_size: usize) -> (u32, u32) {
    let block = (buffer_size / 4).clamp(128 << 10, 1 << 20).next_power_of_two();
    let blocks = buffer_size.div_ceil(block).max(2);
    (u32::try_from(block).unwrap_or(u32::MAX), u32::try_from(blocks).unwrap_or(u32::MAX))
}

/// How long after the last packet its block is surely handed over: the kernel looks after one block time-out,
/// and may just have looked. Timers are late by up to a tick.
pub(super) fn settling_time(block_timeout: Duration) -> Duration {
    const TICK: Duration = Duration::from_millis(4);
    block_timeout.saturating_mul(2).saturating_add(TICK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_cut_into_blocks() {
        assert_eq!(geometry(64 << 20), (1 << 20, 64));
        assert_eq!(geometry(4 << 20), (1 << 20, 4));
        assert_eq!(geometry(2 << 20), (512 << 10, 4));
        assert_eq!(geometry(0), (128 << 10, 2));
        assert_eq!(geometry((64 << 20) + 1), (1 << 20, 65));
    }

    #[test]
    fn a_gap_is_told_once_before_its_block() {
        let mut gaps = Gaps::default();
        gaps.add(4, 0);
        gaps.add(4, 10);
        gaps.add(4, 1);
        gaps.add(6, 5);
        assert_eq!([0, 3, 4, 4, 5, 6, 7].map(|block| gaps.before(block)), [0, 0, 11, 0, 0, 5, 0]);
    }
}
