//! Names of the NetBIOS name service (RFC 1002, section 4): DNS messages whose first label holds sixteen bytes in
//! letters, two for each (RFC 1001, 14.1).

use crate::decode::dns;

/// A record of the addresses of a name.
pub const ADDRESSES: u16 = 0x20;

/// The name in the first label, without the spaces at its end and the kind of service in its last byte.
pub fn first_level(name: dns::Name<'_>) -> Option<Vec<u8>> {
    let mut name = name;
    let letters = name.next()?.ok()?;
    let (pairs, rest) = letters.as_chunks::<2>();
    if pairs.len() != 16 || !rest.is_empty() {
        return None;
    }
    let half = |letter: u8| letter.checked_sub(b'A').filter(|half| *half < 16);
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(half(*high)? << 4 | half(*low)?)).collect();
    let mut bytes = bytes?;
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
