//! What becomes of interfaces while they are captured: rtnetlink(7) tells when one goes up, down or away.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::SystemTime;

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send, socket,
};

use super::drops::InterfaceDrops;
use super::interfaces;
use super::{Error, kernel};
use crate::frame::Timestamp;

/// Something that happened to an interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The interface's name. Text from outside.
    pub interface: String,
    /// The kernel's number for it.
    pub index: u32,
    /// When we were told.
    pub time: Timestamp,
    pub change: Change,
}

/// What can happen to an interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Made, renamed to this name, or moved into this network namespace.
    Appeared,
    Up,
    Down,
    /// Deleted, or moved to another network namespace.
    Gone,
}

/// What is known of an interface.
#[derive(Clone, Debug)]
struct Link {
    name: String,
    up: bool,
    /// Hardware type (`ARPHRD_*`).
    hardware: u16,
    /// Its counters as the watch began, once they are known, and as they were told last.
    base: Option<InterfaceDrops>,
    told: InterfaceDrops,
}

impl Link {
    fn drops(&self) -> InterfaceDrops {
        self.told.since(self.base.unwrap_or(self.told))
    }
}

/// A socket that is told of changes, and the interfaces as far as it was told.
#[derive(Debug)]
pub(super) struct Watch {
    socket: OwnedFd,
    links: BTreeMap<u32, Link>,
    buffer: Vec<u8>,
    /// The number of the last question for all interfaces.
    asked: u32,
    /// Those known as it was asked that no answer has named yet.
    unnamed: BTreeSet<u32>,
    /// What interfaces lost that are gone.
    past: InterfaceDrops,
}

impl Watch {
    pub(super) fn new() -> Result<Self, Error> {
        let failed = kernel("watching", "interfaces");
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket =
            socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute).map_err(&failed)?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, libc::RTMGRP_LINK as u32)).map_err(&failed)?;
        // Listed after the socket began to listen: a change in between is told twice, not missed.
        let mut watch = Watch {
            socket,
            links: BTreeMap::new(),
            buffer: vec![0; 32 << 10],
            asked: 0,
            unnamed: BTreeSet::new(),
            past: InterfaceDrops::default(),
        };
        for told in interfaces::list()?.iter().filter(|i| !i.is_any()) {
            let (base, drops) = (None, InterfaceDrops::default());
            let link = Link { name: told.name.clone(), up: told.up, hardware: told.hardware, base, told: drops };
            watch.links.insert(told.index, link);
        }
        Ok(watch)
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// The name of an interface.
    pub(super) fn name(&self, index: u32) -> Option<&str> {
        self.links.get(&index).map(|link| link.name.as_str())
    }

    /// The hardware type of an interface that is there.
    pub(super) fn hardware(&self, index: u32) -> Option<u16> {
        self.links.get(&index).map(|link| link.hardware)
    }

    /// What an interface lost since the watch began, as far as it was told; index 0 for all together.
    pub(super) fn drops(&self, index: u32) -> Option<InterfaceDrops> {
        if index != 0 {
            return self.links.get(&index).map(Link::drops);
        }
        Some(self.links.values().map(Link::drops).fold(self.past, InterfaceDrops::and))
    }

    /// Asks for the counters of an interface (0: of all); they are there when it is read next.
    pub(super) fn ask_for_counters(&mut self, index: u32) -> Result<(), Error> {
        if index == 0 { self.ask() } else { self.send(libc::NLM_F_REQUEST, 0, index) }
    }

    /// Takes what was told since the last call, without waiting.
    pub(super) fn read(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            let received = recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty());
            if let Ok(len) = received {
                for message in messages(buffer.get(..len).unwrap_or(&[])) {
                    self.apply(message, events)?;
                }
            }
            self.buffer = buffer;
            match received {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(()),
                // Told faster than we read: ask how things are.
                Err(Errno::ENOBUFS) => self.ask()?,
                Err(source) => return Err(kernel("watching", "interfaces")(source)),
            }
        }
    }

    /// Asks for all interfaces, by the socket that is there: by now there may be none to be had.
    fn ask(&mut self) -> Result<(), Error> {
        self.asked = self.asked.wrapping_add(1).max(1);
        self.unnamed = self.links.keys().copied().collect();
        self.send(libc::NLM_F_REQUEST | libc::NLM_F_DUMP, self.asked, 0)
    }

    /// Sends a question: a `struct nlmsghdr` and a `struct ifinfomsg`.
    fn send(&self, flags: libc::c_int, number: u32, index: u32) -> Result<(), Error> {
        const LEN: u32 = 32;
        let flags = u16::try_from(flags).unwrap_or_default();
        let mut question = LEN.to_ne_bytes().to_vec();
        question.extend([libc::RTM_GETLINK, flags].map(u16::to_ne_bytes).as_flattened());
        question.extend([number, 0, 0, index, 0, 0].map(u32::to_ne_bytes).as_flattened());
        send(self.socket.as_raw_fd(), &question, MsgFlags::empty()).map_err(kernel("asking for", "interfaces"))?;
        Ok(())
    }

    fn apply(&mut self, message: Message, events: &mut Vec<Event>) -> Result<(), Error> {
        match message {
            Message::Link(link) => {
                // News from before the question is no answer.
                if link.asked == self.asked {
                    self.unnamed.remove(&link.index);
                }
                self.note(link, events);
            }
            Message::AllNamed { asked } if asked == self.asked => {
                for index in std::mem::take(&mut self.unnamed) {
                    let (asked, hardware) = (self.asked, libc::ARPHRD_VOID);
                    self.note(LinkMessage { asked, index, name: None, state: None, hardware, drops: None }, events);
                }
            }
            // The answer to an earlier question, which had to end before a later one could be heard.
            Message::AllNamed { .. } => self.ask()?,
        }
        Ok(())
    }

    fn note(&mut self, message: LinkMessage, events: &mut Vec<Event>) {
        let LinkMessage { index, name, state, hardware, drops, .. } = message;
        let known = self.links.get(&index);
        if state.is_none() && known.is_none() {
            // Gone by an answer, and by news from before it.
            return;
        }
        let appeared = state.is_some() && name.is_some() && known.map(|link| &link.name) != name.as_ref();
        let name = name.or_else(|| known.map(|link| link.name.clone())).unwrap_or_default();
        let change = match (state, known.is_some_and(|link| link.up)) {
            (Some(true), false) => Some(Change::Up),
            (Some(false), true) => Some(Change::Down),
            (None, _) => Some(Change::Gone),
            _ => None,
        };
        for change in appeared.then_some(Change::Appeared).into_iter().chain(change) {
            events.push(Event { interface: name.clone(), index, time: SystemTime::now().into(), change });
        }
        // One that was not there as the watch began has counted nothing before.
        let base = known.map_or(Some(InterfaceDrops::default()), |link| link.base).or(drops);
        let told = drops.or(known.map(|link| link.told)).unwrap_or_default();
        let link = Link { name, up: state == Some(true), hardware, base, told };
        match state {
            Some(_) => {
                self.links.insert(index, link);
            }
            None => {
                self.links.remove(&index);
                self.past = self.past.and(link.drops());
            }
        }
    }
}

/// A netlink message.
#[derive(Debug, PartialEq)]
enum Message {
    Link(LinkMessage),
    /// The end of an answer: all interfaces have been named.
    AllNamed {
        /// The number of the question.
        asked: u32,
    },
}

/// What a message says of an interface.
#[derive(Debug, PartialEq)]
struct LinkMessage {
    /// The number of the question that it answers; 0 for news.
    asked: u32,
    index: u32,
    name: Option<String>,
    /// Up or down; none if it is gone.
    state: Option<bool>,
    hardware: u16,
    /// Its counters.
    drops: Option<InterfaceDrops>,
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_ne_bytes(*b))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_ne_bytes(*b))
}

/// The messages in a datagram: each a `struct nlmsghdr` and a `struct ifinfomsg` with
/// attributes, aligned to 4 bytes.
fn messages(mut datagram: &[u8]) -> Vec<Message> {
    let mut out = Vec::new();
    while let Some(len) = word(datagram, 0).map(|len| len as usize).filter(|len| *len >= 16) {
        out.extend(datagram.get(..len).and_then(message));
        datagram = datagram.get(len.next_multiple_of(4)..).unwrap_or(&[]);
    }
    out
}

fn message(bytes: &[u8]) -> Option<Message> {
    const UP: u32 = libc::IFF_UP as u32;
    let kind = half(bytes, 4)?;
    let asked = word(bytes, 8)?;
    if libc::c_int::from(kind) == libc::NLMSG_DONE {
        return Some(Message::AllNamed { asked });
    }
    // A bridge tells of its ports in the same way, under its own address family: a port that leaves is not gone.
    if libc::c_int::from(*bytes.get(16)?) != libc::AF_UNSPEC {
        return None;
    }
    let up = word(bytes, 24)? & UP != 0;
    let state = match kind {
        libc::RTM_NEWLINK => Some(up),
        libc::RTM_DELLINK => None,
        _ => return None,
    };
    let (index, hardware, attributes) = (word(bytes, 20)?, half(bytes, 18)?, bytes.get(32..)?);
    let name = attribute(attributes, libc::IFLA_IFNAME).map(|name| name.strip_suffix(b"\0").unwrap_or(name));
    let name = name.map(|name| String::from_utf8_lossy(name).into_owned());
    let drops = attribute(attributes, libc::IFLA_STATS64).and_then(InterfaceDrops::parse);
    Some(Message::Link(LinkMessage { asked, index, name, state, hardware, drops }))
}

/// The value of the first attribute of a type.
fn attribute(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let len = usize::from(half(attributes, 0)?);
        let value = attributes.get(4..len)?;
        if half(attributes, 2)? == wanted {
            return Some(value);
        }
        attributes = attributes.get(len.next_multiple_of(4)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(kind: u16, family: u8, index: u32, flags: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(44u32.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 10]);
        bytes.extend([family, 0, 1, 0]);
        bytes.extend(index.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(9u16.to_ne_bytes());
        bytes.extend(libc::IFLA_IFNAME.to_ne_bytes());
        bytes.extend(b"eth9\0\0\0\0");
        bytes
    }

    #[test]
    fn messages_about_interfaces_are_understood() {
        let name = Some("eth9".to_owned());
        let up = datagram(libc::RTM_NEWLINK, 0, 9, 1);
        let gone = datagram(libc::RTM_DELLINK, 0, 9, 0);
        let port = datagram(libc::RTM_DELLINK, 7, 9, 0);
        assert_eq!(
            messages(&[up, port, gone].concat()),
            [
                Message::Link(LinkMessage {
                    asked: 0,
                    index: 9,
                    name: name.clone(),
                    state: Some(true),
                    hardware: libc::ARPHRD_ETHER,
                    drops: None
                }),
                Message::Link(LinkMessage {
                    asked: 0,
                    index: 9,
                    name,
                    state: None,
                    hardware: libc::ARPHRD_ETHER,
                    drops: None
                })
            ]
        );
    }

    #[test]
    fn an_interface_s_drops_count_from_when_it_is_watched() {
        let told = |dropped| {
            let counters = (0..24).flat_map(|at| u64::to_ne_bytes(if at == 6 { dropped } else { 0 }));
            let attribute = [[196u16, libc::IFLA_STATS64].map(u16::to_ne_bytes).concat(), counters.collect()].concat();
            let mut bytes = [datagram(libc::RTM_NEWLINK, 0, 9, 1), attribute].concat();
            bytes[..4].copy_from_slice(&240u32.to_ne_bytes());
            match messages(&bytes).pop() {
                Some(Message::Link(link)) => link,
                other => panic!("{other:?}"),
            }
        };
        let mut watch = Watch::new().unwrap();
        watch.links.clear();
        let (base, drops) = (None, InterfaceDrops::default());
        watch.links.insert(9, Link { name: "eth9".to_owned(), up: true, hardware: 1, base, told: drops });
        let drops = |watch: &Watch, index| watch.drops(index).map(InterfaceDrops::total);
        let mut events = Vec::new();
        assert_eq!(drops(&watch, 9), Some(0));
        watch.note(told(100), &mut events);
        assert_eq!(drops(&watch, 9), Some(0));
        watch.note(told(107), &mut events);
        assert_eq!((drops(&watch, 9), drops(&watch, 0)), (Some(7), Some(7)));
        for times in 1..=2 {
            watch.note(LinkMessage { state: None, ..told(109) }, &mut events);
            let gone = events.iter().filter(|event| event.change == Change::Gone).count();
            assert_eq!(gone, 1, "told {times} times");
        }
        assert_eq!((drops(&watch, 9), drops(&watch, 0)), (None, Some(9)), "gone, and not forgotten");
        watch.note(told(3), &mut events);
        assert_eq!((drops(&watch, 9), drops(&watch, 0)), (Some(3), Some(12)), "a new one of that number");
    }

    #[test]
    fn a_cut_message_is_no_message_and_ends_nothing() {
        let whole = datagram(libc::RTM_NEWLINK, 0, 9, 1);
        for len in 0..whole.len() {
            assert!(messages(&whole[..len]).is_empty());
        }
        let mut lying = whole;
        lying[32] = 0;
        assert_eq!(
            messages(&lying),
            [Message::Link(LinkMessage {
                asked: 0,
                index: 9,
                name: None,
                state: Some(true),
                hardware: libc::ARPHRD_ETHER,
                drops: None
            })]
        );
    }
}
