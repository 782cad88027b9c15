use super::*;
use crate::decode::quic::{Frame, Frames, Packet, Packets};

/// The connection id of the examples of both RFCs.
const FIRST_ID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// RFC 9001, A.3.
const SERVER_V1: &str = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a9\
    9f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f5\
    8891850abbdca3d20398c276456cbc42158407dd074ee";

/// RFC 9369, A.3.
const SERVER_V2: &str = "dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf87263017915358\
    230035f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf21ceda9\
    8f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140";

#[test]
fn the_keys_of_the_examples() {
    let keys = Keys::of(Version::V1, &FIRST_ID, Side::Client).unwrap();
    assert_eq!(keys.key.to_vec(), bytes("1f369613dd76d5467730efcbe3b1a22d"));
    assert_eq!(keys.iv.to_vec(), bytes("fa044b2f42a3fd3b46fb255c"));
    assert_eq!(keys.header.to_vec(), bytes("9f50449e04a0e810283a1e9933adedd2"));
    let keys = Keys::of(Version::V2, &FIRST_ID, Side::Client).unwrap();
    assert_eq!(keys.key.to_vec(), bytes("8b1a0bc121284290a29e0971b5cd045d"));
    assert!(Keys::of(Version(5), &FIRST_ID, Side::Client).is_none());
}

#[test]
fn the_packets_of_the_examples_open() {
    for example in [SERVER_V1, SERVER_V2] {
        let datagram = bytes(&example.replace(char::is_whitespace, ""));
        let Some(Packet::Long(packet)) = Packets::new(&datagram).next() else { panic!("no long header") };
        let opened = open(&packet, &FIRST_ID, Side::Server).expect("the right keys");
        assert_eq!(opened.number, 1);
        let frames: Vec<_> = Frames::new(&opened.plain).collect();
        assert_eq!(frames[0], Frame::Acknowledgment { largest: 0 });
        assert!(matches!(frames[1], Frame::Crypto { offset: 0, data: [2, 0, 0, 0x56, ..] }), "a server hello");

        assert!(open(&packet, &FIRST_ID, Side::Client).is_none(), "the other side's keys");
        assert!(open(&packet, &FIRST_ID[1..], Side::Server).is_none(), "another connection");
        for at in [0, datagram.len() - 1] {
            let mut changed = datagram.clone();
            changed[at] ^= 1;
            let Some(Packet::Long(packet)) = Packets::new(&changed).next() else { panic!("no long header") };
            assert!(open(&packet, &FIRST_ID, Side::Server).is_none(), "byte {at} changed");
        }
        let Some(Packet::Long(cut)) = Packets::new(&datagram[..100]).next() else { panic!("no long header") };
        assert!(open(&cut, &FIRST_ID, Side::Server).is_none(), "not all captured");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_to_an_end(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..120),
        first in 0xc0u8..=0xff,
        version in proptest::sample::select(vec![0u32, 1, 0x6b33_43cf, 7]),
    ) {
        let headed = [&[first][..], &version.to_be_bytes(), &[4], &bytes].concat();
        for datagram in [&bytes, &headed] {
            for packet in Packets::new(datagram) {
                if let Packet::Long(long) = packet {
                    let _ = (long.versions().count(), open(&long, long.destination_id(), Side::Client));
                }
            }
        }
    }
}
