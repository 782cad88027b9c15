//! The options of IPv6 neighbour discovery (RFC 4861, 4.6, and those that added to it).

use super::{Short, Span};

/// Option types.
pub const SOURCE_LINK_ADDRESS: u8 = 1;
pub const TARGET_LINK_ADDRESS: u8 = 2;
pub const PREFIX: u8 = 3;
pub const REDIRECTED_HEADER: u8 = 4;
pub const MTU: u8 = 5;
pub const ADVERTISEMENT_INTERVAL: u8 = 7;
pub const HOME_AGENT: u8 = 8;
pub const ROUTE: u8 = 24;
pub const DNS_SERVERS: u8 = 25;
pub const DNS_SEARCH: u8 = 31;

/// The options of one message, in order, up to the first that can't be.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a>(Span<'a>);

impl<'a> Options<'a> {
    pub(super) fn new(span: Span<'a>) -> Self {
        Options(span)
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<NdpOption<'a>, Short>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.bytes().is_empty() {
            return None;
        }
        let option = NdpOption::parse(self.0);
        self.0 = match option {
            Ok(option) => self.0.skip(option.len()),
            Err(_) => self.0.limit(0),
        };
        Some(option)
    }
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct NdpOption<'a> {
    kind: u8,
    units: u8,
    /// The option alone, all of it captured.
    span: Span<'a>,
}

impl<'a> NdpOption<'a> {
    fn parse(span: Span<'a>) -> Result<Self, Short> {
        let (&[kind, units], _) = span.split_array()?;
        if units == 0 {
            return Err(span.malformed(8));
        }
        let len = usize::from(units).wrapping_mul(8);
        span.split(len)?;
        Ok(NdpOption { kind, units, span: span.limit(len) })
    }

    /// The option's type, such as [`PREFIX`].
    pub fn kind(&self) -> u8 {
        self.kind
    }

    /// Length in units of eight bytes, never 0.
    pub fn units(&self) -> u8 {
        self.units
    }

    /// Length in bytes, with the two of type and length.
    pub fn len(&self) -> usize {
        usize::from(self.units).wrapping_mul(8)
    }

    /// An option always has a length.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The whole option.
    pub fn bytes(&self) -> &'a [u8] {
        self.span.bytes()
    }

    /// What stands behind type and length.
    pub fn body(&self) -> &'a [u8] {
        self.span.bytes().get(2..).unwrap_or(&[])
    }

    /// A prefix and what it is for.
    pub fn prefix(&self) -> Option<Prefix> {
        Some(Prefix {
            address: self.span.array_at(16)?,
            len: self.span.u8_at(2)?,
            flags: self.span.u8_at(3)?,
            valid: self.span.u32_at(4)?,
            preferred: self.span.u32_at(8)?,
        })
    }

    /// The number that an MTU (in bytes), an interval (in milliseconds) or a lifetime (in seconds) is.
    pub fn number(&self) -> Option<u32> {
        self.span.u32_at(4)
    }

    /// The preference of a home agent, and its lifetime in seconds (RFC 6275, 7.4).
    pub fn home_agent(&self) -> Option<(u16, u16)> {
        Some((self.span.u16_at(4)?, self.span.u16_at(6)?))
    }

    /// The addresses of DNS servers (RFC 8106, 5.1).
    pub fn servers(&self) -> impl Iterator<Item = [u8; 16]> + use<'a> {
        let (addresses, _) = self.span.bytes().get(8..).unwrap_or(&[]).as_chunks();
        addresses.iter().copied()
    }

    /// The domain names to search (RFC 8106, 5.2), each as a length and its bytes, with zeros between and behind.
    pub fn domains(&self) -> &'a [u8] {
        self.span.bytes().get(8..).unwrap_or(&[])
    }

    /// A more specific route (RFC 4191, 2.3); none where its length is not 1 to 3 units.
    pub fn route(&self) -> Option<Route> {
        let mut address = [0; 16];
        let bytes = self.span.bytes().get(8..)?;
        address.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Route { address, len: self.span.u8_at(2)?, flags: self.span.u8_at(3)?, lifetime: self.number()? })
    }
}

/// A prefix option (RFC 4861, 4.6.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefix {
    pub address: [u8; 16],
    /// How many bits of the address count.
    pub len: u8,
    /// On link, autonomous, router address from the highest bit on.
    pub flags: u8,
    /// In seconds; all ones is for ever.
    pub valid: u32,
    /// In seconds; all ones is for ever.
    pub preferred: u32,
}

/// A route information option (RFC 4191, 2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route {
    pub address: [u8; 16],
    /// How many bits of the address count.
    pub len: u8,
    /// The preference, in bits 3 and 4.
    pub flags: u8,
    /// In seconds; all ones is for ever.
    pub lifetime: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Cause;

    fn options(bytes: &[u8]) -> Vec<Result<NdpOption<'_>, Short>> {
        Options::new(Span::new(bytes, bytes.len())).collect()
    }

    #[test]
    fn options_follow_each_other_until_one_can_not_be() {
        let bytes = [1, 1, 2, 0, 0, 0, 0, 1, 5, 1, 0, 0, 0, 0, 5, 220, 3, 0, 0, 0];
        let found = options(&bytes);
        assert_eq!(found[0].unwrap().body(), [2, 0, 0, 0, 0, 1]);
        assert_eq!((found[1].unwrap().kind(), found[1].unwrap().number()), (MTU, Some(1500)));
        assert_eq!(found[2].unwrap_err().cause, Cause::Malformed);
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn an_option_that_was_cut_is_short() {
        assert_eq!(options(&[1, 2, 0, 0, 0, 0, 0, 0])[0].unwrap_err().needed, 16);
    }

    #[test]
    fn a_route_has_as_much_of_its_prefix_as_it_needs() {
        let bytes = [24, 2, 48, 0x08, 0, 0, 1, 0, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0];
        let route = options(&bytes)[0].unwrap().route().unwrap();
        assert_eq!((route.len, route.flags, route.lifetime), (48, 8, 256));
        assert_eq!(route.address, [0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let mut long = [0; 32];
        long[..2].copy_from_slice(&[24, 4]);
        assert_eq!(options(&long)[0].unwrap().route(), None);
    }
}
