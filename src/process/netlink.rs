//! Netlink (netlink(7)): checked views over messages and attributes, and a socket that sends questions and takes what comes.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, NetlinkAddr, bind, recv, send};

use crate::live::sys;

/// Bytes of a `struct nlmsghdr`.
const HEAD: usize = 16;
/// More than the kernel puts into one datagram of an answer.
const BUFFER: usize = 32 << 10;

/// The 16 bits at a place, in this machine's byte order.
pub fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_ne_bytes(*b))
}

/// The 32 bits at a place, in this machine's byte order.
pub fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_ne_bytes(*b))
}

/// A netlink message, all of it there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message<'a> {
    /// `NLMSG_*`, or what the family says.
    pub kind: u16,
    pub flags: u16,
    /// The number of the question that it answers; 0 for news.
    pub sequence: u32,
    pub body: &'a [u8],
}

/// The messages in a datagram, up to the first that is not whole.
#[derive(Clone, Debug)]
pub struct Messages<'a>(&'a [u8]);

impl<'a> Messages<'a> {
    pub fn new(datagram: &'a [u8]) -> Self {
        Messages(datagram)
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        let len = word(self.0, 0)? as usize;
        let (kind, flags, sequence) = (half(self.0, 4)?, half(self.0, 6)?, word(self.0, 8)?);
        let body = self.0.get(HEAD..len)?;
        self.0 = self.0.get(len.next_multiple_of(4)..).unwrap_or(&[]);
        Some(Message { kind, flags, sequence, body })
    }
}

/// The attributes behind a message's fixed part, each a kind and a value, up to the first that is not whole.
#[derive(Clone, Debug)]
pub struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Attributes(bytes)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        /// The two highest bits say how the value is put.
        const KIND: u16 = 0x3fff;
        let len = usize::from(half(self.0, 0)?);
        let kind = half(self.0, 2)? & KIND;
        let value = self.0.get(4..len)?;
        self.0 = self.0.get(len.next_multiple_of(4)..).unwrap_or(&[]);
        Some((kind, value))
    }
}

/// A message to send.
pub fn message(kind: u16, flags: libc::c_int, sequence: u32, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(HEAD.saturating_add(body.len())).unwrap_or(u32::MAX);
    let flags = u16::try_from(flags | libc::NLM_F_REQUEST).unwrap_or(0);
    let mut bytes = len.to_ne_bytes().to_vec();
    bytes.extend([kind, flags].map(u16::to_ne_bytes).as_flattened());
    bytes.extend([sequence, 0].map(u32::to_ne_bytes).as_flattened());
    bytes.extend(body);
    bytes
}

/// A netlink socket, which never waits: the kernel answers a question within the call that sends it.
#[derive(Debug)]
pub struct Socket {
    descriptor: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Socket {
    /// A socket of a protocol (`NETLINK_*`) in this network namespace, in the groups whose bits are set.
    ///
    /// # Errors
    /// Where the kernel has not the protocol, or not for us the groups.
    pub fn open(protocol: libc::c_int, groups: u32) -> Result<Socket, Errno> {
        let descriptor = sys::netlink_socket(protocol)?;
        bind(descriptor.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
        Ok(Socket { descriptor, sequence: 0, buffer: vec![0; BUFFER] })
    }

    /// Sends a message as it is.
    ///
    /// # Errors
    /// Those of the kernel.
    pub fn send(&self, message: &[u8]) -> Result<(), Errno> {
        send(self.descriptor.as_raw_fd(), message, MsgFlags::empty()).map(drop)
    }

    /// Asks for all there is, and hands on each answer.
    ///
    /// # Errors
    /// What the kernel answers.
    pub fn dump(&mut self, kind: u16, body: &[u8], mut each: impl FnMut(&Message<'_>)) -> Result<(), Errno> {
        let number = self.number();
        self.send(&message(kind, libc::NLM_F_DUMP, number, body))?;
        let mut ended = false;
        while !ended {
            let mut failed = Ok(());
            let came = self.receive(|message| {
                if message.sequence != number {
                    return;
                }
                match libc::c_int::from(message.kind) {
                    libc::NLMSG_DONE => ended = true,
                    libc::NLMSG_ERROR => failed = error(message),
                    _ => each(message),
                }
            })?;
            failed?;
            if !came {
                return Err(Errno::EAGAIN);
            }
        }
        Ok(())
    }

    /// Asks a question for each body, and hands on what is answered, with its place; no answer is an answer too.
    ///
    /// # Errors
    /// Those of sending and receiving.
    pub fn ask(
        &mut self,
        kind: u16,
        bodies: &[Vec<u8>],
        mut each: impl FnMut(usize, &Message<'_>),
    ) -> Result<(), Errno> {
        let first = self.sequence.wrapping_add(1);
        let mut all = Vec::new();
        for body in bodies {
            let number = self.number();
            all.extend(message(kind, 0, number, body));
        }
        if all.is_empty() {
            return Ok(());
        }
        self.send(&all)?;
        let mut left = bodies.len();
        while left > 0 {
            let came = self.receive(|message| {
                let place = message.sequence.wrapping_sub(first) as usize;
                if place < bodies.len() {
                    left = left.saturating_sub(1);
                    each(place, message);
                }
            })?;
            if !came {
                break;
            }
        }
        Ok(())
    }

    /// Has the kernel do something.
    ///
    /// # Errors
    /// What it answers.
    pub fn carry_out(&mut self, kind: u16, body: &[u8]) -> Result<(), Errno> {
        let number = self.number();
        self.send(&message(kind, libc::NLM_F_ACK, number, body))?;
        let mut done = Err(Errno::EAGAIN);
        while done == Err(Errno::EAGAIN)
            && self.receive(|message| {
                if message.sequence == number {
                    done = error(message);
                }
            })?
        {}
        done
    }

    /// Takes one datagram, if one has come; whether it has.
    ///
    /// # Errors
    /// Those of the kernel; ENOBUFS where it told more than there was room for.
    pub fn receive(&mut self, mut each: impl FnMut(&Message<'_>)) -> Result<bool, Errno> {
        match recv(self.descriptor.as_raw_fd(), &mut self.buffer, MsgFlags::empty()) {
            Ok(len) => {
                Messages::new(self.buffer.get(..len).unwrap_or(&[])).for_each(|message| each(&message));
                Ok(true)
            }
            Err(Errno::EAGAIN) => Ok(false),
            Err(errno) => Err(errno),
        }
    }

    /// A number for a question: never 0, which news have.
    fn number(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1).max(1);
        self.sequence
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// What an error message says: a negative error number, or that there was none.
fn error(message: &Message<'_>) -> Result<(), Errno> {
    match word(message.body, 0).map(u32::cast_signed) {
        Some(0) => Ok(()),
        Some(code) => Err(Errno::from_raw(code.saturating_neg())),
        None => Err(Errno::EBADMSG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_and_attributes_follow_one_another_aligned() {
        let attribute = [&[9, 0, 21, 0x80][..], b"hello\0\0\0", &[4, 0, 3, 0]].concat();
        let bytes = [message(20, 0, 7, b"abc"), vec![0], message(3, 0, 8, &attribute)].concat();
        let all: Vec<_> = Messages::new(&bytes).collect();
        assert_eq!(all.iter().map(|m| (m.kind, m.sequence)).collect::<Vec<_>>(), [(20, 7), (3, 8)]);
        assert_eq!(all[0].body, b"abc");
        assert_eq!(Attributes::new(all[1].body).collect::<Vec<_>>(), [(21, &b"hello"[..]), (3, b"")]);
    }

    #[test]
    fn what_is_cut_ends_the_walk() {
        let bytes = message(20, 0, 7, b"abcd");
        for len in 0..bytes.len() {
            assert_eq!(Messages::new(&bytes[..len]).count(), 0, "{len}");
        }
        let no_len = [0, 0, 0, 0, 20, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Messages::new(&no_len).count(), 0);
        assert_eq!(Attributes::new(&[0, 0, 1, 0]).count(), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for message in Messages::new(&bytes) {
                prop_assert!(message.body.len() + HEAD <= bytes.len());
                for (kind, value) in Attributes::new(message.body) {
                    prop_assert!(kind <= 0x3fff && value.len() + 4 <= message.body.len());
                }
            }
        }

        #[test]
        fn what_is_sent_is_read(kind: u16, sequence: u32, body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let bytes = message(kind, 0, sequence, &body);
            let read: Vec<_> = Messages::new(&bytes).collect();
            prop_assert_eq!(read, [Message { kind, flags: 1, sequence, body: &body }]);
        }
    }
}
