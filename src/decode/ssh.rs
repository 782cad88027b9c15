//! SSH: the line that each side begins with (RFC 4253, 4.2) and the head of its key exchange (RFC 4253, 7.1), the last
//! that is said in the clear of what can be done.

/// What each side begins with.
pub const GREETING: &[u8] = b"SSH-";
/// A line is no longer than this, its end included.
const MAX_LINE: usize = 255;
/// The message that begins a key exchange.
const KEY_EXCHANGE: u8 = 20;
/// Every implementation can take a packet of this many bytes (RFC 4253, 6.1).
const MAX_PACKET: usize = 35_000;
/// Behind the length: padding length, message number, cookie.
const BEFORE_LISTS: usize = 18;

/// What stands at the start of a stream, and how many bytes it has.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// The line without its end, such as `SSH-2.0-OpenSSH_9.2`.
    Banner(&'a [u8], usize),
    KeyExchange(KeyExchange<'a>, usize),
    /// More bytes are needed to tell.
    Cut,
    Other,
}

/// Looks for the first line at the start of a stream.
pub fn banner(stream: &[u8]) -> Found<'_> {
    let begins = stream.iter().zip(GREETING).all(|(byte, right)| byte == right);
    if stream.is_empty() || !begins {
        return Found::Other;
    }
    match stream.iter().take(MAX_LINE).position(|byte| *byte == b'\n') {
        Some(end) => {
            let line = stream.get(..end).unwrap_or(&[]);
            Found::Banner(line.strip_suffix(b"\r").unwrap_or(line), end.saturating_add(1))
        }
        None if stream.len() < MAX_LINE => Found::Cut,
        None => Found::Other,
    }
}

/// Looks for a key exchange behind the first line.
pub fn key_exchange(stream: &[u8]) -> Found<'_> {
    let Some((&length, packet)) = stream.split_first_chunk::<4>() else { return Found::Cut };
    let length = u32::from_be_bytes(length) as usize;
    if !(BEFORE_LISTS..=MAX_PACKET).contains(&length) || packet.get(1).is_some_and(|kind| *kind != KEY_EXCHANGE) {
        return Found::Other;
    }
    let Some(packet) = packet.get(..length) else { return Found::Cut };
    let padding = packet.first().map_or(0, |padding| usize::from(*padding));
    let lists = packet.get(BEFORE_LISTS..length.saturating_sub(padding));
    Found::KeyExchange(KeyExchange(lists.unwrap_or(&[])), length.saturating_add(4))
}

/// The lists of names that one side offers for a connection, each in the order of its preference.
#[derive(Clone, Copy, Debug)]
pub struct KeyExchange<'a>(&'a [u8]);

/// The places of the lists in a key exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum List {
    KeyExchange,
    HostKey,
    CipherToServer,
    CipherToClient,
    MacToServer,
    MacToClient,
    CompressionToServer,
    CompressionToClient,
}

impl<'a> KeyExchange<'a> {
    /// A list as it stands there: names joined by commas.
    pub fn list(&self, wanted: List) -> Option<&'a [u8]> {
        let mut rest = self.0;
        for _ in 0..wanted as usize {
            (_, rest) = split_list(rest)?;
        }
        split_list(rest).map(|(list, _)| list)
    }
}

fn split_list(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> Vec<u8> {
        let lists = ["curve25519-sha256,ext-info-c", "ssh-ed25519", "aes128-ctr", "aes256-ctr", "", "", "none", "none"];
        let lists: Vec<u8> =
            lists.iter().flat_map(|l| [&(l.len() as u32).to_be_bytes()[..], l.as_bytes()].concat()).collect();
        let padding = 4;
        let packet = [&[padding, KEY_EXCHANGE][..], &[7; 16], &lists, &[0; 4 + 4]].concat();
        [&(packet.len() as u32).to_be_bytes()[..], &packet].concat()
    }

    #[test]
    fn a_line_and_a_key_exchange() {
        assert!(matches!(banner(b"SSH-2.0-x\r\nmore"), Found::Banner(b"SSH-2.0-x", 11)));
        assert!(matches!(banner(b"SSH-2.0-x\n"), Found::Banner(b"SSH-2.0-x", 10)));
        assert!(matches!(banner(b"SS"), Found::Cut));
        assert!(matches!(banner(b"SOS"), Found::Other));
        let bytes = exchange();
        let Found::KeyExchange(offer, used) = key_exchange(&bytes) else { panic!("not found") };
        assert_eq!(used, bytes.len());
        assert_eq!(offer.list(List::KeyExchange), Some(&b"curve25519-sha256,ext-info-c"[..]));
        assert_eq!(offer.list(List::CipherToClient), Some(&b"aes256-ctr"[..]));
        assert_eq!(offer.list(List::MacToClient), Some(&b""[..]));
        assert!(matches!(key_exchange(&bytes[..20]), Found::Cut));
        assert!(matches!(key_exchange(&[0, 0, 0, 100, 4, 94]), Found::Other));
        assert!(matches!(key_exchange(b"GET / HT"), Found::Other));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = banner(&bytes);
            let framed = [&[0, 0, 0, 60, 4, KEY_EXCHANGE][..], &bytes].concat();
            if let Found::KeyExchange(offer, used) = key_exchange(&framed) {
                proptest::prop_assert!(used <= framed.len());
                let _ = offer.list(List::CompressionToClient);
            }
        }
    }
}
