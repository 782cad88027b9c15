//! ICMP errors, which belong to the connection whose packet they quote.

use std::net::IpAddr;

use super::key::Side;
use super::moment::Mark;
use super::packet::Content;
use crate::decode::{icmpv4, icmpv6};

/// A message of ICMP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its type.
    pub kind: u8,
    pub code: u8,
    /// The client sent it.
    pub by_client: bool,
}

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
pub struct Errors {
    kept: Vec<IcmpError>,
    more: u32,
}

impl Errors {
    pub(super) fn add(&mut self, error: IcmpError) {
        let what = |error: &IcmpError| (error.from, error.about, error.kind, error.code);
        let same = |known: &&mut IcmpError| what(known) == what(&error);
        if let Some(known) = self.kept.iter_mut().find(same) {
            (known.last, known.count) = (error.mark, known.count.saturating_add(1));
        } else if self.kept.len() < KEPT {
            self.kept.push(error);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// The first 8 different ones, in order.
    pub fn all(&self) -> &[IcmpError] {
        &self.kept
    }

    /// How many there were beside those.
    pub fn more(&self) -> u32 {
        self.more
    }

    /// Bytes that it takes elsewhere.
    pub(super) fn elsewhere(&self) -> usize {
        self.kept.capacity().saturating_mul(size_of::<IcmpError>())
    }
}

/// Type and code of a message.
pub(super) fn kind_of(content: &Content<'_>) -> Option<(u8, u8)> {
    match content {
        Content::Icmpv4(message) => Some((message.kind(), message.code())),
        Content::Icmpv6(message) => Some((message.kind(), message.code().unwrap_or(0))),
        _ => None,
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
