//! What the kernel tells of processes as they begin and end, and of sockets as they go: for those that are gone before anybody looks.
//!
//! Processes are told of by the connector (linux/cn_proc.h), to the machine's own users alone: not in a user or PID
//! namespace. Sockets are told of by sock_diag, to anybody.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};

use super::diag::SocketInfo;
use super::netlink::{Message, Socket, message, word};
use crate::live::netns;

/// What became of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    Forked {
        parent: u32,
        child: u32,
    },
    /// It runs another program.
    Executed {
        pid: u32,
    },
    Exited {
        pid: u32,
    },
}

impl Event {
    /// The event that a message tells of: a `struct cn_msg` with a `struct proc_event`. Threads are no processes.
    pub fn parse(message: &Message<'_>) -> Option<Event> {
        const EVENT: usize = 20;
        const DATA: usize = 36;
        if word(message.body, 0)? != libc::CN_IDX_PROC {
            return None;
        }
        let number = |place: usize| word(message.body, DATA.saturating_add(place.saturating_mul(4)));
        let (thread, process) = (number(0)?, number(1)?);
        Some(match word(message.body, EVENT)? {
            libc::PROC_EVENT_FORK => match (number(2)?, number(3)?) {
                (thread, child) if thread == child => Event::Forked { parent: process, child },
                _ => return None,
            },
            libc::PROC_EVENT_EXEC => Event::Executed { pid: process },
            libc::PROC_EVENT_EXIT if thread == process => Event::Exited { pid: process },
            _ => return None,
        })
    }
}

/// News of processes.
#[derive(Debug)]
pub struct Processes(Socket);

impl Processes {
    /// Begins to listen, in the network namespace of the machine's first process where this one has no such news. None where
    /// the kernel does not tell us: within a user or PID namespace, or without CAP_NET_ADMIN (and CAP_SYS_ADMIN, where
    /// that is another network namespace).
    ///
    /// # Errors
    /// Where the kernel refuses otherwise, or this thread can't come back.
    pub fn listen() -> Result<Option<Processes>, Errno> {
        if let Some(processes) = Self::listen_here()? {
            return Ok(Some(processes));
        }
        let Ok(here) = File::open("/proc/thread-self/ns/net") else { return Ok(None) };
        if netns::enter("/proc/1/ns/net").is_err() {
            return Ok(None);
        }
        let listening = Self::listen_here();
        netns::enter(&format!("/proc/self/fd/{}", here.as_raw_fd())).map_err(|_| Errno::EPERM)?;
        listening
    }

    fn listen_here() -> Result<Option<Processes>, Errno> {
        /// `PROC_CN_MCAST_LISTEN`.
        const LISTEN: u32 = 1;
        /// How long its word that it does may take, in milliseconds.
        const PATIENCE: u8 = 100;
        let mut socket = match Socket::open(libc::NETLINK_CONNECTOR, libc::CN_IDX_PROC) {
            Ok(socket) => socket,
            Err(Errno::EPERM | Errno::EPROTONOSUPPORT) => return Ok(None),
            Err(errno) => return Err(errno),
        };
        // CN_IDX_PROC, CN_VAL_PROC, two numbers of no use, the length of what follows and flags.
        let mut body = [libc::CN_IDX_PROC, 1, 0, 0].map(u32::to_ne_bytes).concat();
        body.extend([4u16, 0].map(u16::to_ne_bytes).as_flattened());
        body.extend(LISTEN.to_ne_bytes());
        match socket.send(&message(u16::try_from(libc::NLMSG_DONE).unwrap_or(3), 0, 0, &body)) {
            Ok(()) => {}
            Err(Errno::EPERM | Errno::ECONNREFUSED) => return Ok(None),
            Err(errno) => return Err(errno),
        }
        poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], PATIENCE)?;
        Ok(socket.receive(|_| {})?.then_some(Processes(socket)))
    }

    /// Hands on what was told since the last time; whether that is all of it, or some was lost.
    pub fn take(&mut self, mut each: impl FnMut(Event)) -> bool {
        let mut all = true;
        loop {
            match self.0.receive(|message| {
                if let Some(event) = Event::parse(message) {
                    each(event);
                }
            }) {
                Ok(true) => {}
                Err(Errno::ENOBUFS) => all = false,
                Ok(false) | Err(_) => return all,
            }
        }
    }
}

impl AsFd for Processes {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// News of TCP and UDP sockets that go, in one network namespace.
#[derive(Debug)]
pub struct Graves(Socket);

impl Graves {
    /// Begins to listen.
    ///
    /// # Errors
    /// Where the kernel has no such news.
    pub fn listen() -> Result<Graves, Errno> {
        // SKNLGRP_INET_TCP_DESTROY, _INET_UDP_, _INET6_TCP_ and _INET6_UDP_DESTROY.
        const GROUPS: u32 = 0b1111;
        Ok(Graves(Socket::open(libc::NETLINK_SOCK_DIAG, GROUPS)?))
    }

    /// Hands on what was told since the last time: who it belonged to is not told.
    pub fn take(&mut self, mut each: impl FnMut(SocketInfo)) {
        loop {
            match self.0.receive(|message| {
                if let Some(socket) = SocketInfo::parse(message, None) {
                    each(socket);
                }
            }) {
                Ok(true) | Err(Errno::ENOBUFS) => {}
                Ok(false) | Err(_) => return,
            }
        }
    }
}

impl AsFd for Graves {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::netlink::Messages;
    use proptest::prelude::*;

    fn parsed(what: u32, data: &[u32]) -> Option<Event> {
        let words = [&[1u32, 1, 0, 0, 0, what, 0, 0, 0][..], data].concat();
        let body: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        Messages::new(&message(3, 0, 0, &body)).next().and_then(|message| Event::parse(&message))
    }

    #[test]
    fn processes_are_told_from_threads() {
        for (what, data, event) in [
            (1, &[5, 5, 6, 6][..], Some(Event::Forked { parent: 5, child: 6 })),
            (1, &[5, 5, 6, 5], None),
            (2, &[6, 6], Some(Event::Executed { pid: 6 })),
            (0x8000_0000, &[6, 6, 0, 17, 5, 5], Some(Event::Exited { pid: 6 })),
            (0x8000_0000, &[7, 6, 0, 17, 5, 5], None),
            (0x200, &[6, 6, 0, 0, 0, 0], None),
            (1, &[5, 5, 6], None),
        ] {
            assert_eq!(parsed(what, data), event, "{what} {data:?}");
        }
    }

    proptest! {
        #[test]
        fn no_message_can_do_harm(body in proptest::collection::vec(any::<u8>(), 0..80)) {
            for message in Messages::new(&message(3, 0, 0, &body)) {
                Event::parse(&message);
            }
        }
    }
}
