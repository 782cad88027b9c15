//! ICMP errors, which belong to the connection whose packet they quote.

use std::net::IpAddr;

use super::key::Side;
use super::moment::Mark;
use super::packet::Content;
use crate::decode::{icmpv4, icmpv6};

/// An error about a connection; equal ones are kept once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IcmpError {
    /// Who sent it.
    pub from: IpAddr,
    /// Whose packet it quotes.
    pub about: Side,
    /// Type and code, of ICMP or ICMPv6 as the address tells.
    pub kind: u8,
    pub code: u8,
    /// The MTU that it tells of, in bytes, where a packet was too big.
    pub mtu: Option<u32>,
    /// The first one, and the last.
    pub mark: Mark,
    pub last: Mark,
    /// How many there were.
    pub count: u32,
}

/// How many different errors about a connection are kept.
const KEPT: usize = 8;

/// The errors about a connection.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Errors(Option<Box<Kept>>);

#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Kept {
    errors: Vec<IcmpError>,
    more: u32,
}

impl Errors {
    pub(super) fn add(&mut self, error: IcmpError) {
        let Kept { errors, more } = self.0.get_or_insert_default().as_mut();
        let what = |error: &IcmpError| (error.from, error.about, error.kind, error.code);
        let same = |known: &&mut IcmpError| what(known) == what(&error);
        if let Some(known) = errors.iter_mut().find(same) {
            (known.last, known.count) = (error.mark, known.count.saturating_add(1));
        } else if errors.len() < KEPT {
            errors.push(error);
        } else {
            *more = more.saturating_add(1);
        }
    }

    /// The first 8 different ones, in order.
    pub fn all(&self) -> &[IcmpError] {
        self.0.as_ref().map_or(&[], |kept| &kept.errors)
    }

    /// How many there were beside those.
    pub fn more(&self) -> u32 {
        self.0.as_ref().map_or(0, |kept| kept.more)
    }

    /// Bytes that it takes elsewhere.
    pub(super) fn elsewhere(&self) -> usize {
        self.0.as_ref().map_or(0, |kept| {
            size_of::<Kept>().saturating_add(kept.errors.capacity().saturating_mul(size_of::<IcmpError>()))
        })
    }
}

/// Type, code and MTU of a message that is an error.
pub(super) fn error_of(content: &Content<'_>) -> Option<(u8, u8, Option<u32>)> {
    match content {
        Content::Icmpv4(message) if message.is_error() => {
            let is_too_big = (message.kind(), message.code()) == (icmpv4::UNREACHABLE, 4);
            let mtu = message.mtu().filter(|_| is_too_big).map(u32::from);
            Some((message.kind(), message.code(), mtu))
        }
        Content::Icmpv6(message) if message.is_error() => {
            let mtu = message.mtu().filter(|_| message.kind() == icmpv6::PACKET_TOO_BIG);
            Some((message.kind(), message.code().unwrap_or(0), mtu))
        }
        _ => None,
    }
}
