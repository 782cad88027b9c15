//! What a field holds in one packet: a value borrowed from the packet's bytes.

use std::io::Write;

use crate::decode::asn1::Element;
use crate::decode::dns::Name;
use crate::decode::netbios;
use crate::frame::Timestamp;

/// One value.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Unsigned(u64),
    Signed(i64),
    Bool(bool),
    /// Text as it stands in the packet, which need not be UTF-8.
    Text(&'a [u8]),
    /// A word of ours.
    Word(&'static str),
    /// A domain name, in labels.
    Domain(Name<'a>),
    /// An object identifier, in numbers.
    ObjectIdentifier(Element<'a>),
    /// A name of NetBIOS, in letters that stand for half a byte each (RFC 1001, 14.1).
    Netbios(&'a [u8]),
    Bytes(&'a [u8]),
    Ipv4([u8; 4]),
    Ipv6([u8; 16]),
    Mac([u8; 6]),
    Time(Timestamp),
}

macro_rules! from {
    ($($type:ty: $value:ident => $made:expr;)*) => {
        $(impl From<$type> for Value<'_> {
            fn from($value: $type) -> Self {
                $made
            }
        })*
    };
}

from! {
    u8: n => Value::Unsigned(n.into());
    u16: n => Value::Unsigned(n.into());
    u32: n => Value::Unsigned(n.into());
    i32: n => Value::Signed(n.into());
    u64: n => Value::Unsigned(n);
    usize: n => Value::Unsigned(n as u64);
    i8: n => Value::Signed(n.into());
    i64: n => Value::Signed(n);
    bool: is => Value::Bool(is);
    &'static str: word => Value::Word(word);
    [u8; 4]: address => Value::Ipv4(address);
    [u8; 16]: address => Value::Ipv6(address);
    [u8; 6]: address => Value::Mac(address);
    Timestamp: time => Value::Time(time);
}

impl<'a> From<Name<'a>> for Value<'a> {
    fn from(name: Name<'a>) -> Self {
        Value::Domain(name)
    }
}

impl<'a> Value<'a> {
    /// The bytes of a text or of bytes; those of a name in parts are put together in `scratch`.
    pub fn bytes<'s>(&self, scratch: &'s mut Vec<u8>) -> Option<&'s [u8]>
    where
        'a: 's,
    {
        match *self {
            Value::Text(bytes) | Value::Bytes(bytes) => Some(bytes),
            Value::Word(word) => Some(word.as_bytes()),
            Value::Domain(name) => {
                scratch.clear();
                write_name(name, scratch);
                Some(scratch)
            }
            Value::ObjectIdentifier(element) => {
                scratch.clear();
                write_identifier(element, scratch);
                Some(scratch)
            }
            Value::Netbios(letters) => {
                scratch.clear();
                write_netbios(letters, scratch);
                Some(scratch)
            }
            _ => None,
        }
    }
}

/// A domain name as zone files have it (RFC 1035, 5.1): a dot between labels, a backslash before a dot or backslash
/// within one, and before three decimal digits for a byte that is not printable ASCII. A name that can't be
/// read to its end ends in `\?`, which no whole name does.
fn write_name(name: Name<'_>, out: &mut Vec<u8>) {
    let mut empty = true;
    for label in name {
        if !std::mem::replace(&mut empty, false) {
            out.push(b'.');
        }
        let Ok(label) = label else { return out.extend_from_slice(b"\\?") };
        for byte in label {
            match byte {
                b'.' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
                0x21..0x7f => out.push(*byte),
                _ => {
                    let digits = [byte / 100, byte / 10 % 10, byte % 10].map(|digit| digit | b'0');
                    out.push(b'\\');
                    out.extend_from_slice(&digits);
                }
            }
        }
    }
    if empty {
        out.push(b'.');
    }
}

/// The numbers of an object identifier, dots between them.
fn write_identifier(element: Element<'_>, out: &mut Vec<u8>) {
    for number in element.object_identifier() {
        if !out.is_empty() {
            out.push(b'.');
        }
        // Writing to memory can't fail.
        let _ = write!(out, "{number}");
    }
}

/// A name and, in brackets, the hexadecimal number of what it stands for: `FILES<20>`. What is not written in its
/// letters ends in `\\?`.
fn write_netbios(letters: &[u8], out: &mut Vec<u8>) {
    for byte in netbios::bytes(letters) {
        match byte {
            Some(byte) => out.push(byte),
            None => return out.extend_from_slice(b"\\?"),
        }
    }
    if let Some(kind) = out.pop() {
        while let Some(b' ' | 0) = out.last() {
            out.pop();
        }
        // Writing to memory can't fail.
        let _ = write!(out, "<{kind:02x}>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Span;
    use crate::decode::dns::{HEADER, Message};

    fn name(bytes: &[u8]) -> String {
        let message = [&[0; HEADER], bytes].concat();
        let message = Message::parse(Span::new(&message, message.len())).unwrap();
        let mut scratch = b"left over".to_vec();
        let value = Value::from(message.name(HEADER));
        String::from_utf8(value.bytes(&mut scratch).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn domain_names_are_written_as_in_zone_files() {
        assert_eq!(name(b"\x03www\x02ab\0"), "www.ab");
        assert_eq!(name(b"\0"), ".");
        assert_eq!(name(b"\x05a.b\\ \x01\x07\0"), "a\\.b\\\\\\032.\\007");
        assert_eq!(name(b"\x03www\x05cu"), "www.\\?");
        assert_eq!(name(b"\xc0\x0c"), "\\?");
    }

    #[test]
    fn identifiers_and_names_of_netbios() {
        let mut scratch = b"left over".to_vec();
        let bytes = [6, 6, 43, 6, 0x81, 0x7f, 0x88, 0x37];
        let (element, _) = Element::parse(Span::new(&bytes, bytes.len())).unwrap();
        assert_eq!(Value::ObjectIdentifier(element).bytes(&mut scratch), Some(&b"1.3.6.255.1079"[..]));
        let name = Value::Netbios(b"EGEJEMEFFDCACACACACACACACACACACA");
        assert_eq!(name.bytes(&mut scratch), Some(&b"FILES<20>"[..]));
        assert_eq!(Value::Netbios(b"EGzz").bytes(&mut scratch), Some(&b"F\\?"[..]));
    }
}
