//! The calls that no safe crate makes for us: socket options of packet sockets, the mapped receive and transmit rings,
//! questions about interfaces, descriptors from another process, what becomes of a forbidden system call. All `unsafe`
//! of the crate is here; what leaves this file is safe to use.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_long, c_void};
use std::io::IoSliceMut;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrLike, SockaddrStorage, recvmsg};

use crate::bpf::Instruction;

/// Bytes of the descriptor at the head of each ring block (`struct tpacket_block_desc`).
pub(super) const BLOCK_HEAD: usize = size_of::<libc::tpacket_block_desc>();

/// The size of a type, as socket calls take it.
fn length_of<T>() -> libc::socklen_t {
    libc::socklen_t::try_from(size_of::<T>()).unwrap_or(0)
}

/// A constant that libc has as an `int`, in the 16 bits of the field it is for.
fn half(constant: c_int) -> u16 {
    u16::try_from(constant).unwrap_or(0)
}

fn set<T: Copy>(socket: BorrowedFd<'_>, level: c_int, name: c_int, value: &T) -> Result<(), Errno> {
    let len = length_of::<T>();
    // SAFETY: the kernel reads `len` bytes from a live value of just that size.
    let done = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, ptr::from_ref(value).cast(), len) };
    Errno::result(done).map(drop)
}

/// Sets an option of a packet socket whose value is a number (packet(7)).
pub(super) fn set_number(socket: BorrowedFd<'_>, name: c_int, value: u32) -> Result<(), Errno> {
    set(socket, libc::SOL_PACKET, name, &value)
}

/// Asks for a receive ring in the third format, packets in blocks that are handed over when full or after
/// `timeout` milliseconds; `private` bytes behind the descriptor of each block are left to us.
pub(super) fn set_ring(
    socket: BorrowedFd<'_>,
    block_size: u32,
    blocks: u32,
    timeout: u32,
    private: u32,
) -> Result<(), Errno> {
    const V3: u32 = libc::tpacket_versions::TPACKET_V3 as u32;
    // Frames have no fixed place in this format; the kernel still wants a size that divides the block.
    const FRAME: u32 = 4096;
    set_number(socket, libc::PACKET_VERSION, V3)?;
    let request = libc::tpacket_req3 {
        tp_block_size: block_size,
        tp_block_nr: blocks,
        tp_frame_size: FRAME,
        tp_frame_nr: (block_size / FRAME).saturating_mul(blocks),
        tp_retire_blk_tov: timeout,
        tp_sizeof_priv: private,
        tp_feature_req_word: 0,
    };
    set(socket, libc::SOL_PACKET, libc::PACKET_RX_RING, &request)
}

/// Makes an interface promiscuous for as long as the socket lives.
pub(super) fn join_promiscuous(socket: BorrowedFd<'_>, index: u32) -> Result<(), Errno> {
    let request = libc::packet_mreq {
        mr_ifindex: c_int::try_from(index).map_err(|_| Errno::ENODEV)?,
        mr_type: half(libc::PACKET_MR_PROMISC),
        mr_alen: 0,
        mr_address: [0; 8],
    };
    set(socket, libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request)
}

/// Attaches a filter, in place of one that was there.
pub(super) fn attach_filter(socket: BorrowedFd<'_>, program: &[Instruction]) -> Result<(), Errno> {
    let mut program: Vec<libc::sock_filter> =
        program.iter().map(|i| libc::sock_filter { code: i.code, jt: i.jt, jf: i.jf, k: i.k }).collect();
    let len = libc::c_ushort::try_from(program.len()).map_err(|_| Errno::EINVAL)?;
    let program = libc::sock_fprog { len, filter: program.as_mut_ptr() };
    // The kernel copies the instructions within the call, while the vector lives.
    set(socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
}

/// What a bound packet socket receives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Protocols {
    None,
    All,
}

/// Binds a packet socket to an interface (0: to all), and so begins to receive.
pub(super) fn bind(socket: BorrowedFd<'_>, index: u32, protocols: Protocols) -> Result<(), Errno> {
    // SAFETY: all-zero bytes are a valid `sockaddr_ll`.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = half(libc::AF_PACKET);
    if protocols == Protocols::All {
        address.sll_protocol = half(libc::ETH_P_ALL).to_be();
    }
    address.sll_ifindex = c_int::try_from(index).map_err(|_| Errno::ENODEV)?;
    let len = length_of::<libc::sockaddr_ll>();
    // SAFETY: the kernel reads `len` bytes from a live value of just that size.
    let done = unsafe { libc::bind(socket.as_raw_fd(), ptr::from_ref(&address).cast(), len) };
    Errno::result(done).map(drop)
}

/// Has a bound packet socket share what it receives with the others of a group, in one of the ways of `PACKET_FANOUT`
/// (packet(7)): a new group without a number. Returns the group's number.
pub(super) fn join_fanout(socket: BorrowedFd<'_>, mode: u32, group: Option<u16>) -> Result<u16, Errno> {
    let flags = if group.is_some() { 0 } else { libc::PACKET_FANOUT_FLAG_UNIQUEID };
    set_number(socket, libc::PACKET_FANOUT, u32::from(group.unwrap_or(0)) | (mode | flags) << 16)?;
    let mut joined: u32 = 0;
    get(socket, libc::PACKET_FANOUT, &mut joined)?;
    let [low, high, ..] = joined.to_le_bytes();
    Ok(u16::from_le_bytes([low, high]))
}

/// Reads an option of a packet socket.
fn get<T: Copy>(socket: BorrowedFd<'_>, name: c_int, value: &mut T) -> Result<(), Errno> {
    let mut len = length_of::<T>();
    let to = ptr::from_mut(value).cast();
    // SAFETY: the kernel writes at most `len` bytes to a live value of just that size, whose types here are all
    // numbers.
    let done = unsafe { libc::getsockopt(socket.as_raw_fd(), libc::SOL_PACKET, name, to, &raw mut len) };
    Errno::result(done).map(drop)
}

/// Packets seen (with those dropped), packets dropped, times the ring was full, all since the last call.
pub(super) fn statistics(socket: BorrowedFd<'_>) -> Result<[u32; 3], Errno> {
    let mut counts = libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
    get(socket, libc::PACKET_STATISTICS, &mut counts)?;
    Ok([counts.tp_packets, counts.tp_drops, counts.tp_freeze_q_cnt])
}

/// Maps the rings of a socket.
fn map(socket: BorrowedFd<'_>, len: usize) -> Result<NonNull<u8>, Errno> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping, at a place of the kernel's choice, touches no memory of ours.
    let base = unsafe { libc::mmap(ptr::null_mut(), len, access, libc::MAP_SHARED, socket.as_raw_fd(), 0) };
    if base == libc::MAP_FAILED {
        return Err(Errno::last());
    }
    NonNull::new(base.cast()).ok_or(Errno::EINVAL)
}

/// A receive ring mapped into this process. A block belongs to the kernel or to us, by the status word at its
/// head; its bytes can be reached only while it is ours.
#[derive(Debug)]
pub(super) struct Mapping {
    base: NonNull<u8>,
    block_size: usize,
    blocks: usize,
}

// SAFETY: the mapping is owned by this value alone, and nothing in it is tied to a thread.
unsafe impl Send for Mapping {}

/// A block that is ours.
#[derive(Debug)]
pub(super) struct OwnBlock<'a> {
    /// Frames in it, by the kernel's count.
    pub(super) packets: u32,
    /// Place of the first frame's header from the beginning of the block.
    pub(super) first: u32,
    /// Bytes in use from the beginning of the block, its descriptor included.
    pub(super) used: u32,
    /// The block without its descriptor.
    pub(super) bytes: &'a mut [u8],
}

impl Mapping {
    /// Maps the ring of a socket for which [`set_ring`] asked with the same sizes.
    pub(super) fn new(socket: BorrowedFd<'_>, block_size: u32, blocks: u32) -> Result<Mapping, Errno> {
        let (block_size, blocks) = (block_size as usize, blocks as usize);
        let len = block_size.checked_mul(blocks).filter(|_| block_size > BLOCK_HEAD).ok_or(Errno::EINVAL)?;
        Ok(Mapping { base: map(socket, len)?, block_size, blocks })
    }

    /// How many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }

    fn descriptor(&self, block: usize) -> Option<NonNull<libc::tpacket_block_desc>> {
        let at = block.checked_mul(self.block_size).filter(|_| block < self.blocks)?;
        // SAFETY: `block < self.blocks`, so the block lies within the mapping.
        Some(unsafe { self.base.add(at) }.cast())
    }

    fn status(&self, block: usize) -> Option<&AtomicU32> {
        let descriptor = self.descriptor(block)?.as_ptr();
        // SAFETY: the word lies within the mapping for as long as `self` lives, is aligned (blocks begin on a
        // page), and is never part of a slice that we lend.
        Some(unsafe { AtomicU32::from_ptr(&raw mut (*descriptor).hdr.bh1.block_status) })
    }

    /// Whether a block is ours.
    pub(super) fn is_ready(&self, block: usize) -> bool {
        self.status(block).is_some_and(|s| s.load(Ordering::Acquire) & libc::TP_STATUS_USER != 0)
    }

    /// A block, if it is ours.
    pub(super) fn block(&mut self, block: usize) -> Option<OwnBlock<'_>> {
        if !self.is_ready(block) {
            return None;
        }
        let descriptor = self.descriptor(block)?.as_ptr();
        let len = self.block_size.checked_sub(BLOCK_HEAD)?;
        // SAFETY: the block is ours (an acquiring load saw it), so the kernel writes nothing of it until
        // `release`, which needs `&mut self` and so can't be called while the slice is lent. Descriptor and
        // slice lie within the block and don't overlap; mapped bytes are always initialised.
        unsafe {
            let head = &(*descriptor).hdr.bh1;
            let (packets, first, used) = (head.num_pkts, head.offset_to_first_pkt, head.blk_len);
            let bytes = std::slice::from_raw_parts_mut(descriptor.cast::<u8>().add(BLOCK_HEAD), len);
            Some(OwnBlock { packets, first, used, bytes })
        }
    }

    /// Packets in all the blocks that are ours.
    pub(super) fn packets(&mut self) -> u64 {
        let blocks = self.blocks;
        let count = |block| self.block(block).map_or(0, |own| u64::from(own.packets));
        (0..blocks).map(count).fold(0, u64::saturating_add)
    }

    /// Gives a block back to the kernel.
    pub(super) fn release(&mut self, block: usize) {
        if let Some(status) = self.status(block) {
            status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: unmaps just what `new` mapped; slices of it borrow from `self` and are gone.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.block_size.saturating_mul(self.blocks)) };
    }
}

/// Where the bytes of a frame begin in a slot of a transmit ring (Linux: `tpacket_parse_header`, for the second format).
pub(super) const SLOT_HEAD: usize = size_of::<libc::tpacket2_hdr>().next_multiple_of(libc::TPACKET_ALIGNMENT);

/// Asks for a transmit ring in the second format, a frame a slot, `per_block` slots a block.
pub(super) fn set_send_ring(socket: BorrowedFd<'_>, slot_size: u32, per_block: u32, blocks: u32) -> Result<(), Errno> {
    const V2: u32 = libc::tpacket_versions::TPACKET_V2 as u32;
    set_number(socket, libc::PACKET_VERSION, V2)?;
    let request = libc::tpacket_req {
        tp_block_size: slot_size.saturating_mul(per_block),
        tp_block_nr: blocks,
        tp_frame_size: slot_size,
        tp_frame_nr: per_block.saturating_mul(blocks),
    };
    set(socket, libc::SOL_PACKET, libc::PACKET_TX_RING, &request)
}

/// Allows so many bytes to be on their way out of a socket at once; more than the system's limit for those who may.
pub(super) fn set_send_buffer(socket: BorrowedFd<'_>, bytes: u32) -> Result<(), Errno> {
    set(socket, libc::SOL_SOCKET, libc::SO_SNDBUFFORCE, &bytes)
        .or_else(|_| set(socket, libc::SOL_SOCKET, libc::SO_SNDBUF, &bytes))
}

/// A transmit ring mapped into this process. The kernel takes the frames of a slot within send(2) alone.
#[derive(Debug)]
pub(super) struct Slots {
    base: NonNull<u8>,
    slot_size: usize,
    count: usize,
}

// SAFETY: the mapping is owned by this value alone, and nothing in it is tied to a thread.
unsafe impl Send for Slots {}

/// Whose a slot of a transmit ring is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// Nothing is in it.
    Free,
    /// A frame is in it that the kernel has not taken yet.
    Queued,
    /// The kernel is sending from it.
    Sending,
    /// The kernel can't send what is in it.
    Refused,
}

impl Slots {
    /// Maps the ring of a socket for which [`set_send_ring`] asked for as many slots of this size, one after another.
    pub(super) fn new(socket: BorrowedFd<'_>, slot_size: u32, count: u32) -> Result<Slots, Errno> {
        let (slot_size, count) = (slot_size as usize, count as usize);
        let len = slot_size.checked_mul(count).filter(|_| slot_size > SLOT_HEAD).ok_or(Errno::EINVAL)?;
        Ok(Slots { base: map(socket, len)?, slot_size, count })
    }

    /// How many slots there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The longest frame that goes into a slot, in bytes.
    pub(super) fn capacity(&self) -> usize {
        self.slot_size.saturating_sub(SLOT_HEAD)
    }

    fn head(&self, slot: usize) -> Option<NonNull<libc::tpacket2_hdr>> {
        let at = slot.checked_mul(self.slot_size).filter(|_| slot < self.count)?;
        // SAFETY: `slot < self.count`, so the slot lies within the mapping.
        Some(unsafe { self.base.add(at) }.cast())
    }

    fn status(&self, slot: usize) -> Option<&AtomicU32> {
        let head = self.head(slot)?.as_ptr();
        // SAFETY: the word lies within the mapping for as long as `self` lives, is aligned (slots are multiples of
        // the ring's alignment), and no reference to it is ever made but this one.
        Some(unsafe { AtomicU32::from_ptr(&raw mut (*head).tp_status) })
    }

    /// Whose a slot is; one that is not there is never free.
    pub(super) fn state(&self, slot: usize) -> Slot {
        let Some(status) = self.status(slot) else { return Slot::Sending };
        let status = status.load(Ordering::Acquire);
        if status & libc::TP_STATUS_WRONG_FORMAT != 0 {
            Slot::Refused
        } else if status & libc::TP_STATUS_SENDING != 0 {
            Slot::Sending
        } else if status & libc::TP_STATUS_SEND_REQUEST != 0 {
            Slot::Queued
        } else {
            Slot::Free
        }
    }

    /// Puts a frame into a slot, in place of one that was not sent; false where the kernel is sending from it or the
    /// frame is too long.
    pub(super) fn put(&mut self, slot: usize, frame: &[u8]) -> bool {
        let Some(head) = self.head(slot).filter(|_| self.state(slot) != Slot::Sending) else { return false };
        let Some(len) = u32::try_from(frame.len()).ok().filter(|_| frame.len() <= self.capacity()) else {
            return false;
        };
        // SAFETY: the slot is ours: the kernel gave it back (an acquiring load saw it), or has not taken it, which
        // it does only in a call of ours. Header and frame lie within the slot, and nobody has a reference to it.
        unsafe {
            let head = head.as_ptr();
            ptr::copy_nonoverlapping(frame.as_ptr(), head.cast::<u8>().add(SLOT_HEAD), frame.len());
            (*head).tp_len = len;
            (*head).tp_snaplen = len;
        }
        self.set(slot, libc::TP_STATUS_SEND_REQUEST);
        true
    }

    /// Moves the frame of a slot that was not sent into another, and leaves the first one empty.
    pub(super) fn shift(&mut self, from: usize, to: usize) {
        let (Some(source), Some(target)) = (self.head(from), self.head(to)) else { return };
        if from == to || [from, to].iter().any(|slot| self.state(*slot) == Slot::Sending) {
            return;
        }
        // SAFETY: both slots are ours, as in `put`, and do not overlap, being two.
        unsafe { ptr::copy_nonoverlapping(source.as_ptr().cast::<u8>(), target.as_ptr().cast::<u8>(), self.slot_size) };
        self.clear(from);
    }

    /// Empties a slot of a frame that was not sent.
    pub(super) fn clear(&mut self, slot: usize) {
        if self.state(slot) != Slot::Sending {
            self.set(slot, libc::TP_STATUS_AVAILABLE);
        }
    }

    fn set(&mut self, slot: usize, to: u32) {
        if let Some(status) = self.status(slot) {
            status.store(to, Ordering::Release);
        }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        // SAFETY: unmaps just what `new` mapped.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.slot_size.saturating_mul(self.count)) };
    }
}

/// Asks the processor to bring the cache lines of a packet's header at this place, and the one behind them, closer,
/// without waiting for them.
#[inline]
pub(super) fn prefetch(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(lines) = bytes.get(at..).and_then(<[u8]>::first_chunk::<192>) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        for line in [0, 64, 128] {
            // SAFETY: a place within the slice; the instruction reads nothing that the program could see.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(lines.as_ptr().add(line).cast()) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, at);
}

/// `struct ethtool_ts_info` of linux/ethtool.h.
#[repr(C)]
#[derive(Default)]
struct TimestampInfo {
    command: u32,
    so_timestamping: u32,
    phc_index: i32,
    tx_types: u32,
    tx_reserved: [u32; 3],
    rx_filters: u32,
    rx_reserved: [u32; 3],
}

/// A request about an interface (netdevice(7)), with nothing but its name filled in.
fn request(interface: &[u8]) -> Result<libc::ifreq, Errno> {
    // SAFETY: all-zero bytes are a valid `ifreq`.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // One byte must be left for the zero that ends the name.
    if interface.len() >= request.ifr_name.len() {
        return Err(Errno::ENODEV);
    }
    for (to, from) in request.ifr_name.iter_mut().zip(interface) {
        *to = from.cast_signed();
    }
    Ok(request)
}

/// The hardware type of an interface (`ARPHRD_*`).
pub(super) fn hardware_type(socket: BorrowedFd<'_>, interface: &[u8]) -> Result<u16, Errno> {
    let mut request = request(interface)?;
    // SAFETY: the kernel reads the name in the `ifreq` and writes an address to it; both are within the value.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFHWADDR, &raw mut request) };
    // SAFETY: any bytes are a valid `sockaddr`.
    Errno::result(done).map(|_| unsafe { request.ifr_ifru.ifru_hwaddr.sa_family })
}

/// Whether an interface has a carrier; [`Errno::ENETDOWN`] if it is down.
pub(super) fn has_carrier(socket: BorrowedFd<'_>, interface: &str) -> Result<bool, Errno> {
    let mut request = request(interface.as_bytes())?;
    // SAFETY: the kernel reads the name in the `ifreq` and writes flags to it; both are within the value.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFFLAGS, &raw mut request) };
    // SAFETY: any bytes are a valid number.
    let flags = Errno::result(done).map(|_| c_int::from(unsafe { request.ifr_ifru.ifru_flags }))?;
    if flags & libc::IFF_UP == 0 { Err(Errno::ENETDOWN) } else { Ok(flags & libc::IFF_RUNNING != 0) }
}

/// The longest packet that an interface sends, in bytes without the link header.
pub(super) fn mtu(socket: BorrowedFd<'_>, interface: &str) -> Result<u32, Errno> {
    let mut request = request(interface.as_bytes())?;
    // SAFETY: the kernel reads the name in the `ifreq` and writes a number to it; both are within the value.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFMTU, &raw mut request) };
    // SAFETY: any bytes are a valid number.
    Errno::result(done).map(|_| u32::try_from(unsafe { request.ifr_ifru.ifru_mtu }).unwrap_or(0))
}

/// Which time stamps an interface offers (`SOF_TIMESTAMPING_*` bits) and for which frames its hardware can make
/// them (one bit for each `HWTSTAMP_FILTER_*`).
pub(super) fn timestamp_info(socket: BorrowedFd<'_>, interface: &str) -> Result<(u32, u32), Errno> {
    const ETHTOOL_GET_TS_INFO: u32 = 0x41;
    let mut info = TimestampInfo { command: ETHTOOL_GET_TS_INFO, ..Default::default() };
    let mut request = request(interface.as_bytes())?;
    request.ifr_ifru.ifru_data = ptr::from_mut(&mut info).cast();
    // SAFETY: for this command the kernel reads and writes a `struct ethtool_ts_info`, which lives and is ours.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCETHTOOL, &raw mut request) };
    Errno::result(done).map(|_| (info.so_timestamping, info.rx_filters))
}

/// Has an interface's hardware stamp every frame that it receives.
pub(super) fn stamp_in_hardware(socket: BorrowedFd<'_>, interface: &str) -> Result<(), Errno> {
    const HWTSTAMP_FILTER_ALL: c_int = 1;
    let mut config = libc::hwtstamp_config { flags: 0, tx_type: 0, rx_filter: HWTSTAMP_FILTER_ALL };
    let mut request = request(interface.as_bytes())?;
    request.ifr_ifru.ifru_data = ptr::from_mut(&mut config).cast();
    // SAFETY: the kernel reads and writes a `struct hwtstamp_config`, which lives and is ours.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSHWTSTAMP, &raw mut request) };
    Errno::result(done).map(drop)
}

/// Whether this process ignores a signal.
pub(super) fn ignores(signal: c_int) -> bool {
    // SAFETY: all-zero bytes are a valid `sigaction`, and with no new action given the call only writes the
    // present one to it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, ptr::null(), &raw mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
    }
}

/// Receives a message, and the descriptor that came with it; a message of no bytes is the end.
pub(crate) fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<(usize, Option<OwnedFd>), Errno> {
    let mut space = nix::cmsg_space!(RawFd);
    let mut pieces = [IoSliceMut::new(buffer)];
    let message = loop {
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        match recvmsg::<()>(socket.as_raw_fd(), &mut pieces, Some(&mut space), flags) {
            Err(Errno::EINTR) => {}
            received => break received?,
        }
    };
    let mut descriptors = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(numbers) = control {
            // SAFETY: the kernel has just made these descriptors for us, and nothing else knows their numbers.
            descriptors.extend(numbers.into_iter().map(|number| unsafe { OwnedFd::from_raw_fd(number) }));
        }
    }
    Ok((message.bytes, descriptors.pop()))
}

/// What the system's resolver calls a host (getnameinfo(3)): from hosts(5), the DNS or wherever it is set to look.
pub(crate) fn host_name(address: IpAddr) -> Option<String> {
    let address = SockaddrStorage::from(SocketAddr::new(address, 0));
    // NI_MAXHOST: the longest name of the DNS, written out.
    let mut name = [0u8; 1025];
    let len = libc::socklen_t::try_from(name.len()).ok()?;
    // SAFETY: the call reads an address of the length told and writes a text of at most `len` bytes, its end included;
    // no service is asked for.
    let failed = unsafe {
        libc::getnameinfo(
            address.as_ptr(),
            address.len(),
            name.as_mut_ptr().cast(),
            len,
            ptr::null_mut(),
            0,
            libc::NI_NAMEREQD,
        )
    };
    let name = CStr::from_bytes_until_nul(&name).ok().filter(|_| failed == 0)?;
    Some(name.to_string_lossy().into_owned())
}

/// A netlink socket of a protocol (`NETLINK_*`) that never waits.
pub(crate) fn netlink_socket(protocol: c_int) -> Result<OwnedFd, Errno> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: takes and gives numbers alone.
    let number = Errno::result(unsafe { libc::socket(libc::AF_NETLINK, kind, protocol) })?;
    // SAFETY: the kernel has just made this descriptor for us, and nothing else knows its number.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Lets everybody else go first (nice(1), 19), this process and what it starts.
pub(crate) fn give_way() -> Result<(), Errno> {
    // SAFETY: takes and gives numbers alone.
    Errno::result(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 19) }).map(drop)
}

/// Makes a system call with arguments that are all -1: for calls that have nothing to do then.
pub(super) fn attempt(call: c_long) -> Result<(), Errno> {
    // SAFETY: no address is given at which anything could be, so nothing of ours is read or written.
    Errno::result(unsafe { libc::syscall(call, -1, -1, -1, -1, -1, -1) }).map(drop)
}

/// The last system call that was trapped; -1 if none was.
static TRAPPED: AtomicI64 = AtomicI64::new(-1);

/// The number of the last call that a seccomp filter trapped; see [`trap_calls`].
pub(super) fn trapped_call() -> Option<c_long> {
    Some(TRAPPED.load(Ordering::Relaxed)).filter(|call| *call >= 0)
}

/// From now on a call that a seccomp filter traps gives ENOSYS, and is noted.
pub(super) fn trap_calls() -> Result<(), Errno> {
    // SAFETY: all-zero bytes are a valid `sigaction`; the handler is of the kind that SA_SIGINFO calls for, and
    // does nothing but what a handler may (signal-safety(7)): it writes to an atomic and to its own context.
    let done = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_trap as extern "C" fn(_, _, _) as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigaction(libc::SIGSYS, &raw const action, ptr::null_mut())
    };
    Errno::result(done).map(drop)
}

/// What sigaction(2) tells of a SIGSYS, and libc has no name for.
#[repr(C)]
struct TrapInfo {
    signal: c_int,
    error: c_int,
    code: c_int,
    address: *const c_void,
    call: c_int,
    architecture: u32,
}

/// Handles SIGSYS: notes the call, and puts its result where results are.
extern "C" fn on_trap(_: c_int, info: *const TrapInfo, context: *mut libc::ucontext_t) {
    // SAFETY: the second and third argument of such a handler are what the kernel tells of the signal, and the context
    // of the interrupted thread, which is ours alone until the handler returns.
    let (call, registers) = unsafe { ((*info).call, &mut (*context).uc_mcontext) };
    TRAPPED.store(call.into(), Ordering::Relaxed);
    #[cfg(target_arch = "x86_64")]
    if let Some(result) = registers.gregs.get_mut(libc::REG_RAX as usize) {
        *result = i64::from(libc::ENOSYS).saturating_neg();
    }
    #[cfg(target_arch = "aarch64")]
    if let [result, ..] = &mut registers.regs {
        *result = i64::from(libc::ENOSYS).saturating_neg().cast_unsigned();
    }
    // No filter is made for any other machine.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = registers;
}
