//! UDP (RFC 768): a datagram's header and its payload, as far as both lengths say.

use super::{Next, Short, Span, ethernet, geneve, vxlan, vxlan_gpe};

/// The port of MPLS in UDP (RFC 7510).
const MPLS_PORT: u16 = 6635;

/// A datagram.
#[derive(Clone, Copy, Debug)]
pub struct Udp<'a> {
    header: &'a [u8; 8],
    span: Span<'a>,
}

impl<'a> Udp<'a> {
    /// # Errors
    /// Where fewer than 8 bytes were captured, or the length is below 8 (but for a jumbogram's 0, RFC 2675).
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, _) = span.split_array()?;
        let view = Udp { header, span };
        let span = match usize::from(view.length()) {
            0 if span.wire() > usize::from(u16::MAX) => span,
            length if length < 8 => return Err(span.malformed(8)),
            length => span.limit(length),
        };
        Ok((Udp { header, span }, view.tunnel(), span.skip(8)))
    }

    /// What the payload is, if one of the ports is that of a tunnel.
    fn tunnel(&self) -> Next {
        let has = |port| self.source_port() == port || self.destination_port() == port;
        match () {
            () if has(vxlan::PORT) => Next::Vxlan,
            () if has(vxlan::OTV_PORT) => Next::Otv,
            () if has(geneve::PORT) => Next::Geneve,
            () if has(vxlan_gpe::PORT) => Next::VxlanGpe,
            () if has(MPLS_PORT) => Next::EtherType(ethernet::MPLS),
            () => Next::Payload,
        }
    }

    /// Header and payload.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    pub fn source_port(&self) -> u16 {
        let [high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    pub fn destination_port(&self) -> u16 {
        let [_, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// The length as it stands in the header: header and payload, in bytes.
    pub fn length(&self) -> u16 {
        let [_, _, _, _, high, low, ..] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// 0 where the sender made none.
    pub fn checksum(&self) -> u16 {
        let [.., high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// What the datagram carries.
    pub fn payload(&self) -> Span<'a> {
        self.span.skip(8)
    }
}
