//! Novell's internetwork packet exchange (IPX).

use super::{Next, Short, Span};

/// Sockets.
pub const NCP: u16 = 0x0451;
pub const SAP: u16 = 0x0452;
pub const RIP: u16 = 0x0453;
pub const NETBIOS: u16 = 0x0455;
pub const DIAGNOSTICS: u16 = 0x0456;
pub const NWLINK: u16 = 0x0553;

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct Ipx<'a> {
    header: &'a [u8; 30],
    typed: bool,
}

/// A network, a node in it, and a socket of that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address {
    pub network: u32,
    pub node: [u8; 6],
    pub socket: u16,
}

impl<'a> Ipx<'a> {
    /// # Errors
    /// Where fewer than 30 bytes were captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Ipx { header, typed: false };
        Ok((view, Next::Payload, rest.limit(usize::from(view.length()).saturating_sub(30))))
    }

    /// A packet that an Ethernet type announced.
    ///
    /// # Errors
    /// Where fewer than 30 bytes were captured.
    pub fn parse_typed(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        Self::parse(span).map(|(view, next, rest)| (Ipx { typed: true, ..view }, next, rest))
    }

    /// Whether an Ethernet type announced it.
    pub fn is_typed(&self) -> bool {
        self.typed
    }

    fn address(&self, at: usize) -> Address {
        let span = Span::new(self.header, self.header.len()).skip(at);
        Address {
            network: span.u32_at(0).unwrap_or_default(),
            node: span.array_at(4).unwrap_or_default(),
            socket: span.u16_at(10).unwrap_or_default(),
        }
    }

    /// Length of header and data, in bytes.
    pub fn length(&self) -> u16 {
        let [_, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    pub fn destination(&self) -> Address {
        self.address(6)
    }

    pub fn source(&self) -> Address {
        self.address(18)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_two_addresses() {
        let mut bytes = [0u8; 34];
        bytes[..4].copy_from_slice(&[0xff, 0xff, 0, 33]);
        bytes[6..18].copy_from_slice(&[0, 0, 0, 7, 2, 0, 0, 0, 0, 1, 4, 0x53]);
        let (header, _, rest) = Ipx::parse(Span::new(&bytes, 34)).unwrap();
        assert_eq!(header.destination(), Address { network: 7, node: [2, 0, 0, 0, 0, 1], socket: RIP });
        assert_eq!((header.source().socket, rest.wire()), (0, 3));
    }
}
