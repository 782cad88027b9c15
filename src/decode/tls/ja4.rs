//! JA4, the fingerprint of a TLS client by FoxIO: what its hello offers, without what changes from one hello to the
//! next. <https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md>
//!
//! Of the family of fingerprints JA4 alone is free to use; the others are under a licence that is not.

use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256};

use super::{ClientHello, Version, extension, is_grease};

/// What carried a hello.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    Tcp,
    Quic,
}

/// A fingerprint, such as `t13d1516h2_8daaf6152771_e5627efa2ab1`: always 36 characters of ASCII.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ja4([u8; Ja4::LENGTH]);

impl Ja4 {
    pub const LENGTH: usize = 36;

    /// The fingerprint of a hello.
    pub fn of(hello: &ClientHello<'_>, transport: Transport) -> Ja4 {
        let mut ciphers: Vec<u16> = hello.cipher_suites().filter(|c| !is_grease(*c)).collect();
        let mut extensions: Vec<u16> = hello.extensions().map(|e| e.0).filter(|e| !is_grease(*e)).collect();
        let [first, last] = alpn_ends(hello.alpn().next().unwrap_or(&[]));
        let mut text = String::with_capacity(Ja4::LENGTH);
        text.push(match transport {
            Transport::Tcp => 't',
            Transport::Quic => 'q',
        });
        text.push_str(version(hello.version()));
        text.push(if extensions.contains(&extension::SERVER_NAME) { 'd' } else { 'i' });
        let _ = write!(text, "{:02}{:02}{first}{last}_", ciphers.len().min(99), extensions.len().min(99));

        ciphers.sort_unstable();
        text.push_str(&hash(&listed(ciphers)));
        text.push('_');
        extensions.sort_unstable();
        extensions.retain(|e| !matches!(*e, extension::SERVER_NAME | extension::ALPN));
        let mut behind = listed(extensions);
        let algorithms = listed(hello.signature_algorithms().filter(|a| !is_grease(*a)));
        if !behind.is_empty() && !algorithms.is_empty() {
            behind.push('_');
            behind.push_str(&algorithms);
        }
        text.push_str(&hash(&behind));
        Ja4(text.as_bytes().first_chunk().copied().unwrap_or([b'0'; Ja4::LENGTH]))
    }

    /// The 36 characters.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or(""))
    }
}

fn version(version: Version) -> &'static str {
    match version.0 {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// The first and last character of the first application protocol; their hexadecimal digits where they are no letters
/// or digits.
fn alpn_ends(name: &[u8]) -> [char; 2] {
    let (Some(&first), Some(&last)) = (name.first(), name.last()) else { return ['0', '0'] };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(first), char::from(last)];
    }
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    [digit(first >> 4), digit(last & 15)]
}

/// Numbers as four hexadecimal digits each, joined by commas.
fn listed(numbers: impl IntoIterator<Item = u16>) -> String {
    let mut text = String::new();
    for number in numbers {
        let joint = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{joint}{number:04x}");
    }
    text
}

/// The first twelve hexadecimal digits of a text's SHA-256; zeros for no text.
fn hash(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(12);
    }
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(6).fold(String::with_capacity(12), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let ciphers = "002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9";
        assert_eq!(hash(ciphers), "8daaf6152771");
        let extensions = "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01";
        assert_eq!(hash(&format!("{extensions}_0403,0804,0401,0503,0805,0501,0806,0601")), "e5627efa2ab1");
        assert_eq!(hash(""), "000000000000");
    }

    #[test]
    fn the_ends_of_a_protocol_name() {
        assert_eq!(alpn_ends(b"h2"), ['h', '2']);
        assert_eq!(alpn_ends(b"http/1.1"), ['h', '1']);
        assert_eq!(alpn_ends(b"x"), ['x', 'x']);
        assert_eq!(alpn_ends(b""), ['0', '0']);
        assert_eq!(alpn_ends(&[0xab]), ['a', 'b']);
        assert_eq!(alpn_ends(&[0x30, 0xab]), ['3', 'b']);
        assert_eq!(alpn_ends(&[0x30, 0x31, 0xab, 0xcd]), ['3', 'd']);
    }
}
