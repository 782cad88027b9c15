//! RIP versions 1 and 2 (RFC 1058, RFC 2453) and RIPng (RFC 2080).

use super::{Short, Span};

/// Commands that ask for routes and tell them.
pub const REQUEST: u8 = 1;
pub const RESPONSE: u8 = 2;

/// Length of a message before its entries, and of an entry, in bytes.
pub const HEAD: usize = 4;
pub const ENTRY: usize = 20;

/// The address family of an entry that authenticates those behind it.
pub const AUTHENTICATION: u16 = 0xffff;

/// A message, as far as it was captured; RIPng has the same form.
#[derive(Clone, Copy, Debug)]
pub struct Rip<'a> {
    pub command: u8,
    pub version: u8,
    pub entries: Span<'a>,
}

impl<'a> Rip<'a> {
    /// # Errors
    /// Where its first 4 bytes were not captured.
    pub fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&[command, version, ..], entries) = span.split_array::<HEAD>()?;
        Ok(Rip { command, version, entries })
    }
}

/// A route of RIP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// 2 for IPv4, 0 for all routes.
    pub family: u16,
    pub tag: u16,
    pub destination: [u8; 4],
    pub mask: u32,
    pub next_hop: [u8; 4],
    pub metric: u32,
}

impl Entry {
    /// None where not all of it was captured.
    pub fn parse(span: Span<'_>) -> Option<Self> {
        Some(Entry {
            family: span.u16_at(0)?,
            tag: span.u16_at(2)?,
            destination: span.array_at(4)?,
            mask: span.u32_at(8)?,
            next_hop: span.array_at(12)?,
            metric: span.u32_at(16)?,
        })
    }

    /// Whether the fields that version 1 does not have are zero.
    pub fn is_version_1(&self) -> bool {
        (self.tag, self.mask, self.next_hop) == (0, 0, [0; 4])
    }

    /// The length of the mask; none where its ones are not all on its left.
    pub fn mask_len(&self) -> Option<u32> {
        (self.mask.leading_ones() == self.mask.count_ones()).then(|| self.mask.count_ones())
    }
}

/// A route of RIPng (RFC 2080, 2.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route6 {
    pub prefix: [u8; 16],
    pub tag: u16,
    /// Length of the prefix in bits.
    pub length: u8,
    pub metric: u8,
}

impl Route6 {
    /// None where not all of it was captured.
    pub fn parse(span: Span<'_>) -> Option<Self> {
        Some(Route6 {
            prefix: span.array_at(0)?,
            tag: span.u16_at(16)?,
            length: span.u8_at(18)?,
            metric: span.u8_at(19)?,
        })
    }
}
