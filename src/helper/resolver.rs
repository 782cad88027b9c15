//! A process that asks the system's resolver what hosts are called, for one that may open neither files nor sockets.
//!
//! A request is an address, 4 or 16 bytes. An answer is a request's length and bytes, and the name; they come in whatever order.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv, send, setsockopt, sockopt};
use nix::sys::time::TimeVal;

use super::{heed_no_signal, start};
use crate::live::privileges::Identity;
use crate::live::sys;
use crate::names::system::Hosts;

/// How long an answer is waited for. One that comes later is heeded from then on.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where so many answers are overdue, the resolver is out of reach: none is waited for until some have come.
const MOST_OVERDUE: usize = 3;

/// How many hosts are remembered; where there are more, all are forgotten.
const MOST_KNOWN: usize = 1 << 16;

/// How many hosts are asked for at a time.
const AT_A_TIME: usize = 16;

/// How many more may wait for their turn; those beyond have no name.
const MOST_WAITING: usize = 1024;

/// The longest answer: an IPv6 address and a name.
const LONGEST: usize = 17 + 1025;

/// Our end of the resolver.
#[derive(Debug)]
pub struct Resolver {
    socket: OwnedFd,
    /// Every host that was asked for; none where it has no name, or no answer has come.
    known: HashMap<IpAddr, Option<String>>,
    /// How many answers are still to come.
    awaited: usize,
}

impl Resolver {
    /// Starts `program` as the resolver, as a user.
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn start(program: &Path, identity: Option<&Identity>) -> io::Result<Resolver> {
        let mut args = vec![OsString::from("resolver"), "--".into()];
        args.extend(identity.map(|identity| identity.to_string().into()));
        let socket = start(program, args)?;
        // As PATIENCE has it.
        setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::new(1, 0))?;
        Ok(Resolver { socket, known: HashMap::new(), awaited: 0 })
    }

    /// Asks for a host and waits for the answer, though not for long.
    fn ask(&mut self, address: IpAddr) {
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        self.known.insert(address, None);
        let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
        if send(self.socket.as_raw_fd(), &octets(address), flags).is_err() {
            return;
        }
        let overdue = self.awaited;
        self.awaited = self.awaited.saturating_add(1);
        if overdue >= MOST_OVERDUE {
            return self.take_answers();
        }
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            match self.take_answer(MsgFlags::empty()) {
                Some(answered) if answered != address => {}
                _ => break,
            }
        }
    }

    /// Takes the answers that have come.
    fn take_answers(&mut self) {
        while self.awaited > 0 && self.take_answer(MsgFlags::MSG_DONTWAIT).is_some() {}
    }

    /// Takes an answer, and tells whose it was; none where there is none (yet).
    fn take_answer(&mut self, flags: MsgFlags) -> Option<IpAddr> {
        let mut buffer = [0; LONGEST];
        let answer = loop {
            match recv(self.socket.as_raw_fd(), &mut buffer, flags) {
                Err(Errno::EINTR) => {}
                received => break buffer.get(..received.ok()?)?,
            }
        };
        let (len, rest) = answer.split_first()?;
        let (address, name) = rest.split_at_checked(usize::from(*len))?;
        let address = host(address)?;
        self.awaited = self.awaited.saturating_sub(1);
        let name = Some(String::from_utf8_lossy(name).into_owned()).filter(|name| !name.is_empty());
        self.known.insert(address, name);
        Some(address)
    }
}

impl Hosts for Resolver {
    fn name(&mut self, address: IpAddr) -> Option<&str> {
        match self.known.get(&address) {
            Some(Some(_)) => {}
            Some(None) => self.take_answers(),
            None => self.ask(address),
        }
        self.known.get(&address)?.as_deref()
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

fn host(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// The resolver's side: answers until the other end is closed, and then leaves what is still being asked for. Privileges must
/// have been given up before.
///
/// # Errors
/// Where signals can't be blocked, or the socket fails.
pub fn resolve_for(socket: &OwnedFd) -> io::Result<()> {
    heed_no_signal()?;
    let (asked, requests) = mpsc::sync_channel::<IpAddr>(MOST_WAITING);
    let requests = Arc::new(Mutex::new(requests));
    for _ in 0..AT_A_TIME {
        let (requests, socket) = (Arc::clone(&requests), socket.try_clone()?);
        thread::spawn(move || {
            let next = || requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok(address) = next() {
                if answer(&socket, address, &sys::host_name(address).unwrap_or_default()).is_err() {
                    return;
                }
            }
        });
    }
    let mut buffer = [0; 16];
    loop {
        let request = match recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
            Err(Errno::EINTR) => continue,
            received => buffer.get(..received?).unwrap_or_default(),
        };
        let Some(address) = host(request) else { return Ok(()) };
        if asked.try_send(address).is_err() {
            answer(socket, address, "")?;
        }
    }
}

fn answer(socket: &OwnedFd, address: IpAddr, name: &str) -> io::Result<()> {
    let octets = octets(address);
    let len = u8::try_from(octets.len()).unwrap_or(0);
    send(socket.as_raw_fd(), &[&[len][..], &octets, name.as_bytes()].concat(), MsgFlags::MSG_NOSIGNAL)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_were_sent() {
        for address in [IpAddr::from([192, 0, 2, 1]), IpAddr::from([7; 16])] {
            assert_eq!(host(&octets(address)), Some(address));
        }
        for message in [&b""[..], b"abc", &[0; 17]] {
            assert_eq!(host(message), None);
        }
    }
}
