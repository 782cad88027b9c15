//! The frames that an Initial packet may hold (RFC 9000, 12.4 and 19).

use super::Reader;

/// One frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frame<'a> {
    Ping,
    Acknowledgment {
        /// The highest packet number that has come.
        largest: u64,
    },
    /// A part of the TLS handshake.
    Crypto {
        /// Place of `data` in the stream of handshake messages, in bytes.
        offset: u64,
        data: &'a [u8],
    },
    ConnectionClose {
        error: u64,
        reason: &'a [u8],
    },
}

/// The frames of a decrypted packet, in order and without padding; ends at the first that an Initial packet can't hold.
#[derive(Clone, Copy, Debug)]
pub struct Frames<'a>(Reader<'a>);

impl<'a> Frames<'a> {
    pub fn new(plain: &'a [u8]) -> Self {
        Frames(Reader::new(plain))
    }

    fn read(&mut self) -> Option<Frame<'a>> {
        let reader = &mut self.0;
        let mut kind = reader.varint()?;
        while kind == 0 {
            kind = reader.varint()?;
        }
        Some(match kind {
            1 => Frame::Ping,
            2 | 3 => {
                let largest = reader.varint()?;
                let _delay = reader.varint()?;
                let ranges = reader.varint()?;
                let _first = reader.varint()?;
                for _ in 0..ranges {
                    let _gap_and_length = (reader.varint()?, reader.varint()?);
                }
                if kind == 3 {
                    let _ecn_counts = (reader.varint()?, reader.varint()?, reader.varint()?);
                }
                Frame::Acknowledgment { largest }
            }
            6 => {
                let offset = reader.varint()?;
                let length = reader.length()?;
                Frame::Crypto { offset, data: reader.take(length)? }
            }
            0x1c => {
                let error = reader.varint()?;
                let _frame_type = reader.varint()?;
                let length = reader.length()?;
                Frame::ConnectionClose { error, reason: reader.take(length)? }
            }
            _ => return None,
        })
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let frame = self.read();
        if frame.is_none() {
            self.0 = Reader::new(&[]);
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_each_other() {
        let plain = [0, 1, 2, 9, 0, 1, 0, 0, 0, 0, 6, 0x40, 5, 2, b'h', b'i', 0, 0x1c, 0x41, 0x28, 6, 1, b'!', 0];
        let frames: Vec<_> = Frames::new(&plain).collect();
        let expected = [
            Frame::Ping,
            Frame::Acknowledgment { largest: 9 },
            Frame::Crypto { offset: 5, data: b"hi" },
            Frame::ConnectionClose { error: 0x128, reason: b"!" },
        ];
        assert_eq!(frames, expected);
        assert_eq!(Frames::new(&[8, 1, 1]).count(), 0, "a stream has no place here");
        assert_eq!(Frames::new(&[6, 0, 9, 1]).count(), 0, "cut");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            proptest::prop_assert!(Frames::new(&bytes).count() <= bytes.len());
        }
    }
}
