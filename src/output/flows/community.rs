//! Names of connections that other tools know them by.

use std::net::IpAddr;

use crate::flow::Connection;
use crate::output::Sheet;

/// Puts the Community ID on the sheet; `-` where there is none.
pub(super) fn put(sheet: &mut Sheet, connection: &Connection) {
    match connection.community_id() {
        Some(hash) => {
            sheet.put("1:");
            sheet.base64(&hash);
        }
        None => sheet.put("-"),
    }
}

/// A number for a connection of a capture: the same each time, and another for each.
pub(super) fn number(connection: &Connection) -> u64 {
    let hash = connection.community_id().unwrap_or_default();
    let start = connection.start().as_nanos().unsigned_abs();
    let bytes = hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let start = u64::try_from(start & u128::from(u64::MAX)).unwrap_or(0);
    // The steps of a linear congruential generator spread what differs in the lowest bits.
    let spread = |number: u64| number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    spread(bytes ^ spread(start ^ spread(connection.first_frame())))
}

/// The same as 17 letters and digits, as Zeek has them.
pub(super) fn unique(connection: &Connection) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = u128::from(number(connection)).wrapping_mul(0x0001_0000_0000_0000_002f);
    let mut text = String::new();
    for _ in 0..17 {
        let digit = usize::try_from(rest % 62).unwrap_or(0);
        text.push(LETTERS.get(digit).map_or('0', |letter| char::from(*letter)));
        rest /= 62;
    }
    text
}

/// Whether an address is of a private network or this host (RFC 1918, 4193, 6598; link-local).
pub(super) fn private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || first == 100 && second & 0xc0 == 64
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}
