//! Authentication to a port (EAPOL; IEEE 802.1X-2020, 11), and the extensible authentication protocol in it (EAP;
//! RFC 3748).

use super::{Next, Short, Span};

/// Types of frame.
pub const PACKET: u8 = 0;
pub const START: u8 = 1;
pub const LOGOFF: u8 = 2;
pub const KEY: u8 = 3;

/// The head of a frame.
#[derive(Clone, Copy, Debug)]
pub struct Eapol<'a> {
    header: &'a [u8; 4],
}

impl<'a> Eapol<'a> {
    /// # Errors
    /// Where the head was not all captured.
    pub fn parse(span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, rest) = span.split_array()?;
        let view = Eapol { header };
        let next = if view.kind() == PACKET { Next::Eap(view.length()) } else { Next::Payload };
        Ok((view, next, rest))
    }

    pub fn version(&self) -> u8 {
        let [version, ..] = *self.header;
        version
    }

    /// The type of frame, such as [`KEY`].
    pub fn kind(&self) -> u8 {
        let [_, kind, ..] = *self.header;
        kind
    }

    /// Length of what follows, in bytes.
    pub fn length(&self) -> u16 {
        let [_, _, high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }
}

/// Codes of a packet of EAP.
pub const REQUEST: u8 = 1;
pub const RESPONSE: u8 = 2;
pub const SUCCESS: u8 = 3;
pub const FAILURE: u8 = 4;

/// Types of request and response.
pub const IDENTITY: u8 = 1;
pub const NOTIFICATION: u8 = 2;
pub const NAK: u8 = 3;
pub const TLS: u8 = 13;
pub const SIM: u8 = 18;
pub const TTLS: u8 = 21;
pub const AKA: u8 = 23;
pub const FAST: u8 = 43;

/// A packet of EAP.
#[derive(Clone, Copy, Debug)]
pub struct Eap<'a> {
    header: &'a [u8; 4],
    span: Span<'a>,
}

impl<'a> Eap<'a> {
    /// A packet that the protocol around it says has `length` bytes.
    ///
    /// # Errors
    /// Where the head was not all captured, or has another length.
    pub fn parse(length: u16, span: Span<'a>) -> Result<(Self, Next, Span<'a>), Short> {
        let (header, _) = span.split_array()?;
        let view = Eap { header, span: span.limit(usize::from(length)) };
        if view.length() != length {
            return Err(span.malformed(length.into()));
        }
        Ok((view, Next::Payload, span.skip(usize::from(length))))
    }

    /// The whole packet, without the padding of its frame.
    pub fn span(&self) -> Span<'a> {
        self.span
    }

    /// The kind of packet, such as [`REQUEST`].
    pub fn code(&self) -> u8 {
        let [code, ..] = *self.header;
        code
    }

    /// A request's number, and its response's.
    pub fn identifier(&self) -> u8 {
        let [_, identifier, ..] = *self.header;
        identifier
    }

    /// Length of the whole packet, in bytes.
    pub fn length(&self) -> u16 {
        let [_, _, high, low] = *self.header;
        u16::from_be_bytes([high, low])
    }

    /// The type of a request or response, such as [`IDENTITY`], where it was captured.
    pub fn kind(&self) -> Option<u8> {
        matches!(self.code(), REQUEST | RESPONSE).then(|| self.span.u8_at(4)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_leads_to_a_packet_of_its_length() {
        let bytes = [1, 0, 0, 8, 2, 7, 0, 8, IDENTITY, b'm', b'e', b'!', 0, 0];
        let (frame, next, rest) = Eapol::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!((frame.version(), frame.kind(), next), (1, PACKET, Next::Eap(8)));
        let (packet, _, rest) = Eap::parse(frame.length(), rest).unwrap();
        assert_eq!((packet.code(), packet.identifier(), packet.kind()), (RESPONSE, 7, Some(IDENTITY)));
        assert_eq!((packet.span().wire(), rest.bytes()), (8, &[0, 0][..]));
        assert!(Eap::parse(9, Span::new(&bytes[4..], 10)).is_err());
    }
}
