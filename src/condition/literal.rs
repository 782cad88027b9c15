//! What a written value is, by the kind of the field that it is compared with.

use std::net::IpAddr;

use super::test::Scalar;
use crate::fields::Kind;
use crate::frame::Timestamp;

/// What values of a kind look like, for messages.
pub(super) fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a number such as 443 or 0x1bb",
        Kind::Bool => "true or false",
        Kind::Text => "a text such as \"example.com\"",
        Kind::Bytes | Kind::Payload => "bytes such as de:ad:be:ef, or a text in quotes",
        Kind::Ip => "an address such as 10.0.0.1, 2001:db8::1 or 10.0.0.0/8",
        Kind::Mac => "an address such as 02:00:00:00:00:01",
        Kind::Time => "a time such as 2026-01-31T12:00:00Z, or seconds since 1970",
    }
}

/// The first and the last value that a word of an ordered kind stands for: a network has many.
pub(super) fn range(kind: Kind, word: &str) -> Option<(Scalar, Scalar)> {
    let one = |scalar| (scalar, scalar);
    match kind {
        Kind::Number => number(word).map(Scalar::Number).map(one),
        Kind::Time => moment(word).map(|time| Scalar::Number(time.as_nanos())).map(one),
        Kind::Mac => mac(word).map(Scalar::Mac).map(one),
        Kind::Ip => match word.split_once('/') {
            Some((address, bits)) => network(address.parse().ok()?, bits.parse().ok()?),
            None => word.parse().ok().map(scalar).map(one),
        },
        Kind::Bool | Kind::Text | Kind::Bytes | Kind::Payload => None,
    }
}

/// Bytes in hexadecimal digits, with or without colons between them.
pub(super) fn bytes(word: &str) -> Option<Vec<u8>> {
    let pair = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let hex = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if word.contains(':') {
        return word
            .split(':')
            .map(|part| if part.len() == 2 && hex(part) { pair(part.as_bytes()) } else { None })
            .collect();
    }
    if word.is_empty() || !word.len().is_multiple_of(2) || !hex(word) {
        return None;
    }
    word.as_bytes().chunks_exact(2).map(pair).collect()
}

fn number(word: &str) -> Option<i128> {
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(i128::from),
        None => word.parse().ok(),
    }
}

fn moment(word: &str) -> Option<Timestamp> {
    if let Ok(moment) = word.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_nanos(moment.as_nanosecond()));
    }
    let (secs, fraction) = word.split_once('.').unwrap_or((word, "0"));
    if fraction.len() > 9 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some(Timestamp::new(secs.parse().ok()?, format!("{fraction:0<9}").parse().ok()?))
}

fn mac(word: &str) -> Option<[u8; 6]> {
    bytes(&word.replace('-', ":"))?.try_into().ok()
}

fn scalar(address: IpAddr) -> Scalar {
    match address {
        IpAddr::V4(address) => Scalar::Ipv4(address.octets()),
        IpAddr::V6(address) => Scalar::Ipv6(address.octets()),
    }
}

/// The first and the last address whose first `bits` bits are those of `address`.
fn network(address: IpAddr, bits: u32) -> Option<(Scalar, Scalar)> {
    match address {
        IpAddr::V4(address) => {
            let host = u32::MAX.checked_shr(bits).unwrap_or(0);
            let (first, last) = (address.to_bits() & !host, address.to_bits() | host);
            (bits <= 32).then(|| (Scalar::Ipv4(first.to_be_bytes()), Scalar::Ipv4(last.to_be_bytes())))
        }
        IpAddr::V6(address) => {
            let host = u128::MAX.checked_shr(bits).unwrap_or(0);
            let (first, last) = (address.to_bits() & !host, address.to_bits() | host);
            (bits <= 128).then(|| (Scalar::Ipv6(first.to_be_bytes()), Scalar::Ipv6(last.to_be_bytes())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_a_first_and_a_last_address() {
        let v4 = |a, b| Some((Scalar::Ipv4(a), Scalar::Ipv4(b)));
        assert_eq!(range(Kind::Ip, "10.1.2.3/8"), v4([10, 0, 0, 0], [10, 255, 255, 255]));
        assert_eq!(range(Kind::Ip, "10.1.2.3/32"), v4([10, 1, 2, 3], [10, 1, 2, 3]));
        assert_eq!(range(Kind::Ip, "0.0.0.0/0"), v4([0; 4], [255; 4]));
        assert_eq!(range(Kind::Ip, "::/0"), Some((Scalar::Ipv6([0; 16]), Scalar::Ipv6([255; 16]))));
        assert_eq!(range(Kind::Ip, "10.0.0.0/33"), None);
        assert_eq!(range(Kind::Ip, "10.0.0"), None);
    }

    #[test]
    fn numbers_times_and_bytes() {
        assert_eq!(number("0x1bb"), Some(443));
        assert_eq!(number("-6"), Some(-6));
        assert_eq!(number("0x"), None);
        assert_eq!(moment("1.5"), Some(Timestamp::new(1, 500_000_000)));
        assert_eq!(moment("1970-01-01T00:00:01.5Z"), Some(Timestamp::new(1, 500_000_000)));
        assert_eq!(moment("yesterday"), None);
        assert_eq!(bytes("de:ad"), Some(vec![0xde, 0xad]));
        assert_eq!(bytes("dead"), Some(vec![0xde, 0xad]));
        assert_eq!([bytes("dea"), bytes("d:e"), bytes("+1"), bytes("+1:02"), bytes("")], [const { None }; 5]);
        assert_eq!(mac("02-00-00-00-00-01"), Some([2, 0, 0, 0, 0, 1]));
    }
}
