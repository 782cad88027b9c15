//! Which IP addresses are this machine's, in one network namespace: rtnetlink(7).

use std::collections::HashSet;
use std::net::IpAddr;

use nix::errno::Errno;

use super::netlink::{Attributes, Message, Socket};

/// The addresses, kept as the kernel tells of them.
#[derive(Debug)]
pub(super) struct Addresses {
    socket: Socket,
    known: HashSet<IpAddr>,
}

impl Addresses {
    pub(super) fn new() -> Result<Self, Errno> {
        let groups = (libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR).cast_unsigned();
        let mut addresses = Addresses { socket: Socket::open(libc::NETLINK_ROUTE, groups)?, known: HashSet::new() };
        addresses.ask()?;
        Ok(addresses)
    }

    /// Whether an address is this machine's, or one of a group that its sockets may hear.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
        self.known.contains(&address) || address.is_loopback() || address.is_multicast() || broadcast
    }

    /// Takes in what has changed.
    pub(super) fn refresh(&mut self) {
        loop {
            let Addresses { socket, known } = self;
            match socket.receive(|message| note(known, message)) {
                Ok(true) => {}
                Err(Errno::ENOBUFS) => {
                    // Some news are lost. If asking fails, what was known stays.
                    let _ = self.ask();
                }
                Ok(false) | Err(_) => return,
            }
        }
    }

    fn ask(&mut self) -> Result<(), Errno> {
        // A struct ifaddrmsg of any family.
        let Addresses { socket, known } = self;
        socket.dump(libc::RTM_GETADDR, &[0; 8], |message| note(known, message))
    }
}

/// Takes in a message: a `struct ifaddrmsg` and attributes.
fn note(known: &mut HashSet<IpAddr>, message: &Message<'_>) {
    let Some((_, attributes)) = message.body.split_at_checked(8) else { return };
    for (kind, value) in Attributes::new(attributes) {
        // The address itself is the one or the other, and the broadcast address is heard too; a peer's is not ours.
        let of_us = match kind {
            libc::IFA_LOCAL | libc::IFA_BROADCAST => true,
            libc::IFA_ADDRESS => !Attributes::new(attributes).any(|(kind, _)| kind == libc::IFA_LOCAL),
            _ => false,
        };
        let address = match value.len() {
            4 => value.first_chunk::<4>().map(|address| IpAddr::from(*address)),
            _ => value.first_chunk::<16>().map(|address| IpAddr::from(*address)),
        };
        let Some(address) = address.filter(|_| of_us) else { continue };
        match message.kind {
            libc::RTM_NEWADDR => drop(known.insert(address)),
            libc::RTM_DELADDR => drop(known.remove(&address)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::netlink::Messages;
    use crate::process::netlink::message;

    #[test]
    fn addresses_come_and_go_and_a_peers_is_not_ours() {
        let attributes =
            [&[8, 0, 1, 0, 10, 9, 0, 2][..], &[8, 0, 2, 0, 10, 9, 0, 1], &[8, 0, 4, 0, 10, 9, 0, 255]].concat();
        let mut known = HashSet::new();
        for (kind, there) in [(libc::RTM_NEWADDR, true), (libc::RTM_DELADDR, false)] {
            let bytes = message(kind, 0, 0, &[&[2, 24, 0, 0, 1, 0, 0, 0][..], &attributes].concat());
            Messages::new(&bytes).for_each(|message| note(&mut known, &message));
            let has = |last| known.contains(&IpAddr::from([10, 9, 0, last]));
            assert_eq!([has(1), has(2), has(255)], [there, false, there]);
        }
    }
}
