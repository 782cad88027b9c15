//! Cisco's enhanced interior gateway routing protocol (RFC 7868).

use super::cdp::Fields;
use super::{Next, Short, Span};

/// The IP protocol number.
pub const PROTOCOL: u8 = 88;

/// Types of field.
pub const PARAMETERS: u16 = 0x0001;
pub const SOFTWARE: u16 = 0x0004;
pub const INTERNAL: u16 = 0x0102;
pub const EXTERNAL: u16 = 0x0103;

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Eigrp<'a> {
    header: &'a [u8; 20],
    span: Span<'a>,
}

impl<'a> Eigrp<'a> {
    /// # Errors
    /// Where the header was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, _) = span.split_array()?;
        Ok((Eigrp { header, span }, Next::Payload, span.skip(span.wire())))
    }

    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// 2.
    pub fn version(&self) -> u8 {
        let [version, ..] = *self.header;
        version
    }

    /// 1 update, 3 query, 4 reply, 5 hello.
    pub fn operation(&self) -> u8 {
        let [_, operation, ..] = *self.header;
        operation
    }

    pub fn checksum(&self) -> u16 {
        let [_, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// Flags, sequence number and the number acknowledged.
    pub fn words(&self) -> [u32; 3] {
        let (words, _) = self.header.as_chunks::<4>();
        let mut found = words.iter().skip(1).copied().map(u32::from_be_bytes);
        [(); 3].map(|()| found.next().unwrap_or_default())
    }

    /// The virtual router, and the autonomous system.
    pub fn router_and_system(&self) -> [u16; 2] {
        let [.., a, b, c, d] = *self.header;
        [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
    }

    pub fn fields(&self) -> Fields<'a> {
        Fields::of(self.span.skip(20))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_has_its_parameters() {
        let mut bytes = vec![2, 5, 0xee, 0xca, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 100];
        bytes.extend([0, 1, 0, 12, 1, 0, 1, 0, 0, 0, 0, 15]);
        let (hello, ..) = Eigrp::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((hello.version(), hello.operation(), hello.checksum()), (2, 5, 0xeeca));
        assert_eq!((hello.words(), hello.router_and_system()), ([0, 7, 8], [0, 100]));
        assert_eq!(hello.fields().next().unwrap().unwrap().kind, PARAMETERS);
    }
}
