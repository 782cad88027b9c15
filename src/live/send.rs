//! One packet socket and its transmit ring: frames are queued in it and given to an interface as they are.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, send, socket};

use super::interfaces::{self, InterfaceInfo};
use super::sys::{self, Protocols, SLOT_HEAD, Slot, Slots};
use super::{Error, denied, kernel, link};
use crate::frame::LinkType;

/// What became of the frames that an interface was to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sent {
    /// Frames that the interface took.
    pub frames: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Frames that it can't send as they are longer than its MTU allows.
    pub too_long: u64,
    /// Frames that the kernel refused for another reason, such as one too short for its link header.
    pub refused: u64,
}

/// Sends frames out of an interface, each as it is.
#[derive(Debug)]
pub struct Sender {
    socket: OwnedFd,
    slots: Slots,
    interface: InterfaceInfo,
    mtu: u32,
    /// The slot of the oldest frame that the kernel has not taken yet.
    oldest: usize,
    /// The lengths of the frames from there on.
    queued: VecDeque<usize>,
    sent: Sent,
}

/// Bytes of the ring.
const RING: u32 = 2 << 20;
/// Bytes that may be on their way through queues and cards.
const ON_THE_WAY: u32 = 8 << 20;

/// Bytes of an Ethernet header, and of a VLAN tag, which may come on top of the MTU.
const ETHERNET: usize = 14;
const TAG: usize = 4;

impl Sender {
    /// Opens a socket that sends out of an interface and receives nothing. With `bypass_queue` frames go to the
    /// driver directly, past the queueing discipline (`PACKET_QDISC_BYPASS`): faster, and not seen by other
    /// captures on this machine.
    ///
    /// # Errors
    /// If the interface is unknown, down or [`ANY`](interfaces::ANY), or the kernel or its rules are against it.
    pub fn open(interface: &str, bypass_queue: bool) -> Result<Sender, Error> {
        let interface = interfaces::find(interface)?;
        let name = interface.name.as_str();
        if interface.is_any() {
            return Err(Error::SendOnAny);
        }
        if !interface.up {
            return Err(Error::Down { interface: name.to_owned() });
        }
        let socket = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None).map_err(denied(
            "CAP_NET_RAW",
            "sending on",
            name,
        ))?;
        let mtu = sys::mtu(socket.as_fd(), name).map_err(kernel("asking for the MTU of", name))?;
        let (slot_size, per_block, blocks) = geometry(mtu);
        let opened = sys::set_number(socket.as_fd(), libc::PACKET_QDISC_BYPASS, bypass_queue.into())
            .and_then(|()| sys::set_send_buffer(socket.as_fd(), ON_THE_WAY))
            .and_then(|()| sys::set_send_ring(socket.as_fd(), slot_size, per_block, blocks))
            .and_then(|()| Slots::new(socket.as_fd(), slot_size, per_block.saturating_mul(blocks)))
            .and_then(|slots| sys::bind(socket.as_fd(), interface.index, Protocols::None).map(|()| slots));
        let slots = opened.map_err(kernel("sending on", name))?;
        Ok(Sender { socket, slots, interface, mtu, oldest: 0, queued: VecDeque::new(), sent: Sent::default() })
    }

    /// The interface, as it was when this was opened.
    pub fn interface(&self) -> &InterfaceInfo {
        &self.interface
    }

    /// Bytes that a frame of it may have behind its link header.
    pub fn mtu(&self) -> u32 {
        self.mtu
    }

    /// The link type of the frames it sends, none where it has none that frames could have.
    pub fn link_type(&self) -> Option<LinkType> {
        link::of(self.interface.hardware)
    }

    /// Whether it can send frames of a link type.
    pub fn accepts(&self, link_type: LinkType) -> bool {
        let own = self.link_type();
        own == Some(link_type) || own == Some(LinkType::RAW) && [LinkType::IPV4, LinkType::IPV6].contains(&link_type)
    }

    /// Queues a frame. False if there is no room: [`flush`](Self::flush), wait a little and try again. A frame too
    /// long for the interface is not queued but counted.
    pub fn queue(&mut self, frame: &[u8]) -> bool {
        if frame.len() > self.limit(frame) {
            self.sent.too_long = self.sent.too_long.saturating_add(1);
            return true;
        }
        let next = self.slot(self.queued.len());
        let queued = self.slots.state(next) == Slot::Free && self.slots.put(next, frame);
        if queued {
            self.queued.push_back(frame.len());
        }
        queued
    }

    /// Frames that are queued.
    pub fn queued(&self) -> usize {
        self.queued.len()
    }

    /// Gives the kernel what is queued. False where it does not take all of it now, as queues are full or there is no
    /// carrier.
    ///
    /// # Errors
    /// If the interface is down or gone, or the kernel fails otherwise; what is [`queued`](Self::queued) was not sent.
    pub fn flush(&mut self) -> Result<bool, Error> {
        while !self.queued.is_empty() {
            // Without a carrier the kernel takes everything, and throws it away.
            if !self.has_carrier()? {
                return Ok(false);
            }
            let done = send(self.socket.as_raw_fd(), &[], MsgFlags::MSG_DONTWAIT);
            self.count_taken();
            match done {
                Err(error) if self.slots.state(self.oldest) == Slot::Refused => self.withdraw(error),
                Ok(_) | Err(Errno::EAGAIN | Errno::ENOBUFS | Errno::EINTR) => return Ok(self.queued.is_empty()),
                Err(error) => return Err(self.failed(error)),
            }
        }
        Ok(true)
    }

    /// Whether the interface has a carrier: without one nothing is sent, and what is queued waits.
    ///
    /// # Errors
    /// If it is down or gone.
    pub fn has_carrier(&self) -> Result<bool, Error> {
        sys::has_carrier(self.socket.as_fd(), &self.interface.name).map_err(|error| self.failed(error))
    }

    /// What became of the frames so far.
    pub fn sent(&self) -> Sent {
        self.sent
    }

    fn failed(&self, error: Errno) -> Error {
        let interface = self.interface.name.clone();
        match error {
            Errno::ENETDOWN => Error::Down { interface },
            Errno::ENXIO | Errno::ENODEV => Error::Gone { interface },
            error => kernel("sending on", &interface)(error),
        }
    }

    /// The most bytes of a frame.
    fn limit(&self, frame: &[u8]) -> usize {
        const TAGGED: &[u8] = &[0x81, 0x00];
        let mtu = self.mtu as usize;
        let limit = match self.link_type() {
            Some(LinkType::EN10MB) if frame.get(12..ETHERNET) == Some(TAGGED) => mtu.saturating_add(ETHERNET + TAG),
            Some(LinkType::EN10MB) => mtu.saturating_add(ETHERNET),
            Some(LinkType::RAW) => mtu,
            // How long its link headers are, the kernel knows.
            _ => usize::MAX,
        };
        limit.min(self.slots.capacity())
    }

    /// The slot of the frame at this place in the queue.
    fn slot(&self, place: usize) -> usize {
        self.oldest.saturating_add(place).checked_rem(self.slots.count()).unwrap_or(0)
    }

    /// Counts the frames that the kernel has taken from the queue.
    fn count_taken(&mut self) {
        while let Some(len) = self.queued.front() {
            if matches!(self.slots.state(self.oldest), Slot::Queued | Slot::Refused) {
                return;
            }
            self.sent.frames = self.sent.frames.saturating_add(1);
            self.sent.bytes = self.sent.bytes.saturating_add(*len as u64);
            self.queued.pop_front();
            self.oldest = self.slot(1);
        }
    }

    /// Takes the oldest frame out of the queue. The kernel looks for the next one in its slot, so that those
    /// behind it move up.
    fn withdraw(&mut self, reason: Errno) {
        let count = if reason == Errno::EMSGSIZE { &mut self.sent.too_long } else { &mut self.sent.refused };
        *count = count.saturating_add(1);
        self.queued.pop_front();
        self.slots.clear(self.oldest);
        for place in 0..self.queued.len() {
            let (from, to) = (self.slot(place.saturating_add(1)), self.slot(place));
            self.slots.shift(from, to);
        }
    }
}

/// Bytes of a slot, slots in a block, blocks. A slot takes the longest frame; a block is full of slots, so that they
/// follow one another without gaps.
fn geometry(mtu: u32) -> (u32, u32, u32) {
    const LEAST: u32 = 2048;
    const MOST: u32 = 256 << 10;
    const BLOCK: u32 = 64 << 10;
    let head = u32::try_from(SLOT_HEAD + ETHERNET + TAG).unwrap_or(u32::MAX);
    let slot = mtu.saturating_add(head).clamp(LEAST, MOST).next_power_of_two();
    let per_block = BLOCK.div_ceil(slot);
    (slot, per_block, RING.div_ceil(slot.saturating_mul(per_block)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_takes_the_longest_frame() {
        assert_eq!(geometry(1500), (2048, 32, 32));
        assert_eq!(geometry(9000), (16 << 10, 4, 32));
        assert_eq!(geometry(65536), (128 << 10, 1, 16));
        assert_eq!(geometry(u32::MAX), (256 << 10, 1, 8));
        assert_eq!(geometry(0), (2048, 32, 32));
    }
}
