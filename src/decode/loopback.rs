//! BSD loopback: four bytes of address family. NULL keeps them in the byte order of the machine that
//! captured, LOOP in network order; <https://www.tcpdump.org/linktypes.html>.

use super::{Next, Short, Span};

/// The header of either kind.
#[derive(Clone, Copy, Debug)]
pub struct Loopback {
    family: u32,
}

impl Loopback {
    /// A NULL header: a family above 0xffff stands in the other byte order.
    ///
    /// # Errors
    /// Where fewer than 4 bytes were captured.
    pub fn parse_null<'a>(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array::<4>()?;
        Ok(Self::with(u32::from_le_bytes(*header), rest))
    }

    /// A LOOP header; some programs write it as they do the other.
    ///
    /// # Errors
    /// Where fewer than 4 bytes were captured.
    pub fn parse_loop<'a>(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array::<4>()?;
        Ok(Self::with(u32::from_be_bytes(*header), rest))
    }

    fn with(family: u32, rest: Span<'_>) -> (Self, Next, Span<'_>) {
        let family = if family > 0xffff { family.swap_bytes() } else { family };
        let next = match family {
            2 => Next::EtherType(super::ethernet::IPV4),
            // NetBSD, FreeBSD and macOS each have their own number for AF_INET6.
            24 | 28 | 30 => Next::EtherType(super::ethernet::IPV6),
            23 => Next::Ipx,
            _ => Next::Payload,
        };
        (Loopback { family }, next, rest)
    }

    /// The address family of what follows, a number of the capturing system.
    pub fn family(&self) -> u32 {
        self.family
    }
}
