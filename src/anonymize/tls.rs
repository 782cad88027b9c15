//! The hello of a TLS client: what it offers stays, and its server's name is that name's pseudonym. Random numbers,
//! keys, tickets and identifiers are zeros, and so is what is not known.

use super::Pseudonyms;
use super::canvas::Plan;
use crate::decode::tls::{CLIENT_HELLO, HANDSHAKE, extension};

/// Extensions that are lists of numbers from registries: groups, point formats, signature algorithms, versions, key
/// exchange modes, signature algorithms of certificates (RFC 8446, 4.2; RFC 8422, 5.1.2).
const NUMBERS: [u16; 6] = [10, 11, extension::SIGNATURE_ALGORITHMS, extension::SUPPORTED_VERSIONS, 45, 50];

/// Names of application protocols that everybody uses (RFC 7301, 6).
const PROTOCOLS: [&[u8]; 6] = [b"h2", b"http/1.0", b"http/1.1", b"h3", b"dot", b"doq"];

/// A hello at the start of a segment, as far as that goes; none where it is no hello.
pub(super) fn client_hello(pseudonyms: &mut Pseudonyms, bytes: &[u8]) -> Option<Plan> {
    let mut copy = Copy { bytes, at: 0, plan: Plan::default() };
    let ([HANDSHAKE, 3, 0..=4, ..], [CLIENT_HELLO, 0, ..]) = (copy.keep::<5>()?, copy.keep::<4>()?) else {
        return None;
    };
    let [3, 0..=4] = copy.keep()? else { return None };
    copy.zeros(32)?;
    let [session_id @ 0..=32] = copy.keep()? else { return None };
    copy.zeros(session_id.into())?;
    let suites = u16::from_be_bytes(copy.keep()?);
    if !suites.is_multiple_of(2) {
        return None;
    }
    copy.keep_all(suites.into())?;
    let [compressions] = copy.keep()?;
    copy.keep_all(compressions.into())?;
    // From here on it is a hello, even if the segment ends within it.
    copy.extensions(pseudonyms);
    Some(copy.plan)
}

struct Copy<'a> {
    bytes: &'a [u8],
    at: usize,
    plan: Plan,
}

impl<'a> Copy<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn keep<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.keep_all(N)?.try_into().ok()
    }

    fn keep_all(&mut self, length: usize) -> Option<&'a [u8]> {
        let at = self.at;
        let kept = self.take(length)?;
        self.plan.put(at, kept);
        Some(kept)
    }

    fn zeros(&mut self, length: usize) -> Option<()> {
        let at = self.at;
        self.take(length)?;
        self.plan.put(at, vec![0; length]);
        Some(())
    }

    /// All extensions that are there; none behind them.
    fn extensions(&mut self, pseudonyms: &mut Pseudonyms) -> Option<()> {
        let mut left = usize::from(u16::from_be_bytes(self.keep()?));
        loop {
            left = left.checked_sub(4)?;
            let [a, b, high, low] = self.keep()?;
            let length = usize::from(u16::from_be_bytes([high, low]));
            left = left.checked_sub(length)?;
            let at = self.at;
            let content = self.take(length)?;
            match u16::from_be_bytes([a, b]) {
                kind if NUMBERS.contains(&kind) => self.plan.put(at, content),
                extension::ALPN if is_usual(content) => self.plan.put(at, content),
                kind => {
                    self.plan.put(at, vec![0; length]);
                    if kind == extension::SERVER_NAME {
                        self.server_name(pseudonyms, at, content);
                    }
                }
            }
        }
    }

    /// A list with the one name that there may be (RFC 6066, 3).
    fn server_name(&mut self, pseudonyms: &mut Pseudonyms, at: usize, content: &[u8]) {
        if let Some((head @ [_, _, 0, high, low], name)) = content.split_first_chunk::<5>()
            && usize::from(u16::from_be_bytes([*high, *low])) == name.len()
        {
            self.plan.put(at, *head);
            self.plan.put(at.saturating_add(head.len()), pseudonyms.names.text(name));
        }
    }
}

/// Whether a list of application protocols has just those that everybody uses.
fn is_usual(content: &[u8]) -> bool {
    let Some((_, mut list)) = content.split_first_chunk::<2>() else { return false };
    while let Some((length, rest)) = list.split_first() {
        let Some((name, behind)) = rest.split_at_checked(usize::from(*length)) else { return false };
        if !PROTOCOLS.contains(&name) {
            return false;
        }
        list = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymize::testing::{anonymizer, payload};
    use crate::decode::tls::{ClientHello, Found, Message, find};

    fn vector(bytes: &[u8]) -> Vec<u8> {
        [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
    }

    fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
        [&kind.to_be_bytes()[..], &vector(content)].concat()
    }

    /// A hello for `www.example.com`, with a key that is to be forgotten.
    fn hello(protocol: &[u8]) -> Vec<u8> {
        let name = [&[0][..], &vector(b"www.example.com")].concat();
        let protocol = [&[protocol.len() as u8][..], protocol].concat();
        let extensions = [
            extension(extension::SERVER_NAME, &vector(&name)),
            extension(extension::SUPPORTED_VERSIONS, &[2, 3, 4]),
            extension(extension::ALPN, &vector(&protocol)),
            extension(51, &[7; 38]),
        ]
        .concat();
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.push(32);
        body.extend([7; 32]);
        body.extend(vector(&[0x13, 1, 0x13, 2]));
        body.extend([1, 0]);
        body.extend(vector(&extensions));
        let message = [&[CLIENT_HELLO, 0][..], &vector(&body)].concat();
        [&[HANDSHAKE, 3, 1][..], &vector(&message)].concat()
    }

    fn copy(segment: &[u8]) -> Option<Vec<u8>> {
        payload(segment, segment.len(), |pseudonyms, span| client_hello(pseudonyms, span.bytes()))
    }

    #[test]
    fn a_hello_offers_the_same_to_another_name() {
        let copy = copy(&hello(b"h2")).unwrap();
        let Found::Message(Message::Hello { body, .. }) = find(&copy) else { panic!("{copy:02x?}") };
        let read = ClientHello::parse(&body).unwrap();
        assert_eq!(read.server_name(), Some(&anonymizer().pseudonyms.names.text(b"www.example.com")[..]));
        assert!(read.cipher_suites().eq([0x1301, 0x1302]));
        assert_eq!(read.supported_versions().next().map(|version| version.0), Some(0x0304));
        assert_eq!(read.extensions().count(), 4);
        assert!(copy.windows(2).any(|window| window == b"h2"));
        assert!(!copy.windows(2).any(|window| window == [7, 7]));
    }

    #[test]
    fn a_protocol_that_nobody_else_uses_is_not_told() {
        let copy = copy(&hello(b"in-house")).unwrap();
        assert!(!copy.windows(8).any(|window| window == b"in-house"));
    }

    #[test]
    fn a_segment_may_end_within_a_hello_and_other_bytes_are_none() {
        let hello = hello(b"h2");
        for end in 0..hello.len() {
            if let Some(copy) = copy(&hello[..end]) {
                assert!(!copy.windows(3).any(|window| window == b"www"), "{end}");
            }
        }
        assert!(copy(&hello[..hello.len() - 1]).is_some());
        assert!(copy(b"GET / HTTP/1.0").is_none());
        assert!(copy(&hello[1..]).is_none());
    }
}
