//! HTTP/2 in the clear (RFC 9113): the preface that a client begins with, and the heads of frames.

/// What a client sends first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The head of a frame in bytes.
pub const HEAD: usize = 9;

/// Frame types.
pub const HEADERS: u8 = 1;
pub const SETTINGS: u8 = 4;

/// Flags of frames.
pub const ACKNOWLEDGED: u8 = 0x1;
pub const END_STREAM: u8 = 0x1;
pub const END_HEADERS: u8 = 0x4;

/// A frame, as far as it is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// Length of the payload in bytes.
    pub length: usize,
    pub kind: u8,
    pub flags: u8,
    /// 0 for the whole connection.
    pub stream: u32,
    /// What there is of the payload.
    pub payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// None where the head is not all there.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[a, b, c, kind, flags, s0, s1, s2, s3], rest) = bytes.split_first_chunk::<HEAD>()?;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        // The highest bit is reserved.
        let stream = u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]);
        Some(Frame { length, kind, flags, stream, payload: rest.get(..length).unwrap_or(rest) })
    }

    /// Head and payload in bytes.
    pub fn len(&self) -> usize {
        self.length.saturating_add(HEAD)
    }

    /// Never: a frame has a head.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Such as `SETTINGS` (RFC 9113, 6), where it has a name.
    pub fn name(&self) -> Option<&'static str> {
        const NAMES: [&str; 10] = [
            "DATA",
            "HEADERS",
            "PRIORITY",
            "RST_STREAM",
            "SETTINGS",
            "PUSH_PROMISE",
            "PING",
            "GOAWAY",
            "WINDOW_UPDATE",
            "CONTINUATION",
        ];
        NAMES.get(usize::from(self.kind)).copied()
    }

    /// Whether it is what a server begins with: settings of a length that they have (RFC 9113, 3.4 and 6.5).
    pub fn begins_connection(&self) -> bool {
        self.kind == SETTINGS
            && self.stream == 0
            && self.flags == 0
            && self.length.is_multiple_of(6)
            && self.length <= 600
    }

    /// Settings: number and value, in order.
    pub fn settings(&self) -> impl Iterator<Item = (u16, u32)> + use<'a> {
        let list = if self.kind == SETTINGS { self.payload } else { &[] };
        let (list, _) = list.as_chunks::<6>();
        list.iter()
            .map(|&[k0, k1, v0, v1, v2, v3]| (u16::from_be_bytes([k0, k1]), u32::from_be_bytes([v0, v1, v2, v3])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_frame() {
        let bytes = [0, 0, 6, 4, 0, 0x80, 0, 0, 0, 0, 3, 0, 0, 0, 100, 9];
        let frame = Frame::parse(&bytes).unwrap();
        assert_eq!((frame.name(), frame.len(), frame.stream), (Some("SETTINGS"), 15, 0));
        assert_eq!(frame.settings().collect::<Vec<_>>(), [(3, 100)]);
        assert!(frame.begins_connection());
        assert!(Frame::parse(&bytes[..8]).is_none());
        assert_eq!(Frame::parse(&bytes[..10]).unwrap().payload, [0]);
    }
}
