//! Pseudonyms of IPv4 and IPv6 addresses: Crypto-PAn (Xu, Fan, Ammar, Moon, 2002), which keeps prefixes. Two addresses
//! that share their first n bits and no more have pseudonyms that share their first n bits and no more.
//!
//! Crypto-PAn decides for each bit whether it is flipped, by a function of the bits before it. Here no bit is flipped on
//! the way to an address that means the same to every host (`SPECIAL_V4`, `SPECIAL_V6`). So such addresses stay what
//! they are, nothing else becomes one, and prefixes are kept among all of them. The price is that first bits stay: the
//! first three of an IPv4 address, the `001` of a global IPv6 address.

use super::Key;
use super::memory::Memory;
use aes_gcm::aead::KeyInit;
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::BlockCipherEncrypt;

/// Addresses with a common beginning, which they keep: the beginning, its length in bits, and whether the bits behind it
/// are kept too. Addresses stand at the upper end of 128 bits.
type Special = (u128, u32, bool);

const fn v4(address: u32) -> u128 {
    (address as u128) << 96
}

/// RFC 1122, 3.2.1.3 (unspecified, loopback, broadcast); RFC 3927 (link-local); RFC 5771 (multicast).
const SPECIAL_V4: [Special; 5] = [
    (v4(0), 32, true),
    (v4(0x7f00_0000), 8, true),
    (v4(0xa9fe_0000), 16, false),
    (v4(0xe000_0000), 4, true),
    (v4(0xffff_ffff), 32, true),
];

/// RFC 4291, 2.4 and 2.5.6: unspecified, loopback, link-local, multicast (which is looked at in more detail).
const SPECIAL_V6: [Special; 4] = [(0, 128, true), (1, 128, true), (0xfe80 << 112, 64, false), (0xff00 << 112, 8, true)];

/// The group identifiers from here on were made up by a host (RFC 3307, 4.3), or end with the last 24 bits of a host's own
/// address (solicited nodes: RFC 4291, 2.7.1).
const DYNAMIC_GROUP: u32 = 0x8000_0000;
/// Where the pseudonyms of such groups are taken from.
const GROUPS: u128 = 0xff02_0000_0000_0000_0000_0001_0000_0000;
const LOW_24: u32 = 0x00ff_ffff;
/// A multicast address that was not assigned by IANA (RFC 4291, 2.7). It may have a network's prefix within (RFC 3306).
const TRANSIENT: u128 = 0x0010 << 112;

/// The pseudonyms of addresses under one key.
#[derive(Clone)]
pub(super) struct Addresses {
    cipher: Aes128,
    padding: u128,
    known_v4: Memory<[u8; 4], [u8; 4]>,
    known_v6: Memory<[u8; 16], [u8; 16]>,
}

impl Addresses {
    pub fn new(key: &Key) -> Self {
        let (cipher, padding) = key.halves();
        let cipher = Aes128::new(&cipher.into());
        let mut block = padding.into();
        cipher.encrypt_block(&mut block);
        Addresses {
            padding: u128::from_be_bytes(block.0),
            cipher,
            known_v4: Memory::default(),
            known_v6: Memory::default(),
        }
    }

    /// The pseudonym of an IPv4 address.
    pub fn v4(&mut self, address: [u8; 4]) -> [u8; 4] {
        if let Some(known) = self.known_v4.get(&address) {
            return *known;
        }
        let high = v4(u32::from_be_bytes(address));
        let [a, b, c, d, ..] = (high ^ self.flips_beside(high, 32, &SPECIAL_V4)).to_be_bytes();
        self.known_v4.insert(address, [a, b, c, d]);
        [a, b, c, d]
    }

    /// The pseudonym of an IPv6 address. A multicast address keeps its flags and scope, and a group that IANA assigned.
    pub fn v6(&mut self, address: [u8; 16]) -> [u8; 16] {
        if let Some(known) = self.known_v6.get(&address) {
            return *known;
        }
        let mut bits = u128::from_be_bytes(address);
        if address.first() == Some(&0xff) {
            if bits & TRANSIENT != 0 {
                // Bytes 4 to 11 are the network's prefix, or may be anything.
                let network = self.v6(((bits >> 32) << 64).to_be_bytes());
                let network = u128::from_be_bytes(network) >> 64 << 32;
                bits = bits & !(u128::from(u64::MAX) << 32) | network;
            }
            let group = self.group(u32::try_from(bits & u128::from(u32::MAX)).unwrap_or(0));
            bits = bits >> 32 << 32 | u128::from(group);
        } else {
            bits ^= self.flips_beside(bits, 128, &SPECIAL_V6);
        }
        self.known_v6.insert(address, bits.to_be_bytes());
        bits.to_be_bytes()
    }

    /// The pseudonym of the last 32 bits of an IPv6 multicast address, which its station address has too (RFC 2464, 7).
    pub fn group(&self, group: u32) -> u32 {
        if group < DYNAMIC_GROUP {
            return group;
        }
        let flips = self.flips(GROUPS | u128::from(group), 128) & u128::from(LOW_24);
        group ^ u32::try_from(flips).unwrap_or(0)
    }

    /// Which bits to flip, but for those that lead to special addresses.
    fn flips_beside(&self, address: u128, width: u32, special: &[Special]) -> u128 {
        let mut kept = 0;
        for (prefix, length, whole) in special {
            let shared = (address ^ prefix).leading_zeros();
            if shared >= *length && *whole {
                return 0;
            }
            kept = kept.max(shared.saturating_add(1).min(*length));
        }
        self.flips(address, width) & u128::MAX.checked_shr(kept).unwrap_or(0)
    }

    /// Crypto-PAn itself: which of the first `width` bits to flip.
    fn flips(&self, address: u128, width: u32) -> u128 {
        let mut flips = 0;
        for place in 0..width {
            let behind = u128::MAX.checked_shr(place).unwrap_or(0);
            let mut block = (address & !behind | self.padding & behind).to_be_bytes().into();
            self.cipher.encrypt_block(&mut block);
            flips |= (u128::from_be_bytes(block.0) >> 127) << 127u32.saturating_sub(place);
        }
        flips
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    /// The key of Crypto-PAn's sample trace.
    const SAMPLE: [u8; 32] = [
        21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39,
        98, 87, 76, 45, 42, 132, 34, 2,
    ];

    fn addresses() -> Addresses {
        Addresses::new(&Key::new(SAMPLE))
    }

    #[test]
    fn flips_are_those_of_crypto_pan() {
        for (original, pseudonym) in [
            ("128.11.68.132", "135.242.180.132"),
            ("129.118.74.4", "134.136.186.123"),
            ("152.163.225.39", "151.140.114.167"),
            ("192.102.249.13", "252.138.62.131"),
            ("24.5.0.80", "100.9.15.210"),
            ("4.3.88.225", "124.60.155.63"),
            ("64.39.15.238", "0.219.7.41"),
            ("10.185.25.118", "117.161.29.118"),
        ] {
            let high = v4(original.parse::<Ipv4Addr>().unwrap().into());
            let expected = v4(pseudonym.parse::<Ipv4Addr>().unwrap().into());
            assert_eq!(high ^ addresses().flips(high, 32), expected, "{original}");
        }
        for (original, pseudonym) in [
            ("::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"),
            ("::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"),
            ("2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"),
        ] {
            let bits: u128 = original.parse::<Ipv6Addr>().unwrap().into();
            let expected: u128 = pseudonym.parse::<Ipv6Addr>().unwrap().into();
            assert_eq!(bits ^ addresses().flips(bits, 128), expected, "{original}");
        }
    }

    #[test]
    fn what_means_the_same_to_every_host_stays() {
        for same in ["0.0.0.0", "127.0.0.1", "127.0.0.53", "224.0.0.251", "239.255.255.250", "255.255.255.255"] {
            let address: Ipv4Addr = same.parse().unwrap();
            assert_eq!(addresses().v4(address.octets()), address.octets(), "{same}");
        }
        for same in ["::", "::1", "ff02::1", "ff02::fb", "ff05::1:3", "ff0e::101"] {
            let address: Ipv6Addr = same.parse().unwrap();
            assert_eq!(addresses().v6(address.octets()), address.octets(), "{same}");
        }
        let link_local = addresses().v4([169, 254, 7, 9]);
        assert_eq!(link_local[..2], [169, 254]);
        assert_ne!(link_local[2..], [7, 9]);
        let link_local = Ipv6Addr::from(addresses().v6("fe80::1234".parse::<Ipv6Addr>().unwrap().octets()));
        assert!(link_local.is_unicast_link_local() && link_local.segments()[7] != 0x1234);
    }

    #[test]
    fn a_group_that_tells_of_a_host_has_a_pseudonym() {
        let solicited: Ipv6Addr = "ff02::1:ff12:3456".parse().unwrap();
        let pseudonym = Ipv6Addr::from(addresses().v6(solicited.octets()));
        assert_eq!(pseudonym.segments()[..6], solicited.segments()[..6]);
        assert_eq!(pseudonym.segments()[6] >> 8, 0xff);
        assert_ne!(pseudonym, solicited);
        let group = u32::from(pseudonym.segments()[6]) << 16 | u32::from(pseudonym.segments()[7]);
        assert_eq!(addresses().group(0xff12_3456), group);
        // The prefix of a network within is that of the network's own pseudonym.
        let within =
            Ipv6Addr::from(addresses().v6("ff3e:40:2001:db8:1:2:4000:1".parse::<Ipv6Addr>().unwrap().octets()));
        let network = Ipv6Addr::from(addresses().v6("2001:db8:1:2::".parse::<Ipv6Addr>().unwrap().octets()));
        assert_eq!(within.segments()[2..6], network.segments()[..4]);
        assert_eq!((within.segments()[..2].to_vec(), within.segments()[6]), (vec![0xff3e, 0x40], 0x4000));
    }

    /// Two numbers of which the second has the beginning of the first.
    fn pair(width: u32) -> impl Strategy<Value = (u128, u128)> {
        let special = prop::sample::select(vec![0, 1, 0x7f00_0001 << 96, 0xe000_0001 << 96, 0xfe80 << 112, u128::MAX]);
        (prop_oneof![any::<u128>(), special], any::<u128>(), 0..=width).prop_map(move |(first, other, shared)| {
            let behind = u128::MAX.checked_shr(shared).unwrap_or(0);
            (first, first & !behind | other & behind)
        })
    }

    proptest! {
        #[test]
        fn pseudonyms_share_as_many_bits_as_originals_v4((a, b) in pair(32)) {
            let [a, b] = [a, b].map(|bits| (bits >> 96) as u32);
            let mut addresses = addresses();
            let [x, y] = [a, b].map(|bits| u32::from_be_bytes(addresses.v4(bits.to_be_bytes())));
            prop_assert_eq!((a ^ b).leading_zeros(), (x ^ y).leading_zeros());
        }

        #[test]
        fn pseudonyms_share_as_many_bits_as_originals_v6((a, b) in pair(128)) {
            let mut addresses = addresses();
            let [x, y] = [a, b].map(|bits| u128::from_be_bytes(addresses.v6(bits.to_be_bytes())));
            prop_assert_eq!((a ^ b).leading_zeros(), (x ^ y).leading_zeros());
        }
    }
}
