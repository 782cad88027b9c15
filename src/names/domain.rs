//! A domain name on its own.

use std::fmt;

use crate::decode::dns;

/// The most bytes of a name that is kept: a name has 255, each of which may need an escape of one.
const MAX: usize = 512;

/// A domain name as people write it: labels with dots between them, none at its end. A dot or backslash within a label has a
/// backslash before it; other bytes are as they came, control bytes too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Domain(Box<[u8]>);

impl Domain {
    /// The name of a DNS message; none where it can't be read to its end.
    pub fn read(name: dns::Name<'_>) -> Option<Domain> {
        let mut text = Vec::new();
        for label in name {
            if !text.is_empty() {
                text.push(b'.');
            }
            for byte in label.ok()? {
                if matches!(byte, b'.' | b'\\') {
                    text.push(b'\\');
                }
                text.push(*byte);
            }
        }
        if text.is_empty() {
            text.push(b'.');
        }
        Some(Domain(text.into()))
    }

    /// A name as it is written, without its last dot.
    pub fn of(text: &[u8]) -> Domain {
        let text = text.strip_suffix(b".").filter(|rest| !rest.is_empty()).unwrap_or(text);
        Domain(text.get(..MAX).unwrap_or(text).into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether two names are one: upper and lower case are the same (RFC 4343).
    pub fn is(&self, other: &Domain) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// The same name in lower case.
    pub fn lower(&self) -> Domain {
        Domain(self.0.to_ascii_lowercase().into())
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Span;

    fn read(bytes: &[u8]) -> Option<Domain> {
        Domain::read(dns::Name::new(Span::new(bytes, bytes.len()), 0))
    }

    #[test]
    fn labels_have_dots_between_them() {
        assert_eq!(read(b"\x03www\x02ab\x00").unwrap().as_bytes(), b"www.ab");
        assert_eq!(read(b"\x03a.b\x01\\\x00").unwrap().as_bytes(), b"a\\.b.\\\\");
        assert_eq!(read(b"\x00").unwrap().as_bytes(), b".");
        assert_eq!(read(b"\x05ab"), None);
    }

    #[test]
    fn a_name_is_the_same_in_any_case_and_with_its_root() {
        assert_eq!(Domain::of(b"www.ab."), Domain::of(b"www.ab"));
        assert_eq!(Domain::of(b"."), read(b"\x00").unwrap());
        assert!(Domain::of(b"WWW.ab").is(&Domain::of(b"www.AB")));
        assert_eq!(Domain::of(b"WWW").lower(), Domain::of(b"www"));
    }
}
