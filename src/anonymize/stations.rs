//! Pseudonyms of station (MAC) addresses.

use super::Key;
use super::addresses::Addresses;
use super::memory::Memory;

/// The bit of the first byte that makes an address a group's (IEEE 802, 8.2).
const GROUP: u8 = 1;
/// The bit of the first byte that says whether the address was given locally, not by a manufacturer.
const LOCAL: u8 = 2;

/// The pseudonyms of station addresses under one key.
#[derive(Clone)]
pub(super) struct Stations {
    key: Key,
    /// The first three bytes stay: who made the interface.
    keep_vendor: bool,
    known: Memory<[u8; 6], [u8; 6]>,
}

impl Stations {
    pub fn new(key: &Key, keep_vendor: bool) -> Self {
        Stations { key: key.clone(), keep_vendor, known: Memory::default() }
    }

    /// The pseudonym of an address: a manufacturer's stays one, a locally given one too. All zeros and groups stay, but
    /// for those that are made of an IPv6 address.
    pub fn of(&mut self, station: [u8; 6], addresses: &Addresses) -> [u8; 6] {
        let [first, second, group @ ..] = station;
        if first & GROUP != 0 {
            let [a, b, c, d] = match (first, second) {
                (0x33, 0x33) => addresses.group(u32::from_be_bytes(group)).to_be_bytes(),
                _ => group,
            };
            return [first, second, a, b, c, d];
        }
        if station == [0; 6] {
            return station;
        }
        if let Some(known) = self.known.get(&station) {
            return *known;
        }
        let pseudonym = self.permuted(station);
        self.known.insert(station, pseudonym);
        pseudonym
    }

    fn permuted(&self, [a, b, c, d, e, f]: [u8; 6]) -> [u8; 6] {
        if self.keep_vendor {
            let number = u64::from(u32::from_be_bytes([0, d, e, f]));
            let number = self.key.permute(b"card", &[a, b, c], (1 << 12, 1 << 12), number);
            let [.., d, e, f] = number.to_be_bytes();
            return [a, b, c, d, e, f];
        }
        // The six upper bits of the first byte, and the rest.
        let number = u64::from_be_bytes([0, 0, a >> 2, b, c, d, e, f]);
        let number = self.key.permute(b"mac ", &[a & LOCAL], (1 << 23, 1 << 23), number);
        let [_, _, upper, b, c, d, e, f] = number.to_be_bytes();
        [upper << 2 | a & LOCAL, b, c, d, e, f]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonym(station: [u8; 6], keep_vendor: bool) -> [u8; 6] {
        let key = Key::new([5; 32]);
        Stations::new(&key, keep_vendor).of(station, &Addresses::new(&key))
    }

    #[test]
    fn the_kind_of_an_address_stays() {
        for station in [[0x00, 0x1b, 0x21, 1, 2, 3], [0x02, 0x42, 0xac, 0x11, 0, 2], [0xfe, 0x54, 0, 1, 2, 3]] {
            let other = pseudonym(station, false);
            assert_eq!(other[0] & 3, station[0] & 3);
            assert_ne!(other[3..], station[3..]);
            assert_ne!(other[..3], station[..3]);
            let other = pseudonym(station, true);
            assert_eq!(other[..3], station[..3]);
            assert_ne!(other[3..], station[3..]);
        }
    }

    #[test]
    fn groups_stay_unless_they_tell_of_a_host() {
        for same in [[0xff; 6], [0; 6], [1, 0x80, 0xc2, 0, 0, 0x0e], [1, 0, 0x5e, 0, 0, 0xfb], [0x33, 0x33, 0, 0, 0, 1]]
        {
            assert_eq!(pseudonym(same, false), same);
        }
        let solicited = pseudonym([0x33, 0x33, 0xff, 1, 2, 3], false);
        assert_eq!(solicited[..3], [0x33, 0x33, 0xff]);
        assert_ne!(solicited[3..], [1, 2, 3]);
    }
}
