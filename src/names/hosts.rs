//! A hosts file (hosts(5)): a line an address and its names.

use std::net::IpAddr;

/// The addresses of a file, each with its first name; lines that make no sense are passed over.
pub fn entries(text: &[u8]) -> impl Iterator<Item = (IpAddr, &[u8])> {
    text.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = line.split(|byte| *byte == b'#').next()?;
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let address = std::str::from_utf8(words.next()?).ok()?;
        // A zone, as in fe80::1%eth0, is no part of the address.
        let address = address.split('%').next()?.parse().ok()?;
        Some((address, words.next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_its_first_name() {
        let file = b"# hosts\n127.0.0.1\tlocalhost\n ::1 ip6-localhost ip6-loopback # six\nfe80::1%lo0 link\nbad name\n10.0.0.1\n";
        let found: Vec<_> = entries(file).collect();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(
            found,
            [
                (address("127.0.0.1"), &b"localhost"[..]),
                (address("::1"), b"ip6-localhost"),
                (address("fe80::1"), b"link")
            ]
        );
    }
}
