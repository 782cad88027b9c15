//! ASN.1 in its basic encoding rules (X.690), as far as SNMP needs it (RFC 3417, section 8).

use super::Span;

/// Classes of tags.
#[allow(missing_docs, reason = "names say it")]
pub mod class {
    pub const UNIVERSAL: u8 = 0;
    pub const APPLICATION: u8 = 1;
    pub const CONTEXT: u8 = 2;
    pub const PRIVATE: u8 = 3;
}

/// One element: its tag and content.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// A [`class`].
    pub class: u8,
    /// Whether it consists of elements.
    pub constructed: bool,
    /// Its number within the class; of more than a byte the last eight bits.
    pub tag: u8,
    pub content: Span<'a>,
}

/// Why an element can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The capture ends within its head.
    Cut,
    /// There is no element.
    Nothing,
    /// Its tag does not end.
    Tag,
    /// It has no length.
    NoLength,
    /// Its length has more bytes than there are: how many there are, and how many it says.
    LengthOfLength(usize, usize),
    /// It is longer than what is around it: the room there is, and its length.
    Length(usize, u32),
}

impl<'a> Element<'a> {
    /// The element that a span begins with, and what is behind it. Not all of its content may be captured.
    ///
    /// # Errors
    /// The first thing wrong with its tag and length.
    pub fn parse(span: Span<'a>) -> Result<(Self, Span<'a>), Fault> {
        const EXTENDED: u8 = 0x1f;
        if span.is_empty() {
            return Err(Fault::Nothing);
        }
        let (&[first], mut rest) = span.split_array().map_err(|_| Fault::Cut)?;
        let mut tag = first & EXTENDED;
        if tag == EXTENDED {
            tag = 0;
            loop {
                if rest.is_empty() {
                    return Err(Fault::Tag);
                }
                let (&[byte], behind) = rest.split_array().map_err(|_| Fault::Cut)?;
                (tag, rest) = (tag << 7 | byte & 0x7f, behind);
                if byte & 0x80 == 0 {
                    break;
                }
            }
        }
        if rest.is_empty() {
            return Err(Fault::NoLength);
        }
        let (&[short], mut rest) = rest.split_array().map_err(|_| Fault::Cut)?;
        let mut length = u32::from(short);
        if short & 0x80 != 0 {
            let count = usize::from(short & 0x7f);
            if rest.wire() < count {
                return Err(Fault::LengthOfLength(rest.wire(), count));
            }
            let (bytes, behind) = rest.split(count).map_err(|_| Fault::Cut)?;
            length = bytes.iter().fold(0, |length, byte| length << 8 | u32::from(*byte));
            rest = behind;
        }
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        if rest.wire() < size {
            return Err(Fault::Length(rest.wire(), length));
        }
        let element = Element { class: first >> 6, constructed: first & 0x20 != 0, tag, content: rest.limit(size) };
        Ok((element, rest.skip(size)))
    }

    /// Its content as a signed number; of more than 32 bits the last 32.
    pub fn integer(&self) -> i32 {
        let bytes = self.content.bytes();
        let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { u32::MAX } else { 0 };
        bytes.iter().fold(sign, |value, byte| value << 8 | u32::from(*byte)).cast_signed()
    }

    /// Its content as an unsigned number; of more than 64 bits the last 64.
    pub fn unsigned(&self) -> u64 {
        self.content.bytes().iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    /// The numbers of an object identifier; of each the last 32 bits.
    pub fn object_identifier(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut rest = self.content.bytes();
        let mut pending = None;
        let mut first = true;
        std::iter::from_fn(move || {
            if let Some(number) = pending.take() {
                return Some(number);
            }
            let mut number = 0u32;
            loop {
                let (byte, behind) = rest.split_first()?;
                rest = behind;
                number = number << 7 | u32::from(byte & 0x7f);
                if byte & 0x80 == 0 {
                    break;
                }
            }
            if first {
                // The first two are coded as one (X.690, 8.19.4).
                first = false;
                let root = (number / 40).min(2);
                pending = Some(number.wrapping_sub(root.wrapping_mul(40)));
                return Some(root);
            }
            Some(number)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], wire: usize) -> Result<(Element<'_>, Span<'_>), Fault> {
        Element::parse(Span::new(bytes, wire))
    }

    #[test]
    fn numbers_and_identifiers() {
        let (element, rest) = parse(&[2, 2, 0xff, 0x38, 5, 0], 6).unwrap();
        assert_eq!((element.integer(), element.unsigned(), rest.bytes()), (-200, 0xff38, &[5, 0][..]));
        let (element, _) = parse(&[6, 6, 43, 6, 0x81, 0x7f, 0x88, 0x37], 8).unwrap();
        assert_eq!(element.object_identifier().collect::<Vec<_>>(), [1, 3, 6, 255, 1079]);
        let (element, _) = parse(&[0xbf, 0x81, 1, 0x81, 1, 9], 6).unwrap();
        assert_eq!(
            (element.class, element.constructed, element.tag, element.content.bytes()),
            (2, true, 129, &[9][..])
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        let fault = |bytes: &[u8], wire| parse(bytes, wire).unwrap_err();
        assert_eq!(fault(&[], 0), Fault::Nothing);
        assert_eq!(fault(&[2], 1), Fault::NoLength);
        assert_eq!(fault(&[2], 9), Fault::Cut);
        assert_eq!(fault(&[0x1f, 0x80], 2), Fault::Tag);
        assert_eq!(fault(&[2, 0x84, 1], 3), Fault::LengthOfLength(1, 4));
        assert_eq!(fault(&[2, 5, 1], 3), Fault::Length(1, 5));
    }
}
