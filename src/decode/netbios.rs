//! Names of the NetBIOS name service (RFC 1002, section 4): DNS messages whose first label holds sixteen bytes in
//! letters, two for each (RFC 1001, 14.1).

use super::dns;

/// A record of the addresses of a name.
pub const ADDRESSES: u16 = 0x20;

/// The bytes that letters stand for, two for each; none for a pair that is not of the sixteen.
pub fn bytes(letters: &[u8]) -> impl Iterator<Item = Option<u8>> + '_ {
    let half = |letter: u8| letter.checked_sub(b'A').filter(|half| *half < 16);
    letters.as_chunks().0.iter().map(move |[high, low]| Some(half(*high)? << 4 | half(*low)?))
}

/// The name in the first label, without the spaces at its end and the kind of service in its last byte.
pub fn first_level(name: dns::Name<'_>) -> Option<Vec<u8>> {
    let mut name = name;
    let letters = name.next()?.ok()?;
    if letters.len() != 32 {
        return None;
    }
    let mut bytes = bytes(letters).collect::<Option<Vec<u8>>>()?;
    bytes.pop();
    let end = bytes.iter().rposition(|byte| !matches!(byte, b' ' | 0))?;
    bytes.truncate(end.saturating_add(1));
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Span;

    fn decoded(label: &[u8]) -> Option<Vec<u8>> {
        let bytes = [&[u8::try_from(label.len()).unwrap()], label, &[0]].concat();
        first_level(dns::Name::new(Span::new(&bytes, bytes.len()), 0))
    }

    #[test]
    fn two_letters_are_a_byte() {
        // FRED, as RFC 1001 has it.
        assert_eq!(decoded(b"EGFCEFEECACACACACACACACACACACACA"), Some(b"FRED".to_vec()));
        assert_eq!(decoded(b"CACACACACACACACACACACACACACACACA"), None);
        assert_eq!(decoded(b"EGFCEFEE"), None);
        assert_eq!(decoded(b"egfcefeecacacacacacacacacacacaca"), None);
    }
}
